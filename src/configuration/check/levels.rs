//! The section `levels`, and the maxima that levels and overrides are made of.

use super::super::bounds::{
    BUDGETS_MAX, CATALOG_MAX, COUNT_MAX, LEVELS_MAX, MAXIMA_MAX, WORDS_MAX,
};
use super::super::document::{Level, Limit, Maximum};
use super::super::words::{Subject, Window};
use super::limits::ONE_AT_A_TIME;
use super::names::{Known, check_unique};
use super::spot::{Fields, Spot};
use crate::money::MINOR_UNITS_MAX;

pub(super) fn read<'a>(
    fields: &Fields<'a>,
    known: &Known,
    limits: &[(Spot<'_>, Limit)],
) -> Vec<(Spot<'a>, Level)> {
    let Some(section) = fields.required("levels", "the list of who may give how much") else {
        return Vec::new();
    };
    let levels = section.each("levels", LEVELS_MAX, |spot| level(spot, known, limits));
    check_unique(&levels, "name", "level", |level: &Level| &level.name);
    levels
}

fn level(spot: &Spot<'_>, known: &Known, limits: &[(Spot<'_>, Limit)]) -> Option<Level> {
    let keys = &["name", "may_waive", "budgets", "maxima"];
    let fields = spot.fields("a mapping with name, may_waive, budgets and maxima", keys)?;
    let name = fields
        .required("name", "the level's name")
        .and_then(|spot| spot.name("a name"));
    let may_waive = fields
        .optional("may_waive")
        .map_or_else(Vec::new, |spot| known.policies.list(&spot, WORDS_MAX));
    let budgets = fields
        .optional("budgets")
        .map_or_else(Vec::new, |spot| known.budgets.list(&spot, BUDGETS_MAX));
    let maxima = fields.required(
        "maxima",
        "how much of each limit its agents may use up; [] for nothing",
    );
    let maxima = read_maxima(&maxima?, known, limits);
    Some(Level {
        name: name?,
        may_waive,
        budgets,
        maxima,
    })
}

/// Reads the maxima of a level or the overrides of an agent.
pub(super) fn read_maxima(
    spot: &Spot<'_>,
    known: &Known,
    limits: &[(Spot<'_>, Limit)],
) -> Vec<Maximum> {
    let maxima = spot.each("maxima", MAXIMA_MAX, |spot| maximum(spot, known, limits));
    check_overlaps(&maxima);
    super::without_spots(maxima)
}

fn maximum(spot: &Spot<'_>, known: &Known, limits: &[(Spot<'_>, Limit)]) -> Option<Maximum> {
    let keys = &["limit", "amount", "count", "kinds"];
    let fields = spot.fields("a mapping with limit, amount, count and kinds", keys)?;
    let name = fields
        .required("limit", "the name of a limit")
        .and_then(|spot| known.limits.one(&spot));
    let count = fields
        .optional("count")
        .and_then(|spot| spot.whole_number(1, COUNT_MAX));
    let kinds = fields
        .optional("kinds")
        .and_then(|spot| known.kinds.filter(&spot, CATALOG_MAX));
    let name = name?;
    let (_, limit) = limits.iter().find(|(_, limit)| limit.name == name)?;
    let amount_minor = fields
        .optional("amount")
        .and_then(|spot| spot.amount(limit.currency, MINOR_UNITS_MAX));
    let maximum = Maximum {
        limit: name,
        amount_minor,
        count,
        kinds,
    };
    check_against(spot, &maximum, limit);
    Some(maximum)
}

/// What a limit says about a maximum for it.
pub(super) fn check_against(spot: &Spot<'_>, maximum: &Maximum, limit: &Limit) {
    let (name, currency) = (&limit.name, limit.currency);
    if limit.subject == Subject::Tenant {
        spot.field("limit").tell(format!(
            "{name:?} has the subject TENANT, which its hard_max alone bounds: remove this entry"
        ));
    }
    if let (Some(amount), Some(hard)) = (maximum.amount_minor, limit.hard_minor)
        && amount > hard
    {
        let (amount, hard) = (currency.decimal_text(amount), currency.decimal_text(hard));
        spot.field("amount").tell(format!(
            "{amount} {currency} is above the hard_max of {name:?}: \
                 write at most {hard:?}, or raise that"
        ));
    }
    if let (Some(count), Some(hard)) = (maximum.count, limit.hard_count)
        && count > hard
    {
        spot.field("count").tell(format!(
            "{count} is above the hard_max of {name:?}: write at most {hard}, or raise that"
        ));
    }
    if maximum.count.is_some() && limit.window == Window::Gesture {
        spot.field("count").tell(ONE_AT_A_TIME);
    }
    let Some(counted) = &limit.kinds else { return };
    for (index, kind) in maximum.kinds.iter().flatten().enumerate() {
        if !counted.contains(kind) {
            spot.field("kinds").item(index).tell(format!(
                "{name:?} does not count {kind:?}: it counts {}",
                counted.join(", ")
            ));
        }
    }
}

/// Two entries of the same rank for one limit and kind would leave open which of them holds.
pub(super) fn check_overlaps(maxima: &[(Spot<'_>, Maximum)]) {
    for (index, (spot, maximum)) in maxima.iter().enumerate() {
        for (earlier, other) in maxima[..index]
            .iter()
            .filter(|(_, other)| other.limit == maximum.limit)
        {
            let (limit, line) = (&maximum.limit, earlier.line_in_words());
            match (&maximum.kinds, &other.kinds) {
                (None, None) => spot.tell(format!(
                    "is a second entry for {limit:?} without kinds, after {line}: \
                 keep one, or name kinds"
                )),
                (Some(kinds), Some(taken)) => {
                    if let Some(kind) = kinds.iter().find(|kind| taken.contains(kind)) {
                        spot.field("kinds").tell(format!(
                            "{limit:?} has an entry for {kind:?} already, {line}: \
                 name each kind once"
                        ));
                    }
                }
                // An entry with kinds wins over one without: no doubt.
                (Some(_), None) | (None, Some(_)) => {}
            }
        }
    }
}
