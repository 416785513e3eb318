//! `largesse task …`: a fulfiller's work by hand, for trying it out and for what went wrong at night.

use std::path::Path;
use std::time::Duration;

use clap::{Args, Subcommand};
use uuid::Uuid;

use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use super::output::{Looks, Message, counted, words};
use super::{amounts, times};
use crate::identity::Role;
use crate::pb::{
    ExtendLeaseRequest, LeaseTasksRequest, LeaseTasksResponse, Money, ReportDeliveredRequest,
    ReportDispatchedRequest, ReportFailedRequest, ReportResult, Task,
};

/// `largesse task …`.
#[derive(Debug, Clone, Args)]
pub struct TaskVerbs {
    #[command(subcommand)]
    verb: TaskVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum TaskVerb {
    /// Lease tasks of a channel
    Lease {
        /// The channel, as in the catalog
        #[arg(value_name = "CHANNEL")]
        channel: String,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=1000))]
        limit: i32,
        /// For how long
        #[arg(long = "for", value_name = "TIME", default_value = "5m", value_parser = times::duration)]
        lasting: Duration,
    },
    /// Make a lease last longer, from now on
    Extend {
        #[command(flatten)]
        lease: Lease,
        /// For how long
        #[arg(long = "for", value_name = "TIME", default_value = "5m", value_parser = times::duration)]
        lasting: Duration,
    },
    /// Report that it is ordered, or on its way
    Dispatched {
        #[command(flatten)]
        lease: Lease,
        /// The order, the parcel, the booking
        #[arg(long, value_name = "REFERENCE")]
        order: String,
    },
    /// Report that it has happened, and what it cost; again with less when the vendor gives a credit
    Delivered {
        #[command(flatten)]
        lease: Lease,
        /// What it cost, as in "41.80 EUR"
        #[arg(long, value_name = "AMOUNT", value_parser = amounts::amount)]
        cost: Money,
        /// Where the proof is
        #[arg(long, value_name = "REFERENCE")]
        proof: Option<String>,
    },
    /// Report that it did not work
    Failed {
        #[command(flatten)]
        lease: Lease,
        /// Why, in a word, as in OUT_OF_STOCK
        #[arg(long, value_name = "WORD")]
        why: String,
        /// For good: it is not tried again
        #[arg(long)]
        permanent: bool,
        /// What the vendor charges all the same, where it is for good
        #[arg(long, value_name = "AMOUNT", value_parser = amounts::amount, requires = "permanent")]
        cost: Option<Money>,
    },
}

/// Which lease.
#[derive(Debug, Clone, Args)]
struct Lease {
    /// The task's id
    #[arg(value_name = "ID")]
    id: Uuid,
    /// The token of the lease
    #[arg(value_name = "TOKEN")]
    fencing_token: i64,
}

impl TaskVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let client = Client::connect(&self.client, data_folder, Role::Fulfiller).await?;
        match self.verb {
            TaskVerb::Lease {
                channel,
                limit,
                lasting,
            } => lease(&client, channel, limit, lasting).await,
            TaskVerb::Extend { lease, lasting } => extend(&client, lease, lasting).await,
            TaskVerb::Dispatched { lease, order } => {
                let request = ReportDispatchedRequest {
                    task_id: lease.id.to_string(),
                    fencing_token: lease.fencing_token,
                    order_reference: order,
                    dispatch_time: None,
                };
                let answer = client.fulfilment().report_dispatched(request).await;
                let answer = answer.map_err(|status| again(&lease).failed(&status))?;
                let answer = answer.into_inner();
                reported(&client, &answer, answer.result.as_ref())
            }
            TaskVerb::Delivered { lease, cost, proof } => {
                let request = ReportDeliveredRequest {
                    task_id: lease.id.to_string(),
                    fencing_token: lease.fencing_token,
                    actual_cost: Some(cost),
                    deliver_time: None,
                    proof_reference: proof.unwrap_or_default(),
                };
                let answer = client.fulfilment().report_delivered(request).await;
                let answer = answer.map_err(|status| again(&lease).failed(&status))?;
                let answer = answer.into_inner();
                reported(&client, &answer, answer.result.as_ref())
            }
            TaskVerb::Failed {
                lease,
                why,
                permanent,
                cost,
            } => {
                let request = ReportFailedRequest {
                    task_id: lease.id.to_string(),
                    fencing_token: lease.fencing_token,
                    failure: why,
                    permanent,
                    retry_time: None,
                    actual_cost: cost,
                };
                let answer = client.fulfilment().report_failed(request).await;
                let answer = answer.map_err(|status| again(&lease).failed(&status))?;
                let answer = answer.into_inner();
                reported(&client, &answer, answer.result.as_ref())
            }
        }
    }
}

