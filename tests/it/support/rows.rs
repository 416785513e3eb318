//! How much is written down, and what: for tests that something was not.

use std::collections::BTreeMap;

use sqlx::PgConnection;

/// How many rows each table has.
pub type Rows = BTreeMap<String, i64>;

/// How many rows each table has. Keys of customers are left out: a key is made before the first gesture is admitted, and
/// stays where the gesture then was refused.
pub async fn rows(superuser: &mut PgConnection) -> Rows {
    let counted: Vec<(String, i64)> = sqlx::query_as(
        "select c.relname::text, (xpath('/row/n/text()', query_to_xml(
             format('select count(*) n from largesse.%I', c.relname), false, true, '')))[1]::text::bigint
         from pg_class c
         where c.relnamespace = 'largesse'::regnamespace and c.relkind = 'r' and c.relname <> 'customer_keys'",
    )
    .fetch_all(superuser)
    .await
    .unwrap();
    counted.into_iter().collect()
}

/// Every row of every table as text.
pub async fn dump(superuser: &mut PgConnection) -> String {
    let tables: Vec<(String,)> = sqlx::query_as(
        "select query_to_xml(format('select t::text from largesse.%I t', c.relname), false, true, '')::text
         from pg_class c
         where c.relnamespace = 'largesse'::regnamespace and c.relkind = 'r'",
    )
    .fetch_all(superuser)
    .await
    .unwrap();
    tables.into_iter().map(|(text,)| text).collect()
}
