//! What is said of people: the recipient, the card, the reason. Sealed per customer, shown to few, told to nobody.
//!
//! - [`Private`] holds such a text and has neither a `Display` nor a `Debug` that shows it. Reading it is a visible act:
//!   [`Private::reveal`].
//! - Each customer has a key of 32 random bytes (`customer_keys`), made before the first gesture is admitted. With it
//!   the personal part is sealed (ChaCha20-Poly1305) and its digest is keyed (HMAC-SHA256), so that whoever destroys the
//!   key has erased the person, and nobody can guess an address from what stays in the trail.
//!
//! Look next at `seal` (the cryptography) and `store` (the keys and the sealed rows).

mod seal;
mod store;

use std::fmt;

use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};

pub use seal::{CustomerKey, SealedPlace};

use crate::ids::{CustomerId, GestureId, TenantId};
use crate::postgres::{Database, Failure, Reading};
use crate::problem::Problem;

/// How often something is sealed again because its gesture moved on meanwhile: what is sealed is sealed for one event's number.
pub const SEALS_MAX: u32 = 6;

/// A text that people wrote. Empty means unset.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Private(String);

impl Private {
    /// Takes a text into care.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for those who may see it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether nothing was said: blanks say nothing.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[private]")
    }
}

/// Everything personal of one gesture. The order of the fields is part of the digest: add at the end, with a default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// Why the agent gives, in free words.
    pub reason: Private,
    /// What the card says.
    pub message: Private,
    /// Who receives it, and where.
    pub recipient: Option<Recipient>,
}

/// Who receives a gesture, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    /// Given name and family name.
    pub full_name: Private,
    /// Street and number, and what else stands above the locality.
    pub address_lines: Vec<Private>,
    /// Town.
    pub locality: Private,
    /// State or province.
    pub region: Private,
    /// Postal code.
    pub postal_code: Private,
    /// ISO 3166-1, two letters.
    pub country: Private,
    /// E-mail address.
    pub email: Private,
    /// Telephone number.
    pub phone: Private,
}

impl Recipient {
    /// The same with some of its fields alone, by their names.
    #[must_use]
    pub fn only(self, is_kept: impl Fn(&str) -> bool) -> Self {
        let kept = |name: &str, field: Private| {
            if is_kept(name) {
                field
            } else {
                Private::default()
            }
        };
        Self {
            full_name: kept("full_name", self.full_name),
            address_lines: if is_kept("address_lines") {
                self.address_lines
            } else {
                Vec::new()
            },
            locality: kept("locality", self.locality),
            region: kept("region", self.region),
            postal_code: kept("postal_code", self.postal_code),
            country: kept("country", self.country),
            email: kept("email", self.email),
            phone: kept("phone", self.phone),
        }
    }

    /// The names of the fields that are there, a space between.
    fn fields(&self) -> String {
        let fields = [
            ("full_name", self.full_name.is_empty()),
            ("address_lines", self.address_lines.is_empty()),
            ("locality", self.locality.is_empty()),
            ("region", self.region.is_empty()),
            ("postal_code", self.postal_code.is_empty()),
            ("country", self.country.is_empty()),
            ("email", self.email.is_empty()),
            ("phone", self.phone.is_empty()),
        ];
        let there = fields.into_iter().filter(|(_, is_empty)| !is_empty);
        there.map(|(name, _)| name).collect::<Vec<_>>().join(" ")
    }
}

impl Personal {
    /// The names of the recipient's fields that are there, a space between: what Postgres holds against what the catalog demands.
    pub fn recipient_fields(&self) -> String {
        self.recipient
            .as_ref()
            .map(Recipient::fields)
            .unwrap_or_default()
    }

