//! The statements of the floors. Unchecked: the database is the bench's own.

use anyhow::Result;
use sqlx::{Executor, PgConnection};

/// A table for tiny rows, and ids as clients make them: by time (UUIDv7).
pub(super) async fn prepare(owner: &mut PgConnection) -> Result<()> {
    owner
        .execute("create table public.tiny (n int not null)")
        .await?;
    owner.execute(super::super::store::UUID_V7).await?;
    Ok(())
}

/// All rows of so many decisions, three counters each, in one statement and one commit: gesture, event, personal part,
/// customer's key, task, and a sealed batch for all of them. (A decision also updates counters, which is no insert; here the agent's
/// and the customer's are new rows.)
pub(super) async fn insert(owner: &mut PgConnection, rows: u32) -> Result<u64> {
    sqlx::query(
        "with wanted as materialized (
            select t.tenant_id, public.uuid_v7() as id, sha256(int4send(n)) as digest,
                'agent-' || to_char(n % 10000, 'FM00000') as agent, 'customer-' || gen_random_uuid() as customer, n
            from generate_series(1, $1) n
            cross join (select tenant_id from largesse.tenants order by tenant_id limit 1) t),
         batch as (
            insert into largesse.batches (tenant_id, batch_no, batch_id, head, at)
            select tenant_id, (random() * 9e18)::bigint, public.uuid_v7(), digest, now() from wanted limit 1
            returning batch_id),
         gestures as (
            insert into largesse.gestures (tenant_id, gesture_id, state, seq, created_at, updated_at, digest_version,
                request_digest, personal_digest, terms_digest, requested_by, kind, amount_minor, currency, customer_id,
                budget_id, authority, decided_at, configuration_version, hold_minor, charged_limits, charged_subjects,
                charged_windows, charged_minor, charged_maxima)
            select tenant_id, id, 'APPROVED', 1, now(), now(), 1, digest, digest, digest, agent, 'flowers', 1200, 'EUR',
                customer, 'team-0000', agent, now(), 1, 1200, '{1000001,3000001,5900001}', array[agent, customer, ''],
                array[current_date, current_date, current_date], '{1200,1200,1200}', '{6000,6000,6000}'
            from wanted),
         events as (
            insert into largesse.events (tenant_id, batch_id, ordinal, gesture_id, seq, type, state, actor, authority,
                credential_id, session_role, session_address, at, configuration_version, amount_minor, terms_digest,
                sealed_hash, hash)
            select tenant_id, batch_id, n, id, 1, 'APPROVED', 'APPROVED', agent, agent, 'bench-' || agent, current_user, '',
                now(), 1, 1200, digest, digest, digest
            from wanted, batch),
         personal as (
            insert into largesse.personal (tenant_id, gesture_id, seq, sealed)
            select tenant_id, id, 1, decode(repeat(encode(digest, 'hex'), 10), 'hex') from wanted),
         keys as (
            insert into largesse.customer_keys (tenant_id, customer_id, key) select tenant_id, customer, digest from wanted),
         counters as (
            insert into largesse.counters (tenant_id, limit_id, subject, window_on, held_minor, used_count, ceiling_minor,
                ceiling_count)
            select tenant_id, 3000001, customer, current_date, 1200, 1, 6000, 100 from wanted)
         insert into largesse.tasks (tenant_id, gesture_id, channel, ready_at)
         select tenant_id, id, 'florist', now() from wanted",
    )
    .bind(i32::try_from(rows)?)
    .execute(owner)
    .await?;
    Ok(u64::from(rows))
}

/// One tiny row, committed by itself.
pub(super) async fn commit(owner: &mut PgConnection) -> Result<u64> {
    sqlx::query("insert into public.tiny (n) values (1)")
        .execute(owner)
        .await?;
    Ok(1)
}
