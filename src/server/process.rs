//! The life of the process: Postgres given or private, keys, listeners, sentences on the terminal, waiting for a signal.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::{Parts, Running, demo};
use crate::configuration::Configurations;
use crate::identity::{KeySet, RemoteKeys, SigningKey, Verifier};
use crate::postgres::embedded::{EmbeddedPostgres, write_private};
use crate::postgres::inspect::inspect;
use crate::postgres::migrate;
use crate::postgres::{Database, PoolSize};
use crate::settings::{LISTEN, ServeSettings};
use crate::telemetry;

/// How often it is looked whether a deadline has passed; a question is late by about so much.
const TIMERS_EVERY: Duration = Duration::from_secs(1);

/// Runs the service until a signal ends it.
///
/// # Errors
/// Whatever keeps it from starting, with what would help.
pub async fn serve(settings: ServeSettings) -> Result<()> {
    if settings.is_silent {
        telemetry::silence()?;
    } else if let Some(endpoint) = &settings.otlp_endpoint {
        telemetry::start_export(endpoint)?;
    }
    let grpc = bind(settings.listen, "LARGESSE_LISTEN").await?;
    let admin = bind(settings.admin_listen, "LARGESSE_ADMIN_LISTEN").await?;
    // From here on signals are ours, so that no start is cut off in the middle.
    let signals = Signals::new()?;
    let embedded = match &settings.database_url {
        Some(_) => None,
        None => Some(EmbeddedPostgres::start(&settings.data_folder).await?),
    };
    let served = serve_until_told(&settings, embedded.as_ref(), grpc, admin, signals).await;
    // However it ended, the private Postgres ends with it.
    telemetry::finish().await;
    let stopped = embedded.map_or(Ok(()), |embedded| embedded.stop());
    served?;
    Ok(stopped?)
}

/// What ends the process.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn new() -> Result<Self> {
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Ok(Self {
            interrupt: signal(interrupt)?,
            terminate: signal(terminate)?,
        })
    }
}

async fn serve_until_told(
    settings: &ServeSettings,
    embedded: Option<&EmbeddedPostgres>,
    grpc: TcpListener,
    admin: TcpListener,
    mut signals: Signals,
) -> Result<()> {
    let options = match (&settings.database_url, embedded) {
        (Some(url), _) => parse_url(url)?,
        (None, Some(embedded)) => embedded.app_options(),
        (None, None) => anyhow::bail!("there is no database"),
    };
    let options = options.log_statements(tracing::log::LevelFilter::Trace);
    inspect(&options).await?;
    let database = Database::open(options, settings.pool);
    if settings.demo {
        // Before anybody can call: whoever sees the service ready finds the demo.
        demo::apply(&Configurations::new(database.clone())).await?;
    }
    let mut running = Running::start(Parts {
        database,
        page_secret: page_secret(settings.database_url.as_ref(), embedded),
        verifier: verifier(settings).await?,
        grpc,
        admin,
        tls: settings.tls.clone(),
        reflection: settings.reflection,
        lanes: settings.lanes,
        timers_every: TIMERS_EVERY,
        trace_url: settings.trace_url.clone(),
        settings: settings.shown(),
    })
    .await?;
    if let Some(embedded) = embedded {
        let file = settings.data_folder.join("database.url");
        write_private(&file, embedded.app_url().as_bytes())?;
    }
    print_welcome(settings, &running, embedded);

    tokio::select! {
        _ = signals.interrupt.recv() => {}
        _ = signals.terminate.recv() => {}
        ended = running.ended() => ended?,
    }
    tracing::info!("stopping: running calls are finished first; interrupt again to stop at once");
    tokio::select! {
        stopped = running.drain(settings.drain_delay) => stopped?,
        _ = signals.interrupt.recv() => tracing::warn!("stopped at once"),
    }
    Ok(())
}

/// Brings the schema of a given database up to date.
///
/// # Errors
/// Whatever keeps the schema from its newest version, with what would help.
pub async fn migrate(owner_url: SecretString) -> Result<()> {
    let options = parse_url(&owner_url)?;
    let mut connection = PgConnection::connect_with(&options)
        .await
        .with_context(|| {
            format!(
                "no Postgres answers at {}:{}",
                options.get_host(),
                options.get_port()
            )
        })?;
    migrate::migrate(&mut connection).await?;
    connection.close().await?;
    println!(
        "The schema is up to date (version {}).",
        migrate::version_needed()
    );
    Ok(())
}

