//! Single values of a document: names, words, amounts, counts, durations, dates.

use chrono::NaiveDate;
use chrono_tz::{TZ_VARIANTS, Tz};

use super::super::bounds::{LEAD_TIME_S_MAX, NAME_LENGTH_MAX, TOLERANCE_BP_MAX};
use super::super::near;
use super::super::print::duration;
use super::super::yaml::Value;
use super::spot::Spot;
use crate::money::{AmountMistake, Currency, Rate};

impl Spot<'_> {
    /// An id or a name: 1 to 128 characters from `!` to `~`.
    pub(super) fn name(&self, what: &str) -> Option<String> {
        let name = self.text(what)?;
        match name_problem(name) {
            None => Some(name.to_owned()),
            Some(problem) => {
                self.tell(problem);
                None
            }
        }
    }

    /// One of a few fixed words.
    pub(super) fn word<T: Copy>(&self, words: &[(&'static str, T)]) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
        let given = self.text(&format!("one of {}", names.join(", ")))?;
        let found = words
            .iter()
            .find(|(name, _)| *name == given)
            .map(|(_, value)| *value);
        if found.is_none() {
            self.tell(match near::nearest(given, &names) {
                Some(near) => format!("{given:?} is not possible here: did you mean {near}?"),
                None => format!(
                    "{given:?} is not possible here: write one of {}",
                    names.join(", ")
                ),
            });
        }
        found
    }

    /// `true` or `false`.
    pub(super) fn truth(&self) -> Option<bool> {
        if let Value::Truth(truth) = self.value() {
            return Some(*truth);
        }
        let given = match self.value() {
            Value::Text(text) | Value::Number(text) => format!("{text:?} is neither: "),
            _ => String::new(),
        };
        self.tell(format!("{given}write true or false, without quotes"));
        None
    }

    /// A whole number between two bounds, without quotes.
    pub(super) fn whole_number(&self, least: i64, most: i64) -> Option<i64> {
        let raw = match self.value() {
            Value::Number(raw) => raw.as_str(),
            Value::Text(text) => text,
            _ => "",
        };
        // Digits alone: 0x10, 1_000 and 1e3 are numbers to YAML and riddles to the next reader.
        let digits = raw.strip_prefix('-').unwrap_or(raw);
        let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_quoted = matches!(self.value(), Value::Text(_));
        let number = raw
            .parse()
            .ok()
            .filter(|number| (least..=most).contains(number));
        if is_whole && !is_quoted && number.is_some() {
            return number;
        }
        let example = least.max(10).min(most);
        self.tell(match (is_whole, is_quoted) {
            (true, true) => format!("{raw:?} is text: write the number {raw} without quotes"),
            (true, false) => format!("{raw} is out of range: from {least} to {most} is possible"),
            (false, _) if raw.is_empty() => format!("write a whole number, such as {example}"),
            (false, _) => {
                format!("{raw} is no whole number: write digits alone, such as {example}")
            }
        });
        None
    }

    /// An ISO 4217 code.
    pub(super) fn currency(&self) -> Option<Currency> {
        let code = self.text("a currency, such as EUR")?;
        match code.parse() {
            Ok(currency) => Some(currency),
            Err(unknown) => {
                let capitals = code.to_uppercase().parse::<Currency>().ok();
                match capitals {
                    Some(currency) => {
                        self.tell(format!("{code:?} is no currency: did you mean {currency}?"))
                    }
                    None => self.tell(unknown.to_string()),
                }
                None
            }
        }
    }

    /// Decimal text in a currency, as minor units from 1 to a bound.
    pub(super) fn amount(&self, currency: Currency, minor_max: i64) -> Option<i64> {
        if let Value::Number(raw) = self.value() {
            let proposal = proposed_amount(raw, currency, minor_max);
            self.tell(format!(
                "{raw} without quotes is a number to YAML, and amounts are text so that no float rounds them: \
                 write {proposal:?} in quotes"
            ));
            return None;
        }
        let text = self.text(&format!(
            "an amount in {currency}, such as {:?}",
            currency.decimal_text(50 * currency.minor_per_major())
        ))?;
        currency
            .minor_units(text, minor_max)
            .map_err(|mistake| self.tell(mistake.to_string()))
            .ok()
    }

    /// Decimal text of a rate.
    pub(super) fn rate(&self, from: Currency, to: Currency) -> Option<Rate> {
        let text = self.text("a rate as decimal text, such as \"0.92\"")?;
        Rate::parse(text, from, to)
            .map_err(|mistake| self.tell(mistake.to_string()))
            .ok()
    }

    /// A day, 2026-11-20.
    pub(super) fn date(&self) -> Option<NaiveDate> {
        let text = self.text("a day, such as 2026-11-20")?;
        // The parser is generous with blanks and missing zeros; the length is not.
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|_| text.len() == 10);
        if day.is_none() {
            self.tell(format!(
                "{text:?} is no day of the calendar: write year, month and day, such as 2026-11-20"
            ));
        }
        day
    }

    /// An IANA time zone.
    pub(super) fn time_zone(&self) -> Option<Tz> {
        let given = self.text("a time zone, such as Europe/Berlin")?;
        let zone = given.parse().ok();
        if zone.is_none() {
            let names: Vec<&str> = TZ_VARIANTS.iter().map(|zone| zone.name()).collect();
            // "Berlin" alone is the commonest slip: offer the zone whose last part it is.
            let by_city = names.iter().find(|name| {
                name.rsplit('/')
                    .next()
                    .is_some_and(|city| city.eq_ignore_ascii_case(given))
            });
            let near = by_city.copied().or_else(|| near::nearest(given, &names));
            self.tell(match near {
                Some(near) => format!("{given:?} is no IANA time zone: did you mean {near}?"),
                None => format!("{given:?} is no IANA time zone: write one such as Europe/Berlin"),
            });
        }
        zone
    }

    /// A duration such as 24h, in seconds.
    pub(super) fn lead_time_s(&self) -> Option<i64> {
        let what = "a duration of minutes, hours or days, such as 30m, 24h or 3d";
        if let Value::Number(raw) = self.value() {
            self.tell(format!("{raw} has no unit: write {what}"));
            return None;
        }
        let text = self.text(what)?;
        let seconds = duration_s(text);
        if seconds.is_none() {
            self.tell(format!(
                "{text:?} is no duration up to a year: write {what}"
            ));
        }
        seconds
    }

    /// A duration between two bounds, in seconds.
    pub(super) fn wait_s(&self, least_s: i64, most_s: i64) -> Option<i64> {
        let seconds = self.lead_time_s()?;
        if (least_s..=most_s).contains(&seconds) {
            return Some(seconds);
        }
        self.tell(format!(
            "{} is out of range: from {} to {} is possible",
            duration(seconds),
            duration(least_s),
            duration(most_s)
        ));
        None
    }

    /// A percentage from 0 to 100 with at most two decimals, in 1/10,000.
    pub(super) fn percent_bp(&self) -> Option<i64> {
        let Value::Number(raw) = self.value() else {
            self.tell(
                "write a percentage from 0 to 100 without quotes and sign, such as 10 or 12.5",
            );
            return None;
        };
        let bp = percent_bp(raw);
        if bp.is_none() {
            self.tell(format!(
                "{raw} is no percentage from 0 to 100 with at most two decimals: \
                 write one such as 10 or 12.5"
            ));
        }
        bp
    }
}

