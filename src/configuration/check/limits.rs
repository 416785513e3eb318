//! The section `limits`: what is counted, and what nobody passes.

use super::super::bounds::{CATALOG_MAX, COUNT_MAX, LIMITS_MAX, WORDS_MAX};
use super::super::document::Limit;
use super::super::words::{BREAK_GLASS, Subject, Window};
use super::names::{Known, check_unique};
use super::spot::{Fields, Spot};
use crate::money::{Currency, MINOR_UNITS_MAX};

const KEYS: &[&str] = &[
    "name",
    "subject",
    "window",
    "currency",
    "kinds",
    "segments",
    "occasions",
    "hard_max",
];

pub(super) fn read<'a>(fields: &Fields<'a>, known: &Known) -> Vec<(Spot<'a>, Limit)> {
    let Some(section) = fields.required("limits", "the list of what is counted") else {
        return Vec::new();
    };
    let limits = section.each("limits", LIMITS_MAX, |spot| limit(spot, known));
    check_unique(&limits, "name", "limit", |limit: &Limit| &limit.name);
    limits
}

fn limit(spot: &Spot<'_>, known: &Known) -> Option<Limit> {
    let fields = spot.fields(
        "a mapping with name, subject, window, currency and hard_max",
        KEYS,
    )?;
    let name = fields
        .required("name", "the limit's name")
        .and_then(|spot| spot.name("a name"));
    let subject = fields
        .required("subject", "whose use is counted, such as AGENT")
        .and_then(|spot| subject(&spot));
    let windows: Vec<_> = Window::ALL
        .iter()
        .map(|window| (window.word(), *window))
        .collect();
    let window = fields
        .required("window", "when counting begins again, such as MONTH")
        .and_then(|spot| spot.word(&windows));
    let currency = fields
        .required("currency", "the currency that it counts in")
        .and_then(|spot| spot.currency());
    let kinds = fields
        .optional("kinds")
        .and_then(|spot| known.kinds.filter(&spot, CATALOG_MAX));
    let segments = fields
        .optional("segments")
        .and_then(|spot| known.segments.filter(&spot, WORDS_MAX));
    let occasions = fields
        .optional("occasions")
        .and_then(|spot| known.occasions.filter(&spot, WORDS_MAX));
    let hard_max = fields.required(
        "hard_max",
        "what nobody passes: {amount: \"500.00\"}, {count: 10} or both",
    );
    let (hard_minor, hard_count) = hard_max_of(&hard_max?, currency?, window)?;
    if name.as_deref() == Some(BREAK_GLASS) {
        check_break_glass(spot, subject, window);
    }
    Some(Limit {
        name: name?,
        subject: subject?,
        window: window?,
        currency: currency?,
        kinds,
        segments,
        occasions,
        hard_minor,
        hard_count,
    })
}

/// The reserved limit counts how often an agent breaks the glass, over more than the one gesture that does.
fn check_break_glass(spot: &Spot<'_>, subject: Option<Subject>, window: Option<Window>) {
    if subject.is_some_and(|subject| subject != Subject::Agent) {
        spot.field("subject").tell(format!(
            "{BREAK_GLASS:?} counts how often an agent breaks the glass: write AGENT, or take another name"
        ));
    }
    if window == Some(Window::Gesture) {
        spot.field("window").tell(format!(
            "{BREAK_GLASS:?} counts how often an agent breaks the glass: write a longer window, such as MONTH, \
             or take another name"
        ));
    }
}

fn subject(spot: &Spot<'_>) -> Option<Subject> {
    if spot.text("whose use is counted, such as AGENT")? == Subject::Budget.word() {
        spot.tell(
            "a budget is not written as a limit: \
                 write it in budgets, with its own amount and window",
        );
        return None;
    }
    let written: Vec<_> = Subject::ALL
        .iter()
        .filter(|subject| **subject != Subject::Budget)
        .map(|subject| (subject.word(), *subject))
        .collect();
    spot.word(&written)
}

fn hard_max_of(
    spot: &Spot<'_>,
    currency: Currency,
    window: Option<Window>,
) -> Option<(Option<i64>, Option<i64>)> {
    let fields = spot.fields("a mapping with amount, count or both", &["amount", "count"])?;
    let amount = fields.optional("amount");
    let count = fields.optional("count");
    if amount.is_none() && count.is_none() {
        spot.tell(
            "names neither an amount nor a count: without one of them the limit stops nobody",
        );
    }
    if let (Some(count), Some(Window::Gesture)) = (&count, window) {
        count.tell(ONE_AT_A_TIME);
    }
    let hard_minor = amount.and_then(|amount| amount.amount(currency, MINOR_UNITS_MAX));
    let hard_count = count.and_then(|count| count.whole_number(1, COUNT_MAX));
    Some((hard_minor, hard_count))
}

/// Why a count makes no sense in a window of one gesture.
pub(super) const ONE_AT_A_TIME: &str = "the window GESTURE holds one gesture, there is nothing to count: \
                 remove count, or take a longer window";
