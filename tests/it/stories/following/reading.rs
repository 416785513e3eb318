//! The day of a gesture, as whoever follows the trail is told.

use std::time::Duration;

use largesse::pb::{EventFilter, GestureState};
use tokio::time::timeout;
use tonic::Streaming;

use crate::support::{
    DEMO, World, after, everything_said, flowers, from_latest, money, pickup, wait_until,
};

/// What nobody else writes.
const SENTINEL: &str = "Zephyrine";

fn of_types(types: &[&str]) -> EventFilter {
    EventFilter {
        types: types.iter().map(|word| (*word).to_owned()).collect(),
        ..Default::default()
    }
}

/// Flowers given and withdrawn, a pickup, a basket that waits for somebody, and a pause.
async fn a_day(world: &World) -> Vec<String> {
    let (mut one, mut two) = (world.agent("fl-101").await, world.agent("fl-102").await);
    let mut wish = flowers("ida", 4500);
    wish.message = format!("Dear {SENTINEL}");
    wish.recipient.as_mut().unwrap().full_name = SENTINEL.into();
    wish.case_id = "case-1".into();
    let given = one.request(wish).await.unwrap();
    let picked = two.request(pickup("zoe", 900)).await.unwrap();
    one.cancel(&given).await.unwrap();
    let waits = one.request(flowers("ida", 9000)).await.unwrap();
    assert_eq!(waits.state(), GestureState::PendingApproval);
    vec![given.id, picked.id, waits.id]
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_streams_tell_the_same_in_the_order_of_the_trail() {
    let world = World::demo().await;
    let ids = a_day(&world).await;
    let mut feed = world.follower().await;
    let all = feed.all_events(EventFilter::default(), 200).await;
    let told: Vec<(&str, &str, i32, &str)> = all
        .iter()
        .filter(|event| event.r#type != "ASKED")
        .map(|event| {
            let id = event.gesture_id.as_str();
            (event.r#type.as_str(), id, event.seq, event.actor.as_str())
        })
        .collect();
    let expected = [
        ("CONFIGURATION_APPLIED", "", 0, "admin-1"),
        ("APPROVED", &ids[0], 1, "fl-101"),
        ("APPROVED", &ids[1], 1, "fl-102"),
        ("CANCELLED", &ids[0], 2, "fl-101"),
        ("PENDING_APPROVAL", &ids[2], 1, "fl-101"),
    ];
    assert_eq!(told, expected);
    for page_size in [1, 2, 3] {
        assert_eq!(
            feed.all_events(EventFilter::default(), page_size).await,
            all
        );
    }
    let mut watched = Vec::new();
    let mut stream = feed.watch(None, EventFilter::default()).await.unwrap();
    while watched.len() < all.len() {
        watched.extend(stream.message().await.unwrap().unwrap().events);
    }
    assert_eq!(watched, all);

    let given = &all[1];
    assert_eq!(given.amount, money(4500, "EUR"));
    assert_eq!(
        (given.customer_id.as_str(), given.case_id.as_str()),
        ("ida", "case-1")
    );
    assert_eq!(
        (given.kind.as_str(), given.state.as_str()),
        ("flowers", "APPROVED")
    );
    assert_eq!(
        (given.authority.as_str(), given.tenant.as_str()),
        ("fl-101", "demo")
    );
    assert_eq!(
        (given.configuration_version, given.terms_digest.len()),
        (1, 64)
    );
    let cancelled = all
        .iter()
        .find(|event| event.r#type == "CANCELLED")
        .unwrap();
    assert_eq!(cancelled.facts, r#"{"captured": 0}"#);
    let refused = all.last().unwrap();
    let facts = all.iter().find(|event| event.r#type == "PENDING_APPROVAL");
    let facts: serde_json::Value = serde_json::from_str(&facts.unwrap().facts).unwrap();
    assert_eq!(facts["reasons"][0]["code"], "LIMIT_EXCEEDED", "{refused:?}");
    assert!(!format!("{all:?}").contains(SENTINEL));
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_hide_events_and_change_nothing_else() {
    let world = World::demo().await;
    let ids = a_day(&world).await;
    let mut feed = world.follower().await;
    let all = feed.all_events(EventFilter::default(), 200).await;
    let of_agent = |agent: &str| EventFilter {
        agent_id: agent.into(),
        ..Default::default()
    };
    let customer = EventFilter {
        customer_id: "ida".into(),
        ..Default::default()
    };
    let case = EventFilter {
        case_id: "case-1".into(),
        types: vec!["CANCELLED".into(), "NEW_IN_ANOTHER_YEAR".into()],
        ..Default::default()
    };
    let expected = |is_meant: &dyn Fn(&largesse::pb::Event) -> bool| -> Vec<_> {
        all.iter()
            .filter(|event| is_meant(event))
            .cloned()
            .collect()
    };
    let of_fl_102 = expected(&|event| event.gesture_id == ids[1]);
    assert_eq!(of_fl_102.len(), 1);
    let admin = expected(&|event| event.actor == "admin-1");
    assert_eq!(admin.len(), 1);
    for (filter, expected) in [
        (of_agent("fl-102"), of_fl_102),
        (of_agent("admin-1"), admin),
        (customer, expected(&|event| event.customer_id == "ida")),
        (case, expected(&|event| event.r#type == "CANCELLED")),
        (
            of_types(&["APPROVED"]),
            expected(&|event| event.r#type == "APPROVED"),
        ),
        (of_types(&["NEVER"]), Vec::new()),
    ] {
        assert_eq!(
            feed.all_events(filter.clone(), 200).await,
            expected,
            "{filter:?}"
        );
        assert_eq!(
            feed.all_events(filter.clone(), 1).await,
            expected,
            "{filter:?}"
        );
    }
    // what is hidden is passed over as well: nobody reads it a second time
    let page = feed
        .list_events(None, of_types(&["NEVER"]), 50)
        .await
        .unwrap();
    assert_eq!(page.next_cursor, all.last().unwrap().cursor);
}

async fn next(stream: &mut Streaming<largesse::pb::WatchEventsResponse>) -> Vec<String> {
    let message = timeout(Duration::from_secs(5), stream.message()).await;
    let message = message.expect("nothing comes").unwrap().unwrap();
    message
        .events
        .into_iter()
        .map(|event| event.r#type)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_soon_and_only_once_and_at_every_replica() {
    let world = World::demo().await;
    a_day(&world).await;
    let second = world.another_service().await;
    let token = crate::support::Token::of("feed-2", &["follower"]);
    let mut elsewhere = world.client_at(&second, token).await;
    let mut stream = elsewhere
        .watch(from_latest(), of_types(&["APPROVED"]))
        .await
        .unwrap();
    let first = stream.message().await.unwrap().unwrap();
    assert!(first.events.is_empty() && !first.cursor.is_empty());
    let mut agent = world.agent("fl-102").await;
    agent.request(pickup("ida", 900)).await.unwrap();
    let begun = tokio::time::Instant::now();
    assert_eq!(next(&mut stream).await, ["APPROVED"]);
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    // a reader who breaks off before anything was told begins where it would have begun
    let mut again = elsewhere
        .watch(after(&first.cursor), of_types(&["APPROVED"]))
        .await
        .unwrap();
    assert_eq!(next(&mut again).await, ["APPROVED"]);
    // and the end of a server is the end of its streams, without an error
    let stopping = tokio::spawn(second.stop());
    assert_eq!(
        timeout(Duration::from_secs(5), stream.message())
            .await
            .unwrap()
            .unwrap(),
        None
    );
    timeout(Duration::from_secs(5), stopping)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
}

/// Two hundred who read nothing, and a trail that is longer than what fits on the wire to them.
#[tokio::test(flavor = "multi_thread")]
async fn readers_who_do_not_read_hold_nothing() {
    let world = World::of(DEMO).await;
    let mut sql = world.sql().await;
    sqlx::query(
        "with made as (
             insert into largesse.batches (tenant_id, batch_no, batch_id, head, at)
             select t.tenant_id, n, gen_random_uuid(), '', now()
             from largesse.tenant_names t, generate_series(2, 3000) n returning *),
         told as (
             insert into largesse.events (tenant_id, batch_id, ordinal, type, actor, session_role, session_address, at, hash,
                 facts)
             select tenant_id, batch_id, 1, 'AGENT_SUSPENDED', 'admin-1', '', '', at, '', json_build_object('agent', batch_no)
             from made)
         update largesse.heads set batch_no = 3000",
    )
    .execute(&mut sql)
    .await
    .unwrap();
    let mut streams = Vec::new();
    for _ in 0..4 {
        let mut feed = world.follower().await;
        for _ in 0..50 {
            streams.push(feed.watch(None, EventFilter::default()).await.unwrap());
        }
    }
    // One that will read later has a connection of its own: what others on it have not read would take its room there.
    let mut late = world.follower().await;
    let mut late = late.watch(None, EventFilter::default()).await.unwrap();
    // whoever reads is not kept waiting by them
    let mut feed = world.follower().await;
    assert_eq!(
        feed.all_events(EventFilter::default(), 200).await.len(),
        3000
    );
    // whatever looks at the trail now and then is between two looks at some moment
    let open = "application_name = 'largesse' and (state <> 'idle' or backend_xmin is not null)";
    let ended = timeout(Duration::from_secs(20), wait_until(&mut sql, open, 0)).await;
    assert!(ended.is_ok(), "a transaction stays open");
    // and it finds everything once it does read
    let mut seen = 0;
    while seen < 3000 {
        let page = timeout(Duration::from_secs(20), late.message()).await;
        let page = page.expect("nothing more comes").unwrap().unwrap();
        seen += page.events.len();
    }
    assert_eq!(seen, 3000);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_events_are_not_told() {
    let world = World::demo().await;
    a_day(&world).await;
    let mut other = world.another_tenant("other", DEMO).await;
    let told = other.all_events(EventFilter::default(), 200).await;
    let types: Vec<&str> = told.iter().map(|event| event.r#type.as_str()).collect();
    assert_eq!(types, ["CONFIGURATION_APPLIED"]);
    let mut agent = world.agent("fl-101").await;
    let refused = agent.list_events(None, EventFilter::default(), 1).await;
    assert!(everything_said(&refused.unwrap_err()).contains("ROLE_MISSING"));
}
