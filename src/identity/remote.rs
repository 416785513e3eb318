//! The keys of an issuer that publishes them at an address (OIDC's `jwks_uri`), read again when they may have changed.
//!
//! - A token that names an unknown key makes us look again, once, and not more often than every ten seconds, so that a
//!   rotated key is believed at its first use and a flood of made-up names costs the issuer nothing.
//! - Keys older than ten minutes are read again by the call that noticed (the others go on with what is known); a withdrawn
//!   key is believed no longer.
//! - An issuer that is away changes nothing: what was read last stays in use.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::KeySet;
use super::keys::KeyProblem;

/// The longest that an issuer may take to answer.
const ANSWER_MAX: Duration = Duration::from_secs(5);
/// The least time between two looks.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(10);
/// Keys older than this are read again.
const FRESH_FOR: Duration = Duration::from_secs(600);
/// A key set is a few kilobytes; more is something else.
const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Keys at an address.
pub struct RemoteKeys {
    address: String,
    client: reqwest::Client,
    set: RwLock<Arc<KeySet>>,
    /// When we looked last; locked while somebody looks, so that only one does.
    looked_at: Mutex<Instant>,
}

impl RemoteKeys {
    /// Reads the keys for the first time.
    ///
    /// # Errors
    /// The address does not answer with a usable key set: a service that can believe nobody should not start.
    pub async fn open(address: String) -> Result<Self, KeyProblem> {
        // A second start in one process finds the provider installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let unreachable = |reason: reqwest::Error| KeyProblem::Unreachable {
            address: address.clone(),
            reason: reason.without_url().to_string(),
        };
        let client = reqwest::Client::builder()
            .timeout(ANSWER_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(unreachable)?;
        let set = fetch(&client, &address).await?;
        Ok(Self {
            address,
            client,
            set: RwLock::new(Arc::new(set)),
            looked_at: Mutex::new(Instant::now()),
        })
    }

    /// What was read last.
    pub fn known(&self) -> Arc<KeySet> {
        // A writer that panicked left the set whole: it is replaced in one move.
        self.set
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Reads the keys again where this one is unknown, or where they have grown old.
    pub async fn look_again_for(&self, kid: &str) {
        let wait = if self.known().find(kid).is_some() {
            FRESH_FOR
        } else {
            LOOK_AGAIN_AFTER
        };
        // Whoever comes while somebody looks goes on with what is known.
        let Ok(mut looked_at) = self.looked_at.try_lock() else {
            return;
        };
        if looked_at.elapsed() < wait {
            return;
        }
        *looked_at = Instant::now();
        match fetch(&self.client, &self.address).await {
            Ok(set) => *self.set.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(set),
            Err(problem) => tracing::warn!(%problem, "the issuer's keys stay as they were"),
        }
    }
}

async fn fetch(client: &reqwest::Client, address: &str) -> Result<KeySet, KeyProblem> {
    let unreachable = |reason: String| KeyProblem::Unreachable {
        address: address.into(),
        reason,
    };
    let answer = client
        .get(address)
        .send()
        .await
        .and_then(reqwest::Response::error_for_status);
    let mut answer = answer.map_err(|error| unreachable(error.without_url().to_string()))?;
    let mut text = Vec::new();
    while let Some(part) = answer
        .chunk()
        .await
        .map_err(|error| unreachable(error.without_url().to_string()))?
    {
        text.extend_from_slice(&part);
        if text.len() > ANSWER_BYTES_MAX {
            return Err(unreachable("the answer is larger than 256 KiB".into()));
        }
    }
    let text = String::from_utf8_lossy(&text);
    KeySet::parse(&text, address.as_ref())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;

    use super::*;
    use crate::identity::SigningKey;

    fn published() -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        SigningKey::find_or_make(folder.path()).unwrap();
        let set = std::fs::read_to_string(SigningKey::key_set_path(folder.path())).unwrap();
        (folder, set)
    }

    fn kid(set: &str) -> String {
        let json: serde_json::Value = serde_json::from_str(set).unwrap();
        json["keys"][0]["kid"].as_str().unwrap().to_owned()
    }

    /// An issuer whose keys the test can change.
    async fn issuer(first: String) -> (String, Arc<RwLock<String>>) {
        let text = Arc::new(RwLock::new(first));
        let told = text.clone();
        let routes = Router::new().route(
            "/jwks",
            get(move || async move { told.read().unwrap().clone() }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/jwks", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (address, text)
    }

    #[tokio::test]
    async fn a_rotated_key_is_believed_after_a_pause_and_the_old_one_no_longer() {
        let ((_old, old), (_new, new)) = (published(), published());
        let (address, told) = issuer(old.clone()).await;
        let keys = RemoteKeys::open(address).await.unwrap();
        assert!(keys.known().find(&kid(&old)).is_some());
        *told.write().unwrap() = new.clone();
        keys.look_again_for(&kid(&new)).await;
        assert!(
            keys.known().find(&kid(&new)).is_none(),
            "not more often than every ten seconds"
        );

        *keys.looked_at.lock().await -= LOOK_AGAIN_AFTER;
        keys.look_again_for(&kid(&new)).await;
        assert!(keys.known().find(&kid(&new)).is_some());
        assert!(keys.known().find(&kid(&old)).is_none());
    }

    #[tokio::test]
    async fn an_issuer_that_talks_nonsense_changes_nothing_and_cannot_be_started_with() {
        let (_folder, set) = published();
        let (address, told) = issuer(set.clone()).await;
        let keys = RemoteKeys::open(address.clone()).await.unwrap();
        *told.write().unwrap() = "<html>".into();
        *keys.looked_at.lock().await -= FRESH_FOR;
        keys.look_again_for(&kid(&set)).await;
        assert!(keys.known().find(&kid(&set)).is_some());
        assert!(matches!(
            RemoteKeys::open(address).await,
            Err(KeyProblem::NotAKeySet(_))
        ));
        let nobody = RemoteKeys::open("http://127.0.0.1:9/jwks".into()).await;
        assert!(matches!(nobody, Err(KeyProblem::Unreachable { .. })));
    }
}
