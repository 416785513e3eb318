//! Every statement about personal data.

use sqlx::query_as;
use uuid::Uuid;

use super::CustomerKey;
use crate::ids::{GestureId, TenantId};
use crate::postgres::{Database, Failure, Reading};
use crate::problem::Problem;

/// A sealed row and the key that opens it.
pub(super) struct SealedRow {
    pub gesture_id: Uuid,
    pub seq: i32,
    pub sealed: Vec<u8>,
    pub key: Vec<u8>,
}

/// The customers' keys, in their order: those kept, else these fresh ones, kept from now on.
pub(super) async fn customer_keys(
    database: &Database,
    tenant: TenantId,
    customers: Vec<String>,
    fresh: Vec<Vec<u8>>,
) -> Result<Vec<CustomerKey>, Failure> {
    let asked = std::sync::Arc::new((customers, fresh));
    let kept = database
        .write("customer_keys", move |connection| {
            let asked = asked.clone();
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- vault::customer_keys
                    select largesse.customer_keys($1, $2, $3) as "keys!""#,
                    tenant.0,
                    &asked.0,
                    &asked.1
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    kept.iter()
        .map(|key| CustomerKey::new(key).ok_or(Failure::Defect("a key is not 32 bytes".into())))
        .collect()
}

/// What was said with the terms in force of each gesture.
pub(super) async fn sealed_with_terms(
    reading: &mut Reading,
    tenant: TenantId,
    gestures: Vec<GestureId>,
) -> Result<Vec<SealedRow>, Problem> {
    let ids: Vec<Uuid> = gestures.into_iter().map(|gesture| gesture.0).collect();
    let rows = query_as!(
        SealedRow,
        r#"-- vault::sealed_with_terms
        select gesture_id as "gesture_id!", seq as "seq!", sealed as "sealed!", key as "key!"
        from largesse.sealed_of($1, $2)"#,
        tenant.0,
        &ids
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(rows)
}

/// What was said with these events.
pub(super) async fn sealed_with_events(
    reading: &mut Reading,
    tenant: TenantId,
    events: Vec<(GestureId, i32)>,
) -> Result<Vec<SealedRow>, Problem> {
    let (ids, seqs): (Vec<Uuid>, Vec<i32>) = events
        .into_iter()
        .map(|(gesture, seq)| (gesture.0, seq))
        .unzip();
    let rows = query_as!(
        SealedRow,
        r#"-- vault::sealed_with_events
        select p.gesture_id, p.seq, p.sealed, k.key
        from unnest($2::uuid[], $3::int[]) w (gesture_id, seq)
        join largesse.personal p
            on p.tenant_id = $1 and p.gesture_id = w.gesture_id and p.seq = w.seq
        join largesse.gestures g on g.tenant_id = p.tenant_id and g.gesture_id = p.gesture_id
        join largesse.customer_keys k on k.tenant_id = g.tenant_id and k.customer_id = g.customer_id"#,
        tenant.0,
        &ids,
        &seqs
    )
    .fetch_all(&mut **reading)
    .await
    .map_err(|error| reading.failed(error))?;
    Ok(rows)
}
