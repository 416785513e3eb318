//! The section `rates`: what other currencies are worth.

use std::collections::HashSet;

use super::super::bounds::{RATE_AGE_DAYS_MAX, RATES_MAX};
use super::super::document::{DatedRate, Rates};
use super::spot::{Fields, Spot};

/// A rate that is older than a week converts nothing, unless the document says otherwise.
const AGE_DAYS: i64 = 7;

pub(super) fn read(fields: &Fields<'_>) -> Option<Rates> {
    let Some(section) = fields.optional("rates") else {
        return Some(Rates {
            max_age_days: AGE_DAYS,
            table: Vec::new(),
        });
    };
    let fields = section.fields(
        "a mapping with max_age_days and table",
        &["max_age_days", "table"],
    )?;
    let max_age_days = match fields.optional("max_age_days") {
        Some(spot) => spot.whole_number(1, RATE_AGE_DAYS_MAX),
        None => Some(AGE_DAYS),
    };
    let rows = fields
        .optional("table")
        .map_or_else(Vec::new, |spot| spot.each("rates", RATES_MAX, row));
    let mut seen = HashSet::new();
    for (spot, dated) in &rows {
        let (from, to) = (dated.rate.from(), dated.rate.to());
        if !seen.insert((from, to, dated.on)) {
            spot.tell(format!(
                "is a second rate from {from} to {to} dated {}: remove one of the two",
                dated.on
            ));
        }
    }
    Some(Rates {
        max_age_days: max_age_days?,
        table: super::without_spots(rows),
    })
}

fn row(spot: &Spot<'_>) -> Option<DatedRate> {
    let fields = spot.fields(
        "a mapping with from, to, on and rate",
        &["from", "to", "on", "rate"],
    )?;
    let from = fields
        .required("from", "the currency converted from")
        .and_then(|spot| spot.currency());
    let to = fields
        .required("to", "the currency converted to")
        .and_then(|spot| spot.currency());
    let on = fields
        .required("on", "the first day on which it may be used")
        .and_then(|spot| spot.date());
    let rate = fields.required(
        "rate",
        "how many of the one make one of the other, in quotes",
    );
    let rate = rate?.rate(from?, to?);
    Some(DatedRate {
        on: on?,
        rate: rate?,
    })
}
