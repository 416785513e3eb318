//! The tenants of a workload: their document and their people. Pure.
//!
//! Nothing in them refuses on its own: maxima are far away, but for the amount that an agent gives alone, a budget with nothing in
//! it, and the budget of the workload that runs dry.

use std::fmt::Write;

use super::workload::{ALONE_MAX_MINOR, Shape};

/// The budget that has nothing left.
pub const SPENT: &str = "spent";
/// The only kind.
pub const KIND: &str = "flowers";
/// How many agents report to one lead.
const AGENTS_PER_LEAD: u32 = 10;
/// Far away, and little enough that a thousand times as much is still a number.
const FAR: &str = "1000000000.00";
/// What the budget that runs dry holds: about five gestures.
const SOON: &str = "150.00";

/// The name of the n-th tenant.
#[must_use]
pub fn name(tenant: u32) -> String {
    format!("bench-{tenant}")
}

/// The n-th agent.
#[must_use]
pub fn agent(n: u32) -> String {
    format!("agent-{n:05}")
}

/// The n-th lead.
#[must_use]
pub fn lead(n: u32) -> String {
    format!("lead-{n:04}")
}

/// Which lead the n-th agent reports to.
#[must_use]
pub fn lead_of(agent: u32) -> u32 {
    agent / AGENTS_PER_LEAD
}

/// The n-th customer.
#[must_use]
pub fn customer(n: u32) -> String {
    format!("customer-{n:06}")
}

/// The budget of the n-th team.
fn budget(n: u32) -> String {
    format!("team-{n:04}")
}

/// The budget that the n-th agent gives from: their lead's, who could not say yes to what is charged to another.
#[must_use]
pub fn budget_of(shape: &Shape, agent: u32) -> String {
    budget(lead_of(agent) % shape.budgets.max(1))
}

/// How many leads there are.
#[must_use]
pub fn leads(shape: &Shape) -> u32 {
    shape.agents.div_ceil(AGENTS_PER_LEAD)
}

/// The document of the n-th tenant, with its leads and without its agents.
#[must_use]
pub fn document(shape: &Shape, tenant: u32) -> String {
    let mut text = format!(
        "tenant: {}\ntime_zone: Europe/Berlin\nweek_starts_on: MONDAY\nsegments: []\noccasions: []\npolicies: []\n\
         catalog:\n- {{kind: {KIND}, offered: true, currency: EUR, min: \"1.00\", max: \"1000.00\", recipient: \
         [full_name, address_lines, locality, postal_code, country], channel: florist, lead_time: 24h, \
         tolerance_percent: 0}}\nbudgets:\n- {{name: {SPENT}, currency: EUR, window: EVER, amount: \"0.50\"}}\n",
        name(tenant)
    );
    let amount = if shape.is_dry { SOON } else { FAR };
    for n in 0..shape.budgets {
        let budget = budget(n);
        line(
            &mut text,
            &format!("- {{name: {budget}, currency: EUR, window: MONTH, amount: \"{amount}\"}}"),
        );
    }
    line(&mut text, "limits:");
    for (name, subject, window) in limits(shape.limits) {
        let limit = format!("name: {name}, subject: {subject}, window: {window}, currency: EUR");
        line(
            &mut text,
            &format!("- {{{limit}, hard_max: {{amount: \"{FAR}\"}}}}"),
        );
    }
    let alone = format!("{}.00", ALONE_MAX_MINOR / 100);
    line(&mut text, "levels:");
    for (level, amount) in [("frontline", alone.as_str()), ("lead", "1000.00")] {
        line(
            &mut text,
            &format!("- name: {level}\n  may_waive: []\n  budgets: [{SPENT}]"),
        );
        line(
            &mut text,
            &format!("  maxima:\n  - {{limit: agent-gesture, amount: \"{amount}\"}}"),
        );
    }
    line(
        &mut text,
        "routing: {answer_within: 4h, expire_after: 48h}\nagents:",
    );
    for n in 0..leads(shape) {
        let (lead, budget) = (lead(n), budget_of(shape, n * AGENTS_PER_LEAD));
        line(
            &mut text,
            &format!(
                "- {{id: {lead}, type: HUMAN, level: lead, budget: {budget}, own_customers: [], overrides: []}}"
            ),
        );
    }
    text
}

/// The limits: one per gesture, which has no counter and is what authority is made of, and those that count. A budget is
/// a limit that counts, too, so that one, three or five counters are charged.
fn limits(counters: u8) -> &'static [(&'static str, &'static str, &'static str)] {
    const ALL: [(&str, &str, &str); 5] = [
        ("agent-gesture", "AGENT", "GESTURE"),
        ("agent-month", "AGENT", "MONTH"),
        ("customer-year", "CUSTOMER", "YEAR"),
        ("agent-day", "AGENT", "DAY"),
        ("agent-and-customer", "AGENT_AND_CUSTOMER", "MONTH"),
    ];
    &ALL[..usize::from(counters.clamp(1, 5))]
}

fn line(text: &mut String, line: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::workload::{People, Workload};

    #[test]
    fn as_many_counters_are_charged_as_it_says() {
        for counters in [1, 3, 5] {
            let counting = limits(counters)
                .iter()
                .filter(|(_, _, window)| *window != "GESTURE");
            assert_eq!(
                counting.count() + 1,
                usize::from(counters),
                "with the budget"
            );
        }
    }

    #[test]
    fn everybody_has_a_lead_and_a_budget_of_the_document() {
        let shape = Workload::Spread.shape(People::FEW, 3);
        let document = document(&shape, 0);
        for agent in 0..shape.agents {
            assert!(document.contains(&format!("id: {},", lead(lead_of(agent)))));
            assert!(document.contains(&format!("name: {},", budget_of(&shape, agent))));
        }
    }
}
