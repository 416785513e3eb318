//! Messages that no method should have been sent: bytes that are no text, bodies without end, numbers that name nothing,
//! tokens of other pages.

use largesse::pb;
use largesse::pb::pause_giving_request::Scope;
use prost::bytes::{Buf, BufMut, Bytes};
use prost_types::Timestamp;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Endpoint;
use tonic::{Code, Request, Status};

use crate::support::{Token, World, flowers, reason_of, violations, wrongs};

/// Sends bytes as they are.
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, bytes: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(bytes);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}

async fn send(world: &World, method: &str, bytes: Vec<u8>) -> Status {
    let endpoint = Endpoint::from_shared(format!("http://{}", world.service.address)).unwrap();
    let mut grpc = Grpc::new(endpoint.connect().await.unwrap());
    grpc.ready().await.unwrap();
    let token = world.sign(Token::of("fl-101", &["requester", "admin"]));
    let mut request = Request::new(Bytes::from(bytes));
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    let path: PathAndQuery = format!("/largesse.v1.{method}").parse().unwrap();
    grpc.unary(request, path, Raw).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_no_message_are_the_callers_mistake() {
    let world = World::demo().await;
    let before = world.rows().await;
    for (bytes, says) in [
        (b"\x0a\x03\xff\xfe\xfd".to_vec(), "request_id"), // a text that is not UTF-8
        (b"\x0a\x7fshort".to_vec(), "request_id"),        // longer than what follows
        (b"nonsense".to_vec(), "cannot be read"),
    ] {
        let refused = send(&world, "GestureService/RequestGesture", bytes).await;
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::InvalidArgument, "INVALID_FIELDS"),
            "{refused:?}"
        );
        let told = &violations(&refused)[0];
        assert_eq!(told.reason, "MALFORMED");
        assert!(told.description.contains(says), "{}", told.description);
    }
    assert_eq!(world.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_end_is_not_read() {
    let world = World::demo().await;
    let before = world.rows().await;
    for (method, bytes) in [
        ("GestureService/RequestGesture", 64 * 1024 + 1),
        ("GestureService/ListGestures", 1024 * 1024),
        ("AuthorityService/ApplyConfiguration", 4 * 1024 * 1024 + 1),
    ] {
        let refused = send(&world, method, vec![b'\n'; bytes]).await;
        assert_eq!(refused.code(), Code::OutOfRange, "{method}: {refused:?}");
        assert!(refused.message().contains("limit"), "{}", refused.message());
    }
    let mut admin = world.admin().await;
    let padded = format!("{}\n#{}", crate::support::DEMO, "x".repeat(3 * 1024 * 1024));
    let refused = admin.apply(&padded, 1).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["document DOCUMENT_MISTAKE"]);
    let description = &violations(&refused)[0].description;
    assert!(description.contains("3145728"), "{description}");
    assert_eq!(world.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_that_name_nothing_are_refused() {
    let world = World::demo().await;
    let (mut agent, mut admin) = (world.agent("fl-101").await, world.admin().await);
    let mut reader = agent.clone();
    let mut listed = async |request| reader.list(request).await;
    let states = |states: &[i32]| pb::ListGesturesRequest {
        states: states.to_vec(),
        ..Default::default()
    };
    let refused = listed(states(&[1, 99, 0])).await.unwrap_err();
    assert_eq!(
        wrongs(&refused),
        ["states[1] OUT_OF_RANGE", "states[2] OUT_OF_RANGE"]
    );
    let refused = listed(states(&[1; 21])).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["states TOO_MANY"]);
    for page_size in [-1, 201] {
        let request = pb::ListGesturesRequest {
            page_size,
            ..Default::default()
        };
        let refused = listed(request).await.unwrap_err();
        assert_eq!(wrongs(&refused), ["page_size OUT_OF_RANGE"]);
    }
    let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
    let backwards = pb::TimeRange {
        start: at(2_000_000_000),
        end: at(1_900_000_000),
    };
    let request = pb::ListGesturesRequest {
        create_time: Some(backwards),
        promise_by: Some(backwards),
        ..Default::default()
    };
    let refused = listed(request).await.unwrap_err();
    assert_eq!(
        wrongs(&refused),
        [
            "create_time.end OUT_OF_RANGE",
            "promise_by.end OUT_OF_RANGE"
        ]
    );

    let stranger = pb::Agent {
        id: "fl-103".into(),
        r#type: 99,
        level: "frontline".into(),
        budget: "care-berlin".into(),
        ..Default::default()
    };
    let refused = admin.put_agents(vec![stranger], None).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["agents[0].type REQUIRED"]);

    let given = agent.request(flowers("ida", 4500)).await.unwrap();
    for etag in ["", "0", "-1", "1.0", "first"] {
        let seen = pb::Gesture {
            etag: etag.into(),
            ..given.clone()
        };
        let refused = agent.cancel(&seen).await.unwrap_err();
        assert_eq!(violations(&refused)[0].field, "etag", "{etag:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_forgotten_field_would_do_is_not_done() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    let before = world.rows().await;
    let request = pb::SuspendAgentRequest::default();
    let refused = admin.authority.suspend_agent(request).await.unwrap_err();
    assert_eq!(
        wrongs(&refused),
        ["agent_id REQUIRED", "suspended REQUIRED"]
    );
    let request = pb::PauseGivingRequest::default();
    let refused = admin.authority.pause_giving(request).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["scope REQUIRED", "paused REQUIRED"]);
    let refused = admin.pause(Scope::Kind("balloons".into()), true).await;
    assert_eq!(wrongs(&refused.unwrap_err()), ["kind KIND_UNKNOWN"]);
    let refused = admin.pause(Scope::Channel("pigeon".into()), true).await;
    assert_eq!(wrongs(&refused.unwrap_err()), ["channel CHANNEL_UNKNOWN"]);
    let refused = admin.batch_get(&[]).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["gesture_ids REQUIRED"]);
    assert_eq!(world.rows().await, before);
}
