//! The checker of invariants is believed because every kind of difference, planted by a superuser, is named by it.

use std::collections::BTreeSet;

use sqlx::{Connection, Executor, PgConnection};

use crate::support::invariants::{violations, violations_at_rest};
use crate::support::kernel::{self, Asked, Cancelled};
use crate::support::{DEMO, Random, World, assert_at_rest};

/// What is planted, and the invariants that must name it.
const PLANTED: &[(&str, &[u8])] = &[
    // 1: a ceiling without its CHECK; a ceiling that nobody had; a maximum above what the version allows
    (
        "alter table largesse.counters drop constraint counters_within_ceiling;
         update largesse.counters set held_minor = ceiling_minor + 1 where limit_id >= 6000000",
        &[1, 2],
    ),
    (
        "update largesse.counters set ceiling_minor = ceiling_minor + 1 where limit_id >= 6000000",
        &[1],
    ),
    (
        "update largesse.gestures set charged_maxima[1] = 99999999 where state = 'APPROVED'",
        &[1],
    ),
    (
        "alter table largesse.counters drop constraint counters_never_negative;
         update largesse.counters set used_count = -1 where used_count > 0",
        &[1, 2],
    ),
    // 2: a write that passed a counter by; a counter that is gone; a hold rewritten
    (
        "update largesse.counters set held_minor = held_minor - 1 where limit_id >= 6000000",
        &[2],
    ),
    (
        "update largesse.counters set used_count = used_count + 1 where limit_id >= 6000000",
        &[2],
    ),
    ("delete from largesse.counters where limit_id >= 6000000", &[2]),
    (
        "update largesse.gestures set charged_minor[cardinality(charged_minor)] = 1 where state = 'APPROVED'",
        &[2, 12],
    ),
    // 3: who holds nothing, who holds twice, and who should not hold
    (
        "alter table largesse.gestures drop constraint gestures_hold_what_they_name;
         update largesse.gestures set charged_limits = null where state = 'APPROVED'",
        &[2, 3],
    ),
    (
        "update largesse.gestures set charged_limits[2] = charged_limits[1] where state = 'APPROVED'",
        &[2, 3],
    ),
    (
        "update largesse.gestures set settled_at = null where state = 'CANCELLED' and hold_minor is not null",
        &[3, 4],
    ),
    (
        "update largesse.gestures set captured_minor = 0 where state = 'APPROVED'",
        &[3],
    ),
    // 4: a hold that is not the amount and its tolerance; a capture that nobody reported
    (
        "update largesse.gestures set hold_minor = hold_minor + 1 where state = 'APPROVED'",
        &[4, 12],
    ),
    (
        "update largesse.gestures set settled_at = settled_at + interval '1 s' where settled_at is not null",
        &[4],
    ),
    (
        "update largesse.gestures set captured_minor = 1 where state = 'CANCELLED' and hold_minor is not null",
        &[2],
    ),
    // 5: an edge that is not drawn; a gap; a row that stands elsewhere
    (
        "update largesse.events set type = 'DECLINED', state = 'DECLINED' where type = 'CANCELLED'",
        &[5],
    ),
    (
        "update largesse.events set seq = 3 where seq = 2",
        &[5],
    ),
    (
        "update largesse.gestures set state = 'DECLINED' where state = 'PENDING_APPROVAL'",
        &[5],
    ),
    // 9: other terms under an old decision
    (
        "update largesse.gestures set request_digest = sha256('other') where state = 'APPROVED'",
        &[9],
    ),
    (
        "update largesse.gestures set amount_minor = amount_minor + 1 where state = 'PENDING_APPROVAL'",
        &[9],
    ),
    // 11: a decision without an authority or with another version; a refusal without its reasons
    (
        "update largesse.gestures set authority = null where state = 'APPROVED'",
        &[11],
    ),
    (
        "update largesse.gestures set configuration_version = 7 where state = 'PENDING_APPROVAL'",
        &[11],
    ),
    (
        "update largesse.events set facts = null where type = 'PENDING_APPROVAL'",
        &[11, 18],
    ),
    (
        "update largesse.events set facts = replace(facts::text, '\"used\"', '\"spent\"')::json
         where type = 'PENDING_APPROVAL'",
        &[11, 18],
    ),
    // 12: an amount that is none; a conversion that was none
    (
        "update largesse.gestures set currency = 'euro' where state = 'PENDING_APPROVAL'",
        &[12],
    ),
    (
        "update largesse.gestures set charged_rates = array_fill(1::numeric, array[cardinality(charged_limits)])
         where state = 'APPROVED'",
        &[12],
    ),
    // 13: the wrong window, the day before
    (
        "update largesse.gestures set decided_at = decided_at - interval '400 days' where state = 'APPROVED'",
        &[13],
    ),
    // 14: an id that became free again; a primary key that is none
    (
        "delete from largesse.gestures where state = 'TOMBSTONE'",
        &[14],
    ),
    (
        "alter table largesse.gestures drop constraint gestures_answer_an_id_once",
        &[14],
    ),
    (
        "update largesse.gestures set digest_version = null where state = 'PENDING_APPROVAL'",
        &[14],
    ),
    // 16: a change without an event; a promise without its task; a task without a promise
    (
        "delete from largesse.events where type = 'CANCELLED'",
        &[5, 16, 17, 18],
    ),
    ("delete from largesse.tasks", &[16]),
    (
        "insert into largesse.tasks (tenant_id, gesture_id, channel, ready_at)
         select tenant_id, gesture_id, 'florist', now() from largesse.gestures where state = 'DECLINED'",
        &[16],
    ),
    // 17: a batch that is gone, from the middle and from the end; a number twice the step
    (
        "delete from largesse.batches where batch_no = 2",
        &[16, 17, 18],
    ),
    (
        "delete from largesse.batches where batch_no = (select max(batch_no) from largesse.batches)",
        &[16, 17, 18],
    ),
    ("update largesse.heads set batch_no = batch_no + 1", &[17]),
    ("delete from largesse.heads", &[17]),
    (
        "update largesse.events set ordinal = 99 where ordinal = 1",
        &[17],
    ),
    // 18: a word rewritten, and with its hash; a seal; a head; a sealed part
    (
        "update largesse.events set actor = 'nobody' where type = 'DECLINED'",
        &[11, 18],
    ),
    (
        "update largesse.events set session_role = 'postgres'",
        &[18],
    ),
    (
        "update largesse.events set hash = sha256('another') where ordinal = 1",
        &[18],
    ),
    (
        "update largesse.batches set head = sha256('another') where batch_no = 2",
        &[18],
    ),
    ("update largesse.heads set head = sha256('another')", &[18]),
    (
        "update largesse.personal set sealed = 'another'",
        &[18],
    ),
    // 19: a grant, of a table and of a column
    (
        "grant insert on largesse.events to largesse_app",
        &[19],
    ),
    (
        "grant update (held_minor) on largesse.counters to largesse_app",
        &[19],
    ),
    (
        "grant truncate on largesse.batches to public",
        &[19],
    ),
    // 21: a key without the tenant; rows that speak of another tenant's
    (
        "alter table largesse.budgets add constraint b unique (budget_id)",
        &[21],
    ),
    (
        "create unique index on largesse.agents (agent_id)",
        &[21],
    ),
    (
        "update largesse.personal set tenant_id = gen_random_uuid()",
        &[21],
    ),
    (
        "update largesse.gestures set replaces = gen_random_uuid() where state = 'DECLINED'",
        &[21],
    ),
    // 22: every fence, taken down
    ("alter role largesse_app bypassrls", &[22]),
    ("alter role largesse_app createrole", &[22]),
    ("grant largesse_owner to largesse_app", &[22, 19]),
    (
        "alter table largesse.counters no force row level security",
        &[22],
    ),
    (
        "create policy open on largesse.gestures for select to public using (true)",
        &[22],
    ),
    (
        "alter function largesse.customer_key reset search_path",
        &[22],
    ),
    (
        "alter function largesse.customer_key set search_path = largesse",
        &[22],
    ),
    (
        "grant execute on function largesse.charge to public",
        &[22],
    ),
    ("grant create on schema public to public", &[22]),
    (
        "create table public.mine (); alter table public.mine owner to largesse_app",
        &[22],
    ),
    // 26: an increase that passed its maximum; a refusal that names what was not so, and one that would have fitted
    (
        "update largesse.gestures set charged_maxima[cardinality(charged_maxima)] = charged_minor[1]
         where state = 'APPROVED' and customer_id = 'ida'",
        &[26],
    ),
    (
        "update largesse.events set facts = regexp_replace(facts::text, '\"used\": ?\\d+', '\"used\": 1')::json
         where facts::text like '%customer-year%'",
        &[26],
    ),
    (
        "update largesse.events set facts = regexp_replace(facts::text, '\"ceiling\": ?\\d+', '\"ceiling\": 900000')::json
         where facts::text like '%customer-year%'",
        &[26],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_difference_is_named() {
    let world = World::of(DEMO).await;
    let mut sql = world.sql().await;
    live_a_little(&world, &mut sql).await;
    assert_at_rest(&mut sql).await;

    for (planted, expected) in PLANTED {
        let mut transaction = sql.begin().await.unwrap();
        transaction
            .execute(*planted)
            .await
            .unwrap_or_else(|error| panic!("{planted}: {error}"));
        let found = violations(&mut transaction).await;
        let numbers: BTreeSet<u8> = found.iter().map(|violation| violation.number).collect();
        let told: Vec<&str> = found
            .iter()
            .map(|violation| violation.what.as_str())
            .collect();
        assert!(
            expected.iter().all(|number| numbers.contains(number)),
            "{planted}\nexpected {expected:?}, and was told:\n{}",
            told.join("\n")
        );
        transaction.rollback().await.unwrap();
    }
    let proven: BTreeSet<u8> = PLANTED
        .iter()
        .flat_map(|(_, numbers)| numbers.iter().copied())
        .collect();
    let all = [1, 2, 3, 4, 5, 9, 11, 12, 13, 14, 16, 17, 18, 19, 21, 22, 26];
    assert_eq!(
        proven,
        BTreeSet::from(all),
        "each invariant has a difference planted for it"
    );
    assert_at_rest(&mut sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_transaction_and_a_wait_are_named() {
    let world = World::of(DEMO).await;
    let (mut sql, mut forgetful, mut waiting) =
        (world.sql().await, world.sql().await, world.sql().await);
    forgetful
        .execute("begin; lock table largesse.counters")
        .await
        .unwrap();
    let wait = tokio::spawn(async move {
        waiting
            .execute("begin; lock table largesse.counters; rollback")
            .await
            .map(drop)
    });
    let mut seen = BTreeSet::new();
    while seen.len() < 2 {
        for violation in violations_at_rest(&mut sql).await {
            assert_eq!(violation.number, 23);
            seen.insert(violation.what.contains("waits for a lock"));
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    forgetful.execute("rollback").await.unwrap();
    wait.await.unwrap().unwrap();
    assert_at_rest(&mut sql).await;
}

/// Every state, a refusal of every kind, several versions.
async fn live_a_little(world: &World, sql: &mut PgConnection) {
    let mut random = Random::of(1);
    let mut app = world.sql_as_app().await;
    let tenant = kernel::tenant_of(sql, &world.tenant).await;
    let batch = [
        Asked::of("fl-101", "flowers", "ida", 4500),
        Asked::of("fl-101", "courier-pickup", "ida", 1200),
        Asked::of("fl-102", "flowers", "ida", 5000),
        Asked::of("fl-102", "goodwill-credit", "ida", 4900),
        Asked::of("ld-201", "flowers", "ida", 12000),
        // above the year's maximum for one customer, and not above it alone
        Asked::of("fl-102", "flowers", "ida", 5500),
        Asked::of("fl-101", "flowers", "c-fl-101", 4500),
        Asked::of("fl-101", "gift-basket", "jo", 7000),
        Asked::of("fl-102", "flowers", "jo", 3000),
    ];
    let answers = kernel::admit(&mut app, tenant, &batch).await.unwrap();
    let outcomes: BTreeSet<&str> = answers
        .iter()
        .map(|answer| answer.outcome.as_str())
        .collect();
    assert_eq!(
        outcomes,
        BTreeSet::from(["APPROVED", "DECLINED", "NEEDS_APPROVAL"])
    );
    assert!(format!("{answers:?}").contains("customer-year"));
    let cancelled = [Cancelled {
        id: batch[8].id,
        actor: "fl-102".into(),
        etag: 1,
    }];
    assert_eq!(
        kernel::cancel(&mut app, tenant, &cancelled).await.unwrap(),
        [None]
    );
    kernel::resolve(&mut app, tenant, random.uuid(), "fl-101")
        .await
        .unwrap();
    kernel::suspend(&mut app, tenant, "fl-102", true)
        .await
        .unwrap();
    world.admin().await.apply(DEMO, 1).await.unwrap();
}
