//! Readers who break off anywhere while sixty-four writers commit out of order on two replicas: by the cursor everybody sees
//! every event once and in order; by time, or in the order in which rows were written, they do not.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use largesse::pb::{Event, EventFilter};
use largesse::server::Running;
use sqlx::{Executor, PgConnection};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use crate::support::kernel::{self, Asked};
use crate::support::{
    Client, Random, SeedOnPanic, Token, World, after, assert_at_rest, flowers, from_consumer,
    seeds, wait_for_waiters,
};

const WRITERS: usize = 64;
/// Requests of each; what is approved is withdrawn again.
const REQUESTS: usize = 3;
/// Longer than any run takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// How a reader goes on after it has broken off.
#[derive(Debug, Clone, Copy)]
enum Way {
    /// Watches, from the cursor of an event in the middle of a message.
    Watch,
    /// Lists, from the cursor of a page or of an event in it.
    List,
    /// Watches, from the place of a consumer that it acknowledges.
    Consumer,
}

/// Reads until this many events were seen, breaking off again and again, each time going on at another replica.
async fn follows(mut clients: Vec<Client>, way: Way, seed: u64, mut until: Until) -> Vec<Event> {
    let mut random = Random::of(seed);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    let name = format!("reader-{seed}");
    while !until.is_reached(&seen) {
        clients.rotate_left(1);
        let client = &mut clients[0];
        let mut taken = match way {
            Way::List => {
                let page = client.list_events(after(&cursor), EventFilter::default(), 7);
                let page = page.await.unwrap();
                cursor = page.next_cursor;
                page.events
            }
            Way::Watch | Way::Consumer => {
                let start = match way {
                    Way::Consumer if !cursor.is_empty() => from_consumer(&name),
                    Way::Consumer | Way::Watch | Way::List => after(&cursor),
                };
                let mut stream = client.watch(start, EventFilter::default()).await.unwrap();
                let mut taken = Vec::new();
                for _ in 0..random.between(1, 4) {
                    // A message may not come before the writers go on: break off then as well.
                    let wait = Duration::from_millis(300);
                    let Ok(message) = timeout(wait, stream.message()).await else {
                        break;
                    };
                    let message = message.unwrap().unwrap();
                    cursor = message.cursor;
                    taken.extend(message.events);
                }
                taken
            }
        };
        // In the middle of what came: the rest was never handled.
        if !taken.is_empty() && random.once_in(2) {
            let kept = random.between(1, taken.len() as i64) as usize;
            taken.truncate(kept);
            cursor.clone_from(&taken[kept - 1].cursor);
        }
        if matches!(way, Way::Consumer) && !cursor.is_empty() {
            client.ack(&name, &cursor, "").await.unwrap();
        }
        seen.extend(taken);
    }
    seen
}

/// When reading is over: known once the writers are done.
#[derive(Clone)]
struct Until(tokio::sync::watch::Receiver<Option<usize>>);

impl Until {
    fn is_reached(&mut self, seen: &[Event]) -> bool {
        self.0.borrow().is_some_and(|count| seen.len() >= count)
    }
}

/// Two readers as one would write them without cursors. Each follows what is committed, and remembers the last that it saw.
#[derive(Default)]
struct Naive {
    by_time: BTreeSet<(Uuid, i32)>,
    last_time: Option<(chrono::DateTime<chrono::Utc>, Uuid, i32)>,
    by_row: BTreeSet<(Uuid, i32)>,
    last_row: String,
}

impl Naive {
    /// Goes on after the last that was seen.
    async fn goes_on(&mut self, sql: &mut PgConnection) {
        let (at, batch, ordinal) = self.last_time.unwrap_or_default();
        let rows: Vec<(chrono::DateTime<chrono::Utc>, Uuid, i32)> = sqlx::query_as(
            "select at, batch_id, ordinal from largesse.events where (at, batch_id, ordinal) > ($1, $2, $3)
             order by at, batch_id, ordinal",
        )
        .bind(at)
        .bind(batch)
        .bind(ordinal)
        .fetch_all(&mut *sql)
        .await
        .unwrap();
        self.last_time = rows.last().copied().or(self.last_time);
        self.by_time.extend(rows.iter().map(|row| (row.1, row.2)));

        // The place of a row is given when it is written, like an identity, and seen when it is committed.
        let rows: Vec<(String, Uuid, i32)> = sqlx::query_as(
            "select ctid::text, batch_id, ordinal from largesse.events where ctid > $1::tid order by ctid",
        )
        .bind(if self.last_row.is_empty() { "(0,0)" } else { &self.last_row })
        .fetch_all(sql)
        .await
        .unwrap();
        if let Some(last) = rows.last() {
            self.last_row.clone_from(&last.0);
        }
        self.by_row.extend(rows.iter().map(|row| (row.1, row.2)));
    }
}

/// One writer: asks for gestures and withdraws what it was given.
async fn writes(mut client: Client, number: usize, barrier: Arc<Barrier>) {
    barrier.wait().await;
    for request in 0..REQUESTS {
        let wish = largesse::pb::Gesture {
            kind: "goodwill-credit".into(),
            ..flowers(&format!("c-{number}-{request}"), 100)
        };
        let given = client.request(wish).await.unwrap();
        if given.state() == largesse::pb::GestureState::Approved {
            client.cancel(&given).await.unwrap();
        }
    }
}

