use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::document::{DatedRate, Normalised};
use super::super::read;
use super::super::routing::{Routing, RoutingRule};
use super::super::words::{AgentType, RECIPIENT_FIELDS, SilenceRule, Subject, Window};
use super::*;
use crate::calendar::{Clock, Span, WorkingHours};
use crate::money::Rate;

#[test]
fn names_are_quoted_where_yaml_would_read_something_else() {
    for name in ["fl-101", "return-window-15-days", "a_b.c/d", "Null-1"] {
        assert_eq!(plain(name), name);
    }
    for name in [
        "101", "1e5", "-", "~", "null", "No", "ON", ".5", "a:b", "a#b", "*x", "&x", "!x", "{",
        "x,y", "'", "0x1F",
    ] {
        assert_eq!(plain(name), format!("\"{name}\""));
    }
    assert_eq!(plain(r#"a"b\c"#), r#""a\"b\\c""#);
}

#[test]
fn durations_and_percentages_are_shown_as_one_would_write_them() {
    assert_eq!(
        [0, 90, 1800, 86_400, 90_000].map(duration),
        ["0s", "90s", "30m", "1d", "25h"]
    );
    assert_eq!(
        [0, 1000, 1250, 5, 10_000].map(percent),
        ["0", "10", "12.50", "0.05", "100"]
    );
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[!-~]{1,8}",
        "[a-z]{1,6}",
        "[0-9.e-]{1,5}",
        Just("null".to_owned()),
        Just("yes".to_owned())
    ]
}

fn names(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(name(), count)
        .prop_map(|names| names.into_iter().collect::<Vec<_>>())
}

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["EUR", "JPY", "KWD", "CLF"]).prop_map(|code| code.parse().unwrap())
}

/// Some of several names, not none.
fn some_of(names: &[String]) -> impl Strategy<Value = Vec<String>> + use<> {
    let count = names.len();
    prop::sample::subsequence(names.to_vec(), 1..=count)
}

fn maybe_some_of(names: &[String]) -> impl Strategy<Value = Option<Vec<String>>> + use<> {
    prop::option::of(some_of(names))
}

fn any_of<T: Copy + std::fmt::Debug + 'static>(all: &'static [T]) -> impl Strategy<Value = T> {
    prop::sample::select(all.to_vec())
}

fn items(kinds: Vec<String>) -> impl Strategy<Value = Vec<CatalogItem>> {
    let fields: Vec<String> = RECIPIENT_FIELDS.map(str::to_owned).to_vec();
    let item = move |kind: String| {
        let price = (1_i64..1_000_000_000_000, 0_i64..1_000_000);
        let rest = (
            any::<bool>(),
            currency(),
            prop::sample::subsequence(fields.clone(), 0..=8),
            name(),
            0_i64..100_000,
            0_i64..=10_000,
            prop::option::of(1_i64..=1_000_000_000_000),
            prop::option::of(0_i64..=10_000),
        );
        (price, rest).prop_map(
            move |(
                (min, more),
                (
                    offered,
                    currency,
                    recipient,
                    channel,
                    lead_time_s,
                    tolerance_bp,
                    dual_minor,
                    late_cancel_bp,
                ),
            )| CatalogItem {
                kind: kind.clone(),
                offered,
                currency,
                min_minor: min,
                max_minor: (min + more).min(1_000_000_000_000),
                recipient,
                channel,
                lead_time_s,
                tolerance_bp,
                dual_minor,
                late_cancel_bp,
            },
        )
    };
    kinds.into_iter().map(item).collect::<Vec<_>>()
}

fn budgets(names: Vec<String>) -> impl Strategy<Value = Vec<Budget>> {
    let all = names.clone();
    let budget = move |(index, name): (usize, String)| {
        let earlier = all[..index].to_vec();
        let parent = if earlier.is_empty() {
            Just(None).boxed()
        } else {
            prop::option::of(prop::sample::select(earlier)).boxed()
        };
        (
            parent,
            currency(),
            any_of(&Window::ALL[1..]),
            1..=crate::money::MINOR_UNITS_MAX,
        )
            .prop_map(move |(parent, currency, window, amount_minor)| Budget {
                name: name.clone(),
                parent,
                currency,
                window,
                amount_minor,
            })
    };
    names
        .into_iter()
        .enumerate()
        .map(budget)
        .collect::<Vec<_>>()
}

