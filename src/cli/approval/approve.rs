//! `largesse approval approve`: a yes to what was seen, or several, each of which is answered by itself.

use std::collections::BTreeSet;

use anyhow::anyhow;
use clap::Args;
use prost_types::Timestamp;
use uuid::Uuid;

use super::answer::{repeat, replay};
use super::question;
use crate::cli::client::Client;
use crate::cli::failure::{Effect, Exit, Failure};
use crate::cli::gesture::{self, decision, show};
use crate::cli::output::{Looks, words};
use crate::cli::{amounts, times};
use crate::pb::answering::{self, Approve};
use crate::pb::{
    AnswerOutcome, AnswerResult, Answering, ApproveGestureRequest, ApproveGestureResponse,
    BatchGetGesturesRequest, DecideGesturesRequest, Gesture, Money,
};

/// A yes, or several.
#[derive(Debug, Clone, Args)]
pub(super) struct ApproveOptions {
    /// The gestures' ids, at most 100
    #[arg(value_name = "ID", required = true, num_args = 1..=100)]
    ids: Vec<Uuid>,

    /// The version that you have seen; unset: the one that it has now. Only with a single id
    #[arg(long, value_name = "ETAG")]
    etag: Option<String>,

    /// What it may cost, as in "45.00 EUR"; unset: as asked. Only with a single id
    #[arg(long, value_name = "AMOUNT", value_parser = amounts::amount)]
    amount: Option<Money>,

    /// By when the customer may count on it, as in gesture request; unset: as asked. Only with a single id
    #[arg(long, value_name = "WHEN", value_parser = times::promise)]
    promise_by: Option<Timestamp>,

    /// In whose authority; unset: your own where you were asked, else what is lent to you, else the duty pool's
    #[arg(long, value_name = "AGENT")]
    authority: Option<String>,
}

impl ApproveOptions {
    pub(super) async fn run(mut self, client: &Client) -> Result<Exit, Failure> {
        let mut known = BTreeSet::new();
        self.ids.retain(|id| known.insert(*id));
        if let [id] = self.ids.as_slice() {
            let id = *id;
            return self.approve(client, id).await;
        }
        if self.etag.is_some() || self.amount.is_some() || self.promise_by.is_some() {
            return Err(Failure::Usage(
                "--etag, --amount and --promise-by are for a single id".into(),
            ));
        }
        self.approve_all(client).await
    }

    async fn approve(self, client: &Client, id: Uuid) -> Result<Exit, Failure> {
        let seen = gesture::read(client, id).await?;
        let etag = self.etag.unwrap_or(seen.etag);
        let effect = repeat("approve", id, &etag, "");
        let request = ApproveGestureRequest {
            gesture_id: id.to_string(),
            etag,
            terms_digest: seen.terms_digest,
            authority: self.authority.unwrap_or_default(),
            amount: self.amount,
            promise_by: self.promise_by,
            agent_id: client.agent_id.clone(),
        };
        let answer = client.approvals().approve_gesture(request).await;
        let answer = answer
            .map_err(|status| effect.failed(&status))?
            .into_inner();
        client
            .printer
            .answer(&answer, |looks| yes(looks, &answer))?;
        Ok(match answer.result() {
            AnswerResult::Refused => gesture::exit(answer.decision.as_ref()),
            _ => Exit::Done,
        })
    }

    async fn approve_all(self, client: &Client) -> Result<Exit, Failure> {
        let request = BatchGetGesturesRequest {
            gesture_ids: self.ids.iter().map(Uuid::to_string).collect(),
        };
        let seen = client.gestures().batch_get_gestures(request).await;
        let seen = seen
            .map_err(|status| Effect::Reads.failed(&status))?
            .into_inner();
        if !seen.missing_ids.is_empty() {
            let missing = seen.missing_ids.join(", ");
            return Err(anyhow!("there is no gesture {missing}; nothing was sent").into());
        }
        let authority = self.authority.unwrap_or_default();
        let answers = seen.gestures.iter().map(|gesture| Answering {
            gesture_id: gesture.id.clone(),
            etag: gesture.etag.clone(),
            authority: authority.clone(),
            answer: Some(answering::Answer::Approve(Approve {
                terms_digest: gesture.terms_digest.clone(),
                amount: None,
                promise_by: None,
            })),
        });
        let request = DecideGesturesRequest {
            answers: answers.collect(),
            agent_id: client.agent_id.clone(),
        };
        let effect =
            Effect::writes("largesse approval list; what is not there any more was answered");
        let answer = client.approvals().decide_gestures(request).await;
        let answer = answer
            .map_err(|status| effect.failed(&status))?
            .into_inner();
        client.printer.answer(&answer, |looks| {
            outcomes(looks, &seen.gestures, &answer.outcomes)
        })?;
        Ok(worst(&answer.outcomes))
    }
}

/// What a yes came to.
fn yes(looks: &Looks, answer: &ApproveGestureResponse) -> String {
    let gesture = answer.gesture.clone().unwrap_or_default();
    let (word, paint) = words::answer_result(answer.result);
    let mut text = format!(
        "{}   {}\n",
        looks.painted(&word, paint),
        show::what(&gesture)
    );
    match answer.result() {
        AnswerResult::FirstYes => {
            text += "It holds nothing until another person says yes to the same amount.\n";
        }
        AnswerResult::Refused => {
            let decision = answer.decision.clone().unwrap_or_default();
            text += &decision::obstacles(looks, &decision);
            text += "\nNothing has changed, and the question stays open.\n";
        }
        _ => {}
    }
    text += &question::of_gesture(looks, &gesture);
    text + replay(answer.replayed)
}