async fn clients(world: &World, second: &Running, token: &Token) -> Vec<Client> {
    vec![
        world.client(token.clone()).await,
        world.client_at(second, token.clone()).await,
    ]
}

/// The trail as it is in the end.
async fn trail(sql: &mut PgConnection) -> Vec<(String, (Uuid, i32))> {
    let rows: Vec<(Uuid, i32)> = sqlx::query_as(
        "select e.batch_id, e.ordinal
         from largesse.batches b
         join largesse.events e on e.tenant_id = b.tenant_id and e.batch_id = b.batch_id
         order by b.batch_no, e.ordinal",
    )
    .fetch_all(sql)
    .await
    .unwrap();
    let row = |row: (Uuid, i32)| (format!("{}-{}", row.0, row.1), row);
    rows.into_iter().map(row).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_cursor_everything_is_seen_once_and_in_order_and_by_time_it_is_not() {
    for seed in seeds(1) {
        let _told = SeedOnPanic(seed);
        timeout(PATIENCE, run(seed))
            .await
            .expect("a reader waits for what never comes");
    }
}

async fn run(seed: u64) {
    let world = World::demo().await;
    let second = world.another_service().await;
    let (mut sql, mut stop) = (world.sql().await, world.sql().await);
    let (told, until) = tokio::sync::watch::channel(None);
    let feed = Token::of("feed-1", &["follower"]);
    let mut readers = JoinSet::new();
    let ways = [Way::Watch, Way::List, Way::Consumer, Way::Watch];
    for (number, way) in ways.into_iter().enumerate() {
        let clients = clients(&world, &second, &feed).await;
        let until = Until(until.clone());
        readers.spawn(follows(
            clients,
            way,
            seed.wrapping_add(number as u64),
            until,
        ));
    }

    // One writer takes its time, writes its rows, and waits; it commits after all the others.
    let wish = |customer: &str| Asked::of("fl-102", "goodwill-credit", customer, 100);
    let mut app = world.sql_as_app().await;
    let tenant = kernel::tenant_of(&mut app, "demo").await;
    kernel::admit(&mut app, tenant, &[wish("early")])
        .await
        .unwrap();
    stop.execute(
        "begin; select k.* from largesse.counters k where k.subject = 'fl-102' for update of k",
    )
    .await
    .unwrap();
    let late = wish("late");
    let late_id = late.id;
    let late = tokio::spawn(async move { kernel::admit(&mut app, tenant, &[late]).await.unwrap() });
    wait_for_waiters(&mut sql, 1).await;

    let barrier = Arc::new(Barrier::new(WRITERS));
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        let agent = Token::agent(["fl-101", "ld-201", "mg-301"][number % 3]);
        let mut both = clients(&world, &second, &agent).await;
        writers.spawn(writes(both.remove(number % 2), number, barrier.clone()));
    }
    let mut naive = Naive::default();
    while let Some(done) = {
        naive.goes_on(&mut sql).await;
        writers.join_next().await
    } {
        done.unwrap();
    }
    naive.goes_on(&mut sql).await;
    stop.execute("rollback").await.unwrap();
    late.await.unwrap();
    naive.goes_on(&mut sql).await;

    let trail = trail(&mut sql).await;
    assert!(trail.len() > WRITERS * REQUESTS, "{}", trail.len());
    told.send_replace(Some(trail.len()));
    let expected: Vec<&str> = trail.iter().map(|(id, _)| id.as_str()).collect();
    for seen in readers.join_all().await {
        let ids: Vec<&str> = seen.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids, expected);
        let mut lives: BTreeMap<&str, i32> = BTreeMap::new();
        for event in seen.iter().filter(|event| event.seq > 0) {
            let last = lives.entry(&event.gesture_id).or_default();
            assert_eq!(event.seq, *last + 1, "{event:?}");
            *last = event.seq;
        }
    }

    // What the others miss is gone for them for ever.
    let missed = |seen: &BTreeSet<(Uuid, i32)>| {
        let missed = trail.iter().filter(|(_, key)| !seen.contains(key));
        missed.count()
    };
    let (by_time, by_row) = (missed(&naive.by_time), missed(&naive.by_row));
    println!(
        "of {} events a reader by time misses {by_time}, one by rows {by_row}",
        trail.len()
    );
    assert!(
        by_time > 0 && by_row > 0,
        "they miss what was committed late"
    );
    let late: (Uuid, i32) = sqlx::query_as(
        "select batch_id, ordinal from largesse.events where gesture_id = $1 and seq = 1",
    )
    .bind(late_id)
    .fetch_one(&mut sql)
    .await
    .unwrap();
    assert!(
        !naive.by_time.contains(&late),
        "the late writer's event among them"
    );
    assert!(expected.contains(&format!("{}-{}", late.0, late.1).as_str()));
    second.stop().await.unwrap();
    assert_at_rest(&mut sql).await;
}
