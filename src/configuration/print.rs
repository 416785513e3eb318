//! A configuration as a YAML document that a person would have written.
//!
//! One element per line, as in the documents people keep under version control, so that `diff` shows
//! what changed. What was left out stays left out. **Invariant:** [`read`](super::read) accepts
//! the text and finds the same configuration in it; a property test holds the two together. Comments
//! and the order of keys are the author's and live in the text that was applied.

use std::fmt::Write;

use super::document::{Agent, Budget, CatalogItem, Document, Level, Limit, Maximum, Rates};
use super::routing::{Routing, RoutingRule};
use super::words::WEEKDAYS;
use crate::calendar::WorkingTime;
use crate::money::Currency;

impl Document {
    /// The document as YAML text.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let document = &self.normalised;
        let currency_of = |limit: &str| {
            document
                .limits
                .iter()
                .find(|l| l.name == limit)
                .map(|l| l.currency)
        };
        let mut text = String::new();
        let mut line = |words: String| text.push_str(&(words + "\n"));
        line(format!("tenant: {}", plain(&self.tenant)));
        line(format!("time_zone: {}", document.time_zone.name()));
        line(format!(
            "week_starts_on: {}",
            weekday(document.week_starts_on)
        ));
        line(rates(&document.rates));
        line(format!("segments: {}", list(&document.segments)));
        line(format!("occasions: {}", list(&document.occasions)));
        line(format!("policies: {}", list(&document.policies)));
        line(section("catalog", &document.catalog, item));
        line(section("budgets", &document.budgets, budget));
        line(section("limits", &document.limits, limit));
        line(section("levels", &document.levels, |level| {
            self::level(level, currency_of)
        }));
        if document.routing != Routing::default() {
            line(routing(&document.routing));
        }
        if let Some(working_time) = &document.calendar {
            line(calendar(working_time));
        }
        if let Some(roster) = &document.agents {
            line(section("agents", roster, |agent| {
                self::agent(agent, currency_of)
            }));
        }
        text
    }
}

fn section<T>(name: &str, elements: &[T], write: impl Fn(&T) -> String) -> String {
    if elements.is_empty() {
        return format!("{name}: []");
    }
    let lines: Vec<String> = elements
        .iter()
        .map(|element| format!("\n- {}", write(element)))
        .collect();
    format!("{name}:{}", lines.concat())
}

/// A mapping on one line; keys without a value are left out.
struct Line(String);

impl Line {
    fn new() -> Self {
        Self("{".to_owned())
    }

    fn with(mut self, key: &str, value: impl Into<Option<String>>) -> Self {
        if let Some(value) = value.into() {
            let comma = if self.0.len() > 1 { ", " } else { "" };
            // Writing to a String cannot fail.
            let _ = write!(self.0, "{comma}{key}: {value}");
        }
        self
    }

    fn done(self) -> String {
        self.0 + "}"
    }
}

fn rates(rates: &Rates) -> String {
    let rows = rates.table.iter().map(|dated| {
        let rate = dated.rate;
        Line::new()
            .with("from", rate.from().to_string())
            .with("to", rate.to().to_string())
            .with("on", dated.on.to_string())
            .with("rate", quoted(&rate.per_major().to_string()))
            .done()
    });
    let rows: Vec<String> = rows.map(|row| format!("\n  - {row}")).collect();
    let table = if rows.is_empty() {
        " []".to_owned()
    } else {
        rows.concat()
    };
    format!(
        "rates:\n  max_age_days: {}\n  table:{table}",
        rates.max_age_days
    )
}

fn item(item: &CatalogItem) -> String {
    Line::new()
        .with("kind", plain(&item.kind))
        .with("offered", item.offered.to_string())
        .with("currency", item.currency.to_string())
        .with("min", amount(item.min_minor, item.currency))
        .with("max", amount(item.max_minor, item.currency))
        .with("recipient", list(&item.recipient))
        .with("channel", plain(&item.channel))
        .with("lead_time", duration(item.lead_time_s))
        .with("tolerance_percent", percent(item.tolerance_bp))
        .with(
            "dual_control_above",
            item.dual_minor.map(|minor| amount(minor, item.currency)),
        )
        .with("late_cancel_percent", item.late_cancel_bp.map(percent))
        .done()
}

fn budget(budget: &Budget) -> String {
    Line::new()
        .with("name", plain(&budget.name))
        .with("parent", budget.parent.as_deref().map(plain))
        .with("currency", budget.currency.to_string())
        .with("window", budget.window.to_string())
        .with("amount", amount(budget.amount_minor, budget.currency))
        .done()
}

fn limit(limit: &Limit) -> String {
    let hard_max = Line::new()
        .with(
            "amount",
            limit.hard_minor.map(|minor| amount(minor, limit.currency)),
        )
        .with("count", limit.hard_count.map(|count| count.to_string()));
    Line::new()
        .with("name", plain(&limit.name))
        .with("subject", limit.subject.to_string())
        .with("window", limit.window.to_string())
        .with("currency", limit.currency.to_string())
        .with("kinds", limit.kinds.as_deref().map(list))
        .with("segments", limit.segments.as_deref().map(list))
        .with("occasions", limit.occasions.as_deref().map(list))
        .with("hard_max", hard_max.done())
        .done()
}

