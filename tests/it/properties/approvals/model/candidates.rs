//! Who could say yes: everybody above the requester, nearest first, then the duty pool.

use std::collections::{BTreeSet, HashMap};

use super::{Gesture, Model};

/// Somebody who might be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub agent: String,
    pub how: &'static str,
    pub person: String,
    pub is_human: bool,
    pub is_active: bool,
    pub is_requester: bool,
    pub is_able: bool,
    pub fits_now: bool,
    pub is_reachable: bool,
    /// All who may answer this for them now.
    pub delegates: BTreeSet<String>,
    pub needs_two: bool,
    pub typical_wait_s: Option<i64>,
}

impl Model {
    pub fn candidates(&self, gesture: &Gesture) -> Vec<Candidate> {
        let line = self.above(&gesture.terms().agent).into_iter();
        let is_pool = |agent: &str| self.member(agent).unwrap().agent.type_ == "POOL";
        let mut candidates: Vec<Candidate> = line
            .filter(|agent| !is_pool(agent))
            .map(|agent| self.candidate(gesture, &agent, "LINE"))
            .collect();
        candidates.extend(
            self.pool()
                .map(|pool| self.candidate(gesture, pool, "POOL")),
        );
        candidates
    }

    pub(super) fn candidate(&self, gesture: &Gesture, agent: &str, how: &'static str) -> Candidate {
        let terms = gesture.terms();
        let needs_two = self.needs_two(terms, terms.amount);
        let is_requester = self.is_same_person(agent, &terms.agent);
        let is_able = self.could_ever(gesture, agent, how);
        let asked = self.asked_by(gesture, agent, terms.amount);
        let now = self.judge(&self.rules.counters, &asked);
        let delegates: BTreeSet<String> = self
            .rules
            .members
            .keys()
            .filter(|delegate| self.may_answer_for(gesture, agent, delegate))
            .cloned()
            .collect();
        Candidate {
            agent: agent.to_owned(),
            how,
            person: self.person(agent).unwrap(),
            is_human: self.is_human(agent),
            is_active: self.is_active(agent),
            is_requester,
            is_able,
            fits_now: is_able && now.reasons.is_empty(),
            is_reachable: how == "POOL" || !self.is_away(agent) || !delegates.is_empty(),
            delegates,
            needs_two,
            typical_wait_s: self.waits.get(agent).and_then(|waits| typical(waits)),
        }
    }

    /// Could say yes, if nothing had been used.
    fn could_ever(&self, gesture: &Gesture, agent: &str, how: &str) -> bool {
        let terms = gesture.terms();
        let is_stranger = |agent: &str| {
            self.is_active(agent)
                && !self.is_same_person(agent, &terms.agent)
                && !self.owns(agent, &terms.customer)
        };
        let asked = self.asked_by(gesture, agent, terms.amount);
        let unused = self.judge(&HashMap::new(), &asked);
        is_stranger(agent)
            && !self.owns(&terms.agent, &terms.customer)
            && unused.reasons.is_empty()
            && (self.is_human(agent) || !self.needs_two(terms, terms.amount))
            && (how != "POOL" || self.pool_members().iter().any(|member| is_stranger(member)))
    }

    /// Whether what an authority was asked is shown to this agent: one's own while no delegate may answer it, what is lent
    /// as far as it is lent, the pool's to each member, and nothing to the requester.
    pub fn falls_to(&self, gesture: &Gesture, authority: &str, agent: &str) -> bool {
        let terms = gesture.terms();
        let is_requesters = |agent: &str| self.is_same_person(agent, &terms.agent);
        if is_requesters(agent) || is_requesters(authority) {
            return false;
        }
        if agent == authority {
            let mut others = self.rules.members.keys();
            return !others.any(|delegate| self.may_answer_for(gesture, agent, delegate));
        }
        self.authorities(agent, Some(&terms.kind))
            .iter()
            .any(|(how, of)| {
                let lack = || self.lack(of, agent, &terms.kind, terms.amount, &terms.currency);
                of == authority && (*how == super::How::Pool || lack().is_none())
            })
    }

    /// Whether a delegate's yes for this agent would count now.
    fn may_answer_for(&self, gesture: &Gesture, agent: &str, delegate: &str) -> bool {
        let terms = gesture.terms();
        self.is_active(delegate)
            && !self.is_away(delegate)
            && !self.is_same_person(delegate, &terms.agent)
            && !self.owns(delegate, &terms.customer)
            && self
                .lack(agent, delegate, &terms.kind, terms.amount, &terms.currency)
                .is_none()
    }
}

/// The middle one, of at least three.
fn typical(waits: &[i64]) -> Option<i64> {
    let mut sorted = waits.to_vec();
    sorted.sort_unstable();
    (sorted.len() >= 3).then(|| sorted[sorted.len().div_ceil(2) - 1])
}
