//! The digest of a request: what makes a retry the same request, and another body another one.
//!
//! This is version 1, the number that `admit` writes beside it. A change of the form is a new version there and here.

use ring::digest::{Context, SHA256};

use super::Terms;
use crate::ids::AgentId;

/// SHA-256 over the acting agent and every plain field, each with its length, so that no two requests share a form.
pub fn plain_digest(agent: &AgentId, terms: &Terms) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    let mut field = |value: Option<&str>| match value {
        Some(text) => {
            context.update(&(text.len() as u64 + 1).to_be_bytes());
            context.update(text.as_bytes());
        }
        None => context.update(&0_u64.to_be_bytes()),
    };
    field(Some(agent.as_str()));
    field(Some(&terms.kind));
    field(Some(&terms.amount.minor().to_string()));
    field(Some(terms.amount.currency().code()));
    field(Some(terms.customer.as_str()));
    field(terms.segment.as_deref());
    field(terms.case_id.as_deref());
    field(terms.occasion.as_deref());
    field(
        terms
            .promise_by
            .map(|at| at.timestamp_micros().to_string())
            .as_deref(),
    );
    field(Some(&terms.waived_text()));
    field(terms.budget.as_deref());
    field(terms.replaces.map(|id| id.to_string()).as_deref());
    // Only where it is set: a request that breaks no glass has the form that it had before there was one to break.
    if terms.is_glass {
        field(Some("break_glass"));
    }
    context.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::CustomerId;
    use crate::money::Money;

    fn terms() -> Terms {
        Terms {
            kind: "flowers".into(),
            amount: Money::new(4500, "EUR".parse().unwrap()).unwrap(),
            customer: CustomerId::new("c-1").unwrap(),
            segment: None,
            case_id: Some("k-1".into()),
            occasion: None,
            promise_by: None,
            waived: vec!["a".into(), "b".into()],
            budget: None,
            replaces: None,
            is_glass: false,
        }
    }

    #[test]
    fn every_field_counts() {
        let agent = AgentId::new("fl-101").unwrap();
        let base = plain_digest(&agent, &terms());
        assert_eq!(base, plain_digest(&agent, &terms()));
        let changes: [fn(&mut Terms); 10] = [
            |t| t.kind = "basket".into(),
            |t| t.amount = Money::new(4501, "EUR".parse().unwrap()).unwrap(),
            |t| t.amount = Money::new(4500, "USD".parse().unwrap()).unwrap(),
            |t| t.segment = Some(String::new()),
            |t| (t.case_id, t.occasion) = (None, Some("k-1".into())),
            |t| t.promise_by = Some(chrono::DateTime::UNIX_EPOCH),
            |t| t.waived = vec!["a".into()],
            |t| t.budget = Some("care".into()),
            |t| t.replaces = Some(crate::ids::GestureId(uuid::Uuid::nil())),
            |t| t.is_glass = true,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut changed = terms();
            change(&mut changed);
            assert_ne!(base, plain_digest(&agent, &changed), "change {number}");
        }
        assert_ne!(
            base,
            plain_digest(&AgentId::new("fl-102").unwrap(), &terms()),
            "another agent"
        );
    }
}
