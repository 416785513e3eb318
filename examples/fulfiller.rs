//! A fulfiller: leases the tasks of a channel, pretends to order, reports. The shape that an adapter in front of a florist, a courier
//! or a billing system has.
//!
//! ```sh
//! cargo run --example fulfiller -- http://127.0.0.1:50051 \
//!     "$(largesse token --tenant demo --agent florist-1 --role fulfiller --channels florist)" florist
//! ```

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use largesse::pb::fulfilment_service_client::FulfilmentServiceClient;
use largesse::pb::{
    LeaseTasksRequest, Money, ReportDeliveredRequest, ReportDispatchedRequest, Task,
};
use prost_types::Duration;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// Somebody with a catalog and a till. The task's id is the idempotency key: ordered twice, it is one order.
#[derive(Default)]
struct Vendor {
    orders: HashMap<String, String>,
}

impl Vendor {
    fn order(&mut self, task: &Task) -> String {
        let next = format!("ORDER-{}", self.orders.len() + 1);
        self.orders
            .entry(task.task_id.clone())
            .or_insert(next)
            .clone()
    }

    /// What it cost: a little less than was approved.
    fn deliver(&self, task: &Task) -> Option<Money> {
        let asked = task.amount.as_ref()?;
        Some(Money {
            minor_units: asked.minor_units * 93 / 100,
            currency: asked.currency.clone(),
        })
    }
}

struct Fulfiller {
    service: FulfilmentServiceClient<Channel>,
    credential: MetadataValue<Ascii>,
    vendor: Vendor,
}

impl Fulfiller {
    fn call<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let credential = self.credential.clone();
        request.metadata_mut().insert("authorization", credential);
        request
    }

    /// Takes work as it comes, ten at a time, for as long as the service is there.
    async fn run(&mut self, channel: String) -> Result<()> {
        loop {
            let wanted = self.call(LeaseTasksRequest {
                channel: channel.clone(),
                max_tasks: 10,
                lease_duration: Some(seconds(60)),
                wait: Some(seconds(60)),
            });
            let mut answers = self.service.lease_tasks(wanted).await?.into_inner();
            while let Some(answer) = answers.message().await? {
                for task in answer.tasks {
                    self.fulfil(&task).await?;
                }
            }
        }
    }

    async fn fulfil(&mut self, task: &Task) -> Result<()> {
        match self.order_and_report(task).await {
            Ok(()) => Ok(()),
            // The lease was lost or the gesture cancelled: the vendor is told, not Largesse.
            Err(status) if status.code() == Code::FailedPrecondition => {
                println!("task {}: {}", task.task_id, status.message());
                Ok(())
            }
            // Anything else may be asked again: the same report is answered twice the same.
            Err(status) => Err(status.into()),
        }
    }

    async fn order_and_report(&mut self, task: &Task) -> Result<(), Status> {
        let mut order = task.order_reference.clone();
        // Set: somebody has ordered it and was not heard of since.
        if order.is_empty() {
            order = self.vendor.order(task);
            let dispatched = self.call(ReportDispatchedRequest {
                task_id: task.task_id.clone(),
                fencing_token: task.fencing_token,
                order_reference: order.clone(),
                dispatch_time: None,
            });
            self.service.report_dispatched(dispatched).await?;
        }
        let delivered = self.call(ReportDeliveredRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            actual_cost: self.vendor.deliver(task),
            deliver_time: None,
            proof_reference: format!("photo-of-{order}"),
        });
        let answer = self.service.report_delivered(delivered).await?;
        let result = answer.into_inner().result.unwrap_or_default();
        let state = result.state().as_str_name();
        println!("{} for {}: {order}, {state}", task.kind, task.customer_id);
        Ok(())
    }
}

fn seconds(seconds: i64) -> Duration {
    Duration { seconds, nanos: 0 }
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, token, channel] = arguments.as_slice() else {
        bail!("fulfiller ADDRESS TOKEN CHANNEL");
    };
    let service = FulfilmentServiceClient::connect(address.clone())
        .await
        .with_context(|| format!("nobody answers at {address}"))?;
    let mut fulfiller = Fulfiller {
        service,
        credential: format!("Bearer {token}").parse()?,
        vendor: Vendor::default(),
    };
    fulfiller.run(channel.clone()).await
}
