//! The gRPC listener: what HTTP/2 leaves unbounded is bounded here.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::service::Routes;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic_health::pb::health_server::{Health, HealthServer};

use super::UseCases;
use super::incoming::incoming;
use crate::identity::Verifier;
use crate::pb;
use crate::pb::approval_service_server::ApprovalServiceServer;
use crate::pb::audit_service_server::AuditServiceServer;
use crate::pb::authority_service_server::AuthorityServiceServer;
use crate::pb::event_service_server::EventServiceServer;
use crate::pb::fulfilment_service_server::FulfilmentServiceServer;
use crate::pb::gesture_service_server::{GestureService, GestureServiceServer};
use crate::postgres::Database;
use crate::rpc::approval::ApprovalRpc;
use crate::rpc::audit::AuditRpc;
use crate::rpc::authority::AuthorityRpc;
use crate::rpc::event::EventRpc;
use crate::rpc::fulfilment::FulfilmentRpc;
use crate::rpc::gate::GateLayer;
use crate::rpc::linked::LinkLayer;
use crate::rpc::observed::ObserveLayer;
use crate::settings::TlsFiles;

/// Largest message about gestures: the fields' own bounds add up to less.
const GESTURE_BYTES_MAX: usize = 64 * 1024;
/// Largest message about approvals: a hundred answers, each with what people say.
const APPROVAL_BYTES_MAX: usize = 1024 * 1024;
/// Largest message about fulfilment: references and amounts.
const FULFILMENT_BYTES_MAX: usize = 16 * 1024;
/// Largest message about events: two hundred cursors, and words.
const EVENT_BYTES_MAX: usize = 256 * 1024;
/// Largest message about configuration: a document of 3 MiB and what surrounds it.
const CONFIGURATION_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Streams that one connection may have open.
const STREAMS_MAX: u32 = 128;
/// All headers of one request, in bytes.
const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// The longest that a call may take.
const CALL_MAX: Duration = Duration::from_secs(30);
/// A silent peer is asked after this time …
const KEEPALIVE_EVERY: Duration = Duration::from_secs(30);
/// … and dropped when it does not answer within this.
const KEEPALIVE_ANSWER_MAX: Duration = Duration::from_secs(20);

/// After this time a peer is asked to connect anew (calls that run are finished): so it finds the replicas that there are by
/// then, and a certificate that was replaced.
const CONNECTION_AGE_MAX: Duration = Duration::from_secs(30 * 60);

/// The longest that a TLS handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// What the listener serves.
pub struct Grpc {
    pub use_cases: UseCases,
    pub verifier: Verifier,
    pub database: Database,
    /// Where traces are looked at.
    pub trace_url: Option<String>,
    pub tls: Option<ServerTlsConfig>,
    pub reflection: bool,
}

impl Grpc {
    /// Serves until told to stop; calls that run are finished.
    pub async fn serve(
        self,
        gestures: impl GestureService,
        listener: TcpListener,
        health: HealthServer<impl Health>,
        mut stopping: watch::Receiver<bool>,
    ) -> Result<()> {
        let gate = GateLayer::new(self.verifier, self.use_cases.authorities.clone());
        let mut routes = Routes::new(health)
            .add_service(
                GestureServiceServer::new(gestures).max_decoding_message_size(GESTURE_BYTES_MAX),
            )
            .add_service(
                ApprovalServiceServer::new(ApprovalRpc::new(
                    self.use_cases.approvals,
                    self.use_cases.gestures,
                ))
                .max_decoding_message_size(APPROVAL_BYTES_MAX),
            )
            .add_service(
                FulfilmentServiceServer::new(FulfilmentRpc::new(self.use_cases.fulfilments))
                    .max_decoding_message_size(FULFILMENT_BYTES_MAX),
            )
            .add_service(
                AuthorityServiceServer::new(AuthorityRpc::new(
                    self.use_cases.authorities,
                    self.use_cases.configurations,
                ))
                .max_decoding_message_size(CONFIGURATION_BYTES_MAX),
            )
            .add_service(AuditServiceServer::new(AuditRpc::new(
                self.use_cases.events.clone(),
                self.trace_url,
            )))
            .add_service(
                EventServiceServer::new(EventRpc::new(self.use_cases.events, stopping.clone()))
                    .max_decoding_message_size(EVENT_BYTES_MAX),
            );
        if self.reflection {
            let described = || {
                tonic_reflection::server::Builder::configure()
                    .register_encoded_file_descriptor_set(pb::DESCRIPTORS)
                    .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            };
            routes = routes
                .add_service(described().build_v1()?)
                .add_service(described().build_v1alpha()?);
        }
        let mut server = Server::builder()
            .max_concurrent_streams(STREAMS_MAX)
            .http2_max_header_list_size(HEADER_BYTES_MAX)
            .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
            .http2_keepalive_timeout(Some(KEEPALIVE_ANSWER_MAX))
            .max_connection_age(CONNECTION_AGE_MAX)
            .timeout(CALL_MAX);
        if let Some(tls) = self.tls {
            server = server
                .tls_config(tls)
                .context("TLS cannot be started with these files")?;
        }
        let stopped = async move {
            // An error means that the sender is gone, which is a stop as well.
            let _ = stopping.wait_for(|stop| *stop).await;
        };
        server
            .layer(ObserveLayer { call_max: CALL_MAX })
            .layer(gate)
            .layer(LinkLayer {
                database: self.database,
            })
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming(listener), stopped)
            .await?;
        Ok(())
    }
}

/// TLS from files.
pub fn tls(files: &TlsFiles) -> Result<ServerTlsConfig> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let mut tls = ServerTlsConfig::new().identity(Identity::from_pem(
        read(&files.certificate)?,
        read(&files.key)?,
    ));
    if let Some(authorities) = &files.client_authorities {
        tls = tls.client_ca_root(Certificate::from_pem(read(authorities)?));
    }
    let tls = tls.timeout(HANDSHAKE_MAX);
    // Tried here, before anybody is told that the service listens.
    Server::builder().tls_config(tls.clone()).context(
        "TLS cannot be started with these files: do key and certificate belong together?",
    )?;
    Ok(tls)
}
