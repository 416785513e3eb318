//! Settings of the process: by flag, then environment, then file, then default. (The tenant's own rules are the
//! `configuration`: two words, two things.)

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use secrecy::SecretString;
use serde::Deserialize;

use crate::admission::LaneBounds;
use crate::postgres::PoolSize;

/// Where the service keeps its files unless told otherwise.
pub const DATA_FOLDER: &str = ".largesse";
/// Where gRPC is served unless told otherwise.
pub const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50051);
/// Where the admin port is unless told otherwise.
pub const ADMIN_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);

/// A switch in words, so that a file and the environment read alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For a person at a terminal.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// What `serve` can be told; every key may stand on the command line, in the environment or in the file.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ServeOptions {
    /// Address for gRPC [default: 127.0.0.1:50051]
    #[arg(long, env = "LARGESSE_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,

    /// Address for /live, /ready, /version, /config, /metrics, /log-level and /profile; has no authentication [default: 127.0.0.1:9464]
    #[arg(long, env = "LARGESSE_ADMIN_LISTEN", value_name = "ADDRESS")]
    pub admin_listen: Option<SocketAddr>,

    /// Postgres 15 or newer to use, as the role largesse_app; unset: a private one in the data folder
    #[arg(
        long,
        env = "LARGESSE_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<SecretString>,

    /// Most database connections held, 1 to 1000 [default: 16]
    #[arg(long, env = "LARGESSE_DATABASE_CONNECTIONS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub database_connections: Option<u32>,

    /// Most requests of a tenant decided in one statement, 1 to 512 [default: 256]
    #[arg(long, env = "LARGESSE_LANE_BATCH", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=512))]
    pub lane_batch: Option<u32>,

    /// Most batches decided at once, each on a database connection, at most two thirds of them of one tenant, 1 to 500; an answer,
    /// a revision and the like is a batch of its own [default: 6]
    #[arg(long, env = "LARGESSE_LANE_CONNECTIONS", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=500))]
    pub lane_connections: Option<u32>,

    /// Public keys that tokens are verified with, a JSON Web Key Set; unset: the key made in the data folder
    #[arg(long, env = "LARGESSE_JWKS_FILE", value_name = "FILE")]
    pub jwks_file: Option<PathBuf>,

    /// Where the issuer publishes its keys (https, or http on this machine), read again when they change
    #[arg(
        long,
        env = "LARGESSE_JWKS_URL",
        value_name = "URL",
        conflicts_with = "jwks_file"
    )]
    pub jwks_url: Option<String>,

    /// The only issuer (`iss`) that is believed; unset: whoever has one of the keys
    #[arg(long, env = "LARGESSE_JWT_ISSUER", value_name = "NAME")]
    pub jwt_issuer: Option<String>,

    /// Certificate chain for TLS, PEM
    #[arg(
        long,
        env = "LARGESSE_TLS_CERT",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub tls_cert: Option<PathBuf>,

    /// Private key for TLS, PEM
    #[arg(
        long,
        env = "LARGESSE_TLS_KEY",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub tls_key: Option<PathBuf>,

    /// Authorities whose client certificates are demanded (mTLS), PEM; tokens are demanded all the same
    #[arg(
        long,
        env = "LARGESSE_TLS_CLIENT_CA",
        value_name = "FILE",
        requires = "tls_cert"
    )]
    pub tls_client_ca: Option<PathBuf>,

    /// Listen beyond loopback without TLS (behind a mesh or a proxy that encrypts) [default: off]
    #[arg(long, env = "LARGESSE_INSECURE_LISTEN", value_name = "SWITCH")]
    pub insecure_listen: Option<Switch>,

    /// Server reflection [default: on when listening on loopback, else off]
    #[arg(long, env = "LARGESSE_REFLECTION", value_name = "SWITCH")]
    pub reflection: Option<Switch>,

    /// Where traces and metrics are pushed, OTLP over gRPC, as http://127.0.0.1:4317; unset: nowhere
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,

    /// Count, measure and push nothing: true, and anything else is false [default: false]
    #[arg(long, env = "OTEL_SDK_DISABLED", value_name = "BOOLEAN", value_parser = is_true)]
    pub otel_sdk_disabled: Option<bool>,

    /// Where a trace is looked at, with {trace_id} in it, as in `https://traces.example/{trace_id}`; told by GetTrail
    #[arg(long, env = "LARGESSE_TRACE_URL", value_name = "URL")]
    pub trace_url: Option<String>,

    /// Seconds from saying NOT_SERVING to accepting no more, 0 to 300 [default: 0]
    #[arg(long, env = "LARGESSE_DRAIN_DELAY", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=300))]
    pub drain_delay: Option<u32>,

    /// Apply the demo tenant where there is none yet [default: on with the private Postgres, else off]
    #[arg(long, env = "LARGESSE_DEMO", value_name = "SWITCH")]
    pub demo: Option<Switch>,
}

