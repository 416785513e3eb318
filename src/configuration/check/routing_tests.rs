//! Also of the calendar, dual control and broken glass: all that a document says of approvals.

use super::super::super::{Document, read};
use super::*;

const BASE: &str = r#"tenant: demo
time_zone: Europe/Berlin
segments: [standard, loyal]
occasions: [apology, funeral]
catalog:
- {kind: flowers, currency: EUR, min: "15.00", max: "120.00", recipient: [], channel: florist, lead_time: 24h, dual_control_above: "90.00"}
- {kind: card, currency: EUR, min: "1.00", max: "5.00", recipient: [], channel: post, lead_time: 2d}
budgets:
- {name: care, currency: EUR, window: QUARTER, amount: "50000.00"}
limits:
- {name: month, subject: AGENT, window: MONTH, currency: EUR, hard_max: {amount: "3000.00"}}
- {name: break_glass, subject: AGENT, window: MONTH, currency: EUR, hard_max: {amount: "300.00", count: 3}}
levels:
- name: frontline
  maxima:
  - {limit: month, amount: "300.00"}
  - {limit: break_glass, count: 2}
routing:
  answer_within: 1h
  expire_after: 2d
  clock: WORKING_HOURS
  review_within: 1d
  duty_pool: {agent: duty, members: [a1, a2]}
  rules:
  - {kinds: [flowers], occasions: [funeral], answer_within: 30m, expire_after: 2h, on_silence: GRANT, clock: ALWAYS}
  - {segments: [loyal], expire_after: 3d}
calendar:
  working_hours:
    MONDAY: ["09:00-12:30", "13:30-17:00"]
    FRIDAY: ["09:00-24:00"]
    SUNDAY: []
  holidays: [2026-12-25, 2027-01-01]
agents:
- {id: a1, type: HUMAN, level: frontline, manager: a2, budget: care}
- {id: a2, type: HUMAN, level: frontline, budget: care}
- {id: duty, type: POOL, level: frontline, budget: care}
"#;

