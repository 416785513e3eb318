//! Attacks with the service's own database credentials and plain SQL: whoever has them can ask, and speak in another
//! agent's name, and the trail shows it. They cannot pass a limit, skip a rule or rewrite what happened.
//!
//! | file | what is tried |
//! |---|---|
//! | `overspend`, `giving_back` | more than the limits allow, by every means that SQL has |
//! | `rewrite` | writing tables, whatever the statement; inner functions |
//! | `disguise` | temporary tables, search paths, settings, roles, session facts |
//! | `escape` | making things: objects, files, programs, large objects |
//! | `malformed`, `nonsense` | what no entrance can take |
//! | `documents` | what is no configuration |
//! | `tenants` | another tenant's rows, with and without naming it |
//! | `approvals` | answering what one may not, see there |
//! | `denial` | what holding locks can do, which is to delay |
//! | `rights` | everything that the role may do, compared with what is expected |

mod approvals;
mod currencies;
mod denial;
mod disguise;
mod documents;
mod escape;
mod giving_back;
mod malformed;
mod nonsense;
mod overspend;
mod rewrite;
mod rights;
mod tenants;

use sqlx::{AssertSqlSafe, Executor, PgConnection};
use uuid::Uuid;

use crate::support::kernel::{self, Asked, sqlstate};
use crate::support::{World, assert_at_rest};

/// Insufficient privilege.
const FORBIDDEN: &str = "42501";
/// A malformed call.
const MALFORMED: &str = "LG400";

/// The demo, as an attacker with the service's credentials finds it: one gesture was given, one waits.
struct Attack {
    world: World,
    /// The attacker's session.
    app: PgConnection,
    tenant: Uuid,
    given: Asked,
    untouched: String,
}

impl Attack {
    async fn begin() -> Self {
        let world = World::demo().await;
        let mut app = world.sql_as_app().await;
        let tenant = kernel::tenant_of(&mut app, &world.tenant).await;
        let given = Asked::of("fl-101", "flowers", "ida", 4500);
        let waits = Asked::of("fl-101", "gift-basket", "jo", 7000);
        let batch = [given.clone(), waits.clone()];
        kernel::admit(&mut app, tenant, &batch).await.unwrap();
        // Asked at once, so that no timer asks somebody in the middle of an attack.
        let now = chrono::Utc::now();
        let until = kernel::Until {
            answer_by: now + chrono::TimeDelta::hours(4),
            due_at: Some(now + chrono::TimeDelta::hours(4)),
            expires_at: Some(now + chrono::TimeDelta::hours(72)),
        };
        let asked = kernel::ask(&mut app, tenant, waits.id, 0, &[("ld-201", "LINE")], until);
        assert_eq!(asked.await.unwrap(), "ASKED");
        let untouched = fingerprint(&world).await;
        Self {
            world,
            app,
            tenant,
            given,
            untouched,
        }
    }

    /// The statement is refused with this SQLSTATE, whatever stands in the session.
    async fn refused(&mut self, statement: &str, code: &str) {
        let outcome = self.app.execute(AssertSqlSafe(statement.to_owned())).await;
        let told = outcome.err().map(|error| sqlstate(&error));
        assert_eq!(told.as_deref(), Some(code), "{statement}");
    }

    /// Runs a statement that nobody minds.
    async fn run(&mut self, statement: &str) {
        let outcome = self.app.execute(AssertSqlSafe(statement.to_owned())).await;
        outcome.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// Not a single row is other than it was, and every invariant holds.
    async fn has_changed_nothing(&mut self) {
        self.app.execute("rollback").await.unwrap();
        assert_eq!(fingerprint(&self.world).await, self.untouched);
        assert_at_rest(&mut self.world.sql().await).await;
    }
}

/// All rows of all tables, in short.
async fn fingerprint(world: &World) -> String {
    let mut sql = world.sql().await;
    let mut all = String::new();
    for table in tables(&mut sql).await {
        let rows = format!(
            "select '{table} ' || count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' order by t::text), '')) || ' '
             from largesse.{table} t"
        );
        let rows: String = sqlx::query_scalar(AssertSqlSafe(rows))
            .fetch_one(&mut sql)
            .await
            .unwrap();
        all += &rows;
    }
    all
}

/// Every table that there is.
async fn tables(connection: &mut PgConnection) -> Vec<String> {
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c
         where c.relnamespace = 'largesse'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'S')
         order by 1",
    )
    .fetch_all(connection)
    .await
    .unwrap();
    assert!(tables.len() > 15, "{tables:?}");
    tables
}
