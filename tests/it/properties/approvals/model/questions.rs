//! Asking, and what silence means.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::super::super::model::document::Rule;
use super::{Ask, Gesture, How, Model};

/// A step of a question as somebody proposes it.
#[derive(Debug, Clone)]
pub struct Step {
    pub id: Uuid,
    pub step: i32,
    pub agents: Vec<(String, &'static str)>,
    pub answer_by: DateTime<Utc>,
    pub due_at: Option<DateTime<Utc>>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl Model {
    /// ASKED; STALE; or UNFIT where somebody cannot be asked, or not for so short a time.
    pub fn ask(&mut self, step: &Step) -> &'static str {
        let now = self.now;
        let Some(gesture) = self.gestures.get(&step.id) else {
            return "STALE";
        };
        let Some(open) = gesture
            .question
            .as_ref()
            .filter(|open| open.is_open && open.step == step.step)
        else {
            return "STALE";
        };
        if step.step > 0 && gesture.due.is_none_or(|due| due > now) {
            return "STALE";
        }
        let can_be_asked = |(agent, how): &(String, &str)| {
            let requester = &gesture.terms().agent;
            self.is_active(agent)
                && !self.is_same_person(agent, requester)
                && match *how {
                    "LINE" => {
                        self.member(agent).unwrap().agent.type_ != "POOL"
                            && self.above(requester).contains(agent)
                    }
                    _ => self.pool() == Some(agent),
                }
        };
        let rule = self.rule(gesture.terms());
        let at_least = open.opened_at + TimeDelta::seconds(rule.expire_after_s);
        let is_too_short = open.purpose == "DECISION"
            && open.expires_at.is_none()
            && step.expires_at.is_none_or(|end| end < at_least);
        // a question that nobody answers ends
        let end = open.expires_at.or(step.expires_at);
        let goes_on = open.purpose == "REVIEW"
            || step
                .due_at
                .is_some_and(|due| end.is_some_and(|end| due <= end));
        if !step.agents.iter().all(can_be_asked) || is_too_short || !goes_on {
            return "UNFIT";
        }
        let gesture = self.gestures.get_mut(&step.id).unwrap();
        // who is asked already is not asked again
        let is_asked = |agent: &String| gesture.asks.get(agent).is_some_and(|ask| ask.is_open);
        let mut fresh = step.agents.clone();
        fresh.retain(|(agent, _)| !is_asked(agent));
        for (agent, how) in &fresh {
            gesture.ask(now, agent, how, step.answer_by);
        }
        let open = gesture.question.as_mut().unwrap();
        open.step += 1;
        open.expires_at = open.expires_at.or(step.expires_at);
        gesture.due = step.due_at;
        if !fresh.is_empty() {
            gesture.happen("ASKED", "largesse", None);
        }
        "ASKED"
    }

    /// Nobody could ever say yes: the answer is no, before anybody was asked.
    pub fn decline_unanswerable(&mut self, id: Uuid, step: i32) -> &'static str {
        let Some(gesture) = self.gestures.get(&id) else {
            return "STALE";
        };
        let open = gesture.question.as_ref().map(|open| open.step);
        if !gesture.is_open("DECISION") || step != 0 || open != Some(0) {
            return "STALE";
        }
        let candidates = self.candidates(gesture);
        let people: std::collections::BTreeSet<String> = candidates
            .into_iter()
            .filter(|one| one.is_able)
            .map(|one| one.person)
            .collect();
        let terms = gesture.terms();
        if people.len()
            >= if self.needs_two(terms, terms.amount) {
                2
            } else {
                1
            }
        {
            return "ABLE";
        }
        let gesture = self.gestures.get_mut(&id).unwrap();
        gesture.close("DECISION");
        gesture.state = "DECLINED";
        gesture.happen("DECLINED", "largesse", None);
        "DECLINED"
    }

    /// Nobody answered in time: the pool gives it where silence grants and it may, else it is over.
    pub fn lapse(&mut self, id: Uuid, step: i32) -> &'static str {
        let now = self.now;
        let Some(gesture) = self.gestures.get(&id) else {
            return "STALE";
        };
        let Some(question) = gesture.question.as_ref().filter(|last| last.step == step) else {
            return "STALE";
        };
        let is_over = match gesture.state {
            "PENDING_APPROVAL" => question.expires_at.is_some_and(|end| end <= now),
            "RETURNED" => gesture.due.is_some_and(|due| due <= now),
            _ => false,
        };
        if !is_over {
            return "STALE";
        }
        let granted = self.grant_on_silence(&gesture.clone());
        let gesture = self.gestures.get_mut(&id).unwrap();
        if let Some((pool, charged)) = granted {
            let (amount, promise_by) = (gesture.amount, gesture.promise_by);
            self.give(id, &pool, &pool, amount, promise_by, charged);
            return "APPROVED";
        }
        gesture.close("DECISION");
        gesture.due = None;
        gesture.state = "EXPIRED";
        gesture.happen("EXPIRED", "largesse", None);
        "EXPIRED"
    }

    /// The pool, and what it would charge.
    fn grant_on_silence(
        &self,
        gesture: &Gesture,
    ) -> Option<(String, Vec<(super::super::super::model::Key, i64)>)> {
        let Rule { on_silence, .. } = self.rule(gesture.terms());
        let pool = self.pool()?.to_owned();
        let (terms, amount) = (gesture.terms(), gesture.amount);
        if gesture.state != "PENDING_APPROVAL"
            || on_silence != "GRANT"
            || self.needs_two(terms, amount)
            || !self.is_active(&pool)
        {
            return None;
        }
        let judged = self.judge_yes(gesture, &pool, (How::Own, &pool), amount, None);
        judged.reasons.is_empty().then_some((pool, judged.charged))
    }
}

impl Gesture {
    /// One more is asked; who is asked already stays so.
    pub(super) fn ask(
        &mut self,
        now: DateTime<Utc>,
        agent: &str,
        how: &'static str,
        answer_by: DateTime<Utc>,
    ) {
        self.question
            .as_mut()
            .unwrap()
            .asked
            .insert(agent.to_owned());
        if self.asks.get(agent).is_none_or(|ask| !ask.is_open) {
            let ask = Ask {
                how,
                asked_at: now,
                answer_by,
                is_open: true,
            };
            self.asks.insert(agent.to_owned(), ask);
        }
    }
}
