//! What is too old to be followed is moved aside: whoever comes from there is told where to begin, and everything else is as it
//! was.

use chrono::{TimeDelta, Utc};
use largesse::ids::TenantId;
use largesse::pb::{self, EventFilter};
use largesse::postgres::{Database, PoolSize};
use largesse::trail::{archive, verify};
use sqlx::Executor;
use tonic::Code;
use uuid::Uuid;

use crate::support::process::{Place, printed};
use crate::support::publisher::publish;
use crate::support::{
    Client, DEMO, Token, World, after, assert_at_rest, fact_of, flowers, from_consumer, pickup,
    reason_of, wish,
};

async fn tenant(world: &World) -> (Database, TenantId) {
    let id: Uuid = sqlx::query_scalar("select tenant_id from largesse.tenant_names")
        .fetch_one(&mut world.sql().await)
        .await
        .unwrap();
    let database = Database::open(world.database.app_options(), PoolSize::default());
    (database, TenantId(id))
}

/// Archives what happened on the day of the test, seen from two hundred days later.
pub(super) async fn archived(world: &World) -> i64 {
    let (database, tenant) = tenant(world).await;
    let before = Utc::now() + TimeDelta::days(100);
    let archived = archive(&database, tenant, before).await.unwrap();
    database.close().await;
    archived.events
}

async fn verified(world: &World) -> u64 {
    let (database, tenant) = tenant(world).await;
    let report = verify(&database, tenant).await.unwrap();
    database.close().await;
    assert_eq!(report.difference, None);
    report.events
}

