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

/// The only mistake of the base document with one piece of it replaced.
fn told_once(piece: &str, replacement: &str) -> String {
    let told = told(piece, replacement);
    assert_eq!(told.len(), 1, "{replacement}: {told:#?}");
    told.concat()
}

const BOTH_MAXIMA: &str =
    "  - {limit: gesture, amount: \"60.00\"}\n  - {limit: month, amount: \"300.00\", count: 10}";

#[test]
fn the_base_document_is_right() {
    assert_eq!(read(BASE).err(), None);
}

/// What people really get wrong, and every word of the answer.
#[test]
fn a_mistake_is_told_with_its_place_and_what_would_be_right() {
    for (piece, replacement, expected) in [
        (
            "may_waive: [ret",
            "may_wave: [ret",
            "line 19, column 3: levels[0].may_wave: \"may_wave\" is no key here: did you mean \"may_waive\"?",
        ),
        (
            "{limit: month,",
            "{limit: mounth,",
            "line 23, column 13: levels[0].maxima[1].limit: there is no limit \"mounth\": did you mean \"month\"?",
        ),
        (
            "{limit: month,",
            "{limit: team-year,",
            "line 23, column 13: levels[0].maxima[1].limit: there is no limit \"team-year\": limits names gesture, month, sorry, total",
        ),
        (
            "count: 10}",
            "count: \"10\"}",
            "line 23, column 45: levels[0].maxima[1].count: \"10\" is text: write the number 10 without quotes",
        ),
        (
            "[standard, loyal]",
            "loyal",
            "line 3, column 11: segments: \"loyal\" is text: write a list of names",
        ),
        (
            "\"60.00\"",
            "60.00",
            "line 22, column 30: levels[0].maxima[0].amount: 60.00 without quotes is a number to YAML, and amounts are text so that no float rounds them: write \"60.00\" in quotes",
        ),
        (
            "\"60.00\"",
            "\"60.0055\"",
            "line 22, column 30: levels[0].maxima[0].amount: \"60.0055\" has 4 decimals and EUR has only 2: write \"60.00\"",
        ),
        (
            "Europe/Berlin",
            "Europe/Berln",
            "line 2, column 12: time_zone: \"Europe/Berln\" is no IANA time zone: did you mean Europe/Berlin?",
        ),
        (
            "{name: care, c",
            "{name: care, parent: berlin, c",
            "line 10, column 24: budgets[0].parent: the budgets lead in a circle, care → berlin → care: remove the parent of the topmost",
        ),
        (
            "manager: a2, budget: berlin}",
            "manager: a2}",
            "line 25, column 3: agents[0].budget: is missing: add budget, the name of the budget that pays where a request names none",
        ),
        (
            BOTH_MAXIMA,
            "  - {limit: sorry, amount: \"60.00\"}",
            "line 22, column 5: levels[0].maxima: every AGENT limit with an amount for card, flowers counts only some occasions or segments, which are the caller's to name: add an entry with an amount for \"gesture\"",
        ),
        (
            "  budgets: [berlin]",
            "\tbudgets: [berlin]",
            "line 20, column 1: YAML is indented with spaces, never with tabs: replace the tab by spaces",
        ),
    ] {
        assert_eq!(told_once(piece, replacement), expected);
    }
}

