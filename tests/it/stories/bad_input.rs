//! What is malformed or unknown is named, every field at once, with what would be right. Nothing is written, and the id
//! is free for the mended request.

use largesse::pb::{Customer, Decision, Gesture, GestureState, Recipient};
use prost_types::Timestamp;
use tonic::Code;
use uuid::Uuid;

use crate::support::{
    World, flowers, money, reason_of, recipient, violated_fields, violations, wrongs,
};

/// One thing done wrong: how, which field is named for which reason, and what the answer must say.
type Mistake = (fn(&mut Gesture), &'static str, &'static str);

fn customer(gesture: &mut Gesture) -> &mut Customer {
    gesture.customer.as_mut().unwrap()
}

fn person(gesture: &mut Gesture) -> &mut Recipient {
    gesture.recipient.as_mut().unwrap()
}

fn instant(seconds: i64, nanos: i32) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos })
}

#[rustfmt::skip] // a line for each mistake
const MISTAKES: &[Mistake] = &[
    // what was left out
    (|g| g.kind.clear(), "gesture.kind REQUIRED", "is needed"),
    (|g| g.amount = None, "gesture.amount REQUIRED", "minor_units and currency"),
    (|g| g.customer = None, "gesture.customer.id REQUIRED", "is needed"),
    // amounts
    (|g| g.amount = money(0, "EUR"), "gesture.amount.minor_units OUT_OF_RANGE", "must be 1 to 1000000000000"),
    (|g| g.amount = money(-4500, "EUR"), "gesture.amount.minor_units OUT_OF_RANGE", "must be 1 to"),
    (|g| g.amount = money(1_000_000_000_001, "EUR"), "gesture.amount.minor_units OUT_OF_RANGE", "10^12"),
    (|g| g.amount = money(i64::MAX, "EUR"), "gesture.amount.minor_units OUT_OF_RANGE", "10^12"),
    (|g| g.amount = money(4500, "eur"), "gesture.amount.currency CURRENCY_UNKNOWN", "three capital letters"),
    (|g| g.amount = money(4500, "EURO"), "gesture.amount.currency CURRENCY_UNKNOWN", "as in EUR"),
    (|g| g.amount = money(4500, "XAU"), "gesture.amount.currency CURRENCY_UNKNOWN", "ISO 4217"),
    (|g| g.amount = money(4500, ""), "gesture.amount.currency CURRENCY_UNKNOWN", "ISO 4217"),
    // ids and names
    (|g| g.kind = "white lilies".into(), "gesture.kind MALFORMED", "^[!-~]{1,128}$"),
    (|g| customer(g).id = "grün".into(), "gesture.customer.id MALFORMED", "visible ASCII"),
    (|g| customer(g).id = "x".repeat(129), "gesture.customer.id MALFORMED", "1 to 128"),
    (|g| g.case_id = "case 77".into(), "gesture.case_id MALFORMED", "visible ASCII"),
    (|g| g.replaces = "the first one".into(), "gesture.replaces MALFORMED", "must be a UUID"),
    (|g| g.replaces = Uuid::nil().to_string(), "gesture.replaces MALFORMED", "must be a UUID"),
    (|g| g.waived_policies = vec!["be kind".into()], "gesture.waived_policies[0] MALFORMED", "visible ASCII"),
    (|g| g.waived_policies = vec!["p".into(); 21], "gesture.waived_policies TOO_MANY", "at most 20"),
    // what the configuration does not know
    (|g| g.kind = "balloons".into(), "gesture.kind KIND_UNKNOWN", "ListCatalogItems"),
    (|g| g.budget = "war-chest".into(), "gesture.budget BUDGET_UNKNOWN", "leave it unset"),
    (|g| g.waived_policies = vec!["be-kind".into()], "gesture.waived_policies POLICY_UNKNOWN", "no policy be-kind"),
    (|g| customer(g).segment = "gold".into(), "gesture.customer.segment SEGMENT_UNKNOWN", "no such segment"),
    (|g| g.occasion = "whim".into(), "gesture.occasion OCCASION_UNKNOWN", "no such occasion"),
    (|g| g.replaces = Uuid::now_v7().to_string(), "gesture.replaces REPLACES_UNKNOWN", "for this customer"),
    // time
    (|g| g.promise_by = instant(1_600_000_000, 0), "gesture.promise_by PROMISE_PAST", "still to come"),
    (|g| g.promise_by = instant(i64::MAX, 0), "gesture.promise_by OUT_OF_RANGE", "from 1970 to 9999"),
    (|g| g.promise_by = instant(2_000_000_000, -1), "gesture.promise_by OUT_OF_RANGE", "from 1970 to 9999"),
    // people
    (|g| person(g).locality.clear(), "gesture.recipient.locality RECIPIENT_MISSING", "flowers needs this"),
    (|g| person(g).address_lines.clear(), "gesture.recipient.address_lines RECIPIENT_MISSING", "flowers needs this"),
    (|g| person(g).address_lines = vec![String::new()], "gesture.recipient.address_lines[0] REQUIRED", "1 to 200"),
    (|g| person(g).address_lines = vec!["a".into(); 6], "gesture.recipient.address_lines TOO_MANY", "at most 5"),
    (|g| person(g).country = "XX".into(), "gesture.recipient.country COUNTRY_UNKNOWN", "as in DE"),
    (|g| person(g).country = "Germany".into(), "gesture.recipient.country COUNTRY_UNKNOWN", "two capital letters"),
    (|g| person(g).email = "nobody".into(), "gesture.recipient.email MALFORMED", "both sides of an @"),
    (|g| person(g).phone = "1".repeat(255), "gesture.recipient.phone TOO_LONG", "at most 254"),
    (|g| person(g).full_name = "ä".repeat(201), "gesture.recipient.full_name TOO_LONG", "at most 200 characters"),
    (|g| person(g).full_name = "Ida\u{0}".into(), "gesture.recipient.full_name MALFORMED", "control characters"),
    (|g| person(g).postal_code = "1".repeat(33), "gesture.recipient.postal_code TOO_LONG", "at most 32"),
    (|g| g.message = "x".repeat(1001), "gesture.message TOO_LONG", "at most 1000"),
    (|g| g.message = "bell\u{7}".into(), "gesture.message MALFORMED", "control characters"),
    (|g| g.reason = "x".repeat(2001), "gesture.reason TOO_LONG", "at most 2000"),
    // what the service sets
    (|g| g.id = Uuid::now_v7().to_string(), "gesture.id OUTPUT_ONLY", "leave it unset"),
    (|g| g.state = 1, "gesture.state OUTPUT_ONLY", "leave it unset"),
    (|g| g.state = 99, "gesture.state OUTPUT_ONLY", "leave it unset"),
    (|g| g.requested_by = "fl-101".into(), "gesture.requested_by OUTPUT_ONLY", "leave it unset"),
    (|g| g.decision = Some(Decision::default()), "gesture.decision OUTPUT_ONLY", "leave it unset"),
    (|g| g.etag = "1".into(), "gesture.etag OUTPUT_ONLY", "leave it unset"),
    (|g| g.create_time = instant(1, 0), "gesture.create_time OUTPUT_ONLY", "leave it unset"),
    (|g| g.update_time = instant(1, 0), "gesture.update_time OUTPUT_ONLY", "leave it unset"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_named_with_what_would_be_right_and_the_id_stays_free() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let (id, before) = (Uuid::now_v7(), world.rows().await);
    for (mistake, wrong, says) in MISTAKES {
        let mut gesture = flowers("ida", 4500);
        mistake(&mut gesture);
        let refused = agent.request_as(id, gesture.clone()).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::InvalidArgument, "INVALID_FIELDS"),
            "{wrong}"
        );
        assert_eq!(wrongs(&refused), [*wrong]);
        let description = &violations(&refused)[0].description;
        assert!(description.contains(says), "{wrong}: {description}");

        gesture.id.clear();
        if !wrong.starts_with("gesture.id ") {
            let previewed = agent.preview(gesture).await.unwrap_err();
            assert_eq!(wrongs(&previewed), [*wrong], "a preview says the same");
        }
    }
    assert_eq!(world.rows().await, before, "nothing was written");
    let mended = agent.request_as(id, flowers("ida", 4500)).await.unwrap();
    assert_eq!(mended.gesture.unwrap().state(), GestureState::Approved);
    assert!(!mended.replayed);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_told_at_once() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let unknown = Gesture {
        budget: "war-chest".into(),
        occasion: "whim".into(),
        waived_policies: vec!["b".into(), "a".into()],
        promise_by: instant(1_600_000_000, 0),
        replaces: Uuid::now_v7().to_string(),
        customer: Some(Customer {
            id: "ida".into(),
            segment: "gold".into(),
        }),
        recipient: Some(Recipient {
            country: String::new(),
            ..recipient()
        }),
        ..flowers("ida", 4500)
    };
    let refused = agent.request(unknown).await.unwrap_err();
    assert_eq!(
        violated_fields(&refused),
        [
            "gesture.budget",
            "gesture.waived_policies",
            "gesture.waived_policies",
            "gesture.customer.segment",
            "gesture.occasion",
            "gesture.recipient.country",
            "gesture.promise_by",
            "gesture.replaces",
        ]
    );
    assert!(
        refused.message().contains("8 fields"),
        "{}",
        refused.message()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_id_is_a_uuid_as_everybody_writes_it() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let id = Uuid::now_v7();
    for (text, wrong) in [
        (String::new(), "request_id REQUIRED"),
        ("17".into(), "request_id MALFORMED"),
        (Uuid::nil().to_string(), "request_id MALFORMED"),
        (id.simple().to_string(), "request_id MALFORMED"),
        (id.braced().to_string(), "request_id MALFORMED"),
        (id.urn().to_string(), "request_id MALFORMED"),
    ] {
        let request = largesse::pb::RequestGestureRequest {
            request_id: text.clone(),
            gesture: Some(flowers("ida", 4500)),
            ..Default::default()
        };
        let refused = agent.gestures.request_gesture(request).await.unwrap_err();
        assert_eq!(wrongs(&refused), [wrong], "{text:?}");
    }
    let upper = Gesture {
        id: id.to_string().to_uppercase(),
        ..flowers("ida", 4500)
    };
    let given = agent.request_as(id, upper).await.unwrap().gesture.unwrap();
    assert_eq!(given.id, id.to_string(), "ids are answered in lower case");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_customer_was_given_cannot_be_replaced() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let given = agent.request(flowers("ida", 4500)).await.unwrap();
    let replacing = |customer: &str| Gesture {
        replaces: given.id.clone(),
        ..flowers(customer, 4500)
    };
    let refused = agent.request(replacing("otto")).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["gesture.replaces REPLACES_UNKNOWN"]);
    agent.cancel(&given).await.unwrap();
    let again = agent.request(replacing("ida")).await.unwrap();
    assert_eq!(again.replaces, given.id);
    assert_eq!(again.state(), GestureState::Approved);
}
