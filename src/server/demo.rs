//! The demo tenant: small, complete, applied once, never again over what somebody made of it.

use anyhow::{Context, Result};

use crate::configuration::Configurations;
use crate::identity::{ActsFor, Caller, Credential, Role};
use crate::ids::AgentId;
use crate::problem::Problem;

const DOCUMENT: &str = include_str!("../../deploy/demo.yaml");
const TENANT: &str = "demo";

/// Applies the demo where there is no tenant of its name yet.
pub async fn apply(configurations: &Configurations) -> Result<()> {
    let caller = Caller {
        tenant_name: TENANT.into(),
        tenant: None,
        subject: AgentId::new("largesse").context("a name")?,
        roles: vec![Role::Admin],
        agents: ActsFor::Itself,
        channels: Vec::new(),
        credential: Credential {
            id: "first-start".into(),
            via: None,
            trace: None,
        },
    };
    match configurations.apply(&caller, DOCUMENT, 0).await {
        Ok(_) => Ok(()),
        // It is there: an earlier start, or somebody else, made it.
        Err(Problem::VersionStale { .. }) => Ok(()),
        Err(problem) => Err(problem).context("the demo tenant could not be applied"),
    }
}
