//! Finding gestures again: by each filter, a page at a time, in an order that holds while others go on giving.

use chrono::{DateTime, TimeDelta, Utc};
use largesse::pb::{Gesture, GestureState, ListGesturesRequest, TimeRange};
use prost_types::Timestamp;
use uuid::Uuid;

use crate::support::{Client, Token, World, flowers, pickup};

fn at(time: DateTime<Utc>) -> Option<Timestamp> {
    Some(Timestamp {
        seconds: time.timestamp(),
        nanos: time.timestamp_subsec_nanos() as i32,
    })
}

fn instant(time: &Option<Timestamp>) -> DateTime<Utc> {
    let time = time.unwrap();
    DateTime::from_timestamp(time.seconds, time.nanos as u32).unwrap()
}

/// Every gesture that passes the filter, read in pages of two.
async fn all(client: &mut Client, filter: ListGesturesRequest) -> Vec<Gesture> {
    let mut found = Vec::new();
    let mut request = ListGesturesRequest {
        page_size: 2,
        ..filter
    };
    loop {
        let page = client.list(request.clone()).await.unwrap();
        assert!(page.gestures.len() <= 2);
        found.extend(page.gestures);
        if page.next_page_token.is_empty() {
            return found;
        }
        request.page_token = page.next_page_token;
    }
}

fn ids(gestures: &[Gesture]) -> Vec<&str> {
    gestures.iter().map(|gesture| gesture.id.as_str()).collect()
}

/// Five gestures of two agents for two customers: approved, approved, waiting, declined, cancelled; in this order.
async fn five(world: &World) -> Vec<Gesture> {
    let (mut first, mut second) = (world.agent("fl-101").await, world.agent("fl-102").await);
    // Further away than any lead time: nothing is at risk while the test looks.
    let next_week = Utc::now() + TimeDelta::days(7);
    let mut given = Vec::new();
    let promised = Gesture {
        case_id: "case-1".into(),
        promise_by: at(next_week),
        ..flowers("ida", 4500)
    };
    given.push(first.request(promised).await.unwrap());
    let later = Gesture {
        case_id: "case-1".into(),
        promise_by: at(next_week + TimeDelta::days(7)),
        ..pickup("otto", 1200)
    };
    given.push(second.request(later).await.unwrap());
    let waiting = Gesture {
        case_id: "case-2".into(),
        ..flowers("ida", 9000)
    };
    given.push(first.request(waiting).await.unwrap());
    given.push(second.request(flowers("ida", 100)).await.unwrap());
    let withdrawn = first.request(flowers("otto", 2000)).await.unwrap();
    given.push(first.cancel(&withdrawn).await.unwrap().gesture.unwrap());
    let states: Vec<GestureState> = given.iter().map(Gesture::state).collect();
    assert_eq!(
        states,
        [
            GestureState::Approved,
            GestureState::Approved,
            GestureState::PendingApproval,
            GestureState::Declined,
            GestureState::Cancelled
        ]
    );
    given
}

