//! Rates between currencies: written per major unit, kept per minor unit.
//!
//! People write what a dollar costs in euros; arithmetic wants what a cent costs in cents. The two
//! differ where the currencies have different decimals: "1 USD = 150 JPY" is 1.5 yen per cent.
//! Keeping the second form means that no later reader has to know the decimals again.
//!
//! **Invariant:** 0 < minor units per minor unit ≤ 10^6. Rates are never inverted and never chained.

use std::fmt;

use rust_decimal::Decimal;

use super::Currency;

/// The largest rate, in minor units per minor unit.
pub const RATE_MAX: i64 = 1_000_000;

/// The most decimals of a rate as written; with four more from the change of units and the seven
/// digits of [`RATE_MAX`] before the point, every rate stays exact in a [`Decimal`].
const DECIMALS_MAX: usize = 12;

/// What one minor unit of a currency is worth in minor units of another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    from: Currency,
    to: Currency,
    per_minor: Decimal,
}

/// Why a text is not a rate, and what would be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RateMistake {
    /// Signs, exponents, blanks, separators, too many digits.
    #[error(
        "{text:?} is no rate: write digits and a point, at most {DECIMALS_MAX} decimals, as in \"0.92\""
    )]
    NotDecimal {
        /// What was given.
        text: String,
    },
    /// Zero, or more than 10^6 minor units for one.
    #[error("{text} is out of range: 1 {from} may be worth more than 0 and at most {most} {to}")]
    OutOfRange {
        /// What was given.
        text: String,
        /// The currency converted from.
        from: Currency,
        /// The currency converted to.
        to: Currency,
        /// The largest rate between the two as one would write it.
        most: Decimal,
    },
    /// A rate from a currency to itself.
    #[error("a rate leads from one currency to another, not from {currency} to {currency}")]
    SameCurrency {
        /// The currency named twice.
        currency: Currency,
    },
}

impl Rate {
    /// Reads a rate as people write it: how many `to` one whole `from` is worth, "0.92".
    ///
    /// # Errors
    /// Says what is wrong with the text and what would be right.
    pub fn parse(text: &str, from: Currency, to: Currency) -> Result<Self, RateMistake> {
        if from == to {
            return Err(RateMistake::SameCurrency { currency: from });
        }
        let per_major = decimal(text, DECIMALS_MAX)?;
        let per_minor = shift(
            per_major,
            i64::from(to.decimals()) - i64::from(from.decimals()),
        );
        Self::within_bounds(per_minor, from, to).ok_or_else(|| out_of_range(text, from, to))
    }

    /// Reads a rate as it is kept: how many minor units of `to` one minor unit of `from` is worth.
    ///
    /// # Errors
    /// Says what is wrong with the text and what would be right.
    pub fn parse_per_minor(text: &str, from: Currency, to: Currency) -> Result<Self, RateMistake> {
        if from == to {
            return Err(RateMistake::SameCurrency { currency: from });
        }
        let per_minor = decimal(text, DECIMALS_MAX + Currency::DECIMALS_MAX as usize)?;
        Self::within_bounds(Some(per_minor), from, to).ok_or_else(|| out_of_range(text, from, to))
    }

    /// The currency converted from.
    #[must_use]
    pub fn from(self) -> Currency {
        self.from
    }

    /// The currency converted to.
    #[must_use]
    pub fn to(self) -> Currency {
        self.to
    }

    /// Minor units of `to` for one minor unit of `from`, without idle zeros at the end.
    #[must_use]
    pub fn per_minor(self) -> Decimal {
        self.per_minor
    }

    /// Whole `to` for one whole `from`: the inverse of how [`Self::parse`] reads.
    #[must_use]
    pub fn per_major(self) -> Decimal {
        let decimals = i64::from(self.from.decimals()) - i64::from(self.to.decimals());
        // Within the bounds above the shift always fits; the rate itself is the harmless answer.
        shift(self.per_minor, decimals).unwrap_or(self.per_minor)
    }

    /// Converts minor units of `from` into minor units of `to`. A fraction counts as a whole unit:
    /// a limit must never be passed because of a rounding. `None` where the result fits no `i64`.
    ///
    /// The arithmetic is on integers: a product of [`Decimal`]s rounds silently when digits run out.
    #[must_use]
    pub fn convert_rounding_up(self, minor: i64) -> Option<i64> {
        let scale = 10_i128.checked_pow(self.per_minor.scale())?;
        let product = i128::from(minor).checked_mul(self.per_minor.mantissa())?;
        let floor = product.div_euclid(scale);
        let has_fraction = product.rem_euclid(scale) != 0;
        i64::try_from(floor + i128::from(has_fraction)).ok()
    }

