//! The same agreement through the whole service: documents as people write them, requests as clients send them, the answer
//! as it arrives.

use std::collections::BTreeSet;

use chrono::Utc;
use largesse::pb::{self, DecisionOutcome};
use serde_json::Value;
use uuid::Uuid;

use super::model::Model;
use super::model::document::Document;
use crate::support::kernel::Asked;
use crate::support::{
    Client, DEMO, Random, SeedOnPanic, World, assert_at_rest, reason_of, recipient, seeds,
};

const SHOP: &str = include_str!("../../../deploy/examples/shop.yaml");
const CONTACT_CENTRE: &str = include_str!("../../../deploy/examples/contact-centre.yaml");
const HOTEL: &str = include_str!("../../../deploy/examples/hotel.yaml");
const THREE_CURRENCIES: &str = include_str!("../../../deploy/examples/three-currencies.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_that_people_write_decide_as_the_model_says() {
    for seed in seeds(1) {
        let _told = SeedOnPanic(seed);
        for document in [DEMO, SHOP, CONTACT_CENTRE, HOTEL, THREE_CURRENCIES] {
            live(seed, document).await;
        }
    }
}

async fn live(seed: u64, text: &str) {
    let mut random = Random::of(seed);
    let world = World::of(text).await;
    let mut sql = world.sql().await;
    let document: Value = sqlx::query_scalar(
        "select document || jsonb_build_object('agents', agents_changed -> 'put') from largesse.configurations",
    )
    .fetch_one(&mut sql)
    .await
    .unwrap();
    let document: Document = serde_json::from_value(document).unwrap();
    let mut model = Model::of(&document);
    let agents: Vec<String> = document
        .agents
        .iter()
        .flatten()
        .map(|agent| agent.id.clone())
        .collect();
    let mut seen = BTreeSet::new();
    for _ in 0..60 {
        let agent = random.pick(&agents).clone();
        let asked = wish(&mut random, &document, &agent);
        let mut client = world.agent(&agent).await;
        let expected = model.admit(Utc::now(), &asked);
        match request(&mut client, &asked).await {
            Ok(gesture) => {
                let mut decision = gesture.decision.unwrap();
                // The model knows nothing of routing: what nobody above could give either is a question to it.
                let is_unanswerable = decision
                    .reasons
                    .pop_if(|reason| reason.code == "NOBODY_CAN_APPROVE")
                    .is_some();
                if is_unanswerable {
                    assert_eq!(decision.outcome(), DecisionOutcome::Declined);
                    decision.set_outcome(DecisionOutcome::NeedsApproval);
                }
                let outcome = match decision.outcome() {
                    DecisionOutcome::Approved => "APPROVED",
                    DecisionOutcome::NeedsApproval => "NEEDS_APPROVAL",
                    DecisionOutcome::Declined => "DECLINED",
                    DecisionOutcome::Unspecified => "nothing",
                };
                assert_eq!(
                    outcome, expected.outcome,
                    "{asked:?}: {decision:?}, {expected:?}"
                );
                let told: BTreeSet<String> = decision.reasons.iter().map(briefly).collect();
                let expected: BTreeSet<String> = expected
                    .reasons
                    .iter()
                    .map(|reason| in_brief(reason))
                    .collect();
                assert_eq!(told, expected, "{asked:?}");
                seen.insert(outcome);
            }
            Err(status) => {
                assert_eq!(expected.outcome, "INVALID", "{asked:?}: {status:?}");
                let reason = reason_of(&status);
                assert!(
                    ["INVALID_FIELDS", "RATE_MISSING"].contains(&reason.as_str()),
                    "{status:?}"
                );
            }
        }
    }
    assert!(seen.len() >= 2, "{seen:?}");
    assert_at_rest(&mut sql).await;
}

/// Something that the document's people could wish for.
fn wish(random: &mut Random, document: &Document, agent: &str) -> Asked {
    let item = random.pick(&document.catalog);
    Asked {
        id: Uuid::now_v7(),
        kind: item.kind.clone(),
        currency: item.currency.clone(),
        // mostly in the lower half of the price range, so that windows fill up with several
        amount: if random.once_in(6) {
            item.max_minor + 1
        } else {
            random.between(
                item.min_minor,
                item.min_minor + (item.max_minor - item.min_minor) / 2,
            )
        },
        segment: if document.segments.is_empty() {
            None
        } else {
            random.maybe(&document.segments)
        },
        occasion: if document.occasions.is_empty() {
            None
        } else {
            random.maybe(&document.occasions)
        },
        case_id: (!random.once_in(8)).then(|| "case-1".to_owned()),
        budget: if random.once_in(5) {
            Some(random.pick(&document.budgets).name.clone())
        } else {
            None
        },
        waived: random.some(&document.policies),
        ..Asked::of(agent, "", random.pick::<&str>(&["ida", "jo"]), 1)
    }
}

async fn request(client: &mut Client, asked: &Asked) -> Result<pb::Gesture, tonic::Status> {
    let full = pb::Recipient {
        email: "ida@example.com".into(),
        phone: "+49 30 1234567".into(),
        region: "BB".into(),
        ..recipient()
    };
    let gesture = pb::Gesture {
        kind: asked.kind.clone(),
        amount: Some(pb::Money {
            minor_units: asked.amount,
            currency: asked.currency.clone(),
        }),
        customer: Some(pb::Customer {
            id: asked.customer.clone(),
            segment: asked.segment.clone().unwrap_or_default(),
        }),
        case_id: asked.case_id.clone().unwrap_or_default(),
        occasion: asked.occasion.clone().unwrap_or_default(),
        budget: asked.budget.clone().unwrap_or_default(),
        waived_policies: asked.waived.clone(),
        recipient: Some(full),
        ..Default::default()
    };
    Ok(client.request_as(asked.id, gesture).await?.gesture.unwrap())
}

/// A reason as it arrives: the code, what it is about, and what would pass now.
fn briefly(reason: &pb::Reason) -> String {
    match reason.code.as_str() {
        "LIMIT_EXCEEDED" => format!(
            "{} {} {}",
            reason.code,
            reason.limit,
            reason
                .largest_now
                .as_ref()
                .map_or(0, |money| money.minor_units)
        ),
        "POLICY_NOT_WAIVABLE" => format!("{} {}", reason.code, reason.policy),
        "BUDGET_NOT_ALLOWED" => format!("{} {}", reason.code, reason.budget),
        code => code.to_owned(),
    }
}

/// The same of the model's words.
fn in_brief(reason: &str) -> String {
    let words: Vec<&str> = reason.split(' ').collect();
    match words[0] {
        "LIMIT_EXCEEDED" => format!("{} {} {}", words[0], words[1], words[words.len() - 1]),
        "DUAL_CONTROL" => words[0].to_owned(),
        _ => reason.to_owned(),
    }
}
