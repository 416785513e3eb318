//! FulfilmentService: reads messages, calls one use case each, writes the answer.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::form::Form;
use super::{caller, convert, to_status};
use crate::admission::Said;
use crate::fulfilment::{Fulfilments, Wanted};
use crate::ids::GestureId;
use crate::pb;
use crate::pb::fulfilment_service_server::FulfilmentService;
use crate::problem::{Problem, Wrong};

/// Most tasks of one LeaseTasks.
const TASKS_MAX: i32 = 1000;
/// How long a lease lasts where nothing is said.
const LEASE_USUAL: Duration = Duration::from_secs(300);
/// The longest lease.
const LEASE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// The longest that one call waits.
const WAIT_MAX: Duration = Duration::from_secs(60 * 60);

type Tasks = BoxStream<'static, Result<pb::LeaseTasksResponse, Status>>;

/// The service over the use cases of fulfilment.
pub struct FulfilmentRpc {
    fulfilments: Fulfilments,
}

impl FulfilmentRpc {
    /// The service.
    pub fn new(fulfilments: Fulfilments) -> Self {
        Self { fulfilments }
    }

    async fn lease(&self, request: Request<pb::LeaseTasksRequest>) -> Result<Tasks, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let channel = form.id("channel", &message.channel);
        let count = message.max_tasks;
        if !(0..=TASKS_MAX).contains(&count) {
            let description = format!("must be 1 to {TASKS_MAX}, or 0 for 1");
            form.wrong("max_tasks", Wrong::OutOfRange, description);
        }
        let lasting = lease_duration(&mut form, message.lease_duration);
        let wait = form.seconds("wait", message.wait, Duration::ZERO, WAIT_MAX);
        let wanted = Wanted {
            channel: form.whole(channel)?,
            count: count.max(1),
            lasting,
            wait: wait.unwrap_or_default(),
        };
        let tasks = self.fulfilments.lease(caller, wanted)?;
        let messages = ReceiverStream::new(tasks).map(|tasks| match tasks {
            Ok(tasks) => Ok(pb::LeaseTasksResponse {
                tasks: tasks.into_iter().map(convert::task).collect(),
            }),
            Err(problem) => Err(to_status(problem)),
        });
        Ok(messages.boxed())
    }

    async fn extend(
        &self,
        request: Request<pb::ExtendLeaseRequest>,
    ) -> Result<pb::ExtendLeaseResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let lease = lease(&mut form, &message.task_id, message.fencing_token);
        let lasting = lease_duration(&mut form, message.lease_duration);
        let lease = form.whole(lease)?;
        let until = self.fulfilments.extend(&caller, lease, lasting).await?;
        Ok(pb::ExtendLeaseResponse {
            lease_expire_time: Some(convert::instant(until)),
        })
    }

    async fn dispatched(
        &self,
        request: Request<pb::ReportDispatchedRequest>,
    ) -> Result<pb::ReportDispatchedResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let lease = lease(&mut form, &message.task_id, message.fencing_token);
        let order = form.id("order_reference", &message.order_reference);
        let at = form.instant("dispatch_time", message.dispatch_time);
        let (lease, order) = form.whole(lease.zip(order))?;
        let said = Said::Dispatched { order, at };
        let result = self.fulfilments.report(&caller, lease, said).await?;
        Ok(pb::ReportDispatchedResponse {
            result: Some(convert::report(result)),
        })
    }

    async fn delivered(
        &self,
        request: Request<pb::ReportDeliveredRequest>,
    ) -> Result<pb::ReportDeliveredResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let lease = lease(&mut form, &message.task_id, message.fencing_token);
        let cost = form.cost("actual_cost", message.actual_cost.as_ref());
        let at = form.instant("deliver_time", message.deliver_time);
        let proof = form.optional_id("proof_reference", &message.proof_reference);
        let (lease, cost) = form.whole(lease.zip(cost))?;
        let said = Said::Delivered { cost, at, proof };
        let result = self.fulfilments.report(&caller, lease, said).await?;
        Ok(pb::ReportDeliveredResponse {
            result: Some(convert::report(result)),
        })
    }

    async fn failed(
        &self,
        request: Request<pb::ReportFailedRequest>,
    ) -> Result<pb::ReportFailedResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let lease = lease(&mut form, &message.task_id, message.fencing_token);
        let failure = form.id("failure", &message.failure);
        let again_at = form.instant("retry_time", message.retry_time);
        let asked = message.actual_cost.as_ref();
        let cost = asked.and_then(|_| form.cost("actual_cost", asked));
        let mut only = |is_set: bool, field: &str, description: &str| {
            if is_set {
                form.wrong(field, Wrong::OutOfRange, description);
            }
        };
        only(
            message.permanent && message.retry_time.is_some(),
            "retry_time",
            "must be left unset where it is for good",
        );
        only(
            !message.permanent && asked.is_some(),
            "actual_cost",
            "must be left unset where it is to be tried again",
        );
        let (lease, failure) = form.whole(lease.zip(failure))?;
        let said = if message.permanent {
            Said::Failed { failure, cost }
        } else {
            Said::TryFailed { failure, again_at }
        };
        let result = self.fulfilments.report(&caller, lease, said).await?;
        Ok(pb::ReportFailedResponse {
            result: Some(convert::report(result)),
        })
    }
}

/// Which lease of which task.
fn lease(form: &mut Form, task_id: &str, token: i64) -> Option<(GestureId, i32)> {
    let task = form.gesture_id("task_id", task_id);
    let token = i32::try_from(token).ok().filter(|token| *token >= 1);
    if token.is_none() {
        form.wrong(
            "fencing_token",
            Wrong::Malformed,
            "must be the fencing_token with which the task was leased",
        );
    }
    task.zip(token)
}

fn lease_duration(form: &mut Form, duration: Option<prost_types::Duration>) -> Duration {
    let least = Duration::from_secs(1);
    form.seconds("lease_duration", duration, least, LEASE_MAX)
        .unwrap_or(LEASE_USUAL)
}

#[tonic::async_trait]
impl FulfilmentService for FulfilmentRpc {
    type LeaseTasksStream = Tasks;

    async fn lease_tasks(
        &self,
        request: Request<pb::LeaseTasksRequest>,
    ) -> Result<Response<Tasks>, Status> {
        self.lease(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn extend_lease(
        &self,
        request: Request<pb::ExtendLeaseRequest>,
    ) -> Result<Response<pb::ExtendLeaseResponse>, Status> {
        self.extend(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn report_dispatched(
        &self,
        request: Request<pb::ReportDispatchedRequest>,
    ) -> Result<Response<pb::ReportDispatchedResponse>, Status> {
        self.dispatched(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn report_delivered(
        &self,
        request: Request<pb::ReportDeliveredRequest>,
    ) -> Result<Response<pb::ReportDeliveredResponse>, Status> {
        self.delivered(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn report_failed(
        &self,
        request: Request<pb::ReportFailedRequest>,
    ) -> Result<Response<pb::ReportFailedResponse>, Status> {
        self.failed(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }
}
