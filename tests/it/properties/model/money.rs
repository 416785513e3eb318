//! Amounts, by the definition: what one minor unit more would do, tried out.

use super::document::Document;
use chrono::NaiveDate;

/// The largest amount that a gesture may have.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000;

/// The amount and its tolerance, rounded up.
pub fn hold(amount: i64, tolerance_bp: i64) -> i64 {
    amount + ceil_div(i128::from(amount) * i128::from(tolerance_bp), 10_000)
}

/// An amount in another currency, rounded up.
pub fn convert(amount: i64, rate: &str) -> i64 {
    let (whole, fraction) = rate.split_once('.').unwrap_or((rate, ""));
    let digits: i128 = format!("{whole}{fraction}").parse().unwrap();
    ceil_div(
        i128::from(amount) * digits,
        10_i128.pow(u32::try_from(fraction.len()).unwrap()),
    )
}

fn ceil_div(amount: i128, by: i128) -> i64 {
    i64::try_from((amount + by - 1) / by).unwrap()
}

/// The newest rate that is dated not after the day and not too old.
pub fn rate<'d>(document: &'d Document, from: &str, to: &str, day: NaiveDate) -> Option<&'d str> {
    document
        .rates
        .table
        .iter()
        .filter(|rate| rate.from == from && rate.to == to)
        .filter(|rate| rate.on <= day && (day - rate.on).num_days() <= document.rates.max_age_days)
        .max_by_key(|rate| rate.on)
        .map(|rate| rate.rate.as_str())
}

/// The largest amount that is charged at most `left`; 0 where nothing is.
pub fn largest(left: i64, charge: impl Fn(i64) -> i64) -> i64 {
    let (mut fits, mut too_much) = (0, AMOUNT_MAX + 1);
    if left < 0 {
        return 0;
    }
    while too_much - fits > 1 {
        let middle = fits + (too_much - fits) / 2;
        if charge(middle) <= left {
            fits = middle;
        } else {
            too_much = middle;
        }
    }
    fits
}