/// The first limit is one that leaves no gap: AGENT, for everything.
fn limits(
    names: Vec<String>,
    kinds: &[String],
    segments: &[String],
    occasions: &[String],
) -> impl Strategy<Value = Vec<Limit>> + use<> {
    let limit = |(index, name): (usize, String)| {
        let filters = (
            maybe_some_of(kinds),
            maybe_some_of(segments),
            maybe_some_of(occasions),
        );
        let subject = prop::sample::select(
            Subject::ALL
                .iter()
                .copied()
                .filter(|s| *s != Subject::Budget)
                .collect::<Vec<_>>(),
        );
        let hard = (
            1_000_i64..=crate::money::MINOR_UNITS_MAX,
            prop::option::of(1_000_i64..1_000_000),
        );
        (subject, any_of(Window::ALL), currency(), filters, hard).prop_map(
            move |(subject, window, currency, (kinds, segments, occasions), (amount, count))| {
                Limit {
                    name: name.clone(),
                    subject: if index == 0 { Subject::Agent } else { subject },
                    window,
                    currency,
                    kinds: kinds.filter(|_| index > 0),
                    segments: segments.filter(|_| index > 0),
                    occasions: occasions.filter(|_| index > 0),
                    hard_minor: Some(amount).filter(|_| {
                        amount % 2 == 0 || count.is_none() || window == Window::Gesture
                    }),
                    hard_count: count.filter(|_| window != Window::Gesture),
                }
            },
        )
    };
    names.into_iter().enumerate().map(limit).collect::<Vec<_>>()
}

/// At most one entry per limit; the first limit always with an amount, so that there is no gap.
fn maxima(limits: &[Limit], all_with_amount: bool) -> impl Strategy<Value = Vec<Maximum>> + use<> {
    let usable: Vec<Limit> = limits
        .iter()
        .filter(|limit| limit.subject != Subject::Tenant)
        .cloned()
        .collect();
    let entry = |(index, limit): (usize, Limit)| {
        let kinds = limit
            .kinds
            .as_ref()
            .map_or_else(|| Just(None).boxed(), |kinds| maybe_some_of(kinds).boxed());
        (
            prop::option::of(1_i64..1_000),
            prop::option::of(1_i64..1_000),
            kinds,
        )
            .prop_map(move |(amount, count, kinds)| Maximum {
                limit: limit.name.clone(),
                amount_minor: if index == 0 && all_with_amount {
                    Some(amount.unwrap_or(5))
                } else {
                    amount
                },
                count: count.filter(|_| limit.window != Window::Gesture),
                kinds,
            })
    };
    usable
        .into_iter()
        .enumerate()
        .map(entry)
        .collect::<Vec<_>>()
}

fn agents(
    ids: Vec<String>,
    levels: Vec<String>,
    budgets: Vec<String>,
    limits: Vec<Limit>,
) -> impl Strategy<Value = Vec<Agent>> {
    let all = ids.clone();
    let agent = move |(index, id): (usize, String)| {
        let earlier = all[..index].to_vec();
        let manager = if earlier.is_empty() {
            Just(None).boxed()
        } else {
            prop::option::of(prop::sample::select(earlier)).boxed()
        };
        let places = (
            prop::sample::select(levels.clone()),
            manager,
            prop::sample::select(budgets.clone()),
        );
        (
            any_of(AgentType::ALL),
            prop::option::of(name()),
            places,
            names(0..3),
            prop::option::of(maxima(&limits, true)),
        )
            .prop_map(
                move |(agent_type, person, (level, manager, budget), own_customers, overrides)| {
                    Agent {
                        id: id.clone(),
                        agent_type,
                        person,
                        level,
                        manager,
                        budget,
                        own_customers,
                        overrides: overrides.unwrap_or_default(),
                    }
                },
            )
    };
    ids.into_iter().enumerate().map(agent).collect::<Vec<_>>()
}

fn levels(
    names: Vec<String>,
    policies: &[String],
    budgets: &[String],
    limits: &[Limit],
) -> impl Strategy<Value = Vec<Level>> + use<> {
    let level = |name: String| {
        let rights = (
            prop::sample::subsequence(policies.to_vec(), 0..=policies.len()),
            prop::sample::subsequence(budgets.to_vec(), 0..=budgets.len()),
        );
        (rights, maxima(limits, true)).prop_map(move |((may_waive, budgets), maxima)| Level {
            name: name.clone(),
            may_waive,
            budgets,
            maxima,
        })
    };
    names.into_iter().map(level).collect::<Vec<_>>()
}

