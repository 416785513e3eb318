//! Leasing and reporting, in few words.

use largesse::pb;
use prost_types::Duration;
use tonic::Status;
use uuid::Uuid;

use super::{Client, money};

impl Client {
    /// Leases up to so many tasks of a channel for a minute, without waiting.
    pub async fn lease(&mut self, channel: &str, max_tasks: i32) -> Result<Vec<pb::Task>, Status> {
        self.lease_for(channel, max_tasks, 60).await
    }

    /// The same for so many seconds.
    pub async fn lease_for(
        &mut self,
        channel: &str,
        max_tasks: i32,
        seconds: i64,
    ) -> Result<Vec<pb::Task>, Status> {
        let request = pb::LeaseTasksRequest {
            channel: channel.into(),
            max_tasks,
            lease_duration: Some(Duration { seconds, nanos: 0 }),
            wait: None,
        };
        let mut answers = self.fulfilment.lease_tasks(request).await?.into_inner();
        let mut tasks = Vec::new();
        while let Some(answer) = answers.message().await? {
            tasks.extend(answer.tasks);
        }
        Ok(tasks)
    }

    /// The one task of a channel.
    pub async fn lease_one(&mut self, channel: &str) -> pb::Task {
        let mut tasks = self.lease(channel, 10).await.unwrap();
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        tasks.remove(0)
    }

    /// It is ordered.
    pub async fn dispatched(
        &mut self,
        task: &pb::Task,
        order: &str,
    ) -> Result<pb::ReportResult, Status> {
        let request = pb::ReportDispatchedRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            order_reference: order.into(),
            dispatch_time: None,
        };
        let answer = self.fulfilment.report_dispatched(request).await?;
        Ok(answer.into_inner().result.unwrap())
    }

    /// It has happened, and cost so many cents of a euro.
    pub async fn delivered(
        &mut self,
        task: &pb::Task,
        cents: i64,
    ) -> Result<pb::ReportResult, Status> {
        self.delivered_with(pb::ReportDeliveredRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            actual_cost: money(cents, "EUR"),
            deliver_time: None,
            proof_reference: String::new(),
        })
        .await
    }

    /// Any report of a delivery.
    pub async fn delivered_with(
        &mut self,
        request: pb::ReportDeliveredRequest,
    ) -> Result<pb::ReportResult, Status> {
        let answer = self.fulfilment.report_delivered(request).await?;
        Ok(answer.into_inner().result.unwrap())
    }

    /// It did not work: for good, or this time.
    pub async fn failed(
        &mut self,
        task: &pb::Task,
        permanent: bool,
    ) -> Result<pb::ReportResult, Status> {
        let request = pb::ReportFailedRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            failure: "OUT_OF_STOCK".into(),
            permanent,
            ..Default::default()
        };
        let answer = self.fulfilment.report_failed(request).await?;
        Ok(answer.into_inner().result.unwrap())
    }

    /// Makes a lease last another minute.
    pub async fn extend(&mut self, task: &pb::Task) -> Result<pb::ExtendLeaseResponse, Status> {
        let request = pb::ExtendLeaseRequest {
            task_id: task.task_id.clone(),
            fencing_token: task.fencing_token,
            lease_duration: Some(Duration {
                seconds: 60,
                nanos: 0,
            }),
        };
        Ok(self.fulfilment.extend_lease(request).await?.into_inner())
    }

    /// Accepts what a gesture cost above its hold, in cents of a euro.
    pub async fn accept(
        &mut self,
        gesture: &str,
        cents: i64,
    ) -> Result<pb::AcceptCostResponse, Status> {
        self.accept_as(Uuid::now_v7(), gesture, cents).await
    }

    /// The same under this id.
    pub async fn accept_as(
        &mut self,
        id: Uuid,
        gesture: &str,
        cents: i64,
    ) -> Result<pb::AcceptCostResponse, Status> {
        let request = pb::AcceptCostRequest {
            request_id: id.to_string(),
            gesture_id: gesture.into(),
            amount: money(cents, "EUR"),
            agent_id: String::new(),
        };
        Ok(self.gestures.accept_cost(request).await?.into_inner())
    }

    /// What one is to look at.
    pub async fn follow_ups(&mut self) -> Vec<pb::FollowUp> {
        let request = pb::ListFollowUpsRequest::default();
        let answer = self.gestures.list_follow_ups(request).await.unwrap();
        answer.into_inner().follow_ups
    }
}
