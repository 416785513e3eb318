//! Webhooks: an event is one signed POST. Redirects are not followed, proxies of the environment are not used, and of the answer
//! no more is read than its status and a little.
//!
//! | answer | means |
//! |---|---|
//! | 2xx | taken |
//! | 410 | the sink wants nothing any more: publishing ends, and the place is kept |
//! | 401, 403, 404, 405, 408, 425, 429, 3xx, 5xx, none | nothing gets through at present: tried again until it does, or others do |
//! | any other 4xx | this event is refused |

mod address;
mod signature;

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect, retry};

use self::address::{LeadsInside, PublicOnly, is_private};
pub(super) use self::signature::Secrets;
use super::envelope::{self, Envelope};
use super::sink::{Outcome, Why};

/// What is read of an answer, so that its connection can be used again. A longer one costs its connection.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// How long a connection may take to come about.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// The longest that a sink may ask us to wait.
const WAIT_MAX: Duration = Duration::from_secs(15 * 60);

/// An address that takes webhooks.
#[derive(Debug)]
pub(super) struct WebhookSink {
    client: Client,
    url: Url,
    secrets: Secrets,
}

impl WebhookSink {
    /// A sink at this address. Nothing is sent yet.
    ///
    /// # Errors
    /// An address that is none, or that lies inside where that was not allowed.
    pub(super) fn new(
        url: &str,
        secrets: Secrets,
        answer_max: Duration,
        allow_private: bool,
    ) -> Result<Self, String> {
        let url: Url = url
            .parse()
            .map_err(|_| "write an address, as in https://example.org/events".to_owned())?;
        match url.scheme() {
            "https" => {}
            "http" if allow_private => {}
            "http" => {
                return Err("an address begins with https:// (http:// only beside --allow-private-addresses)".into());
            }
            _ => return Err("an address begins with https://".into()),
        }
        let host = url.host_str().unwrap_or_default();
        let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        if literal.is_some_and(is_private) && !allow_private {
            return Err(format!(
                "{host} is an address inside a network; --allow-private-addresses allows it"
            ));
        }
        // A second start in one process finds the provider installed.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .user_agent(concat!("largesse-publish/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .connect_timeout(CONNECT_MAX)
            .timeout(answer_max)
            // A proxy would resolve the name, and connect, where we do not see it.
            .no_proxy();
        if !allow_private {
            client = client.dns_resolver(Arc::new(PublicOnly));
        }
        Ok(Self {
            client: client
                .build()
                .map_err(|error| error.without_url().to_string())?,
            url,
            secrets,
        })
    }

    /// Brings an event once. It is signed anew each time, with the time of this try and the id of the event.
    pub(super) async fn bring(&self, envelope: &Envelope, traceparent: Option<&str>) -> Outcome {
        let timestamp = Utc::now().timestamp();
        let signature = self.secrets.sign(&envelope.id, timestamp, &envelope.body);
        let mut request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, envelope::CONTENT_TYPE)
            .header("webhook-id", &envelope.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(envelope.body.clone());
        if let Some(traceparent) = traceparent {
            request = request.header("traceparent", traceparent);
        }
        match request.send().await {
            Ok(answer) => of_answer(answer).await,
            Err(error) => Outcome::Down(of_error(&error), None),
        }
    }
}

async fn of_answer(answer: Response) -> Outcome {
    let status = answer.status();
    let wait = asked_to_wait(&answer);
    match of_status(status, wait) {
        Outcome::Taken(_) => {
            Outcome::Taken((!is_read(answer).await).then_some(Why::AnswerTooLarge))
        }
        other => other,
    }
}

fn of_status(status: StatusCode, wait: Option<Duration>) -> Outcome {
    match status.as_u16() {
        200..=299 => Outcome::Taken(None),
        300..=399 => Outcome::Down(Why::Redirect, None),
        401 | 403 => Outcome::Down(Why::Unauthorized, wait),
        404 | 405 => Outcome::Down(Why::NothingThere, wait),
        408 | 425 | 429 => Outcome::Down(Why::SlowDown, wait),
        410 => Outcome::Over(Why::Gone),
        400 => Outcome::Refused(Why::BadRequest),
        409 => Outcome::Refused(Why::Conflict),
        413 => Outcome::Refused(Why::TooLarge),
        422 => Outcome::Refused(Why::Unprocessable),
        402..=499 => Outcome::Refused(Why::Refused),
        _ => Outcome::Down(Why::ServerError, wait),
    }
}

/// How long the sink asks us to wait, in seconds; a date is not read, as our clock may not be theirs.
fn asked_to_wait(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    let wait = Duration::from_secs(seconds.trim().parse().ok()?);
    Some(wait.min(WAIT_MAX))
}

/// Reads the answer to its end, where that is near. Whether the event was taken was said by then: what goes wrong here matters
/// to nobody.
async fn is_read(mut answer: Response) -> bool {
    let mut read = 0;
    while let Ok(Some(part)) = answer.chunk().await {
        read += part.len();
        if read > ANSWER_BYTES_MAX {
            return false;
        }
    }
    true
}

fn of_error(error: &reqwest::Error) -> Why {
    let mut cause: Option<&dyn Error> = Some(error);
    while let Some(deeper) = cause {
        if deeper.is::<LeadsInside>() {
            return Why::PrivateAddress;
        }
        cause = deeper.source();
    }
    // A connection that does not come about in time is no answer that did not come in time.
    if error.is_timeout() && !error.is_connect() {
        Why::Timeout
    } else {
        Why::Unreachable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn sink(url: &str, allow_private: bool) -> Result<WebhookSink, String> {
        let secrets = SECRET.parse().unwrap();
        WebhookSink::new(url, secrets, Duration::from_secs(1), allow_private)
    }

    #[test]
    fn addresses_inside_are_refused_however_they_are_written() {
        for inside in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::1]:8443/",
            "https://[::ffff:169.254.169.254]/",
            "https://10.0.0.1/hook",
        ] {
            let refused = sink(inside, false).unwrap_err();
            assert!(
                refused.contains("--allow-private-addresses"),
                "{inside}: {refused}"
            );
            assert!(sink(inside, true).is_ok(), "{inside}");
        }
        assert!(sink("https://example.org/events", false).is_ok());
        for wrong in [
            "http://example.org/",
            "ftp://example.org/",
            "example.org",
            "",
        ] {
            assert!(sink(wrong, false).is_err(), "{wrong}");
        }
        assert!(sink("http://example.org/", true).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused_when_it_is_resolved() {
        let sink = sink("https://localhost:9/", false).unwrap();
        let envelope = Envelope {
            id: "1".into(),
            tenant: "demo".into(),
            r#type: "APPROVED".into(),
            gesture_id: String::new(),
            body: Vec::new(),
        };
        assert_eq!(
            sink.bring(&envelope, None).await,
            Outcome::Down(Why::PrivateAddress, None)
        );
    }

    #[test]
    fn only_what_concerns_the_event_is_held_against_it() {
        let of = |status: u16| of_status(StatusCode::from_u16(status).unwrap(), None);
        for status in [400, 402, 406, 409, 411, 413, 415, 418, 422, 431, 451, 499] {
            assert!(matches!(of(status), Outcome::Refused(_)), "{status}");
        }
        for status in [
            101, 301, 302, 307, 308, 401, 403, 404, 405, 408, 425, 429, 500, 502, 503, 504, 599,
        ] {
            assert!(matches!(of(status), Outcome::Down(..)), "{status}");
        }
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(of(status), Outcome::Taken(None), "{status}");
        }
        assert_eq!(of(410), Outcome::Over(Why::Gone));
    }
}
