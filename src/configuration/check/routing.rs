//! The section `routing`: who is asked, how long, and what silence means.

use super::super::bounds::{
    ANSWER_S_MAX, CATALOG_MAX, OPEN_S_MAX, OPEN_WEEKS_MAX, ROUTING_RULES_MAX, WAIT_S_MIN, WORDS_MAX,
};
use super::super::document::Agent;
use super::super::print::duration;
use super::super::routing::{Routing, RoutingRule};
use super::super::words::SilenceRule;
use super::duty_pool;
use super::names::Known;
use super::spot::{Fields, Spot};
use crate::calendar::{Clock, WorkingTime};

const KEYS: &[&str] = &[
    "answer_within",
    "expire_after",
    "on_silence",
    "clock",
    "review_within",
    "duty_pool",
    "rules",
];
const RULE_KEYS: &[&str] = &[
    "kinds",
    "segments",
    "occasions",
    "answer_within",
    "expire_after",
    "on_silence",
    "clock",
];

/// What the rest of the document has to say about waiting.
struct Around<'a> {
    known: &'a Known,
    /// Whether there is a section `calendar`, be it right or wrong.
    has_calendar: bool,
    calendar: Option<&'a WorkingTime>,
    has_pool: bool,
}

/// How long is waited, and what silence means: what a rule says, or the section where no rule does.
#[derive(Clone, Copy)]
struct Terms {
    answer_within_s: i64,
    expire_after_s: i64,
    on_silence: SilenceRule,
    clock: Clock,
}

