//! GestureService: reads messages, calls one use case each, writes the answer.

use tonic::{Request, Response, Status};

use super::form::Form;
use super::{caller, convert, to_status};
use crate::admission::Terms;
use crate::gesture::{FollowUpPurpose, Gestures, ListFilter, OutcomeWord, Promise};
use crate::identity::Caller;
use crate::ids::{AgentId, CustomerId, GestureId};
use crate::pb;
use crate::pb::gesture_service_server::GestureService;
use crate::problem::{Problem, Wrong};
use crate::vault::Personal;

/// Most ids of one BatchGetGestures.
const BATCH_GET_MAX: usize = 100;
/// Most states of one ListGestures.
const STATES_MAX: usize = 20;

/// The service over the use cases of gestures.
pub struct GestureRpc {
    gestures: Gestures,
}

impl GestureRpc {
    /// The service.
    pub fn new(gestures: Gestures) -> Self {
        Self { gestures }
    }

    async fn preview(
        &self,
        request: Request<pb::PreviewGestureRequest>,
    ) -> Result<pb::PreviewGestureResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let asked = form.asked(message.gesture, message.break_glass);
        let (terms, personal) = form.whole(asked)?;
        let preview = self
            .gestures
            .preview(&caller, agent, terms, personal)
            .await?;
        Ok(pb::PreviewGestureResponse {
            decision: Some(convert::decision(
                preview.decision,
                preview.currency,
                preview.zone,
            )),
        })
    }

    /// The message is read before anything is waited for: it is large, and would be carried along until the answer is there.
    fn request(
        &self,
        request: Request<pb::RequestGestureRequest>,
    ) -> impl Future<Output = Result<pb::RequestGestureResponse, Problem>> {
        let asked = requested(request);
        async move {
            let (caller, agent, id, (terms, personal)) = asked?;
            let (gesture, replayed) = self
                .gestures
                .request(&caller, agent, id, terms, personal)
                .await?;
            Ok(pb::RequestGestureResponse {
                gesture: Some(convert::gesture(gesture)),
                replayed,
            })
        }
    }

    async fn resolve(
        &self,
        request: Request<pb::ResolveRequestRequest>,
    ) -> Result<pb::ResolveRequestResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let id = form.gesture_id("request_id", &message.request_id);
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let id = form.whole(id)?;
        let gesture = self.gestures.resolve(&caller, agent, id).await?;
        let resolution = match gesture {
            Some(_) => pb::RequestResolution::Done,
            None => pb::RequestResolution::NeverHappened,
        };
        Ok(pb::ResolveRequestResponse {
            resolution: resolution.into(),
            gesture: gesture.map(convert::gesture),
        })
    }

    async fn get(
        &self,
        request: Request<pb::GetGestureRequest>,
    ) -> Result<pb::GetGestureResponse, Problem> {
        let caller = caller(&request)?;
        let mut form = Form::default();
        let id = form.gesture_id("gesture_id", &request.into_inner().gesture_id);
        let gesture = self.gestures.get(&caller, form.whole(id)?).await?;
        Ok(pb::GetGestureResponse {
            gesture: Some(convert::gesture(gesture)),
        })
    }

    async fn batch_get(
        &self,
        request: Request<pb::BatchGetGesturesRequest>,
    ) -> Result<pb::BatchGetGesturesResponse, Problem> {
        let caller = caller(&request)?;
        let texts = request.into_inner().gesture_ids;
        if texts.is_empty() {
            let description = format!("must name 1 to {BATCH_GET_MAX} ids");
            return Err(Problem::invalid(
                "gesture_ids",
                Wrong::Required,
                description,
            ));
        }
        if texts.len() > BATCH_GET_MAX {
            let description = format!("at most {BATCH_GET_MAX} at once");
            return Err(Problem::invalid("gesture_ids", Wrong::TooMany, description));
        }
        let mut form = Form::default();
        let ids: Vec<GestureId> = texts
            .iter()
            .enumerate()
            .filter_map(|(number, text)| form.gesture_id(&format!("gesture_ids[{number}]"), text))
            .collect();
        form.finish()?;
        let gestures = self.gestures.batch_get(&caller, ids.clone()).await?;
        let missing_ids = ids
            .iter()
            .filter(|id| gestures.iter().all(|gesture| gesture.id != **id))
            .map(GestureId::to_string)
            .collect();
        Ok(pb::BatchGetGesturesResponse {
            gestures: gestures.into_iter().map(convert::gesture).collect(),
            missing_ids,
        })
    }

    async fn list(
        &self,
        request: Request<pb::ListGesturesRequest>,
    ) -> Result<pb::ListGesturesResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let page_size = form.page_size(message.page_size);
        let filter = ListFilter {
            customer: form
                .optional_id("customer_id", &message.customer_id)
                .and_then(CustomerId::new),
            case_id: form.optional_id("case_id", &message.case_id),
            agent: form.optional_agent("agent_id", &message.agent_id),
            states: states(&mut form, &message.states),
            created: form.range("create_time", message.create_time),
            promised: form.range("promise_by", message.promise_by),
            promise: promise(&mut form, message.promise),
        };
        form.finish()?;
        let token = Some(message.page_token).filter(|token| !token.is_empty());
        let page = self
            .gestures
            .list(&caller, filter, page_size, token.as_deref())
            .await?;
        Ok(pb::ListGesturesResponse {
            gestures: page.gestures.into_iter().map(convert::gesture).collect(),
            next_page_token: page.next.unwrap_or_default(),
        })
    }

    async fn revise(
        &self,
        request: Request<pb::ReviseGestureRequest>,
    ) -> Result<pb::ReviseGestureResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let id = form.gesture_id("gesture_id", &message.gesture_id);
        let etag = form.etag("etag", &message.etag);
        let agent = form.optional_agent("agent_id", &message.agent_id);
        form.id_is_no_other(message.gesture.as_ref(), id);
        let asked = form.asked(message.gesture, message.break_glass);
        let (seen, (terms, personal)) = form.whole(id.zip(etag).zip(asked))?;
        let (gesture, replayed) = self
            .gestures
            .revise(&caller, agent, seen, terms, personal)
            .await?;
        Ok(pb::ReviseGestureResponse {
            gesture: Some(convert::gesture(gesture)),
            replayed,
        })
    }

    async fn cancel(
        &self,
        request: Request<pb::CancelGestureRequest>,
    ) -> Result<pb::CancelGestureResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let id = form.gesture_id("gesture_id", &message.gesture_id);
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let etag = form.etag("etag", &message.etag);
        let (id, etag) = form.whole(id.zip(etag))?;
        let (gesture, replayed) = self.gestures.cancel(&caller, agent, id, etag).await?;
        Ok(pb::CancelGestureResponse {
            gesture: Some(convert::gesture(gesture)),
            replayed,
        })
    }
}

