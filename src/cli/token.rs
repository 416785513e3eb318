//! `largesse token`, and the tokens that the client verbs sign for themselves.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::Utc;
use clap::Args;

use super::failure::Failure;
use super::{output, times};
use crate::identity::{
    AUDIENCE, Actor, Audience, Claims, KeyProblem, KeySet, Role, SigningKey, Verifier,
};
use crate::ids::is_chosen_id;

/// Who issued the tokens that are signed here.
const ISSUER: &str = "largesse";
/// In the list of agents: everybody.
const EVERYBODY: &str = "*";

/// Options of `token`.
#[derive(Debug, Clone, Args)]
pub struct TokenOptions {
    /// The tenant
    #[arg(
        long,
        env = "LARGESSE_TENANT",
        value_name = "NAME",
        default_value = "demo"
    )]
    tenant: String,

    /// The agent, or the name of a service
    #[arg(long, env = "LARGESSE_AGENT", value_name = "ID")]
    agent: String,

    /// What it entitles to; may be given several times
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<Role>,

    /// For a service that acts for several agents: their ids with commas, or * for everybody
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    agents: Vec<String>,

    /// For a fulfiller: the channels whose work it does, with commas, or * for every one
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    channels: Vec<String>,

    /// The service that carries the calls, for the record
    #[arg(long, value_name = "SERVICE")]
    via: Option<String>,

    /// For how long, as in 30m, 12h or 7d
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = times::duration)]
    expires: Duration,

    /// The keys that the service verifies with, where it was given some
    #[arg(long, env = "LARGESSE_JWKS_FILE", value_name = "FILE")]
    jwks_file: Option<PathBuf>,
}

/// What a token is to entitle to.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The tenant's name.
    pub tenant: String,
    /// The agent, or the name of a service.
    pub subject: String,
    /// What it entitles to.
    pub roles: Vec<Role>,
    /// The agents for whom a service may act; empty: its subject alone.
    pub agents: Vec<String>,
    /// The fulfilment channels whose work a fulfiller does.
    pub channels: Vec<String>,
    /// The service that carries the calls.
    pub via: Option<String>,
    /// For how long.
    pub lifetime: Duration,
}

impl TokenOptions {
    /// Prints a token and nothing else.
    pub(super) fn run(self, data_folder: &Path) -> Result<(), Failure> {
        let token = sign(
            data_folder,
            Grant {
                tenant: self.tenant,
                subject: self.agent,
                roles: self.roles,
                agents: self.agents,
                channels: self.channels,
                via: self.via,
                lifetime: self.expires,
            },
        )?;
        if let Some(file) = &self.jwks_file {
            is_believed(&token, file, data_folder)?;
        }
        Ok(output::print(&token)?)
    }
}

/// Signs a token with the key of a data folder.
///
/// # Errors
/// An id that is none, or no key.
pub fn sign(data_folder: &Path, grant: Grant) -> Result<String, Failure> {
    let (names, everybody) = (&grant.agents, [EVERYBODY.to_owned()]);
    let ids = [&grant.tenant, &grant.subject]
        .into_iter()
        .chain(&grant.via)
        .chain(names)
        .chain(&grant.channels);
    for id in ids {
        if !is_chosen_id(id) {
            return Err(Failure::Usage(format!(
                "{id:?} is not an id: 1 to 128 printable ASCII characters without a blank"
            )));
        }
    }
    let key = SigningKey::read(data_folder).map_err(|problem| without_key(problem, data_folder))?;
    let now = Utc::now().timestamp();
    let lifetime = i64::try_from(grant.lifetime.as_secs()).unwrap_or(i64::MAX);
    let agents = if names.contains(&everybody[0]) {
        everybody.to_vec()
    } else {
        grant.agents
    };
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: Audience::One(AUDIENCE.to_owned()),
        sub: grant.subject,
        tenant: grant.tenant,
        roles: grant
            .roles
            .iter()
            .map(|role| role.name().to_owned())
            .collect(),
        exp: now.saturating_add(lifetime),
        iat: now,
        jti: uuid::Uuid::now_v7().to_string(),
        agents: (!agents.is_empty()).then_some(agents),
        channels: grant.channels,
        act: grant.via.map(|sub| Actor { sub }),
    };
    Ok(key.sign(&claims).context("the token cannot be signed")?)
}

