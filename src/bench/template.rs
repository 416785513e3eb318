//! Templates: a database per shape with its tenants in it, loaded as everybody loads theirs, so that a run begins with a
//! copy.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use tonic::Request;

use super::alternative::Alternative;
use super::credentials::bearer;
use super::home::Home;
use super::servers::Server;
use super::tenant;
use super::workload::Shape;
use crate::identity::{Role, SigningKey};
use crate::pb;
use crate::pb::authority_service_client::AuthorityServiceClient;

/// Agents of one call.
const AGENTS_PER_CALL: u32 = 1000;

/// The templates that were made so far.
#[derive(Default)]
pub struct Templates {
    made: BTreeMap<Shape, String>,
}

impl Templates {
    /// The template of a shape; made where there is none yet.
    ///
    /// # Errors
    /// The service refuses what it is to load.
    pub async fn of(&mut self, home: &Home, shape: &Shape) -> Result<String> {
        if let Some(name) = self.made.get(shape) {
            return Ok(name.clone());
        }
        let name = home.database(&format!("template_{}", self.made.len()));
        home.databases.copy(home.base(), &name).await?;
        let server = Server::start(home, Alternative::Lanes, &name, 0).await?;
        load(home, &server, shape)
            .await
            .context("the tenants could not be loaded")?;
        server.stop().await?;
        home.databases.analyze(&name).await?;
        self.made.insert(*shape, name.clone());
        Ok(name)
    }
}

async fn load(home: &Home, server: &Server, shape: &Shape) -> Result<()> {
    let key = SigningKey::read(home.folder())?;
    let mut client = AuthorityServiceClient::connect(format!("http://{}", server.address))
        .await?
        .max_encoding_message_size(usize::MAX);
    for n in 0..shape.tenants {
        let admin = bearer(&key, &tenant::name(n), "admin".into(), Role::Admin)?;
        let mut apply = Request::new(pb::ApplyConfigurationRequest {
            document: tenant::document(shape, n),
            expected_version: 0,
        });
        apply.metadata_mut().insert("authorization", admin.clone());
        client.apply_configuration(apply).await?;
        for from in (0..shape.agents).step_by(AGENTS_PER_CALL as usize) {
            let to = shape.agents.min(from + AGENTS_PER_CALL);
            let mut put = Request::new(pb::PutAgentsRequest {
                agents: (from..to).map(|n| agent(shape, n)).collect(),
                expected_version: None,
            });
            put.metadata_mut().insert("authorization", admin.clone());
            client.put_agents(put).await?;
        }
    }
    Ok(())
}

fn agent(shape: &Shape, n: u32) -> pb::Agent {
    pb::Agent {
        id: tenant::agent(n),
        r#type: pb::AgentType::Human.into(),
        level: "frontline".into(),
        manager: tenant::lead(tenant::lead_of(n)),
        budget: tenant::budget_of(shape, n),
        ..Default::default()
    }
}
