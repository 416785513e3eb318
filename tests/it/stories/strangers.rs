//! Two tenants in one database: what belongs to the other is answered exactly like what does not exist.

use largesse::pb::{
    GestureState, GetAuthorityRequest, ListCatalogItemsRequest, ListGesturesRequest,
    RequestResolution,
};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::support::{
    Client, DEMO, Token, World, everything_said, flowers, pickup, reason_of, violations, wrongs,
};

/// The demo, and beside it `other` with the same rules, the same people and a gesture of its own.
async fn neighbours() -> (World, Client, largesse::pb::Gesture) {
    let world = World::demo().await;
    world.another_tenant("other", DEMO).await;
    let mut stranger = world
        .client(Token::agent("fl-101").in_tenant("other"))
        .await;
    let theirs = stranger.request(flowers("theirs", 4500)).await.unwrap();
    (world, stranger, theirs)
}

/// Both refusals say the same, but for the id that was asked for.
fn assert_alike(of_theirs: &Status, of_nothing: &Status, (theirs, nothing): (&str, &str)) {
    let said = everything_said(of_theirs).replace(theirs, nothing);
    assert_eq!(said, everything_said(of_nothing));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gesture_of_another_tenant_is_not_there() {
    let (world, mut stranger, theirs) = neighbours().await;
    let mut agent = world.agent("fl-101").await;
    let nothing = Uuid::now_v7().to_string();
    let ids = (theirs.id.as_str(), nothing.as_str());

    let got = agent.get(&theirs.id).await.unwrap_err();
    assert_eq!(
        (got.code(), reason_of(&got).as_str()),
        (Code::NotFound, "GESTURE_NOT_FOUND")
    );
    assert_alike(&got, &agent.get(&nothing).await.unwrap_err(), ids);

    let cancelled = agent.cancel(&theirs).await.unwrap_err();
    assert_eq!(reason_of(&cancelled), "GESTURE_NOT_FOUND");
    let gone = largesse::pb::Gesture {
        id: nothing.clone(),
        ..theirs.clone()
    };
    assert_alike(&cancelled, &agent.cancel(&gone).await.unwrap_err(), ids);

    let replacing = |id: &str| largesse::pb::Gesture {
        replaces: id.into(),
        ..flowers("theirs", 4500)
    };
    let replaced = agent.request(replacing(&theirs.id)).await.unwrap_err();
    assert_eq!(wrongs(&replaced), ["gesture.replaces REPLACES_UNKNOWN"]);
    assert_alike(
        &replaced,
        &agent.request(replacing(&nothing)).await.unwrap_err(),
        ids,
    );

    let found = agent
        .batch_get(&[theirs.id.clone(), nothing.clone()])
        .await
        .unwrap();
    assert!(found.gestures.is_empty());
    assert_eq!(found.missing_ids, [theirs.id.clone(), nothing.clone()]);

    for filter in [
        ListGesturesRequest::default(),
        ListGesturesRequest {
            customer_id: "theirs".into(),
            ..Default::default()
        },
    ] {
        assert!(agent.list(filter).await.unwrap().gestures.is_empty());
    }
    assert_eq!(stranger.get(&theirs.id).await.unwrap(), theirs, "untouched");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_may_use_one_id_and_neither_notices() {
    let (world, mut stranger, theirs) = neighbours().await;
    let mut agent = world.agent("fl-101").await;
    let id: Uuid = theirs.id.parse().unwrap();
    let ours = agent.request_as(id, pickup("ida", 1200)).await.unwrap();
    assert!(!ours.replayed);
    assert_eq!(ours.gesture.unwrap().state(), GestureState::Approved);
    assert_eq!(stranger.get(&theirs.id).await.unwrap(), theirs);

    let second = stranger.request(flowers("theirs", 4500)).await.unwrap();
    let resolved = agent.resolve(second.id.parse().unwrap()).await.unwrap();
    assert_eq!(resolved.resolution(), RequestResolution::NeverHappened);
    assert_eq!(stranger.get(&second.id).await.unwrap(), second);

    let preview = agent.preview(flowers("theirs", 9000)).await.unwrap();
    assert!(
        preview.similar.is_empty(),
        "nor is it similar to anything here"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_versions_and_documents_of_another_tenant_are_not_there() {
    let (world, _, _) = neighbours().await;
    let mut admin = world.admin().await;
    let mut other = world
        .client(Token::of("admin-1", &["admin"]).in_tenant("other"))
        .await;
    let theirs = DEMO
        .replace("fl-102", "xx-102")
        .replace("tenant: demo", "tenant: other");
    other.apply(&theirs, 1).await.unwrap();

    let refused = admin.suspend("xx-102", true).await.unwrap_err();
    assert_eq!(reason_of(&refused), "AGENT_NOT_FOUND");
    let nobody = admin.suspend("yy-102", true).await.unwrap_err();
    assert_alike(&refused, &nobody, ("xx-102", "yy-102"));
    let question = GetAuthorityRequest {
        agent_id: "xx-102".into(),
        ..Default::default()
    };
    let refused = admin.authority(question).await.unwrap_err();
    assert_eq!(reason_of(&refused), "AGENT_NOT_FOUND");
    assert!(
        admin
            .roster()
            .await
            .unwrap()
            .iter()
            .all(|agent| agent.id != "xx-102")
    );

    let refused = admin.configuration(Some(2)).await.unwrap_err();
    assert_eq!(reason_of(&refused), "CONFIGURATION_NOT_FOUND");
    for refused in [
        admin.plan(&theirs).await.unwrap_err(),
        admin.apply(&theirs, 2).await.unwrap_err(),
    ] {
        assert_eq!(wrongs(&refused), ["document.tenant DOCUMENT_TENANT"]);
        let says = &violations(&refused)[0].description;
        assert!(says.contains("of the tenant demo"), "{says}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_token_leads_on_in_its_own_list_alone() {
    let (world, mut stranger, _) = neighbours().await;
    stranger.request(flowers("theirs", 4500)).await.unwrap();
    let mut agent = world.agent("fl-101").await;
    for customer in ["ida", "otto"] {
        agent.request(flowers(customer, 1500)).await.unwrap();
        agent.request(flowers(customer, 1500)).await.unwrap();
    }
    let page = |customer: &str, token: &str| ListGesturesRequest {
        customer_id: customer.into(),
        page_size: 1,
        page_token: token.into(),
        ..Default::default()
    };
    let token = agent.list(page("ida", "")).await.unwrap().next_page_token;
    let theirs = stranger.list(page("", "")).await.unwrap().next_page_token;
    let request = ListCatalogItemsRequest {
        page_size: 1,
        ..Default::default()
    };
    let catalog = agent.authority.list_catalog_items(request).await.unwrap();
    let catalog = catalog.into_inner().next_page_token;

    assert_eq!(
        agent
            .list(page("ida", &token))
            .await
            .unwrap()
            .gestures
            .len(),
        1
    );
    let mut bent = token.clone();
    bent.replace_range(..1, if token.starts_with('A') { "B" } else { "A" });
    for (what, customer, token) in [
        ("other filters", "otto", token.as_str()),
        ("another tenant", "", theirs.as_str()),
        ("another method", "ida", catalog.as_str()),
        ("bent", "ida", bent.as_str()),
        ("made up", "ida", "bmV4dA"),
        ("no token at all", "ida", "page 2, please"),
    ] {
        let refused = agent.list(page(customer, token)).await.unwrap_err();
        assert_eq!(wrongs(&refused), ["page_token PAGE_TOKEN_STALE"], "{what}");
        let says = &violations(&refused)[0].description;
        assert!(says.contains("begin again without one"), "{what}: {says}");
    }
    let mut colleague = world.agent("fl-102").await;
    let refused = colleague.list(page("ida", &token)).await.unwrap_err();
    assert_eq!(
        wrongs(&refused),
        ["page_token PAGE_TOKEN_STALE"],
        "a colleague's"
    );
}