async fn lease(
    client: &Client,
    channel: String,
    max_tasks: i32,
    lasting: Duration,
) -> Result<Exit, Failure> {
    let request = LeaseTasksRequest {
        channel,
        max_tasks,
        lease_duration: Some(seconds(lasting)),
        wait: None,
    };
    let failed = |status| Effect::Reads.failed(&status);
    let answers = client.fulfilment().lease_tasks(request).await;
    let mut answers = answers.map_err(failed)?.into_inner();
    let mut all = LeaseTasksResponse::default();
    while let Some(answer) = answers.message().await.map_err(failed)? {
        all.tasks.extend(answer.tasks);
    }
    client.printer.answer(&all, |looks| {
        let count = counted(all.tasks.len(), "task");
        format!("{}\n{count}\n", table(looks, &all.tasks))
    })?;
    Ok(Exit::Done)
}

async fn extend(client: &Client, lease: Lease, lasting: Duration) -> Result<Exit, Failure> {
    let request = ExtendLeaseRequest {
        task_id: lease.id.to_string(),
        fencing_token: lease.fencing_token,
        lease_duration: Some(seconds(lasting)),
    };
    let answer = client.fulfilment().extend_lease(request).await;
    let answer = answer
        .map_err(|status| again(&lease).failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |looks| {
        let until = looks.time(answer.lease_expire_time.as_ref());
        format!("The lease lasts until {until}.\n")
    })?;
    Ok(Exit::Done)
}

/// The same report again is answered by what it did the first time.
fn again(lease: &Lease) -> Effect {
    Effect::writes(format!(
        "largesse gesture get {}, or report again",
        lease.id
    ))
}

fn reported<M: Message>(
    client: &Client,
    answer: &M,
    result: Option<&ReportResult>,
) -> Result<Exit, Failure> {
    let result = result.cloned().unwrap_or_default();
    client.printer.answer(answer, |looks| {
        let again = if result.replayed {
            "\nIt had been reported before, by this very call.\n"
        } else {
            ""
        };
        let facts = looks.facts([
            ("state", words::state(result.state).to_owned()),
            ("promise", words::promise(result.promise)),
            ("captured", amounts::shown(result.captured.as_ref())),
            ("given back", amounts::shown(result.released.as_ref())),
            (
                "in question",
                amounts::shown(result.cost_in_question.as_ref()),
            ),
            ("offered again", looks.time(result.next_try_time.as_ref())),
        ]);
        format!("{facts}{again}")
    })?;
    Ok(Exit::Done)
}

fn table(looks: &Looks, tasks: &[Task]) -> String {
    let rows = tasks.iter().map(|task| {
        vec![
            task.kind.clone(),
            amounts::shown(task.amount.as_ref()),
            amounts::shown(task.hold.as_ref()),
            task.customer_id.clone(),
            looks.time(task.promise_by.as_ref()),
            looks.time(task.lease_expire_time.as_ref()),
            task.task_id.clone(),
            task.fencing_token.to_string(),
            task.order_reference.clone(),
        ]
    });
    let titles = [
        "kind",
        " amount",
        " at most",
        "customer",
        "promised by",
        "leased until",
        "id",
        " token",
        "ordered as",
    ];
    looks.table(&titles, rows)
}

fn seconds(lasting: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(lasting.as_secs()).unwrap_or(i64::MAX),
        nanos: 0,
    }
}