fn rates() -> impl Strategy<Value = Rates> {
    let row =
        ((0_i64..3000), 1_i64..=1_000_000_000, 0_u32..=9).prop_map(|(day, mantissa, scale)| {
            let on =
                chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Duration::days(day);
            let rate = Rate::parse(
                &rust_decimal::Decimal::new(mantissa, scale).to_string(),
                "KWD".parse().unwrap(),
                "USD".parse().unwrap(),
            );
            rate.ok().map(|rate| DatedRate { on, rate })
        });
    (1_i64..=366, prop::collection::vec(row, 0..4)).prop_map(|(max_age_days, rows)| {
        let mut days = BTreeSet::new();
        Rates {
            max_age_days,
            table: rows
                .into_iter()
                .flatten()
                .filter(|dated| days.insert(dated.on))
                .collect(),
        }
    })
}

/// How long is waited; what is not there is as in the section.
type Waits = (Option<i64>, Option<i64>, Option<SilenceRule>, Option<Clock>);

fn waits() -> impl Strategy<Value = Waits> {
    (
        prop::option::of(60_i64..=2_592_000),
        prop::option::of(60_i64..=7_776_000),
        prop::option::of(any_of(SilenceRule::ALL)),
        prop::option::of(any_of(Clock::ALL)),
    )
}

fn calendar() -> impl Strategy<Value = Option<WorkingTime>> {
    let day = prop::collection::btree_set(0_u32..=1_440, 0..6).prop_map(|minutes| {
        let times: Vec<String> = minutes
            .iter()
            .map(|minute| format!("{:0>2}:{:0>2}", minute / 60, minute % 60))
            .collect();
        let pairs = times.chunks_exact(2);
        pairs
            .map(|pair| Span::new(&pair[0], &pair[1]).unwrap())
            .collect::<Vec<_>>()
    });
    let holidays = prop::collection::btree_set(0_i64..4_000, 0..4);
    let days = prop::array::uniform7(day);
    (any::<bool>(), days, holidays).prop_map(|(is_there, days, holidays)| {
        let hours = WorkingHours::new(days).ok().filter(|_| is_there)?;
        let first = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let holidays = holidays
            .into_iter()
            .map(|day| first + chrono::Duration::days(day));
        Some(WorkingTime {
            working_hours: hours,
            holidays: holidays.collect(),
        })
    })
}

/// Without a pool, which is for the roster to say.
fn routing(
    kinds: &[String],
    segments: &[String],
    occasions: &[String],
) -> impl Strategy<Value = Routing> + use<> {
    let filters = (
        maybe_some_of(kinds),
        maybe_some_of(segments),
        maybe_some_of(occasions),
    );
    let rules = prop::collection::vec((filters, waits()), 0..4);
    (waits(), 60_i64..=7_776_000, rules).prop_map(|(section, review_within_s, rules)| {
        let mut routing = Routing {
            review_within_s,
            ..Routing::default()
        };
        routing.answer_within_s = section.0.unwrap_or(routing.answer_within_s);
        routing.expire_after_s = section
            .1
            .unwrap_or(routing.expire_after_s)
            .max(routing.answer_within_s);
        routing.on_silence = section.2.unwrap_or(routing.on_silence);
        routing.clock = section.3.unwrap_or(routing.clock);
        for ((kinds, segments, occasions), waits) in rules {
            let answer_within_s = waits.0.unwrap_or(routing.answer_within_s);
            let rule = RoutingRule {
                kinds,
                segments,
                occasions,
                answer_within_s,
                expire_after_s: waits
                    .1
                    .unwrap_or(routing.expire_after_s)
                    .max(answer_within_s),
                on_silence: waits.2.unwrap_or(routing.on_silence),
                clock: waits.3.unwrap_or(routing.clock),
            };
            let is_about_something = rule.filters().iter().any(|(_, filter)| filter.is_some());
            if is_about_something && !routing.rules.iter().any(|earlier| earlier.covers(&rule)) {
                routing.rules.push(rule);
            }
        }
        routing
    })
}

