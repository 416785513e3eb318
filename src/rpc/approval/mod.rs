//! ApprovalService: reads messages, calls one use case each, writes the answer.

mod answers;
mod delegations;

use tonic::{Request, Response, Status};

use super::form::Form;
use super::{caller, convert, to_status};
use crate::approval::{Approvals, InboxFilter, Purpose, Standing, YesResult};
use crate::gesture::{Gesture, Gestures};
use crate::identity::Caller;
use crate::ids::{CustomerId, GestureId};
use crate::pb;
use crate::pb::approval_service_server::ApprovalService;
use crate::problem::{Problem, Wrong};

/// Most kinds of one filter, or of one delegation.
const KINDS_MAX: usize = 100;

/// The service over the use cases of approvals.
pub struct ApprovalRpc {
    approvals: Approvals,
    gestures: Gestures,
}

impl ApprovalRpc {
    /// The service.
    pub fn new(approvals: Approvals, gestures: Gestures) -> Self {
        Self {
            approvals,
            gestures,
        }
    }

    async fn list(
        &self,
        request: Request<pb::ListApprovalsRequest>,
    ) -> Result<pb::ListApprovalsResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let page_size = form.page_size(message.page_size);
        let filter = InboxFilter {
            purpose: purpose(&mut form, message.purpose),
            kinds: form.kinds(&message.kinds, KINDS_MAX),
            requested_by: form.optional_agent("requested_by", &message.requested_by),
            customer: form
                .optional_id("customer_id", &message.customer_id)
                .and_then(CustomerId::new),
        };
        form.finish()?;
        let token = Some(message.page_token).filter(|token| !token.is_empty());
        let page = self
            .approvals
            .list(&caller, agent, filter, page_size, token.as_deref())
            .await?;
        let ids = page.items.iter().map(|item| item.gesture).collect();
        let gestures = self.gestures.batch_get(&caller, ids).await?;
        // Gestures never go away: there is one for each item, in the same order.
        let items = page.items.into_iter().zip(gestures);
        Ok(pb::ListApprovalsResponse {
            items: items
                .map(|(item, gesture)| pb::ApprovalItem {
                    gesture: Some(convert::gesture(gesture)),
                    authority: item.authority.to_string(),
                    answer_by: Some(convert::instant(item.answer_by)),
                    purpose: convert::purpose(item.purpose).into(),
                })
                .collect(),
            next_page_token: page.next.unwrap_or_default(),
        })
    }

    async fn get(
        &self,
        request: Request<pb::GetApprovalRequest>,
    ) -> Result<pb::GetApprovalResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let id = form.gesture_id("gesture_id", &message.gesture_id);
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let id = form.whole(id)?;
        let standings = self.approvals.standings(&caller, agent, id).await?;
        let gesture = self.gestures.get(&caller, id).await?;
        let similar = self.gestures.similar_to(&caller, &gesture).await?;
        let standings = standings
            .into_iter()
            .map(|standing| standing_message(standing, &gesture))
            .collect();
        Ok(pb::GetApprovalResponse {
            standings,
            gesture: Some(convert::gesture(gesture)),
            similar: similar.into_iter().map(convert::similar).collect(),
        })
    }

    /// A gesture as it is after something was written to it.
    async fn after(&self, caller: &Caller, id: GestureId) -> Result<Gesture, Problem> {
        let gesture = self.gestures.get(caller, id).await;
        gesture.map_err(Problem::after_writing)
    }
}

fn standing_message(standing: Standing, gesture: &Gesture) -> pb::Standing {
    let currency = gesture.terms.amount.currency();
    pb::Standing {
        authority: standing.authority.to_string(),
        decision: Some(convert::decision(standing.decision, currency, gesture.zone)),
        is_asked: standing.is_asked,
        result: match standing.result {
            YesResult::Approved => pb::AnswerResult::Approved,
            YesResult::FirstYes => pb::AnswerResult::FirstYes,
            YesResult::Refused => pb::AnswerResult::Refused,
        }
        .into(),
    }
}

fn purpose(form: &mut Form, number: i32) -> Option<Purpose> {
    match pb::ApprovalPurpose::try_from(number) {
        Ok(pb::ApprovalPurpose::Unspecified) => None,
        Ok(pb::ApprovalPurpose::Decision) => Some(Purpose::Decision),
        Ok(pb::ApprovalPurpose::Review) => Some(Purpose::Review),
        Err(_) => {
            form.wrong("purpose", Wrong::OutOfRange, "is no purpose of a question");
            None
        }
    }
}

/// One method of the service each: a use case, and its problems as statuses.
macro_rules! methods {
    ($($(#[$doc:meta])* $method:ident($request:ident) -> $response:ident = $call:ident;)+) => {
        #[tonic::async_trait]
        impl ApprovalService for ApprovalRpc {
            $(
                $(#[$doc])*
                async fn $method(
                    &self,
                    request: Request<pb::$request>,
                ) -> Result<Response<pb::$response>, Status> {
                    self.$call(request).await.map(Response::new).map_err(to_status)
                }
            )+
        }
    };
}

methods! {
    list_approvals(ListApprovalsRequest) -> ListApprovalsResponse = list;
    get_approval(GetApprovalRequest) -> GetApprovalResponse = get;
    approve_gesture(ApproveGestureRequest) -> ApproveGestureResponse = approve;
    decline_gesture(DeclineGestureRequest) -> DeclineGestureResponse = decline;
    return_gesture(ReturnGestureRequest) -> ReturnGestureResponse = give_back;
    reassign_approval(ReassignApprovalRequest) -> ReassignApprovalResponse = reassign;
    decide_gestures(DecideGesturesRequest) -> DecideGesturesResponse = decide;
    review_gesture(ReviewGestureRequest) -> ReviewGestureResponse = review;
    create_delegation(CreateDelegationRequest) -> CreateDelegationResponse = delegate;
    list_delegations(ListDelegationsRequest) -> ListDelegationsResponse = delegations;
    revoke_delegation(RevokeDelegationRequest) -> RevokeDelegationResponse = revoke;
    set_away(SetAwayRequest) -> SetAwayResponse = set_away;
}
