//! Decimal text and minor units: how an amount is written, and how it is read.
//!
//! Limits and budgets may be a million times larger than one gesture (10^18 minor units instead of
//! 10^12), so reading and writing live on [`Currency`] and take the bound as a parameter;
//! [`Money`](super::Money) is what has passed the smaller one.

use super::Currency;

/// The largest number of minor units that a limit or a budget may name: the sum of two still fits
/// a Postgres `bigint`.
pub const MINOR_UNITS_MAX: i64 = 1_000_000_000_000_000_000;

/// Why a text is not an amount, and what would be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountMistake {
    /// Signs, exponents, blanks, separators, anything but digits around one point.
    #[error("{text:?} is no amount: write digits and a point only, as in {example:?}")]
    NotDecimal {
        /// What was given.
        text: String,
        /// An amount of the currency as it should look.
        example: String,
    },
    /// The currency has no such small unit.
    #[error("{text:?} has {given} decimals and {currency} has {}: write {nearest:?}", decimals_in_words(*.currency))]
    TooManyDecimals {
        /// What was given.
        text: String,
        /// How many decimals that has.
        given: usize,
        /// The currency it was to be in.
        currency: Currency,
        /// The same amount, cut to the currency's decimals.
        nearest: String,
    },
    /// Zero, or more than can be counted.
    #[error("{text} {currency} is out of range: from {least} to {most} {currency} is possible")]
    OutOfRange {
        /// What was given.
        text: String,
        /// The currency it was to be in.
        currency: Currency,
        /// The least amount, as text.
        least: String,
        /// The largest amount, as text.
        most: String,
    },
}

impl Currency {
    /// Reads decimal text of the major unit ("38.20") as minor units, 1 to `minor_max`.
    ///
    /// # Errors
    /// Says what is wrong with the text and what would be right.
    pub fn minor_units(self, text: &str, minor_max: i64) -> Result<i64, AmountMistake> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
            Some(_) => return Err(self.not_decimal(text)),
            None => (text, ""),
        };
        if !is_digits(whole) {
            return Err(self.not_decimal(text));
        }
        let decimals = self.decimals() as usize;
        if fraction.len() > decimals {
            return Err(AmountMistake::TooManyDecimals {
                text: text.to_owned(),
                given: fraction.len(),
                currency: self,
                nearest: text[..whole.len() + if decimals == 0 { 0 } else { 1 + decimals }]
                    .to_owned(),
            });
        }
        // More digits than an i64 has are out of range like any other number above the bound.
        format!("{whole}{fraction:0<decimals$}")
            .parse::<i64>()
            .ok()
            .filter(|minor| (1..=minor_max).contains(minor))
            .ok_or_else(|| AmountMistake::OutOfRange {
                text: text.to_owned(),
                currency: self,
                least: self.decimal_text(1),
                most: self.decimal_text(minor_max),
            })
    }

    /// Writes minor units as decimal text of the major unit: 3820 of EUR is "38.20", of JPY "3820".
    ///
    /// Every integer has its text, zero and less included: what is left of a limit may be either.
    #[must_use]
    pub fn decimal_text(self, minor: i64) -> String {
        let sign = if minor < 0 { "-" } else { "" };
        let per_major = self.minor_per_major().unsigned_abs();
        let (whole, rest) = (
            minor.unsigned_abs() / per_major,
            minor.unsigned_abs() % per_major,
        );
        match self.decimals() as usize {
            0 => format!("{sign}{whole}"),
            decimals => format!("{sign}{whole}.{rest:0>decimals$}"),
        }
    }

    fn not_decimal(self, text: &str) -> AmountMistake {
        AmountMistake::NotDecimal {
            text: text.to_owned(),
            example: self.decimal_text(38 * self.minor_per_major() + self.minor_per_major() / 5),
        }
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn decimals_in_words(currency: Currency) -> String {
    match currency.decimals() {
        0 => "none".to_owned(),
        decimals => format!("only {decimals}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    #[test]
    fn decimal_text_is_read_in_the_decimals_of_its_currency() {
        let read =
            |text: &str, code: &str| currency(code).minor_units(text, MINOR_UNITS_MAX).unwrap();
        assert_eq!(read("38.20", "EUR"), 3820);
        assert_eq!(read("38.2", "EUR"), 3820);
        assert_eq!(read("38", "EUR"), 3800);
        assert_eq!(read("0.01", "EUR"), 1);
        assert_eq!(read("1200", "JPY"), 1200);
        assert_eq!(read("4.5", "KWD"), 4500);
        assert_eq!(read("0.0001", "CLF"), 1);
    }

    #[test]
    fn signs_exponents_blanks_and_separators_are_refused() {
        for text in [
            "", " ", "+1", "-1", "1e3", " 38.20", "38.20 ", "38,20", "1,000.00", "1.000.00", ".5",
            "5.", "٣", "0x1", "NaN",
        ] {
            let refused = currency("EUR")
                .minor_units(text, MINOR_UNITS_MAX)
                .unwrap_err();
            assert!(
                matches!(refused, AmountMistake::NotDecimal { .. }),
                "{text:?}: {refused}"
            );
            assert!(
                refused.to_string().ends_with("as in \"38.20\""),
                "{refused}"
            );
        }
    }

    #[test]
    fn too_many_decimals_are_answered_with_what_fits() {
        let refused = |text: &str, code: &str| {
            currency(code)
                .minor_units(text, 100)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            refused("38.2045", "EUR"),
            r#""38.2045" has 4 decimals and EUR has only 2: write "38.20""#
        );
        assert_eq!(
            refused("38.20", "JPY"),
            r#""38.20" has 2 decimals and JPY has none: write "38""#
        );
    }

    #[test]
    fn zero_and_more_than_the_bound_are_out_of_range() {
        let read = |text: &str| currency("EUR").minor_units(text, 10_000);
        assert_eq!(read("100.00"), Ok(10_000));
        for text in ["0", "0.00", "100.01", "99999999999999999999999999"] {
            let refused = read(text).unwrap_err().to_string();
            assert!(
                refused.ends_with("from 0.01 to 100.00 EUR is possible"),
                "{refused}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor in 1..=MINOR_UNITS_MAX, code in prop::sample::select(vec!["EUR", "JPY", "KWD", "CLF"])) {
            let currency = currency(code);
            prop_assert_eq!(currency.minor_units(&currency.decimal_text(minor), MINOR_UNITS_MAX), Ok(minor));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,12}", digits in "[0-9.]{0,24}") {
            for text in [text, digits] {
                if let Ok(minor) = currency("EUR").minor_units(&text, 1000) {
                    prop_assert!((1..=1000).contains(&minor));
                }
            }
        }

        #[test]
        fn every_integer_has_a_text(minor: i64) {
            let text = currency("KWD").decimal_text(minor);
            let digits: String = text.chars().filter(|c| *c != '.').collect();
            prop_assert_eq!(digits.parse::<i64>(), Ok(minor));
        }
    }
}
