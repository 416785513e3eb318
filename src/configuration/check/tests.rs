use super::*;

const BASE: &str = r#"tenant: demo
time_zone: Europe/Berlin
segments: [standard, loyal]
occasions: [apology]
policies: [return-window]
catalog:
- {kind: flowers, currency: EUR, min: "15.00", max: "120.00", recipient: [full_name], channel: florist, lead_time: 24h, tolerance_percent: 10}
- {kind: card, currency: EUR, min: "1.00", max: "5.00", recipient: [], channel: post, lead_time: 2d}
budgets:
- {name: care, currency: EUR, window: QUARTER, amount: "50000.00"}
- {name: berlin, parent: care, currency: EUR, window: MONTH, amount: "5000.00"}
limits:
- {name: gesture, subject: AGENT, window: GESTURE, currency: EUR, hard_max: {amount: "500.00"}}
- {name: month, subject: AGENT, window: MONTH, currency: EUR, hard_max: {amount: "3000.00", count: 100}}
- {name: sorry, subject: AGENT, window: MONTH, currency: EUR, occasions: [apology], hard_max: {amount: "900.00"}}
- {name: total, subject: TENANT, window: YEAR, currency: EUR, hard_max: {amount: "90000.00"}}
levels:
- name: frontline
  may_waive: [return-window]
  budgets: [berlin]
  maxima:
  - {limit: gesture, amount: "60.00"}
  - {limit: month, amount: "300.00", count: 10}
agents:
- {id: a1, type: HUMAN, level: frontline, manager: a2, budget: berlin}
- {id: a2, type: HUMAN, level: frontline, budget: care}
"#;

/// The mistakes of the base document with one piece of it replaced.
fn told(piece: &str, replacement: &str) -> Vec<String> {
    assert_eq!(
        BASE.matches(piece).count(),
        1,
        "{piece:?} is to be found once"
    );
    let document = BASE.replacen(piece, replacement, 1);
    read(&document)
        .err()
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect()
}
#[test]
fn spike_show() {
    assert!(read(BASE).is_ok(), "{:?}", read(BASE));
    for (a, b) in [
        ("may_waive: [return", "may_wave: [return"),
        ("{limit: month,", "{limit: mounth,"),
        ("{limit: month,", "{limit: team-year,"),
        ("segments: [standard, loyal]", "segments: loyal"),
        ("count: 10}", "count: ten}"),
        ("count: 10}", "count: \"10\"}"),
        ("count: 10}", "count: 0}"),
        ("count: 10}", "count: 1.5}"),
        ("count: 10}", "count: 101}"),
        ("amount: \"60.00\"", "amount: 60.00"),
        ("amount: \"60.00\"", "amount: 60"),
        ("amount: \"60.00\"", "amount: 60.005"),
        ("amount: \"60.00\"", "amount: \"60.0055\""),
        ("amount: \"60.00\"", "amount: \"60 EUR\""),
        ("amount: \"60.00\"", "amount: \"600.00\""),
        ("amount: \"60.00\"", "amount: [60.00]"),
        ("amount: \"60.00\"", "amount: \"60.00\", count: 1"),
        ("Europe/Berlin", "Europe/Berln"),
        ("Europe/Berlin", "Berlin"),
        ("Europe/Berlin", "CEST"),
        (
            "{name: care, currency",
            "{name: care, parent: berlin, currency",
        ),
        (
            "{name: care, currency",
            "{name: care, parent: care, currency",
        ),
        ("manager: a2, budget: berlin}", "manager: a2}"),
        (
            "manager: a2, budget: berlin}",
            "manager: a3, budget: brelin}",
        ),
        (
            "level: frontline, budget: care",
            "level: frontline, manager: a1, budget: care",
        ),
        (
            "  - {limit: gesture, amount: \"60.00\"}\n  - {limit: month, amount: \"300.00\", count: 10}",
            "  - {limit: sorry, amount: \"60.00\"}",
        ),
        (
            "  - {limit: gesture, amount: \"60.00\"}\n  - {limit: month, amount: \"300.00\", count: 10}",
            "  - {limit: total, amount: \"60.00\"}",
        ),
        (
            "levels:\n- name: frontline\n",
            "levels:\n-\tname: frontline\n\tx: y\n",
        ),
        ("  budgets: [berlin]\n", "\tbudgets: [berlin]\n"),
        ("subject: TENANT", "subject: BUDGET"),
        ("subject: TENANT", "subject: TENNANT"),
        ("subject: TENANT", "subject: tenant"),
        ("window: YEAR", "window: FORTNIGHT"),
        ("hard_max: {amount: \"90000.00\"}", "hard_max: {}"),
        (", hard_max: {amount: \"90000.00\"}", ""),
        ("hard_max: {amount: \"90000.00\"}", "hard_max: 90000"),
        ("tenant: demo\n", ""),
        ("tenant: demo", "tenant: my demo"),
        ("id: a1", "id: 101"),
        ("id: a1", "id: a2"),
        ("id: a1", "id: no"),
        ("id: a1", "id: true"),
        (
            "type: HUMAN, level: frontline, manager",
            "type: PERSON, level: frontline, manager",
        ),
        ("lead_time: 24h", "lead_time: 24"),
        ("lead_time: 24h", "lead_time: a day"),
        ("tolerance_percent: 10", "tolerance_percent: 10%"),
        ("tolerance_percent: 10", "tolerance_percent: 110"),
        ("min: \"15.00\"", "min: \"150.00\""),
        ("recipient: [full_name]", "recipient: [fullname, fax]"),
        (
            "currency: EUR, min: \"15.00\"",
            "currency: eur, min: \"15.00\"",
        ),
        (
            "currency: EUR, min: \"15.00\"",
            "currency: XAU, min: \"15.00\"",
        ),
        (
            "currency: EUR, min: \"15.00\"",
            "currency: JPY, min: \"15.00\"",
        ),
        ("kind: card", "kind: flowers"),
        (
            "policies: [return-window]",
            "policies: [return-window]\nrates: {table: [{from: USD, to: EUR, on: 2026-02-30, rate: 0.9}, {from: EUR, to: EUR, on: 2026-02-20, rate: \"0.9\"}]}",
        ),
        (
            "occasions: [apology]\n",
            "occasions: [apology]\noccasions: [x]\n",
        ),
        ("occasions: [apology]\n", "occasions: []\n"),
        ("occasions: [apology], hard", "occasions: [], hard"),
        (
            "occasions: [apology]\n",
            "occasions: [apology]\nweek_starts_on: Monday\n",
        ),
        ("kind: card, currency", "kind: card, offered: yes, currency"),
        ("tenant: demo", "- tenant"),
        (
            "name: gesture, subject: AGENT, window: GESTURE",
            "name: gesture, subject: AGENT, window: MOMENT",
        ),
        ("\n- {id: a2", "\n- a3\n- {id: a2"),
        ("catalog:\n", "catalog: [\n"),
    ] {
        println!("## {b:?}");
        for m in told(a, b) {
            println!("    {m}");
        }
    }
    println!("{:?}", read("").unwrap_err());
    println!("{:?}", read("hello").unwrap_err());
    println!(
        "{:?}",
        read("{}")
            .unwrap_err()
            .iter()
            .map(|m| m.to_string())
            .collect::<Vec<_>>()
    );
}