fn level(level: &Level, currency_of: impl Fn(&str) -> Option<Currency>) -> String {
    let maxima = level
        .maxima
        .iter()
        .map(|entry| format!("\n  - {}", maximum(entry, &currency_of)));
    let maxima: Vec<String> = maxima.collect();
    let maxima = if maxima.is_empty() {
        " []".to_owned()
    } else {
        maxima.concat()
    };
    format!(
        "name: {}\n  may_waive: {}\n  budgets: {}\n  maxima:{maxima}",
        plain(&level.name),
        list(&level.may_waive),
        list(&level.budgets)
    )
}

fn maximum(maximum: &Maximum, currency_of: impl Fn(&str) -> Option<Currency>) -> String {
    // Every limit named is there; without its currency the amount could not have been read.
    let amount = maximum
        .amount_minor
        .zip(currency_of(&maximum.limit))
        .map(|(minor, currency)| amount(minor, currency));
    Line::new()
        .with("limit", plain(&maximum.limit))
        .with("amount", amount)
        .with("count", maximum.count.map(|count| count.to_string()))
        .with("kinds", maximum.kinds.as_deref().map(list))
        .done()
}

fn routing(routing: &Routing) -> String {
    let mut text = format!(
        "routing:\n  answer_within: {}\n  expire_after: {}\n  on_silence: {}\n  clock: {}\n  review_within: {}",
        duration(routing.answer_within_s),
        duration(routing.expire_after_s),
        routing.on_silence,
        routing.clock,
        duration(routing.review_within_s)
    );
    if let Some(pool) = &routing.duty_pool {
        let pool = Line::new()
            .with("agent", plain(pool))
            .with("members", list(&routing.duty_members));
        text += &format!("\n  duty_pool: {}", pool.done());
    }
    let rules = routing.rules.iter().map(|rule| routing_rule(rule, routing));
    let rules: String = rules.map(|rule| format!("\n  - {rule}")).collect();
    if !rules.is_empty() {
        text += &format!("\n  rules:{rules}");
    }
    text
}

/// What a rule has in common with the section is left out, as somebody would write it.
fn routing_rule(rule: &RoutingRule, section: &Routing) -> String {
    let mut line = Line::new();
    for (name, filter) in rule.filters() {
        line = line.with(name, filter.map(list));
    }
    let wait = |own: i64, section: i64| (own != section).then(|| duration(own));
    let silence = (rule.on_silence != section.on_silence).then(|| rule.on_silence.to_string());
    line.with(
        "answer_within",
        wait(rule.answer_within_s, section.answer_within_s),
    )
    .with(
        "expire_after",
        wait(rule.expire_after_s, section.expire_after_s),
    )
    .with("on_silence", silence)
    .with(
        "clock",
        (rule.clock != section.clock).then(|| rule.clock.to_string()),
    )
    .done()
}

fn calendar(working_time: &WorkingTime) -> String {
    let days = WEEKDAYS.iter().zip(working_time.working_hours.days());
    let days = days.filter(|(_, spans)| !spans.is_empty());
    let days = days.map(|(day, spans)| {
        let spans: Vec<String> = spans.iter().map(|span| quoted(&span.to_string())).collect();
        format!("\n    {day}: [{}]", spans.join(", "))
    });
    let holidays = working_time.holidays.iter().map(ToString::to_string);
    format!(
        "calendar:\n  working_hours:{}\n  holidays: [{}]",
        days.collect::<String>(),
        holidays.collect::<Vec<_>>().join(", ")
    )
}

fn agent(agent: &Agent, currency_of: impl Fn(&str) -> Option<Currency>) -> String {
    let overrides: Vec<String> = agent
        .overrides
        .iter()
        .map(|entry| maximum(entry, &currency_of))
        .collect();
    Line::new()
        .with("id", plain(&agent.id))
        .with("type", agent.agent_type.to_string())
        .with("person", agent.person.as_deref().map(plain))
        .with("level", plain(&agent.level))
        .with("manager", agent.manager.as_deref().map(plain))
        .with("budget", plain(&agent.budget))
        .with("own_customers", list(&agent.own_customers))
        .with("overrides", format!("[{}]", overrides.join(", ")))
        .done()
}

fn weekday(number: u32) -> &'static str {
    number
        .checked_sub(1)
        .and_then(|index| WEEKDAYS.get(index as usize))
        .copied()
        .unwrap_or(WEEKDAYS[0])
}

fn amount(minor: i64, currency: Currency) -> String {
    quoted(&currency.decimal_text(minor))
}

/// In the largest unit that leaves no rest.
pub(super) fn duration(seconds: i64) -> String {
    let units = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m")];
    let fitting = units
        .into_iter()
        .find(|(unit_s, _)| seconds > 0 && seconds % unit_s == 0);
    fitting.map_or_else(
        || format!("{seconds}s"),
        |(unit_s, name)| format!("{}{name}", seconds / unit_s),
    )
}

/// Hundredths of a percent as percent.
pub(super) fn percent(bp: i64) -> String {
    match (bp / 100, bp % 100) {
        (whole, 0) => whole.to_string(),
        (whole, rest) => format!("{whole}.{rest:0>2}"),
    }
}

fn list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| plain(name)).collect();
    format!("[{}]", names.join(", "))
}

/// A name without quotes where no reader of YAML could take it for anything else.
fn plain(name: &str) -> String {
    // Words that some YAML reads as truth values or nothing, and what begins like a number.
    const NOT_TEXT: [&str; 12] = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity",
    ];
    let is_harmless = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !NOT_TEXT.contains(&name.to_ascii_lowercase().as_str());
    if is_harmless {
        name.to_owned()
    } else {
        quoted(name)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
#[path = "print_tests.rs"]
mod tests;