/// One line per answer. What was refused has no gesture of its own, so that it is shown as it was read.
fn outcomes(looks: &Looks, seen: &[Gesture], outcomes: &[AnswerOutcome]) -> String {
    let rows = outcomes.iter().map(|outcome| {
        let gesture = outcome
            .gesture
            .as_ref()
            .or_else(|| seen.iter().find(|seen| seen.id == outcome.gesture_id));
        let reasons = outcome.decision.iter().flat_map(|it| &it.reasons);
        let why: Vec<String> = match &outcome.refusal {
            Some(refusal) => vec![format!("{} ({})", refusal.message, refusal.reason)],
            None => reasons.map(|reason| reason.text.clone()).collect(),
        };
        vec![
            match &outcome.refusal {
                Some(_) => "NOT ANSWERED".to_owned(),
                None => words::answer_result(outcome.result).0,
            },
            gesture.map(show::what).unwrap_or_default(),
            why.join("; "),
            outcome.gesture_id.clone(),
        ]
    });
    looks.table(&["answer", "what", "why", "id"], rows)
}

/// The exit code of several answers: whether each was given, then whether each fitted.
fn worst(outcomes: &[AnswerOutcome]) -> Exit {
    if outcomes.iter().any(|outcome| outcome.refusal.is_some()) {
        return Exit::Unanswered;
    }
    let refused = outcomes
        .iter()
        .find(|outcome| outcome.result() == AnswerResult::Refused);
    refused.map_or(Exit::Done, |outcome| {
        gesture::exit(outcome.decision.as_ref())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::approval::samples;
    use crate::cli::output::without_rules;
    use crate::pb::{Decision, DecisionOutcome, GestureState, Reason, Refusal};

    fn refused(outcome: DecisionOutcome) -> Decision {
        Decision {
            outcome: outcome.into(),
            reasons: vec![Reason {
                code: "LIMIT_EXCEEDED".into(),
                text: "agent-month: 70.00 EUR asked, 18.20 EUR left of 1000.00 EUR".into(),
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    fn outcome(result: AnswerResult) -> AnswerOutcome {
        AnswerOutcome {
            gesture_id: samples::pending().id,
            gesture: Some(samples::pending()),
            result: result.into(),
            ..Default::default()
        }
    }

    fn several() -> Vec<AnswerOutcome> {
        vec![
            outcome(AnswerResult::Approved),
            AnswerOutcome {
                decision: Some(refused(DecisionOutcome::NeedsApproval)),
                ..outcome(AnswerResult::Refused)
            },
            AnswerOutcome {
                gesture: None,
                refusal: Some(Refusal {
                    code: 10,
                    reason: "STALE_VIEW".into(),
                    message: "mg-301 was faster".into(),
                    ..Default::default()
                }),
                ..outcome(AnswerResult::Unspecified)
            },
        ]
    }

    #[test]
    fn several_answers_have_a_line_each() {
        let text = outcomes(&samples::looks(None), &[samples::pending()], &several());
        let expected = "\
answer        what                                why                                                          id
─
APPROVED      gift-basket, 70.00 EUR, for c-8841                                                               0199a3c0-0000-7000-8000-000000000001
REFUSED       gift-basket, 70.00 EUR, for c-8841  agent-month: 70.00 EUR asked, 18.20 EUR left of 1000.00 EUR  0199a3c0-0000-7000-8000-000000000001
NOT ANSWERED  gift-basket, 70.00 EUR, for c-8841  mg-301 was faster (STALE_VIEW)                               0199a3c0-0000-7000-8000-000000000001";
        assert_eq!(without_rules(&text), expected);
    }

    #[test]
    fn the_exit_code_is_that_of_the_worst() {
        let several = several();
        assert_eq!(worst(&several), Exit::Unanswered);
        assert_eq!(worst(&several[..2]), Exit::NeedsApproval);
        assert_eq!(worst(&several[..1]), Exit::Done);
    }

    #[test]
    fn a_yes_that_does_not_fit_leaves_the_question_open() {
        let answer = ApproveGestureResponse {
            gesture: Some(samples::pending()),
            result: AnswerResult::Refused.into(),
            decision: Some(refused(DecisionOutcome::NeedsApproval)),
            replayed: false,
        };
        let text = yes(&samples::looks(None), &answer);
        assert!(
            text.starts_with("REFUSED   gift-basket, 70.00 EUR, for c-8841\n\nin the way "),
            "{text}"
        );
        assert!(
            text.contains("Nothing has changed, and the question stays open.\n\nasked "),
            "{text}"
        );
    }

    #[test]
    fn a_yes_is_short() {
        let mut gesture = samples::pending();
        gesture.state = GestureState::Approved.into();
        gesture.approval = None;
        let answer = ApproveGestureResponse {
            gesture: Some(gesture),
            result: AnswerResult::Approved.into(),
            decision: None,
            replayed: true,
        };
        let text = yes(&samples::looks(None), &answer);
        let expected = "APPROVED   gift-basket, 70.00 EUR, for c-8841\n\n\
                        This very answer had been given before; nothing was done twice.\n";
        assert_eq!(text, expected);
    }
}
