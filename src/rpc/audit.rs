//! AuditService: reads messages, calls one use case each, writes the answer.

use tonic::{Request, Response, Status};

use super::event::messages;
use super::form::Form;
use super::{caller, to_status};
use crate::pb;
use crate::pb::audit_service_server::AuditService;
use crate::problem::Problem;
use crate::telemetry::traces;
use crate::trail::events::Events;

/// What stands for the trace's id in the address of a trace.
pub const TRACE_ID: &str = "{trace_id}";

/// The service over the use cases of the trail.
pub struct AuditRpc {
    events: Events,
    /// Where traces are looked at, with [`TRACE_ID`] in it.
    trace_url: Option<String>,
}

impl AuditRpc {
    /// The service.
    pub fn new(events: Events, trace_url: Option<String>) -> Self {
        Self { events, trace_url }
    }

    async fn trail(
        &self,
        request: Request<pb::GetTrailRequest>,
    ) -> Result<pb::GetTrailResponse, Problem> {
        let caller = caller(&request)?;
        let mut form = Form::default();
        let id = form.gesture_id("gesture_id", &request.get_ref().gesture_id);
        let id = form.whole(id)?;
        let events = self.events.of_gesture(&caller, id).await?;
        let tenant = caller.tenant()?;
        let steps = events.into_iter().map(|event| {
            let event = messages::event(event, tenant, &caller.tenant_name);
            self.step(event)
        });
        Ok(pb::GetTrailResponse {
            steps: steps.collect(),
        })
    }

    fn step(&self, event: pb::Event) -> pb::TrailStep {
        let Some(of) = traces::context_of(&event.traceparent) else {
            return pb::TrailStep {
                event: Some(event),
                ..Default::default()
            };
        };
        let (trace_id, url) = (of.trace_id().to_string(), self.trace_url.as_ref());
        pb::TrailStep {
            trace_url: url.map_or_else(String::new, |url| url.replace(TRACE_ID, &trace_id)),
            trace_id,
            span_id: of.span_id().to_string(),
            sampled: of.is_sampled(),
            event: Some(event),
        }
    }
}

#[tonic::async_trait]
impl AuditService for AuditRpc {
    async fn get_trail(
        &self,
        request: Request<pb::GetTrailRequest>,
    ) -> Result<Response<pb::GetTrailResponse>, Status> {
        let trail = self.trail(request).await;
        trail.map(Response::new).map_err(to_status)
    }
}
