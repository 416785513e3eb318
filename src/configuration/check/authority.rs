//! What levels and agents may give, and that no gap is left by naming another occasion or segment.
//!
//! A gesture is only in somebody's authority if an AGENT limit with an amount counts it. If every
//! such limit of a kind looked at occasions or segments, a caller who names another one would be
//! counted by none of them; the document would say "up to 60.00" and mean "for some".

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::document::{Agent, Level, Limit, Maximum};
use super::super::near;
use super::super::words::{BREAK_GLASS, Subject};
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
    maxima: &'a [Maximum],
    overrides: &'a [Maximum],
    limits: &Limits<'a>,
    known: &'a Known,
) -> Vec<&'a str> {
    let mut granted = BTreeSet::new();
    let mut granted_unfiltered = BTreeSet::new();
    for ((limit, kind), maximum) in in_force(maxima, overrides, limits, known) {
        if maximum.amount_minor.is_some() {
            granted.insert(kind);
            if limits.get(limit).is_some_and(|limit| is_unfiltered(limit)) {
                granted_unfiltered.insert(kind);
            }
        }
    }
    granted.difference(&granted_unfiltered).copied().collect()
}

/// The entry that holds for each AGENT limit and kind. Whatever is written later here wins:
/// overrides over the level, and in both of them entries that name the kind over those that do not.
fn in_force<'a>(
    maxima: &'a [Maximum],
    overrides: &'a [Maximum],
    limits: &Limits<'a>,
    known: &'a Known,
) -> HashMap<(&'a str, &'a str), &'a Maximum> {
    let names_kinds = |maximum: &&Maximum| maximum.kinds.is_some();
    let ranks = [maxima, overrides].into_iter().flat_map(|entries| {
        let general = entries.iter().filter(move |entry| !names_kinds(entry));
        general.chain(entries.iter().filter(names_kinds))
    });
    let mut in_force = HashMap::new();
    for maximum in ranks {
        let limit = limits.get(maximum.limit.as_str());
        let Some(limit) = limit.filter(|limit| is_authority(limit)) else {
            continue;
        };
        match maximum.kinds.as_ref().or(limit.kinds.as_ref()) {
            Some(kinds) => in_force.extend(
                kinds
                    .iter()
                    .map(|kind| ((limit.name.as_str(), kind.as_str()), maximum)),
            ),
            None => in_force.extend(
                known
                    .kinds
                    .iter()
                    .map(|kind| ((limit.name.as_str(), kind), maximum)),
            ),
        }
    }
    in_force
}

/// Whether an amount for it lets somebody give. One for broken glass lets them break it, and that alone.
fn is_authority(limit: &Limit) -> bool {
    limit.subject == Subject::Agent && limit.name != BREAK_GLASS
}

fn is_unfiltered(limit: &Limit) -> bool {
    limit.segments.is_none() && limit.occasions.is_none()
}

fn tell_gaps(spot: &Spot<'_>, gaps: &[&str], limits: &Limits<'_>) {
    if gaps.is_empty() {
        return;
    }
    let fitting = limits
        .values()
        .find(|limit| is_authority(limit) && is_unfiltered(limit) && limit.kinds.is_none());
    let mend = match fitting {
        Some(limit) => format!("add an entry with an amount for {:?}", limit.name),
        None => {
            "add an AGENT limit without occasions and segments, and an entry with an amount for it"
                .to_owned()
        }
    };
    let kinds = near::listed(gaps);
    spot.tell(format!(
        "every AGENT limit with an amount for {kinds} counts only some occasions or segments, \
         which are the caller's to name: {mend}"
    ));
}
