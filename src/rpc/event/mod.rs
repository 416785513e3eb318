//! EventService: reads messages, calls one use case each, writes the answer.

pub(super) mod messages;

use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use super::form::Form;
use super::{caller, to_status};
use crate::ids::{AgentId, CustomerId, GestureId};
use crate::pb;
use crate::pb::event_service_server::EventService;
use crate::pb::event_start::From as StartFrom;
use crate::problem::{Problem, Wrong};
use crate::trail::events::{EventFilter, Events, LeaseWish, Refused, Start, Watching};

/// Most types of one filter.
const TYPES_MAX: usize = 50;
/// Most events that are set aside, or dropped, at once.
const SET_ASIDE_MAX: usize = 200;
/// Longest lease, in seconds.
const LEASE_S_MAX: i64 = 300;
/// Longest word that says why something did not go on.
const WORD_CHARACTERS_MAX: usize = 64;
/// Most tries that are told of at once.
const TRIES_MAX: i32 = 1_000_000;

/// The service over the use cases of following the trail.
pub struct EventRpc {
    events: Events,
    /// Says when the server stops: a stream has no end of its own.
    stopping: watch::Receiver<bool>,
}

impl EventRpc {
    /// The service.
    pub fn new(events: Events, stopping: watch::Receiver<bool>) -> Self {
        Self { events, stopping }
    }

    async fn list(
        &self,
        request: Request<pb::ListEventsRequest>,
    ) -> Result<pb::ListEventsResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let start = start(&mut form, message.start);
        let filter = filter(&mut form, message.filter);
        let page_size = form.page_size(message.page_size);
        let start = form.whole(start)?;
        let page = self.events.list(&caller, &start, &filter, page_size);
        let (page, tenant) = (page.await?, caller.tenant()?);
        let event = |event| messages::event(event, tenant, &caller.tenant_name);
        Ok(pb::ListEventsResponse {
            events: page.events.into_iter().map(event).collect(),
            next_cursor: page.next.cursor(tenant),
            is_end: page.is_end,
        })
    }

    async fn watch(&self, request: Request<pb::WatchEventsRequest>) -> Result<Pages, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let start = start(&mut form, message.start);
        let filter = filter(&mut form, message.filter);
        let start = form.whole(start)?;
        let watching = self.events.watch(&caller, &start, filter).await?;
        Ok(pages(watching, caller.tenant_name, self.stopping.clone()))
    }

    async fn ack(
        &self,
        request: Request<pb::AckEventsRequest>,
    ) -> Result<pb::AckEventsResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let consumer = form.id("consumer", &message.consumer);
        let cursor = cursor(&mut form, "cursor", &message.cursor);
        let lease = lease(&mut form, &message.lease);
        let (consumer, cursor) = form.whole(consumer.zip(cursor))?;
        let position = self.events.ack(&caller, &consumer, &cursor, lease).await?;
        Ok(pb::AckEventsResponse {
            cursor: position.cursor(caller.tenant()?),
        })
    }

    async fn lease(
        &self,
        request: Request<pb::LeaseConsumerRequest>,
    ) -> Result<pb::LeaseConsumerResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let consumer = form.id("consumer", &message.consumer);
        let holder = form.id("holder", &message.holder);
        let lease = lease(&mut form, &message.lease);
        let duration = lease_duration(&mut form, message.duration);
        let failure = Some(message.failure.as_str()).filter(|word| !word.is_empty());
        let failure = failure.and_then(|text| word(&mut form, "failure", text));
        let ((consumer, holder), duration) = form.whole(consumer.zip(holder).zip(duration))?;
        let wish = LeaseWish {
            consumer,
            holder,
            lease,
            duration,
            failure,
            from_latest: message.from_latest,
        };
        let lease = self.events.lease(&caller, wish).await?;
        Ok(messages::lease(lease, caller.tenant()?))
    }

    async fn consumers(
        &self,
        request: Request<pb::ListConsumersRequest>,
    ) -> Result<pb::ListConsumersResponse, Problem> {
        let caller = caller(&request)?;
        let (consumers, tenant) = (self.events.consumers(&caller).await?, caller.tenant()?);
        let consumers = consumers
            .into_iter()
            .map(|consumer| messages::consumer(consumer, tenant));
        Ok(pb::ListConsumersResponse {
            consumers: consumers.collect(),
        })
    }

    async fn set_aside(
        &self,
        request: Request<pb::SetEventsAsideRequest>,
    ) -> Result<pb::SetEventsAsideResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let consumer = form.id("consumer", &message.consumer);
        let lease = lease(&mut form, &message.lease);
        count(&mut form, "events", message.events.len());
        let events = message.events.into_iter().enumerate();
        let refused: Vec<Refused> = events
            .filter_map(|(number, event)| refused(&mut form, number, event))
            .collect();
        let consumer = form.whole(consumer)?;
        let set = self.events.set_aside(&caller, &consumer, lease, refused);
        set.await?;
        Ok(pb::SetEventsAsideResponse {})
    }

    async fn list_set_aside(
        &self,
        request: Request<pb::ListSetAsideRequest>,
    ) -> Result<pb::ListSetAsideResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let consumer = form.id("consumer", &message.consumer);
        let gesture = optional_gesture(&mut form, &message.gesture_id);
        let page_size = form.page_size(message.page_size);
        let consumer = form.whole(consumer)?;
        let token = Some(message.page_token).filter(|token| !token.is_empty());
        let (due, token) = (message.retry_due, token.as_deref());
        let page = self
            .events
            .list_set_aside(&caller, &consumer, gesture, due, page_size, token);
        let (page, tenant) = (page.await?, caller.tenant()?);
        let item = |item| messages::set_aside(item, tenant, &caller.tenant_name);
        Ok(pb::ListSetAsideResponse {
            events: page.items.into_iter().map(item).collect(),
            next_page_token: page.next.unwrap_or_default(),
        })
    }

    async fn retry_set_aside(
        &self,
        request: Request<pb::RetrySetAsideRequest>,
    ) -> Result<pb::RetrySetAsideResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let consumer = form.id("consumer", &message.consumer);
        let gesture = optional_gesture(&mut form, &message.gesture_id);
        let consumer = form.whole(consumer)?;
        let asked = self.events.retry_set_aside(&caller, &consumer, gesture);
        Ok(pb::RetrySetAsideResponse {
            count: asked.await?,
        })
    }

    async fn drop_set_aside(
        &self,
        request: Request<pb::DropSetAsideRequest>,
    ) -> Result<pb::DropSetAsideResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let consumer = form.id("consumer", &message.consumer);
        let lease = lease(&mut form, &message.lease);
        count(&mut form, "cursors", message.cursors.len());
        for (number, text) in message.cursors.iter().enumerate() {
            cursor(&mut form, &format!("cursors[{number}]"), text);
        }
        let consumer = form.whole(consumer)?;
        let dropped = self
            .events
            .drop_set_aside(&caller, &consumer, lease, &message.cursors);
        dropped.await?;
        Ok(pb::DropSetAsideResponse {})
    }

    async fn delete_consumer(
        &self,
        request: Request<pb::DeleteConsumerRequest>,
    ) -> Result<pb::DeleteConsumerResponse, Problem> {
        let caller = caller(&request)?;
        let message = request.into_inner();
        let mut form = Form::default();
        let consumer = form.id("consumer", &message.consumer);
        let consumer = form.whole(consumer)?;
        Ok(pb::DeleteConsumerResponse {
            set_aside_count: self.events.delete_consumer(&caller, &consumer).await?,
        })
    }
}