/// Why a text cannot be a name or an id; `None` where it can.
pub(super) fn name_problem(name: &str) -> Option<String> {
    let wrong = name.chars().find(|c| !('!'..='~').contains(c));
    match wrong {
        _ if name.is_empty() => Some("is empty: a name has 1 to 128 characters".to_owned()),
        Some(' ') => Some(format!(
            "{name:?} has a blank: join the words of a name, as in {:?}",
            name.trim().replace(' ', "-")
        )),
        Some(c) => Some(format!(
            "{name:?} has the character {c:?}: \
                 a name has letters, digits and signs of ASCII, from ! to ~"
        )),
        None if name.len() > NAME_LENGTH_MAX => Some(format!(
            "has {} characters: a name has at most {NAME_LENGTH_MAX}",
            name.len()
        )),
        None => None,
    }
}

fn proposed_amount(raw: &str, currency: Currency, minor_max: i64) -> String {
    // The number as it was written is the best proposal where it is an amount at all.
    match currency.minor_units(raw, minor_max) {
        Ok(minor) => currency.decimal_text(minor),
        Err(AmountMistake::TooManyDecimals { nearest, .. }) => nearest,
        Err(_) => currency.decimal_text(50 * currency.minor_per_major()),
    }
}

fn duration_s(text: &str) -> Option<i64> {
    let unit_s = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = digits.parse::<i64>().ok()?.checked_mul(unit_s)?;
    (is_whole && seconds <= LEAD_TIME_S_MAX).then_some(seconds)
}

fn percent_bp(raw: &str) -> Option<i64> {
    let (whole, fraction) = raw.split_once('.').unwrap_or((raw, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 2 {
        return None;
    }
    let bp = format!("{whole}{fraction:0<2}").parse().ok()?;
    (0..=TOLERANCE_BP_MAX).contains(&bp).then_some(bp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_seconds() {
        assert_eq!(
            ["30s", "30m", "24h", "3d", "0h"].map(duration_s),
            [30, 1800, 86_400, 259_200, 0].map(Some)
        );
        for text in [
            "",
            "h",
            "24",
            "-1h",
            "+1h",
            "1.5h",
            "24 h",
            "24H",
            "367d",
            "99999999999999999999h",
            "24ü",
        ] {
            assert_eq!(duration_s(text), None, "{text}");
        }
    }

    #[test]
    fn percentages_are_read_in_hundredths() {
        assert_eq!(
            ["0", "10", "12.5", "0.25", "100"].map(percent_bp),
            [0, 1000, 1250, 25, 10_000].map(Some)
        );
        for raw in ["-1", "100.01", "0.125", "1e1", ".5", "0x10", ""] {
            assert_eq!(percent_bp(raw), None, "{raw}");
        }
    }

    #[test]
    fn names_are_printable_ascii_without_blanks() {
        assert_eq!(name_problem("fl-101"), None);
        assert_eq!(name_problem(&"x".repeat(128)), None);
        assert!(name_problem(&"x".repeat(129)).is_some());
        assert!(
            name_problem("gift basket")
                .is_some_and(|problem| problem.ends_with("as in \"gift-basket\""))
        );
        for name in ["", "größe", "a\u{7f}", "tab\t"] {
            assert!(name_problem(name).is_some(), "{name:?}");
        }
    }
}
