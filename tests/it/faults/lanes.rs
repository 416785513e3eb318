//! What goes wrong in a lane concerns whom it must, and nobody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use largesse::admission::LaneBounds;
use largesse::pb::{self, GestureState, RequestGestureResponse};
use sqlx::{Executor, PgConnection};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use tonic::{Code, Status};
use uuid::Uuid;

use super::credit;
use crate::support::{
    Client, DEMO, Token, World, assert_at_rest, flowers, reason_of, wait_for_waiters,
};

/// Nobody can number a batch of the demo tenant until this is rolled back.
pub const STOP: &str = "begin; select h.* from largesse.heads h
    join largesse.tenant_names n on n.tenant_id = h.tenant_id and n.name = 'demo' for update of h";

/// More of one tenant wait than there are connections; somebody of another tenant is answered all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_stuck_keeps_nobody_else_waiting() {
    let world = World::of(DEMO).await;
    world.another_tenant("other", DEMO).await;
    // Patient, so that a slow machine gives nobody up; one at a time, so that no batch takes all of the agents.
    let service = world
        .another_service_with_lanes(LaneBounds {
            batch_max: 1,
            wait_max: Duration::from_secs(25),
            ..LaneBounds::default()
        })
        .await;
    let (mut stop, mut sql) = (world.sql().await, world.sql().await);
    stop.execute(STOP).await.unwrap();
    let mut stuck = JoinSet::new();
    for caller in 0..40 {
        let agent = ["fl-101", "fl-102", "ld-201", "mg-301"][caller % 4];
        let mut client = world.client_at(&service, Token::agent(agent)).await;
        stuck.spawn(async move { client.request_as(Uuid::now_v7(), credit()).await });
    }
    wait_for_waiters(&mut sql, 2).await;
    let stranger = Token::agent("fl-101").in_tenant("other");
    let mut stranger = world.client_at(&service, stranger).await;
    let answered = timeout(Duration::from_secs(5), stranger.request(credit())).await;
    assert_eq!(
        answered
            .expect("the other tenant waits as well")
            .unwrap()
            .state(),
        GestureState::Approved
    );
    assert!(stuck.try_join_next().is_none(), "and they still do");
    stop.execute("rollback").await.unwrap();
    while let Some(told) = stuck.join_next().await {
        told.unwrap().unwrap();
    }
    assert_at_rest(&mut sql).await;
}

/// So many answers of one tenant wait that they would fill the pool; somebody of another tenant is answered all the same. Two of
/// them hang at once.
#[tokio::test(flavor = "multi_thread")]
async fn answers_that_are_stuck_keep_nobody_else_waiting() {
    let world = World::of(DEMO).await;
    world.another_tenant("other", DEMO).await;
    let mut anna = world.agent("fl-101").await;
    let mut open = Vec::new();
    for number in 0..9 {
        let asked = anna.request(flowers(&format!("c-{number}"), 7000)).await;
        open.push(asked.unwrap());
    }
    let mut lead = world.approver("ld-201").await;
    for seen in &mut open[..3] {
        *seen = lead.reassign(seen, "mg-301").await.unwrap();
    }
    let (mut stop, mut sql) = (world.sql().await, world.sql().await);
    stop.execute(STOP).await.unwrap();
    let mut answers = JoinSet::new();
    for (place, seen) in open.into_iter().enumerate() {
        let answers_it = if place < 3 { "mg-301" } else { "ld-201" };
        let mut approver = world.approver(answers_it).await;
        answers.spawn(async move { approver.approve(&seen).await });
    }
    wait_for_waiters(&mut sql, 2).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stranger = Token::agent("fl-101").in_tenant("other");
    let mut stranger = world.client(stranger).await;
    let answered = timeout(Duration::from_secs(2), stranger.request(credit())).await;
    answered.expect("the other tenant waits as well").unwrap();
    stop.execute("rollback").await.unwrap();
    while let Some(told) = answers.join_next().await {
        told.unwrap().unwrap();
    }
    assert_at_rest(&mut sql).await;
}

