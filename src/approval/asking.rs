//! Taking a question one step further: the facts of one instant, the pure route, one statement that writes.

use super::Approvals;
use super::routing::{Candidate, Next, next_decider, next_reviewer};
use super::store::{self, Facts, Question, QuestionPurpose, Ruling};
use super::told::Open;
use crate::admission::{Approver, Step, StepAnswer};
use crate::ids::{GestureId, TenantId};
use crate::problem::Problem;
use crate::telemetry::metrics::metrics;
use crate::telemetry::traces;

/// How often the facts are read again because they changed before the step was taken.
const TRIES_MAX: u32 = 5;

/// What came of one attempt.
enum Attempt {
    /// The step was taken, by us or by somebody else; or nothing is open, or due. And who could say yes, where that was read.
    Done(Option<Vec<Approver>>),
    /// The facts are no longer those that were read.
    Again,
}

impl Approvals {
    /// Takes a gesture's question one step further, where one is open and its next step is due: more people are asked, or it is
    /// declined because nobody could ever say yes, or it lapses. Any number of callers may do so at once.
    /// Answers who could say yes, in the order in which they would be asked; none: it was not looked at.
    ///
    /// # Errors
    /// Those of the database; [`Problem::Overloaded`] where its turn in the tenant's lane did not come in time.
    pub async fn route(
        &self,
        tenant: TenantId,
        id: GestureId,
    ) -> Result<Option<Vec<Approver>>, Problem> {
        for _ in 0..TRIES_MAX {
            if let Attempt::Done(approvers) = self.attempt(tenant, id).await? {
                return Ok(approvers);
            }
        }
        // Its timer comes round again.
        Err(Problem::Overloaded)
    }

    async fn attempt(&self, tenant: TenantId, id: GestureId) -> Result<Attempt, Problem> {
        let mut reading = self.database.read(tenant).await?;
        let Some(question) = store::question(&mut reading, tenant, id).await? else {
            return Ok(Attempt::Done(None));
        };
        if !question.is_due {
            return Ok(Attempt::Done(None));
        }
        let ruling = store::ruling(&mut reading, tenant, &question.terms).await?;
        if question.is_over(&ruling) {
            drop(reading);
            let word = store::lapse(&self.database, tenant, id, question.step).await?;
            if matches!(word.as_str(), "APPROVED" | "EXPIRED") {
                metrics().transition(&word, "timer");
                question.ended(&ruling, &word);
            }
            return Ok(Attempt::Done(None));
        }
        let facts = store::candidates(&mut reading, tenant, &question.terms).await?;
        // Whoever writes waits for locks, and holds no connection for reading meanwhile.
        drop(reading);
        let step = match question.next(&facts) {
            Next::Ask {
                these,
                is_somebody_left,
            } => question.step_to(id, &ruling, these, is_somebody_left),
            Next::Wait => question.step_to(id, &ruling, Vec::new(), false),
            Next::Nobody => {
                let word = store::decline_unanswerable(&self.database, tenant, id).await?;
                if word == "DECLINED" {
                    metrics().transition(&word, "timer");
                }
                question.ended(&ruling, &word);
                return Ok(match word.as_str() {
                    "ABLE" => Attempt::Again,
                    _ => Attempt::Done(None),
                });
            }
        };
        Ok(match self.lanes.step(tenant, step).await? {
            // Somebody left the roster, or its line changed, since the facts were read.
            StepAnswer::Unfit => Attempt::Again,
            StepAnswer::Taken | StepAnswer::Stale => Attempt::Done(Some(facts.approvers())),
        })
    }
}

impl Question {
    /// Whether time has run out: nobody answered, or revised, before the end.
    fn is_over(&self, ruling: &Ruling) -> bool {
        match self.purpose {
            QuestionPurpose::Decision => self.expires_at.is_some_and(|end| end <= ruling.now),
            QuestionPurpose::Returned => true,
            QuestionPurpose::Review => false,
        }
    }

    /// Tells that it has ended by itself, by the word with which Postgres says how. What was returned had been answered before.
    fn ended(&self, ruling: &Ruling, word: &str) {
        let decision = match word {
            "APPROVED" => "granted",
            "EXPIRED" => "expired",
            "DECLINED" => "unanswerable",
            _ => return,
        };
        if self.purpose == QuestionPurpose::Decision {
            let open = Open {
                step: self.step,
                waited_s: (ruling.now - self.opened_at).as_seconds_f64(),
            };
            open.ended(decision);
        }
    }

    fn next<'f>(&self, facts: &'f Facts) -> Next<'f> {
        match self.purpose {
            QuestionPurpose::Review => next_reviewer(&facts.candidates, &self.asked),
            QuestionPurpose::Decision | QuestionPurpose::Returned => {
                next_decider(&facts.candidates, &self.asked, self.step, facts.needs_two)
            }
        }
    }

    fn step_to(
        &self,
        gesture: GestureId,
        ruling: &Ruling,
        these: Vec<&Candidate>,
        is_somebody_left: bool,
    ) -> Step {
        let deadlines = match self.purpose {
            QuestionPurpose::Review => ruling.rule.of_review(ruling.now, is_somebody_left),
            QuestionPurpose::Decision | QuestionPurpose::Returned => {
                ruling
                    .rule
                    .of_decision(ruling.now, self.expires_at, is_somebody_left)
            }
        };
        let asked = |candidate: &Candidate| (candidate.agent.clone(), candidate.how.word());
        Step {
            gesture,
            from: self.step,
            asked: these.into_iter().map(asked).collect(),
            answer_by: deadlines.answer_by,
            due_at: deadlines.due_at,
            expires_at: deadlines.expires_at,
            trace: traces::here(),
        }
    }
}
