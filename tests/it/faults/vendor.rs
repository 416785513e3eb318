//! A vendor that times out, fails after it has succeeded, calls back early and twice; fulfillers that die; a service that goes away;
//! sessions that are ended; Postgres that crashes. In the end every task was ordered once, and what was captured is what the vendor's
//! own books say.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use largesse::pb;
use largesse::server::Running;
use tokio::task::{JoinHandle, JoinSet};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::support::{
    Client, Random, SeedOnPanic, Token, World, assert_at_rest, flowers, reason_of,
};

/// Nothing stands in the way of thousands.
pub(super) const WORKSHOP: &str = r#"
tenant: workshop
time_zone: UTC
week_starts_on: MONDAY
rates: {max_age_days: 7, table: []}
segments: []
occasions: []
policies: []
catalog:
- {kind: flowers, currency: EUR, min: "1.00", max: "100.00", recipient: [full_name], channel: florist, lead_time: 0h, tolerance_percent: 10}
budgets:
- {name: all, currency: EUR, window: EVER, amount: "9000000.00"}
limits:
- {name: agent-month, subject: AGENT, window: MONTH, currency: EUR, hard_max: {amount: "9000000.00"}}
levels:
- {name: any, maxima: [{limit: agent-month, amount: "9000000.00"}]}
agents:
- {id: ann, type: HUMAN, level: any, budget: all}
"#;

/// How many tasks; with LARGESSE_TASKS=10000 it takes some minutes.
fn tasks() -> usize {
    std::env::var("LARGESSE_TASKS").map_or(250, |count| count.parse().unwrap())
}

/// The vendor's own books: an order per key, and how often each key was ordered anew.
#[derive(Default)]
struct Vendor {
    books: Mutex<HashMap<String, Order>>,
}

#[derive(Clone)]
struct Order {
    number: String,
    cost: i64,
}

impl Vendor {
    /// Orders, once per key; what the caller hears of it is another matter.
    fn order(&self, task: &pb::Task, random: &mut Random) -> Option<Order> {
        if random.once_in(12) {
            return None;
        }
        let mut books = self.books.lock().unwrap();
        let number = format!("ORDER-{}", books.len() + 1);
        let cost = random.between(700, 1200);
        let order = books
            .entry(task.task_id.clone())
            .or_insert(Order { number, cost });
        // It was ordered, and yet the answer is an error.
        (!random.once_in(12)).then(|| order.clone())
    }
}

/// Does the work of the channel until told to stop, as carelessly as a program in front of such a vendor may.
async fn work(mut client: Client, vendor: Arc<Vendor>, stop: Arc<AtomicBool>, seed: u64) {
    let mut random = Random::of(seed);
    while !stop.load(Ordering::SeqCst) {
        let Ok(tasks) = client.lease_for("florist", 3, 1).await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if tasks.is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        for task in tasks {
            // Forgotten: somebody else has it in a second.
            if random.once_in(15) {
                continue;
            }
            let Some(order) = vendor.order(&task, &mut random) else {
                continue;
            };
            if random.once_in(25) {
                tokio::time::sleep(Duration::from_millis(1200)).await;
            }
            let is_ordered = !task.order_reference.is_empty();
            let calls_back_early = is_ordered || random.once_in(6);
            let times = if random.once_in(6) { 2 } else { 1 };
            for _ in 0..times {
                if !calls_back_early
                    && !is_followed(
                        || client.clone(),
                        &task,
                        |mut client, task| async move { client.dispatched(&task, "ORDER").await },
                    )
                    .await
                {
                    break;
                }
                let cost = order.cost;
                let done = |mut client: Client, task: pb::Task| async move {
                    client.delivered(&task, cost).await
                };
                if !is_followed(|| client.clone(), &task, done).await {
                    break;
                }
            }
        }
    }
}