/// Questions cannot be put, and a no hangs as well: requests of the same tenant are decided beside them. The questions that
/// gathered meanwhile are put together.
#[tokio::test(flavor = "multi_thread")]
async fn questions_and_answers_that_are_stuck_leave_room_for_requests() {
    let world = World::of(DEMO).await;
    // Patient, so that a slow machine gives nobody up.
    let service = world
        .another_service_with_lanes(LaneBounds {
            wait_max: Duration::from_secs(25),
            ..LaneBounds::default()
        })
        .await;
    let (mut stop, mut sql) = (world.sql().await, world.sql().await);
    let mut anna = world.client_at(&service, Token::agent("fl-101")).await;
    let open = anna.request(flowers("answered", 7000)).await.unwrap();
    let lock = "begin; lock table largesse.asks in share row exclusive mode";
    stop.execute(lock).await.unwrap();
    let mut lead = world
        .client_at(&service, Token::of("ld-201", &["requester", "approver"]))
        .await;
    let answer = tokio::spawn(async move { lead.decline(&open, "not again").await });
    let mut questions = JoinSet::new();
    for number in 0..6 {
        let agent = Token::agent(["fl-101", "fl-102"][number % 2]);
        let mut agent = world.client_at(&service, agent).await;
        questions.spawn(async move {
            let asked = flowers(&format!("asked-{number}"), 7000);
            agent.request(asked).await.unwrap()
        });
    }
    // All six are written in the end, and then their questions wait.
    let written = async {
        let mut waiting = 0_i64;
        while waiting < 6 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let open = "select count(*) from largesse.approvals a where a.step = 0 and a.closed_at is null";
            waiting = sqlx::query_scalar(open).fetch_one(&mut sql).await.unwrap();
        }
    };
    let written = timeout(Duration::from_secs(5), written).await;
    written.expect("who needs approval waits as well");
    tokio::time::sleep(Duration::from_millis(500)).await;
    wait_for_waiters(&mut sql, 2).await;
    let given = timeout(Duration::from_secs(2), anna.request(credit())).await;
    let given = given.expect("requests wait as well").unwrap();
    assert_eq!(given.state(), GestureState::Approved);
    stop.execute("rollback").await.unwrap();
    assert_eq!(
        answer.await.unwrap().unwrap().state(),
        GestureState::Declined
    );
    for asked in questions.join_all().await {
        assert_eq!(asked.approval.unwrap().asked[0].agent_id, "ld-201");
    }
    let batches: i64 = sqlx::query_scalar(
        "select count(distinct e.batch_id) from largesse.events e where e.type = 'ASKED'",
    )
    .fetch_one(&mut sql)
    .await
    .unwrap();
    assert!(
        batches <= 4,
        "seven questions were put in {batches} batches"
    );
    assert_at_rest(&mut sql).await;
}

/// Every batch of a tenant hangs: who is in none of them is told so in time, and nothing was done for them.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_behind_what_hangs_is_told_in_time() {
    let world = World::of(DEMO).await;
    let service = world
        .another_service_with_lanes(LaneBounds {
            batch_max: 1,
            connections_max: 1,
            wait_max: Duration::from_millis(500),
            ..LaneBounds::default()
        })
        .await;
    let (mut stop, mut sql) = (world.sql().await, world.sql().await);
    stop.execute(STOP).await.unwrap();
    let mut first = world.client_at(&service, Token::agent("fl-101")).await;
    let first = tokio::spawn(async move { first.request(credit()).await });
    wait_for_waiters(&mut sql, 1).await;
    let mut second = world.client_at(&service, Token::agent("fl-102")).await;
    let id = Uuid::now_v7();
    let told = timeout(Duration::from_secs(10), second.request_as(id, credit())).await;
    let told = told.expect("nobody answers").unwrap_err();
    assert_eq!(reason_of(&told), "OVERLOADED");
    stop.execute("rollback").await.unwrap();
    let first = first.await.unwrap().unwrap();
    assert_eq!(
        first.state(),
        GestureState::Approved,
        "it was being decided"
    );
    let nothing = second.get(&id.to_string()).await.unwrap_err();
    assert_eq!(reason_of(&nothing), "GESTURE_NOT_FOUND");
    assert!(!second.request_as(id, credit()).await.unwrap().replayed);
    assert_at_rest(&mut sql).await;
}

