//! The keys: the set that tokens are verified with, and the signing key of the embedded default.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;

use super::Claims;
use crate::postgres::embedded::write_private;

/// The bytes of an Ed25519 private key in PKCS#8, version 1.
const PKCS8_V1_BYTES: usize = 48;

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeyProblem {
    /// The file cannot be read or written.
    #[error("the key file {path} cannot be used")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a JSON Web Key Set.
    #[error("{0} is no JSON Web Key Set: {{\"keys\": [{{\"kty\": …, \"kid\": …}}]}}")]
    NotAKeySet(PathBuf),
    /// The address does not answer with a key set.
    #[error("no keys can be had from {address}: {reason}")]
    Unreachable {
        /// Where.
        address: String,
        /// Why.
        reason: String,
    },
    /// No key of the set can be used.
    #[error("{0} has no key that can be used: RS256, ES256 or EdDSA, each with a `kid`")]
    NoUsableKey(PathBuf),
    /// The signing key is damaged.
    #[error(
        "the signing key {0} is damaged; remove it and start again (tokens made with it lose their validity)"
    )]
    Damaged(PathBuf),
}

/// The public keys by `kid`.
#[derive(Debug, Clone, Default)]
pub struct KeySet {
    keys: HashMap<String, (Algorithm, DecodingKey)>,
}

impl KeySet {
    /// Reads a JSON Web Key Set.
    ///
    /// # Errors
    /// [`KeyProblem`]; a set without one usable key is refused, since nobody could ever call.
    pub fn read(path: &Path) -> Result<Self, KeyProblem> {
        let text = std::fs::read_to_string(path).map_err(|source| KeyProblem::File {
            path: path.into(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Takes the text of a JSON Web Key Set; `origin` is for messages.
    ///
    /// # Errors
    /// As [`KeySet::read`].
    pub fn parse(text: &str, origin: &Path) -> Result<Self, KeyProblem> {
        let set: JwkSet =
            serde_json::from_str(text).map_err(|_| KeyProblem::NotAKeySet(origin.into()))?;
        let keys: HashMap<_, _> = set.keys.iter().filter_map(usable).collect();
        if keys.is_empty() {
            Err(KeyProblem::NoUsableKey(origin.into()))
        } else {
            Ok(Self { keys })
        }
    }

    /// The key of that name, with the one algorithm that it is for.
    pub fn find(&self, kid: &str) -> Option<&(Algorithm, DecodingKey)> {
        self.keys.get(kid)
    }
}

/// The algorithm follows from the key and never from the token, so that nobody can talk us into another.
fn usable(jwk: &Jwk) -> Option<(String, (Algorithm, DecodingKey))> {
    use jsonwebtoken::jwk::EllipticCurve::{Ed25519, P256};
    let algorithm = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        AlgorithmParameters::EllipticCurve(key) if key.curve == P256 => Algorithm::ES256,
        AlgorithmParameters::OctetKeyPair(key) if key.curve == Ed25519 => Algorithm::EdDSA,
        _ => return None,
    };
    Some((
        jwk.common.key_id.clone()?,
        (algorithm, DecodingKey::from_jwk(jwk).ok()?),
    ))
}

/// The key with which the embedded default signs tokens for `largesse token` and the client verbs.
pub struct SigningKey {
    key: EncodingKey,
    kid: String,
    set: String,
}

impl SigningKey {
    /// The key of a data folder; made at the first start (Ed25519, mode 0600), with its key set beside it.
    ///
    /// # Errors
    /// [`KeyProblem`].
    pub fn find_or_make(data_folder: &Path) -> Result<Self, KeyProblem> {
        let path = Self::path(data_folder);
        if !path.exists() {
            let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| {
                KeyProblem::File {
                    path: path.clone(),
                    source: io::Error::other("no randomness"),
                }
            })?;
            write_private(&path, to_pem(pair.as_ref()).as_bytes()).map_err(|source| {
                KeyProblem::File {
                    path: path.clone(),
                    source,
                }
            })?;
        }
        let key = Self::read(data_folder)?;
        let set_path = Self::key_set_path(data_folder);
        std::fs::write(&set_path, &key.set).map_err(|source| KeyProblem::File {
            path: set_path,
            source,
        })?;
        Ok(key)
    }

    /// The key of a data folder that a service has made.
    ///
    /// # Errors
    /// [`KeyProblem`].
    pub fn read(data_folder: &Path) -> Result<Self, KeyProblem> {
        let path = Self::path(data_folder);
        let text = std::fs::read_to_string(&path).map_err(|source| KeyProblem::File {
            path: path.clone(),
            source,
        })?;
        Self::of_pem(&text).ok_or(KeyProblem::Damaged(path))
    }

    /// Where the public half is, for further processes on the same database (`LARGESSE_JWKS_FILE`).
    pub fn key_set_path(data_folder: &Path) -> PathBuf {
        data_folder.join("jwks.json")
    }

    /// Signs claims.
    ///
    /// # Errors
    /// Those of the library; a key that was read can sign.
    pub fn sign(&self, claims: &Claims) -> jsonwebtoken::errors::Result<String> {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.key)
    }

    fn path(data_folder: &Path) -> PathBuf {
        data_folder.join("signing-key.pem")
    }

    fn of_pem(text: &str) -> Option<Self> {
        let der = STANDARD
            .decode(
                text.lines()
                    .filter(|line| !line.starts_with('-'))
                    .collect::<String>(),
            )
            .ok()?;
        let key = EncodingKey::from_ed_der(&der);
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::EdDSA).ok()?;
        let AlgorithmParameters::OctetKeyPair(public) = &jwk.algorithm else {
            return None;
        };
        let kid = hex::encode(
            &ring::digest::digest(&ring::digest::SHA256, public.x.as_bytes()).as_ref()[..8],
        );
        jwk.common.key_id = Some(kid.clone());
        let set = serde_json::to_string_pretty(&JwkSet { keys: vec![jwk] }).ok()?;
        Some(Self { key, kid, set })
    }
}

/// PKCS#8 as PEM. Of the two versions the library reads the first, which is the second without its public half.
fn to_pem(pkcs8_v2: &[u8]) -> String {
    let mut der = pkcs8_v2[..PKCS8_V1_BYTES.min(pkcs8_v2.len())].to_vec();
    if let [_, length, _, _, version, ..] = der.as_mut_slice() {
        *length = (PKCS8_V1_BYTES - 2) as u8;
        *version = 0;
    }
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode(der)
    )
}
