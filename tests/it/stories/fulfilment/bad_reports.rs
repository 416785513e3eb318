//! What cannot be a report is named, and nothing is done.

use largesse::pb::{ReportDeliveredRequest, ReportDispatchedRequest, ReportFailedRequest};
use prost_types::Timestamp;
use tonic::Code;
use uuid::Uuid;

use super::lilies;
use crate::support::{World, money, reason_of, violated_fields};

#[tokio::test(flavor = "multi_thread")]
async fn each_is_named_and_nothing_is_written() {
    let world = World::demo().await;
    lilies(&world).await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    let before = world.rows().await;

    let good = ReportDeliveredRequest {
        task_id: task.task_id.clone(),
        fencing_token: task.fencing_token,
        actual_cost: money(4180, "EUR"),
        deliver_time: None,
        proof_reference: String::new(),
    };
    let tomorrow = chrono::Utc::now().timestamp() + 86_400;
    for (wrong, fields) in [
        (
            ReportDeliveredRequest {
                actual_cost: money(-1, "EUR"),
                ..good.clone()
            },
            vec!["actual_cost.minor_units"],
        ),
        (
            ReportDeliveredRequest {
                actual_cost: money(4180, "USD"),
                ..good.clone()
            },
            vec!["actual_cost.currency"],
        ),
        (
            ReportDeliveredRequest {
                actual_cost: None,
                task_id: "77".into(),
                fencing_token: 0,
                proof_reference: "two words".into(),
                ..good.clone()
            },
            vec!["task_id", "fencing_token", "actual_cost", "proof_reference"],
        ),
        (
            ReportDeliveredRequest {
                deliver_time: Some(Timestamp {
                    seconds: tomorrow,
                    nanos: 0,
                }),
                ..good.clone()
            },
            vec!["deliver_time"],
        ),
    ] {
        let refused = florist.delivered_with(wrong).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert_eq!(violated_fields(&refused), fields);
    }
    let unknown = ReportDeliveredRequest {
        task_id: Uuid::now_v7().to_string(),
        ..good.clone()
    };
    let refused = florist.delivered_with(unknown).await.unwrap_err();
    assert_eq!(reason_of(&refused), "TASK_NOT_FOUND");
    let other_token = ReportDeliveredRequest {
        fencing_token: task.fencing_token + 1,
        ..good.clone()
    };
    let refused = florist.delivered_with(other_token).await.unwrap_err();
    assert_eq!(reason_of(&refused), "LEASE_LOST");

    let failed = ReportFailedRequest {
        task_id: task.task_id.clone(),
        fencing_token: task.fencing_token,
        failure: "OUT_OF_STOCK".into(),
        permanent: true,
        retry_time: Some(Timestamp {
            seconds: tomorrow,
            nanos: 0,
        }),
        actual_cost: None,
    };
    let refused = florist.fulfilment.report_failed(failed).await.unwrap_err();
    assert_eq!(violated_fields(&refused), ["retry_time"]);
    let dispatched = ReportDispatchedRequest {
        task_id: task.task_id.clone(),
        fencing_token: task.fencing_token,
        order_reference: String::new(),
        dispatch_time: None,
    };
    let refused = florist
        .fulfilment
        .report_dispatched(dispatched)
        .await
        .unwrap_err();
    assert_eq!(violated_fields(&refused), ["order_reference"]);
    assert_eq!(world.rows().await, before, "nothing was written");

    let mut agent = world.agent("fl-101").await;
    let refused = agent.lease("florist", 1).await.unwrap_err();
    assert_eq!(reason_of(&refused), "ROLE_MISSING");
    for count in [-1, 1001] {
        let refused = florist.lease("florist", count).await.unwrap_err();
        assert_eq!(violated_fields(&refused), ["max_tasks"]);
    }
    florist.delivered_with(good).await.unwrap();
    let done = florist.failed(&task, true).await.unwrap_err();
    assert_eq!(reason_of(&done), "STATE_FORBIDS");
}
