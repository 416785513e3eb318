//! Who is who: accounts and the people behind them, who stands above whom, who is away, and in whose authority somebody may
//! answer.

use std::collections::BTreeSet;

use super::super::super::model::Member;
use super::super::super::model::document::{Routing, Rule};
use super::Model;
use crate::support::kernel::Asked;

/// In which way an authority is somebody's to answer in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    Own,
    Delegate,
    Pool,
}

impl Model {
    pub(super) fn member(&self, agent: &str) -> Option<&Member> {
        self.rules.members.get(agent)
    }

    pub(super) fn is_active(&self, agent: &str) -> bool {
        self.member(agent).is_some_and(Member::is_active)
    }

    pub(super) fn is_human(&self, agent: &str) -> bool {
        self.member(agent)
            .is_some_and(|member| member.agent.type_ == "HUMAN")
    }

    /// The human behind an account.
    pub(super) fn person(&self, agent: &str) -> Option<String> {
        Some(self.member(agent)?.agent.person().to_owned())
    }

    /// Whether two accounts are one human's.
    pub(super) fn is_same_person(&self, one: &str, other: &str) -> bool {
        self.person(one).is_some() && self.person(one) == self.person(other)
    }

    /// Whether a customer is an account of whoever is behind this agent.
    pub(super) fn owns(&self, agent: &str, customer: &str) -> bool {
        self.rules.members.values().any(|member| {
            self.is_same_person(&member.agent.id, agent)
                && member.agent.own_customers.iter().any(|own| own == customer)
        })
    }

    /// Everybody above an agent, nearest first.
    pub fn above(&self, agent: &str) -> Vec<String> {
        let mut line = Vec::new();
        let mut next = self
            .member(agent)
            .and_then(|member| member.agent.manager.clone());
        while let Some(manager) = next.filter(|_| line.len() < 64) {
            next = self
                .member(&manager)
                .and_then(|member| member.agent.manager.clone());
            line.push(manager);
        }
        line
    }

    pub(super) fn is_away(&self, agent: &str) -> bool {
        self.absences
            .get(agent)
            .is_some_and(|(from, until)| (*from..*until).contains(&self.now))
    }

    pub(super) fn routing(&self) -> Option<&Routing> {
        self.rules.document.routing.as_ref()
    }

    pub(super) fn pool(&self) -> Option<&str> {
        self.routing()?.duty_pool.as_deref()
    }

    pub(super) fn pool_members(&self) -> &[String] {
        self.routing().map_or(&[], |routing| &routing.duty_members)
    }

    /// The rule by which such a gesture's question is asked: the first that matches, else what the section says of itself.
    pub(super) fn rule(&self, asked: &Asked) -> Rule {
        let covers = |filter: &Option<Vec<String>>, value: Option<&String>| {
            filter
                .as_ref()
                .is_none_or(|names| value.is_some_and(|value| names.contains(value)))
        };
        let routing = self.routing().unwrap();
        let named = routing.rules.iter().find(|rule| {
            covers(&rule.kinds, Some(&asked.kind))
                && covers(&rule.segments, asked.segment.as_ref())
                && covers(&rule.occasions, asked.occasion.as_ref())
        });
        named.cloned().unwrap_or_else(|| Rule {
            kinds: None,
            segments: None,
            occasions: None,
            answer_within_s: routing.answer_within_s,
            expire_after_s: routing.expire_after_s,
            on_silence: routing.on_silence.clone(),
            clock: routing.clock.clone(),
        })
    }

    /// In whose authority somebody may answer about such a kind now: their own, what is lent to them, the pool's.
    pub fn authorities(&self, actor: &str, kind: Option<&str>) -> BTreeSet<(How, String)> {
        let mut authorities = BTreeSet::from([(How::Own, actor.to_owned())]);
        let lent = self.delegations.values().filter(|lent| {
            lent.delegate == actor
                && lent.is_in_force(self.now)
                && kind.is_none_or(|kind| lent.is_for(kind))
                && self.is_active(&lent.delegator)
        });
        authorities.extend(lent.map(|lent| (How::Delegate, lent.delegator.clone())));
        if let Some(pool) = self.pool()
            && self.pool_members().iter().any(|member| member == actor)
        {
            authorities.insert((How::Pool, pool.to_owned()));
        }
        authorities
    }
}
