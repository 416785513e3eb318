//! Whoever is brought webhooks: takes them, checks their signatures with a library that was not written here, and misbehaves as
//! the test says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

/// The secret of every receiver.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// One request.
#[derive(Debug, Clone)]
pub struct Brought {
    /// The header `webhook-id`.
    pub id: String,
    /// The CloudEvent.
    pub event: Value,
    /// The header `traceparent`.
    pub traceparent: Option<String>,
    /// How often this id had come before.
    pub before: usize,
}

impl Brought {
    /// The gesture; empty: an event of the tenant.
    pub fn gesture(&self) -> &str {
        self.event["subject"].as_str().unwrap_or_default()
    }

    /// The type of the event.
    pub fn happened(&self) -> &str {
        let r#type = self.event["type"].as_str().unwrap();
        r#type.strip_prefix("largesse.v1.").unwrap()
    }
}

/// What it does with a request.
pub enum Reaction {
    /// Answers with this status.
    Status(u16),
    /// Leads elsewhere.
    Redirect(String),
    /// Never answers.
    Silence,
    /// Answers 200, and does not end.
    Endless,
}

type React = Box<dyn Fn(&Brought) -> Reaction + Send + Sync>;

struct Inside {
    react: React,
    brought: Vec<Brought>,
    times: HashMap<String, usize>,
}

/// A receiver on a port of its own.
#[derive(Clone)]
pub struct Receiver {
    /// Where it is.
    pub url: String,
    inside: Arc<Mutex<Inside>>,
}

impl Receiver {
    /// One that reacts like this.
    pub async fn start(react: impl Fn(&Brought) -> Reaction + Send + Sync + 'static) -> Self {
        let inside = Arc::new(Mutex::new(Inside {
            react: Box::new(react),
            brought: Vec::new(),
            times: HashMap::new(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let routes = Router::new().fallback(take).with_state(inside.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { url, inside }
    }

    /// One that takes everything.
    pub async fn willing() -> Self {
        Self::start(|_| Reaction::Status(204)).await
    }

    /// From now on it reacts like this.
    pub fn reacts(&self, react: impl Fn(&Brought) -> Reaction + Send + Sync + 'static) {
        self.inside.lock().unwrap().react = Box::new(react);
    }

    /// Everything that was brought, taken or not.
    pub fn brought(&self) -> Vec<Brought> {
        self.inside.lock().unwrap().brought.clone()
    }

    /// Waits until something is so.
    pub async fn until(&self, what: &str, is_so: impl Fn(&[Brought]) -> bool) {
        for _ in 0..1200 {
            if is_so(&self.brought()) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("it never came to this: {what}; {:#?}", self.brought());
    }
}

async fn take(
    State(inside): State<Arc<Mutex<Inside>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let webhook = Webhook::new(SECRET).unwrap();
    if webhook.verify(&body, &headers).is_err() {
        return status(StatusCode::UNAUTHORIZED);
    }
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    let reaction = {
        let mut inside = inside.lock().unwrap();
        let times = inside.times.entry(id.clone()).or_default();
        *times += 1;
        let brought = Brought {
            id,
            event: serde_json::from_slice(&body).unwrap(),
            traceparent: headers
                .get("traceparent")
                .map(|value| value.to_str().unwrap().to_owned()),
            before: *times - 1,
        };
        assert_eq!(brought.event["id"], brought.id.as_str());
        inside.brought.push(brought.clone());
        (inside.react)(&brought)
    };
    match reaction {
        Reaction::Status(code) => status(StatusCode::from_u16(code).unwrap()),
        Reaction::Redirect(to) => {
            let answer = Response::builder().status(307).header("location", to);
            answer.body(Body::empty()).unwrap()
        }
        Reaction::Silence => std::future::pending().await,
        Reaction::Endless => {
            let block = || Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 8192]));
            let blocks = futures_util::stream::repeat_with(block);
            Response::new(Body::from_stream(blocks))
        }
    }
}

fn status(status: StatusCode) -> Response<Body> {
    Response::builder()
        .status(status)
        .body(Body::empty())
        .unwrap()
}
