//! A clock that tests move. It replaces the kernel's only source of time, as the owner, in a template of its own; the
//! service has no knob that could.

use chrono::{DateTime, Utc};
use sqlx::{Executor, PgConnection};

/// Replaces `largesse.now()` by a function that reads a table.
pub async fn install(connection: &mut PgConnection) {
    connection
        .execute(
            "set role largesse_owner;
             create table largesse.hands (at timestamptz);
             create or replace function largesse.now() returns timestamptz
             language plpgsql volatile as $$
             begin
                 return coalesce((select h.at from largesse.hands h), clock_timestamp());
             end $$;
             reset role;",
        )
        .await
        .unwrap();
}

/// It is this instant from now on, and stays so. Only in a world with a movable clock.
pub async fn set(connection: &mut PgConnection, at: DateTime<Utc>) {
    // In one statement: between two of them it would be the machine's time, and a timer might be looked at just then.
    sqlx::query("with gone as (delete from largesse.hands) insert into largesse.hands values ($1)")
        .bind(at)
        .execute(connection)
        .await
        .unwrap();
}