/// Reports until it is known what became of the report. False: the lease is somebody else's by now.
async fn is_followed<F>(
    client: impl Fn() -> Client,
    task: &pb::Task,
    report: impl Fn(Client, pb::Task) -> F,
) -> bool
where
    F: Future<Output = Result<pb::ReportResult, Status>>,
{
    for _ in 0..200 {
        let Err(status) = report(client(), task.clone()).await else {
            return true;
        };
        match status.code() {
            Code::FailedPrecondition => {
                let reason = reason_of(&status);
                assert!(
                    ["LEASE_LOST", "STATE_FORBIDS"].contains(&reason.as_str()),
                    "{status:?}"
                );
                return false;
            }
            Code::Unavailable | Code::ResourceExhausted | Code::Unknown | Code::Cancelled => {}
            other => panic!("{other:?}: {status:?}"),
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    false
}

/// A second service, and fulfillers at it, all of which can be killed.
struct Doomed {
    service: Running,
    fulfillers: Vec<JoinHandle<()>>,
}

impl Doomed {
    async fn new(world: &World, vendor: &Arc<Vendor>, stop: &Arc<AtomicBool>, seed: u64) -> Self {
        let service = world.another_service().await;
        let mut fulfillers = Vec::new();
        for number in 0..2 {
            let token = Token::fulfiller("florist", &["florist"]);
            let client = world.client_at(&service, token).await;
            let (vendor, stop) = (vendor.clone(), stop.clone());
            fulfillers.push(tokio::spawn(work(client, vendor, stop, seed + number)));
        }
        Self {
            service,
            fulfillers,
        }
    }

    async fn die(self) {
        for fulfiller in self.fulfillers {
            fulfiller.abort();
        }
        self.service.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_task_is_ordered_twice_and_the_money_is_what_the_vendor_says() {
    let _seed = SeedOnPanic(7);
    let world = Arc::new(World::alone(WORKSHOP).await);
    let count = tasks();
    let mut asking = JoinSet::new();
    for caller in 0..16 {
        let mut ann = world.agent("ann").await;
        let share = (caller..count).step_by(16).count();
        asking.spawn(async move {
            for _ in 0..share {
                ann.request_as(Uuid::now_v7(), flowers("ida", 1000))
                    .await
                    .unwrap();
            }
        });
    }
    asking.join_all().await;

    let vendor = Arc::new(Vendor::default());
    let stop = Arc::new(AtomicBool::new(false));
    let mut steady = JoinSet::new();
    for number in 0..4 {
        let client = world.fulfiller("florist", &["florist"]).await;
        steady.spawn(work(client, vendor.clone(), stop.clone(), 100 + number));
    }
    let mut doomed = Doomed::new(&world, &vendor, &stop, 200).await;
    let ends = tokio::time::Instant::now() + Duration::from_secs(60 + count as u64 / 10);
    let mut round = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(700)).await;
        round += 1;
        let mut sql = world.sql().await;
        let left: i64 =
            sqlx::query_scalar("select count(*) from largesse.gestures where state <> 'DELIVERED'")
                .fetch_one(&mut sql)
                .await
                .unwrap();
        if left == 0 {
            break;
        }
        assert!(
            tokio::time::Instant::now() < ends,
            "{left} are never delivered"
        );
        match round % 4 {
            1 => {
                sqlx::query(
                    "select pg_terminate_backend(pid) from pg_stat_activity
                     where datname = current_database() and application_name = 'largesse' limit 5",
                )
                .execute(&mut sql)
                .await
                .unwrap();
            }
            2 if round < 12 => {
                drop(sql);
                world.database.crash().await;
                world.database.run().await;
            }
            3 => {
                doomed.die().await;
                doomed = Doomed::new(&world, &vendor, &stop, 200 + round).await;
            }
            _ => {}
        }
    }
    stop.store(true, Ordering::SeqCst);
    doomed.die().await;
    steady.join_all().await;

    let mut sql = world.sql().await;
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "select g.gesture_id::text, g.actual_minor from largesse.gestures g where g.state = 'DELIVERED'",
    )
    .fetch_all(&mut sql)
    .await
    .unwrap();
    let books = vendor.books.lock().unwrap().clone();
    assert_eq!(
        (rows.len(), books.len()),
        (count, count),
        "an order per task, and no other"
    );
    for (task, cost) in rows {
        assert_eq!(books[&task].cost, cost, "{task}: {}", books[&task].number);
    }
    assert_at_rest(&mut sql).await;
}
