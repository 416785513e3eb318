//! Reading what an agent asks for: the plain part, and what is said of people. A personal text is never repeated in what is
//! said about it.

use rust_iso3166::from_alpha2;

use super::Form;
use crate::admission::Terms;
use crate::ids::{CustomerId, GestureId};
use crate::pb;
use crate::problem::Wrong;
use crate::vault::{Personal, Private, Recipient};

pub(super) const REASON_CHARACTERS_MAX: usize = 2000;
const MESSAGE_CHARACTERS_MAX: usize = 1000;
const NAME_CHARACTERS_MAX: usize = 200;
const ADDRESS_LINES_MAX: usize = 5;
const POSTAL_CODE_CHARACTERS_MAX: usize = 32;
const CONTACT_CHARACTERS_MAX: usize = 254;
const WAIVED_POLICIES_MAX: usize = 20;

impl Form {
    /// A gesture that is asked for may name the id under which it is, and no other.
    pub fn id_is_no_other(&mut self, gesture: Option<&pb::Gesture>, id: Option<GestureId>) {
        let named = gesture
            .map(|gesture| gesture.id.as_str())
            .unwrap_or_default();
        if !named.is_empty() && named.parse().ok() != id {
            self.wrong(
                "gesture.id",
                Wrong::OutputOnly,
                "is the id under which it is asked for; leave it unset",
            );
        }
    }

    /// What an agent asks for: the plain part and the personal part.
    pub fn asked(
        &mut self,
        gesture: Option<pb::Gesture>,
        is_glass: bool,
    ) -> Option<(Terms, Personal)> {
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
            is_glass,
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
            ("gesture.approval", gesture.approval.is_some()),
            ("gesture.break_glass", gesture.break_glass),
            ("gesture.terms_digest", !gesture.terms_digest.is_empty()),
            ("gesture.promise", gesture.promise != 0),
            ("gesture.fulfilment", gesture.fulfilment.is_some()),
            ("gesture.outcomes", !gesture.outcomes.is_empty()),
            ("gesture.about", !gesture.about.is_empty()),
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
    pub(super) fn free_text(
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
    use prost_types::Timestamp;

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
        let asked = form.asked(
            Some(pb::Gesture {
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
            }),
            false,
        );
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