#[test]
fn values_of_the_wrong_sort_say_what_belongs_there() {
    for (piece, replacement, end) in [
        (
            "count: 10}",
            "count: ten}",
            "ten is no whole number: write digits alone, such as 10",
        ),
        (
            "count: 10}",
            "count: 1_0}",
            "1_0 is no whole number: write digits alone, such as 10",
        ),
        (
            "count: 10}",
            "count: 0}",
            "0 is out of range: from 1 to 1000000000 is possible",
        ),
        ("\"60.00\"", "60.005", "write \"60.00\" in quotes"),
        ("\"60.00\"", "6e1", "write \"50.00\" in quotes"),
        (
            "\"60.00\"",
            "[60.00]",
            "is a list: write an amount in EUR, such as \"50.00\"",
        ),
        (
            "\"60.00\"",
            "\"0.00\"",
            "0.00 EUR is out of range: from 0.01 to 10000000000000000.00 EUR is possible",
        ),
        ("Europe/Berlin", "berlin", "did you mean Europe/Berlin?"),
        (
            "Europe/Berlin",
            "Middle-earth",
            "write one such as Europe/Berlin",
        ),
        (
            "id: a1",
            "id: 101",
            "101 without quotes is a number to YAML: write an id, in quotes if it is \"101\"",
        ),
        (
            "id: a1",
            "id: true",
            "write an id, in quotes if it is \"true\"",
        ),
        (
            "tenant: demo",
            "tenant: my demo",
            "join the words of a name, as in \"my-demo\"",
        ),
        (
            "tenant: demo",
            "tenant:",
            "is empty: write the tenant's name",
        ),
        (
            "subject: TENANT",
            "subject: TENNANT",
            "did you mean TENANT?",
        ),
        (
            "window: YEAR",
            "window: FORTNIGHT",
            "write one of GESTURE, DAY, WEEK, MONTH, QUARTER, YEAR, EVER",
        ),
        (
            "lead_time: 24h",
            "lead_time: 24",
            "24 has no unit: write a duration of minutes, hours or days, such as 30m, 24h or 3d",
        ),
        (
            "lead_time: 24h",
            "lead_time: soon",
            "such as 30m, 24h or 3d",
        ),
        (
            "_percent: 10",
            "_percent: 10%",
            "without quotes and sign, such as 10 or 12.5",
        ),
        (
            "_percent: 10",
            "_percent: 110",
            "write one such as 10 or 12.5",
        ),
        ("[full_name]", "[fullname]", "did you mean full_name?"),
        (
            "[full_name]",
            "[full_name, full_name]",
            "after line 7: rename or remove one",
        ),
        (
            "kind: card, currency: EUR",
            "kind: card, currency: eur",
            "did you mean EUR?",
        ),
        (
            "kind: card, currency: EUR",
            "kind: card, currency: XAU",
            "three capital letters, as in EUR",
        ),
        (
            "kind: card,",
            "kind: card, offered: yes,",
            "\"yes\" is neither: write true or false, without quotes",
        ),
        (
            "hard_max: {amount: \"90000.00\"}",
            "hard_max: 90000",
            "90000 is a number: write a mapping with amount, count or both",
        ),
        (
            "segments:",
            "week_starts_on: Monday\nsegments:",
            "did you mean MONDAY?",
        ),
        (
            "segments:",
            "rates: {max_age_days: 0}\nsegments:",
            "from 1 to 366 is possible",
        ),
        (
            "segments:",
            "rates: {table: [{from: USD, to: EUR, on: 2026-2-3, rate: \"0.9\"}]}\nsegments:",
            "write year, month and day, such as 2026-11-20",
        ),
        (
            "segments:",
            "rates: {table: [{from: USD, to: EUR, on: 2026-02-30, rate: \"0.9\"}]}\nsegments:",
            "write year, month and day, such as 2026-11-20",
        ),
        (
            "segments:",
            "rates: {table: [{from: USD, to: EUR, on: 2026-02-01, rate: 0.9}]}\nsegments:",
            "in quotes if it is \"0.9\"",
        ),
        (
            "segments:",
            "rates: {table: [{from: EUR, to: EUR, on: 2026-02-01, rate: \"0.9\"}]}\nsegments:",
            "not from EUR to EUR",
        ),
    ] {
        let told = told_once(piece, replacement);
        assert!(told.ends_with(end), "{replacement}: {told}");
    }
}

