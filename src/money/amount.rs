//! Money: what one gesture costs.

use std::fmt;

use super::{AmountMistake, Currency};

/// An amount of 1 to 10^12 minor units in one currency.
///
/// ```
/// use largesse::money::{Currency, Money};
///
/// let euro: Currency = "EUR".parse()?;
/// let lilies = Money::parse("45.00", euro)?;
/// let courier = Money::new(1190, euro)?;
/// assert_eq!(lilies.checked_add(courier)?.to_string(), "56.90 EUR");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why there is no such money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyProblem {
    /// Below one minor unit or above 10^12, given or as the result of an operation.
    #[error(
        "money is from {} to {} minor units",
        Money::MINOR_MIN,
        Money::MINOR_MAX
    )]
    OutOfRange,
    /// Two currencies met where only one can be meant.
    #[error("{left} and {right} cannot be added, subtracted or compared without a rate")]
    TwoCurrencies {
        /// The currency of the amount that was operated on.
        left: Currency,
        /// The currency of the other.
        right: Currency,
    },
}

impl Money {
    /// The least amount, in minor units.
    pub const MINOR_MIN: i64 = 1;
    /// The largest amount, in minor units: 10^12.
    pub const MINOR_MAX: i64 = 1_000_000_000_000;

    /// So many minor units of a currency.
    ///
    /// # Errors
    /// Outside [`Self::MINOR_MIN`] to [`Self::MINOR_MAX`].
    pub fn new(minor: i64, currency: Currency) -> Result<Self, MoneyProblem> {
        if (Self::MINOR_MIN..=Self::MINOR_MAX).contains(&minor) {
            Ok(Self { minor, currency })
        } else {
            Err(MoneyProblem::OutOfRange)
        }
    }

    /// Reads decimal text of the major unit, "38.20".
    ///
    /// # Errors
    /// Says what is wrong with the text and what would be right.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountMistake> {
        let minor = currency.minor_units(text, Self::MINOR_MAX)?;
        Ok(Self { minor, currency })
    }

    /// The amount in minor units.
    #[must_use]
    pub fn minor(self) -> i64 {
        self.minor
    }

    /// The currency of the amount.
    #[must_use]
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The amount without its currency, in the major unit: "38.20".
    #[must_use]
    pub fn decimal_text(self) -> String {
        self.currency.decimal_text(self.minor)
    }

    /// Both together.
    ///
    /// # Errors
    /// Two currencies, or a sum above the largest amount.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyProblem> {
        self.same_currency(other)?;
        let sum = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyProblem::OutOfRange)?;
        Self::new(sum, self.currency)
    }

    /// What is left of this without the other; nothing left is no money.
    ///
    /// # Errors
    /// Two currencies, or a difference below one minor unit.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyProblem> {
        self.same_currency(other)?;
        let rest = self
            .minor
            .checked_sub(other.minor)
            .ok_or(MoneyProblem::OutOfRange)?;
        Self::new(rest, self.currency)
    }

    /// Whether this is at most the other.
    ///
    /// # Errors
    /// Two currencies: there is no order between them (and so `Money` has no `Ord`).
    pub fn is_within(self, other: Self) -> Result<bool, MoneyProblem> {
        self.same_currency(other)?;
        Ok(self.minor <= other.minor)
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyProblem> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyProblem::TwoCurrencies {
                left: self.currency,
                right: other.currency,
            })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.decimal_text(), self.currency))
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().unwrap()).unwrap()
    }

    #[test]
    fn money_is_shown_with_the_decimals_of_its_currency() {
        let shown = [(3820, "EUR"), (5, "EUR"), (1200, "JPY"), (4500, "KWD")]
            .map(|(minor, code)| money(minor, code).to_string());
        assert_eq!(shown, ["38.20 EUR", "0.05 EUR", "1200 JPY", "4.500 KWD"]);
        assert_eq!(format!("{:>10}", money(3820, "EUR")), " 38.20 EUR");
    }

    #[test]
    fn money_has_a_least_and_a_largest_amount() {
        let euro: Currency = "EUR".parse().unwrap();
        for minor in [0, -1, i64::MIN, Money::MINOR_MAX + 1, i64::MAX] {
            assert_eq!(Money::new(minor, euro), Err(MoneyProblem::OutOfRange));
        }
        assert!(Money::new(Money::MINOR_MAX, euro).is_ok());
        assert!(Money::parse("10000000000.00", euro).is_ok());
        assert!(Money::parse("10000000000.01", euro).is_err());
    }

    #[test]
    fn sums_and_differences_stay_money_or_fail() {
        assert_eq!(
            money(100, "EUR").checked_add(money(50, "EUR")),
            Ok(money(150, "EUR"))
        );
        assert_eq!(
            money(100, "EUR").checked_sub(money(50, "EUR")),
            Ok(money(50, "EUR"))
        );
        assert_eq!(
            money(100, "EUR").checked_sub(money(100, "EUR")),
            Err(MoneyProblem::OutOfRange)
        );
        assert_eq!(
            money(Money::MINOR_MAX, "EUR").checked_add(money(1, "EUR")),
            Err(MoneyProblem::OutOfRange)
        );
    }

    #[test]
    fn currencies_do_not_mix() {
        let (euro, yen) = (money(100, "EUR"), money(100, "JPY"));
        let refused = Err(MoneyProblem::TwoCurrencies {
            left: euro.currency(),
            right: yen.currency(),
        });
        assert_eq!(euro.checked_add(yen), refused);
        assert_eq!(euro.checked_sub(yen), refused);
        assert!(euro.is_within(yen).is_err());
        assert_eq!(euro.is_within(euro), Ok(true));
    }
}
