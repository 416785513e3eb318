//! The transaction, statement by statement.
//!
//! Unchecked, unlike those of the service: this stands for what others would write.

use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Acquire, ConnectOptions, FromRow, PgConnection, PgPool};
use uuid::Uuid;

use super::{Asked, Written, state, terms_digest};
use crate::admission::Outcome;
use crate::postgres::Failure;
use crate::problem::Problem;
use crate::trail::hash::sha256;
use crate::vault::{CustomerKey, SealedPlace};

/// Connections of one process.
const CONNECTIONS: u32 = 32;
/// How often a transaction is tried that lost a deadlock.
const TRIES_MAX: u32 = 5;

/// The tables, as their owner.
#[derive(Debug, Clone)]
pub struct Ledger {
    pool: PgPool,
}

/// The agent, and what is to be given.
#[derive(FromRow)]
struct Agent {
    authority_id: i32,
    is_active: bool,
    budget_id: String,
    configuration_version: i32,
    is_offered: bool,
    channel: String,
    min_minor: i64,
    max_minor: i64,
    recipient_fields: Vec<String>,
}

/// A limit that the request meets. Without a window it is a limit per gesture, which counts nothing.
#[derive(FromRow)]
struct Limit {
    limit_id: i32,
    subject: String,
    max_minor: i64,
    max_count: i32,
    window_on: Option<String>,
}

/// A counter, locked.
#[derive(FromRow)]
struct Counter {
    used_minor: i64,
    used_count: i32,
    max_minor: i64,
    max_count: i32,
}

/// The limits that count, as arrays.
#[derive(Default)]
struct Counted {
    limits: Vec<i32>,
    subjects: Vec<String>,
    windows: Vec<String>,
    maxima: Vec<i64>,
    counts: Vec<i32>,
}