/// One test for each rule that the database would refuse to compile, and for those beyond.
#[test]
fn rules_between_elements_are_told_where_they_are_broken() {
    for (piece, replacement, path, part) in [
        (
            "{name: care, c",
            "{name: care, parent: cares, c",
            "budgets[0].parent",
            "did you mean \"care\"?",
        ),
        (
            "{name: berlin, parent: care, c",
            "{name: care, c",
            "budgets[1].name",
            "a second time, after line 10",
        ),
        (
            "window: QUARTER",
            "window: GESTURE",
            "budgets[0].window",
            "write one of DAY, WEEK",
        ),
        (
            "kind: card",
            "kind: flowers",
            "catalog[1].kind",
            "one price range per kind and currency",
        ),
        (
            "\"15.00\"",
            "\"150.00\"",
            "catalog[0].min",
            "is above the highest, 120.00 EUR",
        ),
        (
            "name: month,",
            "name: gesture,",
            "limits[1].name",
            "a second time, after line 13",
        ),
        (
            "subject: TENANT",
            "subject: BUDGET",
            "limits[3].subject",
            "write it in budgets",
        ),
        (
            "hard_max: {amount: \"90000.00\"}",
            "hard_max: {}",
            "limits[3].hard_max",
            "names neither an amount nor a count",
        ),
        (
            ", hard_max: {amount: \"90000.00\"}",
            "",
            "limits[3].hard_max",
            "is missing: add hard_max",
        ),
        (
            "{amount: \"500.00\"}",
            "{amount: \"500.00\", count: 3}",
            "limits[0].hard_max.count",
            "there is nothing to count",
        ),
        (
            "occasions: [apology], hard",
            "occasions: [], hard",
            "limits[2].occasions",
            "leave the key out to cover all",
        ),
        (
            "occasions: [apology], hard",
            "occasions: [appology], hard",
            "limits[2].occasions[0]",
            "did you mean \"apology\"?",
        ),
        (
            "occasions: [apology], hard",
            "segments: [royal], hard",
            "limits[2].segments[0]",
            "did you mean \"loyal\"?",
        ),
        (
            "occasions: [apology], hard",
            "kinds: [cards], hard",
            "limits[2].kinds[0]",
            "did you mean \"card\"?",
        ),
        (
            "may_waive: [return-window]",
            "may_waive: [window]",
            "levels[0].may_waive[0]",
            "policies names return-window",
        ),
        (
            "budgets: [berlin]",
            "budgets: [berlin, berlin]",
            "levels[0].budgets[1]",
            "once is enough",
        ),
        (
            "{limit: month,",
            "{limit: total,",
            "levels[0].maxima[1].limit",
            "which its hard_max alone bounds",
        ),
        (
            "\"60.00\"",
            "\"600.00\"",
            "levels[0].maxima[0].amount",
            "write at most \"500.00\", or raise that",
        ),
        (
            "count: 10}",
            "count: 101}",
            "levels[0].maxima[1].count",
            "write at most 100, or raise that",
        ),
        (
            "\"60.00\"",
            "\"60.00\", count: 2",
            "levels[0].maxima[0].count",
            "there is nothing to count",
        ),
        (
            "{limit: month,",
            "{limit: gesture,",
            "levels[0].maxima[1].count",
            "there is nothing to count",
        ),
        (
            "{limit: month, amount: \"300.00\", count: 10}",
            "{limit: gesture}",
            "levels[0].maxima[1]",
            "a second entry for \"gesture\" without kinds, after line 22",
        ),
        (
            "\"60.00\"}",
            "\"60.00\", kinds: [card]}\n  - {limit: gesture, kinds: [flowers, card]}",
            "levels[0].maxima[1].kinds",
            "an entry for \"card\" already, line 22",
        ),
        (
            "id: a1",
            "id: a2",
            "agents[1].id",
            "a second time, after line 25",
        ),
        (
            "type: HUMAN, level: frontline, manager",
            "type: PERSON, level: frontline, manager",
            "agents[0].type",
            "write one of HUMAN, SOFTWARE, POOL",
        ),
        (
            "level: frontline, manager",
            "level: front, manager",
            "agents[0].level",
            "levels names frontline",
        ),
        (
            "manager: a2",
            "manager: nobody",
            "agents[0].manager",
            "agents names a1, a2",
        ),
        (
            "manager: a2",
            "manager: a1",
            "agents[0].manager",
            "in a circle, a1 → a1",
        ),
        (
            "budget: care}",
            "budget: care, manager: a1}",
            "agents[0].manager",
            "in a circle, a1 → a2 → a1",
        ),
        (
            "budget: care}",
            "budget: cares}",
            "agents[1].budget",
            "did you mean \"care\"?",
        ),
        (
            "budget: care}",
            "budget: care, own_customers: [c1, c1]}",
            "agents[1].own_customers[1]",
            "a second time",
        ),
        (
            "budget: care}",
            "budget: care, overrides: [{limit: gesture, amount: \"600.00\"}]}",
            "agents[1].overrides[0].amount",
            "write at most",
        ),
        (
            "budget: care}",
            "budget: care, overrides: [{limit: gesture}, {limit: month}]}",
            "",
            "",
        ),
        (
            "budget: care}",
            "budget: care, overrides: [{limit: gesture}, {limit: month}, {limit: sorry, amount: \"5.00\"}]}",
            "agents[1].overrides",
            "add an entry with an amount for \"gesture\"",
        ),
        (
            "segments:",
            "segments: []\nsegments:",
            "segments",
            "stands here a second time, after line 3",
        ),
        (
            "occasions: [apology]\n",
            "occasions: [apology, apology]\n",
            "occasions[1]",
            "after line 4",
        ),
        (
            "segments:",
            "rates: {table: [{from: USD, to: EUR, on: 2026-02-01, rate: \"1\"}, {from: USD, to: EUR, on: 2026-02-01, rate: \"2\"}]}\nsegments:",
            "rates.table[1]",
            "a second rate from USD to EUR dated 2026-02-01",
        ),
    ] {
        let told = told(piece, replacement);
        if path.is_empty() {
            assert_eq!(told, [""; 0], "{replacement}");
        } else {
            let is_told = told
                .iter()
                .any(|told| told.contains(&format!(": {path}: ")) && told.contains(part));
            assert!(is_told, "{replacement} {path}: {told:#?}");
        }
    }
}

