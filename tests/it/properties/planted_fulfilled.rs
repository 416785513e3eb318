//! Differences in what was made real: what a wrong report, a wrong capture or a forgotten promise would leave behind.

use largesse::pb::Gesture;
use prost_types::Timestamp;

use super::planted::Planted;
use crate::support::{World, assert_invariants, flowers};

pub const PLANTED: &[Planted] = &[
    // 2: captured in the counter and not in the holds, and the other way round
    (
        "update largesse.counters set captured_minor = captured_minor - 1 where captured_minor > 0",
        &[2],
    ),
    (
        "update largesse.gestures set captured_minor = captured_minor - 1 where state = 'DELIVERED' and about is null",
        &[2, 4],
    ),
    ("update largesse.counters set used_count = used_count - 1 where used_count > 1", &[2]),
    // 3: what ended holds again
    ("update largesse.gestures set settled_at = null where state = 'DELIVERED'", &[3]),
    ("update largesse.gestures set actual_minor = null where state = 'FAILED'", &[3]),
    // 4: a cost that nobody asks about, one that was accepted by nothing, one that is about nothing
    ("update largesse.gestures set actual_minor = actual_minor + 1 where state = 'DELIVERED'", &[4]),
    ("update largesse.follow_ups set rest_minor = rest_minor + 1 where purpose = 'COST'", &[4]),
    ("update largesse.follow_ups set answer_id = gesture_id where answer_id is not null", &[4]),
    ("update largesse.gestures set about = gesture_id where about is not null", &[4]),
    // 5: delivered twice, and before anything was approved
    (
        "update largesse.events set type = 'DELIVERED' where type = 'COST_CORRECTED'",
        &[5, 33],
    ),
    ("update largesse.events set state = 'DISPATCHED' where type = 'TRY_FAILED'", &[5]),
    // 10: what is done may be taken again; two may hold one lease
    ("update largesse.tasks set ready_at = now() where ready_at is null", &[10]),
    (
        "update largesse.tasks set leased_until = now(), leased_by = 'x', lease_no = 0 where ready_at is not null",
        &[10],
    ),
    // 11: a report in somebody's authority
    ("update largesse.events set authority = actor where type = 'DELIVERED'", &[11]),
    // 33: promises, their timers, what is asked about them, and leases that were never given
    ("update largesse.gestures set promise = 'KEPT' where promise is not null", &[33]),
    ("update largesse.gestures set promise = null", &[33]),
    ("delete from largesse.timers where purpose = 'PROMISE'", &[33]),
    (
        "insert into largesse.timers (tenant_id, gesture_id, purpose, due_at)
         select tenant_id, gesture_id, 'PROMISE', now() from largesse.gestures where state = 'DELIVERED'",
        &[33],
    ),
    ("delete from largesse.follow_ups where purpose = 'PROMISE'", &[33]),
    ("delete from largesse.follow_ups where purpose = 'COST'", &[33]),
    ("update largesse.tasks set lease_no = 0, leased_until = null, leased_by = null", &[33]),
    (
        "update largesse.tasks set delivered_at = delivered_at + interval '1 year'",
        &[33],
    ),
];

/// A little of everything that can become of an approved gesture.
pub async fn live_with_fulfillers(world: &World) {
    let mut agent = world.agent("fl-101").await;
    let mut all = world.fulfiller("all", &["*"]).await;
    let at = chrono::Utc::now() + chrono::TimeDelta::days(5);
    let promised = |customer: &str, cents| Gesture {
        promise_by: Some(Timestamp {
            seconds: at.timestamp(),
            nanos: 0,
        }),
        ..flowers(customer, cents)
    };
    // Delivered in time for less, and less still; for more, and accepted; for more, and open; failed; tried; on its way; waiting.
    for (customer, cost) in [("c-1", 1600), ("c-2", 2000), ("c-3", 2000)] {
        agent.request(promised(customer, 1700)).await.unwrap();
        let task = all.lease_one("florist").await;
        all.dispatched(&task, "ORDER-1").await.unwrap();
        all.delivered(&task, cost).await.unwrap();
        match customer {
            "c-1" => drop(all.delivered(&task, 1500).await.unwrap()),
            "c-2" => {
                let mut lead = world.approver("ld-201").await;
                drop(lead.accept(&task.task_id, 130).await.unwrap());
            }
            _ => {}
        }
    }
    agent.request(promised("c-4", 1700)).await.unwrap();
    let task = all.lease_one("florist").await;
    all.failed(&task, true).await.unwrap();
    agent.request(flowers("c-5", 1700)).await.unwrap();
    let task = all.lease_one("florist").await;
    all.failed(&task, false).await.unwrap();
    agent.request(promised("c-6", 1700)).await.unwrap();
    let task = all.lease_one("florist").await;
    all.dispatched(&task, "ORDER-2").await.unwrap();
    agent.request(promised("c-7", 1700)).await.unwrap();
    assert_invariants(&mut world.sql().await).await;
}