impl Ledger {
    /// A pool as the owner of the tables.
    ///
    /// # Errors
    /// The URL is none.
    pub fn open(owner_url: &str) -> Result<Self> {
        let options: PgConnectOptions = owner_url
            .parse()
            .context("the owner's URL cannot be read")?;
        let options = options.disable_statement_logging().options([
            ("role", "largesse_owner"),
            ("search_path", "largesse"),
            ("lock_timeout", "10s"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(Duration::from_secs(10));
        Ok(Self {
            pool: pool.connect_lazy_with(options),
        })
    }

    /// Decides and writes, or answers what was written before. On a task of its own, so that a caller who goes away leaves no
    /// transaction open.
    pub(super) async fn write(&self, asked: Asked) -> Result<Written, Problem> {
        let pool = self.pool.clone();
        let running = tokio::spawn(async move {
            let mut tries = 0;
            loop {
                tries += 1;
                let mut connection = pool.acquire().await.map_err(Failure::of_acquiring)?;
                match transaction(&mut connection, &asked).await {
                    Err(Broken::Sql(error)) => match Failure::of_writing(error) {
                        Failure::RunAgain if tries < TRIES_MAX => {}
                        failure => return Err(failure.into()),
                    },
                    Err(Broken::Problem(problem)) => return Err(problem),
                    Ok(written) => return Ok(written),
                }
            }
        });
        running
            .await
            .unwrap_or_else(|_| Err(Problem::defect("the transaction's task is gone")))
    }
}

/// Why there is nothing written.
enum Broken {
    Sql(sqlx::Error),
    Problem(Problem),
}

impl From<sqlx::Error> for Broken {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

async fn transaction(connection: &mut PgConnection, asked: &Asked) -> Result<Written, Broken> {
    let mut tx = connection.begin().await?;
    if let Some(written) = known(&mut tx, asked).await? {
        return Ok(written);
    }
    let agent = agent(&mut tx, asked).await?;
    let limits = limits(&mut tx, asked, &agent).await?;
    let key = customer_key(&mut tx, asked).await?;
    let (digest, sealed) =
        seal(asked, &key).ok_or_else(|| Broken::Problem(Problem::defect("sealing failed")))?;
    let minor = asked.terms.amount.minor();
    let is_alone = limits
        .iter()
        .all(|limit| limit.window_on.is_some() || minor <= limit.max_minor);
    let counted = counted(&limits);
    let has_room = is_alone && lock_counters(&mut tx, asked, &counted).await?;
    if has_room {
        charge(&mut tx, asked, &counted).await?;
    }
    let outcome = if has_room {
        Outcome::Approved
    } else {
        Outcome::Declined
    };
    let written = Written {
        outcome,
        replayed: false,
        configuration_version: agent.configuration_version,
        terms_digest: terms_digest(&asked.digest, &digest),
    };
    insert_gesture(&mut tx, asked, &agent, &counted, &digest, &written).await?;
    insert_event(&mut tx, asked, &written, &sha256(&sealed)).await?;
    insert_personal(&mut tx, asked, &sealed).await?;
    if has_room {
        insert_task(&mut tx, asked, &agent.channel).await?;
    }
    tx.commit().await?;
    Ok(written)
}

/// A request that is known is answered as it was the first time.
async fn known(tx: &mut PgConnection, asked: &Asked) -> Result<Option<Written>, Broken> {
    let row: Option<(String, Vec<u8>, Vec<u8>, i32)> = sqlx::query_as(
        "select state, request_digest, terms_digest, configuration_version from gestures
         where tenant_id = $1 and gesture_id = $2",
    )
    .bind(asked.tenant.0)
    .bind(asked.id.0)
    .fetch_optional(tx)
    .await?;
    let Some((state, digest, terms_digest, configuration_version)) = row else {
        return Ok(None);
    };
    if digest != asked.digest {
        return Err(Broken::Problem(Problem::RequestIdReused(asked.id)));
    }
    let outcome = if state == "DECLINED" {
        Outcome::Declined
    } else {
        Outcome::Approved
    };
    Ok(Some(Written {
        outcome,
        replayed: true,
        configuration_version,
        terms_digest,
    }))
}

async fn agent(tx: &mut PgConnection, asked: &Asked) -> Result<Agent, Broken> {
    let agent: Option<Agent> = sqlx::query_as(
        "select a.authority_id, a.is_active, a.budget_id, t.configuration_version, c.is_offered, c.channel, c.min_minor,
            c.max_minor, c.recipient_fields
         from agents a
         join tenants t on t.tenant_id = a.tenant_id
         join catalog_items c on c.tenant_id = a.tenant_id and c.kind = $3 and c.currency = $4
         where a.tenant_id = $1 and a.agent_id = $2",
    )
    .bind(asked.tenant.0)
    .bind(asked.agent.as_str())
    .bind(&asked.terms.kind)
    .bind(asked.terms.amount.currency().code())
    .fetch_optional(tx)
    .await?;
    let unknown = || Broken::Problem(Problem::AgentUnknown(asked.agent.clone()));
    let agent = agent.filter(|agent| agent.is_active).ok_or_else(unknown)?;
    let minor = asked.terms.amount.minor();
    let there = asked.personal.recipient_fields();
    let is_whole = agent
        .recipient_fields
        .iter()
        .all(|field| there.split(' ').any(|one| one == field));
    if !agent.is_offered || !(agent.min_minor..=agent.max_minor).contains(&minor) || !is_whole {
        return Err(Broken::Problem(Problem::defect("no load asks for this")));
    }
    Ok(agent)
}

/// In the order of their ids, in which their counters are locked.
async fn limits(tx: &mut PgConnection, asked: &Asked, agent: &Agent) -> Result<Vec<Limit>, Broken> {
    Ok(sqlx::query_as(
        "select l.limit_id,
            case l.subject when 'AGENT' then $3 when 'CUSTOMER' then $4 when 'AGENT_AND_CUSTOMER' then $3 || ' ' || $4
                else '' end as subject,
            coalesce(m.max_minor, l.hard_minor) as max_minor, coalesce(m.max_count, l.hard_count) as max_count,
            case l.span when 'GESTURE' then null when 'EVER' then '-infinity'
                else date_trunc(l.span, now() at time zone t.time_zone)::date::text end as window_on
         from limits l
         join tenants t on t.tenant_id = l.tenant_id
         left join maxima m on m.tenant_id = l.tenant_id and m.authority_id = $2 and m.kind = $5
            and m.limit_id = l.limit_id
         where l.tenant_id = $1 and l.currency = $6
            and l.limit_id in (
                select x.limit_id from maxima x where x.tenant_id = $1 and x.authority_id = $2 and x.kind = $5
                union all
                select p.limit_id from budget_paths p where p.tenant_id = $1 and p.budget_id = $7)
         order by l.limit_id",
    )
    .bind(asked.tenant.0)
    .bind(agent.authority_id)
    .bind(asked.agent.as_str())
    .bind(asked.terms.customer.as_str())
    .bind(&asked.terms.kind)
    .bind(asked.terms.amount.currency().code())
    .bind(budget(asked, agent))
    .fetch_all(tx)
    .await?)
}

fn budget<'a>(asked: &'a Asked, agent: &'a Agent) -> &'a str {
    asked.terms.budget.as_deref().unwrap_or(&agent.budget_id)
}

fn counted(limits: &[Limit]) -> Counted {
    let mut counted = Counted::default();
    for limit in limits {
        if let Some(window) = &limit.window_on {
            counted.limits.push(limit.limit_id);
            counted.subjects.push(limit.subject.clone());
            counted.windows.push(window.clone());
            counted.maxima.push(limit.max_minor);
            counted.counts.push(limit.max_count);
        }
    }
    counted
}

async fn customer_key(tx: &mut PgConnection, asked: &Asked) -> Result<Vec<u8>, Broken> {
    let made: Option<Vec<u8>> = sqlx::query_scalar(
        "insert into customer_keys (tenant_id, customer_id, key) values ($1, $2, $3) on conflict do nothing returning key",
    )
    .bind(asked.tenant.0)
    .bind(asked.terms.customer.as_str())
    .bind(&asked.fresh_key)
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(key) = made {
        return Ok(key);
    }
    Ok(sqlx::query_scalar(
        "select key from customer_keys where tenant_id = $1 and customer_id = $2",
    )
    .bind(asked.tenant.0)
    .bind(asked.terms.customer.as_str())
    .fetch_one(tx)
    .await?)
}

/// Digest and ciphertext of the personal part.
fn seal(asked: &Asked, key: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let key = CustomerKey::new(key)?;
    let text = serde_json::to_vec(&asked.personal).ok()?;
    let place = SealedPlace {
        tenant: asked.tenant,
        gesture: asked.id,
        seq: 1,
    };
    Some((key.digest(&text), key.seal(&place, &text)?))
}

/// Makes counters that are missing, locks all of them in one order, and says whether each has room.
async fn lock_counters(
    tx: &mut PgConnection,
    asked: &Asked,
    counted: &Counted,
) -> Result<bool, Broken> {
    sqlx::query(
        "insert into counters (tenant_id, limit_id, subject, window_on, held_minor, used_count, ceiling_minor, ceiling_count)
         select $1, c.limit_id, c.subject, c.window_on::date, 0, 0, 0, 0
         from unnest($2::int[], $3::text[], $4::text[]) c (limit_id, subject, window_on)
         order by c.limit_id
         on conflict do nothing",
    )
    .bind(asked.tenant.0)
    .bind(&counted.limits)
    .bind(&counted.subjects)
    .bind(&counted.windows)
    .execute(&mut *tx)
    .await?;
    let locked: Vec<Counter> = sqlx::query_as(
        "select k.held_minor + k.captured_minor as used_minor, k.used_count, c.max_minor, c.max_count
         from unnest($2::int[], $3::text[], $4::text[], $5::bigint[], $6::int[])
            c (limit_id, subject, window_on, max_minor, max_count)
         join counters k on k.tenant_id = $1 and k.limit_id = c.limit_id and k.subject = c.subject
            and k.window_on = c.window_on::date
         order by c.limit_id
         for update of k",
    )
    .bind(asked.tenant.0)
    .bind(&counted.limits)
    .bind(&counted.subjects)
    .bind(&counted.windows)
    .bind(&counted.maxima)
    .bind(&counted.counts)
    .fetch_all(tx)
    .await?;
    let minor = asked.terms.amount.minor();
    let has_room = |counter: &Counter| {
        counter.used_minor + minor <= counter.max_minor && counter.used_count < counter.max_count
    };
    Ok(locked.len() == counted.limits.len() && locked.iter().all(has_room))
}

async fn charge(tx: &mut PgConnection, asked: &Asked, counted: &Counted) -> Result<(), Broken> {
    sqlx::query(
        "update counters k set held_minor = k.held_minor + $5, used_count = k.used_count + 1, ceiling_minor = c.max_minor,
            ceiling_count = c.max_count
         from unnest($2::int[], $3::text[], $4::text[], $6::bigint[], $7::int[])
            c (limit_id, subject, window_on, max_minor, max_count)
         where k.tenant_id = $1 and k.limit_id = c.limit_id and k.subject = c.subject and k.window_on = c.window_on::date",
    )
    .bind(asked.tenant.0)
    .bind(&counted.limits)
    .bind(&counted.subjects)
    .bind(&counted.windows)
    .bind(asked.terms.amount.minor())
    .bind(&counted.maxima)
    .bind(&counted.counts)
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_gesture(
    tx: &mut PgConnection,
    asked: &Asked,
    agent: &Agent,
    counted: &Counted,
    personal_digest: &[u8],
    written: &Written,
) -> Result<(), Broken> {
    let is_given = written.outcome == Outcome::Approved;
    let minor = asked.terms.amount.minor();
    sqlx::query(
        "insert into gestures (tenant_id, gesture_id, state, seq, created_at, updated_at, digest_version, request_digest,
            personal_digest, terms_digest, requested_by, kind, amount_minor, currency, customer_id, budget_id, authority,
            decided_at, configuration_version, hold_minor, charged_limits, charged_subjects, charged_windows, charged_minor,
            charged_maxima)
         values ($1, $2, $3, 1, now(), now(), 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $7, now(), $13, $14, $15, $16,
            $17::text[]::date[], $18, $19)",
    )
    .bind(asked.tenant.0)
    .bind(asked.id.0)
    .bind(state(written.outcome))
    .bind(&asked.digest)
    .bind(personal_digest)
    .bind(&written.terms_digest)
    .bind(asked.agent.as_str())
    .bind(&asked.terms.kind)
    .bind(minor)
    .bind(asked.terms.amount.currency().code())
    .bind(asked.terms.customer.as_str())
    .bind(budget(asked, agent))
    .bind(written.configuration_version)
    .bind(is_given.then_some(minor))
    .bind(is_given.then_some(&counted.limits))
    .bind(is_given.then_some(&counted.subjects))
    .bind(is_given.then_some(&counted.windows))
    .bind(is_given.then(|| vec![minor; counted.limits.len()]))
    .bind(is_given.then_some(&counted.maxima))
    .execute(tx)
    .await?;
    Ok(())
}

/// Without a hash: most logs have none.
async fn insert_event(
    tx: &mut PgConnection,
    asked: &Asked,
    written: &Written,
    sealed_hash: &[u8],
) -> Result<(), Broken> {
    sqlx::query(
        "insert into events (tenant_id, batch_id, ordinal, gesture_id, seq, type, state, actor, authority, credential_id,
            session_role, session_address, at, configuration_version, amount_minor, terms_digest, sealed_hash, hash)
         values ($1, $2, 1, $3, 1, $4, $4, $5, $5, $6, current_user, '', now(), $7, $8, $9, $10, '')",
    )
    .bind(asked.tenant.0)
    .bind(Uuid::now_v7())
    .bind(asked.id.0)
    .bind(state(written.outcome))
    .bind(asked.agent.as_str())
    .bind(&asked.credential)
    .bind(written.configuration_version)
    .bind(asked.terms.amount.minor())
    .bind(&written.terms_digest)
    .bind(sealed_hash)
    .execute(tx)
    .await?;
    Ok(())
}

async fn insert_personal(
    tx: &mut PgConnection,
    asked: &Asked,
    sealed: &[u8],
) -> Result<(), Broken> {
    sqlx::query("insert into personal (tenant_id, gesture_id, seq, sealed) values ($1, $2, 1, $3)")
        .bind(asked.tenant.0)
        .bind(asked.id.0)
        .bind(sealed)
        .execute(tx)
        .await?;
    Ok(())
}

async fn insert_task(tx: &mut PgConnection, asked: &Asked, channel: &str) -> Result<(), Broken> {
    sqlx::query(
        "insert into tasks (tenant_id, gesture_id, channel, ready_at) values ($1, $2, $3, now())",
    )
    .bind(asked.tenant.0)
    .bind(asked.id.0)
    .bind(channel)
    .execute(tx)
    .await?;
    Ok(())
}