/// The time of a call is over before its turn comes: it is told so by us, with the reason, before the transport would.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_time_left_is_told_that_it_is_over() {
    let world = World::of(DEMO).await;
    let service = world
        .another_service_with_lanes(LaneBounds {
            batch_max: 1,
            connections_max: 1,
            wait_max: Duration::from_secs(25),
            ..LaneBounds::default()
        })
        .await;
    let (mut stop, mut sql) = (world.sql().await, world.sql().await);
    stop.execute(STOP).await.unwrap();
    let mut first = world.client_at(&service, Token::agent("fl-101")).await;
    let first = tokio::spawn(async move { first.request(credit()).await });
    wait_for_waiters(&mut sql, 1).await;
    let mut hurried = world.client_at(&service, Token::agent("fl-102")).await;
    let mut asked = tonic::Request::new(pb::RequestGestureRequest {
        request_id: Uuid::now_v7().to_string(),
        gesture: Some(credit()),
        ..Default::default()
    });
    asked.set_timeout(Duration::from_secs(2));
    let told = hurried.gestures.request_gesture(asked).await.unwrap_err();
    assert_eq!(
        (told.code(), reason_of(&told).as_str()),
        (Code::DeadlineExceeded, "TIME_IS_OVER")
    );
    stop.execute("rollback").await.unwrap();
    first.await.unwrap().unwrap();
    assert_at_rest(&mut sql).await;
}

/// A tenant floods the service, another one asks for a little: whoever asks for little is answered as if it were alone.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_for_little_has_its_share_beside_a_flood() {
    let world = World::of(DEMO).await;
    world.another_tenant("other", DEMO).await;
    // Small batches, so that a flood is many of them.
    let service = world
        .another_service_with_lanes(LaneBounds {
            batch_max: 4,
            connections_max: 2,
            ..LaneBounds::default()
        })
        .await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut flood = JoinSet::new();
    for _ in 0..96 {
        // A level may refuse it by now: a no takes its turn like a yes.
        let client = world.client_at(&service, Token::agent("mg-301")).await;
        flood.spawn(answered_until(client, stop.clone()));
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut few = JoinSet::new();
    for _ in 0..2 {
        let token = Token::agent("fl-101").in_tenant("other");
        let client = world.client_at(&service, token).await;
        few.spawn(answered_until(client, stop.clone()));
    }
    tokio::time::sleep(Duration::from_secs(4)).await;
    stop.store(true, Ordering::SeqCst);
    let per_caller = |answers: Vec<u32>| -> f64 {
        f64::from(answers.iter().sum::<u32>()) / answers.len() as f64
    };
    let (flooding, asking) = (
        per_caller(flood.join_all().await),
        per_caller(few.join_all().await),
    );
    // First come, first served would give each caller of either as many answers.
    assert!(
        asking > 2.0 * flooding,
        "{asking} answers for each of two, {flooding} for each of many"
    );
    service.stop().await.unwrap();
    assert_at_rest(&mut world.sql().await).await;
}

/// How many requests one caller got an answer to.
async fn answered_until(mut client: Client, stop: Arc<AtomicBool>) -> u32 {
    let mut answers = 0;
    while !stop.load(Ordering::SeqCst) {
        if client.request_as(Uuid::now_v7(), credit()).await.is_ok() {
            answers += 1;
        }
    }
    answers
}

type Asking = JoinHandle<Result<RequestGestureResponse, Status>>;

async fn asks(world: &World, agent: &str, id: Uuid) -> Asking {
    let mut client = world.agent(agent).await;
    tokio::spawn(async move { client.request_as(id, credit()).await })
}

/// As many batches of the tenant as may run are stuck; whoever goes away meanwhile is not decided afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_before_is_not_decided() {
    let world = World::of(DEMO).await;
    let (mut stop, mut sql) = (world.sql().await, world.sql().await);
    stop.execute(STOP).await.unwrap();
    let mut stayed = Vec::new();
    for (place, agent) in ["fl-101", "fl-102"].into_iter().enumerate() {
        stayed.push(asks(&world, agent, Uuid::now_v7()).await);
        wait_for_waiters(&mut sql, place as i64 + 1).await;
    }
    let gone = Uuid::now_v7();
    let left = asks(&world, "ld-201", gone).await;
    stayed.push(asks(&world, "ld-201", Uuid::now_v7()).await);
    tokio::time::sleep(Duration::from_millis(200)).await;
    left.abort();
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.execute("rollback").await.unwrap();
    for stayed in stayed {
        stayed.await.unwrap().unwrap();
    }
    let is_there: bool =
        sqlx::query_scalar("select exists (select from largesse.gestures where gesture_id = $1)")
            .bind(gone)
            .fetch_one(&mut sql)
            .await
            .unwrap();
    assert!(!is_there);
    assert_at_rest(&mut sql).await;
}