impl GestureRpc {
    async fn record(
        &self,
        request: Request<pb::RecordOutcomeRequest>,
    ) -> Result<pb::RecordOutcomeResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let record = form.uuid("outcome_id", &message.outcome_id);
        let id = form.gesture_id("gesture_id", &message.gesture_id);
        let word = pb::OutcomeWord::try_from(message.word)
            .ok()
            .and_then(|word| {
                OutcomeWord::named(word.as_str_name().trim_start_matches("OUTCOME_WORD_"))
            });
        if word.is_none() {
            let description = "must say what happened: THANKED, COMPLAINED_AGAIN, SHARED_PUBLICLY, RETURNED or OTHER";
            form.wrong("word", Wrong::Required, description);
        }
        let note = form.note("note", message.note, false);
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let ((id, record), word) = form.whole(id.zip(record).zip(word))?;
        let (gesture, replayed) = self
            .gestures
            .record_outcome(&caller, agent, (id, record), word, note)
            .await?;
        Ok(pb::RecordOutcomeResponse {
            gesture: Some(convert::gesture(gesture)),
            replayed,
        })
    }

    async fn accept(
        &self,
        request: Request<pb::AcceptCostRequest>,
    ) -> Result<pb::AcceptCostResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let id = form.gesture_id("request_id", &message.request_id);
        let about = form.gesture_id("gesture_id", &message.gesture_id);
        if id.is_some() && id == about {
            let description =
                "must be an id of its own, not that of the gesture that cost too much";
            form.wrong("request_id", Wrong::Duplicate, description);
        }
        let rest = form.money("amount", message.amount.as_ref());
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let (ids, rest) = form.whole(id.zip(about).zip(rest))?;
        let accepted = self.gestures.accept_cost(&caller, agent, ids, rest).await?;
        let (currency, zone) = (rest.currency(), accepted.about.zone);
        Ok(pb::AcceptCostResponse {
            decision: Some(convert::decision(accepted.decision, currency, zone)),
            gesture: accepted.rest.map(convert::gesture),
            replayed: accepted.replayed,
        })
    }

    async fn follow_ups(
        &self,
        request: Request<pb::ListFollowUpsRequest>,
    ) -> Result<pb::ListFollowUpsResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let page_size = form.page_size(message.page_size);
        form.finish()?;
        let token = Some(message.page_token).filter(|token| !token.is_empty());
        let page = self
            .gestures
            .follow_ups(&caller, agent, page_size, token.as_deref())
            .await?;
        Ok(pb::ListFollowUpsResponse {
            follow_ups: page
                .follow_ups
                .into_iter()
                .map(convert::follow_up)
                .collect(),
            next_page_token: page.next.unwrap_or_default(),
        })
    }

    async fn close(
        &self,
        request: Request<pb::CloseFollowUpRequest>,
    ) -> Result<pb::CloseFollowUpResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let id = form.gesture_id("gesture_id", &message.gesture_id);
        let purpose = match pb::FollowUpPurpose::try_from(message.purpose) {
            Ok(pb::FollowUpPurpose::Cost) => Some(FollowUpPurpose::Cost),
            Ok(pb::FollowUpPurpose::Promise) => Some(FollowUpPurpose::Promise),
            Ok(pb::FollowUpPurpose::Unspecified) | Err(_) => {
                form.wrong("purpose", Wrong::Required, "must be COST or PROMISE");
                None
            }
        };
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let (id, purpose) = form.whole(id.zip(purpose))?;
        let replayed = self
            .gestures
            .close_follow_up(&caller, agent, id, purpose)
            .await?;
        Ok(pb::CloseFollowUpResponse { replayed })
    }
}

