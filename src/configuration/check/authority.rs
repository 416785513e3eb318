//! What levels and agents may give, and that no gap is left by naming another occasion or segment.
//!
//! A gesture is only in somebody's authority if an AGENT limit with an amount counts it. If every
//! such limit of a kind looked at occasions or segments, a caller who names another one would be
//! counted by none of them; the document would say "up to 60.00" and mean "for some".

use std::collections::{BTreeMap, HashMap};

use super::super::document::{Agent, Level, Limit, Maximum};
use super::super::near;
use super::super::words::Subject;
use super::names::Known;
use super::spot::Spot;

/// Tells the gaps of levels.
pub(super) fn check_levels(
    levels: &[(Spot<'_>, Level)],
    limits: &[(Spot<'_>, Limit)],
    known: &Known,
) {
    let limits = by_name(limits.iter().map(|(_, limit)| limit));
    for (spot, level) in levels {
        tell_gaps(
            &spot.field("maxima"),
            &gaps(&level.maxima, &[], &limits, known),
            &limits,
        );
    }
}

/// Tells the gaps that overrides make in a level that has none.
pub(super) fn check_overrides(
    agents: &[(Spot<'_>, Agent)],
    levels: &[(Spot<'_>, Level)],
    limits: &[(Spot<'_>, Limit)],
    known: &Known,
) {
    check_agents_of(
        agents,
        levels.iter().map(|(_, level)| level),
        limits.iter().map(|(_, limit)| limit),
        known,
    );
}

/// The same for elements without spots.
pub(super) fn check_agents_of<'a>(
    agents: &[(Spot<'_>, Agent)],
    levels: impl Iterator<Item = &'a Level>,
    limits: impl Iterator<Item = &'a Limit>,
    known: &Known,
) {
    let limits = by_name(limits);
    let levels: HashMap<&str, &Level> = levels.map(|level| (level.name.as_str(), level)).collect();
    for (spot, agent) in agents
        .iter()
        .filter(|(_, agent)| !agent.overrides.is_empty())
    {
        let Some(level) = levels.get(agent.level.as_str()) else {
            continue;
        };
        // What the level itself leaves open is told there, once, and not for each of its agents.
        if gaps(&level.maxima, &[], &limits, known).is_empty() {
            tell_gaps(
                &spot.field("overrides"),
                &gaps(&level.maxima, &agent.overrides, &limits, known),
                &limits,
            );
        }
    }
}

type Limits<'a> = BTreeMap<&'a str, &'a Limit>;

fn by_name<'a>(limits: impl Iterator<Item = &'a Limit>) -> Limits<'a> {
    limits.map(|limit| (limit.name.as_str(), limit)).collect()
}

/// The kinds that may be given for some occasions or segments only.
fn gaps<'a>(
    maxima: &[Maximum],
    overrides: &[Maximum],
    limits: &Limits<'_>,
    known: &'a Known,
) -> Vec<&'a str> {
    let mut named: Vec<&Limit> = maxima
        .iter()
        .chain(overrides)
        .filter_map(|maximum| limits.get(maximum.limit.as_str()).copied())
        .filter(|limit| limit.subject == Subject::Agent)
        .collect();
    named.sort_by_key(|limit| &limit.name);
    named.dedup_by_key(|limit| &limit.name);
    let grants = |limit: &Limit, kind: &str| {
        let counts = limit
            .kinds
            .as_ref()
            .is_none_or(|kinds| kinds.iter().any(|counted| counted == kind));
        counts
            && in_force(maxima, overrides, &limit.name, kind)
                .is_some_and(|maximum| maximum.amount_minor.is_some())
    };
    known
        .kinds
        .iter()
        .filter(|kind| {
            let granting = || named.iter().filter(|limit| grants(limit, kind));
            granting().next().is_some() && !granting().any(|limit| is_unfiltered(limit))
        })
        .collect()
}

/// The entry that holds for a limit and a kind: overrides before the level, kinds before none.
fn in_force<'a>(
    maxima: &'a [Maximum],
    overrides: &'a [Maximum],
    limit: &str,
    kind: &str,
) -> Option<&'a Maximum> {
    let best = |entries: &'a [Maximum]| {
        let of_limit = || entries.iter().filter(|entry| entry.limit == limit);
        let names_kind = |entry: &&Maximum| entry.kinds.iter().flatten().any(|named| named == kind);
        of_limit()
            .find(names_kind)
            .or_else(|| of_limit().find(|entry| entry.kinds.is_none()))
    };
    best(overrides).or_else(|| best(maxima))
}

fn is_unfiltered(limit: &Limit) -> bool {
    limit.segments.is_none() && limit.occasions.is_none()
}

fn tell_gaps(spot: &Spot<'_>, gaps: &[&str], limits: &Limits<'_>) {
    if gaps.is_empty() {
        return;
    }
    let fitting = limits.values().find(|limit| {
        limit.subject == Subject::Agent && is_unfiltered(limit) && limit.kinds.is_none()
    });
    let mend = match fitting {
        Some(limit) => format!("add an entry with an amount for {:?}", limit.name),
        None => {
            "add an AGENT limit without occasions and segments, and an entry with an amount for it"
                .to_owned()
        }
    };
    let kinds = near::listed(gaps);
    spot.tell(format!("every AGENT limit with an amount for {kinds} counts only some occasions or segments, which are the caller's to name: {mend}"));
}