/// Options that every verb has.
#[derive(Debug, Clone, Args)]
pub struct GlobalOptions {
    /// Folder for keys and the private Postgres
    #[arg(long, env = "LARGESSE_DATA_DIR", value_name = "FOLDER", global = true, default_value = DATA_FOLDER)]
    pub data_dir: PathBuf,

    /// Log lines for people or for programs
    #[arg(
        long,
        env = "LARGESSE_LOG_FORMAT",
        value_name = "FORMAT",
        global = true,
        default_value = "text"
    )]
    pub log_format: LogFormat,

    /// Which log lines: a level, or targets with levels (`info,largesse=debug`)
    #[arg(
        long,
        env = "LARGESSE_LOG",
        value_name = "FILTER",
        global = true,
        default_value = "info"
    )]
    pub log: String,
}

/// What `serve` runs with: every choice made.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    /// Where the files are.
    pub data_folder: PathBuf,
    /// Where gRPC is served.
    pub listen: SocketAddr,
    /// Where the admin port is.
    pub admin_listen: SocketAddr,
    /// The Postgres to use; none: the private one.
    pub database_url: Option<SecretString>,
    /// Connections to it.
    pub pool: PoolSize,
    /// What bounds the admission lanes.
    pub lanes: LaneBounds,
    /// The keys that tokens are verified with; none: our own.
    pub jwks_file: Option<PathBuf>,
    /// Where the issuer publishes its keys.
    pub jwks_url: Option<String>,
    /// The only issuer believed.
    pub jwt_issuer: Option<String>,
    /// TLS, where it is on.
    pub tls: Option<TlsFiles>,
    /// Whether reflection is served.
    pub reflection: bool,
    /// Where traces and metrics are pushed.
    pub otlp_endpoint: Option<String>,
    /// Whether nothing is counted, measured or pushed.
    pub is_silent: bool,
    /// Where a trace is looked at, with `{trace_id}` in it.
    pub trace_url: Option<String>,
    /// How long calls are still taken after health has said no.
    pub drain_delay: Duration,
    /// Whether the demo tenant is made.
    pub demo: bool,
}

/// The files of TLS.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// Certificate chain.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
    /// Authorities of client certificates.
    pub client_authorities: Option<PathBuf>,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsProblem {
    /// The file cannot be read.
    #[error("the settings file {path} cannot be read")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file says something that is not a setting.
    #[error("the settings file {path} is wrong: {message}")]
    Wrong {
        /// Which.
        path: PathBuf,
        /// Where and what, in the words of the parser.
        message: String,
    },
    /// Keys over a wire that anybody may change.
    #[error("{0} is no address for keys: say https://…, or http:// to a port of this machine")]
    KeysInTheOpen(String),
    /// Beyond loopback without TLS.
    #[error(
        "{0} is beyond loopback and there is no TLS: give --tls-cert and --tls-key, or say \
         --insecure-listen on where something in front encrypts"
    )]
    Insecure(SocketAddr),
}

