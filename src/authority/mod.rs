//! Authority: who may give what, and how much of it is left.
//!
//! The roster, the catalog and the limits come from the tenant's configuration; what is left is computed by the same
//! matching that decides requests (`remaining`), so that the two cannot disagree. Two switches act at once and belong to
//! no document: suspending an agent, pausing what is given.

mod remaining;
mod store;

use serde::{Deserialize, Serialize};

pub use remaining::{ItemAuthority, LimitUse, RemainingQuestion, Standing};

use moka::sync::Cache;

use crate::identity::{ActsFor, Caller, Role};
use crate::ids::{AgentId, TenantId};
use crate::paging::PageTokens;
use crate::postgres::Database;
use crate::problem::{Problem, Wrong};

/// An agent of the roster.
#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    /// Chosen by the tenant.
    pub id: String,
    /// HUMAN, SOFTWARE or POOL.
    pub kind: String,
    /// The human behind the account.
    pub person: String,
    /// Name of the level.
    pub level: String,
    /// The next step of the reporting line.
    pub manager: Option<String>,
    /// Charged where a gesture names none.
    pub budget: String,
    /// Customers that are the agent's own accounts.
    pub own_customers: Vec<String>,
    /// Single maxima that replace the level's.
    pub overrides: Vec<Override>,
    /// Whether the agent may give nothing at the moment.
    pub is_suspended: bool,
}

/// A single maximum that replaces the level's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Override {
    /// Name of the limit.
    pub limit: String,
    /// Minor units of the limit's currency; none: the limit's own.
    pub amount_minor: Option<i64>,
    /// None: the limit's own.
    pub count: Option<i32>,
    /// None: every kind that the limit covers.
    pub kinds: Option<Vec<String>>,
    /// The limit's currency; not part of the document, filled in when read.
    #[serde(default, skip_serializing)]
    pub currency: Option<String>,
}

/// One priced entry of the catalog.
#[derive(Debug, Clone, PartialEq)]
pub struct CatalogItem {
    /// What it is.
    pub kind: String,
    /// ISO 4217.
    pub currency: String,
    /// Whether it is given at all.
    pub is_offered: bool,
    /// The price range in minor units.
    pub min_minor: i64,
    /// The price range in minor units.
    pub max_minor: i64,
    /// What must be known of the recipient.
    pub recipient_fields: Vec<String>,
    /// Who fulfils it.
    pub channel: String,
    /// How long that usually takes.
    pub lead_time_s: i32,
    /// By how much the cost may exceed the amount, in hundredths of a per cent.
    pub tolerance_bp: i32,
    /// What cancelling costs once it was dispatched, in the same; none: it cannot be cancelled then.
    pub late_cancel_bp: Option<i32>,
    /// What pauses it at the moment: TENANT, KIND, CHANNEL.
    pub paused_by: Vec<String>,
}

/// A page of something.
#[derive(Debug)]
pub struct Page<T> {
    /// In the order of the list.
    pub items: Vec<T>,
    /// Leads to the next page; none: this was the last.
    pub next: Option<String>,
}

/// What is paused or resumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PauseScope {
    /// All giving of the tenant.
    Tenant,
    /// One kind.
    Kind(String),
    /// Everything that one channel fulfils.
    Channel(String),
}

/// How many tenants' names are kept.
const TENANTS_MAX: u64 = 10_000;

/// The use cases of authority.
#[derive(Debug, Clone)]
pub struct Authorities {
    database: Database,
    tokens: PageTokens,
    /// A tenant has one name for ever.
    tenants: Cache<String, TenantId>,
}

impl Authorities {
    /// The use cases in this database. `tokens` signs the cursors of lists.
    pub fn new(database: Database, tokens: PageTokens) -> Self {
        Self {
            database,
            tokens,
            tenants: Cache::new(TENANTS_MAX),
        }
    }

