//! Gestures made by SQL, as many as are wanted, of the true shape. Unchecked: the database is the bench's own.

use anyhow::{Context, Result};
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use super::super::store::{UUID_V7, execute};
use super::super::workload::Shape;
use crate::ids::{GestureId, TenantId};
use crate::vault::{CustomerKey, Personal, Private, SealedPlace};

/// The connection that everything is made on.
pub(super) type Owner = PgConnection;

/// The key of every customer that is made here.
const KEY: [u8; 32] = [7; 32];
/// Gestures of one statement.
const CHUNK: u64 = 50_000;

/// Ids by time, and a place for what is not sealed yet.
pub(super) async fn prepare(owner: &mut PgConnection) -> Result<()> {
    owner.execute(UUID_V7).await?;
    owner
        .execute("create table public.fresh (tenant_id uuid not null, gesture_id uuid not null)")
        .await?;
    Ok(())
}

/// Gestures from one number to another: of a year, most given, some cancelled, one in fifty a question in the inbox of the
/// agent's lead.
pub(super) async fn fill(
    owner: &mut PgConnection,
    shape: &Shape,
    from: u64,
    to: u64,
) -> Result<()> {
    let mut next = from;
    while next < to {
        let until = to.min(next + CHUNK);
        let mut tx = owner.begin().await?;
        for statement in STATEMENTS {
            sqlx::query(statement)
                .bind(i64::try_from(next)?)
                .bind(i64::try_from(until)?)
                .bind(i64::from(shape.agents))
                .bind(i64::from(shape.customers))
                .bind(KEY.as_slice())
                .execute(&mut *tx)
                .await
                .with_context(|| statement.to_owned())?;
        }
        seal(&mut tx).await?;
        tx.commit().await?;
        next = until;
    }
    execute(owner, "vacuum analyze".into()).await
}

/// All take the same five parameters; the first condition of each uses those that it would not need.
const STATEMENTS: [&str; 5] = [
    "insert into largesse.customer_keys (tenant_id, customer_id, key)
     select t.tenant_id, 'customer-' || to_char(n % $4, 'FM000000'), $5
     from generate_series($1, $2 - 1) n cross join largesse.tenants t where $3 > 0
     on conflict do nothing",
    "with wanted as (
        select t.tenant_id, t.configuration_version, n, now() - (n * 31 % 31536000) * interval '1 s' as created_at,
            'agent-' || to_char(n * 7919 % $3, 'FM00000') as agent,
            'customer-' || to_char(n % $4, 'FM000000') as customer, sha256(int8send(n)) as digest,
            case when n % 50 = 7 then 'PENDING_APPROVAL' when n % 100 = 8 then 'CANCELLED' else 'APPROVED' end as state
        from generate_series($1, $2 - 1) n cross join largesse.tenants t where $5::bytea is not null),
     made as (
        insert into largesse.gestures (tenant_id, gesture_id, state, seq, created_at, updated_at, digest_version,
            request_digest, personal_digest, terms_digest, requested_by, kind, amount_minor, currency, customer_id, case_id,
            budget_id, promise_by, authority, decided_at, configuration_version, hold_minor, charged_limits,
            charged_subjects, charged_windows, charged_minor, charged_maxima)
        select tenant_id, public.uuid_v7(created_at), state, 1, created_at, created_at, 1, digest, digest, digest, agent,
            'flowers', 1200, 'EUR', customer, case when n % 3 = 0 then 'case-' || n / 6 end, 'team-0000',
            case when n % 2 = 0 then created_at + interval '5 days' end,
            case when state <> 'PENDING_APPROVAL' then agent end, case when state <> 'PENDING_APPROVAL' then created_at end,
            configuration_version, 1200, '{1000001,3000001,5900001}', array[agent, customer, ''],
            array[current_date, current_date, current_date], '{1200,1200,1200}', '{6000,6000,6000}'
        from wanted
        returning tenant_id, gesture_id),
     fresh as (insert into public.fresh select tenant_id, gesture_id from made)
     select count(*) from made",
    "insert into largesse.events (tenant_id, batch_id, ordinal, gesture_id, seq, type, state, actor, authority, credential_id,
        session_role, session_address, at, configuration_version, amount_minor, terms_digest, sealed_hash, facts, hash)
     select g.tenant_id, g.gesture_id, 1, g.gesture_id, 1,
        case g.state when 'CANCELLED' then 'APPROVED' else g.state end,
        case g.state when 'CANCELLED' then 'APPROVED' else g.state end, g.requested_by, g.authority, 'bench', 'largesse_app',
        '', g.created_at, g.configuration_version, g.amount_minor, g.terms_digest, g.terms_digest,
        case g.state when 'PENDING_APPROVAL' then '{\"reasons\": []}'::json end, g.terms_digest
     from public.fresh f join largesse.gestures g using (tenant_id, gesture_id)
     where $1 < $2 and $3 + $4 > 0 and $5::bytea is not null",
    "with numbered as (
        insert into largesse.batches (tenant_id, batch_no, batch_id, head, at)
        select f.tenant_id, h.batch_no + row_number() over (partition by f.tenant_id order by f.gesture_id), f.gesture_id,
            sha256(uuid_send(f.gesture_id)), now()
        from public.fresh f join largesse.heads h using (tenant_id)
        where $1 < $2 and $3 + $4 > 0 and $5::bytea is not null
        returning tenant_id, batch_no)
     update largesse.heads h
     set batch_no = n.last
     from (select tenant_id, max(batch_no) as last from numbered group by 1) n
     where n.tenant_id = h.tenant_id",
    "with questions as (
        insert into largesse.approvals (tenant_id, gesture_id, purpose, opened_at, opened_seq, step, expires_at)
        select g.tenant_id, g.gesture_id, 'DECISION', now(), 1, 1, now() + interval '30 days'
        from public.fresh f join largesse.gestures g using (tenant_id, gesture_id)
        where g.state = 'PENDING_APPROVAL' and $1 < $2 and $3 + $4 > 0 and $5::bytea is not null)
     insert into largesse.asks (tenant_id, gesture_id, agent_id, opened_seq, how, asked_at, answer_by)
     select g.tenant_id, g.gesture_id, a.manager_id, 1, 'LINE', now(), now() + interval '1 day'
     from public.fresh f join largesse.gestures g using (tenant_id, gesture_id)
     join largesse.agents a on a.tenant_id = g.tenant_id and a.agent_id = g.requested_by
     where g.state = 'PENDING_APPROVAL'",
];

