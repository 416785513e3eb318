//! Tokens: what they claim, and how a claim is believed.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Validation, decode, decode_header};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

use super::{ActsFor, Caller, Credential, KeySet, RemoteKeys, Role};
use crate::ids::{AgentId, is_chosen_id};
use crate::problem::Problem;

/// The `aud` that every token must name.
pub const AUDIENCE: &str = "largesse";
/// How far the clocks of issuer and service may be apart, in seconds.
pub const LEEWAY_S: u64 = LEEWAY.unsigned_abs();
/// Longer tokens are refused unread.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
const TOO_LONG: Problem = Problem::CredentialInvalid("it is longer than 8 KiB");
/// How many verified tokens are kept: some 20 MB.
const BELIEVED_MAX: u64 = 50_000;
/// [`LEEWAY_S`] as claims count.
const LEEWAY: i64 = 60;

/// The claims of a token. Others are allowed and ignored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// For whom it is meant; `largesse` must be among them.
    pub aud: Audience,
    /// The agent, or the name of a service.
    pub sub: String,
    /// The tenant's name.
    pub tenant: String,
    /// What it entitles to; unknown words are ignored.
    pub roles: Vec<String>,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// Its id, recorded beside every event.
    pub jti: String,
    /// The agents for whom a service may act; `["*"]` is everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agents: Option<Vec<String>>,
    /// The fulfilment channels whose work a fulfiller may do; `["*"]` is every one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<String>,
    /// The service that carries the call (RFC 8693).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<Actor>,
}

/// The claim `aud`: one name or several.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

/// The claim `act`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Actor {
    /// The name of the service.
    pub sub: String,
}

/// Believes or refuses tokens.
#[derive(Clone)]
pub struct Verifier {
    keys: Keys,
    issuer: Option<String>,
    /// By the digest of the token: verifying one costs more than deciding a gesture.
    believed: Cache<[u8; 32], Arc<Believed>>,
}

/// A token that was verified.
struct Believed {
    caller: Caller,
    /// When it ends, in seconds since 1970.
    exp: i64,
    /// What it was verified with: with other keys it is verified again.
    keys: Arc<KeySet>,
}

/// Where the keys are from.
#[derive(Clone)]
enum Keys {
    /// Given once.
    Fixed(Arc<KeySet>),
    /// Published at an address; they may change.
    Published(Arc<RemoteKeys>),
}

impl Verifier {
    /// Verifies with these keys; where an issuer is given, no other is believed.
    pub fn new(keys: KeySet, issuer: Option<String>) -> Self {
        Self {
            keys: Keys::Fixed(Arc::new(keys)),
            issuer,
            believed: believed(),
        }
    }

    /// Verifies with the keys that an issuer publishes.
    pub fn of_published(keys: RemoteKeys, issuer: Option<String>) -> Self {
        Self {
            keys: Keys::Published(Arc::new(keys)),
            issuer,
            believed: believed(),
        }
    }

