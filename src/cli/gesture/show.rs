//! Decisions and gestures in words and tables.

use super::decision::obstacles;
use crate::cli::amounts;
use crate::cli::approval::question;
use crate::cli::output::{Looks, words};
use crate::pb::{
    Decision, DecisionOutcome, Gesture, GestureState, RequestResolution, ResolveRequestResponse,
};

/// What a preview answers.
pub fn preview(looks: &Looks, asked: &Gesture, decision: &Decision) -> String {
    let mut text = headline(looks, asked, decision);
    text += &obstacles(looks, decision);
    text += "\nThis was a preview: nothing is held, and somebody else may be faster.\n";
    text
}

/// What a request answers: the decision as it was made, and what one needs to go on from there.
pub fn request(looks: &Looks, gesture: &Gesture, is_replay: bool) -> String {
    let decision = gesture.decision.clone().unwrap_or_default();
    let mut text = headline(looks, gesture, &decision);
    if let Some(since) = since(&decision, gesture.state()) {
        text += &format!("It has been {since} since.\n");
    }
    text += &obstacles(looks, &decision);
    text.push('\n');
    text += &looks.facts([
        ("id", gesture.id.clone()),
        ("etag", gesture.etag.clone()),
        ("state", words::state(gesture.state).to_owned()),
        ("promised by", looks.time(gesture.promise_by.as_ref())),
        ("budget", gesture.budget.clone()),
        ("answered", answered(looks, &decision)),
    ]);
    text += &question::of_gesture(looks, gesture);
    if gesture.state() == GestureState::PendingApproval {
        text += "\nIt holds nothing until somebody with more authority says yes. To withdraw it:\n";
        text += &format!("  largesse gesture cancel {}\n", gesture.id);
    }
    if is_replay {
        text += "\nThis request had been answered before; this is that answer again, and nothing was done twice.\n";
    }
    text
}

/// What became of a request whose answer was lost.
pub fn resolution(looks: &Looks, answer: &ResolveRequestResponse) -> String {
    match (RequestResolution::try_from(answer.resolution), &answer.gesture) {
        (Ok(RequestResolution::Done), Some(gesture)) => {
            format!("It was answered.\n\n{}", request(looks, gesture, false))
        }
        (Ok(RequestResolution::NeverHappened), _) => {
            "It never arrived, and never will: its id is taken for good. What is still wanted is asked for under a new id.\n"
                .to_owned()
        }
        (Ok(RequestResolution::Done | RequestResolution::Unspecified) | Err(_), _) => {
            "The service answered with something that this program does not know.\n".to_owned()
        }
    }
}

/// A gesture with everything that is known of it.
pub fn gesture(looks: &Looks, gesture: &Gesture) -> String {
    let decision = gesture.decision.clone().unwrap_or_default();
    let customer = gesture.customer.clone().unwrap_or_default();
    let mut text = format!("{}   {}\n\n", words::state(gesture.state), what(gesture));
    text += &looks.facts([
        ("id", gesture.id.clone()),
        ("etag", gesture.etag.clone()),
        ("customer", customer.id),
        ("segment", customer.segment),
        ("case", gesture.case_id.clone()),
        ("occasion", gesture.occasion.clone()),
        ("reason", gesture.reason.clone()),
        ("recipient", address(gesture).join("\n")),
        ("message", gesture.message.clone()),
        ("promised by", looks.time(gesture.promise_by.as_ref())),
        ("waives", gesture.waived_policies.join("\n")),
        ("budget", gesture.budget.clone()),
        ("replaces", gesture.replaces.clone()),
        ("requested by", gesture.requested_by.clone()),
        ("requested", looks.time(gesture.create_time.as_ref())),
        ("changed", looks.time(gesture.update_time.as_ref())),
        (
            "break-glass",
            if gesture.break_glass { "yes" } else { "" }.to_owned(),
        ),
        ("decision", words::outcome(decision.outcome).0),
        ("answered", answered(looks, &decision)),
    ]);
    text += &obstacles(looks, &decision);
    text += &question::of_gesture(looks, gesture);
    text += &made_real(looks, gesture);
    text
}