    /// The tenant of a name; none where no configuration was ever applied under it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn tenant_named(&self, name: &str) -> Result<Option<TenantId>, Problem> {
        if let Some(known) = self.tenants.get(name) {
            return Ok(Some(known));
        }
        let found = store::tenant_named(&self.database, name).await?;
        if let Some(tenant) = found {
            self.tenants.insert(name.to_owned(), tenant);
        }
        Ok(found)
    }

    /// Whether an agent is on the roster, suspended or not.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn is_on_roster(&self, tenant: TenantId, agent: &AgentId) -> Result<bool, Problem> {
        Ok(store::agent(&self.database, tenant, agent.as_str())
            .await?
            .is_some())
    }

    /// Who acts, where nothing behind asks the roster: the gate asked it for the credential's subject, and knows nothing of the
    /// agent whom a service names.
    ///
    /// # Errors
    /// Those of [`Caller::acting_as`]; [`Problem::AgentUnknown`].
    pub async fn acting(
        &self,
        caller: &Caller,
        named: Option<AgentId>,
    ) -> Result<AgentId, Problem> {
        let agent = caller.acting_as(named)?;
        if caller.agents == ActsFor::Itself || self.is_on_roster(caller.tenant()?, &agent).await? {
            Ok(agent)
        } else {
            Err(Problem::AgentUnknown(agent))
        }
    }

    /// What an agent may still give. Agents ask for themselves; approvers, auditors and admins for anybody.
    ///
    /// # Errors
    /// [`Problem::AgentNotCovered`], [`Problem::AgentNotFound`], [`Problem::Invalid`] for an instant to come, and for a
    /// segment, an occasion or a budget that the configuration does not know.
    pub async fn remaining(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        question: RemainingQuestion,
    ) -> Result<Standing, Problem> {
        let tenant = caller.tenant()?;
        let sees_everybody = [Role::Approver, Role::Auditor, Role::Admin]
            .iter()
            .any(|role| caller.has(*role));
        let agent = match agent {
            Some(agent) if sees_everybody => agent,
            agent => caller.acting_as(agent)?,
        };
        let now = store::now(&self.database).await?;
        if question.at.is_some_and(|at| at > now) {
            return Err(Problem::invalid(
                "at",
                Wrong::OutOfRange,
                "lies in the future; leave it unset for now",
            ));
        }
        let found = store::agent(&self.database, tenant, agent.as_str()).await?;
        let found = found.ok_or_else(|| Problem::AgentNotFound(agent.clone()))?;
        let at = question.at.unwrap_or(now);
        let (items, configuration_version) =
            store::remaining(&self.database, tenant, &agent, &question).await?;
        question.is_known(&items)?;
        Ok(Standing {
            agent: found,
            at,
            items,
            configuration_version,
        })
    }

    /// A page of the roster, by id.
    ///
    /// # Errors
    /// [`Problem::Invalid`] where the token is of another list.
    pub async fn list_agents(
        &self,
        caller: &Caller,
        page_size: i64,
        token: Option<&str>,
    ) -> Result<Page<Agent>, Problem> {
        let tenant = caller.tenant()?;
        let scope = format!("agents {tenant} {}", caller.subject);
        let after = token
            .map(|token| self.tokens.read(&scope, token))
            .transpose()?;
        let items = store::agents(&self.database, tenant, after, page_size + 1).await?;
        Ok(self.page(items, page_size, &scope, |agent| agent.id.clone()))
    }

    /// A page of the catalog, by kind and currency.
    ///
    /// # Errors
    /// [`Problem::Invalid`] where the token is of another list.
    pub async fn list_catalog_items(
        &self,
        caller: &Caller,
        page_size: i64,
        token: Option<&str>,
    ) -> Result<Page<CatalogItem>, Problem> {
        let tenant = caller.tenant()?;
        let scope = format!("catalog {tenant} {}", caller.subject);
        let after = token
            .map(|token| self.tokens.read(&scope, token))
            .transpose()?;
        let items = store::catalog(&self.database, tenant, after, page_size + 1).await?;
        Ok(self.page(items, page_size, &scope, |item| {
            format!("{} {}", item.kind, item.currency)
        }))
    }

    /// Stops an agent's giving, or lets it go on. True: that changed something. Acknowledged means in force.
    ///
    /// # Errors
    /// [`Problem::AgentNotFound`]; [`Problem::AgentLeft`] for one who is no longer listed.
    pub async fn suspend(
        &self,
        caller: &Caller,
        agent: &AgentId,
        is_suspended: bool,
    ) -> Result<(Agent, bool), Problem> {
        let tenant = caller.tenant()?;
        let changed = store::suspend(&self.database, tenant, caller, agent, is_suspended).await?;
        let agent_now = store::agent(&self.database, tenant, agent.as_str())
            .await
            .map_err(Problem::after_writing)?;
        Ok((
            agent_now.ok_or_else(|| Problem::AgentNotFound(agent.clone()))?,
            changed,
        ))
    }

    /// Pauses giving, or lets it go on. True: that changed something. Acknowledged means in force.
    ///
    /// # Errors
    /// [`Problem::Invalid`] for a kind or a channel that the catalog does not know.
    pub async fn pause(
        &self,
        caller: &Caller,
        scope: &PauseScope,
        is_paused: bool,
    ) -> Result<bool, Problem> {
        store::pause(&self.database, caller.tenant()?, caller, scope, is_paused).await
    }

    /// Cuts a list that was read one too long, and signs where it goes on.
    fn page<T>(
        &self,
        mut items: Vec<T>,
        size: i64,
        scope: &str,
        key: impl Fn(&T) -> String,
    ) -> Page<T> {
        let has_more = items.len() as i64 > size;
        items.truncate(size as usize);
        let next = items
            .last()
            .filter(|_| has_more)
            .map(|last| self.tokens.sign(scope, &key(last)));
        Page { items, next }
    }
}