/// Messages as they come.
type Pages = BoxStream<'static, Result<pb::WatchEventsResponse, Status>>;

/// A page is read when the transport asks for one, which it does when the reader has room: nothing is read ahead, and nothing
/// is held while nobody asks.
fn pages(watching: Watching, name: String, stopping: watch::Receiver<bool>) -> Pages {
    let tenant = watching.tenant();
    let message = move |page: crate::trail::events::EventPage| pb::WatchEventsResponse {
        cursor: page.next.cursor(tenant),
        events: page
            .events
            .into_iter()
            .map(|event| messages::event(event, tenant, &name))
            .collect(),
    };
    let told = stream::unfold(Some((watching, stopping)), async |state| {
        let (mut watching, mut stopping) = state?;
        let next = tokio::select! {
            // An error means that the sender is gone, which is a stop as well.
            _ = stopping.wait_for(|stop| *stop) => return None,
            next = watching.next() => next,
        };
        match next {
            Ok(Some(page)) => Some((Ok(page), Some((watching, stopping)))),
            Ok(None) => None,
            Err(problem) => Some((Err(problem), None)),
        }
    });
    told.map(move |page| page.map(&message).map_err(to_status))
        .boxed()
}

fn start(form: &mut Form, start: Option<pb::EventStart>) -> Option<Start> {
    match start.and_then(|start| start.from) {
        None => Some(Start::Beginning),
        Some(StartFrom::Cursor(text)) => cursor(form, "start.cursor", &text).map(Start::Cursor),
        Some(StartFrom::Consumer(name)) => form.id("start.consumer", &name).map(Start::Consumer),
        Some(StartFrom::Latest(true)) => Some(Start::Latest),
        Some(StartFrom::Latest(false)) => {
            form.wrong(
                "start.latest",
                Wrong::OutOfRange,
                "must be true; leave `start` unset to begin at the oldest event",
            );
            None
        }
    }
}

