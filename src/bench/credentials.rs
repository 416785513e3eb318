//! A token for everybody: each call shows its caller's own, as it would in earnest.

use anyhow::{Context, Result};
use chrono::Utc;
use tonic::metadata::{Ascii, MetadataValue};

use super::home::Home;
use super::tenant;
use super::workload::Shape;
use crate::identity::{AUDIENCE, Audience, Claims, Role, SigningKey};

/// Longer than any run.
const LIFETIME_S: i64 = 24 * 60 * 60;

/// A token as it is sent.
pub type Bearer = MetadataValue<Ascii>;

/// The tokens of one tenant.
pub struct Credentials {
    /// Of the agents.
    pub agents: Vec<Bearer>,
    /// Of the leads, for the agents below them.
    pub leads: Vec<Bearer>,
    /// Of who follows the events.
    pub follower: Bearer,
}

impl Credentials {
    /// Signs those of each tenant.
    ///
    /// # Errors
    /// The key in the folder cannot be read.
    pub fn of(home: &Home, shape: &Shape) -> Result<Vec<Self>> {
        let key = SigningKey::read(home.folder())?;
        let of_tenant = |n: u32| {
            let name = tenant::name(n);
            let sign = |subject: String, role| bearer(&key, &name, subject, role);
            Ok(Self {
                agents: (0..shape.agents)
                    .map(|n| sign(tenant::agent(n), Role::Requester))
                    .collect::<Result<_>>()?,
                leads: (0..tenant::leads(shape))
                    .map(|n| sign(tenant::lead(n), Role::Approver))
                    .collect::<Result<_>>()?,
                follower: sign("follower".into(), Role::Follower)?,
            })
        };
        (0..shape.tenants).map(of_tenant).collect()
    }
}

/// A token in one role.
///
/// # Errors
/// It cannot be signed.
pub fn bearer(key: &SigningKey, tenant: &str, subject: String, role: Role) -> Result<Bearer> {
    let now = Utc::now().timestamp();
    let claims = Claims {
        iss: "largesse".into(),
        aud: Audience::One(AUDIENCE.into()),
        jti: format!("bench-{subject}"),
        sub: subject,
        tenant: tenant.into(),
        roles: vec![role.name().into()],
        exp: now + LIFETIME_S,
        iat: now,
        agents: None,
        channels: Vec::new(),
        act: None,
    };
    let token = key.sign(&claims).context("a token cannot be signed")?;
    let mut bearer: Bearer = format!("Bearer {token}").parse()?;
    bearer.set_sensitive(true);
    Ok(bearer)
}