/// Who makes it real, how far that has come, and what the customer said of it.
fn made_real(looks: &Looks, gesture: &Gesture) -> String {
    let mut text = String::new();
    if let Some(fulfilment) = gesture.fulfilment.clone() {
        text.push('\n');
        text += &looks.facts([
            ("promise", words::promise(gesture.promise)),
            ("channel", fulfilment.channel),
            ("fulfiller", fulfilment.fulfiller),
            ("order", fulfilment.order_reference),
            ("dispatched", looks.time(fulfilment.dispatch_time.as_ref())),
            ("delivered", looks.time(fulfilment.deliver_time.as_ref())),
            ("proof", fulfilment.proof_reference),
            ("failed last", fulfilment.last_failure),
            ("cost", amounts::shown(fulfilment.actual_cost.as_ref())),
            ("captured", amounts::shown(fulfilment.captured.as_ref())),
            (
                "in question",
                amounts::shown(fulfilment.cost_in_question.as_ref()),
            ),
            ("about", gesture.about.clone()),
        ]);
    }
    for outcome in &gesture.outcomes {
        text += &format!(
            "\n{} {}, recorded by {}{}\n",
            looks.time(outcome.record_time.as_ref()),
            words::customer_did(outcome.word),
            outcome.recorded_by,
            if outcome.note.is_empty() {
                String::new()
            } else {
                format!(":\n  {}", outcome.note)
            }
        );
    }
    text
}

/// What has become of a gesture since its request was answered; nothing where it is as it was then.
fn since(decision: &Decision, state: GestureState) -> Option<&'static str> {
    match (decision.outcome(), state) {
        (_, GestureState::Cancelled) => Some("cancelled"),
        (DecisionOutcome::NeedsApproval, GestureState::Approved) => Some("approved"),
        (DecisionOutcome::NeedsApproval, GestureState::Declined) => Some("declined"),
        (DecisionOutcome::NeedsApproval, GestureState::Returned) => Some("returned"),
        (DecisionOutcome::NeedsApproval, GestureState::Expired) => {
            Some("left without an answer, and has expired")
        }
        _ => None,
    }
}

/// Where it goes, line by line as on a parcel.
pub fn address(gesture: &Gesture) -> Vec<String> {
    let to = gesture.recipient.clone().unwrap_or_default();
    let town = [to.postal_code.as_str(), &to.locality]
        .join(" ")
        .trim()
        .to_owned();
    let mut lines = vec![to.full_name];
    lines.extend(to.address_lines);
    lines.extend([town, to.region, to.country, to.email, to.phone]);
    lines.retain(|line| !line.is_empty());
    lines
}

/// Gestures, one a line.
pub fn list(looks: &Looks, gestures: &[Gesture]) -> String {
    let rows = gestures.iter().map(|gesture| {
        let customer = gesture
            .customer
            .as_ref()
            .map(|customer| customer.id.clone());
        vec![
            looks.time(gesture.create_time.as_ref()),
            words::state(gesture.state).to_owned(),
            gesture.kind.clone(),
            amounts::shown(gesture.amount.as_ref()),
            customer.unwrap_or_default(),
            gesture.requested_by.clone(),
            looks.time(gesture.promise_by.as_ref()),
            gesture.id.clone(),
        ]
    });
    let titles = [
        "requested",
        "state",
        "kind",
        " amount",
        "customer",
        "by",
        "promised by",
        "id",
    ];
    looks.table(&titles, rows)
}

fn headline(looks: &Looks, gesture: &Gesture, decision: &Decision) -> String {
    let (outcome, paint) = words::outcome(decision.outcome);
    format!("{}   {}\n", looks.painted(&outcome, paint), what(gesture))
}

/// What it is, in a line.
pub fn what(gesture: &Gesture) -> String {
    let customer = gesture
        .customer
        .as_ref()
        .map_or("", |customer| &customer.id);
    format!(
        "{}, {}, for {customer}",
        gesture.kind,
        amounts::shown(gesture.amount.as_ref())
    )
}

