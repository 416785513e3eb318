//! gRPC health, as a balancer and whoever watches the timers ask for it.

use std::time::Duration;

use largesse::server::Running;
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::support::{World, until};

async fn health(service: &Running, name: &str) -> ServingStatus {
    let endpoint = Endpoint::from_shared(format!("http://{}", service.address)).unwrap();
    let mut client = HealthClient::new(endpoint.connect().await.unwrap());
    let request = HealthCheckRequest {
        service: name.into(),
    };
    client.check(request).await.unwrap().into_inner().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_clock_does_not_go_says_so_and_calls_are_taken() {
    let world = World::demo().await;
    let is_serving = |status: &ServingStatus| *status == ServingStatus::Serving;
    until(|| health(&world.service, "largesse.worker"), is_serving).await;
    let stopped = world
        .another_service_with_timers(Duration::from_secs(3600))
        .await;
    until(|| health(&stopped, ""), is_serving).await;
    let worker = health(&stopped, "largesse.worker").await;
    assert_eq!(worker, ServingStatus::NotServing);
}
