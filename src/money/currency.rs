//! Currencies: the ISO 4217 codes that have a minor unit.
//!
//! Gold (XAU), drawing rights (XDR), test codes (XTS) and the like have codes but nothing that one
//! could count a gesture in, and are refused. Superseded codes are kept: what was given in them
//! must stay readable.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An ISO 4217 currency with a minor unit; the number of its decimals is known to be 0 to 4.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// No currency that money can be counted in has this code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{code:?} is no ISO 4217 currency with a minor unit: write three capital letters, as in EUR"
)]
pub struct UnknownCurrency {
    /// What was given.
    pub code: String,
}

impl Currency {
    /// The most decimals that a currency has (CLF and UYW).
    pub const DECIMALS_MAX: u32 = 4;

    /// The three capital letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the major unit is written with: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.0.exponent().map_or(0, u32::from)
    }

    /// How many minor units make a major one: 100 for EUR, 1 for JPY.
    #[must_use]
    pub fn minor_per_major(self) -> i64 {
        10_i64.pow(self.decimals())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        let is_countable = |currency: &iso_currency::Currency| {
            let decimals = currency.exponent().map(u32::from);
            decimals.is_some_and(|n| n <= Self::DECIMALS_MAX) && !currency.is_special()
        };
        iso_currency::Currency::from_code(code)
            .filter(is_countable)
            .map(Self)
            .ok_or_else(|| UnknownCurrency {
                code: code.to_owned(),
            })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// By code, so that sorted output does not depend on the order of somebody's table.
impl Ord for Currency {
    fn cmp(&self, other: &Self) -> Ordering {
        self.code().cmp(other.code())
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iso_currency::IntoEnumIterator;

    #[test]
    fn currencies_have_the_decimals_of_the_standard() {
        let decimals = |code: &str| code.parse::<Currency>().unwrap().decimals();
        assert_eq!(["JPY", "EUR", "KWD", "CLF"].map(decimals), [0, 2, 3, 4]);
    }

    #[test]
    fn what_cannot_be_counted_is_refused() {
        for code in [
            "XAU", "XDR", "XAD", "XTS", "XXX", "eur", "EURO", "", "EU", " EUR",
        ] {
            let refused = code.parse::<Currency>().unwrap_err();
            assert!(
                refused.to_string().contains("three capital letters"),
                "{refused}"
            );
        }
    }

    #[test]
    fn every_countable_code_of_the_standard_is_read_back() {
        let read = iso_currency::Currency::iter().filter_map(|c| c.code().parse::<Currency>().ok());
        let mut count = 0;
        for currency in read {
            assert_eq!(currency.to_string().parse(), Ok(currency));
            count += 1;
        }
        assert!(count > 150, "only {count}");
    }
}
