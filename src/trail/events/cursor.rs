//! Places in the trail, and how they are written for those who read it. Pure.
//!
//! A place is a batch's number and an ordinal in it: gapless and in commit order, so that whoever goes on after it misses
//! nothing. On the wire it is opaque. It is not signed, as page tokens are, but sealed with a checksum over the tenant: it
//! must outlive every secret of the service, and whoever may read the trail may begin anywhere in it; what must be noticed is
//! a cursor that was cut off, or carried to another tenant.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::ids::TenantId;
use crate::trail::hash::sha256;

/// The version of the form.
const VERSION: &str = "1";
/// How many bytes of the checksum are kept.
const CHECK_BYTES: usize = 6;

/// A place right after an event. Nothing is at the ordinal 0, so that it stands before a whole batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Position {
    /// The batch's number, from 1.
    pub batch: i64,
    /// The event's place in it, from 1.
    pub ordinal: i32,
}

impl Position {
    /// Before everything.
    pub const BEGINNING: Self = Self {
        batch: 0,
        ordinal: 0,
    };

    /// After everything that a batch has.
    pub fn end_of(batch: i64) -> Self {
        Self {
            batch,
            ordinal: i32::MAX,
        }
    }

    /// As it is written for readers of this tenant.
    pub fn cursor(self, tenant: TenantId) -> String {
        let text = format!("{VERSION} {} {}", self.batch, self.ordinal);
        URL_SAFE_NO_PAD.encode([check(tenant, &text).as_slice(), text.as_bytes()].concat())
    }

    /// The place of a cursor; none: it is no cursor of this tenant.
    pub fn of_cursor(tenant: TenantId, cursor: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (sum, text) = bytes.split_at_checked(CHECK_BYTES)?;
        let text = std::str::from_utf8(text).ok()?;
        if check(tenant, text) != sum {
            return None;
        }
        let mut parts = text.split(' ');
        let (version, batch, ordinal) = (parts.next()?, parts.next()?, parts.next()?);
        let position = Self {
            batch: batch.parse().ok()?,
            ordinal: ordinal.parse().ok()?,
        };
        let is_one = version == VERSION && parts.next().is_none() && position >= Self::BEGINNING;
        (is_one && position.ordinal >= 0).then_some(position)
    }
}

fn check(tenant: TenantId, text: &str) -> Vec<u8> {
    let mut sum = sha256(&[tenant.0.as_bytes().as_slice(), text.as_bytes()].concat());
    sum.truncate(CHECK_BYTES);
    sum
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cursor_is_read_back_in_its_own_tenant_only() {
        let (one, two) = (TenantId(Uuid::from_u128(1)), TenantId(Uuid::from_u128(2)));
        for position in [
            Position::BEGINNING,
            Position::end_of(7),
            Position {
                batch: i64::MAX,
                ordinal: 3,
            },
        ] {
            let cursor = position.cursor(one);
            assert_eq!(Position::of_cursor(one, &cursor), Some(position));
            assert_eq!(Position::of_cursor(two, &cursor), None);
            assert_eq!(Position::of_cursor(one, &cursor[1..]), None);
            assert_eq!(Position::of_cursor(one, &cursor[..cursor.len() - 1]), None);
        }
        for wrong in ["", "x", "AAAA", "1 2 3", "ä"] {
            assert_eq!(Position::of_cursor(one, wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn only_what_we_would_write_is_read() {
        let tenant = TenantId(Uuid::from_u128(1));
        for text in ["2 1 1", "1 -1 0", "1 1 -1", "1 1", "1 1 1 1", "1 x 1"] {
            let sealed = [check(tenant, text).as_slice(), text.as_bytes()].concat();
            let cursor = URL_SAFE_NO_PAD.encode(sealed);
            assert_eq!(Position::of_cursor(tenant, &cursor), None, "{text:?}");
        }
    }

    #[test]
    fn places_are_in_the_order_of_the_trail() {
        let at = |batch, ordinal| Position { batch, ordinal };
        assert!(at(1, 9) < at(2, 1));
        assert!(Position::end_of(1) < at(2, 1));
        assert!(at(2, 1) < at(2, 2));
    }
}
