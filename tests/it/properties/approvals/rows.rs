//! Where everything stands in Postgres, a line each, worded as `model/rows.rs` words it.

use std::collections::BTreeMap;

use sqlx::{PgConnection, Row};

use super::super::model::Key;
use super::super::model::calendar::Window;

const ROWS: &str = r#"
with instant as (select 'YYYY-MM-DD"T"HH24:MI:SS' f)
select format('%s is %s, etag %s of %s, %s by %s in %s, promised %s, glass %s', g.gesture_id, g.state, g.etag, g.seq,
    g.amount_minor, coalesce(g.decided_by, '-'), coalesce(g.authority, '-'),
    coalesce(to_char(g.promise_by at time zone 'UTC', f), '-'), g.is_glass::text)
from largesse.gestures g, instant
union all
select format('%s question %s, open %s, step %s, ends %s, first %s', a.gesture_id, a.purpose, (a.closed_at is null)::text,
    a.step, coalesce(to_char(a.expires_at at time zone 'UTC', f), '-'),
    coalesce(a.first_minor || ' ' || coalesce(to_char(a.first_promise_by at time zone 'UTC', f), '-') || ' ' || (
        select string_agg(distinct p, ' ' order by p) from unnest(a.first_person_ids) p), '-'))
from largesse.approvals a, instant
union all
select format('%s asked %s %s, open %s, at %s, until %s', a.gesture_id, a.agent_id, a.how, (a.closed_at is null)::text,
    to_char(a.asked_at at time zone 'UTC', f), to_char(a.answer_by at time zone 'UTC', f))
from largesse.asks a, instant
union all
select format('%s due %s', t.gesture_id, to_char(t.due_at at time zone 'UTC', f)) from largesse.timers t, instant
where t.purpose = 'APPROVAL'
union all
select format('lent %s %s to %s, %s to %s', d.delegation_id, d.delegator_id, d.delegate_id,
    to_char(d.starts_at at time zone 'UTC', f), to_char(d.ends_at at time zone 'UTC', f))
from largesse.delegations d, instant
union all
select format('away %s, %s to %s', b.agent_id, to_char(b.away_from at time zone 'UTC', f),
    to_char(b.away_until at time zone 'UTC', f))
from largesse.absences b, instant
union all
select format('waits %s [%s]', w.agent_id, array_to_string(w.waits_s, ', ')) from largesse.approver_waits w
"#;

pub async fn rows(superuser: &mut PgConnection) -> Vec<String> {
    let mut rows: Vec<String> = sqlx::query_scalar(ROWS).fetch_all(superuser).await.unwrap();
    rows.sort();
    rows
}

/// What is used of every counter that says anything.
pub async fn used(superuser: &mut PgConnection) -> BTreeMap<Key, (i64, i32)> {
    let rows = sqlx::query(
        "select l.name, l.subject, l.span, l.currency, k.subject whose, nullif(k.window_on, '-infinity') window_on,
            k.held_minor + k.captured_minor used, k.used_count
         from largesse.counters k
         join largesse.limits l on l.tenant_id = k.tenant_id and l.limit_id = k.limit_id
         where k.held_minor + k.captured_minor <> 0 or k.used_count <> 0",
    )
    .fetch_all(superuser)
    .await
    .unwrap();
    rows.iter()
        .map(|row| {
            let key = (
                row.get("name"),
                row.get("subject"),
                row.get("span"),
                row.get("currency"),
                row.get("whose"),
                Window(row.get("window_on")),
            );
            (key, (row.get("used"), row.get("used_count")))
        })
        .collect()
}
