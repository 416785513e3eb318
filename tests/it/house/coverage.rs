//! Derived from the protos, so that nothing can be forgotten: each method has its row in the table of access, refuses
//! whoever shows no credential or the wrong role, and each reason of the code is explained to callers.

use std::collections::BTreeSet;
use std::time::Duration;

use largesse::pb;
use largesse::rpc::access;
use prost::Message;
use prost_types::FileDescriptorSet;
use tokio::time::timeout;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Endpoint;
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use crate::support::{Token, World, reason_of};

/// `/package.Service/Method` of every method of ours.
fn methods() -> BTreeSet<String> {
    let set = FileDescriptorSet::decode(pb::DESCRIPTORS).unwrap();
    let files = set
        .file
        .iter()
        .filter(|file| file.package() == "largesse.v1");
    files
        .flat_map(|file| &file.service)
        .flat_map(|service| {
            service
                .method
                .iter()
                .map(|method| format!("/largesse.v1.{}/{}", service.name(), method.name()))
        })
        .collect()
}

/// Calls a method with an empty message.
async fn call(world: &World, path: &str, token: Option<String>) -> Status {
    let channel = Endpoint::from_shared(format!("http://{}", world.service.address))
        .unwrap()
        .connect()
        .await
        .unwrap();
    let mut grpc = Grpc::new(channel);
    grpc.ready().await.unwrap();
    let mut request = Request::new(());
    if let Some(token) = token {
        request
            .metadata_mut()
            .insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    let path: PathAndQuery = path.parse().unwrap();
    let answer: Result<tonic::Response<()>, Status> =
        grpc.unary(request, path, ProstCodec::default()).await;
    answer.map_or_else(|status| status, |_| Status::ok("answered"))
}

#[test]
fn each_method_has_a_row_and_each_row_a_method() {
    let rows: BTreeSet<String> = access::methods()
        .filter(|path| path.contains("largesse"))
        .map(str::to_owned)
        .collect();
    assert_eq!(rows, methods());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_method_refuses_strangers_and_the_wrong_role() {
    let world = World::demo().await;
    for path in methods() {
        let stranger = call(&world, &path, None).await;
        assert_eq!(
            (stranger.code(), reason_of(&stranger)),
            (Code::Unauthenticated, "CREDENTIAL_MISSING".into()),
            "{path}"
        );
        let is_work = path.contains("FulfilmentService");
        let wrong_role = if is_work { "admin" } else { "fulfiller" };
        let token = world.sign(Token::of("courier-1", &[wrong_role]));
        let outsider = call(&world, &path, Some(token)).await;
        assert_eq!(
            (outsider.code(), reason_of(&outsider)),
            (Code::PermissionDenied, "ROLE_MISSING".into()),
            "{path}"
        );
    }
}

/// Whoever follows the trail may do nothing else, whatever methods come.
#[tokio::test(flavor = "multi_thread")]
async fn a_follower_follows_and_nothing_else() {
    let world = World::demo().await;
    let token = world.sign(Token::of("feed-1", &["follower"]));
    for path in methods() {
        let follows = path.contains("EventService") && !path.ends_with("DeleteConsumer");
        // A stream that is open has no end: whoever is refused is told at once.
        let answered = timeout(
            Duration::from_secs(3),
            call(&world, &path, Some(token.clone())),
        );
        let answered = answered.await.unwrap_or_else(|_| Status::ok("goes on"));
        let is_refused = answered.code() == Code::PermissionDenied;
        assert_eq!(is_refused, !follows, "{path}: {answered:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_without_a_rule_is_closed_to_everybody() {
    let world = World::demo().await;
    let token = world.sign(Token::of("admin-1", &["admin", "auditor"]));
    for path in [
        "/largesse.v1.GestureService/DeleteEverything",
        "/evil.Service/Method",
    ] {
        let status = call(&world, path, Some(token.clone())).await;
        assert_eq!(
            (status.code(), reason_of(&status)),
            (Code::PermissionDenied, "METHOD_CLOSED".into()),
            "{path}"
        );
    }
}

#[test]
fn each_reason_of_the_code_is_explained_to_callers() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("proto/REASONS.md")).unwrap();
    let status = std::fs::read_to_string(root.join("src/rpc/status.rs")).unwrap();
    let decision = std::fs::read_to_string(root.join("src/admission/reason.rs")).unwrap();
    let reasons: BTreeSet<&str> = status
        .split('"')
        .chain(decision.split('"'))
        .filter(|word| {
            word.len() > 5
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        })
        .filter(|word| word.contains('_') || *word == "DEFECT" || *word == "PAUSED")
        .filter(|word| !["NEEDS_APPROVAL", "PENDING_APPROVAL"].contains(word))
        .collect();
    assert!(reasons.len() > 25, "{reasons:?}");
    for reason in reasons {
        assert!(
            page.contains(&format!("`{reason}`")),
            "proto/REASONS.md does not explain {reason}"
        );
    }
}
