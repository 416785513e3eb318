//! Lent authority, and who is away.
//!
//! A delegation lends an approver's authority to another person for a while: one level deep, never to oneself, never in a
//! circle. Nothing moves when it begins or ends: an inbox is read by who may answer at that instant. Postgres refuses what
//! would let anybody decide for themselves, when it is made and again at every use.

mod store;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Approvals;
use crate::identity::{Caller, Role};
use crate::ids::{AgentId, DelegationId, TenantId};
use crate::money::{Currency, Money};
use crate::problem::{Problem, Violation, Wrong};
use store::{Lent, Made};

/// What somebody lends.
#[derive(Debug, Clone)]
pub struct Lending {
    /// The client's id for it.
    pub id: DelegationId,
    /// To whom.
    pub delegate: AgentId,
    /// From when on; none, or past: from now on.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when; not part of it.
    pub ends_at: DateTime<Utc>,
    /// For these kinds, as the caller names them; empty: for all that there is authority over.
    pub kinds: Vec<String>,
    /// At most this per gesture; none: whatever the maxima allow.
    pub lent_max: Option<Money>,
}

/// Lent authority.
#[derive(Debug, Clone, PartialEq)]
pub struct Delegation {
    /// Its id.
    pub id: DelegationId,
    /// Whose authority.
    pub delegator: AgentId,
    /// Who may answer in it.
    pub delegate: AgentId,
    /// From when on.
    pub starts_at: DateTime<Utc>,
    /// Until when; not part of it.
    pub ends_at: DateTime<Utc>,
    /// For these kinds; empty: for all.
    pub kinds: Vec<String>,
    /// At most this per gesture, minor units and currency.
    pub lent_max: Option<(i64, String)>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
    /// When it was revoked, and by whom.
    pub revoked: Option<(DateTime<Utc>, String)>,
    /// Whether it is in force.
    pub is_active: bool,
}

/// Somebody is away.
#[derive(Debug, Clone, PartialEq)]
pub struct Absence {
    /// Who.
    pub agent: AgentId,
    /// From when on.
    pub starts_at: DateTime<Utc>,
    /// Until when; not part of it.
    pub ends_at: DateTime<Utc>,
}

/// A page of delegations, and who of their agents is away.
#[derive(Debug)]
pub struct DelegationPage {
    /// Latest end first.
    pub delegations: Vec<Delegation>,
    /// By agent.
    pub absences: Vec<Absence>,
    /// Leads to the next page; none: this was the last.
    pub next: Option<String>,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy)]
struct Position {
    ends_at: DateTime<Utc>,
    id: DelegationId,
}

impl Lending {
    /// The path of the field that names a kind.
    fn field_of(&self, kind: &str) -> String {
        let named = self.kinds.iter().position(|named| named == kind);
        named.map_or_else(|| "kinds".into(), |place| format!("kinds[{place}]"))
    }
}

impl Approvals {
    /// CreateDelegation: lends an agent's authority. True: this very delegation had been made before.
    ///
    /// # Errors
    /// [`Problem::AgentNotCovered`], [`Problem::AgentNotFound`], [`Problem::ApproverSuspended`],
    /// [`Problem::DelegationIdReused`], [`Problem::DelegationCircle`], [`Problem::DelegationChain`]; [`Problem::Invalid`] for a
    /// delegate who cannot be one, a period that is none, and more than there is to lend.
    pub async fn delegate(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        lending: Lending,
    ) -> Result<(Delegation, bool), Problem> {
        let tenant = caller.tenant()?;
        let (actor, delegator) = self.for_whom(caller, agent).await?;
        let now = self.now(tenant).await?;
        let lent = Lent {
            tenant,
            actor,
            delegator: delegator.clone(),
            starts_at: lending.starts_at.filter(|at| *at > now),
            lending: lending.clone(),
            credential: caller.credential.clone(),
        };
        let made = store::delegate(&self.database, lent).await?;
        let replayed = match made.outcome.as_str() {
            "MADE" => false,
            "REPLAY" => true,
            _ => return Err(refusal(made, delegator, lending)),
        };
        let kept = self.delegation(tenant, lending.id).await;
        Ok((kept.map_err(Problem::after_writing)?, replayed))
    }

