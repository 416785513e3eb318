//! Signatures of Standard Webhooks (standardwebhooks.com), version 1: HMAC-SHA256 over `id.timestamp.body`. Pure.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// How a secret begins.
const PREFIX: &str = "whsec_";
/// How many bytes a secret has, as the standard has it.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The secrets under which every message is signed: two of them while one takes the place of the other.
#[derive(Clone)]
pub(in crate::cli::publish) struct Secrets {
    keys: Vec<hmac::Key>,
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} secrets", self.keys.len())
    }
}

impl FromStr for Secrets {
    type Err = String;

    /// `whsec_…`, several of them with blanks or line ends between. What is wrong is said without the secret.
    fn from_str(text: &str) -> Result<Self, String> {
        let keys = text.split_whitespace().map(|secret| {
            let bytes = secret.strip_prefix(PREFIX);
            let bytes = bytes.and_then(|encoded| STANDARD.decode(encoded).ok());
            let bytes = bytes.filter(|bytes| SECRET_BYTES.contains(&bytes.len()));
            bytes.map(|bytes| hmac::Key::new(hmac::HMAC_SHA256, &bytes))
        });
        let keys = keys.collect::<Option<Vec<_>>>().unwrap_or_default();
        if keys.is_empty() {
            return Err("a secret is whsec_ and 24 to 64 bytes in base64; \
                 `echo whsec_$(openssl rand -base64 32)` makes one"
                .into());
        }
        Ok(Self { keys })
    }
}

impl Secrets {
    /// The header `webhook-signature`: one signature per secret.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let head = format!("{id}.{timestamp}.");
        let sign = |key: &hmac::Key| {
            let mut context = hmac::Context::with_key(key);
            context.update(head.as_bytes());
            context.update(body);
            format!("v1,{}", STANDARD.encode(context.sign()))
        };
        let signatures: Vec<String> = self.keys.iter().map(sign).collect();
        signatures.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_signed_as_there() {
        let secrets: Secrets = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
        let signature = secrets.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn while_a_secret_is_replaced_both_sign() {
        let both: Secrets =
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                .parse()
                .unwrap();
        let signatures = both.sign("id", 1, b"body");
        let (old, new) = signatures.split_once(' ').unwrap();
        assert_ne!(old, new);
        assert!(old.starts_with("v1,") && new.starts_with("v1,"));
    }

    #[test]
    fn what_is_no_secret_is_refused_and_not_repeated() {
        for wrong in [
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_short",
            "whsec_***",
            "whsec_AAAA",
        ] {
            let said = wrong.parse::<Secrets>().unwrap_err();
            assert!(wrong.is_empty() || !said.contains(wrong), "{said}");
        }
    }
}