/// What is said of a pool, a clock or silence where the rest of the document has nothing to it, is unsaid.
fn fitting(
    mut routing: Routing,
    calendar: Option<&WorkingTime>,
    agents: Option<&[Agent]>,
) -> Routing {
    let of_type = |wanted| {
        let agents = agents.unwrap_or_default().iter();
        let found: Vec<String> = agents
            .filter(|agent| agent.agent_type == wanted)
            .map(|agent| agent.id.clone())
            .collect();
        found
    };
    let (pools, people) = match agents {
        Some(_) => (of_type(AgentType::Pool), of_type(AgentType::Human)),
        None => (
            vec!["duty".to_owned()],
            vec!["1".to_owned(), "no".to_owned()],
        ),
    };
    if let (Some(pool), false) = (pools.into_iter().next(), people.is_empty()) {
        routing.duty_pool = Some(pool);
        routing.duty_members = people;
    }
    let has_pool = routing.duty_pool.is_some();
    let week_s = calendar.map(|time| time.working_hours.week_s());
    let is_possible = |expire_after_s: i64| week_s.is_some_and(|week| expire_after_s / week <= 52);
    if !is_possible(routing.expire_after_s) {
        routing.clock = Clock::Always;
    }
    if !has_pool {
        routing.on_silence = SilenceRule::Expire;
    }
    for rule in &mut routing.rules {
        if !is_possible(rule.expire_after_s) {
            rule.clock = Clock::Always;
        }
        if !has_pool {
            rule.on_silence = SilenceRule::Expire;
        }
    }
    routing
}

prop_compose! {
    fn vocabulary()(
        kinds in names(1..4), segments in names(1..3), occasions in names(1..3), policies in names(1..3),
        budgets in names(1..4), limits in names(1..5), levels in names(1..3), ids in names(1..4),
    ) -> [Vec<String>; 8] {
        [kinds, segments, occasions, policies, budgets, limits, levels, ids]
    }
}

fn document() -> impl Strategy<Value = Document> {
    let with_limits = vocabulary().prop_flat_map(|words| {
        let limits = limits(words[5].clone(), &words[0], &words[1], &words[2]);
        (Just(words), limits)
    });
    let parts = with_limits.prop_flat_map(|(words, limits)| {
        let [
            kinds,
            segments,
            occasions,
            policies,
            budget_names,
            _,
            level_names,
            ids,
        ] = words;
        let agents = agents(
            ids,
            level_names.clone(),
            budget_names.clone(),
            limits.clone(),
        );
        let levels = levels(level_names, &policies, &budget_names, &limits);
        let waiting = (routing(&kinds, &segments, &occasions), calendar());
        let settings = (
            name(),
            prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
            1_u32..=7,
            rates(),
        );
        let lists = Just((segments, occasions, policies, limits));
        (
            settings,
            lists,
            items(kinds),
            budgets(budget_names),
            levels,
            prop::option::of(agents),
            waiting,
        )
    });
    parts.prop_map(
        |(
            (tenant, time_zone, week_starts_on, rates),
            (segments, occasions, policies, limits),
            catalog,
            budgets,
            levels,
            agents,
            (routing, calendar),
        )| {
            let routing = fitting(routing, calendar.as_ref(), agents.as_deref());
            let normalised = Normalised {
                time_zone,
                week_starts_on,
                rates,
                segments,
                occasions,
                policies,
                catalog,
                budgets,
                limits,
                levels,
                routing,
                calendar,
                agents,
            };
            Document { tenant, normalised }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever is in force can be printed, read, and is the same again; as YAML and as JSON.
    #[test]
    fn a_configuration_is_the_same_after_both_ways_round(document in document()) {
        let text = document.to_yaml();
        match read(&text) {
            Ok(again) => prop_assert_eq!(again.normalised.to_json(), document.normalised.to_json(), "{}", text),
            Err(mistakes) => prop_assert!(false, "{:#?}\n{}", mistakes, text),
        }
        prop_assert_eq!(Normalised::from_json(&document.normalised.to_json()).unwrap(), document.normalised);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}", cut in 0_usize..2000, instead in "[ -~\n\t]{0,4}") {
        let _ = read(&text);
        let demo = include_str!("../../deploy/demo.yaml");
        if let Some((begin, end)) = demo.split_at_checked(cut * 3) {
            let _ = read(&format!("{begin}{instead}{}", end.get(instead.len()..).unwrap_or("")));
        }
    }
}
