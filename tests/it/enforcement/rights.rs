//! Everything that largesse_app may do, from the catalogs, compared with what is expected. What is new fails here.

use crate::support::World;

/// What the role may do with everything that initdb did not make, and what else it was given.
const RIGHTS: &str = "
    select format('connect to this database') where has_database_privilege('largesse_app', current_database(), 'CONNECT')
    union all
    select format('%s in this database', p) from unnest('{CREATE,TEMPORARY}'::text[]) p
    where has_database_privilege('largesse_app', current_database(), p)
    union all
    select format('%s of schema %s', p, n.nspname)
    from pg_namespace n
    cross join unnest('{USAGE,CREATE}'::text[]) p
    where n.nspname !~ '^pg_(toast|temp)' and has_schema_privilege('largesse_app', n.oid, p)
    union all
    select format('%s %s', p, c.oid::regclass)
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    cross join unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) p
    where n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
        and c.relkind in ('r', 'p', 'v', 'm', 'f')
        and has_table_privilege('largesse_app', c.oid, p)
    union all
    select format('call %s.%s', n.nspname, p.proname)
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname not in ('pg_catalog', 'information_schema') and has_function_privilege('largesse_app', p.oid, 'EXECUTE')
    union all
    select format('%s of %s, granted to the role by name', a.privilege_type, x.what)
    from (
        select c.oid::regclass::text what, c.relacl acl from pg_class c
        where c.relnamespace <> 'largesse'::regnamespace
        union all select p.oid::regprocedure::text, p.proacl from pg_proc p
        where p.pronamespace <> 'largesse'::regnamespace
        union all select 'language ' || lanname, lanacl from pg_language
        union all select 'tablespace ' || spcname, spcacl from pg_tablespace
        union all select 'wrapper ' || fdwname, fdwacl from pg_foreign_data_wrapper
        union all select 'server ' || srvname, srvacl from pg_foreign_server
        union all select 'parameter ' || parname, paracl from pg_parameter_acl
        union all select 'large object ' || oid, lomacl from pg_largeobject_metadata
        union all select 'type ' || typname, typacl from pg_type
        union all select 'column ' || attname, attacl from pg_attribute
        union all select 'whatever comes in ' || defaclnamespace::regnamespace, defaclacl from pg_default_acl
        where defaclrole <> 0 and defaclobjtype <> 'f') x
    cross join lateral aclexplode(x.acl) a
    where a.grantee = 'largesse_app'::regrole
    union all
    select format('become %s', r.rolname)
    from pg_roles r
    where r.rolname <> 'largesse_app' and pg_has_role('largesse_app', r.oid, 'MEMBER')
    order by 1";

const EXPECTED: &[&str] = &[
    "SELECT largesse._sqlx_migrations",
    "SELECT largesse.absences",
    "SELECT largesse.agents",
    "SELECT largesse.approvals",
    "SELECT largesse.approver_waits",
    "SELECT largesse.archived_events",
    "SELECT largesse.archives",
    "SELECT largesse.asks",
    "SELECT largesse.authorities",
    "SELECT largesse.batches",
    "SELECT largesse.budget_paths",
    "SELECT largesse.budgets",
    "SELECT largesse.catalog_items",
    "SELECT largesse.configurations",
    "SELECT largesse.consumers",
    "SELECT largesse.counters",
    "SELECT largesse.customer_keys",
    "SELECT largesse.delegations",
    "SELECT largesse.events",
    "SELECT largesse.follow_ups",
    "SELECT largesse.gestures",
    "SELECT largesse.heads",
    "SELECT largesse.limits",
    "SELECT largesse.maxima",
    "SELECT largesse.pauses",
    "SELECT largesse.personal",
    "SELECT largesse.rates",
    "SELECT largesse.routing_rules",
    "SELECT largesse.routings",
    "SELECT largesse.set_aside",
    "SELECT largesse.tasks",
    "SELECT largesse.tenant_names",
    "SELECT largesse.tenants",
    "SELECT largesse.timers",
    "USAGE of schema information_schema",
    "USAGE of schema largesse",
    "USAGE of schema pg_catalog",
    "USAGE of schema public",
    "call largesse.accept_cost",
    "call largesse.ack_events",
    "call largesse.admit",
    "call largesse.answers_for",
    "call largesse.apply",
    "call largesse.approvals_of",
    "call largesse.archive_events",
    "call largesse.ask",
    "call largesse.asked_of",
    "call largesse.candidates",
    "call largesse.claim_timers",
    "call largesse.close_follow_up",
    "call largesse.customer_keys",
    "call largesse.decide",
    "call largesse.decline_unanswerable",
    "call largesse.delegate",
    "call largesse.delete_consumer",
    "call largesse.drop_set_aside",
    "call largesse.due_tenants",
    "call largesse.extend_lease",
    "call largesse.falls_to",
    "call largesse.gestures_of",
    "call largesse.lapse",
    "call largesse.lease",
    "call largesse.lease_consumer",
    "call largesse.pause",
    "call largesse.preview",
    "call largesse.put_agents",
    "call largesse.question",
    "call largesse.ready",
    "call largesse.reassign",
    "call largesse.record_outcome",
    "call largesse.remaining",
    "call largesse.report",
    "call largesse.resolve",
    "call largesse.retry_set_aside",
    "call largesse.review",
    "call largesse.revise",
    "call largesse.revoke_delegation",
    "call largesse.routing_of",
    "call largesse.sealed_of",
    "call largesse.set_away",
    "call largesse.set_events_aside",
    "call largesse.settle",
    "call largesse.signals",
    "call largesse.similar_of",
    "call largesse.standing",
    "call largesse.suspend",
    "call largesse.traced",
    "call largesse.traced_each",
    "call largesse.violations",
    "call largesse.watch_promise",
    "connect to this database",
];

/// What the service may call, by name.
pub(super) fn entrances() -> Vec<&'static str> {
    let calls = EXPECTED
        .iter()
        .map(|right| right.strip_prefix("call largesse."));
    calls.flatten().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_may_do_this_and_nothing_else() {
    let world = World::demo().await;
    let mut sql = world.sql().await;
    let mut rights: Vec<String> = sqlx::query_scalar(RIGHTS)
        .fetch_all(&mut sql)
        .await
        .unwrap();
    rights.sort();
    assert_eq!(rights, EXPECTED);
}

/// Whatever runs as its owner runs as largesse_owner, who cannot log in and owns nothing but this schema.
#[tokio::test(flavor = "multi_thread")]
async fn the_owner_is_small_too() {
    let world = World::demo().await;
    let mut sql = world.sql().await;
    let foreign: Vec<String> = sqlx::query_scalar(
        "select p.oid::regprocedure::text from pg_proc p
         where p.pronamespace = 'largesse'::regnamespace and p.proowner <> 'largesse_owner'::regrole
         union all
         select c.oid::regclass::text from pg_class c
         where c.relnamespace = 'largesse'::regnamespace and c.relowner <> 'largesse_owner'::regrole
         union all
         select r.rolname::text from pg_roles r
         where r.rolname = 'largesse_owner' and (r.rolcanlogin or r.rolsuper or r.rolbypassrls or r.rolcreaterole)",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    assert_eq!(foreign, Vec::<String>::new());
    let definers: i64 = sqlx::query_scalar(
        "select count(*) from pg_proc p where p.prosecdef and p.pronamespace = 'largesse'::regnamespace",
    )
    .fetch_one(&mut sql)
    .await
    .unwrap();
    let entrances = i64::try_from(entrances().len()).unwrap();
    assert_eq!(definers, entrances, "the entrances, and no inner function");
}
