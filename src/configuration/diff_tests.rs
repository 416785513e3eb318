use super::super::read;
use super::*;

const DEMO: &str = include_str!("../../deploy/demo.yaml");

fn demo() -> Normalised {
    read(DEMO).unwrap().normalised
}

/// What the demo with some of its text replaced changes, a line each.
fn told(replacements: &[(&str, &str)]) -> Vec<String> {
    let text = replacements
        .iter()
        .fold(DEMO.to_owned(), |text, (piece, instead)| {
            assert!(text.contains(piece), "{piece}");
            text.replacen(piece, instead, 1)
        });
    let new = read(&text)
        .unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
        .normalised;
    changes(Some(&demo()), &new)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn the_same_configuration_changes_nothing_in_whatever_order() {
    assert_eq!(changes(Some(&demo()), &demo()), []);
    let mut turned = demo();
    turned.limits.reverse();
    turned.levels.reverse();
    turned.catalog[0].recipient.reverse();
    turned.agents.as_mut().unwrap().reverse();
    assert_eq!(changes(Some(&demo()), &turned), []);
}

#[test]
fn a_changed_value_is_told_by_name_with_before_and_after() {
    let single = [
        (
            "Europe/Berlin",
            "Europe/Vienna",
            "time_zone: Europe/Berlin -> Europe/Vienna",
        ),
        (
            "week_starts_on: MONDAY",
            "week_starts_on: SUNDAY",
            "week_starts_on: MONDAY -> SUNDAY",
        ),
        (
            "amount: \"300.00\"",
            "amount: \"250.00\"",
            "levels.frontline.maxima.agent-month[courier-pickup,flowers,gift-basket].amount: 300.00 EUR -> 250.00 EUR",
        ),
        (
            "amount: \"60.00\"",
            "amount: \"70.00\"",
            "levels.frontline.maxima.agent-gesture.amount: 60.00 EUR -> 70.00 EUR",
        ),
        (
            "amount: \"500.00\"}}",
            "amount: \"600.00\"}}",
            "limits.agent-gesture.hard_max.amount: 500.00 EUR -> 600.00 EUR",
        ),
        (
            "\"3000.00\", count: 100",
            "\"3000.00\"",
            "limits.agent-month.hard_max.count: removed, was 100",
        ),
        (
            "max: \"120.00\"",
            "max: \"130.00\"",
            "catalog.flowers.EUR.max: 120.00 EUR -> 130.00 EUR",
        ),
        (
            "lead_time: 48h",
            "lead_time: 36h",
            "catalog.courier-pickup.EUR.lead_time: 2d -> 36h",
        ),
        (
            "tolerance_percent: 5",
            "tolerance_percent: 7.5",
            "catalog.gift-basket.EUR.tolerance_percent: 5 -> 7.50",
        ),
        (
            "amount: \"50000.00\"",
            "amount: \"1.00\"",
            "budgets.care.amount: 50000.00 EUR -> 1.00 EUR",
        ),
        (
            "parent: care, ",
            "",
            "budgets.care-berlin.parent: removed, was care",
        ),
        (
            "budgets: [care, care-berlin]",
            "budgets: [care]",
            "levels.manager.budgets: [care, care-berlin] -> [care]",
        ),
        (
            "level: lead, manager: mg-301",
            "level: manager, manager: mg-301",
            "agents.ld-201.level: lead -> manager",
        ),
        (
            "own_customers: [c-fl-101]",
            "own_customers: []",
            "agents.fl-101.own_customers: removed, was [c-fl-101]",
        ),
        (
            "overrides: []",
            "overrides: [{limit: agent-gesture, amount: \"90.00\"}]",
            "agents.fl-101.overrides.agent-gesture: added, amount 90.00 EUR",
        ),
        (
            "occasions: [bereavement, ",
            "occasions: [birthday, bereavement, ",
            "occasions.birthday: added",
        ),
        (
            "segments: [standard, loyal]",
            "segments: [standard]",
            "segments.loyal: removed",
        ),
        (
            "segments:",
            "rates: {max_age_days: 3}\nsegments:",
            "rates.max_age_days: 7 -> 3",
        ),
        (
            "segments:",
            "rates: {table: [{from: JPY, to: EUR, on: 2026-11-20, rate: \"0.0062\"}]}\nsegments:",
            "rates.JPY-EUR-2026-11-20: added, rate 1 JPY = 0.0062 EUR",
        ),
        (
            "kind: flowers, offered: true",
            "kind: flowers, offered: false",
            "catalog.flowers.EUR.offered: true -> false",
        ),
        (
            "min: \"15.00\"",
            "min: \"1.00\"",
            "catalog.flowers.EUR.min: 15.00 EUR -> 1.00 EUR",
        ),
        (
            "channel: florist",
            "channel: gardener",
            "catalog.flowers.EUR.channel: florist -> gardener",
        ),
        (
            "recipient: [], channel: billing",
            "recipient: [email], channel: billing",
            "catalog.goodwill-credit.EUR.recipient: [] -> [email]",
        ),
        (
            "kinds: [goodwill-credit], hard",
            "kinds: [goodwill-credit, yacht], hard",
            "limits.credit-month.kinds: [goodwill-credit] -> [goodwill-credit, yacht]",
        ),
        (
            "kinds: [goodwill-credit], hard",
            "kinds: [goodwill-credit], segments: [loyal], hard",
            "limits.credit-month.segments: added, [loyal]",
        ),
        (
            "kinds: [goodwill-credit], hard",
            "kinds: [goodwill-credit], occasions: [delight], hard",
            "limits.credit-month.occasions: added, [delight]",
        ),
        (
            "subject: CUSTOMER, ",
            "subject: CASE, ",
            "limits.customer-year.subject: CUSTOMER -> CASE",
        ),
        (
            "window: YEAR",
            "window: EVER",
            "limits.customer-year.window: YEAR -> EVER",
        ),
        (
            "may_waive: [return-window-15-days, customer-drops-parcel-off]",
            "may_waive: []",
            "levels.frontline.may_waive: removed, was [customer-drops-parcel-off, return-window-15-days]",
        ),
        (
            "amount: \"300.00\", count: 10",
            "amount: \"300.00\", count: 9",
            "levels.frontline.maxima.agent-month[courier-pickup,flowers,gift-basket].count: 10 -> 9",
        ),
        (
            "window: QUARTER",
            "window: YEAR",
            "budgets.care.window: QUARTER -> YEAR",
        ),
        (
            "type: POOL",
            "type: SOFTWARE",
            "agents.duty.type: POOL -> SOFTWARE",
        ),
        (
            "type: POOL",
            "type: POOL, person: p1",
            "agents.duty.person: added, p1",
        ),
        (
            "manager: mg-301, ",
            "",
            "agents.ld-201.manager: removed, was mg-301",
        ),
        (
            "level: duty, budget: care",
            "level: duty, budget: care-berlin",
            "agents.duty.budget: care -> care-berlin",
        ),
    ];
    for (piece, instead, expected) in single {
        assert_eq!(told(&[(piece, instead)]), [expected]);
    }
}

#[test]
fn whole_elements_are_told_in_one_line() {
    let credit = "- {name: credit-month, subject: AGENT, window: MONTH, currency: EUR, kinds: [goodwill-credit], hard_max: {amount: \"1000.00\", count: 50}}\n";
    let told = told(&[
        (credit, ""),
        (
            "  - {limit: credit-month, amount: \"50.00\", count: 5}\n",
            "",
        ),
    ]);
    assert_eq!(
        told,
        [
            "limits.credit-month: removed, was subject AGENT, window MONTH, currency EUR, kinds [goodwill-credit], hard_max.amount 1000.00 EUR, hard_max.count 50",
            "levels.frontline.maxima.credit-month: removed, was amount 50.00 EUR, count 5",
        ]
    );
}

#[test]
fn agents_that_are_missing_are_suspended_and_without_the_section_nobody_is() {
    let second = "- {id: fl-102, type: HUMAN, level: frontline, manager: ld-201, budget: care-berlin, own_customers: [], overrides: []}\n";
    assert_eq!(told(&[(second, "")]), ["agents.fl-102: suspended"]);
    let without = Normalised {
        agents: None,
        ..demo()
    };
    assert_eq!(changes(Some(&demo()), &without), []);
}

#[test]
fn the_first_configuration_is_all_new() {
    let changes = changes(None, &demo());
    assert!(
        changes
            .iter()
            .all(|change| change.kind == ChangeKind::Added && change.before.is_none())
    );
    let told: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert!(
        told.contains(&"time_zone: added, Europe/Berlin".to_owned()),
        "{told:#?}"
    );
    assert!(
        told.contains(&"agents.mg-301: added, type HUMAN, level manager, budget care".to_owned()),
        "{told:#?}"
    );
    let duty = "levels.duty: added, may_waive [customer-drops-parcel-off, return-window-15-days], budgets [care], agent-gesture (amount 100.00 EUR), agent-month (amount 1500.00 EUR)";
    assert!(told.contains(&duty.to_owned()), "{told:#?}");
}

#[test]
fn counters_are_abandoned_where_any_of_the_four_changes() {
    let old = demo();
    assert_eq!(abandoned(&old, &old), []);
    let told = |change: fn(&mut Normalised)| {
        let mut new = demo();
        change(&mut new);
        abandoned(&demo(), &new)
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(|new| new.limits[0].name = "each".to_owned()),
        ["agent-gesture (AGENT, GESTURE, EUR)"]
    );
    assert_eq!(
        told(|new| new.limits[1].window = Window::Week),
        ["agent-month (AGENT, MONTH, EUR)"]
    );
    assert_eq!(
        told(|new| new.limits[4].subject = Subject::Case),
        ["customer-year (CUSTOMER, YEAR, EUR)"]
    );
    assert_eq!(
        told(|new| new.limits[5].currency = "JPY".parse().unwrap()),
        ["tenant-month (TENANT, MONTH, EUR)"]
    );
    assert_eq!(
        told(|new| new.budgets[0].window = Window::Year),
        ["care (BUDGET, QUARTER, EUR)"]
    );
    assert_eq!(
        told(|new| drop(new.budgets.pop())),
        ["care-berlin (BUDGET, MONTH, EUR)"]
    );
    assert_eq!(told(|new| new.limits[1].hard_minor = Some(1)), [""; 0]);
    assert_eq!(told(|new| new.budgets[0].amount_minor = 1), [""; 0]);
}

#[test]
fn weeks_that_begin_on_another_day_begin_anew() {
    let mut old = demo();
    old.limits[1].window = Window::Week;
    let mut new = old.clone();
    new.week_starts_on = 7;
    let told: Vec<String> = abandoned(&old, &new)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told, ["agent-month (AGENT, WEEK, EUR)"]);
}
