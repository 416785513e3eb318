//! The flowers stand on the table.

use largesse::pb::{GestureState, OutcomeWord, PromiseState, RecordOutcomeRequest};
use prost_types::Timestamp;
use uuid::Uuid;

use super::{lilies, used};
use crate::support::{World, assert_at_rest, assert_invariants, flowers, reason_of};

fn in_two_days() -> Timestamp {
    let at = chrono::Utc::now() + chrono::TimeDelta::days(2);
    Timestamp {
        seconds: at.timestamp(),
        nanos: 0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_spent_is_back_in_the_agents_month() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let mut promised = flowers("ida", 4500);
    promised.promise_by = Some(in_two_days());
    let given = agent.request(promised).await.unwrap();
    assert_eq!(given.promise(), PromiseState::Pending);
    assert_eq!(given.fulfilment.as_ref().unwrap().channel, "florist");
    assert_eq!(
        agent.get(&given.id).await.unwrap(),
        given,
        "as it was answered"
    );
    assert_eq!(used(&mut agent, "agent-month").await, 4950);

    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    assert_eq!(task.task_id, given.id);
    assert_eq!(task.amount, given.amount);
    assert_eq!(task.hold.as_ref().unwrap().minor_units, 4950);
    assert_eq!(task.promise_by, given.promise_by);
    let sent = florist.dispatched(&task, "FLR-77").await.unwrap();
    assert_eq!(sent.state(), GestureState::Dispatched);
    assert_eq!(used(&mut agent, "agent-month").await, 4950, "still held");

    let done = florist.delivered(&task, 4180).await.unwrap();
    assert_eq!(
        (done.state(), done.promise()),
        (GestureState::Delivered, PromiseState::Kept)
    );
    assert_eq!(done.captured.as_ref().unwrap().minor_units, 4180);
    assert_eq!(done.released.as_ref().unwrap().minor_units, 770);
    assert_eq!(done.cost_in_question, None);
    assert_eq!(used(&mut agent, "agent-month").await, 4180);

    let now = agent.get(&given.id).await.unwrap();
    let fulfilment = now.fulfilment.clone().unwrap();
    assert_eq!(fulfilment.order_reference, "FLR-77");
    assert_eq!(fulfilment.fulfiller, "florist-1");
    assert_eq!(fulfilment.actual_cost.unwrap().minor_units, 4180);
    assert_eq!(fulfilment.next_try_time, None);
    assert!(florist.lease("florist", 10).await.unwrap().is_empty());

    let thanked = RecordOutcomeRequest {
        outcome_id: Uuid::now_v7().to_string(),
        gesture_id: given.id.clone(),
        word: OutcomeWord::Thanked.into(),
        note: "She cried, and thanked us.".into(),
        agent_id: String::new(),
    };
    for replayed in [false, true] {
        let answer = agent
            .gestures
            .record_outcome(thanked.clone())
            .await
            .unwrap();
        let answer = answer.into_inner();
        assert_eq!(answer.replayed, replayed);
        let outcomes = answer.gesture.unwrap().outcomes;
        assert_eq!(outcomes.len(), 1);
        assert_eq!(outcomes[0].word(), OutcomeWord::Thanked);
        assert_eq!(outcomes[0].note, "She cried, and thanked us.");
        assert_eq!(outcomes[0].recorded_by, "fl-101");
    }
    let other = RecordOutcomeRequest {
        word: OutcomeWord::Returned.into(),
        ..thanked
    };
    let refused = agent.gestures.record_outcome(other).await.unwrap_err();
    assert_eq!(reason_of(&refused), "OUTCOME_ID_REUSED");
    let mut colleague = world.agent("fl-102").await;
    let seen = colleague.get(&given.id).await.unwrap();
    assert_eq!(
        seen.outcomes[0].note, "",
        "a colleague sees that, and not what"
    );
    assert_invariants(&mut world.sql().await).await;
    assert_at_rest(&mut world.sql().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cost_more_is_a_question_that_a_lead_answers() {
    let world = World::demo().await;
    let mut agent = world.agent("fl-101").await;
    let given = lilies(&world).await;
    let mut florist = world.fulfiller("florist-1", &["florist"]).await;
    let task = florist.lease_one("florist").await;
    let done = florist.delivered(&task, 5200).await.unwrap();
    assert_eq!(
        done.state(),
        GestureState::Delivered,
        "a fact is never refused"
    );
    assert_eq!(done.captured.unwrap().minor_units, 4950);
    assert_eq!(done.cost_in_question.unwrap().minor_units, 250);

    let mut lead = world.approver("ld-201").await;
    let waiting = lead.follow_ups().await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(
        waiting[0].cost_in_question.as_ref().unwrap().minor_units,
        250
    );
    assert_eq!(waiting[0].gesture.as_ref().unwrap().id, given.id);
    assert!(
        agent.follow_ups().await.is_empty(),
        "it is not for who asked"
    );

    let moved = lead.accept(&given.id, 249).await.unwrap_err();
    assert_eq!(reason_of(&moved), "COST_MOVED");
    let id = Uuid::now_v7();
    for replayed in [false, true] {
        let accepted = lead.accept_as(id, &given.id, 250).await.unwrap();
        assert_eq!(accepted.replayed, replayed);
        let rest = accepted.gesture.unwrap();
        assert_eq!(
            (rest.state(), rest.about.as_str()),
            (GestureState::Delivered, given.id.as_str())
        );
        assert_eq!(rest.requested_by, "ld-201");
        assert_eq!(rest.amount.unwrap().minor_units, 250);
    }
    assert!(lead.follow_ups().await.is_empty());
    let now = agent.get(&given.id).await.unwrap();
    assert_eq!(now.fulfilment.unwrap().cost_in_question, None);
    assert_eq!(
        used(&mut agent, "agent-month").await,
        4950,
        "the agent pays no more than was held"
    );
    assert_eq!(
        used(&mut lead, "agent-month").await,
        250,
        "the lead pays the rest"
    );
    let again = lead.accept(&given.id, 250).await.unwrap_err();
    assert_eq!(reason_of(&again), "NOTHING_IN_QUESTION");
    let corrected = florist.delivered(&task, 5000).await.unwrap_err();
    assert_eq!(reason_of(&corrected), "COST_ACCEPTED");
    assert_invariants(&mut world.sql().await).await;
}