fn lines(document: &str) -> Vec<String> {
    read(document)
        .err()
        .unwrap_or_default()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn with(piece: &str, replacement: &str) -> String {
    assert_eq!(
        BASE.matches(piece).count(),
        1,
        "{piece:?} is to be found once"
    );
    BASE.replacen(piece, replacement, 1)
}

/// The only mistake of the base document with one piece of it replaced.
fn told_once(piece: &str, replacement: &str) -> String {
    let told = lines(&with(piece, replacement));
    assert_eq!(told.len(), 1, "{replacement}: {told:#?}");
    told.concat()
}

#[test]
fn what_a_rule_leaves_out_is_as_in_the_section_and_what_the_section_leaves_out_as_nobody_said() {
    let Document { normalised, .. } = read(BASE).unwrap();
    let second = RoutingRule {
        kinds: None,
        segments: Some(vec!["loyal".to_owned()]),
        occasions: None,
        answer_within_s: 3_600,
        expire_after_s: 3 * 86_400,
        on_silence: SilenceRule::Expire,
        clock: Clock::WorkingHours,
    };
    assert_eq!(normalised.routing.rules[1], second);
    assert_eq!(normalised.routing.rules[0].clock, Clock::Always);
    assert_eq!(normalised.catalog[0].dual_minor, Some(9_000));
    let read = read(&with("  answer_within: 1h\n  expire_after: 2d\n", ""));
    let routing = read.unwrap().normalised.routing;
    assert_eq!(
        (routing.answer_within_s, routing.expire_after_s),
        (4 * 3_600, 72 * 3_600)
    );
    assert_eq!(routing.rules[1].answer_within_s, 4 * 3_600);
    assert_eq!(
        lines(&with("routing:\n", "routing:\n  on_silence:\n")),
        [""; 0]
    );
}

/// What people really get wrong, and every word of the answer.
#[test]
fn a_mistake_is_told_with_its_place_and_what_would_be_right() {
    for (piece, replacement, expected) in [
        (
            "  answer_within: 1h",
            "  anser_within: 1h",
            "line 19, column 3: routing.anser_within: \"anser_within\" is no key here: did you mean \"answer_within\"?",
        ),
        (
            "answer_within: 1h",
            "answer_within: 30s",
            "line 19, column 18: routing.answer_within: 30s is out of range: from 1m to 30d is possible",
        ),
        (
            "review_within: 1d",
            "review_within: 91d",
            "line 22, column 18: routing.review_within: 91d is out of range: from 1m to 90d is possible",
        ),
        (
            "expire_after: 2d",
            "expire_after: 30m",
            "line 20, column 17: routing.expire_after: the question would end after 30m, before the 1h are over for which the first person is asked: let expire_after be the longer one",
        ),
        (
            "expire_after: 3d",
            "answer_within: 3d",
            "line 26, column 40: routing.rules[1].answer_within: the question would end after 2d, before the 3d are over for which the first person is asked: let expire_after be the longer one",
        ),
        (
            "on_silence: GRANT",
            "on_silence: GRAND",
            "line 25, column 96: routing.rules[0].on_silence: \"GRAND\" is not possible here: did you mean GRANT?",
        ),
        (
            "  clock: WORKING_HOURS",
            "  clock: OFFICE_HOURS",
            "line 21, column 10: routing.clock: \"OFFICE_HOURS\" is not possible here: write one of ALWAYS, WORKING_HOURS",
        ),
        (
            "  duty_pool: {agent: duty, members: [a1, a2]}\n",
            "",
            "line 24, column 96: routing.rules[0].on_silence: GRANT lets the duty pool give, and there is none: add duty_pool, or write EXPIRE",
        ),
        (
            "agent: duty",
            "agent: dutty",
            "line 23, column 22: routing.duty_pool.agent: there is no agent \"dutty\": did you mean \"duty\"?",
        ),
        (
            "agent: duty",
            "agent: a1",
            "line 23, column 22: routing.duty_pool.agent: \"a1\" is of type HUMAN, and the duty pool is of type POOL: name another agent, or change its type",
        ),
        (
            "[a1, a2]",
            "[a1, duty]",
            "line 23, column 42: routing.duty_pool.members[1]: \"duty\" is of type POOL, and a member of the duty pool is of type HUMAN: name another agent, or change its type",
        ),
        (
            "[a1, a2]",
            "[]",
            "line 23, column 37: routing.duty_pool.members: names nobody, and then nobody answers for the pool: name an agent, or remove duty_pool",
        ),
        (
            "kinds: [flowers], occasions: [funeral], ",
            "",
            "line 25, column 5: routing.rules[0]: names neither kinds nor segments nor occasions, and so is about all: write what holds for all into routing itself",
        ),
        (
            "{segments: [loyal], ",
            "{kinds: [flowers], segments: [loyal], occasions: [funeral], ",
            "line 26, column 5: routing.rules[1]: is never reached, because the first rule that matches wins, and the one of line 25 matches all that this one does: put this one in front of it, or remove it",
        ),
        (
            "12:30",
            "12.30",
            "line 29, column 14: calendar.working_hours.MONDAY[0]: \"09:00-12.30\" is no span of hours: write two times of the day, such as \"09:00-12:30\"",
        ),
        (
            "13:30-17:00",
            "12:00-17:00",
            "line 29, column 29: calendar.working_hours.MONDAY[1]: 12:00-17:00 begins before 09:00-12:30 ends: write the hours of a day in order, and apart",
        ),
        (
            "09:00-24:00",
            "22:00-06:00",
            "line 30, column 14: calendar.working_hours.FRIDAY[0]: 22:00-06:00 ends before it has begun: write the earlier time first, and hours over midnight as two spans, until 24:00 and from 00:00 of the next day",
        ),
        (
            "    SUNDAY: []",
            "    Sonntag: []",
            "line 31, column 5: calendar.working_hours.Sonntag: \"Sonntag\" is no key here: possible are MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY",
        ),
        (
            "2027-01-01",
            "2026-12-25",
            "line 32, column 26: calendar.holidays[1]: the holiday 2026-12-25 stands here a second time, after line 32: once is enough",
        ),
    ] {
        assert_eq!(told_once(piece, replacement), expected);
    }
}

#[test]
fn values_of_the_wrong_sort_and_unknown_names_say_what_belongs_there() {
    for (piece, replacement, path, end) in [
        (
            "occasions: [funeral]",
            "occasions: [funneral]",
            "routing.rules[0].occasions[0]",
            "did you mean \"funeral\"?",
        ),
        (
            "{segments: [loyal]",
            "{segments: [royal]",
            "routing.rules[1].segments[0]",
            "did you mean \"loyal\"?",
        ),
        (
            "kinds: [flowers], o",
            "kinds: [flower], o",
            "routing.rules[0].kinds[0]",
            "did you mean \"flowers\"?",
        ),
        (
            "kinds: [flowers], o",
            "kinds: [], o",
            "routing.rules[0].kinds",
            "leave the key out to cover all",
        ),
        (
            "expire_after: 2d",
            "expire_after: 91d",
            "routing.expire_after",
            "from 1m to 90d is possible",
        ),
        (
            "answer_within: 1h",
            "answer_within: 60",
            "routing.answer_within",
            "such as 30m, 24h or 3d",
        ),
        (
            "[a1, a2]",
            "[a1, a1]",
            "routing.duty_pool.members[1]",
            "once is enough",
        ),
        (
            "[a1, a2]",
            "a1",
            "routing.duty_pool.members",
            "write a list of names of agents",
        ),
        (
            ", members: [a1, a2]",
            "",
            "routing.duty_pool.members",
            "the ids of the people who answer for the pool",
        ),
        (
            "[\"09:00-24:00\"]",
            "\"09:00-24:00\"",
            "calendar.working_hours.FRIDAY",
            "write a list of hours, such as \"09:00-17:00\"",
        ),
        (
            "2027-01-01",
            "2027-02-29",
            "calendar.holidays[1]",
            "such as 2026-11-20",
        ),
        (
            "\"90.00\"",
            "90.00",
            "catalog[0].dual_control_above",
            "write \"90.00\" in quotes",
        ),
        (
            "\"90.00\"",
            "\"0\"",
            "catalog[0].dual_control_above",
            "from 0.01 to 10000000000.00 EUR is possible",
        ),
        (
            "name: care",
            "name: break_glass",
            "budgets[0].name",
            "take another one",
        ),
        (
            "break_glass, subject: AGENT, window: MONTH",
            "break_glass, subject: CUSTOMER, window: MONTH",
            "limits[1].subject",
            "write AGENT, or take another name",
        ),
        (
            "break_glass, subject: AGENT, window: MONTH",
            "break_glass, subject: AGENT, window: GESTURE",
            "limits[1].window",
            "such as MONTH, or take another name",
        ),
    ] {
        let told = lines(&with(piece, replacement));
        let is_told = told
            .iter()
            .any(|told| told.contains(&format!(": {path}: ")) && told.ends_with(end));
        assert!(is_told, "{replacement}: {told:#?}");
    }
}

/// Everything at once, and nothing that is only a consequence.
#[test]
fn every_mistake_of_a_section_is_told_at_once_and_no_consequence() {
    let routing = BASE.find("routing:").unwrap()..BASE.find("agents:").unwrap();
    let mut document = BASE.to_owned();
    document.replace_range(
        routing,
        "routing:\n  answer_within: soon\n  expire_after: 1000d\n  on_silence: NEVER\n  clock: WORKING_HOURS\n  \
         review_within: 0m\n  duty_pool: [duty]\n  rules: [{kinds: [card], answer_within: 80d, on_silence: GRANT}]\n\
         calendar: {working_hours: {MONDAY: [\"9-5\"]}, holidays: [Christmas]}\n",
    );
    let mistakes = read(&document).unwrap_err();
    let paths: Vec<&str> = mistakes
        .iter()
        .map(|mistake| mistake.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "routing.answer_within",
            "routing.expire_after",
            "routing.on_silence",
            "routing.review_within",
            "routing.duty_pool",
            "routing.rules[0].answer_within",
            "calendar.working_hours.MONDAY[0]",
            "calendar.holidays[0]",
        ]
    );
}