async fn cursor_too_old(feed: &mut Client, start: Option<pb::EventStart>) -> String {
    let filter = EventFilter::default();
    let refused = feed
        .list_events(start.clone(), filter.clone(), 9)
        .await
        .unwrap_err();
    assert_eq!(
        (refused.code(), reason_of(&refused)),
        (Code::OutOfRange, "CURSOR_TOO_OLD".into())
    );
    // a stream says so with its first message
    let mut stream = feed.watch(start, filter).await.unwrap();
    assert_eq!(
        reason_of(&stream.message().await.unwrap_err()),
        "CURSOR_TOO_OLD"
    );
    fact_of(&refused, "begin")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_archived_is_not_followed_and_found_like_everything_else() {
    let world = World::of_with_movable_clock(DEMO).await;
    let (mut one, mut two) = (world.agent("fl-101").await, world.agent("fl-102").await);
    let (id, flowers_then) = (Uuid::now_v7(), flowers("ida", 4500));
    let first = one.request_as(id, flowers_then.clone()).await.unwrap();
    let first = first.gesture.unwrap();
    let open = two.request(pickup("zoe", 900)).await.unwrap();
    one.cancel(&first).await.unwrap();
    let declined = one.request(wish("yacht", "ida", 100, "EUR")).await.unwrap();
    let asked = one
        .request(wish("gift-basket", "ida", 7000, "EUR"))
        .await
        .unwrap();
    let mut lead = world.approver("ld-201").await;
    let asked = lead.approve(&asked).await.unwrap().gesture.unwrap();
    one.cancel(&asked).await.unwrap();
    let mut feed = world.follower().await;
    let old = feed.all_events(EventFilter::default(), 200).await;
    feed.ack("warehouse", &old[2].cursor, "").await.unwrap();
    let later = Utc::now() + TimeDelta::days(200);
    world.set_clock(&later.to_rfc3339()).await;
    two.request(pickup("ida", 900)).await.unwrap();
    let new = feed.list_events(
        after(&old.last().unwrap().cursor),
        EventFilter::default(),
        9,
    );
    let new = new.await.unwrap().events;

    let auditor = world.client(Token::of("auditor-1", &["auditor"])).await;
    let ids = [&first.id, &open.id, &declined.id, &asked.id].map(String::clone);
    let before = auditor.clone().batch_get(&ids).await.unwrap();
    let all = verified(&world).await;
    assert_eq!(
        archived(&world).await,
        old.len() as i64 - 1,
        "all but what is still open"
    );

    // whoever comes from there is told where to begin
    let begin = cursor_too_old(&mut feed, after(&old[0].cursor)).await;
    assert_eq!(
        cursor_too_old(&mut feed, from_consumer("warehouse")).await,
        begin
    );
    let hook = [
        "--to",
        "webhook",
        "--url",
        "http://127.0.0.1:9/",
        "--allow-private-addresses",
    ];
    let late = publish(&world, &[&hook[..], &["--consumer", "warehouse"]].concat()).await;
    assert_eq!(late.status.code(), Some(1));
    assert!(printed(&late).contains("is archived"), "{}", printed(&late));
    for start in [after(&begin), after(&old.last().unwrap().cursor), None] {
        let page = feed
            .list_events(start, EventFilter::default(), 9)
            .await
            .unwrap();
        assert_eq!(page.events, new);
    }
    feed.lease_consumer("fresh", "host", "", 1).await.unwrap();
    let page = feed
        .list_events(from_consumer("fresh"), EventFilter::default(), 9)
        .await;
    assert_eq!(page.unwrap().events, new);

    // gestures are as they were, and so are the answers to whoever repeats an old call
    assert_eq!(auditor.clone().batch_get(&ids).await.unwrap(), before);
    let replay = one.request_as(id, flowers_then).await.unwrap();
    assert!(replay.replayed);
    let refused = one.request_as(
        declined.id.parse().unwrap(),
        wish("yacht", "ida", 100, "EUR"),
    );
    let reasons = refused
        .await
        .unwrap()
        .gesture
        .unwrap()
        .decision
        .unwrap()
        .reasons;
    assert_eq!(reasons, declined.decision.unwrap().reasons);
    assert_eq!(
        one.cancel(&first).await.unwrap().gesture.unwrap().state(),
        pb::GestureState::Cancelled
    );
    let stale = pb::Gesture {
        etag: "9".into(),
        ..first.clone()
    };
    let late = one.cancel(&stale).await.unwrap_err();
    assert_eq!(
        (reason_of(&late), fact_of(&late, "by")),
        ("STALE_VIEW".into(), "fl-101".into())
    );
    assert_eq!(verified(&world).await, all);

    // what was open goes when it has ended and that has grown old
    two.cancel(&open).await.unwrap();
    assert_eq!(archived(&world).await, 0);
    assert_eq!(verified(&world).await, all + 1);

    // nothing that was moved was changed: put back, it is what it was
    let mut sql = world.sql().await;
    sql.execute(
        "insert into largesse.events select * from largesse.archived_events; delete from largesse.archived_events",
    )
    .await
    .unwrap();
    assert_at_rest(&mut sql).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_young_is_not_archived() {
    let world = World::demo().await;
    world.given_and_withdrawn(2).await;
    let url = world.database.url("largesse_app", None);
    let environment = [("LARGESSE_DATABASE_URL", url.as_str())];
    let run = |words: &[&str]| Place::new().run_with(words, &environment);
    let young = run(&["archive", "--older-than", "29d"]);
    assert_eq!(young.status.code(), Some(2), "{}", printed(&young));
    let none = run(&["archive", "--older-than", "30d", "--json"]);
    assert!(none.status.success(), "{}", printed(&none));
    let told: serde_json::Value = serde_json::from_slice(&none.stdout).unwrap();
    assert_eq!(
        (&told["archived_events"], &told["archived_batch"]),
        (&0.into(), &0.into())
    );
    assert_eq!(world.every_event().await.len(), 5);
}

/// Rows move as they are, so the columns must be the same, in the same order.
#[tokio::test(flavor = "multi_thread")]
async fn an_archived_event_has_every_column_of_an_event() {
    let world = World::demo().await;
    let differing: Vec<String> = sqlx::query_scalar(
        "with columns as (
             select c.relname, row_number() over (partition by c.oid order by a.attnum) place, a.attname, a.atttypid
             from pg_class c
             join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
             where c.relnamespace = 'largesse'::regnamespace)
         select coalesce(e.attname, k.attname)::text
         from (select * from columns where relname = 'events') e
         full join (select * from columns where relname = 'archived_events') k using (place)
         where (e.attname, e.atttypid) is distinct from (k.attname, k.atttypid)",
    )
    .fetch_all(&mut world.sql().await)
    .await
    .unwrap();
    assert_eq!(differing, Vec::<String>::new());
}
