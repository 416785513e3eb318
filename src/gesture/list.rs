//! Lists of gestures: newest first, a page at a time, stable under inserts.
//!
//! A page token names the last row of the page and is signed together with the filter and the tenant, so that it can
//! neither be made up nor carried to another list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ring::hmac;
use uuid::Uuid;

use super::{Gesture, Gestures, store};
use crate::identity::Caller;
use crate::ids::{AgentId, CustomerId, GestureId, TenantId};
use crate::problem::{Problem, Wrong};

/// Which gestures; unset fields do not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Given to this customer.
    pub customer: Option<CustomerId>,
    /// Of this case.
    pub case_id: Option<String>,
    /// Asked by this agent.
    pub agent: Option<AgentId>,
    /// In one of these states; empty: in any.
    pub states: Vec<String>,
    /// Promised for this range; the end is not part of it.
    pub promised: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    /// Asked in this range; the end is not part of it.
    pub created: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

/// A page.
#[derive(Debug)]
pub struct ListPage {
    /// Newest first.
    pub gestures: Vec<Gesture>,
    /// Leads to the next page; none: this was the last.
    pub next: Option<String>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    pub created_at: DateTime<Utc>,
    pub id: GestureId,
}

/// Signs and reads page tokens.
#[derive(Debug, Clone)]
pub struct PageTokens {
    key: hmac::Key,
}

impl PageTokens {
    /// Tokens under this secret; replicas that share it read each other's.
    pub fn new(secret: &[u8]) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
        }
    }

    /// A token for a position (any text) in the list that `scope` describes.
    pub fn sign(&self, scope: &str, position: &str) -> String {
        let tag = hmac::sign(&self.key, signed_text(scope, position).as_bytes());
        URL_SAFE_NO_PAD.encode([&tag.as_ref()[..16], position.as_bytes()].concat())
    }

    /// The position that a token names, where it was signed for this very list.
    ///
    /// # Errors
    /// [`Problem::Invalid`] on `page_token`.
    pub fn read(&self, scope: &str, token: &str) -> Result<String, Problem> {
        self.position(scope, token).ok_or_else(|| {
            Problem::invalid(
                "page_token",
                Wrong::PageTokenStale,
                "this token does not belong to this list; begin again without one",
            )
        })
    }

    fn position(&self, scope: &str, token: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (tag, position) = bytes.split_at_checked(16)?;
        let position = std::str::from_utf8(position).ok()?;
        let expected = hmac::sign(&self.key, signed_text(scope, position).as_bytes());
        // Sixteen bytes of a tag cannot be guessed at in the time that a token lives; nothing secret hangs on it.
        (&expected.as_ref()[..16] == tag).then(|| position.to_owned())
    }
}

fn signed_text(scope: &str, position: &str) -> String {
    format!("{}:{scope}{position}", scope.len())
}

impl Gestures {
    /// A page of the gestures that pass the filter, newest first.
    ///
    /// # Errors
    /// [`Problem::Invalid`] where the token is of another list.
    pub async fn list(
        &self,
        caller: &Caller,
        filter: ListFilter,
        page_size: i64,
        token: Option<&str>,
    ) -> Result<ListPage, Problem> {
        let tenant = caller.tenant()?;
        let scope = scope(tenant, caller, &filter);
        let after = token
            .map(|token| {
                self.tokens
                    .read(&scope, token)
                    .and_then(|text| position(&text))
            })
            .transpose()?;
        // One more than asked tells whether there is another page.
        let mut found = store::list(&self.database, tenant, &filter, after, page_size + 1).await?;
        let has_more = found.len() as i64 > page_size;
        found.truncate(page_size as usize);
        let next = found.last().filter(|_| has_more).map(|last| {
            let at = last.created_at.timestamp_micros();
            self.tokens.sign(&scope, &format!("{at} {}", last.id))
        });
        Ok(ListPage {
            gestures: self.shown_to(caller, found).await?,
            next,
        })
    }
}

fn scope(tenant: TenantId, caller: &Caller, filter: &ListFilter) -> String {
    format!("gestures {tenant} {} {filter:?}", caller.subject)
}

fn position(text: &str) -> Result<Position, Problem> {
    let parse = || {
        let (at, id) = text.split_once(' ')?;
        let created_at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
        Some(Position {
            created_at,
            id: GestureId(Uuid::parse_str(id).ok()?),
        })
    };
    parse().ok_or_else(|| Problem::defect("a page token that we signed cannot be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_on_in_its_own_list_only() {
        let tokens = PageTokens::new(b"secret");
        let token = tokens.sign("gestures of c-1", "17 x");
        assert_eq!(tokens.read("gestures of c-1", &token).unwrap(), "17 x");
        assert!(
            tokens.read("gestures of c-2", &token).is_err(),
            "another list"
        );
        assert!(
            PageTokens::new(b"other")
                .read("gestures of c-1", &token)
                .is_err(),
            "another secret"
        );
        for wrong in ["", "AAAA", "***", &token[1..]] {
            assert!(tokens.read("gestures of c-1", wrong).is_err(), "{wrong:?}");
        }
    }
}
