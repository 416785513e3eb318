//! What stands in the way of a yes: the rules of admission with the authority as the one who asks, and what only concerns
//! an answer.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::super::super::model::Key;
use super::super::super::model::document::Item;
use super::super::super::model::money::{convert, rate};
use super::{Gesture, How, Model};
use crate::support::kernel::Asked;

/// Why not, in canonical words; nothing: it fits, and this is what it charges.
pub struct Judged {
    pub reasons: BTreeSet<String>,
    pub charged: Vec<(Key, i64)>,
    /// It could not even be asked like this.
    pub is_invalid: bool,
}

impl Model {
    pub(super) fn item(&self, kind: &str, currency: &str) -> Option<&Item> {
        let catalog = &self.rules.document.catalog;
        catalog
            .iter()
            .find(|item| item.kind == kind && item.currency == currency)
    }

    /// Above the item's amount nobody decides alone.
    pub(super) fn needs_two(&self, terms: &Asked, amount: i64) -> bool {
        self.item(&terms.kind, &terms.currency)
            .and_then(|item| item.dual_minor)
            .is_some_and(|ceiling| amount > ceiling)
    }

    /// The gesture as it would be asked by somebody else: it charges the same budget, and breaks no glass.
    pub(super) fn asked_by(&self, gesture: &Gesture, decider: &str, amount: i64) -> Asked {
        Asked {
            agent: decider.to_owned(),
            amount,
            budget: Some(gesture.budget.clone()),
            promise_by: None,
            replaces: None,
            is_glass: false,
            ..gesture.terms().clone()
        }
    }

    /// What the rules say of it, but for the second person that it may need, if so much were used.
    pub(super) fn judge(&self, used: &HashMap<Key, (i64, i32)>, asked: &Asked) -> Judged {
        let (told, charged) = self.rules.decide_on(used, self.now, asked);
        let mut reasons = told.reasons;
        reasons.retain(|reason| !reason.starts_with("DUAL_CONTROL"));
        Judged {
            reasons,
            charged,
            is_invalid: told.outcome == "INVALID",
        }
    }

    /// A yes of this actor in this authority, now.
    pub(super) fn judge_yes(
        &self,
        gesture: &Gesture,
        actor: &str,
        (how, authority): (How, &str),
        amount: i64,
        promise_by: Option<DateTime<Utc>>,
    ) -> Judged {
        let asked = Asked {
            promise_by,
            ..self.asked_by(gesture, authority, amount)
        };
        let mut judged = self.judge(&self.rules.counters, &asked);
        if !judged.is_invalid {
            let requester = &gesture.terms().agent;
            if !self.is_active(requester) {
                judged.reasons.insert("REQUESTER_SUSPENDED".into());
            }
            let customer = &asked.customer;
            if [requester.as_str(), actor, authority]
                .iter()
                .any(|agent| self.owns(agent, customer))
            {
                judged.reasons.insert("OWN_ACCOUNT".into());
            }
        }
        if how == How::Delegate {
            judged.reasons.extend(self.lack(
                authority,
                actor,
                &asked.kind,
                amount,
                &asked.currency,
            ));
        }
        judged
    }

    /// Why what is lent does not suffice for this gesture; of several delegations the one that lends most counts.
    pub(super) fn lack(
        &self,
        delegator: &str,
        delegate: &str,
        kind: &str,
        amount: i64,
        currency: &str,
    ) -> Option<String> {
        let zone: chrono_tz::Tz = self.rules.document.time_zone.parse().unwrap();
        let day = self.now.with_timezone(&zone).date_naive();
        let asked_in = |to: &str| match to == currency {
            true => Some(amount),
            false => {
                rate(&self.rules.document, currency, to, day).map(|rate| convert(amount, rate))
            }
        };
        let mut lacks = Vec::new();
        for (id, lent) in &self.delegations {
            let is_theirs = lent.delegator == delegator && lent.delegate == delegate;
            if !is_theirs || !lent.is_in_force(self.now) || !lent.is_for(kind) {
                continue;
            }
            let Some((ceiling, to)) = &lent.lent else {
                return None;
            };
            let lack = match asked_in(to) {
                Some(asked) if asked <= *ceiling => return None,
                Some(asked) => format!("MORE_THAN_LENT {asked} of {ceiling} {to}"),
                None => "RATE_MISSING".to_owned(),
            };
            lacks.push((-ceiling, id, lack));
        }
        lacks.sort();
        let most = lacks.into_iter().next();
        Some(most.map_or("NOT_LENT".into(), |(_, _, lack)| lack))
    }
}
