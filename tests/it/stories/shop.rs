//! A chain of shops, as `deploy/examples/shop.yaml` says it: agents share an amount between kinds, stores have budgets.

use largesse::pb::{Gesture, GetAuthorityRequest};

use crate::support::{World, ask_above, no, use_of, used, wish, yes};

const SHOP: &str = include_str!("../../../deploy/examples/shop.yaml");

#[tokio::test(flavor = "multi_thread")]
async fn flowers_and_baskets_share_500_a_month_and_cards_have_their_own() {
    let world = World::of_with_movable_clock(SHOP).await;
    world.set_clock("2026-11-30T22:59:59Z").await;
    let (mut one, mut two) = (world.agent("graben-1").await, world.agent("graben-2").await);
    let of = |kind: &str, customer: &str, cents: i64| wish(kind, customer, cents, "EUR");
    for customer in ["a", "b", "c", "d", "e"] {
        assert_eq!(one.asks(of("flowers", customer, 9000)).await, yes());
        assert_eq!(two.asks(of("gift-basket", customer, 12_000)).await, yes());
    }
    assert_eq!(
        one.asks(of("gift-basket", "f", 2000)).await,
        ask_above(&["LIMIT_EXCEEDED flowers-and-baskets"])
    );
    let basket = one
        .item("gift-basket", "EUR", GetAuthorityRequest::default())
        .await;
    let pool = use_of(&basket, "flowers-and-baskets");
    assert_eq!(used(&basket, "flowers-and-baskets"), 49_500);
    assert_eq!(pool.remaining.as_ref().unwrap().minor_units, 500);
    assert_eq!(
        pool.largest_now.as_ref().unwrap().minor_units,
        476,
        "and 5 % on top are 500"
    );
    assert_eq!(
        basket.largest_now.unwrap().minor_units,
        0,
        "no basket is so small"
    );

    // the colleague of long standing has 800
    assert_eq!(two.asks(of("flowers", "f", 9000)).await, yes());
    assert_eq!(
        two.asks(of("flowers", "f", 9000)).await,
        ask_above(&["LIMIT_EXCEEDED flowers-and-baskets"])
    );
    assert_eq!(
        one.asks(of("card", "f", 500)).await,
        yes(),
        "cards do not count"
    );
    world.set_clock("2026-11-30T23:00:00Z").await;
    assert_eq!(
        one.asks(of("gift-basket", "f", 2000)).await,
        yes(),
        "midnight in Vienna"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_store_has_a_budget_per_quarter_and_all_together_one_per_year() {
    let world = World::of_with_movable_clock(SHOP).await;
    world.set_clock("2026-10-15T09:00:00Z").await;
    let (mut boss, mut sales) = (
        world.agent("graben-boss").await,
        world.agent("linz-1").await,
    );
    let basket = |customer: usize| Gesture {
        budget: "store-linz".into(),
        ..wish("gift-basket", &format!("c-{customer}"), 15_000, "EUR")
    };
    // 157.50 are held for each: twelve fit into the manager's 2,000.00 a month
    for customer in 0..12 {
        assert_eq!(boss.asks(basket(customer)).await, yes());
    }
    assert_eq!(
        boss.asks(basket(12)).await,
        no(&["LIMIT_EXCEEDED flowers-and-baskets!"])
    );
    world.set_clock("2026-12-15T09:00:00Z").await;
    for customer in 12..19 {
        assert_eq!(boss.asks(basket(customer)).await, yes());
    }
    let refused = boss.request(basket(19)).await.unwrap().decision.unwrap();
    let reason = &refused.reasons[0];
    assert_eq!(
        (reason.limit.as_str(), reason.budget.as_str()),
        ("store-linz", "store-linz")
    );
    assert!(reason.is_hard);
    assert_eq!(
        reason.largest_now.as_ref().unwrap().minor_units,
        714,
        "7.50 with its 5 %"
    );
    let flowers = sales
        .item("flowers", "EUR", GetAuthorityRequest::default())
        .await;
    assert_eq!(used(&flowers, "store-linz"), 299_250);
    assert_eq!(
        used(&flowers, "stores"),
        299_250,
        "what a store gives, all stores give"
    );
    assert_eq!(sales.asks(wish("card", "x", 500, "EUR")).await, yes());

    let other = Gesture {
        budget: "store-linz".into(),
        ..wish("card", "x", 50, "EUR")
    };
    assert_eq!(
        world.agent("graben-1").await.asks(other).await,
        ask_above(&["BUDGET_NOT_ALLOWED store-linz"])
    );
    assert_eq!(
        world
            .agent("graben-1")
            .await
            .asks(wish("flowers", "y", 9000, "EUR"))
            .await,
        yes()
    );
    world.set_clock("2026-12-31T23:00:00Z").await;
    assert_eq!(
        boss.asks(basket(20)).await,
        yes(),
        "a new quarter, and a new year"
    );
    let flowers = sales
        .item("flowers", "EUR", GetAuthorityRequest::default())
        .await;
    assert_eq!(
        (used(&flowers, "store-linz"), used(&flowers, "stores")),
        (15_750, 15_750)
    );
}
