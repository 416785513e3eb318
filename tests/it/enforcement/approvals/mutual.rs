//! Saying yes to each other: allowed, and written into the trail for whoever looks.

use super::{basket, document_where};
use crate::support::Desk;
use crate::support::kernel::{Answering, Seen};

impl Desk {
    /// Whether the yes to this gesture is flagged in the trail.
    async fn is_flagged(&mut self, seen: &Seen) -> bool {
        let flag: Option<String> = sqlx::query_scalar(
            "select facts ->> 'reciprocal' from largesse.events where gesture_id = $1 and type = 'APPROVED'",
        )
        .bind(seen.id)
        .fetch_one(&mut self.sql)
        .await
        .unwrap();
        flag.as_deref() == Some("true")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn is_flagged_for_ninety_days() {
    let mut document = document_where("duty", |agent| agent["level"] = "manager".into());
    document["routing"]["duty_members"] = serde_json::json!(["fl-2"]);
    let mut desk = Desk::of(&document).await;
    let leads = desk.waiting(&basket("ld-1", "ida", 16000), &["duty"]).await;
    desk.approves(&Answering::yes("fl-2", &leads)).await;
    assert!(!desk.is_flagged(&leads).await, "one way is no ring");

    let back = desk.waiting(&basket("fl-2", "tom", 7000), &["ld-1"]).await;
    desk.approves(&Answering::yes("ld-1", &back)).await;
    assert!(desk.is_flagged(&back).await);
    desk.holds().await;

    desk.later(90 * 24 * 60).await;
    let later = desk.waiting(&basket("fl-2", "tom", 7000), &["ld-1"]).await;
    desk.approves(&Answering::yes("ld-1", &later)).await;
    assert!(!desk.is_flagged(&later).await);
}
