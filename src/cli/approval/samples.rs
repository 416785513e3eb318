//! What the tests of this folder look at: a basket that waits for a lead.

use prost_types::{Duration, Timestamp};

use crate::cli::output::Looks;
use crate::pb::{
    Approval, ApprovalPurpose, Asked, AskedHow, Customer, Decision, DecisionOutcome, Gesture,
    GestureState, Money, Reason, Recipient, SilenceRule,
};

/// Fri 2026-11-20 14:06 CET, when it was asked for.
const ASKED_AT: i64 = 1_795_180_000;

/// An instant, so many seconds after it was asked for.
pub fn at(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp {
        seconds: ASKED_AT + seconds,
        nanos: 0,
    })
}

pub fn euro(minor_units: i64) -> Option<Money> {
    Some(Money {
        minor_units,
        currency: "EUR".into(),
    })
}

/// Forty minutes after it was asked for.
pub fn looks(width: Option<u16>) -> Looks {
    Looks {
        colour: false,
        width,
        zone: Some(chrono_tz::Europe::Berlin),
        now: chrono::DateTime::from_timestamp(ASKED_AT + 40 * 60, 0),
    }
}

pub fn pending() -> Gesture {
    Gesture {
        id: "0199a3c0-0000-7000-8000-000000000001".into(),
        kind: "gift-basket".into(),
        amount: euro(7000),
        customer: Some(Customer {
            id: "c-8841".into(),
            segment: "loyal".into(),
        }),
        case_id: "t-77".into(),
        occasion: "bereavement".into(),
        reason: "Her mother died; the courier came twice for nothing.".into(),
        message: "With our sympathy".into(),
        recipient: Some(Recipient {
            full_name: "Ada".into(),
            address_lines: vec!["Weg 1".into()],
            locality: "Berlin".into(),
            postal_code: "10115".into(),
            country: "DE".into(),
            ..Default::default()
        }),
        promise_by: at(33 * 3600),
        waived_policies: vec!["return-window-15-days".into()],
        budget: "care-berlin".into(),
        state: GestureState::PendingApproval.into(),
        requested_by: "fl-101".into(),
        etag: "1".into(),
        create_time: at(0),
        decision: Some(Decision {
            outcome: DecisionOutcome::NeedsApproval.into(),
            decide_time: at(0),
            configuration_version: 1,
            reasons: vec![Reason {
                code: "LIMIT_EXCEEDED".into(),
                text: "agent-gesture: 70.00 EUR asked, 60.00 EUR left of 60.00 EUR".into(),
                ..Default::default()
            }],
            ..Default::default()
        }),
        approval: Some(question()),
        terms_digest: "7f".repeat(32),
        ..Default::default()
    }
}

fn question() -> Approval {
    Approval {
        purpose: ApprovalPurpose::Decision.into(),
        is_open: true,
        open_time: at(0),
        asked: vec![Asked {
            agent_id: "ld-201".into(),
            how: AskedHow::Line.into(),
            ask_time: at(0),
            answer_by: at(4 * 3600),
            is_open: true,
            delegate_id: String::new(),
            typical_wait: Some(Duration {
                seconds: 700,
                nanos: 0,
            }),
        }],
        next_step_time: at(4 * 3600),
        expire_time: at(72 * 3600),
        on_silence: SilenceRule::Expire.into(),
        ..Default::default()
    }
}
