//! How far every consumer is, and what is set aside.

use uuid::Uuid;

use crate::cli::client::Client;
use crate::cli::failure::{Effect, Exit, Failure};
use crate::cli::output::{Looks, counted};
use crate::cli::times;
use crate::pb::{
    Consumer, DeleteConsumerRequest, DropSetAsideRequest, ListConsumersRequest,
    ListConsumersResponse, ListSetAsideRequest, ListSetAsideResponse, RetrySetAsideRequest,
    SetAsideEvent,
};

/// What the service counts to.
const COUNTED_MAX: i64 = 100_000;
/// The largest page that the service gives.
const PAGE_MAX: i32 = 200;

/// `publish --status`.
pub(super) async fn show(client: &Client) -> Result<Exit, Failure> {
    let answer = client
        .events()
        .list_consumers(ListConsumersRequest {})
        .await;
    let answer = answer
        .map_err(|status| Effect::Reads.failed(&status))?
        .into_inner();
    client
        .printer
        .answer(&answer, |looks| consumers(looks, &answer))?;
    Ok(Exit::Done)
}

/// `publish --list-set-aside`.
pub(super) async fn list_set_aside(
    client: &Client,
    consumer: String,
    gesture: Option<Uuid>,
) -> Result<Exit, Failure> {
    let all = all_set_aside(client, consumer, gesture).await?;
    client
        .printer
        .answer(&all, |looks| set_aside(looks, &all))?;
    Ok(Exit::Done)
}

async fn all_set_aside(
    client: &Client,
    consumer: String,
    gesture: Option<Uuid>,
) -> Result<ListSetAsideResponse, Failure> {
    let mut request = ListSetAsideRequest {
        consumer,
        gesture_id: gesture.map(|id| id.to_string()).unwrap_or_default(),
        page_size: PAGE_MAX,
        ..Default::default()
    };
    let mut all = ListSetAsideResponse::default();
    loop {
        let page = client.events().list_set_aside(request.clone()).await;
        let page = page
            .map_err(|status| Effect::Reads.failed(&status))?
            .into_inner();
        all.events.extend(page.events);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(all);
        }
    }
}

/// `publish --drop-set-aside`: prints what was given up.
pub(super) async fn drop_set_aside(
    client: &Client,
    consumer: String,
    gesture: Option<Uuid>,
) -> Result<Exit, Failure> {
    let effect =
        Effect::writes("largesse publish --list-set-aside; repeating the command does no harm");
    let all = all_set_aside(client, consumer.clone(), gesture).await?;
    let events = all.events.iter().filter_map(|item| item.event.as_ref());
    let cursors: Vec<String> = events.map(|event| event.cursor.clone()).collect();
    for cursors in cursors.chunks(PAGE_MAX as usize) {
        let request = DropSetAsideRequest {
            consumer: consumer.clone(),
            lease: String::new(),
            cursors: cursors.to_vec(),
        };
        let answer = client.events().drop_set_aside(request).await;
        answer.map_err(|status| effect.failed(&status))?;
    }
    client.printer.answer(&all, |looks| {
        format!(
            "{}\nGiven up: it will not be brought any more.\n",
            set_aside(looks, &all)
        )
    })?;
    Ok(Exit::Done)
}

