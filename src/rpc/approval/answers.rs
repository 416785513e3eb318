//! The answers of approvers: one, or many at once.

use std::collections::HashSet;

use tonic::Request;

use super::ApprovalRpc;
use crate::admission::{Decision, Outcome};
use crate::approval::{Answered, Answering, CameTo, Saying, Seen, Verdict};
use crate::gesture::Gesture;
use crate::identity::Caller;
use crate::ids::{AgentId, GestureId};
use crate::pb;
use crate::pb::answering::{Answer, Approve};
use crate::problem::{Problem, Wrong};
use crate::rpc::form::Form;
use crate::rpc::status::to_refusal;
use crate::rpc::{caller, convert};

/// Most answers of one DecideGestures.
const ANSWERS_MAX: usize = 100;

/// An answer that is not a yes, and its gesture as it is now.
struct Said {
    gesture: pb::Gesture,
    replayed: bool,
}

impl ApprovalRpc {
    pub(super) async fn approve(
        &self,
        request: Request<pb::ApproveGestureRequest>,
    ) -> Result<pb::ApproveGestureResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let named = (&*message.gesture_id, &*message.etag, &*message.authority);
        let seen = form.seen("", named);
        let yes = Approve {
            terms_digest: message.terms_digest,
            amount: message.amount,
            promise_by: message.promise_by,
        };
        let saying = form.yes("", yes);
        let (seen, saying) = form.whole(seen.zip(saying))?;
        let id = seen.id;
        let answering = Answering { seen, saying };
        let answered = self.approvals.answer(&caller, agent, answering).await?;
        let gesture = self.after(&caller, id).await?;
        let (result, decision) = result(answered.came_to, &gesture);
        Ok(pb::ApproveGestureResponse {
            gesture: Some(convert::gesture(gesture)),
            result: result.into(),
            decision,
            replayed: answered.replayed,
        })
    }

    pub(super) async fn decline(
        &self,
        request: Request<pb::DeclineGestureRequest>,
    ) -> Result<pb::DeclineGestureResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let named = (&*message.gesture_id, &*message.etag, &*message.authority);
        let seen = form.seen("", named);
        let saying = Saying::Decline(form.note("reason", message.reason, true));
        let seen = form.whole(seen)?;
        let said = self.say(&caller, agent, seen, saying).await?;
        Ok(pb::DeclineGestureResponse {
            gesture: Some(said.gesture),
            replayed: said.replayed,
        })
    }

    pub(super) async fn give_back(
        &self,
        request: Request<pb::ReturnGestureRequest>,
    ) -> Result<pb::ReturnGestureResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let named = (&*message.gesture_id, &*message.etag, &*message.authority);
        let seen = form.seen("", named);
        let saying = Saying::Return(form.note("note", message.note, true));
        let seen = form.whole(seen)?;
        let said = self.say(&caller, agent, seen, saying).await?;
        Ok(pb::ReturnGestureResponse {
            gesture: Some(said.gesture),
            replayed: said.replayed,
        })
    }

    async fn say(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        seen: Seen,
        saying: Saying,
    ) -> Result<Said, Problem> {
        let id = seen.id;
        let answering = Answering { seen, saying };
        let answered = self.approvals.answer(caller, agent, answering).await?;
        Ok(Said {
            gesture: convert::gesture(self.after(caller, id).await?),
            replayed: answered.replayed,
        })
    }

    pub(super) async fn reassign(
        &self,
        request: Request<pb::ReassignApprovalRequest>,
    ) -> Result<pb::ReassignApprovalResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let named = (&*message.gesture_id, &*message.etag, &*message.authority);
        let seen = form.seen("", named);
        let to = form
            .id("to_agent_id", &message.to_agent_id)
            .and_then(AgentId::new);
        let (seen, to) = form.whole(seen.zip(to))?;
        let id = seen.id;
        let replayed = self.approvals.reassign(&caller, agent, seen, to).await?;
        Ok(pb::ReassignApprovalResponse {
            gesture: Some(convert::gesture(self.after(&caller, id).await?)),
            replayed,
        })
    }

    pub(super) async fn review(
        &self,
        request: Request<pb::ReviewGestureRequest>,
    ) -> Result<pb::ReviewGestureResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let named = (&*message.gesture_id, &*message.etag, &*message.authority);
        let seen = form.seen("", named);
        let verdict = form.verdict(message.verdict);
        let note = form.note("note", message.note, verdict == Some(Verdict::NotJustified));
        let (seen, verdict) = form.whole(seen.zip(verdict))?;
        let id = seen.id;
        let replayed = self
            .approvals
            .review(&caller, agent, seen, verdict, note)
            .await?;
        Ok(pb::ReviewGestureResponse {
            gesture: Some(convert::gesture(self.after(&caller, id).await?)),
            replayed,
        })
    }

    pub(super) async fn decide(
        &self,
        request: Request<pb::DecideGesturesRequest>,
    ) -> Result<pb::DecideGesturesResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let agent = form.optional_agent("agent_id", &message.agent_id);
        let answers = answerings(&mut form, message.answers);
        form.finish()?;
        let ids: Vec<GestureId> = answers.iter().map(|answer| answer.seen.id).collect();
        let answered = self.approvals.decide(&caller, agent, answers).await?;
        let gestures = self.gestures.batch_get(&caller, ids.clone()).await;
        let gestures = gestures.map_err(Problem::after_writing)?;
        let outcomes = ids.into_iter().zip(answered).map(|(id, answered)| {
            let gesture = gestures.iter().find(|gesture| gesture.id == id);
            outcome(id, answered, gesture)
        });
        Ok(pb::DecideGesturesResponse {
            outcomes: outcomes.collect(),
        })
    }
}