fn answered(looks: &Looks, decision: &Decision) -> String {
    let when = looks.time(decision.decide_time.as_ref());
    let by = match words::acting(&decision.decided_by, &decision.authority) {
        nobody if nobody.is_empty() => nobody,
        agent => format!(" by {agent}"),
    };
    if when.is_empty() {
        return String::new();
    }
    format!(
        "{when}{by}, under configuration {}",
        decision.configuration_version
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::without_rules;
    use crate::pb::{self, Money, Reason, SimilarGesture};
    use prost_types::Timestamp;

    fn euro(minor_units: i64) -> Option<Money> {
        Some(Money {
            minor_units,
            currency: "EUR".into(),
        })
    }

    fn asked(outcome: DecisionOutcome, state: GestureState, reasons: Vec<Reason>) -> Gesture {
        let at = Some(Timestamp {
            seconds: 1_795_180_000,
            nanos: 0,
        });
        Gesture {
            id: "0199a3c0-0000-7000-8000-000000000001".into(),
            kind: "gift-basket".into(),
            amount: euro(7000),
            customer: Some(pb::Customer {
                id: "c-8841".into(),
                segment: String::new(),
            }),
            etag: "1".into(),
            state: state.into(),
            budget: "care-berlin".into(),
            create_time: at,
            decision: Some(Decision {
                outcome: outcome.into(),
                decide_time: at,
                configuration_version: 1,
                similar: reasons
                    .iter()
                    .map(|_| SimilarGesture {
                        kind: "flowers".into(),
                        amount: euro(4500),
                        state: GestureState::Approved.into(),
                        requested_by: "fl-102".into(),
                        create_time: at,
                        ..Default::default()
                    })
                    .collect(),
                reasons,
                ..Default::default()
            }),
            ..Default::default()
        }
    }

    fn looks(width: Option<u16>) -> Looks {
        Looks {
            colour: false,
            width,
            zone: Some(chrono_tz::Europe::Berlin),
            now: None,
        }
    }

    fn too_much() -> Vec<Reason> {
        vec![Reason {
            code: "LIMIT_EXCEEDED".into(),
            text: "agent-gesture: 70.00 EUR asked, 60.00 EUR left of 60.00 EUR; up to 60.00 EUR would pass now".into(),
            ..Default::default()
        }]
    }

    #[test]
    fn an_answer_is_understood_at_a_glance() {
        let gesture = asked(
            DecisionOutcome::NeedsApproval,
            GestureState::PendingApproval,
            too_much(),
        );
        let text = request(&looks(None), &gesture, true);
        let expected = "\
NEEDS APPROVAL   gift-basket, 70.00 EUR, for c-8841

in the way      why
─
LIMIT_EXCEEDED  agent-gesture: 70.00 EUR asked, 60.00 EUR left of 60.00 EUR; up to 60.00 EUR would pass now

Lately, for this customer or in this case:
requested                 kind        amount  state     by      id
─
Fri 2026-11-20 14:06 CET  flowers  45.00 EUR  APPROVED  fl-102

id        0199a3c0-0000-7000-8000-000000000001
etag      1
state     PENDING APPROVAL
budget    care-berlin
answered  Fri 2026-11-20 14:06 CET, under configuration 1

It holds nothing until somebody with more authority says yes. To withdraw it:
  largesse gesture cancel 0199a3c0-0000-7000-8000-000000000001

This request had been answered before; this is that answer again, and nothing was done twice.";
        assert_eq!(without_rules(&text), expected);
    }

    #[test]
    fn a_narrow_screen_is_not_overrun_by_tables() {
        let gesture = asked(
            DecisionOutcome::NeedsApproval,
            GestureState::PendingApproval,
            too_much(),
        );
        let text = request(&looks(Some(60)), &gesture, false);
        let is_table =
            |line: &&str| !line.starts_with("It holds") && !line.starts_with("  largesse");
        for line in text.lines().filter(is_table) {
            assert!(line.chars().count() <= 60, "{line}\n{text}");
        }
    }

    #[test]
    fn a_yes_is_short() {
        let gesture = asked(
            DecisionOutcome::Approved,
            GestureState::Approved,
            Vec::new(),
        );
        let text = request(&looks(None), &gesture, false);
        assert!(
            text.starts_with("APPROVED   gift-basket, 70.00 EUR, for c-8841\n\nid"),
            "{text}"
        );
        assert!(!text.contains("in the way") && !text.contains("Lately"));
    }

    #[test]
    fn a_recipient_is_shown_as_on_a_parcel() {
        let mut shown = asked(
            DecisionOutcome::Approved,
            GestureState::Cancelled,
            Vec::new(),
        );
        shown.recipient = Some(pb::Recipient {
            full_name: "Ada".into(),
            address_lines: vec!["Weg 1".into()],
            locality: "Berlin".into(),
            postal_code: "10115".into(),
            country: "DE".into(),
            ..Default::default()
        });
        let text = gesture(&looks(None), &shown);
        assert!(text.starts_with("CANCELLED   gift-basket"), "{text}");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let start = lines
            .iter()
            .position(|line| line.starts_with("recipient"))
            .unwrap();
        assert_eq!(
            lines[start..start + 4],
            ["recipient  Ada", "Weg 1", "10115 Berlin", "DE"]
        );
    }

    #[test]
    fn a_request_that_never_arrived_is_told_plainly() {
        let answer = ResolveRequestResponse {
            resolution: RequestResolution::NeverHappened.into(),
            gesture: None,
        };
        assert!(resolution(&looks(None), &answer).contains("never will"));
    }
}