fn filter(form: &mut Form, filter: Option<pb::EventFilter>) -> EventFilter {
    let filter = filter.unwrap_or_default();
    if filter.types.len() > TYPES_MAX {
        let at_most = format!("at most {TYPES_MAX} types");
        form.wrong("filter.types", Wrong::TooMany, at_most);
        return EventFilter::default();
    }
    let types = filter.types.iter().enumerate();
    EventFilter {
        types: types
            .filter_map(|(number, text)| word(form, &format!("filter.types[{number}]"), text))
            .collect(),
        customer: form
            .optional_id("filter.customer_id", &filter.customer_id)
            .and_then(CustomerId::new),
        case_id: form.optional_id("filter.case_id", &filter.case_id),
        agent: form
            .optional_id("filter.agent_id", &filter.agent_id)
            .and_then(AgentId::new),
    }
}

fn cursor(form: &mut Form, field: &str, text: &str) -> Option<String> {
    if text.is_empty() {
        form.wrong(field, Wrong::Required, "is needed: a cursor");
        return None;
    }
    Some(text.to_owned())
}

fn lease(form: &mut Form, text: &str) -> Option<i64> {
    let lease = text.parse().ok().filter(|lease: &i64| *lease > 0);
    if lease.is_none() && !text.is_empty() {
        let given = "must be what LeaseConsumer gave";
        form.wrong("lease", Wrong::Malformed, given);
    }
    lease
}

fn lease_duration(form: &mut Form, duration: Option<prost_types::Duration>) -> Option<Duration> {
    let Some(duration) = duration else {
        form.wrong("duration", Wrong::Required, "is needed: 0 to 300 seconds");
        return None;
    };
    let seconds = u64::try_from(duration.seconds).ok();
    let seconds = seconds.filter(|_| duration.seconds <= LEASE_S_MAX && duration.nanos == 0);
    if seconds.is_none() {
        form.wrong(
            "duration",
            Wrong::OutOfRange,
            "must be 0 to 300 whole seconds",
        );
    }
    seconds.map(Duration::from_secs)
}

/// A word that says what happened, or why something did not.
fn word(form: &mut Form, field: &str, text: &str) -> Option<String> {
    let is_word = text.starts_with(|first: char| first.is_ascii_uppercase())
        && text.len() <= WORD_CHARACTERS_MAX
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    if !is_word {
        let form_of_it = "must be a word of 1 to 64 capital letters and underscores";
        form.wrong(field, Wrong::Malformed, form_of_it);
    }
    is_word.then(|| text.to_owned())
}

fn refused(form: &mut Form, number: usize, event: pb::RefusedEvent) -> Option<Refused> {
    let field = |name: &str| format!("events[{number}].{name}");
    if !(0..=TRIES_MAX).contains(&event.tries) {
        let bounds = format!("must be 0 to {TRIES_MAX}");
        form.wrong(field("tries"), Wrong::OutOfRange, bounds);
    }
    let cursor = cursor(form, &field("cursor"), &event.cursor);
    let why = word(form, &field("why"), &event.why);
    Some(Refused {
        cursor: cursor?,
        why: why?,
        tries: event.tries,
    })
}

fn count(form: &mut Form, field: &str, count: usize) {
    let bounds = format!("must be 1 to {SET_ASIDE_MAX}");
    match count {
        0 => form.wrong(field, Wrong::Required, bounds),
        1..=SET_ASIDE_MAX => {}
        _ => form.wrong(field, Wrong::TooMany, bounds),
    }
}

fn optional_gesture(form: &mut Form, text: &str) -> Option<GestureId> {
    if text.is_empty() {
        None
    } else {
        form.gesture_id("gesture_id", text)
    }
}

/// One method of the service each: a use case, and its problems as statuses.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident = $call:ident;)+) => {
        #[tonic::async_trait]
        impl EventService for EventRpc {
            type WatchEventsStream = Pages;

            async fn watch_events(
                &self,
                request: Request<pb::WatchEventsRequest>,
            ) -> Result<Response<Pages>, Status> {
                self.watch(request).await.map(Response::new).map_err(to_status)
            }

            $(
                async fn $method(
                    &self,
                    request: Request<pb::$request>,
                ) -> Result<Response<pb::$response>, Status> {
                    self.$call(request).await.map(Response::new).map_err(to_status)
                }
            )+
        }
    };
}

methods! {
    list_events(ListEventsRequest) -> ListEventsResponse = list;
    ack_events(AckEventsRequest) -> AckEventsResponse = ack;
    lease_consumer(LeaseConsumerRequest) -> LeaseConsumerResponse = lease;
    list_consumers(ListConsumersRequest) -> ListConsumersResponse = consumers;
    set_events_aside(SetEventsAsideRequest) -> SetEventsAsideResponse = set_aside;
    list_set_aside(ListSetAsideRequest) -> ListSetAsideResponse = list_set_aside;
    retry_set_aside(RetrySetAsideRequest) -> RetrySetAsideResponse = retry_set_aside;
    drop_set_aside(DropSetAsideRequest) -> DropSetAsideResponse = drop_set_aside;
    delete_consumer(DeleteConsumerRequest) -> DeleteConsumerResponse = delete_consumer;
}