/// Seals the personal part of what is fresh, so that it opens for those who may see it.
async fn seal(tx: &mut PgConnection) -> Result<()> {
    let fresh: Vec<(Uuid, Uuid)> =
        sqlx::query_as("delete from public.fresh returning tenant_id, gesture_id")
            .fetch_all(&mut *tx)
            .await?;
    let key = CustomerKey::new(&KEY).context("a key has 32 bytes")?;
    let personal = Personal {
        reason: Private::new(
            "Her mother has died; the shoes go back by courier, and we send flowers.",
        ),
        message: Private::new("With our condolences. Your customer care."),
        recipient: None,
    };
    let text = serde_json::to_vec(&personal)?;
    let (mut tenants, mut gestures, mut sealed) = (Vec::new(), Vec::new(), Vec::new());
    for (tenant, gesture) in fresh {
        let place = SealedPlace {
            tenant: TenantId(tenant),
            gesture: GestureId(gesture),
            seq: 1,
        };
        tenants.push(tenant);
        gestures.push(gesture);
        sealed.push(key.seal(&place, &text).context("sealing failed")?);
    }
    sqlx::query(
        "insert into largesse.personal (tenant_id, gesture_id, seq, sealed)
         select t, g, 1, s from unnest($1::uuid[], $2::uuid[], $3::bytea[]) u (t, g, s)",
    )
    .bind(tenants)
    .bind(gestures)
    .bind(sealed)
    .execute(tx)
    .await?;
    Ok(())
}

/// Ids of gestures here and there.
pub(super) async fn some_ids(owner: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "select gesture_id::text from largesse.gestures tablesample system (5) repeatable (1) limit 500",
    )
    .fetch_all(owner)
    .await?)
}

/// From now on sessions on this database write the plan of each statement to the server's log.
pub(super) async fn tell_plans(owner: &mut PgConnection, database: &str) -> Result<()> {
    for setting in [
        "session_preload_libraries = auto_explain",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_analyze = on",
        "auto_explain.log_buffers = on",
        "log_min_messages = log",
        "log_error_verbosity = default",
    ] {
        execute(owner, format!("alter database {database} set {setting}")).await?;
    }
    Ok(())
}