/// The session of a batch dies before its commit: the lane puts the batch again, and nobody hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_looked_into_before_anybody_is_told() {
    let world = World::of(DEMO).await;
    let (mut stop, mut sql) = (world.sql().await, world.sql().await);
    stop.execute(STOP).await.unwrap();
    let mut client = world.agent("fl-101").await;
    let asking = tokio::spawn(async move { client.request_as(Uuid::now_v7(), credit()).await });
    wait_for_waiters(&mut sql, 1).await;
    end_who_waits(&mut sql).await;
    stop.execute("rollback").await.unwrap();
    let answer = asking.await.unwrap().unwrap();
    assert_eq!(answer.gesture.unwrap().state(), GestureState::Approved);
    assert!(!answer.replayed, "it was not written the first time");
    assert_at_rest(&mut sql).await;
}

/// When a batch ends, more than one thing may begin that had to wait for somebody in it: none of them waits for the other.
#[tokio::test(flavor = "multi_thread")]
async fn what_waited_for_one_batch_does_not_wait_for_each_other() {
    let world = World::of(DEMO).await;
    // One batch of requests at a time.
    let service = world
        .another_service_with_lanes(LaneBounds {
            connections_max: 3,
            wait_max: Duration::from_secs(25),
            ..LaneBounds::default()
        })
        .await;
    let client = async |agent: &str| world.client_at(&service, Token::agent(agent)).await;
    let mut anna = client("fl-101").await;
    let given = anna.request(credit()).await.unwrap();
    let (mut held, mut sql) = (world.sql().await, world.sql().await);
    let (mut first, mut second) = (world.sql().await, world.sql().await);
    held.execute("begin").await.unwrap();
    sqlx::query("select from largesse.gestures where gesture_id = $1 for update")
        .bind(given.id.parse::<Uuid>().unwrap())
        .execute(&mut held)
        .await
        .unwrap();

    // Somebody's batch hangs, and so will the next one: the two who gather meanwhile are in it together.
    first.execute(STOP).await.unwrap();
    let mut running = JoinSet::new();
    for (place, agent) in ["ld-201", "fl-101", "fl-102"].into_iter().enumerate() {
        let mut client = client(agent).await;
        running.spawn(async move { client.request(credit()).await });
        if place == 0 {
            wait_for_waiters(&mut sql, 1).await;
        }
    }
    let second = tokio::spawn(async move { second.execute(STOP).await.map(|_| second) });
    wait_for_waiters(&mut sql, 2).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    first.execute("rollback").await.unwrap();
    let mut second = second.await.unwrap().unwrap();
    running.join_next().await.unwrap().unwrap().unwrap();
    wait_for_waiters(&mut sql, 1).await;

    // The one of them takes something back, which will hang, and the other asks again.
    let taken_back = tokio::spawn(async move { anna.cancel(&given).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut ben = client("fl-102").await;
    let again = tokio::spawn(async move { ben.request(credit()).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    second.execute("rollback").await.unwrap();
    let again = timeout(Duration::from_secs(5), again).await;
    let again = again.expect("the one waits for the other").unwrap();
    assert_eq!(again.unwrap().state(), GestureState::Approved);
    held.execute("rollback").await.unwrap();
    taken_back.await.unwrap().unwrap();
    for told in running.join_all().await {
        told.unwrap();
    }
    assert_at_rest(&mut sql).await;
}

/// The session that puts a question dies before its commit: it is put again, and whoever asked for the gesture is told whom it was put to.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_whose_connection_is_lost_is_put_again_once() {
    let world = World::of(DEMO).await;
    let (mut stop, mut sql) = (world.sql().await, world.sql().await);
    let lock = "begin; lock table largesse.asks in share row exclusive mode";
    stop.execute(lock).await.unwrap();
    let mut client = world.agent("fl-101").await;
    let asking = tokio::spawn(async move { client.request(flowers("ida", 7000)).await });
    wait_for_waiters(&mut sql, 1).await;
    end_who_waits(&mut sql).await;
    stop.execute("rollback").await.unwrap();
    let asked = asking.await.unwrap().unwrap();
    let approval = asked.approval.unwrap();
    assert_eq!(approval.asked.len(), 1);
    assert_eq!(approval.asked[0].agent_id, "ld-201");
    let steps: i64 =
        sqlx::query_scalar("select count(*) from largesse.events e where e.type = 'ASKED'")
            .fetch_one(&mut sql)
            .await
            .unwrap();
    assert_eq!(steps, 1);
    assert_at_rest(&mut sql).await;
}

/// The one session of the service that waits for a lock is ended.
async fn end_who_waits(sql: &mut PgConnection) {
    let ended = sqlx::query(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name = 'largesse' and wait_event_type = 'Lock'",
    );
    assert_eq!(ended.execute(sql).await.unwrap().rows_affected(), 1);
}