    /// The bytes that are digested and sealed.
    fn canonical(&self) -> Vec<u8> {
        // Strings and lists only: serialising these cannot fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Keys of customers, and what is sealed under them.
#[derive(Debug, Clone)]
pub struct Vault {
    database: Database,
}

/// The personal part of a gesture as it goes into the database.
pub struct SealedPersonal {
    /// HMAC of the canonical form under the customer's key.
    pub digest: Vec<u8>,
    /// The canonical form, sealed.
    pub sealed: Vec<u8>,
}

impl Vault {
    /// A vault in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// Digests and seals the personal parts of gestures, in their order; the customers' keys are made where there are none yet.
    ///
    /// # Errors
    /// Those of the database: nothing was written but keys.
    pub async fn seal_all(
        &self,
        tenant: TenantId,
        asked: &[(&CustomerId, SealedPlace, &Personal)],
    ) -> Result<Vec<SealedPersonal>, Failure> {
        let customers = asked
            .iter()
            .map(|(customer, ..)| customer.as_str().to_owned());
        let fresh: Result<Vec<Vec<u8>>, Failure> = asked.iter().map(|_| fresh_key()).collect();
        let keys =
            store::customer_keys(&self.database, tenant, customers.collect(), fresh?).await?;
        asked
            .iter()
            .zip(keys)
            .map(|((_, place, personal), key)| sealed(&key, place, personal))
            .collect()
    }

    /// Digests and seals the personal part of one gesture.
    ///
    /// # Errors
    /// As [`Vault::seal_all`].
    pub async fn seal(
        &self,
        tenant: TenantId,
        customer: &CustomerId,
        place: SealedPlace,
        personal: &Personal,
    ) -> Result<SealedPersonal, Problem> {
        let mut sealed = self
            .seal_all(tenant, &[(customer, place, personal)])
            .await?;
        sealed
            .pop()
            .ok_or_else(|| Problem::defect("a customer has no key"))
    }

    /// Seals a note: what an approver says with an answer. It is a personal part of which only the reason is set.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn seal_note(
        &self,
        tenant: TenantId,
        customer: &CustomerId,
        place: SealedPlace,
        note: &Private,
    ) -> Result<Vec<u8>, Problem> {
        let personal = Personal {
            reason: note.clone(),
            ..Personal::default()
        };
        Ok(self.seal(tenant, customer, place, &personal).await?.sealed)
    }

    /// Opens the personal parts of gestures, as they were said with the terms in force. A customer who was erased has none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open(
        &self,
        reading: &mut Reading,
        tenant: TenantId,
        gestures: Vec<GestureId>,
    ) -> Result<Vec<(GestureId, Personal)>, Problem> {
        let rows = store::sealed_with_terms(reading, tenant, gestures).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| opened(tenant, row))
            .collect())
    }

    /// Opens the notes that were said with these events: a gesture, and the event's number. Events that said nothing have none.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_notes(
        &self,
        reading: &mut Reading,
        tenant: TenantId,
        events: Vec<(GestureId, i32)>,
    ) -> Result<Vec<((GestureId, i32), Private)>, Problem> {
        let rows = store::sealed_with_events(reading, tenant, events).await?;
        let note = |row: store::SealedRow| {
            let seq = row.seq;
            let (gesture, personal) = opened(tenant, row)?;
            Some(((gesture, seq), personal.reason))
        };
        Ok(rows.into_iter().filter_map(note).collect())
    }
}

/// A key for a customer who has none yet.
pub(crate) fn fresh_key() -> Result<Vec<u8>, Failure> {
    let mut fresh = vec![0_u8; 32];
    SystemRandom::new()
        .fill(&mut fresh)
        .map_err(|_| Failure::Defect("no randomness".into()))?;
    Ok(fresh)
}

fn sealed(
    key: &CustomerKey,
    place: &SealedPlace,
    personal: &Personal,
) -> Result<SealedPersonal, Failure> {
    let canonical = personal.canonical();
    let sealed = key
        .seal(place, &canonical)
        .ok_or(Failure::Defect("sealing failed".into()))?;
    Ok(SealedPersonal {
        digest: key.digest(&canonical),
        sealed,
    })
}

/// A row that does not open (whoever has the database's password can write one) is left out and logged: it shall not hide
/// the gestures around it.
fn opened(tenant: TenantId, row: store::SealedRow) -> Option<(GestureId, Personal)> {
    let gesture = GestureId(row.gesture_id);
    let place = SealedPlace {
        tenant,
        gesture,
        seq: row.seq,
    };
    let personal = CustomerKey::new(&row.key)
        .and_then(|key| key.open(&place, &row.sealed))
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if personal.is_none() {
        tracing::error!(gesture.id = %gesture, "a sealed row does not open");
    }
    Some((gesture, personal?))
}