#[test]
fn every_mistake_is_told_at_once_and_none_is_a_consequence_of_another() {
    let document = BASE
        .replace("Europe/Berlin", "Europe/Berln")
        .replace("min: \"15.00\"", "min: 15")
        .replace(
            "window: MONTH, currency: EUR, hard",
            "window: MOUNTH, currency: EUR, hard",
        )
        .replace("{name: care, c", "{name: care, colour: red, c")
        .replace("id: a2, type: HUMAN", "id: a2, type: ROBOT");
    let mistakes = read(&document).unwrap_err();
    let paths: Vec<&str> = mistakes
        .iter()
        .map(|mistake| mistake.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "time_zone",
            "catalog[0].min",
            "budgets[0].colour",
            "limits[1].window",
            "agents[1].type"
        ]
    );
}

#[test]
fn half_an_element_and_a_limit_that_cannot_be_read_have_no_consequences() {
    let sorry = "  - {limit: sorry, amount: \"5.00\"}";
    let half = format!("{sorry}\n  - {{limit: gesture, amuont: \"60.00\"}}");
    assert!(told_once(BOTH_MAXIMA, &half).ends_with("did you mean \"amount\"?"));

    let entry = format!("{sorry}\n  - {{limit: gesture, amount: \"60.00\"}}");
    let document = BASE
        .replace("window: GESTURE", "window: MOMENT")
        .replace(BOTH_MAXIMA, &entry);
    let paths: Vec<String> = read(&document)
        .unwrap_err()
        .into_iter()
        .map(|m| m.path)
        .collect();
    assert_eq!(paths, ["limits[0].window"]);
}

