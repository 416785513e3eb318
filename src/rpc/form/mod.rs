//! Reading messages: shape, length, alphabet. Collects every violated field; knows nothing of the configuration.

mod answer;
mod asked;

use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use uuid::Uuid;

use crate::ids::{AgentId, DelegationId, GestureId, is_chosen_id};
use crate::money::{Currency, Money};
use crate::pb;
use crate::problem::{Problem, Violation, Wrong};
use crate::telemetry::traces::Facts;

/// 8-4-4-4-12 and the hyphens.
const UUID_CHARACTERS: usize = 36;

/// The fields that name the gesture that a call is about.
const OF_THE_CALL: [&str; 2] = ["gesture_id", "task_id"];

const ID_FORM: &str = "1 to 128 visible ASCII characters (^[!-~]{1,128}$)";

/// From an instant on, and up to another one.
type TimeRange = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// What is wrong with a message, field by field.
#[derive(Default)]
pub struct Form {
    violations: Vec<Violation>,
}

impl Form {
    /// Notes a violated field.
    pub fn wrong(
        &mut self,
        field: impl Into<String>,
        wrong: Wrong,
        description: impl Into<String>,
    ) {
        self.violations
            .push(Violation::new(field, wrong, description));
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every violated field.
    pub fn finish(self) -> Result<(), Problem> {
        if self.violations.is_empty() {
            Ok(())
        } else {
            Err(Problem::Invalid(self.violations))
        }
    }

    /// A value that must be there, once the form is known to be whole.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every violated field.
    pub fn whole<T>(self, value: Option<T>) -> Result<T, Problem> {
        self.finish()?;
        value.ok_or_else(|| Problem::defect("a form without violations lacks a value"))
    }

    /// The UUID of a gesture.
    pub fn gesture_id(&mut self, field: &str, text: &str) -> Option<GestureId> {
        let id = self.uuid(field, text).map(GestureId)?;
        if OF_THE_CALL.contains(&field) {
            Facts::about(id);
        }
        Some(id)
    }

    /// The UUID of a delegation.
    pub fn delegation_id(&mut self, field: &str, text: &str) -> Option<DelegationId> {
        self.uuid(field, text).map(DelegationId)
    }

    /// Any UUID.
    pub fn uuid(&mut self, field: &str, text: &str) -> Option<Uuid> {
        // Other ways to write a UUID (without hyphens, in braces) would be other texts for the same id.
        match Uuid::from_str(text) {
            Ok(id) if !id.is_nil() && text.len() == UUID_CHARACTERS => Some(id),
            _ if text.is_empty() => {
                self.wrong(field, Wrong::Required, "is needed: a UUID");
                None
            }
            _ => {
                self.wrong(field, Wrong::Malformed, "must be a UUID, as in 0198c2f4-5a1e-7c3d-9b52-3f6d1c2e4a10 (version 7 preferred)");
                None
            }
        }
    }

    /// An id that callers choose; must be there.
    pub fn id(&mut self, field: &str, text: &str) -> Option<String> {
        if is_chosen_id(text) {
            Some(text.to_owned())
        } else {
            self.wrong(
                field,
                if text.is_empty() {
                    Wrong::Required
                } else {
                    Wrong::Malformed
                },
                if text.is_empty() {
                    format!("is needed: {ID_FORM}")
                } else {
                    format!("must be {ID_FORM}")
                },
            );
            None
        }
    }

    /// An id that callers choose; empty is unset.
    pub fn optional_id(&mut self, field: &str, text: &str) -> Option<String> {
        if text.is_empty() {
            None
        } else {
            self.id(field, text)
        }
    }

    /// An agent; empty is unset.
    pub fn optional_agent(&mut self, field: &str, text: &str) -> Option<AgentId> {
        self.optional_id(field, text).and_then(AgentId::new)
    }

    /// An instant; unset is none.
    pub fn instant(&mut self, field: &str, value: Option<Timestamp>) -> Option<DateTime<Utc>> {
        let value = value?;
        let whole_micros = u32::try_from(value.nanos)
            .ok()
            .map(|nanos| nanos / 1000 * 1000);
        let instant = whole_micros.and_then(|nanos| DateTime::from_timestamp(value.seconds, nanos));
        // Postgres and JSON agree on four-digit years.
        let instant = instant.filter(|at| (1970..=9999).contains(&chrono::Datelike::year(at)));
        if instant.is_none() {
            self.wrong(
                field,
                Wrong::OutOfRange,
                "must be an instant from 1970 to 9999",
            );
        }
        instant
    }

    /// A stretch of time; unset ends are open.
    pub fn range(&mut self, field: &str, range: Option<pb::TimeRange>) -> TimeRange {
        let range = range.unwrap_or_default();
        let (start, end) = (
            self.instant(&format!("{field}.start"), range.start),
            self.instant(&format!("{field}.end"), range.end),
        );
        if start.zip(end).is_some_and(|(start, end)| end <= start) {
            self.wrong(
                format!("{field}.end"),
                Wrong::OutOfRange,
                "must come after the start, or be left unset",
            );
        }
        (start, end)
    }

    /// The etag of a gesture, as it was last seen.
    pub fn etag(&mut self, field: &str, text: &str) -> Option<i32> {
        let etag: Option<i32> = text.parse().ok().filter(|etag| *etag > 0);
        if etag.is_none() {
            self.wrong(
                field,
                Wrong::Malformed,
                "must be the etag of the gesture as you last saw it",
            );
        }
        etag
    }

    /// Kinds of the catalog.
    pub fn kinds(&mut self, names: &[String], count_max: usize) -> Vec<String> {
        if names.len() > count_max {
            self.wrong(
                "kinds",
                Wrong::TooMany,
                format!("at most {count_max} kinds"),
            );
            return Vec::new();
        }
        names
            .iter()
            .enumerate()
            .filter_map(|(number, name)| self.id(&format!("kinds[{number}]"), name))
            .collect()
    }

    /// A size of a page: 0 is the default of 50, at most 200.
    pub fn page_size(&mut self, size: i32) -> i64 {
        if !(0..=200).contains(&size) {
            self.wrong(
                "page_size",
                Wrong::OutOfRange,
                "must be 1 to 200, or 0 for 50",
            );
        }
        if size == 0 { 50 } else { i64::from(size) }
    }

    /// A length of time in whole seconds; unset is none.
    pub fn seconds(
        &mut self,
        field: &str,
        duration: Option<prost_types::Duration>,
        least: Duration,
        most: Duration,
    ) -> Option<Duration> {
        let duration = duration?;
        let whole = u64::try_from(duration.seconds)
            .ok()
            .filter(|_| duration.nanos == 0)
            .map(Duration::from_secs);
        let within = whole.filter(|lasting| (least..=most).contains(lasting));
        if within.is_none() {
            let (least, most) = (least.as_secs(), most.as_secs());
            let description = format!("must be {least} to {most} whole seconds");
            self.wrong(field, Wrong::OutOfRange, description);
        }
        within
    }

    /// What something cost: an amount of money, or nothing at all.
    pub fn cost(&mut self, field: &str, value: Option<&pb::Money>) -> Option<(i64, Currency)> {
        if let Some(free) = value.filter(|value| value.minor_units == 0)
            && let Ok(currency) = free.currency.parse()
        {
            return Some((0, currency));
        }
        let money = self.money(field, value)?;
        Some((money.minor(), money.currency()))
    }

    /// An amount of money.
    pub fn money(&mut self, field: &str, value: Option<&pb::Money>) -> Option<Money> {
        let Some(value) = value else {
            self.wrong(
                field,
                Wrong::Required,
                "is needed: minor_units and currency",
            );
            return None;
        };
        let currency: Option<Currency> = value.currency.parse().ok();
        if currency.is_none() {
            self.wrong(
                format!("{field}.currency"),
                Wrong::CurrencyUnknown,
                "must be an ISO 4217 code of three capital letters, as in EUR",
            );
        }
        if !(Money::MINOR_MIN..=Money::MINOR_MAX).contains(&value.minor_units) {
            self.wrong(
                format!("{field}.minor_units"),
                Wrong::OutOfRange,
                "must be 1 to 1000000000000 (10^12) minor units",
            );
        }
        Money::new(value.minor_units, currency?).ok()
    }
}
