//! Giving stops at once, for all, for a kind or for a channel, and goes on when nothing stops it any more.

use largesse::pb::pause_giving_request::Scope;
use largesse::pb::{ListCatalogItemsRequest, PauseScope};

use crate::support::{DEMO, World, flowers, no, pickup, wish, yes};

#[tokio::test(flavor = "multi_thread")]
async fn giving_is_paused_for_all_for_a_kind_or_for_a_channel_and_goes_on() {
    let world = World::demo().await;
    let (mut admin, mut agent) = (world.admin().await, world.agent("ld-201").await);
    let kind = || Scope::Kind("flowers".into());
    let channel = || Scope::Channel("florist".into());
    for (scope, flowers_pause, pickups_pause, word) in [
        (Scope::Tenant(()), true, true, PauseScope::Tenant),
        (kind(), true, false, PauseScope::Kind),
        (channel(), true, false, PauseScope::Channel),
    ] {
        assert!(admin.pause(scope.clone(), true).await.unwrap());
        assert!(
            !admin.pause(scope.clone(), true).await.unwrap(),
            "it was so already"
        );
        for (wish, is_paused) in [
            (flowers("ida", 1500), flowers_pause),
            (pickup("ida", 500), pickups_pause),
        ] {
            let answer = agent.asks(wish.clone()).await;
            assert_eq!(
                answer,
                if is_paused { no(&["PAUSED"]) } else { yes() },
                "{word:?}"
            );
            let item = agent.item(&wish.kind, "EUR", Default::default()).await;
            assert_eq!(item.paused, is_paused);
        }
        let request = ListCatalogItemsRequest::default();
        let catalog = agent
            .authority
            .list_catalog_items(request)
            .await
            .unwrap()
            .into_inner();
        let flowers_item = catalog
            .items
            .iter()
            .find(|item| item.kind == "flowers")
            .unwrap();
        assert_eq!(flowers_item.paused_by, [word as i32]);
        assert!(admin.pause(scope, false).await.unwrap());
    }
    admin.pause(kind(), true).await.unwrap();
    admin.pause(channel(), true).await.unwrap();
    admin
        .apply(&DEMO.replace("\"60.00\"", "\"61.00\""), 1)
        .await
        .unwrap();
    admin.pause(kind(), false).await.unwrap();
    let still = agent.asks(flowers("otto", 1500)).await;
    assert_eq!(
        still,
        no(&["PAUSED"]),
        "the other pause stands, through a new document"
    );
    admin.pause(channel(), false).await.unwrap();
    assert_eq!(agent.asks(flowers("otto", 1500)).await, yes());
    assert_eq!(
        agent.asks(wish("yacht", "otto", 100, "EUR")).await,
        no(&["KIND_NOT_OFFERED"])
    );
}
