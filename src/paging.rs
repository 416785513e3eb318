//! Pages of lists: tokens that name the last row of a page.
//!
//! A token is signed together with what its list is (tenant, caller, filter), so that it can neither be made up nor
//! carried to another list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;

use crate::problem::{Problem, Wrong};

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
