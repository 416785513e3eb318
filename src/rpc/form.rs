//! Reading messages: shape, length, alphabet. Collects every violated field; knows nothing of the configuration.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use prost_types::Timestamp;
use rust_iso3166::from_alpha2;
use uuid::Uuid;

use crate::admission::Terms;
use crate::ids::{AgentId, CustomerId, GestureId, is_chosen_id};
use crate::money::{Currency, Money};
use crate::pb;
use crate::problem::{Problem, Violation, Wrong};
use crate::vault::{Personal, Private, Recipient};

const REASON_CHARACTERS_MAX: usize = 2000;
const MESSAGE_CHARACTERS_MAX: usize = 1000;
const NAME_CHARACTERS_MAX: usize = 200;
const ADDRESS_LINES_MAX: usize = 5;
const POSTAL_CODE_CHARACTERS_MAX: usize = 32;
const CONTACT_CHARACTERS_MAX: usize = 254;
const WAIVED_POLICIES_MAX: usize = 20;

/// 8-4-4-4-12 and the hyphens.
const UUID_CHARACTERS: usize = 36;

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
        // Other ways to write a UUID (without hyphens, in braces) would be other texts for the same id.
        match Uuid::from_str(text) {
            Ok(id) if !id.is_nil() && text.len() == UUID_CHARACTERS => Some(GestureId(id)),
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

    /// What an agent asks for: the plain part and the personal part.
    pub fn asked(&mut self, gesture: Option<pb::Gesture>) -> Option<(Terms, Personal)> {
        let Some(gesture) = gesture else {
            self.wrong("gesture", Wrong::Required, "is needed");
            return None;
        };
        self.output_fields_are_unset(&gesture);
        let customer = gesture.customer.unwrap_or_default();
        let kind = self.id("gesture.kind", &gesture.kind);
        let amount = self.money("gesture.amount", gesture.amount.as_ref());
        let customer_id = self
            .id("gesture.customer.id", &customer.id)
            .and_then(CustomerId::new);
        let segment = self.optional_id("gesture.customer.segment", &customer.segment);
        let case_id = self.optional_id("gesture.case_id", &gesture.case_id);
        let occasion = self.optional_id("gesture.occasion", &gesture.occasion);
        let promise_by = self.instant("gesture.promise_by", gesture.promise_by);
        let waived = self.policies(&gesture.waived_policies);
        let budget = self.optional_id("gesture.budget", &gesture.budget);
        let replaces = if gesture.replaces.is_empty() {
            None
        } else {
            self.gesture_id("gesture.replaces", &gesture.replaces)
        };
        let personal = Personal {
            reason: self.free_text(
                "gesture.reason",
                gesture.reason,
                REASON_CHARACTERS_MAX,
                true,
            ),
            message: self.free_text(
                "gesture.message",
                gesture.message,
                MESSAGE_CHARACTERS_MAX,
                true,
            ),
            recipient: gesture.recipient.map(|recipient| self.recipient(recipient)),
        };
        let terms = Terms {
            kind: kind?,
            amount: amount?,
            customer: customer_id?,
            segment,
            case_id,
            occasion,
            promise_by,
            waived,
            budget,
            replaces,
        };
        Some((terms, personal))
    }

    fn output_fields_are_unset(&mut self, gesture: &pb::Gesture) {
        let set = [
            ("gesture.state", gesture.state != 0),
            ("gesture.requested_by", !gesture.requested_by.is_empty()),
            ("gesture.decision", gesture.decision.is_some()),
            ("gesture.etag", !gesture.etag.is_empty()),
            ("gesture.create_time", gesture.create_time.is_some()),
            ("gesture.update_time", gesture.update_time.is_some()),
        ];
        for (field, _) in set.iter().filter(|(_, is_set)| *is_set) {
            self.wrong(
                *field,
                Wrong::OutputOnly,
                "is set by the service alone; leave it unset",
            );
        }
    }

    fn policies(&mut self, names: &[String]) -> Vec<String> {
        if names.len() > WAIVED_POLICIES_MAX {
            self.wrong(
                "gesture.waived_policies",
                Wrong::TooMany,
                format!("at most {WAIVED_POLICIES_MAX} policies"),
            );
            return Vec::new();
        }
        let mut waived: Vec<String> = names
            .iter()
            .enumerate()
            .filter_map(|(number, name)| {
                self.id(&format!("gesture.waived_policies[{number}]"), name)
            })
            .collect();
        waived.sort();
        waived.dedup();
        waived
    }

    fn recipient(&mut self, recipient: pb::Recipient) -> Recipient {
        let mut line = |name: &str, text: String, max: usize| {
            self.free_text(&format!("gesture.recipient.{name}"), text, max, false)
        };
        let mut read = Recipient {
            full_name: line("full_name", recipient.full_name, NAME_CHARACTERS_MAX),
            address_lines: Vec::new(),
            locality: line("locality", recipient.locality, NAME_CHARACTERS_MAX),
            region: line("region", recipient.region, NAME_CHARACTERS_MAX),
            postal_code: line(
                "postal_code",
                recipient.postal_code,
                POSTAL_CODE_CHARACTERS_MAX,
            ),
            country: Private::default(),
            email: line("email", recipient.email, CONTACT_CHARACTERS_MAX),
            phone: line("phone", recipient.phone, CONTACT_CHARACTERS_MAX),
        };
        if recipient.address_lines.len() > ADDRESS_LINES_MAX {
            self.wrong(
                "gesture.recipient.address_lines",
                Wrong::TooMany,
                format!("at most {ADDRESS_LINES_MAX} lines"),
            );
        } else {
            read.address_lines = recipient
                .address_lines
                .into_iter()
                .enumerate()
                .map(|(n, text)| {
                    let field = format!("gesture.recipient.address_lines[{n}]");
                    if text.is_empty() {
                        self.wrong(&field, Wrong::Required, "must be 1 to 200 characters");
                    }
                    self.free_text(&field, text, NAME_CHARACTERS_MAX, false)
                })
                .collect();
        }
        if !recipient.country.is_empty() && from_alpha2(&recipient.country).is_none() {
            self.wrong(
                "gesture.recipient.country",
                Wrong::CountryUnknown,
                "must be an ISO 3166-1 code of two capital letters, as in DE",
            );
        } else {
            read.country = Private::new(recipient.country);
        }
        let parts = read.email.reveal().split_once('@');
        if !read.email.is_empty()
            && parts.is_none_or(|(local, host)| local.is_empty() || host.is_empty())
        {
            self.wrong(
                "gesture.recipient.email",
                Wrong::Malformed,
                "must have something on both sides of an @",
            );
        }
        read
    }

    /// A personal text: never repeated in what is said about it.
    fn free_text(
        &mut self,
        field: &str,
        text: String,
        characters_max: usize,
        may_have_lines: bool,
    ) -> Private {
        if text.chars().count() > characters_max {
            self.wrong(
                field,
                Wrong::TooLong,
                format!("at most {characters_max} characters"),
            );
        }
        if text
            .chars()
            .any(|c| c.is_control() && !(may_have_lines && c == '\n'))
        {
            self.wrong(
                field,
                Wrong::Malformed,
                "must not contain control characters",
            );
        }
        Private::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(form: Form) -> Vec<String> {
        form.violations
            .into_iter()
            .map(|violation| violation.field)
            .collect()
    }

    #[test]
    fn every_violated_field_is_named_at_once() {
        let mut form = Form::default();
        let asked = form.asked(Some(pb::Gesture {
            kind: "white lilies".into(),
            amount: Some(pb::Money {
                minor_units: 0,
                currency: "EURO".into(),
            }),
            customer: Some(pb::Customer {
                id: String::new(),
                segment: "gold\n".into(),
            }),
            promise_by: Some(Timestamp {
                seconds: i64::MAX,
                nanos: 0,
            }),
            message: "x".repeat(1001),
            recipient: Some(pb::Recipient {
                country: "Germany".into(),
                email: "nobody".into(),
                ..Default::default()
            }),
            replaces: "the first one".into(),
            etag: "1".into(),
            ..Default::default()
        }));
        assert!(asked.is_none());
        assert_eq!(
            fields(form),
            [
                "gesture.etag",
                "gesture.kind",
                "gesture.amount.currency",
                "gesture.amount.minor_units",
                "gesture.customer.id",
                "gesture.customer.segment",
                "gesture.promise_by",
                "gesture.replaces",
                "gesture.message",
                "gesture.recipient.country",
                "gesture.recipient.email",
            ]
        );
    }

    #[test]
    fn policies_are_a_set() {
        let mut form = Form::default();
        assert_eq!(
            form.policies(&["b".into(), "a".into(), "b".into()]),
            ["a", "b"]
        );
        assert!(fields(form).is_empty());
    }
}