/// Either filter leaves the gap, and an entry for one kind closes it for that kind only.
#[test]
fn a_gap_is_told_for_the_kinds_that_have_it() {
    let document = |filter: &str, maxima: &str| {
        let document = BASE.replace("occasions: [apology], hard", &format!("{filter}, hard"));
        let mistakes = read(&document.replace(BOTH_MAXIMA, maxima))
            .err()
            .unwrap_or_default();
        mistakes
            .into_iter()
            .map(|mistake| mistake.message)
            .collect::<String>()
    };
    let sorry = "  - {limit: sorry, amount: \"5.00\"}";
    for filter in ["segments: [loyal]", "occasions: [apology]"] {
        assert!(
            document(filter, sorry).contains("for card, flowers counts only"),
            "{filter}"
        );
    }
    let cards = format!("{sorry}\n  - {{limit: month, amount: \"9.00\", kinds: [card]}}");
    assert!(document("segments: [loyal]", &cards).contains("for flowers counts only"));
    let all_but_cards = format!(
        "{sorry}\n  - {{limit: month, kinds: [card]}}\n  - {{limit: month, amount: \"9.00\"}}"
    );
    assert!(document("segments: [loyal]", &all_but_cards).contains("for card counts only"));
    assert_eq!(document("kinds: [card]", sorry), "");
    assert_eq!(document("occasions: [apology]", "    []"), "");
    assert_eq!(document("occasions: [apology]", "  - {limit: sorry}"), "");
}

#[test]
fn what_is_no_mapping_or_empty_is_told_as_such() {
    let told = |text: &str| {
        read(text)
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        told(""),
        [
            "line 1, column 1: is empty: write a mapping with tenant, time_zone, catalog, budgets, limits and levels"
        ]
    );
    assert!(told("hello")[0].starts_with("line 1, column 1: \"hello\" is text: write a mapping"));
    assert_eq!(told("{}").len(), 6);
    let many: String = (0..1_000).map(|n| format!("k{n}:\n")).collect();
    assert!(told(&many)[0].contains("has 1000 keys: possible are tenant, "));
    let long = format!("tenant: {}", "x".repeat(DOCUMENT_BYTES_MAX));
    assert!(told(&long)[0].contains("at most 3145728 are possible"));
}

#[test]
fn an_alias_repeats_what_its_anchor_marked() {
    let document = BASE
        .replace("recipient: [full_name]", "recipient: &who [full_name]")
        .replace("recipient: []", "recipient: *who");
    assert_eq!(
        read(&document).unwrap().normalised.catalog[1].recipient,
        ["full_name"]
    );
}

#[test]
fn ten_thousand_agents_are_read_and_one_more_is_not() {
    let roster = |count: usize| {
        let agents = (0..count).map(|n| {
            format!("\n- {{id: x{n}, type: HUMAN, level: frontline, manager: a2, budget: care}}")
        });
        BASE.trim_end().to_owned() + &agents.collect::<String>()
    };
    let full = read(&roster(9_998)).unwrap().normalised.agents.unwrap();
    assert_eq!(full.len(), 10_000);
    let mistakes = read(&roster(9_999)).unwrap_err();
    assert_eq!(
        mistakes[0].message,
        "has 10001 items and at most 10000 are possible"
    );
}

#[test]
fn a_budget_may_stand_ten_deep() {
    let chain = |depth: usize| {
        let budgets = (1..depth).map(|n| {
            let parent = if n == 1 {
                "berlin".to_owned()
            } else {
                format!("b{}", n - 1)
            };
            format!(
                "\n- {{name: b{n}, parent: {parent}, currency: EUR, window: YEAR, amount: \"1\"}}"
            )
        });
        let budgets: String = budgets.collect();
        read(&BASE.replace("\nlimits:", &format!("{budgets}\nlimits:")))
            .err()
            .unwrap_or_default()
    };
    assert_eq!(chain(9), []);
    assert_eq!(chain(10)[0].path, "budgets[10].parent");
}