impl ServeOptions {
    /// What a settings file says. Its keys are the long flags.
    ///
    /// # Errors
    /// [`SettingsProblem`]; unknown keys are refused, with their line.
    pub fn read(path: &Path) -> Result<Self, SettingsProblem> {
        let text = std::fs::read_to_string(path).map_err(|source| SettingsProblem::Unreadable {
            path: path.into(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| SettingsProblem::Wrong {
            path: path.into(),
            message: error.to_string().trim().to_owned(),
        })
    }

    /// Takes from `other` what is unset here.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            listen: self.listen.or(other.listen),
            admin_listen: self.admin_listen.or(other.admin_listen),
            database_url: self.database_url.or(other.database_url),
            database_connections: self.database_connections.or(other.database_connections),
            lane_batch: self.lane_batch.or(other.lane_batch),
            lane_connections: self.lane_connections.or(other.lane_connections),
            jwks_file: self.jwks_file.or(other.jwks_file),
            jwks_url: self.jwks_url.or(other.jwks_url),
            jwt_issuer: self.jwt_issuer.or(other.jwt_issuer),
            tls_cert: self.tls_cert.or(other.tls_cert),
            tls_key: self.tls_key.or(other.tls_key),
            tls_client_ca: self.tls_client_ca.or(other.tls_client_ca),
            insecure_listen: self.insecure_listen.or(other.insecure_listen),
            reflection: self.reflection.or(other.reflection),
            otlp_endpoint: self.otlp_endpoint.or(other.otlp_endpoint),
            otel_sdk_disabled: self.otel_sdk_disabled.or(other.otel_sdk_disabled),
            trace_url: self.trace_url.or(other.trace_url),
            drain_delay: self.drain_delay.or(other.drain_delay),
            demo: self.demo.or(other.demo),
        }
    }

    /// Makes every choice that was left open.
    ///
    /// # Errors
    /// [`SettingsProblem::Insecure`].
    pub fn settle(self, data_folder: PathBuf) -> Result<ServeSettings, SettingsProblem> {
        let is_on = |switch: Option<Switch>, otherwise: bool| {
            switch.map_or(otherwise, |switch| switch == Switch::On)
        };
        let listen = self.listen.unwrap_or(LISTEN);
        let tls = self
            .tls_cert
            .zip(self.tls_key)
            .map(|(certificate, key)| TlsFiles {
                certificate,
                key,
                client_authorities: self.tls_client_ca,
            });
        if !listen.ip().is_loopback() && tls.is_none() && !is_on(self.insecure_listen, false) {
            return Err(SettingsProblem::Insecure(listen));
        }
        if let Some(url) = &self.jwks_url
            && !is_trustworthy(url)
        {
            return Err(SettingsProblem::KeysInTheOpen(url.clone()));
        }
        Ok(ServeSettings {
            data_folder,
            listen,
            admin_listen: self.admin_listen.unwrap_or(ADMIN_LISTEN),
            demo: is_on(self.demo, self.database_url.is_none()),
            database_url: self.database_url,
            pool: PoolSize {
                connections_max: self
                    .database_connections
                    .unwrap_or(PoolSize::default().connections_max),
                wait_max: Duration::from_secs(2),
                ..PoolSize::default()
            },
            lanes: lane_bounds(self.lane_batch, self.lane_connections),
            jwks_file: self.jwks_file,
            jwks_url: self.jwks_url,
            jwt_issuer: self.jwt_issuer,
            otlp_endpoint: self.otlp_endpoint.filter(|url| !url.is_empty()),
            is_silent: self.otel_sdk_disabled.unwrap_or(false),
            trace_url: self.trace_url.filter(|url| !url.is_empty()),
            drain_delay: Duration::from_secs(self.drain_delay.unwrap_or(0).min(300).into()),
            tls,
            reflection: is_on(self.reflection, listen.ip().is_loopback()),
        })
    }
}

