//! Asking for a gesture, asking for another instead, and withdrawing; and what the roster's changes do to open questions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::super::model::document::Document;
use super::super::super::model::{Key, Told as Answered};
use super::{Gesture, Model, Told};
use crate::support::kernel::{Asked, Cancelled};

impl Model {
    pub fn admit(&mut self, asked: &Asked) -> Answered {
        let (told, charged) = self.rules.decide_on(&self.rules.counters, self.now, asked);
        if told.outcome == "INVALID" {
            return told;
        }
        let mut gesture = Gesture {
            asked: vec![asked.clone()],
            budget: String::new(),
            amount: asked.amount,
            promise_by: asked.promise_by,
            state: "DECLINED",
            etag: 1,
            is_glass: asked.is_glass,
            decided: None,
            hold: Vec::new(),
            events: Vec::new(),
            question: None,
            asks: BTreeMap::new(),
            due: None,
        };
        self.answer(&mut gesture, &told.outcome, charged, None);
        self.gestures.insert(asked.id, gesture);
        told
    }

    /// The answer to the terms in force, in the requester's own authority.
    fn answer(
        &mut self,
        gesture: &mut Gesture,
        outcome: &str,
        charged: Vec<(Key, i64)>,
        event: Option<&'static str>,
    ) {
        let terms = gesture.terms().clone();
        let own_budget = || self.member(&terms.agent).unwrap().agent.budget.clone();
        gesture.budget = terms.budget.clone().unwrap_or_else(own_budget);
        gesture.amount = terms.amount;
        gesture.promise_by = terms.promise_by;
        gesture.is_glass = terms.is_glass;
        gesture.state = match outcome {
            "APPROVED" => "APPROVED",
            "NEEDS_APPROVAL" => "PENDING_APPROVAL",
            _ => "DECLINED",
        };
        let is_given = outcome == "APPROVED";
        if is_given {
            for (key, more) in &charged {
                let counter = self.rules.counters.entry(key.clone()).or_default();
                counter.0 += more;
                counter.1 += 1;
            }
            gesture.hold = charged;
            gesture.decided = Some((terms.agent.clone(), terms.agent.clone()));
        }
        let authority = is_given.then_some(terms.agent.as_str());
        gesture.happen(event.unwrap_or(gesture.state), &terms.agent, authority);
        match gesture.state {
            "PENDING_APPROVAL" => gesture.open(self.now, "DECISION"),
            "APPROVED" if terms.is_glass => gesture.open(self.now, "REVIEW"),
            _ => (),
        }
    }

    /// Other terms for what waits or was returned: admission runs again from the start.
    pub fn revise(&mut self, id: Uuid, etag: i32, seq: i32, asked: &Asked) -> Told {
        let Some(mut gesture) = self.gestures.get(&id).cloned() else {
            return Told::refused("UNKNOWN");
        };
        if let Some(next) = gesture.next_change(etag)
            && (next.what, &next.actor, &next.terms) == ("REVISED", &asked.agent, asked)
        {
            // the answer as it was given, to what is as it is now
            let mark = Some((next.state.to_owned(), gesture.etag, next.actor.clone()));
            let again = Told::taken("REVISED", None, &gesture).replayed();
            return Told { mark, ..again };
        }
        if gesture.terms().agent != asked.agent {
            return Told::refused("FORBIDDEN");
        }
        let no = |word: &str| Told::taken(word, None, &gesture);
        if gesture.etag != etag {
            return no("STALE");
        }
        if !["PENDING_APPROVAL", "RETURNED"].contains(&gesture.state) {
            return no("NOT_ALLOWED");
        }
        if gesture.terms().customer != asked.customer {
            return no("OTHER_CUSTOMER");
        }
        if seq != gesture.seq() + 1 {
            let mut told = no("MOVED");
            told.mark.as_mut().unwrap().1 = gesture.seq() + 1;
            return told;
        }
        let (told, charged) = self.rules.decide_on(&self.rules.counters, self.now, asked);
        if told.outcome == "INVALID" {
            return no("INVALID").because(told.reasons);
        }
        gesture.close("DECISION");
        gesture.due = None;
        gesture.asked.push(asked.clone());
        self.answer(&mut gesture, &told.outcome, charged, Some("REVISED"));
        let answered = Told::taken("REVISED", None, &gesture).because(told.reasons);
        self.gestures.insert(id, gesture);
        answered
    }

    /// None: it is done. Only the requester may, and whoever stands above.
    pub fn cancel(
        &mut self,
        cancelled: &Cancelled,
    ) -> Option<(String, Option<String>, Option<i32>)> {
        let Some(gesture) = self.gestures.get(&cancelled.id) else {
            return Some(("UNKNOWN".into(), None, None));
        };
        let requester = &gesture.terms().agent;
        let may = self.is_active(&cancelled.actor)
            && (*requester == cancelled.actor || self.above(requester).contains(&cancelled.actor));
        let is_same = gesture
            .next_change(cancelled.etag)
            .is_some_and(|next| next.what == "CANCELLED" && next.actor == cancelled.actor);
        let refusal = if is_same {
            "REPLAY"
        } else if !may {
            "FORBIDDEN"
        } else if gesture.etag != cancelled.etag {
            "STALE"
        } else if !["APPROVED", "PENDING_APPROVAL", "RETURNED"].contains(&gesture.state) {
            "NOT_ALLOWED"
        } else {
            let gesture = self.gestures.get_mut(&cancelled.id).unwrap();
            for (key, less) in &gesture.hold {
                let counter = self.rules.counters.get_mut(key).unwrap();
                counter.0 -= less;
                counter.1 -= 1;
            }
            gesture.state = "CANCELLED";
            gesture.close("DECISION");
            if !gesture.is_asked() {
                gesture.due = None;
            }
            gesture.happen("CANCELLED", &cancelled.actor, None);
            return None;
        };
        Some((
            refusal.into(),
            Some(gesture.state.into()),
            Some(gesture.etag),
        ))
    }

    /// None: whoever left the roster is not brought back like this.
    pub fn suspend(&mut self, agent: &str, is_suspended: bool) -> Option<bool> {
        let changed = self.rules.suspend(agent, is_suspended)?;
        if changed && is_suspended {
            self.hasten(agent, self.now);
        }
        Some(changed)
    }

    pub fn apply(&mut self, document: &Document) {
        let were_active: Vec<String> = self
            .rules
            .members
            .keys()
            .filter(|agent| self.is_active(agent))
            .cloned()
            .collect();
        self.rules.apply(document);
        for agent in were_active {
            if !self.is_active(&agent) {
                self.hasten(&agent, self.now);
            }
        }
    }

    /// What they were asked goes on to the next person at this instant at the latest.
    pub(super) fn hasten(&mut self, agent: &str, at: DateTime<Utc>) {
        for gesture in self.gestures.values_mut() {
            if gesture.asks.get(agent).is_some_and(|ask| ask.is_open) {
                gesture.due = Some(gesture.due.map_or(at, |due| due.min(at)));
            }
        }
    }
}
