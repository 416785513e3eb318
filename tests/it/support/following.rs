//! Following the trail in few words.

use largesse::pb;
use largesse::pb::event_start::From as StartFrom;
use tonic::{Status, Streaming};

use super::Client;

/// Begin after this cursor; an empty one is the beginning.
pub fn after(cursor: &str) -> Option<pb::EventStart> {
    let from = StartFrom::Cursor(cursor.into());
    (!cursor.is_empty()).then_some(pb::EventStart { from: Some(from) })
}

/// Begin where a consumer has come to.
pub fn from_consumer(name: &str) -> Option<pb::EventStart> {
    let from = Some(StartFrom::Consumer(name.into()));
    Some(pb::EventStart { from })
}

/// Begin with what happens next.
pub fn from_latest() -> Option<pb::EventStart> {
    let from = Some(StartFrom::Latest(true));
    Some(pb::EventStart { from })
}

impl Client {
    /// A page of events.
    pub async fn list_events(
        &mut self,
        start: Option<pb::EventStart>,
        filter: pb::EventFilter,
        page_size: i32,
    ) -> Result<pb::ListEventsResponse, Status> {
        let request = pb::ListEventsRequest {
            start,
            filter: Some(filter),
            page_size,
        };
        Ok(self.events.list_events(request).await?.into_inner())
    }

    /// Every event that passes the filter, page by page.
    pub async fn all_events(&mut self, filter: pb::EventFilter, page_size: i32) -> Vec<pb::Event> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.list_events(after(&cursor), filter.clone(), page_size);
            let page = page.await.unwrap();
            assert!(page.events.len() <= page_size as usize);
            all.extend(page.events);
            if page.is_end {
                return all;
            }
            assert_ne!(page.next_cursor, cursor, "it goes on");
            cursor = page.next_cursor;
        }
    }

    /// Events as they happen.
    pub async fn watch(
        &mut self,
        start: Option<pb::EventStart>,
        filter: pb::EventFilter,
    ) -> Result<Streaming<pb::WatchEventsResponse>, Status> {
        let request = pb::WatchEventsRequest {
            start,
            filter: Some(filter),
        };
        Ok(self.events.watch_events(request).await?.into_inner())
    }

    /// A consumer has come so far; where it stands then.
    pub async fn ack(
        &mut self,
        consumer: &str,
        cursor: &str,
        lease: &str,
    ) -> Result<String, Status> {
        let request = pb::AckEventsRequest {
            consumer: consumer.into(),
            cursor: cursor.into(),
            lease: lease.into(),
        };
        let answer = self.events.ack_events(request).await?;
        Ok(answer.into_inner().cursor)
    }

    /// Takes, renews or gives back (0 seconds) a lease.
    pub async fn lease(
        &mut self,
        consumer: &str,
        holder: &str,
        lease: &str,
        seconds: i64,
    ) -> Result<pb::LeaseConsumerResponse, Status> {
        let request = pb::LeaseConsumerRequest {
            consumer: consumer.into(),
            holder: holder.into(),
            lease: lease.into(),
            duration: Some(prost_types::Duration { seconds, nanos: 0 }),
            ..Default::default()
        };
        Ok(self.events.lease_consumer(request).await?.into_inner())
    }

    /// A consumer as everybody sees it.
    pub async fn consumer(&mut self, name: &str) -> pb::Consumer {
        let request = pb::ListConsumersRequest {};
        let answer = self.events.list_consumers(request).await.unwrap();
        let mut consumers = answer.into_inner().consumers.into_iter();
        consumers.find(|consumer| consumer.name == name).unwrap()
    }

    /// What a consumer has set aside.
    pub async fn set_aside(&mut self, consumer: &str) -> Result<Vec<pb::SetAsideEvent>, Status> {
        let request = pb::ListSetAsideRequest {
            consumer: consumer.into(),
            ..Default::default()
        };
        Ok(self
            .events
            .list_set_aside(request)
            .await?
            .into_inner()
            .events)
    }
}