#[test]
fn working_hours_need_a_calendar_in_which_a_question_ends_within_a_year() {
    let calendar = BASE.find("calendar:").unwrap()..BASE.find("agents:").unwrap();
    let mut without = BASE.to_owned();
    without.replace_range(calendar.clone(), "");
    let none = "WORKING_HOURS are those of the calendar, and there is none: add the section calendar, or write ALWAYS";
    assert_eq!(
        lines(&without),
        [format!("line 21, column 10: routing.clock: {none}")]
    );
    let with_hours = |hours: &str| {
        let mut document = BASE.to_owned();
        document.replace_range(
            calendar.clone(),
            &format!("calendar: {{working_hours: {hours}}}\n"),
        );
        lines(&document)
    };
    let never = "line 27, column 27: calendar.working_hours: on no day of the week does anybody work: name the hours of at least one";
    assert_eq!(with_hours("{}"), [never]);
    assert_eq!(with_hours("{MONDAY: [], SUNDAY: }"), [never]);
    let seldom = "of these working hours are 72 weeks, and a question is open for at most 52: write a shorter expire_after";
    assert_eq!(
        with_hours("{MONDAY: [\"09:00-10:00\"]}"),
        [format!(
            "line 26, column 39: routing.rules[1].expire_after: 3d {seldom}"
        )]
    );
    assert_eq!(
        with_hours("{MONDAY: [\"09:00-10:30\"]}"),
        [""; 0],
        "48 weeks and 32"
    );
}

