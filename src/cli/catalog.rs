//! `largesse catalog …`: what can be given.

use std::path::Path;

use clap::{Args, Subcommand};

use super::amounts;
use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use super::output::{Looks, words};
use crate::identity::Role;
use crate::pb::{CatalogItem, ListCatalogItemsRequest, ListCatalogItemsResponse};

/// The largest page that the service gives.
const PAGE_MAX: i32 = 200;

/// `largesse catalog …`.
#[derive(Debug, Clone, Args)]
pub struct CatalogVerbs {
    #[command(subcommand)]
    verb: CatalogVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum CatalogVerb {
    /// List what can be given, and what is not offered
    List,
}

impl CatalogVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let CatalogVerb::List = self.verb;
        // The least that a token can be for, and it needs no agent.
        let client = Client::connect(&self.client, data_folder, Role::Auditor).await?;
        let mut all = ListCatalogItemsResponse::default();
        let mut request = ListCatalogItemsRequest {
            page_size: PAGE_MAX,
            page_token: String::new(),
        };
        loop {
            let page = client.authority().list_catalog_items(request.clone()).await;
            let page = page
                .map_err(|status| Effect::Reads.failed(&status))?
                .into_inner();
            all.items.extend(page.items);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        client
            .printer
            .answer(&all, |looks| table(looks, &all.items))?;
        Ok(Exit::Done)
    }
}

fn table(looks: &Looks, items: &[CatalogItem]) -> String {
    let rows = items.iter().map(|item| {
        vec![
            item.kind.clone(),
            status(item),
            price(item),
            percent(item.tolerance_basis_points),
            item.channel.clone(),
            item.lead_time
                .as_ref()
                .map(|lead| hours(lead.seconds))
                .unwrap_or_default(),
            item.required_recipient_fields.join(", "),
        ]
    });
    let titles = [
        "kind",
        "status",
        " price",
        " extra",
        "channel",
        " takes",
        "recipient needs",
    ];
    looks.table(&titles, rows)
}

fn status(item: &CatalogItem) -> String {
    let pauses: Vec<String> = item.paused_by.iter().copied().map(words::pause).collect();
    match (item.offered, pauses.is_empty()) {
        (false, _) => "not offered".to_owned(),
        (true, false) => format!("paused ({})", pauses.join(", ")),
        (true, true) => "offered".to_owned(),
    }
}

/// From the smallest to the largest amount; one where they are the same.
fn price(item: &CatalogItem) -> String {
    let range = item.price_range.as_ref();
    let least = amounts::shown(range.and_then(|range| range.min.as_ref()));
    let most = amounts::shown(range.and_then(|range| range.max.as_ref()));
    if least == most {
        least
    } else {
        format!("{least} to {most}")
    }
}

/// Hundredths of a percent: 1000 is "10 %", 1250 is "12.5 %".
fn percent(basis_points: i32) -> String {
    let (whole, rest) = (basis_points / 100, basis_points % 100);
    let decimals = format!("{rest:02}");
    match decimals.trim_end_matches('0') {
        "" => format!("{whole} %"),
        decimals => format!("{whole}.{decimals} %"),
    }
}

/// Whole days and hours where it is so; else minutes, rounded up.
fn hours(seconds: i64) -> String {
    const HOUR: i64 = 60 * 60;
    match seconds {
        0 => "0 h".to_owned(),
        seconds if seconds % (48 * HOUR) == 0 => format!("{} d", seconds / (24 * HOUR)),
        seconds if seconds % HOUR == 0 => format!("{} h", seconds / HOUR),
        seconds => format!("{} min", (seconds + 59) / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_and_lead_times_read_well() {
        assert_eq!(
            [0, 1000, 1250, 1205, 5].map(percent),
            ["0 %", "10 %", "12.5 %", "12.05 %", "0.05 %"]
        );
        assert_eq!(
            [0, 90, 3600, 86_400, 172_800].map(hours),
            ["0 h", "2 min", "1 h", "24 h", "2 d"]
        );
    }

    #[test]
    fn a_pause_says_where_it_comes_from() {
        let item = CatalogItem {
            offered: true,
            paused_by: vec![crate::pb::PauseScope::Channel.into()],
            ..Default::default()
        };
        assert_eq!(status(&item), "paused (channel)");
    }
}
