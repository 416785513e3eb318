//! Reading where there is much: gestures made by SQL, then asked for over gRPC, at one size after the other.

mod store;

use std::future::Future;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use super::alternative::Alternative;
use super::credentials::{Bearer, Credentials};
use super::figures::{Latencies, Percentiles};
use super::home::Home;
use super::servers::Server;
use super::tenant;
use super::workload::Shape;
use crate::pb;
use crate::pb::approval_service_client::ApprovalServiceClient;
use crate::pb::authority_service_client::AuthorityServiceClient;
use crate::pb::event_service_client::EventServiceClient;
use crate::pb::gesture_service_client::GestureServiceClient;

/// How often each is asked, one after the other.
const ASKED: u32 = 200;
/// Of which so many first ones do not count.
const WARM_UP: u32 = 20;

/// What one kind of reading took at one size.
#[derive(Debug, Clone, Serialize)]
pub struct Reading {
    /// Gestures that there are.
    pub gestures: u64,
    /// What was asked.
    pub what: &'static str,
    /// How long it took.
    pub latency: Percentiles,
}

/// All that was read, and how Postgres went about it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Readings {
    /// By size and kind.
    pub readings: Vec<Reading>,
    /// Plans of the service's statements at the largest size, where they were wanted.
    pub plans: Vec<Plan>,
}

/// How a statement is run.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The statement, by the comment that it begins with.
    pub statement: String,
    /// EXPLAIN (ANALYZE, BUFFERS), as text.
    pub plan: String,
}

/// From ten thousand, tenfold, to the size that is wanted.
#[must_use]
pub fn sizes(largest: u64) -> Vec<u64> {
    let mut sizes: Vec<u64> = std::iter::successors(Some(10_000), |size| Some(size * 10))
        .take_while(|size| *size < largest)
        .collect();
    sizes.push(largest);
    sizes
}

/// Fills a copy of the template step by step, and reads at each size.
///
/// # Errors
/// A call that is refused is an error: there is no load that could excuse it.
pub async fn measure(
    home: &Home,
    template: &str,
    shape: &Shape,
    largest: u64,
    with_plans: bool,
    say: impl Fn(&str),
) -> Result<Readings> {
    let database = home.database("reads");
    home.databases.copy(template, &database).await?;
    let mut owner = home.databases.owner_of(&database).await?;
    store::prepare(&mut owner).await?;
    let mut readings = Readings::default();
    let mut there = 0;
    for size in sizes(largest) {
        store::fill(&mut owner, shape, there, size).await?;
        there = size;
        say(&format!("{size} gestures are there"));
        let server = Server::start(home, Alternative::Lanes, &database, 0).await?;
        let credentials = Credentials::of(home, shape)?;
        if let Some(credentials) = credentials.first() {
            let ids = store::some_ids(&mut owner).await?;
            let reader = Reader::open(&server, credentials, ids).await?;
            readings.readings.extend(reader.read(size).await?);
        }
        server.stop().await?;
    }
    if with_plans {
        readings.plans = plans(home, &mut owner, &database, shape).await?;
    }
    home.databases.drop(&database).await?;
    Ok(readings)
}

/// Reads once more, with the plans told in the server's log.
async fn plans(
    home: &Home,
    owner: &mut store::Owner,
    database: &str,
    shape: &Shape,
) -> Result<Vec<Plan>> {
    let log = home
        .postgres_log()
        .context("the plans are in the log of a Postgres that is the bench's own")?;
    store::tell_plans(owner, database).await?;
    let before = std::fs::read_to_string(&log)?.len();
    let server = Server::start(home, Alternative::Lanes, database, 0).await?;
    let credentials = Credentials::of(home, shape)?;
    if let Some(credentials) = credentials.first() {
        Reader::open(&server, credentials, store::some_ids(owner).await?)
            .await?
            .read(0)
            .await?;
    }
    server.stop().await?;
    let text = std::fs::read_to_string(&log)?;
    Ok(read_plans(text.get(before..).unwrap_or_default()))
}

/// The last plan of each statement that begins with the comment that names it.
fn read_plans(log: &str) -> Vec<Plan> {
    let mut plans = std::collections::BTreeMap::new();
    for entry in log.split("plan:\n").skip(1) {
        let lines: Vec<&str> = entry
            .lines()
            .take_while(|line| line.starts_with('\t'))
            .collect();
        let named = lines
            .first()
            .and_then(|line| line.trim().strip_prefix("Query Text: -- "));
        // The text of the statement ends where the plan begins: with the first line that tells a cost.
        let begins = lines.iter().position(|line| line.contains("(cost="));
        if let (Some(name), Some(begins)) = (named, begins) {
            plans.insert(name.to_owned(), lines[begins..].join("\n"));
        }
    }
    plans
        .into_iter()
        .map(|(statement, plan)| Plan { statement, plan })
        .collect()
}

/// Somebody who reads.
struct Reader<'c> {
    channel: Channel,
    credentials: &'c Credentials,
    ids: Vec<String>,
}

impl<'c> Reader<'c> {
    async fn open(server: &Server, credentials: &'c Credentials, ids: Vec<String>) -> Result<Self> {
        let channel = Channel::from_shared(format!("http://{}", server.address))?
            .connect()
            .await?;
        Ok(Self {
            channel,
            credentials,
            ids,
        })
    }

