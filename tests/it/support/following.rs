//! Following the trail in few words.

use std::time::Duration;

use largesse::pb;
use largesse::pb::event_start::From as StartFrom;
use tonic::{Status, Streaming};

use super::{Client, World, pickup};

/// Longer than anything takes that is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

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
    pub async fn lease_consumer(
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
        self.find_consumer(name).await.unwrap()
    }

    async fn find_consumer(&mut self, name: &str) -> Option<pb::Consumer> {
        let request = pb::ListConsumersRequest {};
        let answer = self.events.list_consumers(request).await.unwrap();
        let mut consumers = answer.into_inner().consumers.into_iter();
        consumers.find(|consumer| consumer.name == name)
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

impl World {
    /// So many pickups, each of them withdrawn again; every event so far.
    pub async fn given_and_withdrawn(&self, count: usize) -> Vec<pb::Event> {
        let mut agent = self.agent("fl-102").await;
        for customer in 0..count {
            let wish = pickup(&format!("c-{customer}"), 500);
            let given = agent.request(wish).await.unwrap();
            agent.cancel(&given).await.unwrap();
        }
        self.every_event().await
    }

    /// Every event so far.
    pub async fn every_event(&self) -> Vec<pb::Event> {
        let mut feed = self.follower().await;
        feed.all_events(pb::EventFilter::default(), 200).await
    }

    /// Waits until a consumer is like this.
    pub async fn until_consumer(
        &self,
        name: &str,
        what: &str,
        is_so: impl Fn(&pb::Consumer) -> bool,
    ) {
        let mut feed = self.follower().await;
        let mut last = None;
        let waited = tokio::time::timeout(PATIENCE, async {
            while !last.as_ref().is_some_and(&is_so) {
                tokio::time::sleep(Duration::from_millis(50)).await;
                last = feed.find_consumer(name).await;
            }
        });
        let waited = waited.await;
        assert!(waited.is_ok(), "it never came to this: {what}; {last:?}");
    }

    /// Waits until a consumer says what keeps it from going on.
    pub async fn until_failure(&self, name: &str, word: &str) {
        self.until_consumer(name, word, |consumer| consumer.failure == word)
            .await;
    }
}
