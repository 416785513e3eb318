//! NATS JetStream: an event is one message, acknowledged by a stream. The event's id is the message's `Nats-Msg-Id`, so that a
//! stream drops what it was brought twice within its window.
//!
//! The subject is `<prefix>.<tenant>.<type>`: subscribers choose by it. The order of a gesture's events is that of the stream,
//! since the next one is only brought when the one before it was acknowledged.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, Context, ContextBuilder, ErrorCode, stream};
use async_nats::{Client, ConnectOptions, connection::State};
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::envelope::{self, Envelope};
use super::sink::{Outcome, Why};

/// How long a connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// A silent server is asked after this time.
const PING_EVERY: Duration = Duration::from_secs(15);

/// A JetStream.
#[derive(Debug)]
pub(super) struct NatsSink {
    client: Client,
    jetstream: Context,
    answer_max: Duration,
    prefix: String,
    /// The stream that is to be made where there is none of this name.
    stream: Option<String>,
    is_made: OnceCell<()>,
}

impl NatsSink {
    /// A sink at these addresses. It is not waited for the connection: a server that is away is tried again like one that goes.
    ///
    /// # Errors
    /// An address, a file of credentials or a subject that is none.
    pub(super) async fn new(
        addresses: &str,
        credentials: Option<&Path>,
        prefix: String,
        stream: Option<String>,
        answer_max: Duration,
    ) -> anyhow::Result<Self> {
        let is_subject = |text: &str| {
            text.split('.')
                .all(|token| !token.is_empty() && token == of_subject(token))
        };
        anyhow::ensure!(
            is_subject(&prefix) && stream.iter().all(|name| *name == of_subject(name)),
            "a subject is made of words of letters, digits, - and _ with dots between, and a stream's name is one of them"
        );
        // A second start in one process finds the provider installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut options = ConnectOptions::new()
            .name("largesse publish")
            .connection_timeout(CONNECT_MAX)
            .ping_interval(PING_EVERY)
            .retry_on_initial_connect()
            .event_callback(async |event| tracing::debug!(%event, "NATS"));
        if let Some(file) = credentials {
            options = options
                .credentials_file(file)
                .await
                .with_context(|| format!("{} has no NATS credentials", file.display()))?;
        }
        let addresses: Vec<&str> = addresses.split(',').map(str::trim).collect();
        let client = options
            .connect(addresses)
            .await
            .context("write an address, as in nats://127.0.0.1:4222")?;
        Ok(Self {
            jetstream: ContextBuilder::new()
                .timeout(answer_max)
                .build(client.clone()),
            client,
            answer_max,
            prefix,
            stream,
            is_made: OnceCell::new(),
        })
    }

    /// Brings an event once.
    pub(super) async fn bring(&self, envelope: &Envelope, traceparent: Option<&str>) -> Outcome {
        if self.client.connection_state() != State::Connected {
            return Outcome::Down(Why::Unreachable, None);
        }
        if self.is_made.get_or_try_init(|| self.make()).await.is_err() {
            return Outcome::Down(Why::StreamError, None);
        }
        let mut message = PublishMessage::build()
            .message_id(&envelope.id)
            .header("content-type", envelope::CONTENT_TYPE)
            .payload(envelope.body.clone().into());
        if let Some(traceparent) = traceparent {
            message = message.header("traceparent", traceparent);
        }
        let subject = self.subject(envelope);
        let published = async { self.jetstream.send_publish(subject, message).await?.await };
        match timeout(self.answer_max * 2, published).await {
            Ok(Ok(_)) => Outcome::Taken(None),
            Ok(Err(error)) => of_error(&error),
            Err(_) => Outcome::Down(Why::Timeout, None),
        }
    }

    fn subject(&self, envelope: &Envelope) -> String {
        let (tenant, happened) = (of_subject(&envelope.tenant), of_subject(&envelope.r#type));
        format!("{}.{tenant}.{happened}", self.prefix)
    }

    /// Makes the stream that was asked for, unless there is one of its name.
    async fn make(&self) -> Result<(), ()> {
        let Some(name) = &self.stream else {
            return Ok(());
        };
        let config = stream::Config {
            name: name.clone(),
            subjects: vec![format!("{}.>", self.prefix)],
            ..Default::default()
        };
        let made = self.jetstream.get_or_create_stream(config).await;
        made.map(drop)
            .map_err(|error| tracing::warn!(stream = name, %error, "the stream cannot be made"))
    }
}

/// A word of a subject: what has a meaning in subjects becomes `_`.
fn of_subject(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect()
}

fn of_error(error: &jetstream::context::PublishError) -> Outcome {
    match error.kind() {
        PublishErrorKind::StreamNotFound => Outcome::Down(Why::NoStream, None),
        PublishErrorKind::TimedOut => Outcome::Down(Why::Timeout, None),
        PublishErrorKind::BrokenPipe => Outcome::Down(Why::Unreachable, None),
        PublishErrorKind::MaxPayloadExceeded => Outcome::Refused(Why::TooLarge),
        PublishErrorKind::WrongLastMessageId
        | PublishErrorKind::WrongLastSequence
        | PublishErrorKind::MaxAckPending
        | PublishErrorKind::Other => match said_by_the_stream(error) {
            Some(ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM) => Outcome::Refused(Why::TooLarge),
            Some(_) | None => Outcome::Down(Why::StreamError, None),
        },
    }
}

fn said_by_the_stream(error: &jetstream::context::PublishError) -> Option<ErrorCode> {
    let said = std::error::Error::source(error)?;
    said.downcast_ref::<jetstream::Error>()
        .map(jetstream::Error::error_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_of_a_subject() {
        assert_eq!(of_subject("shop-1"), "shop-1");
        assert_eq!(of_subject("a.b>*$"), "a_b___");
    }
}
