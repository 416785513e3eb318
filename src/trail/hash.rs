//! The canonical form of an event and the seal of a batch. Pure, and the second copy: the first is `event_hash` in SQL.
//!
//! The form is a version byte, then each field as its length in bytes, a colon and its UTF-8, or `-` where it is unset.
//! Time is UTC microseconds since 1970, digests are hexadecimal, facts are the bytes that are stored, and what is
//! personal enters as the hash of its ciphertext, so that an erasure leaves the trail whole.

use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};
use uuid::Uuid;

/// The version of the canonical form.
const VERSION: char = '1';

/// An event, as stored.
#[derive(Debug, Clone)]
pub struct StoredEvent {
    /// Whose trail.
    pub tenant_id: Uuid,
    /// The gesture, unless the event is the tenant's.
    pub gesture_id: Option<Uuid>,
    /// Its place in the gesture's life.
    pub seq: Option<i32>,
    /// What happened.
    pub r#type: String,
    /// The gesture's state from then on.
    pub state: Option<String>,
    /// Who did it.
    pub actor: String,
    /// In whose authority.
    pub authority: Option<String>,
    /// The token's id.
    pub credential_id: Option<String>,
    /// The service that carried the call.
    pub via: Option<String>,
    /// The database role.
    pub session_role: String,
    /// Where it was connected from.
    pub session_address: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Under which configuration.
    pub configuration_version: Option<i32>,
    /// Minor units.
    pub amount_minor: Option<i64>,
    /// Of what was asked.
    pub terms_digest: Option<Vec<u8>>,
    /// Of the sealed personal part.
    pub sealed_hash: Option<Vec<u8>>,
    /// The stored bytes.
    pub facts: Option<String>,
    /// What the kernel computed.
    pub hash: Vec<u8>,
}

/// The hash of an event's canonical form.
pub fn event_hash(event: &StoredEvent) -> Vec<u8> {
    let mut form = String::from(VERSION);
    let mut field = |value: Option<String>| match value {
        Some(text) => {
            form.push_str(&text.len().to_string());
            form.push(':');
            form.push_str(&text);
        }
        None => form.push('-'),
    };
    field(Some(event.tenant_id.to_string()));
    field(event.gesture_id.map(|id| id.to_string()));
    field(event.seq.map(|seq| seq.to_string()));
    field(Some(event.r#type.clone()));
    field(event.state.clone());
    field(Some(event.actor.clone()));
    field(event.authority.clone());
    field(event.credential_id.clone());
    field(event.via.clone());
    field(Some(event.session_role.clone()));
    field(Some(event.session_address.clone()));
    field(Some(event.at.timestamp_micros().to_string()));
    field(
        event
            .configuration_version
            .map(|version| version.to_string()),
    );
    field(event.amount_minor.map(|amount| amount.to_string()));
    field(event.terms_digest.as_ref().map(hex::encode));
    field(event.sealed_hash.as_ref().map(hex::encode));
    field(event.facts.clone());
    sha256(form.as_bytes())
}

/// The seal of a batch: what the head was, then the hashes of the batch in order.
pub fn seal(head: &[u8], hashes: &[u8]) -> Vec<u8> {
    sha256(&[head, hashes].concat())
}

/// The head before the first batch.
pub fn first_head() -> Vec<u8> {
    sha256(b"")
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> StoredEvent {
        StoredEvent {
            tenant_id: Uuid::from_u128(1),
            gesture_id: Some(Uuid::from_u128(2)),
            seq: Some(1),
            r#type: "DECLINED".into(),
            state: Some("DECLINED".into()),
            actor: "fl-101".into(),
            authority: None,
            credential_id: Some("t-1".into()),
            via: None,
            session_role: "largesse_app".into(),
            session_address: "local".into(),
            at: DateTime::UNIX_EPOCH,
            configuration_version: Some(1),
            amount_minor: Some(4500),
            terms_digest: Some(vec![1]),
            sealed_hash: None,
            facts: None,
            hash: Vec::new(),
        }
    }

    #[test]
    fn unset_and_empty_differ_and_fields_do_not_run_into_each_other() {
        let base = event_hash(&event());
        assert_ne!(
            base,
            event_hash(&StoredEvent {
                via: Some(String::new()),
                ..event()
            })
        );
        let moved = StoredEvent {
            actor: "fl-10".into(),
            authority: Some("1".into()),
            ..event()
        };
        assert_ne!(base, event_hash(&moved));
    }

    #[test]
    fn the_form_is_the_documented_one() {
        let form = "1\
            36:00000000-0000-0000-0000-00000000000136:00000000-0000-0000-0000-000000000002\
            1:18:DECLINED8:DECLINED6:fl-101-3:t-1-12:largesse_app5:local1:01:14:45002:01--";
        assert_eq!(event_hash(&event()), sha256(form.as_bytes()));
    }
}
