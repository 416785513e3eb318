//! The composition root: everything is made here, once, and handed down.
//!
//! [`serve`] is the whole life of the process: Postgres (given or private), keys, the look at the database, listeners,
//! the demo, the sentences on the terminal, waiting for a signal, draining, stopping. [`Running`] is the part of it that
//! tests start as well: listeners, services and timers over a database.
//!
//! The gRPC stack from the outside in, and why in this order:
//! 1. TLS and HTTP/2 with bounds on streams, headers and idle peers (`grpc`): what Tokio and h2 leave open is closed.
//! 2. `rpc::observed`: a span, a measurement and a line for each call, those that the gate refuses too.
//! 3. `rpc::gate`: rule, credential, tenant, roster: nothing behind it runs for a stranger.
//! 4. `rpc::linked`: what is done to a gesture later is linked to what was done before, where it is told.
//! 5. the services, each with a bound on the size of a message.

mod admin;
mod demo;
mod grpc;
mod incoming;
mod process;
mod readiness;

pub use process::{migrate, open, parse_url, serve};

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::admission::{Admission, LaneBounds, Lanes};
use crate::approval::Approvals;
use crate::authority::Authorities;
use crate::configuration::Configurations;
use crate::fulfilment::Fulfilments;
use crate::gesture::Gestures;
use crate::identity::Verifier;
use crate::paging::PageTokens;
use crate::pb::gesture_service_server::GestureService;
use crate::postgres::Database;
use crate::rpc::gesture::GestureRpc;
use crate::settings::TlsFiles;
use crate::signals::Signals;
use crate::telemetry;
use crate::timers::Timers;
use crate::trail::events::Events;

/// The use cases over one database.
pub struct UseCases {
    /// Of gestures.
    pub gestures: Gestures,
    /// Of the questions that others answer.
    pub approvals: Approvals,
    /// Of the work that makes them real.
    pub fulfilments: Fulfilments,
    /// Of the roster, the catalog, what is left.
    pub authorities: Authorities,
    /// Of the tenant's document.
    pub configurations: Configurations,
    /// Of following the trail.
    pub events: Events,
}

/// What a server is started with.
pub struct Parts {
    /// Connections.
    pub database: Database,
    /// What page tokens are signed with; replicas that share it read each other's.
    pub page_secret: Vec<u8>,
    /// Believes or refuses credentials.
    pub verifier: Verifier,
    /// Where gRPC is served; bound already.
    pub grpc: TcpListener,
    /// Where the admin port is; bound already.
    pub admin: TcpListener,
    /// TLS, where it is on.
    pub tls: Option<TlsFiles>,
    /// Whether reflection is served.
    pub reflection: bool,
    /// What bounds the admission lanes.
    pub lanes: LaneBounds,
    /// How often it is looked whether a deadline has passed.
    pub timers_every: Duration,
    /// Where traces are looked at, with `{trace_id}` in it.
    pub trace_url: Option<String>,
    /// What the process runs with, to be shown: no secrets.
    pub settings: serde_json::Value,
}

/// A server that listens.
pub struct Running {
    /// Where gRPC is served.
    pub address: SocketAddr,
    /// Where the admin port is.
    pub admin_address: SocketAddr,
    database: Database,
    readiness: readiness::Readiness,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<Result<()>>>,
}

impl Running {
    /// Starts to listen. Health says SERVING once Postgres has answered.
    ///
    /// # Errors
    /// A listener without an address, or TLS files that cannot be read.
    pub async fn start(parts: Parts) -> Result<Self> {
        Self::start_with(parts, |use_cases| {
            GestureRpc::new(use_cases.gestures.clone())
        })
        .await
    }

    /// The same with another service of gestures behind the same gate: the benchmark measures what people would otherwise
    /// write.
    ///
    /// # Errors
    /// As [`Running::start`].
    pub async fn start_with<G: GestureService>(
        parts: Parts,
        gestures: impl FnOnce(&UseCases) -> G,
    ) -> Result<Self> {
        let tokens = PageTokens::new(&parts.page_secret);
        let (stop, stopping) = watch::channel(false);
        let use_cases = use_cases(&parts.database, tokens, parts.lanes, stopping.clone());
        let timers = Timers::new(
            parts.database.clone(),
            use_cases.approvals.clone(),
            use_cases.fulfilments.clone(),
            parts.timers_every,
        );
        let (reporter, health) = tonic_health::server::health_reporter();
        let readiness = readiness::Readiness::new(parts.database.clone(), reporter, timers.pulse());
        // Before the first connection can ask: not serving until Postgres has answered.
        readiness.start().await;
        let address = parts.grpc.local_addr()?;
        let admin_address = parts.admin.local_addr()?;
        let gestures = gestures(&use_cases);
        telemetry::observe_runtime(&tokio::runtime::Handle::current());
        let grpc = grpc::Grpc {
            use_cases,
            verifier: parts.verifier,
            database: parts.database.clone(),
            trace_url: parts.trace_url,
            tls: parts.tls.as_ref().map(grpc::tls).transpose()?,
            reflection: parts.reflection,
        };
        let tasks = vec![
            tokio::spawn(grpc.serve(gestures, parts.grpc, health, stopping.clone())),
            tokio::spawn(admin::serve(
                parts.admin,
                readiness.clone(),
                parts.settings,
                stopping.clone(),
            )),
            tokio::spawn(timers.run(stopping.clone())),
            tokio::spawn(Signals::new(parts.database.clone()).run(stopping.clone())),
            tokio::spawn(readiness.clone().watch(stopping)),
        ];
        Ok(Self {
            address,
            admin_address,
            database: parts.database,
            readiness,
            stop,
            tasks,
        })
    }

    /// Comes back when a listener or the watch has ended although nobody asked it to.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn ended(&mut self) -> Result<()> {
        let (ended, ..) = futures_util::future::select_all(self.tasks.iter_mut()).await;
        ended??;
        anyhow::bail!("a task of the server has ended although nobody stopped it")
    }

    /// Says that it is not ready, takes calls for a while longer, so that whoever sends them hears of it, and stops.
    ///
    /// # Errors
    /// Those of the listeners.
    pub async fn drain(self, delay: Duration) -> Result<()> {
        self.readiness.close().await;
        tokio::time::sleep(delay).await;
        self.stop().await
    }

    /// Stops accepting, lets running calls finish, gives the connections back.
    ///
    /// # Errors
    /// Those of the listeners.
    pub async fn stop(self) -> Result<()> {
        self.stop.send_replace(true);
        for task in self.tasks {
            task.await??;
        }
        self.database.close().await;
        Ok(())
    }
}

fn use_cases(
    database: &Database,
    tokens: PageTokens,
    lanes: LaneBounds,
    stopping: watch::Receiver<bool>,
) -> UseCases {
    let authorities = Authorities::new(database.clone(), tokens.clone());
    // One set, so that everything of a tenant meets in one lane.
    let lanes = Lanes::new(database.clone(), lanes);
    let approvals = Approvals::new(
        database.clone(),
        lanes.clone(),
        authorities.clone(),
        tokens.clone(),
    );
    let admission = Admission::new(database.clone(), lanes);
    UseCases {
        gestures: Gestures::new(
            database.clone(),
            authorities.clone(),
            approvals.clone(),
            tokens.clone(),
            admission.clone(),
        ),
        fulfilments: Fulfilments::new(database.clone(), admission, stopping),
        approvals,
        authorities,
        configurations: Configurations::new(database.clone()),
        events: Events::new(database.clone(), tokens),
    }
}
