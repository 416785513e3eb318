//! The use cases of configuration: plan, apply, read, put agents.
//!
//! A document is checked here, with every mistake and its line, and compiled by Postgres (`apply`), which checks the rules
//! again. What is in force changes atomically against the version that its author saw.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::diff::{Change, LimitIdentity, abandoned, changes};
use super::{Agent, AgentEntry, Document, Mistake, Normalised, check_agents, read, store};
use crate::identity::Caller;
use crate::ids::TenantId;
use crate::postgres::Database;
use crate::problem::{Problem, Violation, Wrong};

/// What applying a document would do.
#[derive(Debug)]
pub struct Plan {
    /// The version that it was compared with; 0: there is none yet.
    pub compared_version: i32,
    /// What would change, by name.
    pub changes: Vec<Change>,
    /// Limits that are in use and would lose their counters.
    pub abandoned: Vec<AbandonedLimit>,
    /// Agents who would be suspended because the document's roster does not name them.
    pub suspended: Vec<String>,
}

/// A limit whose counters a document would abandon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbandonedLimit {
    /// Which.
    pub limit: LimitIdentity,
    /// How many counters of windows that have not ended are in use.
    pub counter_count: i64,
    /// What they add up to, in minor units of the limit's currency.
    pub used_minor: i64,
}

/// A configuration that was in force, or is.
#[derive(Debug)]
pub struct Version {
    /// 1, 2, 3 ….
    pub number: i32,
    /// A document that means the same: with the roster where it is the one in force.
    pub document: String,
    /// Who applied it.
    pub applied_by: String,
    /// When.
    pub applied_at: DateTime<Utc>,
}

/// The use cases of configuration.
#[derive(Debug, Clone)]
pub struct Configurations {
    database: Database,
}

impl Configurations {
    /// The use cases in this database.
    pub fn new(database: Database) -> Self {
        Self { database }
    }

    /// What applying a document would do. Changes nothing.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every mistake of the document.
    pub async fn plan(&self, caller: &Caller, yaml: &str) -> Result<Plan, Problem> {
        let document = read_for(caller, yaml).await?;
        let new = &document.normalised;
        let Some(tenant) = caller.tenant else {
            let changes = changes(None, new);
            return Ok(Plan {
                compared_version: 0,
                changes,
                abandoned: Vec::new(),
                suspended: Vec::new(),
            });
        };
        let (number, old) = self.in_force(tenant).await?;
        let suspended = missing(&old, new);
        let limits = abandoned(&old, new);
        Ok(Plan {
            compared_version: number,
            changes: changes(Some(&old), new),
            abandoned: store::counters_in_use(&self.database, tenant, limits).await?,
            suspended,
        })
    }

    /// Puts a document in force as a new version, against the version that its author saw (0: there is none yet).
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every mistake, [`Problem::VersionStale`] where another version is in force.
    pub async fn apply(
        &self,
        caller: &Caller,
        yaml: &str,
        expected_version: i32,
    ) -> Result<(TenantId, i32), Problem> {
        let document = read_for(caller, yaml).await?;
        store::apply(
            &self.database,
            caller,
            expected_version,
            document.normalised.to_json(),
            yaml.to_owned(),
        )
        .await
    }

    /// A version; none named: the one in force.
    ///
    /// # Errors
    /// [`Problem::ConfigurationNotFound`].
    pub async fn get(&self, caller: &Caller, number: Option<i32>) -> Result<Version, Problem> {
        let tenant = caller.tenant()?;
        let row = store::version(&self.database, tenant, number).await?;
        let row = row.ok_or(Problem::ConfigurationNotFound(number))?;
        let mut normalised = of_json(&row.document)?;
        if row.is_in_force {
            normalised.agents = Some(self.roster(tenant).await?);
        }
        Ok(Version {
            number: row.version,
            document: Document {
                tenant: caller.tenant_name.clone(),
                normalised,
            }
            .to_yaml(),
            applied_by: row.applied_by,
            applied_at: row.applied_at,
        })
    }

    /// Puts agents on the roster, as described from now on; a new version. Suspends nobody.
    ///
    /// # Errors
    /// As [`Configurations::apply`].
    pub async fn put_agents(
        &self,
        caller: &Caller,
        entries: &[AgentEntry],
        expected_version: Option<i32>,
    ) -> Result<i32, Problem> {
        let tenant = caller.tenant()?;
        let (_, in_force) = self.in_force(tenant).await?;
        let mistakes = check_agents(entries, &in_force);
        if !mistakes.is_empty() {
            return Err(Problem::Invalid(violations(&mistakes, "")));
        }
        let agents: Vec<Agent> = entries.iter().map(Agent::from).collect();
        store::put_agents(
            &self.database,
            tenant,
            caller,
            expected_version,
            Agent::to_json(&agents),
        )
        .await
    }

    /// The version in force, with its roster.
    async fn in_force(&self, tenant: TenantId) -> Result<(i32, Normalised), Problem> {
        let row = store::version(&self.database, tenant, None).await?;
        let row = row.ok_or(Problem::ConfigurationNotFound(None))?;
        let mut normalised = of_json(&row.document)?;
        normalised.agents = Some(self.roster(tenant).await?);
        Ok((row.version, normalised))
    }

    async fn roster(&self, tenant: TenantId) -> Result<Vec<Agent>, Problem> {
        let json = store::roster(&self.database, tenant).await?;
        serde_json::from_value(json)
            .map_err(|_| Problem::defect("the roster in force cannot be read"))
    }
}

/// Reads a document that is about the caller's own tenant. On a thread of its own: a large one takes a while.
async fn read_for(caller: &Caller, yaml: &str) -> Result<Document, Problem> {
    let text = yaml.to_owned();
    let document = tokio::task::spawn_blocking(move || read(&text))
        .await
        .map_err(|_| Problem::defect("reading a document did not end well"))?
        .map_err(|mistakes| Problem::Invalid(violations(&mistakes, "document")))?;
    if document.tenant == caller.tenant_name {
        Ok(document)
    } else {
        let description = format!(
            "the credential is of the tenant {}; name that one",
            caller.tenant_name
        );
        Err(Problem::invalid(
            "document.tenant",
            Wrong::DocumentTenant,
            description,
        ))
    }
}

fn of_json(json: &serde_json::Value) -> Result<Normalised, Problem> {
    Normalised::from_json(json)
        .map_err(|_| Problem::defect("a stored configuration cannot be read"))
}

/// Agents of the roster in force whom a document with a roster leaves out.
fn missing(old: &Normalised, new: &Normalised) -> Vec<String> {
    let Some(new) = &new.agents else {
        return Vec::new();
    };
    let kept: HashSet<&str> = new.iter().map(|agent| agent.id.as_str()).collect();
    let old = old.agents.iter().flatten();
    old.filter(|agent| !kept.contains(agent.id.as_str()))
        .map(|agent| agent.id.clone())
        .collect()
}

/// Mistakes as violated fields: the path, and where in the text.
fn violations(mistakes: &[Mistake], prefix: &str) -> Vec<Violation> {
    mistakes
        .iter()
        .map(|mistake| {
            let parts = [prefix, &mistake.path];
            let field = parts
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(".");
            let place = match mistake.line {
                0 => String::new(),
                line => format!("line {line}, column {}: ", mistake.column),
            };
            Violation::new(
                field,
                Wrong::DocumentMistake,
                format!("{place}{}", mistake.message),
            )
        })
        .collect()
}
