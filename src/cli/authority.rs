//! `largesse authority …`: what an agent may still give.

use std::path::Path;

use clap::{Args, Subcommand};
use prost_types::Timestamp;

use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use super::output::{Looks, Paint, words};
use super::{amounts, times};
use crate::identity::Role;
use crate::pb::{GetAuthorityRequest, GetAuthorityResponse, ItemAuthority, LimitUse};

/// `largesse authority …`.
#[derive(Debug, Clone, Args)]
pub struct AuthorityVerbs {
    #[command(subcommand)]
    verb: AuthorityVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum AuthorityVerb {
    /// Show what an agent may still give of each kind, and every limit behind it
    Show(ShowOptions),
}

#[derive(Debug, Clone, Args)]
struct ShowOptions {
    /// Of this agent, where it is not the one who asks (needs --role approver, auditor or admin)
    #[arg(long, value_name = "ID")]
    of: Option<String>,

    /// For this customer: limits per customer are shown as well
    #[arg(long, value_name = "ID")]
    customer: Option<String>,

    /// In this case: limits per case are shown as well
    #[arg(long, value_name = "ID")]
    case: Option<String>,

    /// For a customer of this segment
    #[arg(long, value_name = "NAME")]
    segment: Option<String>,

    /// For this occasion
    #[arg(long, value_name = "NAME")]
    occasion: Option<String>,

    /// Drawing on this budget; unset: the agent's own
    #[arg(long, value_name = "NAME")]
    budget: Option<String>,

    /// As it was at this instant: RFC 3339, or HH:MM of today
    #[arg(long, value_name = "WHEN", value_parser = times::at)]
    at: Option<Timestamp>,

    /// Only this kind; may be given several times
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
}

impl AuthorityVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let AuthorityVerb::Show(options) = self.verb;
        let client = Client::connect(&self.client, data_folder, Role::Requester).await?;
        let request = GetAuthorityRequest {
            agent_id: options.of.unwrap_or_else(|| client.agent_id.clone()),
            customer_id: options.customer.unwrap_or_default(),
            case_id: options.case.unwrap_or_default(),
            segment: options.segment.unwrap_or_default(),
            occasion: options.occasion.unwrap_or_default(),
            budget: options.budget.unwrap_or_default(),
            at: options.at,
        };
        let answer = client.authority().get_authority(request).await;
        let mut answer = answer
            .map_err(|status| Effect::Reads.failed(&status))?
            .into_inner();
        if !options.kinds.is_empty() {
            answer
                .items
                .retain(|item| options.kinds.contains(&item.kind));
        }
        client
            .printer
            .answer(&answer, |looks| show(looks, &answer))?;
        Ok(Exit::Done)
    }
}

fn show(looks: &Looks, answer: &GetAuthorityResponse) -> String {
    let mut text = format!(
        "{} ({}), {}, under configuration {}\n",
        answer.agent_id,
        answer.level,
        looks.time(answer.at.as_ref()),
        answer.configuration_version
    );
    for item in &answer.items {
        let (verdict, paint) = verdict(item);
        text += &format!("\n{}: {}\n", item.kind, looks.painted(&verdict, paint));
        // Of what is refused at any amount, the limits would only hide that.
        if item.problems.is_empty() {
            text += &looks.table(
                &["limit", "counts, per", " used", " of", " left", "resets"],
                item.limits.iter().map(|limit| row(looks, limit)),
            );
        }
    }
    if answer.items.is_empty() {
        text += "\nNothing in the catalog.\n";
    }
    text
}

/// In a word: what may be given of this kind now.
fn verdict(item: &ItemAuthority) -> (String, Paint) {
    let range = item.price_range.as_ref();
    let range = match (
        range.and_then(|it| it.min.as_ref()),
        range.and_then(|it| it.max.as_ref()),
    ) {
        (Some(min), Some(max)) => {
            format!(
                " (priced {} to {})",
                amounts::shown(Some(min)),
                amounts::shown(Some(max))
            )
        }
        (Some(_) | None, _) => format!(" (in {})", item.currency),
    };
    let (word, paint) = if !item.problems.is_empty() {
        (format!("refused, {}", item.problems.join(", ")), Paint::Red)
    } else {
        match &item.largest_now {
            None => ("no authority".to_owned(), Paint::Red),
            Some(largest) if largest.minor_units == 0 => {
                ("nothing fits now".to_owned(), Paint::Yellow)
            }
            Some(largest) => (
                format!("up to {}", amounts::shown(Some(largest))),
                Paint::Green,
            ),
        }
    };
    (word + &range, paint)
}