/// A service that was given a file of keys believes these and no other: better said here than by a refusal there.
fn is_believed(token: &str, jwks_file: &Path, data_folder: &Path) -> anyhow::Result<()> {
    let keys = KeySet::read(jwks_file)?;
    let verified = Verifier::new(keys, None).verify(token);
    verified.map(drop).map_err(|problem| {
        anyhow!(
            "a service that verifies with {} would not believe the key in {}: {problem}\n\
             Get a token from whoever signs with these keys, or unset LARGESSE_JWKS_FILE.",
            jwks_file.display(),
            data_folder.display()
        )
    })
}

fn without_key(problem: KeyProblem, data_folder: &Path) -> Failure {
    let is_missing = matches!(
        &problem,
        KeyProblem::File { source, .. } if source.kind() == ErrorKind::NotFound
    );
    let problem = anyhow::Error::from(problem);
    Failure::Other(if is_missing {
        anyhow!(
            "there is no signing key in {} yet\n\
             `largesse serve` makes one at its first start; name its folder with --data-dir (LARGESSE_DATA_DIR).\n\
             For a service that verifies with a file of keys (--jwks-file), get a token from whoever holds the private \
             key, and pass it with --token (LARGESSE_TOKEN).",
            data_folder.display()
        )
    } else {
        problem
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::ActsFor;

    fn grant() -> Grant {
        Grant {
            tenant: "demo".into(),
            subject: "desk".into(),
            roles: vec![Role::Requester, Role::Approver],
            agents: Vec::new(),
            channels: Vec::new(),
            via: Some("crm".into()),
            lifetime: Duration::from_secs(60),
        }
    }

    #[test]
    fn a_token_says_what_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        SigningKey::find_or_make(folder.path()).unwrap();
        let keys = KeySet::read(&SigningKey::key_set_path(folder.path())).unwrap();
        let verifier = Verifier::new(keys, None);
        let caller = |grant| {
            verifier
                .verify(&sign(folder.path(), grant).unwrap())
                .unwrap()
        };

        let one = caller(grant());
        assert_eq!(
            (one.tenant_name.as_str(), one.subject.as_str()),
            ("demo", "desk")
        );
        assert_eq!(one.roles, [Role::Requester, Role::Approver]);
        assert_eq!(
            (one.agents, one.credential.via),
            (ActsFor::Itself, Some("crm".into()))
        );

        let everybody = Grant {
            agents: vec!["fl-101".into(), "*".into()],
            ..grant()
        };
        assert_eq!(caller(everybody).agents, ActsFor::Everybody);
    }

    #[test]
    fn without_a_key_it_is_said_where_one_comes_from() {
        let folder = tempfile::tempdir().unwrap();
        let failure = sign(folder.path(), grant()).unwrap_err().to_string();
        assert!(
            failure.contains("largesse serve") && failure.contains("--data-dir"),
            "{failure}"
        );
        let failure = sign(
            folder.path(),
            Grant {
                subject: "two words".into(),
                ..grant()
            },
        );
        assert!(matches!(failure, Err(Failure::Usage(_))));
    }

    #[test]
    fn a_foreign_key_set_is_noticed() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        SigningKey::find_or_make(ours.path()).unwrap();
        SigningKey::find_or_make(theirs.path()).unwrap();
        let token = sign(ours.path(), grant()).unwrap();
        let check = |file: &Path| is_believed(&token, file, ours.path());
        assert!(check(&SigningKey::key_set_path(ours.path())).is_ok());
        let refused = check(&SigningKey::key_set_path(theirs.path()))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("would not believe"), "{refused}");
    }
}