/// What has become of a promise, in a filter.
fn promise(form: &mut Form, number: i32) -> Option<Promise> {
    let state = pb::PromiseState::try_from(number);
    if state.is_err() {
        form.wrong("promise", Wrong::OutOfRange, "is no state of a promise");
    }
    let name = state.ok()?.as_str_name();
    Promise::named(name.trim_start_matches("PROMISE_STATE_"))
}

/// Who asks, as whom, under which id, and for what.
type Requested = (Caller, Option<AgentId>, GestureId, (Terms, Personal));

fn requested(request: Request<pb::RequestGestureRequest>) -> Result<Requested, Problem> {
    let caller = caller(&request)?;
    let message = request.into_inner();
    let mut form = Form::default();
    let id = form.gesture_id("request_id", &message.request_id);
    let agent = form.optional_agent("agent_id", &message.agent_id);
    form.id_is_no_other(message.gesture.as_ref(), id);
    let asked = form.asked(message.gesture, message.break_glass);
    let (id, asked) = form.whole(id.zip(asked))?;
    Ok((caller, agent, id, asked))
}

fn states(form: &mut Form, numbers: &[i32]) -> Vec<String> {
    if numbers.len() > STATES_MAX {
        form.wrong("states", Wrong::TooMany, format!("at most {STATES_MAX}"));
        return Vec::new();
    }
    let mut names = Vec::new();
    for (place, number) in numbers.iter().enumerate() {
        match pb::GestureState::try_from(*number) {
            Ok(state) if state != pb::GestureState::Unspecified => {
                names.push(convert::state_name(state).to_owned())
            }
            _ => form.wrong(
                format!("states[{place}]"),
                Wrong::OutOfRange,
                "is no state of a gesture",
            ),
        }
    }
    names
}

#[tonic::async_trait]
impl GestureService for GestureRpc {
    async fn preview_gesture(
        &self,
        request: Request<pb::PreviewGestureRequest>,
    ) -> Result<Response<pb::PreviewGestureResponse>, Status> {
        self.preview(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn request_gesture(
        &self,
        request: Request<pb::RequestGestureRequest>,
    ) -> Result<Response<pb::RequestGestureResponse>, Status> {
        self.request(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn resolve_request(
        &self,
        request: Request<pb::ResolveRequestRequest>,
    ) -> Result<Response<pb::ResolveRequestResponse>, Status> {
        self.resolve(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn get_gesture(
        &self,
        request: Request<pb::GetGestureRequest>,
    ) -> Result<Response<pb::GetGestureResponse>, Status> {
        self.get(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn batch_get_gestures(
        &self,
        request: Request<pb::BatchGetGesturesRequest>,
    ) -> Result<Response<pb::BatchGetGesturesResponse>, Status> {
        self.batch_get(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn list_gestures(
        &self,
        request: Request<pb::ListGesturesRequest>,
    ) -> Result<Response<pb::ListGesturesResponse>, Status> {
        self.list(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn revise_gesture(
        &self,
        request: Request<pb::ReviseGestureRequest>,
    ) -> Result<Response<pb::ReviseGestureResponse>, Status> {
        self.revise(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn cancel_gesture(
        &self,
        request: Request<pb::CancelGestureRequest>,
    ) -> Result<Response<pb::CancelGestureResponse>, Status> {
        self.cancel(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn record_outcome(
        &self,
        request: Request<pb::RecordOutcomeRequest>,
    ) -> Result<Response<pb::RecordOutcomeResponse>, Status> {
        self.record(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn accept_cost(
        &self,
        request: Request<pb::AcceptCostRequest>,
    ) -> Result<Response<pb::AcceptCostResponse>, Status> {
        self.accept(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn list_follow_ups(
        &self,
        request: Request<pb::ListFollowUpsRequest>,
    ) -> Result<Response<pb::ListFollowUpsResponse>, Status> {
        self.follow_ups(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }

    async fn close_follow_up(
        &self,
        request: Request<pb::CloseFollowUpRequest>,
    ) -> Result<Response<pb::CloseFollowUpResponse>, Status> {
        self.close(request)
            .await
            .map(Response::new)
            .map_err(to_status)
    }
}
