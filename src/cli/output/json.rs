//! JSON of the messages, by their descriptors: no field can be forgotten here, because none is named here.
//!
//! Field names are those of the protos (snake_case), enum values go by name, instants are RFC 3339 in UTC, numbers of 64
//! bits are numbers (exact in every language but JavaScript, and there up to 2^53). Texts, switches, counts and lists
//! are always there; what the protos call unset (messages, `optional`) is left out.

use std::marker::PhantomData;

use anyhow::Context;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor, SerializeOptions};
use serde::Serializer;
use serde_json::Value;

use crate::pb;

/// A message of `largesse.v1` that can be printed or read as JSON.
pub trait Message: prost::Message + Default {
    /// Its full name in the protos.
    const NAME: &'static str;
}

macro_rules! messages {
    ($($name:ident),* $(,)?) => {
        $(impl Message for pb::$name {
            const NAME: &'static str = concat!("largesse.v1.", stringify!($name));
        })*

        #[cfg(test)]
        const NAMES: &[&str] = &[$(<pb::$name as Message>::NAME),*];
    };
}

messages![
    AcceptCostResponse,
    ApplyConfigurationResponse,
    ApproveGestureResponse,
    BatchGetGesturesResponse,
    CancelGestureResponse,
    CloseFollowUpResponse,
    CreateDelegationResponse,
    DecideGesturesResponse,
    DeclineGestureResponse,
    Event,
    ExtendLeaseResponse,
    Gesture,
    GetApprovalResponse,
    GetAuthorityResponse,
    GetConfigurationResponse,
    GetGestureResponse,
    LeaseTasksResponse,
    ListAgentsResponse,
    ListApprovalsResponse,
    GetTrailResponse,
    ListCatalogItemsResponse,
    ListConsumersResponse,
    ListDelegationsResponse,
    ListFollowUpsResponse,
    ListGesturesResponse,
    ListSetAsideResponse,
    PauseGivingResponse,
    PlanConfigurationResponse,
    PreviewGestureResponse,
    PutAgentsResponse,
    ReassignApprovalResponse,
    RecordOutcomeResponse,
    ReportDeliveredResponse,
    ReportDispatchedResponse,
    ReportFailedResponse,
    RequestGestureResponse,
    ResolveRequestResponse,
    DeleteConsumerResponse,
    RetrySetAsideResponse,
    ReturnGestureResponse,
    ReviewGestureResponse,
    ReviseGestureResponse,
    RevokeDelegationResponse,
    SetAwayResponse,
    SuspendAgentResponse,
];

/// A message as JSON text, indented.
///
/// # Errors
/// None that a caller could cause: the descriptors are part of the program.
pub fn text<M: Message>(message: &M) -> anyhow::Result<String> {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::pretty(&mut text);
    Shape::find()?.write(message, &mut serializer)?;
    Ok(String::from_utf8(text)?)
}

/// How a kind of message is written: found once, where many of them are.
#[derive(Debug)]
pub struct Shape<M> {
    descriptor: MessageDescriptor,
    kind: PhantomData<M>,
}

impl<M: Message> Shape<M> {
    /// Looks it up in the protos.
    ///
    /// # Errors
    /// As [`text`].
    pub fn find() -> anyhow::Result<Self> {
        Ok(Self {
            descriptor: descriptor::<M>()?,
            kind: PhantomData,
        })
    }

    /// A message as JSON.
    ///
    /// # Errors
    /// As [`text`].
    pub fn value(&self, message: &M) -> anyhow::Result<Value> {
        self.write(message, serde_json::value::Serializer)
    }

    fn write<S: Serializer>(&self, message: &M, serializer: S) -> anyhow::Result<S::Ok>
    where
        S::Error: Send + Sync + 'static,
    {
        let options = SerializeOptions::new()
            .use_proto_field_name(true)
            .stringify_64_bit_integers(false)
            .skip_default_fields(false);
        let bytes = message.encode_to_vec();
        let message = DynamicMessage::decode(self.descriptor.clone(), bytes.as_slice())?;
        Ok(message.serialize_with_options(serializer, &options)?)
    }
}

/// Reads a message from JSON text.
///
/// # Errors
/// Where and what is wrong; unknown fields are refused.
pub fn read<M: Message>(text: &str) -> anyhow::Result<M> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let message = DynamicMessage::deserialize(descriptor::<M>()?, &mut deserializer)?;
    deserializer.end()?;
    Ok(message.transcode_to()?)
}

fn descriptor<M: Message>() -> anyhow::Result<MessageDescriptor> {
    DescriptorPool::decode(pb::DESCRIPTORS)?
        .get_message_by_name(M::NAME)
        .with_context(|| format!("{} is not in the protos", M::NAME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_its_descriptor() {
        let pool = DescriptorPool::decode(pb::DESCRIPTORS).unwrap();
        for name in NAMES {
            assert!(pool.get_message_by_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_are_those_of_the_protos_and_enums_go_by_name() {
        let gesture = pb::Gesture {
            id: "0199".into(),
            amount: Some(pb::Money {
                minor_units: 4500,
                currency: "EUR".into(),
            }),
            promise_by: Some(prost_types::Timestamp {
                seconds: 1_795_215_599,
                nanos: 0,
            }),
            state: pb::GestureState::PendingApproval.into(),
            ..Default::default()
        };
        let answer = pb::RequestGestureResponse {
            gesture: Some(gesture),
            replayed: false,
        };
        let json: serde_json::Value = serde_json::from_str(&text(&answer).unwrap()).unwrap();
        assert_eq!(json["replayed"], false, "what is false is said");
        assert_eq!(json["gesture"]["amount"]["minor_units"], 4500);
        assert_eq!(json["gesture"]["state"], "GESTURE_STATE_PENDING_APPROVAL");
        assert_eq!(json["gesture"]["promise_by"], "2026-11-20T22:59:59Z");
        assert_eq!(json["gesture"]["waived_policies"], serde_json::json!([]));
        assert!(
            json["gesture"].get("decision").is_none(),
            "unset is left out"
        );
    }

    #[test]
    fn a_gesture_is_read_from_json() {
        let gesture: pb::Gesture = read(
            r#"{"kind": "flowers", "amount": {"minor_units": 4500, "currency": "EUR"},
                "promise_by": "2026-11-20T23:59:59+01:00", "waived_policies": ["p"]}"#,
        )
        .unwrap();
        assert_eq!(gesture.kind, "flowers");
        assert_eq!(gesture.promise_by.unwrap().seconds, 1_795_215_599);
        let wrong = read::<pb::Gesture>("{\"knd\": \"flowers\"}")
            .unwrap_err()
            .to_string();
        assert!(wrong.contains("knd"), "{wrong}");
        assert!(read::<pb::Gesture>("{} {}").is_err());
    }

    #[test]
    fn what_is_printed_is_read_back() {
        let gesture = pb::Gesture {
            kind: "flowers".into(),
            state: pb::GestureState::Approved.into(),
            decision: Some(pb::Decision::default()),
            ..Default::default()
        };
        assert_eq!(
            read::<pb::Gesture>(&text(&gesture).unwrap()).unwrap(),
            gesture
        );
    }
}
