//! `largesse gesture revise`: other terms for a gesture that waits or was returned. Only what changes is typed.

use clap::builder::Resettable;
use clap::{Args, ValueEnum};
use uuid::Uuid;

use super::terms::Terms;
use super::{exit, read, show};
use crate::cli::client::Client;
use crate::cli::failure::{Effect, Exit, Failure};
use crate::pb::{Gesture, ReviseGestureRequest};

/// What to change.
#[derive(Debug, Clone, Args)]
#[command(
    mut_arg("kind", |it| it.required_unless_present(Resettable::Reset)),
    mut_arg("amount", |it| it.required_unless_present(Resettable::Reset)),
    mut_arg("customer", |it| it.required_unless_present(Resettable::Reset).hide(true)),
    mut_arg("file", |it| it.help("JSON of a Gesture that takes the place of all terms, - for standard input; flags go before what it says")),
)]
pub(super) struct ReviseOptions {
    /// The gesture's id
    #[arg(value_name = "ID")]
    id: Uuid,

    /// The version that you have seen; unset: the one that it has now
    #[arg(long, value_name = "ETAG")]
    etag: Option<String>,

    /// What to take away, where a flag would only replace it; may be given several times
    #[arg(long, value_name = "TERM")]
    without: Vec<Term>,

    /// Break the glass: beyond your own maxima, at once, and reviewed afterwards
    #[arg(long)]
    break_glass: bool,

    #[command(flatten)]
    terms: Terms,
}

/// Terms that a gesture need not have.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Term {
    Segment,
    Case,
    Occasion,
    Reason,
    Message,
    PromiseBy,
    Waive,
    Budget,
    Replaces,
    Recipient,
}

impl ReviseOptions {
    pub(super) async fn run(self, client: &Client) -> Result<Exit, Failure> {
        let seen = read(client, self.id).await?;
        let etag = self.etag.clone().unwrap_or_else(|| seen.etag.clone());
        let gesture = self.revised(seen)?;
        // The same call again is answered as a replay, which a call with a newer etag would not be.
        let effect = Effect::writes(format!(
            "largesse gesture get {}; the same command with --etag {etag} does no harm",
            self.id
        ));
        let request = ReviseGestureRequest {
            gesture_id: self.id.to_string(),
            etag,
            gesture: Some(gesture),
            break_glass: self.break_glass,
            agent_id: client.agent_id.clone(),
        };
        let answer = client.gestures().revise_gesture(request).await;
        let answer = answer
            .map_err(|status| effect.failed(&status))?
            .into_inner();
        let gesture = answer.gesture.clone().unwrap_or_default();
        client.printer.answer(&answer, |looks| {
            show::request(looks, &gesture, answer.replayed)
        })?;
        Ok(exit(gesture.decision.as_ref()))
    }

    /// The terms that the gesture has, less what is taken away, with what the flags say.
    fn revised(&self, seen: Gesture) -> Result<Gesture, Failure> {
        let mut gesture = of_agent(seen);
        for term in &self.without {
            term.remove(&mut gesture);
        }
        self.terms.clone().over(gesture)
    }
}

/// What an agent sets of it, and nothing of what the service does.
fn of_agent(seen: Gesture) -> Gesture {
    Gesture {
        state: 0,
        requested_by: String::new(),
        decision: None,
        etag: String::new(),
        create_time: None,
        update_time: None,
        approval: None,
        break_glass: false,
        terms_digest: String::new(),
        ..seen
    }
}

impl Term {
    fn remove(self, gesture: &mut Gesture) {
        match self {
            Self::Segment => {
                if let Some(customer) = &mut gesture.customer {
                    customer.segment.clear();
                }
            }
            Self::Case => gesture.case_id.clear(),
            Self::Occasion => gesture.occasion.clear(),
            Self::Reason => gesture.reason.clear(),
            Self::Message => gesture.message.clear(),
            Self::PromiseBy => gesture.promise_by = None,
            Self::Waive => gesture.waived_policies.clear(),
            Self::Budget => gesture.budget.clear(),
            Self::Replaces => gesture.replaces.clear(),
            Self::Recipient => gesture.recipient = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pb::{Customer, Decision, Money};
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: ReviseOptions,
    }

    fn revised(words: &[&str]) -> Gesture {
        let line = ["revise", "0199a3c0-0000-7000-8000-000000000001"]
            .iter()
            .chain(words);
        let seen = Gesture {
            id: "0199a3c0-0000-7000-8000-000000000001".into(),
            kind: "gift-basket".into(),
            amount: Some(Money {
                minor_units: 7000,
                currency: "EUR".into(),
            }),
            customer: Some(Customer {
                id: "c-8841".into(),
                segment: "loyal".into(),
            }),
            message: "With our sympathy".into(),
            waived_policies: vec!["p1".into()],
            state: 5,
            etag: "3".into(),
            terms_digest: "7f".into(),
            decision: Some(Decision::default()),
            ..Default::default()
        };
        Line::try_parse_from(line)
            .unwrap()
            .options
            .revised(seen)
            .unwrap()
    }

    #[test]
    fn only_what_changes_is_typed() {
        let gesture = revised(&["--amount", "55.00 EUR", "--without", "waive"]);
        let expected = Gesture {
            id: "0199a3c0-0000-7000-8000-000000000001".into(),
            kind: "gift-basket".into(),
            amount: Some(Money {
                minor_units: 5500,
                currency: "EUR".into(),
            }),
            customer: Some(Customer {
                id: "c-8841".into(),
                segment: "loyal".into(),
            }),
            message: "With our sympathy".into(),
            ..Default::default()
        };
        assert_eq!(gesture, expected);
    }

    #[test]
    fn what_is_taken_away_may_be_replaced_at_once() {
        let gesture = revised(&[
            "--without",
            "waive",
            "--waive",
            "p2",
            "--without",
            "segment",
        ]);
        assert_eq!(gesture.waived_policies, ["p2"]);
        assert_eq!(gesture.customer.unwrap().segment, "");
    }
}