    /// As [`Verifier::verify`], after a look at the issuer's keys where they may have changed. A token that was believed less than
    /// five minutes ago, with the same keys, is believed until it expires.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub async fn believe(&self, token: &str) -> Result<Caller, Problem> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TOO_LONG);
        }
        let name = digest(token);
        let now = chrono::Utc::now().timestamp();
        if let Some(known) = self.believed.get(&name)
            && now < known.exp + LEEWAY
            && Arc::ptr_eq(&known.keys, &self.known_keys())
        {
            return Ok(known.caller.clone());
        }
        if let Keys::Published(keys) = &self.keys
            && let Some(kid) = decode_header(token).ok().and_then(|header| header.kid)
        {
            keys.look_again_for(&kid).await;
        }
        let known = Arc::new(self.read(token)?);
        self.believed.insert(name, known.clone());
        Ok(known.caller.clone())
    }

    fn known_keys(&self) -> Arc<KeySet> {
        match &self.keys {
            Keys::Fixed(keys) => keys.clone(),
            Keys::Published(keys) => keys.known(),
        }
    }

    /// Who shows this token. The tenant's uuid is not known yet: it is in the database.
    ///
    /// # Errors
    /// [`Problem::CredentialInvalid`] or [`Problem::CredentialExpired`].
    pub fn verify(&self, token: &str) -> Result<Caller, Problem> {
        Ok(self.read(token)?.caller)
    }

    fn read(&self, token: &str) -> Result<Believed, Problem> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TOO_LONG);
        }
        let header = decode_header(token)
            .map_err(|_| Problem::CredentialInvalid("it is no signed token (JWT)"))?;
        let kid = header
            .kid
            .ok_or(Problem::CredentialInvalid("its header names no `kid`"))?;
        let keys = self.known_keys();
        let (algorithm, key) = keys.find(&kid).ok_or(Problem::CredentialInvalid(
            "its `kid` is none of the keys known here",
        ))?;
        let mut rules = Validation::new(*algorithm);
        rules.leeway = LEEWAY_S;
        rules.validate_nbf = true;
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
        if let Some(issuer) = &self.issuer {
            rules.set_issuer(&[issuer]);
        }
        let claims = decode::<Claims>(token, key, &rules)
            .map_err(|error| refusal(error.kind()))?
            .claims;
        let exp = claims.exp;
        let caller = caller(claims)?;
        Ok(Believed { caller, exp, keys })
    }
}

/// Bounded, and verified again after five minutes: whoever publishes keys is asked for them no less often.
fn believed() -> Cache<[u8; 32], Arc<Believed>> {
    Cache::builder()
        .max_capacity(BELIEVED_MAX)
        .time_to_live(Duration::from_secs(300))
        .build()
}

fn digest(token: &str) -> [u8; 32] {
    let mut name = [0; 32];
    name.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, token.as_bytes()).as_ref());
    name
}

fn refusal(kind: &ErrorKind) -> Problem {
    match kind {
        ErrorKind::ExpiredSignature => Problem::CredentialExpired,
        ErrorKind::InvalidAudience => Problem::CredentialInvalid("its `aud` is not `largesse`"),
        ErrorKind::InvalidIssuer => {
            Problem::CredentialInvalid("its `iss` is not the issuer trusted here")
        }
        ErrorKind::ImmatureSignature => Problem::CredentialInvalid("its `nbf` lies in the future"),
        ErrorKind::InvalidAlgorithm => {
            Problem::CredentialInvalid("its `alg` is not the algorithm of the key")
        }
        ErrorKind::InvalidSignature => {
            Problem::CredentialInvalid("its signature is not by the key that it names")
        }
        ErrorKind::MissingRequiredClaim(_) | ErrorKind::Json(_) => Problem::CredentialInvalid(
            "a claim is missing or has another type: iss, aud, sub, tenant, roles, exp, iat and jti are needed",
        ),
        _ => Problem::CredentialInvalid("it cannot be verified"),
    }
}

