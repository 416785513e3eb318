//! Asking in few words, where a story is about amounts and not about people.

use largesse::pb::{
    Customer, DecisionOutcome, Gesture, GetAuthorityRequest, ItemAuthority, LimitUse, Reason,
};

use super::{Client, money, recipient};

/// A kind for a customer, in minor units. Everything that any kind could demand of the recipient is there.
pub fn wish(kind: &str, customer: &str, minor_units: i64, currency: &str) -> Gesture {
    Gesture {
        kind: kind.into(),
        amount: money(minor_units, currency),
        customer: Some(Customer {
            id: customer.into(),
            segment: String::new(),
        }),
        recipient: Some(largesse::pb::Recipient {
            email: "ida@example.org".into(),
            phone: "+4930123456".into(),
            ..recipient()
        }),
        ..Default::default()
    }
}

/// How a request was answered: the outcome, and what stands in the way as `CODE name`.
#[derive(Debug, PartialEq)]
pub struct Answer(pub DecisionOutcome, pub Vec<String>);

/// Approved.
pub fn yes() -> Answer {
    Answer(DecisionOutcome::Approved, Vec::new())
}

/// Somebody with more authority is asked.
pub fn ask_above(reasons: &[&str]) -> Answer {
    Answer(DecisionOutcome::NeedsApproval, named(reasons))
}

/// Nobody can say yes.
pub fn no(reasons: &[&str]) -> Answer {
    Answer(DecisionOutcome::Declined, named(reasons))
}

fn named(reasons: &[&str]) -> Vec<String> {
    reasons.iter().map(|reason| (*reason).to_owned()).collect()
}

fn short(reason: &Reason) -> String {
    let names = [&reason.limit, &reason.policy, &reason.budget];
    let name = names.into_iter().find(|name| !name.is_empty());
    let hard = if reason.is_hard { "!" } else { "" };
    match name {
        Some(name) => format!("{} {name}{hard}", reason.code),
        None => reason.code.clone(),
    }
}

impl Client {
    /// Asks under a new id, and says in short how that was answered. A hard limit is marked with `!`.
    pub async fn asks(&mut self, gesture: Gesture) -> Answer {
        let preview = self.preview(gesture.clone()).await.unwrap();
        let given = self.request(gesture).await.unwrap();
        let decision = given.decision.unwrap();
        assert_eq!(preview.outcome, decision.outcome, "the preview had said so");
        assert_eq!(preview.reasons, decision.reasons, "the preview had said so");
        let reasons = decision.reasons.iter().map(short).collect();
        Answer(decision.outcome(), reasons)
    }

    /// What may still be given of a kind.
    pub async fn item(
        &mut self,
        kind: &str,
        currency: &str,
        question: GetAuthorityRequest,
    ) -> ItemAuthority {
        let standing = self.authority(question).await.unwrap();
        let mut items = standing.items.into_iter();
        items
            .find(|item| item.kind == kind && item.currency == currency)
            .unwrap()
    }
}

/// How a limit stands, of those behind an item.
pub fn use_of<'i>(item: &'i ItemAuthority, limit: &str) -> &'i LimitUse {
    let mut limits = item.limits.iter();
    limits
        .find(|of| of.limit == limit)
        .unwrap_or_else(|| panic!("{limit} is none of {:?}", item.limits))
}

/// What is used of a limit, in its currency's minor units.
pub fn used(item: &ItemAuthority, limit: &str) -> i64 {
    use_of(item, limit).used.as_ref().unwrap().minor_units
}
