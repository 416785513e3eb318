//! What is asked for: by flags, by a file of JSON, or by a file of which flags change something.

use std::path::PathBuf;

use clap::Args;
use prost_types::Timestamp;

use crate::cli::failure::Failure;
use crate::cli::output::json;
use crate::cli::{amounts, files, times};
use crate::pb;

/// The terms of a gesture.
#[derive(Debug, Clone, Default, Args)]
pub struct Terms {
    /// What is given: a kind of the catalog
    #[arg(long, value_name = "KIND", required_unless_present = "file")]
    kind: Option<String>,

    /// What it may cost, as in "45.00 EUR"
    #[arg(long, value_name = "AMOUNT", required_unless_present = "file", value_parser = amounts::amount)]
    amount: Option<pb::Money>,

    /// For whom: the customer's id
    #[arg(long, value_name = "ID", required_unless_present = "file")]
    customer: Option<String>,

    /// The segment that the customer is in
    #[arg(long, value_name = "NAME")]
    segment: Option<String>,

    /// The case that it belongs to
    #[arg(long, value_name = "ID")]
    case: Option<String>,

    /// Why, in a word of the configuration
    #[arg(long, value_name = "NAME")]
    occasion: Option<String>,

    /// Why, in your own words, for colleagues
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// What the customer reads, as on a card
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,

    /// By when it was promised: a weekday, tomorrow, 2026-11-20 (the end of the day, local time), or an RFC 3339 instant
    #[arg(long, value_name = "WHEN", value_parser = times::promise)]
    promise_by: Option<Timestamp>,

    /// A policy that it sets aside; may be given several times
    #[arg(long, value_name = "POLICY")]
    waive: Vec<String>,

    /// The budget to draw on; unset: the agent's own
    #[arg(long, value_name = "NAME")]
    budget: Option<String>,

    /// The id of the gesture that this one stands in for
    #[arg(long, value_name = "ID")]
    replaces: Option<String>,

    /// JSON of a Gesture with the fields that an agent sets, - for standard input; flags go before what it says
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    #[command(flatten)]
    recipient: RecipientTerms,
}

/// Where it goes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Recipient")]
struct RecipientTerms {
    /// The name on the parcel
    #[arg(long, value_name = "NAME")]
    to_name: Option<String>,

    /// Street and house, floor; may be given several times, a line each
    #[arg(long, value_name = "LINE")]
    to_address: Vec<String>,

    /// Town or city
    #[arg(long, value_name = "TOWN")]
    to_locality: Option<String>,

    /// State, province or county
    #[arg(long, value_name = "REGION")]
    to_region: Option<String>,

    /// Postal code
    #[arg(long, value_name = "CODE")]
    to_postal_code: Option<String>,

    /// Country, two letters
    #[arg(long, value_name = "CODE")]
    to_country: Option<String>,

    /// E-mail address
    #[arg(long, value_name = "ADDRESS")]
    to_email: Option<String>,

    /// Telephone number
    #[arg(long, value_name = "NUMBER")]
    to_phone: Option<String>,
}

impl Terms {
    /// The gesture that these terms describe. Whether it may be asked for is for the service to say.
    pub fn gesture(self) -> Result<pb::Gesture, Failure> {
        self.over(pb::Gesture::default())
    }

    /// These terms, over those of a gesture; a file takes the place of all of them.
    pub fn over(self, before: pb::Gesture) -> Result<pb::Gesture, Failure> {
        let mut gesture = match &self.file {
            Some(file) => json::read(&files::text(file)?).map_err(|problem| {
                Failure::Usage(format!(
                    "{} is no Gesture in JSON: {problem}",
                    file.display()
                ))
            })?,
            None => before,
        };
        set(&mut gesture.kind, self.kind);
        set(&mut gesture.case_id, self.case);
        set(&mut gesture.occasion, self.occasion);
        set(&mut gesture.reason, self.reason);
        set(&mut gesture.message, self.message);
        set(&mut gesture.budget, self.budget);
        set(&mut gesture.replaces, self.replaces);
        set_all(&mut gesture.waived_policies, self.waive);
        gesture.amount = self.amount.or(gesture.amount);
        gesture.promise_by = self.promise_by.or(gesture.promise_by);
        if self.customer.is_some() || self.segment.is_some() {
            let customer = gesture.customer.get_or_insert_default();
            set(&mut customer.id, self.customer);
            set(&mut customer.segment, self.segment);
        }
        self.recipient.apply(&mut gesture.recipient);
        Ok(gesture)
    }
}

