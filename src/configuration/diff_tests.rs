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
            "amount: \"300.00\", count: 10",
            "amount: \"250.00\", count: 10",
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
            "fl-102, type: HUMAN",
            "fl-102, type: SOFTWARE",
            "agents.fl-102.type: HUMAN -> SOFTWARE",
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
fn what_is_changed_in_routing_is_told_by_name_and_so_is_the_order_of_rules() {
    for (piece, instead, expected) in [
        (
            "dual_control_above: \"100.00\"",
            "dual_control_above: \"90.00\"",
            "catalog.gift-basket.EUR.dual_control_above: 100.00 EUR -> 90.00 EUR",
        ),
        (
            "late_cancel_percent: 50",
            "late_cancel_percent: 25",
            "catalog.gift-basket.EUR.late_cancel_percent: 50 -> 25",
        ),
        (
            "answer_within: 4h",
            "answer_within: 90m",
            "routing.answer_within: 4h -> 90m",
        ),
        (
            "expire_after: 48h",
            "expire_after: 72h",
            "routing.expire_after: 2d -> 3d",
        ),
        (
            "routing:",
            "routing:\n  review_within: 1d",
            "routing.review_within: 3d -> 1d",
        ),
        (
            "members: [ld-201, mg-301]",
            "members: [mg-301]",
            "routing.duty_pool.members: [ld-201, mg-301] -> [mg-301]",
        ),
        (
            "on_silence: GRANT",
            "on_silence: EXPIRE",
            "routing.rules.occasions[bereavement].on_silence: GRANT -> EXPIRE",
        ),
        (
            "agents:",
            "calendar: {working_hours: {MONDAY: [\"09:00-12:30\", \"13:30-17:00\"]}}\nagents:",
            "calendar.working_hours.MONDAY: added, 09:00-12:30, 13:30-17:00",
        ),
    ] {
        assert_eq!(told(&[(piece, instead)]), [expected]);
    }
    let second = "  - {segments: [loyal], kinds: [yacht, flowers], expire_after: 1d}";
    let first = "  - {occasions";
    assert_eq!(
        told(&[("\nagents:", &format!("{second}\n\nagents:"))]),
        [
            "routing.rules.order: added, occasions[bereavement], then kinds[flowers,yacht].segments[loyal]",
            "routing.rules.kinds[flowers,yacht].segments[loyal]: added, answer_within 4h, expire_after 1d, on_silence EXPIRE, clock ALWAYS",
        ]
    );
    let with = |piece: &str, instead: &str| {
        let text = DEMO.replacen(piece, instead, 1);
        read(&text)
            .unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
            .normalised
    };
    let last = with("\nagents:", &format!("{second}\n\nagents:"));
    let turned = with(first, &format!("{second}\n{first}"));
    let told: Vec<String> = changes(Some(&last), &turned)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "routing.rules.order: occasions[bereavement], then kinds[flowers,yacht].segments[loyal] -> kinds[flowers,yacht].segments[loyal], then occasions[bereavement]"
        ]
    );
}

/// A tenant who says nothing of routing and calendar is told nothing of them, and one who no longer does is told that.
#[test]
fn what_nobody_said_of_routing_is_not_told_until_it_was() {
    let silent = Normalised {
        routing: Routing::default(),
        ..demo()
    };
    let first = changes(None, &silent);
    assert!(
        first
            .iter()
            .all(|change| !change.path.starts_with("routing") && !change.path.starts_with("cal"))
    );
    assert_eq!(changes(Some(&silent), &silent), []);
    let mut open = silent.clone();
    open.calendar = serde_json::from_str(
        r#"{"working_hours": [[["09:00","17:00"]],[],[],[],[],[],[]], "holidays": ["2026-12-25"]}"#,
    )
    .unwrap();
    let told: Vec<String> = changes(Some(&open), &silent)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "calendar.working_hours.MONDAY: removed, was 09:00-17:00",
            "calendar.holidays.2026-12-25: removed",
        ]
    );
    let told: Vec<String> = changes(Some(&demo()), &silent)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "routing.expire_after: 2d -> 3d",
            "routing.duty_pool.agent: removed, was duty",
            "routing.duty_pool.members: removed, was [ld-201, mg-301]",
            "routing.rules.occasions[bereavement]: removed, was answer_within 30m, expire_after 2h, on_silence GRANT, clock ALWAYS",
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
    let duty = "levels.duty: added, may_waive [customer-drops-parcel-off, return-window-15-days], budgets [care, care-berlin], agent-gesture (amount 100.00 EUR), agent-month (amount 1500.00 EUR)";
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
