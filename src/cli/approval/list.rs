//! `largesse approval list`: what waits, soonest deadline first.

use clap::{Args, ValueEnum};

use crate::cli::amounts;
use crate::cli::client::Client;
use crate::cli::failure::{Effect, Exit, Failure};
use crate::cli::output::{Looks, counted};
use crate::pb::{ApprovalItem, ApprovalPurpose, ListApprovalsRequest, ListApprovalsResponse};

/// The largest page that the service gives.
const PAGE_MAX: u32 = 200;

/// Which questions, and how many.
#[derive(Debug, Clone, Args)]
pub(super) struct ListOptions {
    /// Only questions of this purpose
    #[arg(long, value_name = "PURPOSE")]
    purpose: Option<Purpose>,

    /// Only this kind; may be given several times
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,

    /// Only what this agent asked for
    #[arg(long, value_name = "ID")]
    requested_by: Option<String>,

    /// Only for this customer
    #[arg(long, value_name = "ID")]
    customer: Option<String>,

    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,

    /// Go on where an earlier list with the same filters ended
    // One in sixty-four begins with a hyphen.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    page_token: Option<String>,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Purpose {
    /// May it be given?
    Decision,
    /// Was the glass broken rightly?
    Review,
}

impl ListOptions {
    pub(super) async fn run(self, client: &Client, viewer: Option<&str>) -> Result<Exit, Failure> {
        let mut left = self.limit;
        let mut request = self.request(client);
        let mut all = ListApprovalsResponse::default();
        while left > 0 {
            request.page_size = left.min(PAGE_MAX).try_into().unwrap_or_default();
            let page = client.approvals().list_approvals(request.clone()).await;
            let page = page
                .map_err(|status| Effect::Reads.failed(&status))?
                .into_inner();
            left = left.saturating_sub(u32::try_from(page.items.len()).unwrap_or(left));
            all.items.extend(page.items);
            all.next_page_token.clone_from(&page.next_page_token);
            request.page_token = page.next_page_token;
            if request.page_token.is_empty() {
                break;
            }
        }
        client
            .printer
            .answer(&all, |looks| inbox(looks, &all, viewer))?;
        Ok(Exit::Done)
    }

    fn request(self, client: &Client) -> ListApprovalsRequest {
        let purpose = match self.purpose {
            None => ApprovalPurpose::Unspecified,
            Some(Purpose::Decision) => ApprovalPurpose::Decision,
            Some(Purpose::Review) => ApprovalPurpose::Review,
        };
        ListApprovalsRequest {
            agent_id: client.agent_id.clone(),
            purpose: purpose.into(),
            kinds: self.kinds,
            requested_by: self.requested_by.unwrap_or_default(),
            customer_id: self.customer.unwrap_or_default(),
            page_size: 0,
            page_token: self.page_token.unwrap_or_default(),
        }
    }
}

fn inbox(looks: &Looks, all: &ListApprovalsResponse, viewer: Option<&str>) -> String {
    let count = counted(all.items.len(), "question");
    let more = if all.next_page_token.is_empty() {
        String::new()
    } else {
        format!(
            "; there are more: --limit, or --page-token {}",
            all.next_page_token
        )
    };
    format!("{}\n{count}{more}\n", table(looks, &all.items, viewer))
}

/// One a line. In whose authority it would be answered is said where it is not the viewer's own.
fn table(looks: &Looks, items: &[ApprovalItem], viewer: Option<&str>) -> String {
    let is_lent = items.iter().any(|item| viewer != Some(&item.authority));
    let rows = items.iter().map(|item| {
        let mut row = row(looks, item);
        if is_lent {
            row.insert(row.len() - 1, item.authority.clone());
        }
        row
    });
    let mut titles = vec!["left", "what", " amount", "for", "by", "id"];
    if is_lent {
        titles.insert(titles.len() - 1, "as");
    }
    looks.table(&titles, rows)
}

fn row(looks: &Looks, item: &ApprovalItem) -> Vec<String> {
    let gesture = item.gesture.clone().unwrap_or_default();
    let what = match item.purpose() {
        ApprovalPurpose::Review => format!("review: {}", gesture.kind),
        ApprovalPurpose::Decision | ApprovalPurpose::Unspecified => gesture.kind,
    };
    vec![
        looks.left(item.answer_by.as_ref()),
        what,
        amounts::shown(gesture.amount.as_ref()),
        gesture.customer.unwrap_or_default().id,
        gesture.requested_by,
        gesture.id,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::approval::samples;
    use crate::cli::output::without_rules;

    fn item(kind: &str, authority: &str, seconds: i64, purpose: ApprovalPurpose) -> ApprovalItem {
        let mut gesture = samples::pending();
        gesture.kind = kind.into();
        gesture.amount = samples::euro(12_000);
        ApprovalItem {
            gesture: Some(gesture),
            authority: authority.into(),
            answer_by: samples::at(seconds),
            purpose: purpose.into(),
        }
    }

    #[test]
    fn an_inbox_fits_in_a_hundred_columns() {
        let all = ListApprovalsResponse {
            items: vec![
                item("gift-basket", "ld-201", 0, ApprovalPurpose::Decision),
                item(
                    "goodwill-credit",
                    "mg-301",
                    14_000,
                    ApprovalPurpose::Decision,
                ),
                item("flowers", "ld-201", 300_000, ApprovalPurpose::Review),
            ],
            next_page_token: String::new(),
        };
        let text = inbox(&samples::looks(Some(100)), &all, Some("ld-201"));
        let expected = "\
left     what                 amount  for     by      as      id
─
40m ago  gift-basket      120.00 EUR  c-8841  fl-101  ld-201  0199a3c0-0000-7000-8000-000000000001
3h 13m   goodwill-credit  120.00 EUR  c-8841  fl-101  mg-301  0199a3c0-0000-7000-8000-000000000001
3d 10h   review: flowers  120.00 EUR  c-8841  fl-101  ld-201  0199a3c0-0000-7000-8000-000000000001

3 questions";
        assert_eq!(without_rules(&text), expected);
        assert!(
            text.lines().all(|line| line.chars().count() <= 100),
            "{text}"
        );
    }

    #[test]
    fn whose_authority_it_is_is_said_where_it_is_not_the_viewers() {
        let item = item("gift-basket", "ld-201", 0, ApprovalPurpose::Decision);
        let own = ListApprovalsResponse {
            items: vec![item],
            next_page_token: "t".into(),
        };
        let text = inbox(&samples::looks(None), &own, Some("ld-201"));
        let expected = "\
left     what             amount  for     by      id
─
40m ago  gift-basket  120.00 EUR  c-8841  fl-101  0199a3c0-0000-7000-8000-000000000001

1 question; there are more: --limit, or --page-token t";
        assert_eq!(without_rules(&text), expected);
    }
}
