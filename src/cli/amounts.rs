//! Amounts: how a person writes them, and how a person is shown them.

use crate::money::{Currency, Money};
use crate::pb;

/// Reads an amount with its currency, "45.00 EUR".
///
/// # Errors
/// What is wrong and what would be right.
pub fn amount(text: &str) -> Result<pb::Money, String> {
    let (number, code) = text
        .trim()
        .split_once(char::is_whitespace)
        .ok_or("write the amount and its currency, as in \"45.00 EUR\"")?;
    let currency: Currency = code.trim_start().parse().map_err(in_words)?;
    in_currency(number, currency)
}

/// Reads an amount of a known currency, "45.00".
///
/// # Errors
/// What is wrong and what would be right.
pub fn in_currency(number: &str, currency: Currency) -> Result<pb::Money, String> {
    let money = Money::parse(number, currency).map_err(in_words)?;
    Ok(pb::Money {
        minor_units: money.minor(),
        currency: currency.code().to_owned(),
    })
}

/// Shows an amount; nothing where it is unset, which never means zero.
pub fn shown(money: Option<&pb::Money>) -> String {
    let Some(money) = money else {
        return String::new();
    };
    match money.currency.parse::<Currency>() {
        Ok(currency) => format!("{} {currency}", currency.decimal_text(money.minor_units)),
        // A currency that is newer than this program: the number of its decimals is not known.
        Err(_) => format!("{} minor units of {}", money.minor_units, money.currency),
    }
}

fn in_words(problem: impl std::error::Error) -> String {
    problem.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_in_its_currency_and_shown_again() {
        for (text, minor_units) in [("45.00 EUR", 4500), ("500 JPY", 500), ("1.250 KWD", 1250)] {
            let money = amount(text).unwrap();
            assert_eq!(money.minor_units, minor_units);
            assert_eq!(shown(Some(&money)), text);
        }
        assert_eq!(amount(" 45  EUR ").unwrap().minor_units, 4500);
        assert_eq!(shown(None), "");
    }

    #[test]
    fn what_is_no_amount_is_answered_with_one() {
        let refused = |text: &str| amount(text).unwrap_err();
        assert!(refused("45.00").contains("45.00 EUR"));
        assert!(refused("45,00 EUR").contains("digits and a point"));
        assert!(refused("45.00 Euro").contains("three capital letters"));
        assert!(refused("0 EUR").contains("out of range"));
        assert!(refused("5.001 EUR").contains("decimals"));
    }

    #[test]
    fn a_currency_that_is_not_known_here_is_not_guessed_at() {
        let money = pb::Money {
            minor_units: 1234,
            currency: "ZZZ".into(),
        };
        assert_eq!(shown(Some(&money)), "1234 minor units of ZZZ");
    }
}
