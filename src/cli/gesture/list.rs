//! `largesse gesture list`: filters, and pages until there are enough.

use clap::{Args, ValueEnum};
use prost_types::Timestamp;

use super::show;
use crate::cli::client::Client;
use crate::cli::failure::{Effect, Exit, Failure};
use crate::cli::output::counted;
use crate::cli::times;
use crate::pb::{GestureState, ListGesturesRequest, ListGesturesResponse, PromiseState, TimeRange};

/// The largest page that the service gives.
const PAGE_MAX: u32 = 200;

/// Which gestures, and how many.
#[derive(Debug, Clone, Args)]
pub(super) struct ListOptions {
    /// Only for this customer
    #[arg(long, value_name = "ID")]
    customer: Option<String>,

    /// Only of this case
    #[arg(long, value_name = "ID")]
    case: Option<String>,

    /// Only those that this agent asked for
    #[arg(long, value_name = "ID")]
    requested_by: Option<String>,

    /// Only in this state; may be given several times
    #[arg(long = "state", value_name = "STATE")]
    states: Vec<State>,

    /// Only those asked for from this instant on (RFC 3339, or HH:MM of today)
    #[arg(long, value_name = "WHEN", value_parser = times::at)]
    from: Option<Timestamp>,

    /// Only those asked for before this instant
    #[arg(long, value_name = "WHEN", value_parser = times::at)]
    until: Option<Timestamp>,

    /// Only those promised for this instant or later
    #[arg(long, value_name = "WHEN", value_parser = times::at)]
    promised_from: Option<Timestamp>,

    /// Only those promised for before this instant
    #[arg(long, value_name = "WHEN", value_parser = times::at)]
    promised_until: Option<Timestamp>,

    /// Only those whose promise has become this
    #[arg(long, value_name = "STATE")]
    promise: Option<Promise>,

    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,

    /// Go on where an earlier list with the same filters ended
    // One in sixty-four begins with a hyphen.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    page_token: Option<String>,
}

/// The states that can be asked for.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    Approved,
    PendingApproval,
    Declined,
    Cancelled,
    Returned,
    Expired,
    Dispatched,
    Delivered,
    Failed,
}

/// What can have become of a promise.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Promise {
    Pending,
    AtRisk,
    Late,
    Kept,
    Broken,
}

impl ListOptions {
    pub(super) async fn run(self, client: &Client) -> Result<Exit, Failure> {
        let mut left = self.limit;
        let mut request = self.request();
        let mut all = ListGesturesResponse::default();
        while left > 0 {
            request.page_size = left.min(PAGE_MAX).try_into().unwrap_or_default();
            let page = client.gestures().list_gestures(request.clone()).await;
            let page = page
                .map_err(|status| Effect::Reads.failed(&status))?
                .into_inner();
            left = left.saturating_sub(u32::try_from(page.gestures.len()).unwrap_or(left));
            all.gestures.extend(page.gestures);
            all.next_page_token.clone_from(&page.next_page_token);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        client.printer.answer(&all, |looks| {
            let count = counted(all.gestures.len(), "gesture");
            let more = if all.next_page_token.is_empty() {
                String::new()
            } else {
                format!(
                    "; there are more: --limit, or --page-token {}",
                    all.next_page_token
                )
            };
            format!("{}\n{count}{more}\n", show::list(looks, &all.gestures))
        })?;
        Ok(Exit::Done)
    }

    fn request(self) -> ListGesturesRequest {
        let range = |start: Option<Timestamp>, end: Option<Timestamp>| {
            (start.is_some() || end.is_some()).then_some(TimeRange { start, end })
        };
        ListGesturesRequest {
            customer_id: self.customer.unwrap_or_default(),
            case_id: self.case.unwrap_or_default(),
            agent_id: self.requested_by.unwrap_or_default(),
            states: self
                .states
                .iter()
                .map(|state| state.of_proto().into())
                .collect(),
            promise_by: range(self.promised_from, self.promised_until),
            create_time: range(self.from, self.until),
            promise: self
                .promise
                .map(|promise| promise.of_proto().into())
                .unwrap_or_default(),
            page_size: 0,
            page_token: self.page_token.unwrap_or_default(),
        }
    }
}

impl Promise {
    fn of_proto(self) -> PromiseState {
        match self {
            Self::Pending => PromiseState::Pending,
            Self::AtRisk => PromiseState::AtRisk,
            Self::Late => PromiseState::Late,
            Self::Kept => PromiseState::Kept,
            Self::Broken => PromiseState::Broken,
        }
    }
}

impl State {
    fn of_proto(self) -> GestureState {
        match self {
            Self::Approved => GestureState::Approved,
            Self::PendingApproval => GestureState::PendingApproval,
            Self::Declined => GestureState::Declined,
            Self::Cancelled => GestureState::Cancelled,
            Self::Returned => GestureState::Returned,
            Self::Expired => GestureState::Expired,
            Self::Dispatched => GestureState::Dispatched,
            Self::Delivered => GestureState::Delivered,
            Self::Failed => GestureState::Failed,
        }
    }
}