/// What an answer came to, and why it does not fit where it does not.
fn result(came_to: CameTo, gesture: &Gesture) -> (pb::AnswerResult, Option<pb::Decision>) {
    match came_to {
        CameTo::Approved => (pb::AnswerResult::Approved, None),
        CameTo::FirstYes => (pb::AnswerResult::FirstYes, None),
        CameTo::Declined => (pb::AnswerResult::Declined, None),
        CameTo::Returned => (pb::AnswerResult::Returned, None),
        CameTo::Refused {
            reasons,
            configuration_version,
        } => {
            let decision = Decision {
                outcome: Outcome::of_reasons(&reasons),
                decided_by: None,
                authority: None,
                decided_at: None,
                configuration_version,
                reasons,
                similar: Vec::new(),
                approvers: Vec::new(),
            };
            let currency = gesture.terms.amount.currency();
            let decision = convert::decision(decision, currency, gesture.zone);
            (pb::AnswerResult::Refused, Some(decision))
        }
    }
}

fn outcome(
    id: GestureId,
    answered: Result<Answered, Problem>,
    gesture: Option<&Gesture>,
) -> pb::AnswerOutcome {
    let gesture_id = id.to_string();
    let answered = answered.and_then(|answered| {
        let gesture = gesture.ok_or(Problem::GestureNotFound(id))?;
        Ok((answered, gesture))
    });
    match answered {
        Ok((answered, gesture)) => {
            let (result, decision) = result(answered.came_to, gesture);
            pb::AnswerOutcome {
                gesture_id,
                gesture: Some(convert::gesture(gesture.clone())),
                result: result.into(),
                decision,
                replayed: answered.replayed,
                refusal: None,
            }
        }
        Err(problem) => pb::AnswerOutcome {
            gesture_id,
            refusal: Some(to_refusal(problem)),
            ..Default::default()
        },
    }
}

/// Every answer, or every mistake in their form.
fn answerings(form: &mut Form, answers: Vec<pb::Answering>) -> Vec<Answering> {
    if !(1..=ANSWERS_MAX).contains(&answers.len()) {
        let wrong = if answers.is_empty() {
            Wrong::Required
        } else {
            Wrong::TooMany
        };
        form.wrong(
            "answers",
            wrong,
            format!("must be 1 to {ANSWERS_MAX} answers"),
        );
        return Vec::new();
    }
    let mut ids = HashSet::new();
    let mut read = Vec::new();
    for (number, message) in answers.into_iter().enumerate() {
        let prefix = format!("answers[{number}].");
        let named = (&*message.gesture_id, &*message.etag, &*message.authority);
        let seen = form.seen(&prefix, named);
        let saying = match message.answer {
            Some(Answer::Approve(approve)) => form.yes(&format!("{prefix}approve."), approve),
            Some(Answer::Decline(decline)) => {
                let field = format!("{prefix}decline.reason");
                Some(Saying::Decline(form.note(&field, decline.reason, true)))
            }
            Some(Answer::Return(back)) => {
                let field = format!("{prefix}return.note");
                Some(Saying::Return(form.note(&field, back.note, true)))
            }
            None => {
                let description = "is needed: approve, decline or return";
                form.wrong(format!("{prefix}answer"), Wrong::Required, description);
                None
            }
        };
        let Some((seen, saying)) = seen.zip(saying) else {
            continue;
        };
        if !ids.insert(seen.id) {
            form.wrong(
                format!("{prefix}gesture_id"),
                Wrong::Duplicate,
                "is answered before in the same call; name each gesture once",
            );
        }
        read.push(Answering { seen, saying });
    }
    read
}
