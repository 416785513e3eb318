//! Money: an integer of minor units and a currency, and the rates between currencies.
//!
//! Everything that is given, limited or counted is stated in these three values:
//!
//! | value | is | looks like |
//! |---|---|---|
//! | [`Currency`] | an ISO 4217 currency that has a minor unit | `EUR` |
//! | [`Money`] | 1 to 10^12 minor units of one currency | `38.20 EUR`, `1200 JPY`, `4.500 KWD` |
//! | [`Rate`] | how many minor units of one currency a minor unit of another is worth | `1 USD = 0.92 EUR` |
//!
//! **Invariants.** No float, ever: amounts are read from decimal text, digit by digit. No operation
//! wraps, saturates or crosses currencies; those that could fail return what went wrong. Rounding
//! happens in one function, [`Rate::convert_rounding_up`], whose name says how.
//!
//! **Absent on purpose**: I/O, the clock, and the choice of a rate. Postgres finds the newest rate
//! and converts; what is here reads and shows amounts, and is the second, independent computation
//! that verification and tests hold against the first.

mod amount;
mod currency;
mod decimal;
mod rate;

pub use amount::{Money, MoneyProblem};
pub use currency::{Currency, UnknownCurrency};
pub use decimal::{AmountMistake, MINOR_UNITS_MAX};
pub use rate::{RATE_MAX, Rate, RateMistake};