/// Reads the section. `agents` are those of the document, if it has any.
pub(super) fn read(
    root: &Fields<'_>,
    known: &Known,
    calendar: Option<&WorkingTime>,
    agents: Option<&[(Spot<'_>, Agent)]>,
) -> Option<Routing> {
    let unsaid = Routing::default();
    let Some(section) = root.optional("routing") else {
        return Some(unsaid);
    };
    let fields = section.fields(
        "a mapping with answer_within, expire_after, duty_pool, rules and so on",
        KEYS,
    )?;
    let pool = fields.optional("duty_pool");
    let around = Around {
        known,
        has_calendar: root.optional("calendar").is_some(),
        calendar,
        has_pool: pool.is_some(),
    };
    let (duty_pool, duty_members) = match pool {
        Some(spot) => duty_pool::read(&spot, known, agents).unzip(),
        None => (None, None),
    };
    let of_nobody = Terms {
        answer_within_s: unsaid.answer_within_s,
        expire_after_s: unsaid.expire_after_s,
        on_silence: unsaid.on_silence,
        clock: unsaid.clock,
    };
    let terms = terms(&fields, of_nobody, true, &around);
    let review_within_s = match fields.optional("review_within") {
        Some(spot) => spot.wait_s(WAIT_S_MIN, OPEN_S_MAX),
        None => Some(unsaid.review_within_s),
    };
    let rules = fields
        .optional("rules")
        .map_or_else(Vec::new, |spot| rules(&spot, terms, of_nobody, &around));
    let terms = terms?;
    Some(Routing {
        answer_within_s: terms.answer_within_s,
        expire_after_s: terms.expire_after_s,
        on_silence: terms.on_silence,
        clock: terms.clock,
        review_within_s: review_within_s?,
        duty_pool,
        duty_members: duty_members.unwrap_or_default(),
        rules,
    })
}

/// Reads the four keys, each of which may be left out. `is_base_sound`: what stands for a key that is left out may be
/// compared with one that is not.
fn terms(
    fields: &Fields<'_>,
    base: Terms,
    is_base_sound: bool,
    around: &Around<'_>,
) -> Option<Terms> {
    let within = fields.optional("answer_within");
    let after = fields.optional("expire_after");
    let silence = fields.optional("on_silence");
    let clock = fields.optional("clock");
    // All four are read before any of them can be missing, so that every mistake is told.
    let answer_within_s = match &within {
        Some(spot) => spot.wait_s(WAIT_S_MIN, ANSWER_S_MAX),
        None => Some(base.answer_within_s),
    };
    let expire_after_s = match &after {
        Some(spot) => spot.wait_s(WAIT_S_MIN, OPEN_S_MAX),
        None => Some(base.expire_after_s),
    };
    let on_silence = match &silence {
        Some(spot) => self::silence(spot, around),
        None => Some(base.on_silence),
    };
    let which_clock = match &clock {
        Some(spot) => self::clock(spot, around),
        None => Some(base.clock),
    };
    let read = Terms {
        answer_within_s: answer_within_s?,
        expire_after_s: expire_after_s?,
        on_silence: on_silence?,
        clock: which_clock?,
    };
    let is_complete = within.is_some() && after.is_some();
    if let Some(spot) = after.as_ref().or(within.as_ref())
        && read.expire_after_s < read.answer_within_s
        && (is_base_sound || is_complete)
    {
        spot.tell(format!(
            "the question would end after {}, before the {} are over for which the first person is asked: \
             let expire_after be the longer one",
            duration(read.expire_after_s),
            duration(read.answer_within_s)
        ));
    }
    if let Some(spot) = clock.as_ref().or(after.as_ref())
        && (is_base_sound || is_complete)
    {
        check_length(spot, &read, around);
    }
    Some(read)
}

fn silence(spot: &Spot<'_>, around: &Around<'_>) -> Option<SilenceRule> {
    let words: Vec<_> = SilenceRule::ALL
        .iter()
        .map(|rule| (rule.word(), *rule))
        .collect();
    let rule = spot.word(&words)?;
    if rule == SilenceRule::Grant && !around.has_pool {
        spot.tell(
            "GRANT lets the duty pool give, and there is none: add duty_pool, or write EXPIRE",
        );
    }
    Some(rule)
}

fn clock(spot: &Spot<'_>, around: &Around<'_>) -> Option<Clock> {
    let words: Vec<_> = Clock::ALL
        .iter()
        .map(|clock| (clock.word(), *clock))
        .collect();
    let clock = spot.word(&words)?;
    if clock == Clock::WorkingHours && !around.has_calendar {
        spot.tell(
            "WORKING_HOURS are those of the calendar, and there is none: add the section calendar, or write ALWAYS",
        );
    }
    Some(clock)
}

/// 30 days of working hours are 18 weeks of an office. Whoever writes so much means something else.
fn check_length(spot: &Spot<'_>, terms: &Terms, around: &Around<'_>) {
    let week_s = around.calendar.map(|time| time.working_hours.week_s());
    let Some(week_s) = week_s.filter(|_| terms.clock == Clock::WorkingHours) else {
        return;
    };
    let weeks = terms.expire_after_s / week_s;
    if weeks > OPEN_WEEKS_MAX {
        spot.tell(format!(
            "{} of these working hours are {weeks} weeks, and a question is open for at most {OPEN_WEEKS_MAX}: \
             write a shorter expire_after",
            duration(terms.expire_after_s)
        ));
    }
}

fn rules(
    spot: &Spot<'_>,
    section: Option<Terms>,
    of_nobody: Terms,
    around: &Around<'_>,
) -> Vec<RoutingRule> {
    let base = section.unwrap_or(of_nobody);
    let rules = spot.each("rules", ROUTING_RULES_MAX, |spot| {
        rule(spot, base, section.is_some(), around)
    });
    for (index, (spot, rule)) in rules.iter().enumerate() {
        let mut earlier = rules.iter().take(index);
        if let Some((earlier, _)) = earlier.find(|(_, earlier)| earlier.covers(rule)) {
            spot.tell(format!(
                "is never reached, because the first rule that matches wins, and the one of {} matches all that \
                 this one does: put this one in front of it, or remove it",
                earlier.line_in_words()
            ));
        }
    }
    super::without_spots(rules)
}

fn rule(
    spot: &Spot<'_>,
    base: Terms,
    is_base_sound: bool,
    around: &Around<'_>,
) -> Option<RoutingRule> {
    let fields = spot.fields(
        "a mapping with kinds, segments or occasions, and how long is waited for them",
        RULE_KEYS,
    )?;
    let kinds = fields
        .optional("kinds")
        .and_then(|spot| around.known.kinds.filter(&spot, CATALOG_MAX));
    let segments = fields
        .optional("segments")
        .and_then(|spot| around.known.segments.filter(&spot, WORDS_MAX));
    let occasions = fields
        .optional("occasions")
        .and_then(|spot| around.known.occasions.filter(&spot, WORDS_MAX));
    if kinds.is_none() && segments.is_none() && occasions.is_none() {
        spot.tell(
            "names neither kinds nor segments nor occasions, and so is about all: \
             write what holds for all into routing itself",
        );
    }
    let terms = terms(&fields, base, is_base_sound, around)?;
    Some(RoutingRule {
        kinds,
        segments,
        occasions,
        answer_within_s: terms.answer_within_s,
        expire_after_s: terms.expire_after_s,
        on_silence: terms.on_silence,
        clock: terms.clock,
    })
}

#[cfg(test)]
#[path = "routing_tests.rs"]
mod tests;