impl RecipientTerms {
    /// A recipient of whom nothing is said stays unset.
    fn apply(self, recipient: &mut Option<pb::Recipient>) {
        let mut changed = recipient.clone().unwrap_or_default();
        set(&mut changed.full_name, self.to_name);
        set_all(&mut changed.address_lines, self.to_address);
        set(&mut changed.locality, self.to_locality);
        set(&mut changed.region, self.to_region);
        set(&mut changed.postal_code, self.to_postal_code);
        set(&mut changed.country, self.to_country);
        set(&mut changed.email, self.to_email);
        set(&mut changed.phone, self.to_phone);
        if changed != recipient.clone().unwrap_or_default() {
            *recipient = Some(changed);
        }
    }
}

fn set(field: &mut String, value: Option<String>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn set_all(field: &mut Vec<String>, values: Vec<String>) {
    if !values.is_empty() {
        *field = values;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::io::Write;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        terms: Terms,
    }

    fn parsed(words: &[&str]) -> Result<Terms, String> {
        Line::try_parse_from(["request"].iter().chain(words))
            .map(|line| line.terms)
            .map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn flags_make_a_gesture() {
        let words = "--kind flowers --customer c-8841 --segment loyal --to-name Ada --to-address Weg,1 --to-address 2.Stock \
                     --waive p1 --waive p2 --promise-by 2026-11-20T23:59:59+01:00 --amount";
        let mut words: Vec<&str> = words.split_whitespace().collect();
        words.push("45.00 EUR");
        let gesture = parsed(&words).unwrap().gesture().unwrap();
        assert_eq!(gesture.amount.unwrap().minor_units, 4500);
        assert_eq!(gesture.customer.unwrap().segment, "loyal");
        assert_eq!(
            gesture.recipient.unwrap().address_lines,
            ["Weg,1", "2.Stock"]
        );
        assert_eq!(gesture.waived_policies, ["p1", "p2"]);
        assert_eq!(gesture.promise_by.unwrap().seconds, 1_795_215_599);
    }

    #[test]
    fn a_recipient_of_whom_nothing_is_said_stays_unset() {
        let words = ["--kind", "k", "--customer", "c", "--amount", "1 EUR"];
        assert_eq!(parsed(&words).unwrap().gesture().unwrap().recipient, None);
    }

    #[test]
    fn flags_go_before_the_file() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(
            file,
            r#"{{"kind": "flowers", "customer": {{"id": "c-1", "segment": "loyal"}}, "recipient": {{"country": "DE"}}}}"#
        )
        .unwrap();
        let path = file.path().to_str().unwrap();
        let terms = parsed(&["--file", path, "--customer", "c-2", "--to-name", "Ada"]).unwrap();
        let gesture = terms.gesture().unwrap();
        let customer = gesture.customer.unwrap();
        assert_eq!(
            (customer.id.as_str(), customer.segment.as_str()),
            ("c-2", "loyal")
        );
        let recipient = gesture.recipient.unwrap();
        assert_eq!(
            (recipient.country.as_str(), recipient.full_name.as_str()),
            ("DE", "Ada")
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_what_would_be_right() {
        assert!(parsed(&[]).unwrap_err().contains("--kind"));
        let wrong = parsed(&["--kind", "k", "--customer", "c", "--amount", "45"]).unwrap_err();
        assert!(wrong.contains("45.00 EUR"), "{wrong}");
        let terms = parsed(&["--file", "/nowhere/gesture.json"]).unwrap();
        assert!(matches!(terms.gesture(), Err(Failure::Usage(_))));
    }
}