impl ServeSettings {
    /// All of it, without secrets: to be shown to whoever runs the service.
    pub fn shown(&self) -> serde_json::Value {
        serde_json::json!({
            "data_folder": self.data_folder,
            "listen": self.listen,
            "admin_listen": self.admin_listen,
            "database": if self.database_url.is_some() { "by --database-url" } else { "private" },
            "database_connections": self.pool.connections_max,
            "database_wait_max_s": self.pool.wait_max.as_secs_f64(),
            "lane_batch": self.lanes.batch_max,
            "lane_connections": self.lanes.connections_max,
            "jwks_file": self.jwks_file,
            "jwks_url": self.jwks_url.is_some(),
            "jwt_issuer": self.jwt_issuer,
            "tls": self.tls.is_some(),
            "mutual_tls": self.tls.as_ref().is_some_and(|tls| tls.client_authorities.is_some()),
            "reflection": self.reflection,
            // what stands before an @ may be a password
            "otlp_endpoint": self.otlp_endpoint.as_ref().map(|url| url.rsplit('@').next()),
            "otel_sdk_disabled": self.is_silent,
            "trace_url": self.trace_url.is_some(),
            "drain_delay_s": self.drain_delay.as_secs(),
            "demo": self.demo,
        })
    }
}

/// As the specification reads the variable: `true` in letters of any size, and nothing else.
#[expect(clippy::unnecessary_wraps, reason = "it is how clap asks")]
pub(crate) fn is_true(word: &str) -> Result<bool, std::convert::Infallible> {
    Ok(word.eq_ignore_ascii_case("true"))
}

/// A file may say a number that no flag would take: the nearest that works is meant.
fn lane_bounds(batch: Option<u32>, connections: Option<u32>) -> LaneBounds {
    let default = LaneBounds::default();
    let within = |said: Option<u32>, otherwise: usize, most: usize| {
        said.and_then(|number| usize::try_from(number).ok())
            .unwrap_or(otherwise)
            .clamp(1, most)
    };
    LaneBounds {
        batch_max: within(batch, default.batch_max, 512),
        connections_max: within(connections, default.connections_max, 500),
        ..default
    }
}

/// Whoever can change the keys on their way can be anybody.
fn is_trustworthy(url: &str) -> bool {
    let local = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    url.starts_with("https://") || local.iter().any(|start| url.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<ServeOptions, SettingsProblem> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        ServeOptions::read(file.path())
    }

    #[test]
    fn a_flag_goes_before_the_file() {
        let flags = ServeOptions {
            listen: Some("127.0.0.1:1".parse().unwrap()),
            ..Default::default()
        };
        let settings = flags
            .or(file("listen = \"127.0.0.1:2\"\nadmin-listen = \"127.0.0.1:3\"").unwrap())
            .settle(".largesse".into())
            .unwrap();
        assert_eq!(
            (settings.listen.port(), settings.admin_listen.port()),
            (1, 3)
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let problem = file("listen = \"127.0.0.1:2\"\nlissten = 3")
            .unwrap_err()
            .to_string();
        assert!(
            problem.contains("lissten") && problem.contains("line 2"),
            "{problem}"
        );
    }

    #[test]
    fn beyond_loopback_needs_tls_or_a_word() {
        let open = ServeOptions {
            listen: Some("0.0.0.0:50051".parse().unwrap()),
            ..Default::default()
        };
        assert!(matches!(
            open.clone().settle(".".into()),
            Err(SettingsProblem::Insecure(_))
        ));
        let said = ServeOptions {
            insecure_listen: Some(Switch::On),
            ..open
        };
        let settings = said.settle(".".into()).unwrap();
        assert!(
            !settings.reflection,
            "reflection is off where strangers listen"
        );
    }
}
