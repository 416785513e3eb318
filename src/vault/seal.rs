//! The cryptography of personal data, pure but for the nonce: a key per customer, an AEAD to seal, an HMAC to compare.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::ids::{GestureId, TenantId};

/// Where a sealed text belongs. It is authenticated with the text: moved to another row, it does not open.
#[derive(Debug, Clone, Copy)]
pub struct SealedPlace {
    /// Whose.
    pub tenant: TenantId,
    /// Which gesture's.
    pub gesture: GestureId,
    /// With which of its events it was said.
    pub seq: i32,
}

impl SealedPlace {
    fn bytes(&self) -> Vec<u8> {
        [
            self.tenant.0.as_bytes().as_slice(),
            self.gesture.0.as_bytes(),
            &self.seq.to_be_bytes(),
        ]
        .concat()
    }
}

/// A customer's key. Never shown.
pub struct CustomerKey([u8; 32]);

impl CustomerKey {
    /// Takes the 32 bytes of a key.
    pub fn new(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// HMAC-SHA256 of a text, to compare two texts without knowing either.
    pub fn digest(&self, text: &[u8]) -> Vec<u8> {
        hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &self.derived("digest")),
            text,
        )
        .as_ref()
        .to_vec()
    }

    /// A random nonce (12 bytes), then the sealed text.
    pub fn seal(&self, place: &SealedPlace, text: &[u8]) -> Option<Vec<u8>> {
        let mut nonce = [0_u8; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut sealed = text.to_vec();
        self.cipher()?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.bytes()),
                &mut sealed,
            )
            .ok()?;
        Some([nonce.as_slice(), &sealed].concat())
    }

    /// The text again; none where key, place or bytes are not those of the sealing.
    pub fn open(&self, place: &SealedPlace, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let mut bytes = sealed.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let text = self
            .cipher()?
            .open_in_place(nonce, Aad::from(place.bytes()), &mut bytes)
            .ok()?;
        Some(text.to_vec())
    }

    fn cipher(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&CHACHA20_POLY1305, &self.derived("seal"))
            .ok()
            .map(LessSafeKey::new)
    }

    /// A key of its own for each use, so that neither weakens the other.
    fn derived(&self, purpose: &str) -> [u8; 32] {
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, &self.0),
            purpose.as_bytes(),
        );
        let mut key = [0; 32];
        key.copy_from_slice(tag.as_ref());
        key
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const PLACE: SealedPlace = SealedPlace {
        tenant: TenantId(Uuid::from_u128(1)),
        gesture: GestureId(Uuid::from_u128(2)),
        seq: 1,
    };

    #[test]
    fn what_is_sealed_opens_with_its_key_in_its_place_and_nowhere_else() {
        let key = CustomerKey::new(&[7; 32]).unwrap();
        let sealed = key.seal(&PLACE, b"with love").unwrap();
        assert_eq!(key.open(&PLACE, &sealed).unwrap(), b"with love");
        assert!(
            CustomerKey::new(&[8; 32])
                .unwrap()
                .open(&PLACE, &sealed)
                .is_none(),
            "another key"
        );
        assert!(
            key.open(&SealedPlace { seq: 2, ..PLACE }, &sealed)
                .is_none(),
            "another place"
        );
        let mut damaged = sealed.clone();
        damaged[20] ^= 1;
        assert!(key.open(&PLACE, &damaged).is_none(), "damaged");
        assert!(key.open(&PLACE, &sealed[..5]).is_none(), "cut off");
    }

    #[test]
    fn the_same_text_has_the_same_digest_and_another_sealing() {
        let key = CustomerKey::new(&[7; 32]).unwrap();
        assert_eq!(key.digest(b"a"), key.digest(b"a"));
        assert_ne!(
            key.digest(b"a"),
            CustomerKey::new(&[8; 32]).unwrap().digest(b"a")
        );
        assert_ne!(key.seal(&PLACE, b"a"), key.seal(&PLACE, b"a"));
    }
}
