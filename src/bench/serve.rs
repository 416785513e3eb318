//! The servers that the service is compared with: one method of its interface, answered in another way.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::Server;
use tonic::{Request, Response, Status};

use super::transaction::TransactionRpc;
use crate::admission::LaneBounds;
use crate::identity::{KeySet, SigningKey, Verifier};
use crate::pb;
use crate::pb::gesture_service_server::{GestureService, GestureServiceServer};
use crate::postgres::{Database, PoolSize};
use crate::rpc::to_status;
use crate::server::{Parts, Running, parse_url};

/// Where such a server listens, and what it works on.
#[derive(Debug, Clone)]
pub struct Place {
    /// For gRPC.
    pub listen: SocketAddr,
    /// The folder with the keys.
    pub data_folder: PathBuf,
    /// Postgres, as `largesse_app`: what the gate asks.
    pub database_url: SecretString,
    /// Postgres, as the owner: where the transaction writes.
    pub owner_url: SecretString,
}

/// What is measured, behind the gate and the listener of the service.
///
/// # Errors
/// Whatever keeps it from starting.
pub async fn transaction(place: Place) -> Result<()> {
    let grpc = TcpListener::bind(place.listen).await?;
    let admin = TcpListener::bind("127.0.0.1:0").await?;
    let keys = KeySet::read(&SigningKey::key_set_path(&place.data_folder))?;
    let parts = Parts {
        database: Database::open(parse_url(&place.database_url)?, PoolSize::default()),
        page_secret: Vec::new(),
        verifier: Verifier::new(keys, None),
        grpc,
        admin,
        tls: None,
        reflection: true,
        lanes: LaneBounds::default(),
        timers_every: Duration::from_secs(1),
        trace_url: None,
        settings: serde_json::Value::Null,
    };
    let ledger = TransactionRpc::open(place.owner_url.expose_secret())?;
    let mut running = Running::start_with(parts, |_| Only(Answer::Transaction(ledger))).await?;
    welcome(running.address);
    tokio::select! {
        told = told_to_stop() => told?,
        ended = running.ended() => ended?,
    }
    running.stop().await
}

/// tonic alone: what came in goes out.
///
/// # Errors
/// Whatever keeps it from starting.
pub async fn echo(listen: SocketAddr) -> Result<()> {
    let listener = TcpListener::bind(listen).await?;
    welcome(listener.local_addr()?);
    let stopped = async {
        // An error means that no signal can be heard; then the process is killed.
        let _ = told_to_stop().await;
    };
    Server::builder()
        .tcp_nodelay(true)
        .add_service(GestureServiceServer::new(Only(Answer::Echo)))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stopped)
        .await?;
    Ok(())
}

fn welcome(address: SocketAddr) {
    println!("a server of the benchmark serves gRPC on http://{address}");
}

async fn told_to_stop() -> Result<()> {
    signal(SignalKind::terminate())?.recv().await;
    Ok(())
}

/// RequestGesture and nothing else.
struct Only(Answer);

/// How it is answered.
enum Answer {
    Transaction(TransactionRpc),
    Echo,
}

#[tonic::async_trait]
impl GestureService for Only {
    async fn request_gesture(
        &self,
        request: Request<pb::RequestGestureRequest>,
    ) -> Result<Response<pb::RequestGestureResponse>, Status> {
        match &self.0 {
            Answer::Transaction(ledger) => ledger
                .request(request)
                .await
                .map(Response::new)
                .map_err(to_status),
            Answer::Echo => Ok(Response::new(echoed(request.into_inner()))),
        }
    }

    async fn preview_gesture(
        &self,
        _: Request<pb::PreviewGestureRequest>,
    ) -> Result<Response<pb::PreviewGestureResponse>, Status> {
        Err(absent())
    }

    async fn resolve_request(
        &self,
        _: Request<pb::ResolveRequestRequest>,
    ) -> Result<Response<pb::ResolveRequestResponse>, Status> {
        Err(absent())
    }

    async fn get_gesture(
        &self,
        _: Request<pb::GetGestureRequest>,
    ) -> Result<Response<pb::GetGestureResponse>, Status> {
        Err(absent())
    }

    async fn batch_get_gestures(
        &self,
        _: Request<pb::BatchGetGesturesRequest>,
    ) -> Result<Response<pb::BatchGetGesturesResponse>, Status> {
        Err(absent())
    }

    async fn list_gestures(
        &self,
        _: Request<pb::ListGesturesRequest>,
    ) -> Result<Response<pb::ListGesturesResponse>, Status> {
        Err(absent())
    }

    async fn revise_gesture(
        &self,
        _: Request<pb::ReviseGestureRequest>,
    ) -> Result<Response<pb::ReviseGestureResponse>, Status> {
        Err(absent())
    }

    async fn cancel_gesture(
        &self,
        _: Request<pb::CancelGestureRequest>,
    ) -> Result<Response<pb::CancelGestureResponse>, Status> {
        Err(absent())
    }

    async fn record_outcome(
        &self,
        _: Request<pb::RecordOutcomeRequest>,
    ) -> Result<Response<pb::RecordOutcomeResponse>, Status> {
        Err(absent())
    }

    async fn accept_cost(
        &self,
        _: Request<pb::AcceptCostRequest>,
    ) -> Result<Response<pb::AcceptCostResponse>, Status> {
        Err(absent())
    }

    async fn list_follow_ups(
        &self,
        _: Request<pb::ListFollowUpsRequest>,
    ) -> Result<Response<pb::ListFollowUpsResponse>, Status> {
        Err(absent())
    }

    async fn close_follow_up(
        &self,
        _: Request<pb::CloseFollowUpRequest>,
    ) -> Result<Response<pb::CloseFollowUpResponse>, Status> {
        Err(absent())
    }
}

/// The gesture that was sent, with an outcome, so that the load generator counts it.
fn echoed(request: pb::RequestGestureRequest) -> pb::RequestGestureResponse {
    let decision = pb::Decision {
        outcome: pb::DecisionOutcome::Approved.into(),
        ..Default::default()
    };
    pb::RequestGestureResponse {
        gesture: request.gesture.map(|gesture| pb::Gesture {
            decision: Some(decision),
            ..gesture
        }),
        replayed: false,
    }
}

fn absent() -> Status {
    Status::unimplemented("what is measured here is RequestGesture")
}
