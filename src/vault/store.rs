//! Every statement about personal data.

use sqlx::query_as;
use uuid::Uuid;

use super::CustomerKey;
use crate::ids::{CustomerId, GestureId, TenantId};
use crate::postgres::Database;
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

/// What was said with the first event of each gesture.
pub(super) async fn sealed_of(
    database: &Database,
    tenant: TenantId,
    gestures: Vec<GestureId>,
) -> Result<Vec<SealedRow>, Problem> {
    let ids: Vec<Uuid> = gestures.into_iter().map(|gesture| gesture.0).collect();
    let mut reading = database.read(tenant).await?;
    let rows = query_as!(
            SealedRow,
            r#"-- vault::sealed_of
            select p.gesture_id, p.seq, p.sealed, k.key
            from largesse.personal p
            join largesse.gestures g on g.tenant_id = p.tenant_id and g.gesture_id = p.gesture_id
            join largesse.customer_keys k on k.tenant_id = g.tenant_id and k.customer_id = g.customer_id
            where p.tenant_id = $1 and p.gesture_id = any ($2) and p.seq = 1"#,
            tenant.0,
            &ids
        )
        .fetch_all(&mut *reading)
        .await?;
    Ok(rows)
}
