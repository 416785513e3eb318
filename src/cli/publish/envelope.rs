//! An event as a CloudEvent 1.0 in structured JSON. Pure.
//!
//! | attribute | is |
//! |---|---|
//! | `id` | the event's own id: whoever is brought an event twice is shown the same |
//! | `source` | `/largesse/tenants/<tenant>` |
//! | `type` | `largesse.v1.<type of the event>`; an open set |
//! | `subject`, `partitionkey` | the gesture; an event of the tenant has neither |
//! | `traceparent` | the trace in which it came about (the extension for distributed tracing), where there was one |
//! | `time` | when it happened; no order |
//! | `data` | the event as `largesse.v1.Event` in JSON, with `facts` as an object |

use anyhow::Context;
use serde_json::{Value, json};

use crate::cli::output::json::Shape;
use crate::pb::Event;

/// What a sink is brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The event's id.
    pub id: String,
    /// The tenant's name.
    pub tenant: String,
    /// What happened, as the event says it.
    pub r#type: String,
    /// The gesture; empty: an event of the tenant.
    pub gesture_id: String,
    /// The CloudEvent.
    pub body: Vec<u8>,
}

/// The media type of the body.
pub(super) const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

/// Puts events into envelopes.
#[derive(Debug)]
pub(super) struct Envelopes {
    shape: Shape<Event>,
}

impl Envelopes {
    /// # Errors
    /// None that a caller could cause.
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            shape: Shape::find()?,
        })
    }

    /// # Errors
    /// Facts that are not JSON, which the service does not send.
    pub(super) fn envelope(&self, event: &Event) -> anyhow::Result<Envelope> {
        let mut data = self.shape.value(event)?;
        let time = data["time"].clone();
        data["facts"] = match event.facts.as_str() {
            "" => Value::Null,
            facts => serde_json::from_str(facts).context("the facts of an event are not JSON")?,
        };
        let mut envelope = json!({
            "specversion": "1.0",
            "id": event.id,
            "source": format!("/largesse/tenants/{}", escaped(&event.tenant)),
            "type": format!("largesse.v1.{}", event.r#type),
            "time": time,
            "datacontenttype": "application/json",
            "data": data,
        });
        if !event.gesture_id.is_empty() {
            envelope["subject"] = event.gesture_id.as_str().into();
            envelope["partitionkey"] = event.gesture_id.as_str().into();
        }
        if !event.traceparent.is_empty() {
            envelope["traceparent"] = event.traceparent.as_str().into();
        }
        Ok(Envelope {
            id: event.id.clone(),
            tenant: event.tenant.clone(),
            r#type: event.r#type.clone(),
            gesture_id: event.gesture_id.clone(),
            body: serde_json::to_vec(&envelope)?,
        })
    }
}

/// A tenant's name in a URI: it may have any visible character.
fn escaped(name: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    name.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::*;
    use crate::pb::Money;

    fn event() -> Event {
        Event {
            cursor: "cursor".into(),
            id: "batch-1".into(),
            tenant: "a/b".into(),
            r#type: "DECLINED".into(),
            gesture_id: "0199".into(),
            seq: 1,
            time: Some(Timestamp {
                seconds: 1_795_215_599,
                nanos: 1000,
            }),
            amount: Some(Money {
                minor_units: 4500,
                currency: "EUR".into(),
            }),
            facts: r#"{"reasons": [{"asked": 900000000000000001}]}"#.into(),
            ..Default::default()
        }
    }

    fn body(event: &Event) -> Value {
        let envelope = Envelopes::new().unwrap().envelope(event).unwrap();
        serde_json::from_slice(&envelope.body).unwrap()
    }

    #[test]
    fn an_event_becomes_a_cloud_event() {
        let told = body(&event());
        assert_eq!(told["specversion"], "1.0");
        assert_eq!(told["id"], "batch-1");
        assert_eq!(told["source"], "/largesse/tenants/a%2Fb");
        assert_eq!(told["type"], "largesse.v1.DECLINED");
        assert_eq!(
            (&told["subject"], &told["partitionkey"]),
            (&"0199".into(), &"0199".into())
        );
        assert_eq!(told["time"], "2026-11-20T22:59:59.000001Z");
        assert_eq!(told["data"]["amount"]["minor_units"], 4500);
        let asked = &told["data"]["facts"]["reasons"][0]["asked"];
        assert_eq!(asked.as_i64(), Some(900_000_000_000_000_001), "exact");
    }

    #[test]
    fn an_event_of_the_tenant_has_no_subject() {
        let told = body(&Event {
            gesture_id: String::new(),
            facts: String::new(),
            ..event()
        });
        assert_eq!(
            (told.get("subject"), told.get("partitionkey")),
            (None, None)
        );
        assert_eq!(told["data"]["facts"], Value::Null);
    }
}
