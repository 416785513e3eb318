//! Every statement about personal data.

use sqlx::query_as;
use uuid::Uuid;

use super::CustomerKey;
use crate::ids::{CustomerId, GestureId, TenantId};
use crate::postgres::{Database, Reading};
use crate::problem::Problem;

/// A sealed row and the key that opens it.
pub(super) struct SealedRow {
    pub gesture_id: Uuid,
    pub seq: i32,
    pub sealed: Vec<u8>,
    pub key: Vec<u8>,
}

/// The customer's key: the one kept, else this fresh one, kept from now on.
pub(super) async fn customer_key(
    database: &Database,
    tenant: TenantId,
    customer: &CustomerId,
    fresh: &[u8; 32],
) -> Result<CustomerKey, Problem> {
    let (customer, fresh) = (customer.as_str().to_owned(), fresh.to_vec());
    let kept = database
        .write("customer_key", move |connection| {
            let (customer, fresh) = (customer.clone(), fresh.clone());
            Box::pin(async move {
                sqlx::query_scalar!(
                    r#"-- vault::customer_key
                    select largesse.customer_key($1, $2, $3) as "key!""#,
                    tenant.0,
                    customer,
                    fresh
                )
                .fetch_one(connection)
                .await
            })
        })
        .await?;
    CustomerKey::new(&kept).ok_or_else(|| Problem::defect("a customer's key is not 32 bytes"))
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
        select p.gesture_id, p.seq, p.sealed, k.key
        from largesse.gestures g
        join largesse.personal p
            on p.tenant_id = g.tenant_id and p.gesture_id = g.gesture_id and p.seq = g.terms_seq
        join largesse.customer_keys k on k.tenant_id = g.tenant_id and k.customer_id = g.customer_id
        where g.tenant_id = $1 and g.gesture_id = any ($2)"#,
        tenant.0,
        &ids
    )
    .fetch_all(&mut **reading)
    .await?;
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
    .await?;
    Ok(rows)
}