    async fn read(&self, gestures: u64) -> Result<Vec<Reading>> {
        let mut readings = vec![
            self.inbox(gestures).await?,
            self.authority(gestures).await?,
            self.get(gestures).await?,
            self.events(gestures).await?,
        ];
        let of = |n: u32| usize::try_from(n).unwrap_or_default();
        type Filter<'f> = (&'static str, &'f dyn Fn(u32) -> pb::ListGesturesRequest);
        let page = || pb::ListGesturesRequest {
            page_size: 50,
            ..Default::default()
        };
        let filters: [Filter<'_>; 6] = [
            ("ListGestures, all", &|_| page()),
            ("ListGestures, a customer", &|n| pb::ListGesturesRequest {
                customer_id: tenant::customer(n),
                ..page()
            }),
            ("ListGestures, a case", &|n| pb::ListGesturesRequest {
                case_id: format!("case-{n}"),
                ..page()
            }),
            ("ListGestures, an agent", &|n| pb::ListGesturesRequest {
                agent_id: tenant::agent(n),
                ..page()
            }),
            ("ListGestures, cancelled ones", &|_| {
                pb::ListGesturesRequest {
                    states: vec![pb::GestureState::Cancelled.into()],
                    ..page()
                }
            }),
            ("ListGestures, promised this week", &|_| {
                pb::ListGesturesRequest {
                    promise_by: Some(this_week()),
                    ..page()
                }
            }),
        ];
        for (what, filter) in filters {
            let reading = timed(gestures, what, async |n| {
                let lead = &self.credentials.leads[of(n) % self.credentials.leads.len()];
                let mut client = GestureServiceClient::new(self.channel.clone());
                client.list_gestures(with(lead, filter(n))).await
            });
            readings.push(reading.await?);
        }
        Ok(readings)
    }

    async fn inbox(&self, gestures: u64) -> Result<Reading> {
        timed(gestures, "ListApprovals, an inbox", async |n| {
            let lead = &self.credentials.leads[n as usize % self.credentials.leads.len()];
            let message = pb::ListApprovalsRequest {
                page_size: 50,
                ..Default::default()
            };
            ApprovalServiceClient::new(self.channel.clone())
                .list_approvals(with(lead, message))
                .await
        })
        .await
    }

    async fn authority(&self, gestures: u64) -> Result<Reading> {
        timed(gestures, "GetAuthority", async |n| {
            let agent = &self.credentials.agents[n as usize % self.credentials.agents.len()];
            let message = pb::GetAuthorityRequest {
                customer_id: tenant::customer(n),
                ..Default::default()
            };
            AuthorityServiceClient::new(self.channel.clone())
                .get_authority(with(agent, message))
                .await
        })
        .await
    }

    async fn events(&self, gestures: u64) -> Result<Reading> {
        let cursor = Mutex::new(None);
        timed(gestures, "ListEvents, page after page", async |_| {
            let mut cursor = cursor.lock().await;
            let from = cursor.take().map(pb::event_start::From::Cursor);
            let message = pb::ListEventsRequest {
                start: from.map(|from| pb::EventStart { from: Some(from) }),
                page_size: 50,
                ..Default::default()
            };
            let page = EventServiceClient::new(self.channel.clone())
                .list_events(with(&self.credentials.follower, message))
                .await?;
            *cursor = Some(page.get_ref().next_cursor.clone());
            Ok(page)
        })
        .await
    }

    async fn get(&self, gestures: u64) -> Result<Reading> {
        timed(gestures, "GetGesture", async |n| {
            let lead = &self.credentials.leads[n as usize % self.credentials.leads.len()];
            let message = pb::GetGestureRequest {
                gesture_id: self.ids[n as usize % self.ids.len()].clone(),
            };
            GestureServiceClient::new(self.channel.clone())
                .get_gesture(with(lead, message))
                .await
        })
        .await
    }
}

/// One call after the other, the first ones not counted.
async fn timed<T, F: Future<Output = Result<Response<T>, Status>>>(
    gestures: u64,
    what: &'static str,
    call: impl Fn(u32) -> F,
) -> Result<Reading> {
    let mut latencies = Latencies::new();
    for n in 0..ASKED + WARM_UP {
        let sent = Instant::now();
        call(n).await?;
        if n >= WARM_UP {
            latencies.record(sent.elapsed());
        }
    }
    Ok(Reading {
        gestures,
        what,
        latency: latencies.summary(),
    })
}

fn with<T>(bearer: &Bearer, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert("authorization", bearer.clone());
    request.set_timeout(Duration::from_secs(30));
    request
}

fn this_week() -> pb::TimeRange {
    let now = chrono::Utc::now().timestamp();
    let at = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
    pb::TimeRange {
        start: at(now),
        end: at(now + 7 * 24 * 60 * 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_grow_tenfold_to_the_one_that_is_wanted() {
        assert_eq!(sizes(1_000_000), [10_000, 100_000, 1_000_000]);
        assert_eq!(sizes(50_000), [10_000, 50_000]);
        assert_eq!(sizes(500), [500]);
    }

    #[test]
    fn a_plan_is_cut_out_of_the_log_by_the_name_of_its_statement() {
        let log = "LOG:  duration: 0.1 ms  plan:\n\tQuery Text: -- gesture::list\n\tselect 1\n\tLimit  (cost=0.4..1 rows=1)\n\
                   \t  ->  Index Scan\nLOG:  duration: 0.1 ms  plan:\n\tQuery Text: select 2\n\tResult  (cost=0..1)\n";
        let plans = read_plans(log);
        assert_eq!(plans.len(), 1);
        assert_eq!(plans[0].statement, "gesture::list");
        assert_eq!(
            plans[0].plan,
            "\tLimit  (cost=0.4..1 rows=1)\n\t  ->  Index Scan"
        );
    }
}