#[tokio::test(flavor = "multi_thread")]
async fn each_filter_finds_its_own_and_together_they_all_hold() {
    let world = World::demo().await;
    let given = five(&world).await;
    let mut auditor = world.client(Token::of("auditor-1", &["auditor"])).await;
    let created = |from: usize, until: usize| TimeRange {
        start: given[from].create_time,
        end: given[until].create_time,
    };
    let promised = |from: Option<i64>, until: Option<i64>| {
        let day = instant(&given[0].promise_by);
        TimeRange {
            start: from.and_then(|days| at(day + TimeDelta::days(days))),
            end: until.and_then(|days| at(day + TimeDelta::days(days))),
        }
    };
    let any = ListGesturesRequest::default;
    type Case<'a> = (&'a str, ListGesturesRequest, &'a [usize]);
    #[rustfmt::skip] // a line for each filter
    let cases: &[Case<'_>] = &[
        ("no filter, newest first", any(), &[4, 3, 2, 1, 0]),
        ("customer", ListGesturesRequest { customer_id: "ida".into(), ..any() }, &[3, 2, 0]),
        ("unknown customer", ListGesturesRequest { customer_id: "nobody".into(), ..any() }, &[]),
        ("case", ListGesturesRequest { case_id: "case-1".into(), ..any() }, &[1, 0]),
        ("agent", ListGesturesRequest { agent_id: "fl-102".into(), ..any() }, &[3, 1]),
        ("unknown agent", ListGesturesRequest { agent_id: "fl-999".into(), ..any() }, &[]),
        ("a state", ListGesturesRequest { states: vec![1], ..any() }, &[1, 0]),
        ("states", ListGesturesRequest { states: vec![2, 3, 4, 4], ..any() }, &[4, 3, 2]),
        ("asked from, and before", ListGesturesRequest { create_time: Some(created(1, 3)), ..any() }, &[2, 1]),
        ("promised at all", ListGesturesRequest { promise_by: Some(promised(Some(-9), None)), ..any() }, &[1, 0]),
        ("promised from, the instant included", ListGesturesRequest { promise_by: Some(promised(Some(0), Some(7))), ..any() }, &[0]),
        ("promised before, the instant not included", ListGesturesRequest { promise_by: Some(promised(None, Some(0))), ..any() }, &[]),
        ("customer, agent and state", ListGesturesRequest { customer_id: "ida".into(), agent_id: "fl-101".into(), states: vec![1, 3], ..any() }, &[0]),
        ("case and customer", ListGesturesRequest { case_id: "case-1".into(), customer_id: "otto".into(), ..any() }, &[1]),
        ("case and agent", ListGesturesRequest { case_id: "case-1".into(), agent_id: "fl-101".into(), ..any() }, &[0]),
    ];
    for (name, filter, expected) in cases {
        let found = all(&mut auditor, filter.clone()).await;
        let expected: Vec<&str> = expected
            .iter()
            .map(|place| given[*place].id.as_str())
            .collect();
        assert_eq!(ids(&found), expected, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_shows_what_get_shows() {
    let world = World::demo().await;
    five(&world).await;
    let mut agent = world.agent("fl-101").await;
    for listed in all(&mut agent, ListGesturesRequest::default()).await {
        assert_eq!(agent.get(&listed.id).await.unwrap(), listed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_neither_skip_nor_repeat_while_others_give() {
    let world = World::demo().await;
    let before = five(&world).await;
    let (mut reader, mut giver) = (world.agent("fl-101").await, world.agent("fl-102").await);
    let (mut found, mut request) = (
        Vec::new(),
        ListGesturesRequest {
            page_size: 1,
            ..Default::default()
        },
    );
    loop {
        let page = reader.list(request.clone()).await.unwrap();
        found.extend(page.gestures);
        giver.preview(flowers("ida", 1500)).await.unwrap();
        giver.request(flowers("new", 1500)).await.unwrap();
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let mut expected = ids(&before);
    expected.reverse();
    assert_eq!(ids(&found), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn gestures_of_one_instant_are_ordered_by_id_and_cut_anywhere() {
    let world = World::of_with_movable_clock(crate::support::DEMO).await;
    world.set_clock("2026-11-10T12:00:00Z").await;
    let mut agent = world.agent("ld-201").await;
    let mut asked = Vec::new();
    for number in 0..5 {
        let wish = flowers(&format!("c-{number}"), 1500);
        asked.push(agent.request(wish).await.unwrap());
    }
    let times: Vec<_> = asked.iter().map(|gesture| gesture.create_time).collect();
    assert_eq!(times, vec![times[0]; 5], "one instant");
    let mut expected = ids(&asked);
    expected.sort();
    expected.reverse();
    let found = all(&mut agent, ListGesturesRequest::default()).await;
    assert_eq!(ids(&found), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_by_id_come_in_the_order_asked_for_and_the_missing_are_named() {
    let world = World::demo().await;
    let given = five(&world).await;
    let mut agent = world.agent("fl-101").await;
    let lost = Uuid::now_v7();
    agent.resolve(lost).await.unwrap();
    let (never, lost) = (Uuid::now_v7().to_string(), lost.to_string());
    let asked = [
        &given[3].id,
        &never,
        &given[0].id,
        &lost,
        &given[3].id,
        &given[4].id,
    ]
    .map(String::clone);
    let found = agent.batch_get(&asked).await.unwrap();
    assert_eq!(
        ids(&found.gestures),
        [&given[3].id, &given[0].id, &given[4].id].map(String::as_str)
    );
    assert_eq!(
        found.missing_ids,
        [never, lost],
        "what never happened is no gesture"
    );
    let many: Vec<String> = (0..101).map(|_| Uuid::now_v7().to_string()).collect();
    assert_eq!(
        agent
            .batch_get(&many[..100])
            .await
            .unwrap()
            .missing_ids
            .len(),
        100
    );
    let refused = agent.batch_get(&many).await.unwrap_err();
    assert_eq!(crate::support::wrongs(&refused), ["gesture_ids TOO_MANY"]);
}
