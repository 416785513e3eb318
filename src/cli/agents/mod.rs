//! `largesse agents …`: the roster.

mod file;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use self::file::AgentEntry;
use super::client::{Client, ClientOptions};
use super::failure::{Effect, Exit, Failure};
use super::files;
use super::output::{Looks, counted, words};
use crate::identity::Role;
use crate::pb::{
    Agent, GetConfigurationRequest, ListAgentsRequest, ListAgentsResponse, PutAgentsRequest,
    SuspendAgentRequest,
};

/// The largest page that the service gives.
const PAGE_MAX: i32 = 200;

/// `largesse agents …`.
#[derive(Debug, Clone, Args)]
pub struct AgentVerbs {
    #[command(subcommand)]
    verb: AgentVerb,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

#[derive(Debug, Clone, Subcommand)]
enum AgentVerb {
    /// List the roster, suspended agents too
    List,
    /// Add agents, or replace those that exist, each as a whole
    Put {
        /// YAML or JSON: a list of agents in the shape of the document's section `agents`; - is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Only if this version of the configuration is in force
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(i32).range(1..))]
        expected_version: Option<i32>,
    },
    /// Stop an agent from giving
    Suspend {
        /// The agent's id
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Let a suspended agent give again
    Reinstate {
        /// The agent's id
        #[arg(value_name = "ID")]
        id: String,
    },
}

impl AgentVerbs {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        let client = Client::connect(&self.client, data_folder, Role::Admin);
        match self.verb {
            AgentVerb::List => list(&client.await?).await,
            AgentVerb::Put {
                file,
                expected_version,
            } => {
                let entries = file::read(&files::text(&file)?)
                    .map_err(|wrong| Failure::Usage(format!("{}: {wrong}", file.display())))?;
                put(&client.await?, entries, expected_version).await
            }
            AgentVerb::Suspend { id } => suspend(&client.await?, id, true).await,
            AgentVerb::Reinstate { id } => suspend(&client.await?, id, false).await,
        }
    }
}

async fn list(client: &Client) -> Result<Exit, Failure> {
    let mut all = ListAgentsResponse::default();
    let mut request = ListAgentsRequest {
        page_size: PAGE_MAX,
        page_token: String::new(),
    };
    loop {
        let page = client.authority().list_agents(request.clone()).await;
        let page = page
            .map_err(|status| Effect::Reads.failed(&status))?
            .into_inner();
        all.agents.extend(page.agents);
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    client.printer.answer(&all, |looks| {
        format!(
            "{}\n{}\n",
            table(looks, &all.agents),
            counted(all.agents.len(), "agent")
        )
    })?;
    Ok(Exit::Done)
}

async fn put(
    client: &Client,
    entries: Vec<AgentEntry>,
    expected_version: Option<i32>,
) -> Result<Exit, Failure> {
    // An amount without a currency is in that of its limit, which only the configuration knows.
    let document = if entries.iter().any(AgentEntry::needs_currencies) {
        let answer = client
            .authority()
            .get_configuration(GetConfigurationRequest::default())
            .await;
        let answer = answer
            .map_err(|status| Effect::Reads.failed(&status))?
            .into_inner();
        answer.configuration.unwrap_or_default().document
    } else {
        String::new()
    };
    let agents = file::of_proto(entries, &document).map_err(Failure::Usage)?;
    let count = counted(agents.len(), "agent");
    let request = PutAgentsRequest {
        agents,
        expected_version,
    };
    let effect = Effect::writes("largesse config show, and largesse agents list");
    let answer = client.authority().put_agents(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |_| {
        format!(
            "{count} put; version {} of the configuration is in force.\n",
            answer.version
        )
    })?;
    Ok(Exit::Done)
}

async fn suspend(client: &Client, id: String, suspended: bool) -> Result<Exit, Failure> {
    let effect = Effect::writes("largesse agents list; repeating the command does no harm");
    let request = SuspendAgentRequest {
        agent_id: id,
        suspended: Some(suspended),
    };
    let answer = client.authority().suspend_agent(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |_| {
        let id = answer.agent.as_ref().map_or("", |agent| &agent.id);
        let now = if suspended {
            "is suspended"
        } else {
            "may give"
        };
        let change = if answer.changed {
            "from now on"
        } else {
            "already; nothing was written"
        };
        format!("{id} {now} {change}.\n")
    })?;
    Ok(Exit::Done)
}

fn table(looks: &Looks, agents: &[Agent]) -> String {
    let rows = agents.iter().map(|agent| {
        vec![
            agent.id.clone(),
            words::agent_type(agent.r#type),
            agent.level.clone(),
            agent.manager.clone(),
            agent.budget.clone(),
            if agent.overrides.is_empty() {
                String::new()
            } else {
                agent.overrides.len().to_string()
            },
            if agent.suspended { "suspended" } else { "" }.to_owned(),
        ]
    });
    looks.table(
        &[
            "id",
            "type",
            "level",
            "manager",
            "budget",
            " overrides",
            "giving",
        ],
        rows,
    )
}