/// Without a roster nobody here knows who is a pool; Postgres does.
#[test]
fn without_a_roster_only_the_form_of_the_pool_is_checked() {
    let until = BASE.find("agents:").unwrap();
    let told = |members: &str| lines(&BASE[..until].replace("[a1, a2]", members));
    assert_eq!(told("[a1, a2]"), [""; 0]);
    assert!(told("[a 1]")[0].contains("join the words of a name"));
    assert!(told("[a1, a1]")[0].contains("stands here a second time"));
    assert!(told("[]")[0].contains("names nobody"));
}

#[test]
fn an_agent_that_could_not_be_read_has_no_type_to_complain_about() {
    let told = lines(&with("id: duty, type: POOL", "id: duty, type: POOOL"));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("agents[2].type"), "{told:#?}");
}

/// The right to break the glass is no authority over a gesture: it closes no gap, and makes none.
#[test]
fn broken_glass_is_no_authority() {
    let gap = BASE.replace(
        "{name: month, subject: AGENT, window: MONTH, currency: EUR, hard",
        "{name: month, subject: AGENT, window: MONTH, currency: EUR, occasions: [apology], hard",
    );
    let gap = gap.replace(
        "{limit: break_glass, count: 2}",
        "{limit: break_glass, amount: \"50.00\"}",
    );
    let told = lines(&gap);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].contains("for card, flowers counts only some occasions or segments")
            && told[0].contains("add an AGENT limit without occasions"),
        "{told:#?}"
    );
    let narrow = BASE.replace(
        "{name: break_glass, subject: AGENT,",
        "{name: break_glass, occasions: [funeral], subject: AGENT,",
    );
    let narrow = narrow.replace("  - {limit: month, amount: \"300.00\"}\n", "");
    let narrow = narrow.replace(
        "{limit: break_glass, count: 2}",
        "{limit: break_glass, amount: \"50.00\"}",
    );
    assert_eq!(lines(&narrow), [""; 0]);
}
