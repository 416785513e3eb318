//! A configuration as named facts in words, so that two of them can be compared by name.
//!
//! Lists of a document have an order that means nothing: a limit moved to the top is the same limit.
//! Here every element stands under its name, and every value is the text that a person reads.

use std::collections::BTreeMap;

use super::document::{Agent, Budget, CatalogItem, Level, Limit, Maximum, Normalised};
use super::print::{duration, percent};
use super::routing::RoutingRule;
use super::words::WEEKDAYS;
use crate::calendar::WorkingHours;
use crate::money::Currency;

/// Something with facts about it and named parts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Thing {
    /// What is known about it, in the order in which it is told; what is left out is absent.
    pub(super) facts: Vec<(&'static str, String)>,
    /// What it consists of, by name.
    pub(super) parts: BTreeMap<String, Thing>,
}

impl Thing {
    fn of(facts: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Self {
        let facts = facts
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        Self {
            facts: facts.collect(),
            parts: BTreeMap::new(),
        }
    }

    /// All facts in one line, for something that is new or gone as a whole.
    pub(super) fn in_one_line(&self) -> String {
        let own = self
            .facts
            .iter()
            .map(|(name, value)| format!("{name} {value}"));
        let parts = self.parts.values().flat_map(|group| &group.parts);
        let parts = parts.map(|(name, part)| format!("{name} ({})", part.in_one_line()));
        let told: Vec<String> = own.chain(parts).collect();
        told.join(", ")
    }
}

/// The sections of a configuration in the order of a document. `agents` is last and only there where
/// the configuration names a roster.
pub(super) fn sections(document: &Normalised) -> Vec<(&'static str, Thing)> {
    let mut sections = vec![
        ("", settings(document)),
        (
            "rates",
            group(&document.rates.table, |dated| {
                let (from, to) = (dated.rate.from(), dated.rate.to());
                let rate = format!("1 {from} = {} {to}", dated.rate.per_major());
                (
                    format!("{from}-{to}-{}", dated.on),
                    Thing::of([("rate", Some(rate))]),
                )
            }),
        ),
        ("segments", words(&document.segments)),
        ("occasions", words(&document.occasions)),
        ("policies", words(&document.policies)),
        ("catalog", group(&document.catalog, item)),
        ("budgets", group(&document.budgets, budget)),
        ("limits", group(&document.limits, limit)),
        (
            "levels",
            group(&document.levels, |level| self::level(level, document)),
        ),
    ];
    sections.extend(waiting(document));
    if let Some(roster) = &document.agents {
        sections.push((
            "agents",
            group(roster, |agent| self::agent(agent, document)),
        ));
    }
    sections
}

fn group<T>(elements: &[T], describe: impl Fn(&T) -> (String, Thing)) -> Thing {
    Thing {
        facts: Vec::new(),
        parts: elements.iter().map(describe).collect(),
    }
}

fn words(words: &[String]) -> Thing {
    group(words, |word| (word.clone(), Thing::default()))
}

fn settings(document: &Normalised) -> Thing {
    let day = (document.week_starts_on as usize)
        .checked_sub(1)
        .and_then(|index| WEEKDAYS.get(index));
    Thing::of([
        ("time_zone", Some(document.time_zone.name().to_owned())),
        ("week_starts_on", day.map(|day| (*day).to_owned())),
        (
            "rates.max_age_days",
            Some(document.rates.max_age_days.to_string()),
        ),
    ])
}

fn item(item: &CatalogItem) -> (String, Thing) {
    let price = |minor| Some(in_currency(minor, item.currency));
    let facts = Thing::of([
        ("offered", Some(item.offered.to_string())),
        ("min", price(item.min_minor)),
        ("max", price(item.max_minor)),
        ("recipient", Some(listed(&item.recipient))),
        ("channel", Some(item.channel.clone())),
        ("lead_time", Some(duration(item.lead_time_s))),
        ("tolerance_percent", Some(percent(item.tolerance_bp))),
        ("dual_control_above", item.dual_minor.and_then(price)),
        ("late_cancel_percent", item.late_cancel_bp.map(percent)),
    ]);
    (format!("{}.{}", item.kind, item.currency), facts)
}

fn budget(budget: &Budget) -> (String, Thing) {
    let facts = Thing::of([
        ("parent", budget.parent.clone()),
        ("window", Some(budget.window.to_string())),
        (
            "amount",
            Some(in_currency(budget.amount_minor, budget.currency)),
        ),
    ]);
    (budget.name.clone(), facts)
}

fn limit(limit: &Limit) -> (String, Thing) {
    let facts = Thing::of([
        ("subject", Some(limit.subject.to_string())),
        ("window", Some(limit.window.to_string())),
        ("currency", Some(limit.currency.to_string())),
        ("kinds", limit.kinds.as_deref().map(listed)),
        ("segments", limit.segments.as_deref().map(listed)),
        ("occasions", limit.occasions.as_deref().map(listed)),
        (
            "hard_max.amount",
            limit
                .hard_minor
                .map(|minor| in_currency(minor, limit.currency)),
        ),
        (
            "hard_max.count",
            limit.hard_count.map(|count| count.to_string()),
        ),
    ]);
    (limit.name.clone(), facts)
}

fn level(level: &Level, document: &Normalised) -> (String, Thing) {
    let mut thing = Thing::of([
        ("may_waive", some_listed(&level.may_waive)),
        ("budgets", some_listed(&level.budgets)),
    ]);
    thing
        .parts
        .insert("maxima".to_owned(), maxima(&level.maxima, document));
    (level.name.clone(), thing)
}

fn maxima(maxima: &[Maximum], document: &Normalised) -> Thing {
    group(maxima, |maximum| {
        let limit = document
            .limits
            .iter()
            .find(|limit| limit.name == maximum.limit);
        let amount = |minor| {
            limit.map_or_else(
                || format!("{minor} minor units"),
                |limit| in_currency(minor, limit.currency),
            )
        };
        // Several entries for one limit differ in their kinds, which therefore are part of the name.
        let kinds = maximum
            .kinds
            .as_deref()
            .map(|kinds| format!("[{}]", sorted(kinds).join(",")));
        let facts = [
            ("amount", maximum.amount_minor.map(amount)),
            ("count", maximum.count.map(|count| count.to_string())),
        ];
        (
            format!("{}{}", maximum.limit, kinds.unwrap_or_default()),
            Thing::of(facts),
        )
    })
}

/// Who is asked, how long, and when people work.
fn waiting(document: &Normalised) -> Vec<(&'static str, Thing)> {
    let routing = &document.routing;
    let said = [
        ("answer_within", Some(duration(routing.answer_within_s))),
        ("expire_after", Some(duration(routing.expire_after_s))),
        ("on_silence", Some(routing.on_silence.to_string())),
        ("clock", Some(routing.clock.to_string())),
        ("review_within", Some(duration(routing.review_within_s))),
        ("duty_pool.agent", routing.duty_pool.clone()),
        ("duty_pool.members", some_listed(&routing.duty_members)),
        // The first rule that matches wins: another order is another configuration.
        ("rules.order", in_order(&routing.rules)),
    ];
    let time = document.calendar.as_ref();
    let hours = time.map_or_else(Thing::default, |time| hours(&time.working_hours));
    let holidays = time.map_or(&[][..], |time| &time.holidays);
    vec![
        ("routing", Thing::of(said)),
        ("routing.rules", group(&routing.rules, rule)),
        ("calendar.working_hours", hours),
        (
            "calendar.holidays",
            group(holidays, |day| (day.to_string(), Thing::default())),
        ),
    ]
}

fn hours(hours: &WorkingHours) -> Thing {
    let days = hours.days().map(|spans| {
        let spans: Vec<String> = spans.iter().map(ToString::to_string).collect();
        (!spans.is_empty()).then(|| spans.join(", "))
    });
    Thing::of(WEEKDAYS.into_iter().zip(days))
}

fn rule(rule: &RoutingRule) -> (String, Thing) {
    let facts = Thing::of([
        ("answer_within", Some(duration(rule.answer_within_s))),
        ("expire_after", Some(duration(rule.expire_after_s))),
        ("on_silence", Some(rule.on_silence.to_string())),
        ("clock", Some(rule.clock.to_string())),
    ]);
    (rule_name(rule), facts)
}

/// A rule has no name but what it is about, and no two are about the same.
fn rule_name(rule: &RoutingRule) -> String {
    let filters = rule.filters().into_iter().filter_map(|(name, filter)| {
        let names = sorted(filter?).join(",");
        Some(format!("{name}[{names}]"))
    });
    filters.collect::<Vec<_>>().join(".")
}

fn in_order(rules: &[RoutingRule]) -> Option<String> {
    let names: Vec<String> = rules.iter().map(rule_name).collect();
    (names.len() > 1).then(|| names.join(", then "))
}

fn agent(agent: &Agent, document: &Normalised) -> (String, Thing) {
    let mut thing = Thing::of([
        ("type", Some(agent.agent_type.to_string())),
        ("person", agent.person.clone()),
        ("level", Some(agent.level.clone())),
        ("manager", agent.manager.clone()),
        ("budget", Some(agent.budget.clone())),
        ("own_customers", some_listed(&agent.own_customers)),
    ]);
    thing
        .parts
        .insert("overrides".to_owned(), maxima(&agent.overrides, document));
    (agent.id.clone(), thing)
}

fn in_currency(minor: i64, currency: Currency) -> String {
    format!("{} {currency}", currency.decimal_text(minor))
}

fn sorted(names: &[String]) -> Vec<&str> {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn listed(names: &[String]) -> String {
    format!("[{}]", sorted(names).join(", "))
}

fn some_listed(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| listed(names))
}
