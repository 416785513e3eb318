//! `largesse publish`: brings the events of the trail to NATS or to a webhook.
//!
//! A reader like any other, through gRPC: the service knows no sink. Its place is that of a named consumer, which any host may go
//! on with. At least once, and in order per gesture.
//!
//! | file | what |
//! |---|---|
//! | `feed` | from the trail to the sink, for days: the lease, pages, acknowledging |
//! | `delivery` | bringing events, those of a gesture one after the other; tries, and setting aside |
//! | `others` | whether a sink takes nothing, or only not this event |
//! | `sink`, `nats`, `webhook` | where they are brought, and what may come of it |
//! | `envelope` | an event as a CloudEvent |
//! | `told` | a span and a line for each try |
//! | `service`, `backoff` | a connection for days; waiting |
//! | `status` | how far every consumer is, and what is set aside |

mod backoff;
mod delivery;
mod envelope;
mod feed;
mod nats;
mod others;
mod service;
mod sink;
mod status;
mod told;
mod webhook;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use self::delivery::{Delivery, Patience};
use self::feed::{Feed, Wanted};
use self::nats::NatsSink;
use self::service::Service;
use self::sink::Sink;
use self::webhook::{Secrets, WebhookSink};
use super::client::{Client, ClientOptions};
use super::failure::{Exit, Failure};
use super::output::say;
use super::standing::{CredentialSource, told_to_stop};
use super::times;
use crate::identity::Role;
use crate::ids::is_chosen_id;
use crate::pb::EventFilter;
use crate::settings::is_true;
use crate::telemetry;

/// `largesse publish …`.
#[derive(Debug, Clone, Args)]
pub struct PublishVerb {
    #[command(flatten)]
    what: What,

    /// Under which name the place is kept
    #[arg(long, env = "LARGESSE_CONSUMER", value_name = "NAME")]
    consumer: Option<String>,

    /// Of what is set aside: only of this gesture
    #[arg(long, value_name = "ID", conflicts_with_all = ["to", "status"])]
    gesture: Option<Uuid>,

    /// A file with the token to show, read again every few minutes, for a token that is renewed there
    #[arg(
        long,
        env = "LARGESSE_TOKEN_FILE",
        value_name = "FILE",
        requires = "to"
    )]
    token_file: Option<PathBuf>,

    /// Where traces are pushed, OTLP over gRPC, as http://127.0.0.1:4317; unset: nowhere
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    otlp_endpoint: Option<String>,

    /// Push nothing: true, and anything else is false [default: false]
    #[arg(long, env = "OTEL_SDK_DISABLED", value_name = "BOOLEAN", value_parser = is_true, default_value = "false")]
    otel_sdk_disabled: bool,

    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    sink: SinkOptions,
    #[command(flatten)]
    pub(super) client: ClientOptions,
}

/// What is to be done.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// Publish to a sink of this kind, until it is stopped
    #[arg(long, value_name = "SINK")]
    to: Option<SinkKind>,

    /// Show how far every consumer is, and what keeps it
    #[arg(long)]
    status: bool,

    /// Show what a consumer has set aside
    #[arg(long)]
    list_set_aside: bool,

    /// Have what a consumer set aside brought again, by whoever publishes under its name
    #[arg(long)]
    retry_set_aside: bool,

    /// Give up what a consumer set aside; stop whoever publishes under its name first
    #[arg(long)]
    drop_set_aside: bool,

    /// Forget a consumer, its place and what it set aside (needs the role admin); stop whoever publishes under its name first
    #[arg(long, conflicts_with = "gesture")]
    forget: bool,
}

/// Which events.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reading")]
struct Reading {
    /// Only events of this type, as in APPROVED; may be given several times
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,

    /// Only of gestures for this customer
    #[arg(long, value_name = "ID")]
    customer: Option<String>,

    /// Only of gestures of this case
    #[arg(long, value_name = "ID")]
    case: Option<String>,

    /// A new consumer begins with what happens from now on, not at the oldest event
    #[arg(long)]
    from_latest: bool,

    /// Stop where there is nothing more
    #[arg(long)]
    once: bool,
}

/// Where to, and how.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Sink")]
struct SinkOptions {
    /// Where the sink is: https://… for a webhook, nats://… or tls://… (several with commas) for NATS
    #[arg(
        long,
        env = "LARGESSE_SINK_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    url: Option<SecretString>,

    /// How long a sink may take to answer
    #[arg(long, value_name = "TIME", default_value = "15s", value_parser = times::duration)]
    answer_within: Duration,

    /// How often an event is brought that the sink refuses, before it is set aside
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    tries: u32,

    /// How long an event is brought that gets nothing but no answer, 5xx or the like, before it is refused; a sink that takes no
    /// other event either is down, and is waited for without an end
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = times::duration)]
    give_up_after: Duration,

    /// How many gestures' events are under way at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=200))]
    at_once: u32,

    /// For a webhook: what messages are signed with, whsec_…; several, with blanks between, while one replaces another
    #[arg(
        long,
        env = "LARGESSE_WEBHOOK_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    secret: Option<SecretString>,

    /// For a webhook: allow http, and addresses inside a network (loopback, private, link-local)
    #[arg(long)]
    allow_private_addresses: bool,

    /// For NATS: what subjects begin with; tenant and type follow
    #[arg(long, value_name = "SUBJECT", default_value = "largesse")]
    subject: String,

    /// For NATS: make a stream of this name for these subjects, where there is none
    #[arg(long, value_name = "NAME")]
    create_stream: Option<String>,

    /// For NATS: a file of credentials
    #[arg(long, env = "LARGESSE_NATS_CREDS", value_name = "FILE")]
    nats_creds: Option<PathBuf>,
}