/// `publish --retry-set-aside`.
pub(super) async fn retry_set_aside(
    client: &Client,
    consumer: String,
    gesture: Option<Uuid>,
) -> Result<Exit, Failure> {
    let effect =
        Effect::writes("largesse publish --list-set-aside; repeating the command does no harm");
    let request = RetrySetAsideRequest {
        consumer: consumer.clone(),
        gesture_id: gesture.map(|id| id.to_string()).unwrap_or_default(),
    };
    let answer = client.events().retry_set_aside(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client.printer.answer(&answer, |_| {
        let count = counted(answer.count.try_into().unwrap_or(usize::MAX), "event");
        format!("{count} will be brought again by whoever publishes as {consumer}, now or when it next starts.\n")
    })?;
    Ok(Exit::Done)
}

/// `publish --forget`.
pub(super) async fn forget(client: &Client, consumer: String) -> Result<Exit, Failure> {
    let effect = Effect::writes(
        "largesse publish --status; repeated, the command does no harm, and says that there is no such consumer",
    );
    let request = DeleteConsumerRequest {
        consumer: consumer.clone(),
    };
    let answer = client.events().delete_consumer(request).await;
    let answer = answer
        .map_err(|status| effect.failed(&status))?
        .into_inner();
    client
        .printer
        .answer(&answer, |_| match answer.set_aside_count {
            0 => format!("{consumer} is forgotten.\n"),
            count => {
                let count = counted(count.try_into().unwrap_or(usize::MAX), "event");
                format!(
                    "{consumer} is forgotten; given up with it: {count} that it had set aside.\n"
                )
            }
        })?;
    Ok(Exit::Done)
}

fn consumers(looks: &Looks, all: &ListConsumersResponse) -> String {
    if all.consumers.is_empty() {
        return "Nobody follows the trail under a name yet.\n".into();
    }
    let titles = [
        "consumer",
        " behind",
        " for",
        "published by",
        " set aside",
        "last error",
        "when",
    ];
    looks.table(
        &titles,
        all.consumers.iter().map(|consumer| row(looks, consumer)),
    )
}

fn row(looks: &Looks, consumer: &Consumer) -> Vec<String> {
    let behind = match consumer.events_behind {
        COUNTED_MAX.. => format!("{COUNTED_MAX}+"),
        count => count.to_string(),
    };
    let age = consumer.behind_for.as_ref();
    vec![
        consumer.name.clone(),
        behind,
        age.map(|age| times::stretch(age.seconds, 2))
            .unwrap_or_default(),
        consumer.holder.clone(),
        consumer.set_aside_count.to_string(),
        consumer.failure.clone(),
        looks.left(consumer.failure_time.as_ref()),
    ]
}

fn set_aside(looks: &Looks, all: &ListSetAsideResponse) -> String {
    if all.events.is_empty() {
        return "Nothing is set aside.\n".into();
    }
    let titles = ["why", " tries", "since", "type", "gesture", "event"];
    let table = looks.table(&titles, all.events.iter().map(|item| aside(looks, item)));
    format!("{table}\n{}\n", counted(all.events.len(), "event"))
}

fn aside(looks: &Looks, item: &SetAsideEvent) -> Vec<String> {
    let event = item.event.clone().unwrap_or_default();
    let again = if item.is_retry_due {
        " (again soon)"
    } else {
        ""
    };
    vec![
        format!("{}{again}", item.why),
        item.tries.to_string(),
        looks.left(item.set_aside_time.as_ref()),
        event.r#type,
        event.gesture_id,
        event.id,
    ]
}

#[cfg(test)]
mod tests {
    use prost_types::Duration;

    use super::*;
    use crate::cli::output::without_rules;
    use crate::pb::Event;

    #[test]
    fn a_consumer_is_a_line() {
        let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
        let looks = Looks {
            now: chrono::DateTime::from_timestamp(1_000_000, 0),
            ..Looks::default()
        };
        let all = ListConsumersResponse {
            consumers: vec![
                Consumer {
                    name: "shop".into(),
                    events_behind: 12,
                    behind_for: Some(Duration {
                        seconds: 7400,
                        nanos: 0,
                    }),
                    holder: "host-1/17".into(),
                    failure: "SERVER_ERROR".into(),
                    failure_time: at(999_880),
                    set_aside_count: 2,
                    ..Default::default()
                },
                Consumer {
                    name: "warehouse".into(),
                    events_behind: COUNTED_MAX,
                    ..Default::default()
                },
            ],
        };
        let expected = "\
consumer    behind    for  published by  set aside  last error    when
─
shop            12  2h 3m  host-1/17             2  SERVER_ERROR  2m ago
warehouse  100000+                               0";
        let told = without_rules(&consumers(&looks, &all));
        let told: Vec<&str> = told.lines().map(str::trim_end).collect();
        assert_eq!(told.join("\n"), expected);
        assert!(consumers(&looks, &ListConsumersResponse::default()).starts_with("Nobody"));
    }

    #[test]
    fn what_is_set_aside_is_told_with_its_reason() {
        let all = ListSetAsideResponse {
            events: vec![SetAsideEvent {
                event: Some(Event {
                    id: "b-1".into(),
                    gesture_id: "g".into(),
                    r#type: "APPROVED".into(),
                    ..Default::default()
                }),
                why: "BAD_REQUEST".into(),
                tries: 3,
                is_retry_due: true,
                ..Default::default()
            }],
            next_page_token: String::new(),
        };
        let told = set_aside(&Looks::default(), &all);
        assert!(
            told.contains("BAD_REQUEST (again soon)") && told.contains("b-1"),
            "{told}"
        );
        assert!(told.ends_with("1 event\n"), "{told}");
    }
}