    /// ListDelegations: a page of those in which an agent is one of the two; for an auditor or admin who names nobody, of all.
    ///
    /// # Errors
    /// [`Problem::AgentNotCovered`]; [`Problem::Invalid`] where the token is of another list.
    pub async fn delegations(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        include_ended: bool,
        page_size: i64,
        token: Option<&str>,
    ) -> Result<DelegationPage, Problem> {
        let tenant = caller.tenant()?;
        let agent = if caller.has(Role::Admin) || caller.has(Role::Auditor) {
            agent
        } else {
            Some(self.authorities.acting(caller, agent).await?)
        };
        let scope = format!(
            "delegations {tenant} {} {agent:?} {include_ended}",
            caller.subject
        );
        let after = token
            .map(|token| {
                self.tokens
                    .read(&scope, token)
                    .and_then(|text| position(&text))
            })
            .transpose()?;
        let mut reading = self.database.read(tenant).await?;
        let whose = agent.as_ref();
        // One more than asked tells whether there is another page.
        let mut delegations = store::list(
            &mut reading,
            tenant,
            whose,
            include_ended,
            after,
            page_size + 1,
        )
        .await?;
        let absences = match (whose, after) {
            (None, Some(_)) => Vec::new(),
            (Some(_), _) | (None, None) => store::absences(&mut reading, tenant, whose).await?,
        };
        let has_more = delegations.len() as i64 > page_size;
        delegations.truncate(page_size as usize);
        let next = delegations.last().filter(|_| has_more).map(|last| {
            let at = last.ends_at.timestamp_micros();
            self.tokens.sign(&scope, &format!("{at} {}", last.id))
        });
        Ok(DelegationPage {
            delegations,
            absences,
            next,
        })
    }

    /// RevokeDelegation: what was lent comes back now. For either of the two, and for an admin.
    ///
    /// # Errors
    /// [`Problem::AgentNotCovered`], [`Problem::DelegationNotFound`].
    pub async fn revoke(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        id: DelegationId,
    ) -> Result<Delegation, Problem> {
        let tenant = caller.tenant()?;
        let is_admin = caller.has(Role::Admin);
        let actor = if is_admin && agent.is_none() {
            caller.subject.clone()
        } else {
            self.authorities.acting(caller, agent).await?
        };
        let found = self.delegation(tenant, id).await?;
        // Whose it is not learns nothing of it.
        if !is_admin && actor != found.delegator && actor != found.delegate {
            return Err(Problem::DelegationNotFound(id));
        }
        store::revoke(&self.database, tenant, &actor, id, &caller.credential).await?;
        let kept = self.delegation(tenant, id).await;
        kept.map_err(Problem::after_writing)
    }

    /// SetAway: an agent is away from one instant to another, or back. None: they are not away.
    ///
    /// # Errors
    /// [`Problem::AgentNotCovered`], [`Problem::AgentNotFound`]; [`Problem::Invalid`] for a period that is none.
    pub async fn set_away(
        &self,
        caller: &Caller,
        agent: Option<AgentId>,
        starts_at: Option<DateTime<Utc>>,
        ends_at: Option<DateTime<Utc>>,
    ) -> Result<Option<Absence>, Problem> {
        let tenant = caller.tenant()?;
        let (actor, agent) = self.for_whom(caller, agent).await?;
        let now = self.now(tenant).await?;
        let period = (starts_at.filter(|at| *at > now), ends_at);
        let word = store::set_away(
            &self.database,
            tenant,
            &actor,
            &agent,
            period,
            &caller.credential,
        )
        .await?;
        match word.as_str() {
            "SET" | "CLEARED" | "UNCHANGED" => {}
            "AGENT_UNKNOWN" => return Err(Problem::AgentNotFound(agent)),
            "PAST" => return Err(no_period()),
            other => return Err(Problem::defect(&format!("set_away answered {other}"))),
        }
        let read = async {
            let mut reading = self.database.read(tenant).await?;
            store::absences(&mut reading, tenant, Some(&agent)).await
        };
        let absences = read.await.map_err(Problem::after_writing)?;
        Ok(absences.into_iter().next())
    }

    /// Who acts, and for whom: an admin for anybody, everybody else for agents whom their credential covers.
    async fn for_whom(
        &self,
        caller: &Caller,
        named: Option<AgentId>,
    ) -> Result<(AgentId, AgentId), Problem> {
        match named {
            Some(agent) if caller.has(Role::Admin) => Ok((caller.subject.clone(), agent)),
            None if !caller.has(Role::Approver) => Err(Problem::invalid(
                "agent_id",
                Wrong::Required,
                "is needed: whom this concerns",
            )),
            named => {
                let agent = self.authorities.acting(caller, named).await?;
                Ok((agent.clone(), agent))
            }
        }
    }