/// Connection options of a URL; a message that shows no password.
///
/// # Errors
/// The text is no such URL.
pub fn parse_url(url: &SecretString) -> Result<PgConnectOptions> {
    let text = url.expose_secret();
    // The driver reads any scheme, and takes what it does not understand for a database on localhost.
    let is_postgres = ["postgresql://", "postgres://"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    text.parse().ok().filter(|_| is_postgres).context(
        "the database URL is not of the form postgresql://role:password@host:5432/database",
    )
}

async fn bind(address: SocketAddr, setting: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; choose another address with {setting}")
    })
}

/// The keys that tokens are verified with: those of the address or the file, else our own.
async fn verifier(settings: &ServeSettings) -> Result<Verifier> {
    if let Some(address) = &settings.jwks_url {
        let keys = RemoteKeys::open(address.clone()).await?;
        return Ok(Verifier::of_published(keys, settings.jwt_issuer.clone()));
    }
    let keys = match &settings.jwks_file {
        Some(file) => KeySet::read(file)?,
        None => {
            std::fs::create_dir_all(&settings.data_folder)?;
            SigningKey::find_or_make(&settings.data_folder)?;
            KeySet::read(&SigningKey::key_set_path(&settings.data_folder))?
        }
    };
    Ok(Verifier::new(keys, settings.jwt_issuer.clone()))
}

/// Replicas that connect with the same URL read each other's page tokens; nobody else can make them.
fn page_secret(url: Option<&SecretString>, embedded: Option<&EmbeddedPostgres>) -> Vec<u8> {
    let shared = match (url, embedded) {
        (Some(url), _) => url.expose_secret(),
        (None, Some(embedded)) => embedded.app_url(),
        (None, None) => "",
    };
    digest(&SHA256, format!("page tokens {shared}").as_bytes())
        .as_ref()
        .to_vec()
}

/// Opens the database of a URL for a verb that is no server.
///
/// # Errors
/// The URL is none, or the database cannot be used.
pub async fn open(url: &SecretString) -> Result<Database> {
    let options = parse_url(url)?;
    inspect(&options).await?;
    Ok(Database::open(
        options,
        PoolSize {
            connections_max: 2,
            ..PoolSize::default()
        },
    ))
}

fn print_welcome(settings: &ServeSettings, running: &Running, embedded: Option<&EmbeddedPostgres>) {
    let scheme = if settings.tls.is_some() {
        "https"
    } else {
        "http"
    };
    println!(
        "largesse {} serves gRPC on {scheme}://{}",
        env!("CARGO_PKG_VERSION"),
        running.address
    );
    println!(
        "  admin port   http://{} (/live /ready /version /config /metrics /log-level /profile)",
        running.admin_address
    );
    match embedded {
        Some(embedded) => println!(
            "  Postgres     private, in {}",
            embedded.cluster_folder().display()
        ),
        None => println!("  Postgres     as LARGESSE_DATABASE_URL says"),
    }
    if embedded.is_some() {
        println!("  data folder  {}", shown(&settings.data_folder));
    }
    if settings.demo {
        println!(
            "  demo tenant  demo: agents fl-101, fl-102 (frontline), ld-201 (lead), mg-301 (manager)"
        );
        let largesse = program();
        let server = match running.address {
            LISTEN => String::new(),
            address => format!(" --server {scheme}://{address}"),
        };
        println!("\nNext, in a second terminal:");
        println!("  {largesse} authority show --agent fl-101{server}");
        println!(
            "  {largesse} gesture request --agent fl-101 --kind goodwill-credit --amount \"20.00 EUR\" --customer c-1{server}"
        );
        println!("The README tells the whole story.");
    }
    println!("\nCtrl-C stops it.");
}

/// This program as it can be typed from here.
fn program() -> String {
    let Ok(program) = std::env::current_exe() else {
        return "largesse".into();
    };
    let here = std::env::current_dir().unwrap_or_default();
    program
        .strip_prefix(here)
        .unwrap_or(&program)
        .display()
        .to_string()
}

fn shown(folder: &Path) -> String {
    folder
        .canonicalize()
        .unwrap_or_else(|_| folder.into())
        .display()
        .to_string()
}
