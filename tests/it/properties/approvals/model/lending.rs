//! Lending authority, taking it back, and being away.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Model;

/// Authority that was lent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    pub delegator: String,
    pub delegate: String,
    pub from: DateTime<Utc>,
    /// Not part of it; where it was taken back, then.
    pub until: DateTime<Utc>,
    pub kinds: Option<Vec<String>>,
    /// At most so much per gesture.
    pub lent: Option<(i64, String)>,
    pub is_revoked: bool,
}

/// What is said of a wish to lend: the outcome, who stands in the way, and how much could be lent.
pub type Lent = (String, Option<String>, Option<i64>);

impl Delegation {
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        (self.from..self.until).contains(&now)
    }

    pub fn is_for(&self, kind: &str) -> bool {
        self.kinds
            .as_ref()
            .is_none_or(|kinds| kinds.iter().any(|name| name == kind))
    }

    fn meets(&self, other: &Self) -> bool {
        self.from < other.until && other.from < self.until
    }
}

impl Model {
    /// `is_from_now`: no beginning was named.
    pub fn delegate(&mut self, id: Uuid, wish: &Delegation, is_from_now: bool) -> Lent {
        let say = |outcome: &str| (outcome.to_owned(), None, None);
        if let Some(kept) = self.delegations.get(&id) {
            let is_same = (&kept.delegator, &kept.delegate, &kept.kinds, &kept.lent)
                == (&wish.delegator, &wish.delegate, &wish.kinds, &wish.lent)
                && (kept.until == wish.until || kept.is_revoked)
                && (kept.from == wish.from || is_from_now);
            return say(if is_same { "REPLAY" } else { "ID_TAKEN" });
        }
        if let Err(refusal) = self.may_lend(wish) {
            return refusal;
        }
        self.delegations.insert(id, wish.clone());
        say("MADE")
    }

    fn may_lend(&self, wish: &Delegation) -> Result<(), Lent> {
        let (from, to) = (wish.delegator.as_str(), wish.delegate.as_str());
        let no = |outcome: &str| Err((outcome.to_owned(), None, None));
        let because_of =
            |outcome: &str, who: &str| Err((outcome.to_owned(), Some(who.to_owned()), None));
        for agent in [from, to] {
            if self.member(agent).is_none() {
                return because_of("AGENT_UNKNOWN", agent);
            }
        }
        for agent in [from, to] {
            if !self.is_active(agent) {
                return because_of("AGENT_SUSPENDED", agent);
            }
        }
        if from == to {
            return no("ONESELF");
        }
        if self.is_same_person(from, to) {
            return no("SAME_PERSON");
        }
        for agent in [from, to] {
            if !self.is_human(agent) {
                return because_of("NOT_HUMAN", agent);
            }
        }
        if wish.from < self.now || wish.until <= wish.from {
            return no("PAST");
        }
        // one level deep, by people: who lends is not lent to in the same time, and the other way round
        let at_the_time = || self.delegations.values().filter(|other| other.meets(wish));
        let is_lent_by = |other: &Delegation| self.is_same_person(&other.delegator, to);
        let is_lent_to = |other: &Delegation| self.is_same_person(&other.delegate, from);
        if at_the_time().any(|other| is_lent_by(other) && is_lent_to(other)) {
            return no("CIRCLE");
        }
        if at_the_time().any(|other| is_lent_by(other) || is_lent_to(other)) {
            return no("CHAIN");
        }
        self.may_lend_so_much(wish)
    }

    /// Nobody lends what they do not have.
    fn may_lend_so_much(&self, wish: &Delegation) -> Result<(), Lent> {
        let rules = &self.rules;
        let all: BTreeSet<&String> = rules
            .document
            .catalog
            .iter()
            .map(|item| &item.kind)
            .collect();
        let mut named: Vec<&String> = wish.kinds.iter().flatten().collect();
        named.sort();
        let authority = |kind: &str| rules.authority(&wish.delegator, kind);
        let refused = named.iter().find_map(|kind| match all.contains(kind) {
            false => Some(("KIND_UNKNOWN", (*kind).clone())),
            true => authority(kind)
                .is_empty()
                .then(|| ("NO_AUTHORITY", (*kind).clone())),
        });
        if let Some((outcome, kind)) = refused {
            return Err((outcome.into(), Some(kind), None));
        }
        if all.iter().all(|kind| authority(kind).is_empty()) {
            return Err(("NO_AUTHORITY".into(), None, None));
        }
        let Some((lent, currency)) = &wish.lent else {
            return Ok(());
        };
        // of a kind, no more than its least maximum; of several kinds, the most
        let at_most = all
            .into_iter()
            .filter(|kind| wish.is_for(kind))
            .filter_map(|kind| {
                let maxima = authority(kind).into_iter();
                maxima
                    .filter(|(of, _)| of == currency)
                    .map(|(_, maximum)| maximum)
                    .min()
            })
            .max();
        match at_most {
            Some(at_most) if *lent > at_most => Err(("TOO_MUCH".into(), None, Some(at_most))),
            _ => Ok(()),
        }
    }

    pub fn revoke(&mut self, id: Uuid) -> &'static str {
        let now = self.now;
        let Some(lent) = self.delegations.get_mut(&id) else {
            return "UNKNOWN";
        };
        if lent.until <= now {
            return "ENDED";
        }
        lent.until = now;
        lent.is_revoked = true;
        let delegator = lent.delegator.clone();
        if self.is_away(&delegator) {
            self.hasten(&delegator, now);
        }
        "REVOKED"
    }

    /// Away for a time (from none: from now on); until none: back.
    pub fn set_away(
        &mut self,
        agent: &str,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> &'static str {
        let begins = from.unwrap_or(self.now);
        if self.member(agent).is_none_or(|member| !member.is_listed) {
            return "AGENT_UNKNOWN";
        }
        let kept = self.absences.get(agent);
        let Some(until) = until else {
            return match self.absences.remove(agent) {
                Some(_) => "CLEARED",
                None => "UNCHANGED",
            };
        };
        if until <= self.now.max(begins) {
            return "PAST";
        }
        if kept.is_some_and(|kept| kept.1 == until && from.is_none_or(|from| from == kept.0)) {
            return "UNCHANGED";
        }
        self.absences.insert(agent.to_owned(), (begins, until));
        let has_delegate = self
            .delegations
            .values()
            .any(|lent| lent.delegator == agent && lent.is_in_force(begins));
        if !has_delegate {
            self.hasten(agent, self.now.max(begins));
        }
        "SET"
    }
}