    fn within_bounds(per_minor: Option<Decimal>, from: Currency, to: Currency) -> Option<Self> {
        let per_minor = per_minor?.normalize();
        let is_within = per_minor > Decimal::ZERO && per_minor <= Decimal::from(RATE_MAX);
        is_within.then_some(Self {
            from,
            to,
            per_minor,
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 {} = {} {}", self.from, self.per_major(), self.to)
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Digits with at most one point among them; `Decimal` itself would also take signs and underscores.
fn decimal(text: &str, decimals_max: usize) -> Result<Decimal, RateMistake> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(whole) && is_digits(fraction) && fraction.len() <= decimals_max {
        // More digits before the point than a Decimal holds are an error here, not a rounding.
        if let Ok(decimal) = Decimal::from_str_exact(text) {
            return Ok(decimal);
        }
    }
    Err(RateMistake::NotDecimal {
        text: text.to_owned(),
    })
}

/// Moves the point to the right by so many digits, or to the left where they are negative, exactly.
fn shift(value: Decimal, digits: i64) -> Option<Decimal> {
    let value = value.normalize();
    let scale = i64::from(value.scale()) - digits;
    if let Ok(scale) = u32::try_from(scale) {
        return Decimal::try_from_i128_with_scale(value.mantissa(), scale).ok();
    }
    let zeros = 10_i128.checked_pow(u32::try_from(-scale).ok()?)?;
    Decimal::try_from_i128_with_scale(value.mantissa().checked_mul(zeros)?, 0).ok()
}

fn out_of_range(text: &str, from: Currency, to: Currency) -> RateMistake {
    let most = Rate {
        from,
        to,
        per_minor: Decimal::from(RATE_MAX),
    }
    .per_major();
    RateMistake::OutOfRange {
        text: text.to_owned(),
        from,
        to,
        most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    fn rate(text: &str, from: &str, to: &str) -> Rate {
        Rate::parse(text, currency(from), currency(to)).unwrap()
    }

    #[test]
    fn a_rate_is_kept_per_minor_unit() {
        let kept = |text: &str, from: &str, to: &str| rate(text, from, to).per_minor().to_string();
        assert_eq!(kept("0.92", "USD", "EUR"), "0.92");
        assert_eq!(kept("150", "USD", "JPY"), "1.5");
        assert_eq!(kept("0.0062", "JPY", "EUR"), "0.62");
        assert_eq!(kept("0.0020", "JPY", "KWD"), "2");
        assert_eq!(kept("3.0", "KWD", "EUR"), "0.3");
        assert_eq!(
            rate("0.0062", "JPY", "EUR").to_string(),
            "1 JPY = 0.0062 EUR"
        );
    }

    #[test]
    fn conversion_rounds_up() {
        assert_eq!(
            rate("0.92", "USD", "EUR").convert_rounding_up(100),
            Some(92)
        );
        assert_eq!(
            rate("0.92", "USD", "EUR").convert_rounding_up(101),
            Some(93)
        );
        assert_eq!(
            rate("0.000001", "USD", "EUR").convert_rounding_up(1),
            Some(1)
        );
        assert_eq!(rate("0.92", "USD", "EUR").convert_rounding_up(0), Some(0));
        assert_eq!(
            rate("1000000", "USD", "EUR").convert_rounding_up(1_000_000_000_000),
            Some(1_000_000_000_000_000_000)
        );
        assert_eq!(
            rate("1000000", "USD", "EUR").convert_rounding_up(i64::MAX),
            None
        );
    }

    #[test]
    fn a_long_rate_converts_the_largest_money_exactly() {
        let converted = rate("0.333333333333", "USD", "EUR").convert_rounding_up(1_000_000_000_000);
        assert_eq!(converted, Some(333_333_333_333));
        // Thirty digits: a product of decimals would lose the last one, and with it the rounding up.
        let converted =
            rate("999999.000000000001", "USD", "EUR").convert_rounding_up(1_000_000_000_001);
        assert_eq!(converted, Some(999_999_000_001_000_001));
    }

    #[test]
    fn texts_that_are_no_rate_say_what_would_be_one() {
        for text in [
            "",
            "-0.9",
            "+0.9",
            "1e2",
            "0,92",
            "1_000",
            ".9",
            "1.",
            "0.1234567890123",
            "99999999999999999999999999999999999",
        ] {
            let refused = Rate::parse(text, currency("USD"), currency("EUR")).unwrap_err();
            assert!(
                refused.to_string().ends_with("as in \"0.92\""),
                "{text}: {refused}"
            );
        }
        let refused = |text: &str, to: &str| {
            Rate::parse(text, currency("USD"), currency(to))
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            refused("0.00", "EUR"),
            "0.00 is out of range: 1 USD may be worth more than 0 and at most 1000000 EUR"
        );
        assert_eq!(
            refused("1000000.5", "EUR"),
            "1000000.5 is out of range: 1 USD may be worth more than 0 and at most 1000000 EUR"
        );
        assert_eq!(
            refused("1", "USD"),
            "a rate leads from one currency to another, not from USD to USD"
        );
    }

    proptest! {
        #[test]
        fn a_rate_is_read_back_from_both_of_its_texts(
            mantissa in 1_i64..=1_000_000_000_000, scale in 0_u32..=12,
            from in prop::sample::select(vec!["EUR", "JPY", "KWD", "CLF"]), to in prop::sample::select(vec!["USD", "KRW", "BHD", "UYW"]),
        ) {
            let written = Decimal::new(mantissa, scale).to_string();
            if let Ok(rate) = Rate::parse(&written, currency(from), currency(to)) {
                prop_assert_eq!(Rate::parse(&rate.per_major().to_string(), rate.from(), rate.to()), Ok(rate));
                prop_assert_eq!(Rate::parse_per_minor(&rate.per_minor().to_string(), rate.from(), rate.to()), Ok(rate));
                prop_assert_eq!(rate.per_major(), Decimal::new(mantissa, scale));
            }
        }

        #[test]
        fn a_conversion_is_the_least_amount_that_is_not_too_small(minor in 1_i64..=1_000_000_000, mantissa in 1_i64..=1_000_000, scale in 0_u32..=6) {
            let rate = Rate::parse(&Decimal::new(mantissa, scale).to_string(), currency("USD"), currency("EUR")).unwrap();
            let converted = i128::from(rate.convert_rounding_up(minor).unwrap());
            let (exact, one) = (i128::from(minor) * i128::from(mantissa), 10_i128.pow(scale));
            prop_assert!(converted * one >= exact && (converted - 1) * one < exact);
        }
    }
}