fn caller(claims: Claims) -> Result<Caller, Problem> {
    let subject = AgentId::new(claims.sub).ok_or(Problem::CredentialInvalid(
        "its `sub` is not an id (^[!-~]{1,128}$)",
    ))?;
    if !is_chosen_id(&claims.jti) || !is_chosen_id(&claims.tenant) {
        return Err(Problem::CredentialInvalid(
            "its `jti` or `tenant` is not an id (^[!-~]{1,128}$)",
        ));
    }
    let via = claims.act.map(|actor| actor.sub);
    if via.as_ref().is_some_and(|name| !is_chosen_id(name)) {
        return Err(Problem::CredentialInvalid(
            "its `act.sub` is not an id (^[!-~]{1,128}$)",
        ));
    }
    let agents = match claims.agents {
        None => ActsFor::Itself,
        Some(agents) if agents.iter().any(|agent| agent == "*") => ActsFor::Everybody,
        Some(agents) => ActsFor::These(agents.into_iter().filter_map(AgentId::new).collect()),
    };
    let roles = Role::ALL
        .into_iter()
        .filter(|role| claims.roles.iter().any(|word| word == role.name()))
        .collect();
    Ok(Caller {
        tenant_name: claims.tenant,
        tenant: None,
        subject,
        roles,
        agents,
        channels: claims.channels,
        credential: Credential {
            id: claims.jti,
            via,
            trace: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::SigningKey;

    fn claims() -> Claims {
        let now = chrono::Utc::now().timestamp();
        Claims {
            iss: "largesse".into(),
            aud: Audience::One(AUDIENCE.into()),
            sub: "fl-101".into(),
            tenant: "demo".into(),
            roles: vec!["requester".into(), "juggler".into()],
            exp: now + 600,
            iat: now,
            jti: "t-1".into(),
            agents: None,
            channels: Vec::new(),
            act: Some(Actor { sub: "desk".into() }),
        }
    }

    fn pair() -> (tempfile::TempDir, SigningKey, Verifier) {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::find_or_make(folder.path()).unwrap();
        let set = KeySet::read(&SigningKey::key_set_path(folder.path())).unwrap();
        (folder, key, Verifier::new(set, None))
    }

    #[test]
    fn a_token_that_we_signed_is_believed() {
        let (_folder, key, verifier) = pair();
        let caller = verifier.verify(&key.sign(&claims()).unwrap()).unwrap();
        assert_eq!(caller.subject.as_str(), "fl-101");
        assert_eq!(caller.roles, [Role::Requester], "unknown roles are ignored");
        assert_eq!(
            caller.credential,
            Credential {
                id: "t-1".into(),
                via: Some("desk".into()),
                trace: None,
            }
        );
    }

    #[test]
    fn forged_expired_and_foreign_tokens_are_not() {
        let (_folder, key, verifier) = pair();
        let (_other_folder, other_key, _) = pair();
        let signed = |change: fn(&mut Claims)| {
            let mut claims = claims();
            change(&mut claims);
            verifier.verify(&key.sign(&claims).unwrap())
        };
        assert_eq!(
            signed(|c| c.exp = 1_700_000_000),
            Err(Problem::CredentialExpired)
        );
        assert!(matches!(
            signed(|c| c.aud = Audience::One("bank".into())),
            Err(Problem::CredentialInvalid(_))
        ));
        assert!(matches!(
            signed(|c| c.sub = "two words".into()),
            Err(Problem::CredentialInvalid(_))
        ));
        let foreign = other_key.sign(&claims()).unwrap();
        assert!(matches!(
            verifier.verify(&foreign),
            Err(Problem::CredentialInvalid(_))
        ));

        // The body of one token under the signature of another, and `alg: none`.
        let (ours, theirs) = (
            key.sign(&claims()).unwrap(),
            key.sign(&Claims {
                sub: "mg-301".into(),
                ..claims()
            })
            .unwrap(),
        );
        let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
        let spliced = [&parts(&ours)[0], &parts(&theirs)[1], &parts(&ours)[2]]
            .map(String::as_str)
            .join(".");
        assert!(matches!(
            verifier.verify(&spliced),
            Err(Problem::CredentialInvalid(_))
        ));
        let none = format!("eyJhbGciOiJub25lIiwia2lkIjoieCJ9.{}.", parts(&ours)[1]);
        assert!(matches!(
            verifier.verify(&none),
            Err(Problem::CredentialInvalid(_))
        ));
    }

    #[test]
    fn only_the_trusted_issuer_is_believed_where_one_is_named() {
        let (folder, key, _) = pair();
        let set = KeySet::read(&SigningKey::key_set_path(folder.path())).unwrap();
        let strict = Verifier::new(set, Some("https://id.example".into()));
        assert!(matches!(
            strict.verify(&key.sign(&claims()).unwrap()),
            Err(Problem::CredentialInvalid(_))
        ));
    }
}
