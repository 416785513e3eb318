//! What happens where an agent's own authority does not suffice: who is asked, who answers, and what silence means.

mod break_glass;
mod clicked_at_once;
mod delegates;
mod dual_control;
mod holiday;
mod lowered_limit;
mod many_at_once;
mod nobody_could;
mod own_request;
mod refusals;
mod returned_and_revised;
mod silence;

use largesse::pb::{Customer, Gesture};

use crate::support::{money, recipient};

/// A customer care whose line has three steps above the frontline, and a duty pool behind it.
pub(super) const CARE: &str = r#"
tenant: care
time_zone: Europe/Berlin
segments: []
occasions: [bereavement, delay]
policies: [return-window]

catalog:
- {kind: basket, currency: EUR, min: "5.00", max: "500.00", recipient: [], channel: delicatessen, lead_time: 24h, dual_control_above: "250.00"}
- {kind: flowers, currency: EUR, min: "5.00", max: "500.00", recipient: [], channel: florist, lead_time: 24h}

budgets:
- {name: care, currency: EUR, window: MONTH, amount: "1000.00"}

limits:
- {name: each, subject: AGENT, window: GESTURE, currency: EUR, hard_max: {amount: "500.00"}}
- {name: month, subject: AGENT, window: MONTH, currency: EUR, hard_max: {amount: "1000.00"}}
- {name: break_glass, subject: AGENT, window: MONTH, currency: EUR, hard_max: {amount: "200.00", count: 5}}

levels:
- name: frontline
  budgets: [care]
  maxima:
  - {limit: each, amount: "60.00"}
  - {limit: month, amount: "300.00"}
  - {limit: break_glass, amount: "100.00", count: 1}
- name: lead
  may_waive: [return-window]
  budgets: [care]
  maxima:
  - {limit: each, amount: "150.00"}
  - {limit: month, amount: "600.00"}
- name: manager
  may_waive: [return-window]
  budgets: [care]
  maxima:
  - {limit: each, amount: "400.00"}
  - {limit: month, amount: "1000.00"}
- name: duty
  budgets: [care]
  maxima:
  - {limit: each, amount: "120.00"}
  - {limit: month, amount: "200.00"}

routing:
  answer_within: 4h
  expire_after: 24h
  review_within: 48h
  duty_pool: {agent: duty, members: [night, manager]}
  rules:
  - {occasions: [bereavement], answer_within: 30m, expire_after: 2h, on_silence: GRANT}

agents:
- {id: anna, type: HUMAN, level: frontline, manager: lead, budget: care}
- {id: anna-too, type: HUMAN, person: anna, level: manager, budget: care}
- {id: ben, type: HUMAN, level: frontline, manager: lead, budget: care}
- {id: lead, type: HUMAN, level: lead, manager: manager, budget: care, own_customers: [lead-at-home]}
- {id: manager, type: HUMAN, level: manager, manager: director, budget: care}
- {id: director, type: HUMAN, level: manager, budget: care}
- {id: night, type: HUMAN, level: frontline, budget: care}
- {id: duty, type: POOL, level: duty, budget: care}
"#;

/// A Friday morning, in the tenant's winter.
const FRIDAY: &str = "2026-11-27T09:00:00Z";

/// A basket for a customer, in cents.
pub(super) fn basket(customer: &str, minor_units: i64) -> Gesture {
    Gesture {
        kind: "basket".into(),
        amount: money(minor_units, "EUR"),
        customer: Some(Customer {
            id: customer.into(),
            segment: String::new(),
        }),
        reason: "Their parcel was lost twice.".into(),
        recipient: Some(recipient()),
        ..Default::default()
    }
}

/// Flowers for a bereaved customer, in cents.
fn condolences(customer: &str, minor_units: i64) -> Gesture {
    Gesture {
        kind: "flowers".into(),
        occasion: "bereavement".into(),
        ..basket(customer, minor_units)
    }
}