    async fn delegation(&self, tenant: TenantId, id: DelegationId) -> Result<Delegation, Problem> {
        let mut reading = self.database.read(tenant).await?;
        let found = store::by_id(&mut reading, tenant, id).await?;
        found.ok_or(Problem::DelegationNotFound(id))
    }

    async fn now(&self, tenant: TenantId) -> Result<DateTime<Utc>, Problem> {
        let mut reading = self.database.read(tenant).await?;
        store::now(&mut reading, tenant).await
    }
}

/// Why authority may not be lent like this.
fn refusal(made: Made, delegator: AgentId, lending: Lending) -> Problem {
    let who = made.who.unwrap_or_default();
    let named = |fallback: AgentId| AgentId::new(who.clone()).unwrap_or(fallback);
    let is_delegator = who == delegator.as_str();
    let unfit =
        |field: &str, description: &str| Problem::invalid(field, Wrong::DelegateUnfit, description);
    let who_it_is = if is_delegator {
        "agent_id"
    } else {
        "delegate_id"
    };
    match (made.outcome.as_str(), made.until) {
        ("ID_TAKEN", _) => Problem::DelegationIdReused(lending.id),
        ("AGENT_UNKNOWN", _) => Problem::AgentNotFound(named(lending.delegate)),
        ("AGENT_SUSPENDED", _) if is_delegator => Problem::ApproverSuspended(delegator),
        ("AGENT_SUSPENDED", _) => unfit(
            "delegate_id",
            "giving is stopped for this agent; name another",
        ),
        ("ONESELF", _) => unfit(
            "delegate_id",
            "nobody lends authority to themselves; name somebody else",
        ),
        ("SAME_PERSON", _) => unfit(
            "delegate_id",
            "this is another account of the same person; name somebody else",
        ),
        ("NOT_HUMAN", _) => unfit(
            who_it_is,
            "authority is lent by one person to another; both must be HUMAN",
        ),
        ("PAST", _) => no_period(),
        ("CIRCLE", Some(until)) => Problem::DelegationCircle {
            agent: lending.delegate,
            until,
        },
        ("CHAIN", Some(until)) => Problem::DelegationChain {
            agent: named(lending.delegate),
            until,
        },
        ("KIND_UNKNOWN", _) => Problem::invalid(
            lending.field_of(&who),
            Wrong::KindUnknown,
            format!("the catalog has no kind {who}; ListCatalogItems shows what it has"),
        ),
        ("NO_AUTHORITY", _) if who.is_empty() => Problem::invalid(
            "agent_id",
            Wrong::BeyondAuthority,
            "this agent has no authority that could be lent",
        ),
        ("NO_AUTHORITY", _) => Problem::invalid(
            lending.field_of(&who),
            Wrong::BeyondAuthority,
            format!("{delegator} has no authority over {who}"),
        ),
        ("TOO_MUCH", _) => Problem::Invalid(vec![too_much(made.at_most, &delegator, &lending)]),
        (other, _) => Problem::defect(&format!("delegate answered {other}")),
    }
}

fn too_much(at_most: Option<i64>, delegator: &AgentId, lending: &Lending) -> Violation {
    let currency: Option<Currency> = lending.lent_max.map(Money::currency);
    let description = match (at_most, currency) {
        (Some(at_most), Some(currency)) => format!(
            "{delegator} has {} {currency} per gesture to lend",
            currency.decimal_text(at_most)
        ),
        _ => format!("{delegator} has less than this to lend"),
    };
    Violation::new("lent_max", Wrong::BeyondAuthority, description)
}

fn no_period() -> Problem {
    Problem::invalid(
        "end_time",
        Wrong::OutOfRange,
        "must be in the future, and after the start",
    )
}

fn position(text: &str) -> Result<Position, Problem> {
    let parse = || {
        let (at, id) = text.split_once(' ')?;
        Some(Position {
            ends_at: DateTime::from_timestamp_micros(at.parse().ok()?)?,
            id: DelegationId(Uuid::parse_str(id).ok()?),
        })
    };
    parse().ok_or_else(|| Problem::defect("a page token that we signed cannot be read"))
}
