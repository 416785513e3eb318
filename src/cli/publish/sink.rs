//! Where events are brought to, and what may come of it.

use std::time::Duration;

use super::envelope::Envelope;
use super::nats::NatsSink;
use super::webhook::WebhookSink;

/// Why an event was not taken: a word, which the consumer keeps. Never what a sink answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// An earlier event of the same gesture is set aside.
    Behind,
    /// Nobody answers at the address, or the connection broke.
    Unreachable,
    /// The name leads to an address inside a network, and that was not allowed.
    PrivateAddress,
    /// No answer in time. The event may have been taken.
    Timeout,
    /// An answer that leads elsewhere, which is not followed.
    Redirect,
    /// 401, 403: the sink does not know us, or our signature.
    Unauthorized,
    /// 404, 405: nothing at the address takes events.
    NothingThere,
    /// 408, 425, 429: the sink asks us to wait.
    SlowDown,
    /// 5xx.
    ServerError,
    /// 410: the sink wants nothing any more.
    Gone,
    /// 400: the sink does not understand the event.
    BadRequest,
    /// 409: the event is in conflict with something.
    Conflict,
    /// 413, or more than a stream takes: the event is too large.
    TooLarge,
    /// 422: the sink understands the event, and will not have it.
    Unprocessable,
    /// Any other 4xx.
    Refused,
    /// The event was taken, with an answer that was too large to be read.
    AnswerTooLarge,
    /// No stream takes what is published under the subject.
    NoStream,
    /// The stream takes nothing at present: it is full, or has no leader.
    StreamError,
}

impl Why {
    /// The word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Behind => "BEHIND",
            Self::Unreachable => "UNREACHABLE",
            Self::PrivateAddress => "PRIVATE_ADDRESS",
            Self::Timeout => "TIMEOUT",
            Self::Redirect => "REDIRECT",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::NothingThere => "NOTHING_THERE",
            Self::SlowDown => "SLOW_DOWN",
            Self::ServerError => "SERVER_ERROR",
            Self::Gone => "GONE",
            Self::BadRequest => "BAD_REQUEST",
            Self::Conflict => "CONFLICT",
            Self::TooLarge => "TOO_LARGE",
            Self::Unprocessable => "UNPROCESSABLE",
            Self::Refused => "REFUSED",
            Self::AnswerTooLarge => "ANSWER_TOO_LARGE",
            Self::NoStream => "NO_STREAM",
            Self::StreamError => "STREAM_ERROR",
        }
    }
}

/// What came of bringing an event once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was taken; with something to be noted, or not.
    Taken(Option<Why>),
    /// This event is refused: after some tries it is set aside, and the others go on.
    Refused(Why),
    /// Nothing gets through at present: it is brought again until it is taken, not before the delay that the sink asks for; or, where
    /// others are taken meanwhile, until it is given up.
    Down(Why, Option<Duration>),
    /// The sink wants nothing any more: publishing ends.
    Over(Why),
}

/// A sink.
pub(super) enum Sink {
    /// A JetStream.
    Nats(Box<NatsSink>),
    /// An address that takes webhooks.
    Webhook(WebhookSink),
}

impl Sink {
    /// Brings an event once; with where a trace of the sink may go on from, if anywhere.
    pub(super) async fn bring(&self, envelope: &Envelope, traceparent: Option<&str>) -> Outcome {
        match self {
            Self::Nats(nats) => nats.bring(envelope, traceparent).await,
            Self::Webhook(webhook) => webhook.bring(envelope, traceparent).await,
        }
    }
}