/// A kind of sink.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SinkKind {
    /// A NATS JetStream.
    Nats,
    /// An address that takes Standard Webhooks.
    Webhook,
}

impl PublishVerb {
    pub(super) async fn run(self, data_folder: &Path) -> Result<Exit, Failure> {
        if let Some(kind) = self.what.to {
            let endpoint = self.otlp_endpoint.as_ref();
            let is_meant = |url: &&String| !url.is_empty() && !self.otel_sdk_disabled;
            if let Some(endpoint) = endpoint.filter(is_meant) {
                telemetry::start_export_of_traces(endpoint).map_err(anyhow::Error::from)?;
            }
            let done = self.publish(kind, data_folder).await;
            telemetry::finish().await;
            return done;
        }
        let role = if self.what.forget {
            Role::Admin
        } else {
            Role::Follower
        };
        let client = Client::connect(&self.client, data_folder, role).await?;
        if self.what.status {
            return status::show(&client).await;
        }
        let consumer = self.consumer()?;
        if self.what.list_set_aside {
            status::list_set_aside(&client, consumer, self.gesture).await
        } else if self.what.retry_set_aside {
            status::retry_set_aside(&client, consumer, self.gesture).await
        } else if self.what.drop_set_aside {
            status::drop_set_aside(&client, consumer, self.gesture).await
        } else {
            status::forget(&client, consumer).await
        }
    }

    async fn publish(self, kind: SinkKind, data_folder: &Path) -> Result<Exit, Failure> {
        let consumer = self.consumer()?;
        let sink = self.sink.open(kind).await?;
        let patience = Patience {
            tries_max: self.sink.tries,
            give_up_after: self.sink.give_up_after,
            gestures_max: self.sink.at_once.try_into().unwrap_or(usize::MAX),
        };
        let delivery = Delivery::new(sink, patience)?;
        let wanted = Wanted {
            consumer: consumer.clone(),
            holder: holder(),
            filter: self.reading.filter(),
            from_latest: self.reading.from_latest,
            once: self.reading.once,
        };
        let credential = CredentialSource {
            options: self.client.clone(),
            data_folder: data_folder.to_owned(),
            token_file: self.token_file.clone(),
        };
        let interrupted = told_to_stop()?;
        tokio::pin!(interrupted);
        let service = tokio::select! {
            service = reach(&credential, wanted.once) => service?,
            () = &mut interrupted => return Ok(Exit::Done),
        };
        let feed = Feed::new(service, delivery, wanted);
        say(&format!("publishing as {consumer}; Ctrl-C stops it"));
        let done = tokio::select! {
            done = feed.run() => done,
            () = &mut interrupted => Ok(()),
        };
        feed.give_back().await;
        done.map(|()| Exit::Done)
    }

    fn consumer(&self) -> Result<String, Failure> {
        let name = self.consumer.clone().unwrap_or_default();
        if is_chosen_id(&name) {
            Ok(name)
        } else {
            Err(Failure::Usage(
                "say under which name the place is kept: --consumer NAME (LARGESSE_CONSUMER), 1 to 128 visible characters"
                    .into(),
            ))
        }
    }
}

impl Reading {
    fn filter(&self) -> EventFilter {
        EventFilter {
            types: self.types.clone(),
            customer_id: self.customer.clone().unwrap_or_default(),
            case_id: self.case.clone().unwrap_or_default(),
            agent_id: String::new(),
        }
    }
}

impl SinkOptions {
    async fn open(&self, kind: SinkKind) -> Result<Sink, Failure> {
        let usage = |option: &str, wrong: String| Failure::Usage(format!("{option}: {wrong}"));
        let url = self.url.as_ref().map(ExposeSecret::expose_secret);
        let url = url.ok_or_else(|| usage("--url", "say where the sink is".into()))?;
        match kind {
            SinkKind::Webhook => {
                let secret = self.secret.as_ref().map(ExposeSecret::expose_secret);
                let secrets = secret.unwrap_or_default().parse::<Secrets>();
                let secrets =
                    secrets.map_err(|wrong| usage("--secret (LARGESSE_WEBHOOK_SECRET)", wrong))?;
                let (within, allow) = (self.answer_within, self.allow_private_addresses);
                WebhookSink::new(url, secrets, within, allow)
                    .map(Sink::Webhook)
                    .map_err(|wrong| usage("--url", wrong))
            }
            SinkKind::Nats => {
                let creds = self.nats_creds.as_deref();
                let (prefix, stream) = (self.subject.clone(), self.create_stream.clone());
                NatsSink::new(url, creds, prefix, stream, self.answer_within)
                    .await
                    .map(|nats| Sink::Nats(Box::new(nats)))
                    .map_err(|wrong| Failure::Usage(format!("{wrong:#}")))
            }
        }
    }
}

/// The service, once it is there.
async fn reach(credential: &CredentialSource, once: bool) -> Result<Service, Failure> {
    let mut backoff = backoff::Backoff::default();
    let mut told = String::new();
    loop {
        match Service::connect(credential.clone()).await {
            Err(Failure::Other(problem)) if !once => {
                let what = format!("{problem:#}");
                if what != told {
                    say(&format!("waiting: {what}"));
                    told = what;
                }
                tokio::time::sleep(backoff.next(None)).await;
            }
            reached => return reached,
        }
    }
}

/// This process, for people to read.
fn holder() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let host = if is_chosen_id(host) { host } else { "publish" };
    let host = &host[..host.len().min(100)];
    format!("{host}/{}", std::process::id())
}