fn row(looks: &Looks, limit: &LimitUse) -> Vec<String> {
    // How many there were matters only where their number is bounded.
    let count_used = limit
        .ceiling_count
        .map(|_| limit.used_count.unwrap_or_default());
    let count_left = limit
        .ceiling_count
        .zip(count_used)
        .map(|(ceiling, used)| ceiling.saturating_sub(used).max(0));
    vec![
        limit.limit.clone(),
        format!(
            "{}, {}",
            words::subject(limit.subject),
            words::window(limit.window)
        ),
        amount_and_count(limit.used.as_ref(), count_used),
        amount_and_count(limit.ceiling.as_ref(), limit.ceiling_count),
        amount_and_count(limit.remaining.as_ref(), count_left),
        looks.time(limit.window_reset_time.as_ref()),
    ]
}

/// "42.00 EUR, 3 times", or what there is of the two.
fn amount_and_count(amount: Option<&crate::pb::Money>, count: Option<i32>) -> String {
    let amount = amounts::shown(amount);
    match count {
        None => amount,
        Some(count) if amount.is_empty() => format!("{count}×"),
        Some(count) => format!("{amount}, {count}×"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::without_rules;
    use crate::pb::{LimitSubject, LimitWindow, Money, PriceRange};

    fn euro(minor_units: i64) -> Option<Money> {
        Some(Money {
            minor_units,
            currency: "EUR".into(),
        })
    }

    fn item(kind: &str, largest_now: Option<Money>, problems: &[&str]) -> ItemAuthority {
        ItemAuthority {
            kind: kind.into(),
            currency: "EUR".into(),
            price_range: Some(PriceRange {
                min: euro(1500),
                max: euro(12_000),
            }),
            largest_now,
            problems: problems.iter().map(|&code| code.to_owned()).collect(),
            limits: vec![LimitUse {
                limit: "agent-month".into(),
                subject: LimitSubject::Agent.into(),
                window: LimitWindow::Month.into(),
                used: euro(26_180),
                used_count: Some(7),
                ceiling: euro(30_000),
                ceiling_count: Some(10),
                remaining: euro(3820),
                window_reset_time: Some(Timestamp {
                    seconds: 1_796_079_600,
                    nanos: 0,
                }),
                largest_now: euro(3472),
                ..Default::default()
            }],
            ..Default::default()
        }
    }

    #[test]
    fn each_kind_says_first_what_may_be_given_now() {
        let answer = GetAuthorityResponse {
            agent_id: "fl-101".into(),
            level: "frontline".into(),
            configuration_version: 1,
            at: Some(Timestamp {
                seconds: 1_795_180_000,
                nanos: 0,
            }),
            items: vec![
                item("flowers", euro(3472), &[]),
                item("yacht", None, &["KIND_NOT_OFFERED"]),
            ],
        };
        let looks = Looks {
            zone: Some(chrono_tz::Europe::Berlin),
            ..Looks::default()
        };
        let expected = "\
fl-101 (frontline), Fri 2026-11-20 14:06 CET, under configuration 1

flowers: up to 34.72 EUR (priced 15.00 EUR to 120.00 EUR)
limit        counts, per             used               of           left  resets
─
agent-month  agent, month  261.80 EUR, 7×  300.00 EUR, 10×  38.20 EUR, 3×  Tue 2026-12-01 00:00 CET

yacht: refused, KIND_NOT_OFFERED (priced 15.00 EUR to 120.00 EUR)";
        assert_eq!(without_rules(&show(&looks, &answer)), expected);
    }

    #[test]
    fn zero_and_unset_are_told_apart() {
        assert!(
            verdict(&item("flowers", euro(0), &[]))
                .0
                .starts_with("nothing fits now")
        );
        assert!(
            verdict(&item("flowers", None, &[]))
                .0
                .starts_with("no authority")
        );
    }
}
