//! Being two people: above 200.00 a basket needs two, and nobody is both of them.

use super::{basket, document_where};
use crate::support::Desk;
use crate::support::kernel::{self, Answering, Lending, Seen};

impl Desk {
    /// fl-1 asks for a basket of 250.00, and these people are asked about it.
    async fn large(&mut self, of: &[&str]) -> Seen {
        self.waiting(&basket("fl-1", "ida", 25000), of).await
    }

    /// A first yes; the gesture as it is seen then.
    async fn says_first(&mut self, answering: &Answering) -> Seen {
        let before = self.written().await.0;
        let told = self.answers(answering).await;
        assert_eq!(told.outcome, "FIRST_YES", "{told:?}");
        assert_eq!(
            self.written().await.0["counters"],
            before["counters"],
            "it holds nothing"
        );
        self.holds().await;
        self.seen(answering.id).await
    }

    /// Is not the second, as whoever looks first is told.
    async fn is_no_second(&mut self, answering: &Answering) {
        let told = self.refuses(answering, "SAME_PERSON").await;
        let stands = self.stands(answering, &told.authority.unwrap()).await;
        assert_eq!(stands.0, "SAME_PERSON");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn not_the_same_twice() {
    let mut desk = Desk::open().await;
    let seen = desk.large(&["mg-1", "mg-2"]).await;
    let yes = Answering::yes("mg-1", &seen);
    let seen = desk.says_first(&yes).await;
    let before = desk.written().await;
    let again = desk.answers(&yes).await;
    assert_eq!(
        (again.outcome.as_str(), again.replayed),
        ("FIRST_YES", true)
    );
    assert_eq!(desk.written().await, before);
    desk.is_no_second(&Answering::yes("mg-1", &seen)).await;
    desk.approves(&Answering::yes("mg-2", &seen)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_by_a_second_account() {
    let mut desk = Desk::open().await;
    let seen = desk.large(&["mg-1", "mg-2"]).await;
    assert_eq!(
        desk.hands_on("mg-2", &seen, "mg-1-second").await.outcome,
        "REASSIGNED"
    );
    let seen = desk.says_first(&Answering::yes("mg-1", &seen)).await;
    desk.is_no_second(&Answering::yes("mg-1-second", &seen))
        .await;
    assert_eq!(
        desk.hands_on("mg-1-second", &seen, "top-1").await.outcome,
        "REASSIGNED"
    );
    desk.approves(&Answering::yes("top-1", &seen)).await;
}

/// Neither as actor nor as authority of the other's answer.
#[tokio::test(flavor = "multi_thread")]
async fn not_as_a_delegate() {
    // the delegate is who said the first yes
    let mut desk = Desk::open().await;
    let until = desk.within(600);
    desk.lends(&Lending::of("mg-2", "mg-1", until)).await;
    let seen = desk.large(&["mg-1", "mg-2"]).await;
    let seen = desk.says_first(&Answering::yes("mg-1", &seen)).await;
    let as_delegate = Answering::yes("mg-1", &seen).in_the_authority_of("mg-2");
    desk.is_no_second(&as_delegate).await;
    desk.approves(&Answering::yes("mg-2", &seen)).await;

    // the first yes was in the authority of who says the second, or of whom the second is in the authority
    for second in [
        Answering::yes("mg-1", &seen),
        Answering::yes("top-1", &seen).in_the_authority_of("mg-1"),
    ] {
        let mut desk = Desk::open().await;
        let until = desk.within(600);
        desk.lends(&Lending::of("mg-1", "pm-1", until)).await;
        desk.lends(&Lending::of("mg-1", "top-1", until)).await;
        let seen = desk.large(&["mg-1", "mg-2"]).await;
        let seen = desk.says_first(&Answering::yes("pm-1", &seen)).await;
        let second = Answering {
            authority: second.authority,
            ..Answering::yes(&second.actor, &seen)
        };
        desk.is_no_second(&second).await;
        desk.approves(&Answering::yes("mg-2", &seen)).await;
    }
}

/// One delegate for two lenders is one person.
#[tokio::test(flavor = "multi_thread")]
async fn not_as_the_delegate_of_two() {
    let mut desk = Desk::open().await;
    let until = desk.within(600);
    desk.lends(&Lending::of("mg-1", "pm-1", until)).await;
    desk.lends(&Lending::of("mg-2", "pm-1", until)).await;
    let seen = desk.large(&["mg-1", "mg-2"]).await;
    let first = Answering::yes("pm-1", &seen).in_the_authority_of("mg-1");
    let seen = desk.says_first(&first).await;
    desk.is_no_second(&Answering::yes("pm-1", &seen).in_the_authority_of("mg-2"))
        .await;
    desk.approves(&Answering::yes("mg-2", &seen)).await;
}

/// The pool and software count as nobody, with all the authority in the world; neither first nor second.
#[tokio::test(flavor = "multi_thread")]
async fn not_the_pool_and_not_software() {
    let mut document = document_where("duty", |agent| agent["level"] = "manager".into());
    document["routing"]["duty_members"] = serde_json::json!(["pm-1", "fl-2"]);
    let mut desk = Desk::of(&document).await;
    let asked = basket("fl-4", "ida", 25000);
    let seen = desk
        .waiting(&asked, &["sw-1", "duty", "mg-1", "mg-2"])
        .await;
    desk.is_no_second(&Answering::yes("sw-1", &seen)).await;
    desk.is_no_second(&Answering::yes("pm-1", &seen)).await;
    let seen = desk.says_first(&Answering::yes("mg-1", &seen)).await;
    for actor in ["sw-1", "pm-1", "fl-2", "duty"] {
        desk.is_no_second(&Answering::yes(actor, &seen)).await;
    }
    desk.approves(&Answering::yes("mg-2", &seen)).await;
}

/// Another amount begins again, for whoever names it; and the old one is forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn not_to_two_amounts() {
    let mut desk = Desk::open().await;
    let seen = desk.large(&["mg-1", "mg-2"]).await;
    let seen = desk.says_first(&Answering::yes("mg-1", &seen)).await;
    let seen = desk
        .says_first(&Answering::yes("mg-2", &seen).of_amount(24000))
        .await;
    // unset is as the first yes said
    desk.is_no_second(&Answering::yes("mg-2", &seen)).await;
    let seen = desk
        .says_first(&Answering::yes("mg-2", &seen).of_amount(23000))
        .await;
    let seen = desk
        .says_first(&Answering::yes("mg-1", &seen).of_amount(25000))
        .await;
    desk.is_no_second(&Answering::yes("mg-1", &seen).of_amount(25000))
        .await;
    desk.refuses(
        &Answering::yes(
            "mg-2",
            &Seen {
                etag: 1,
                ..seen.clone()
            },
        ),
        "STALE",
    )
    .await;
    desk.approves(&Answering::yes("mg-2", &seen)).await;
    let given = desk.seen(seen.id).await;
    assert_eq!(
        (given.state.as_str(), seen.etag + 1),
        ("APPROVED", given.etag)
    );
}

/// Both answers pass the full check: the first is refused as an only one would be, and so is the second.
#[tokio::test(flavor = "multi_thread")]
async fn not_one_who_could_not_alone() {
    let mut desk = Desk::open().await;
    let asked = basket("fl-1", "c-mg-2", 25000);
    let seen = desk
        .waiting(&asked, &["ld-1", "mg-1", "mg-2", "top-1"])
        .await;
    desk.refuses_for(&Answering::yes("mg-2", &seen), &["OWN_ACCOUNT"])
        .await;
    let told = desk
        .refuses(&Answering::yes("ld-1", &seen), "REFUSED")
        .await;
    assert!(told.codes().contains(&"LIMIT_EXCEEDED"), "{told:?}");
    let seen = desk.says_first(&Answering::yes("mg-1", &seen)).await;
    desk.refuses_for(&Answering::yes("mg-2", &seen), &["OWN_ACCOUNT"])
        .await;
    desk.refuses(&Answering::yes("ld-1", &seen), "REFUSED")
        .await;
    desk.approves(&Answering::yes("top-1", &seen)).await;
}

/// A no of one is a no.
#[tokio::test(flavor = "multi_thread")]
async fn not_after_a_no() {
    let mut desk = Desk::open().await;
    let seen = desk.large(&["mg-1", "mg-2"]).await;
    let seen = desk.says_first(&Answering::yes("mg-1", &seen)).await;
    let told = desk.answers(&Answering::no("mg-2", &seen)).await;
    assert_eq!(told.outcome, "DECLINED");
    let now = desk.seen(seen.id).await;
    desk.refuses_both("mg-1", None, &now, "NOT_ALLOWED").await;
    desk.holds().await;
}

/// A first yes counts while whoever gave it might give it again.
#[tokio::test(flavor = "multi_thread")]
async fn not_with_one_who_was_suspended_since() {
    let mut desk = Desk::open().await;
    let seen = desk.large(&["mg-1", "mg-2", "top-1"]).await;
    let seen = desk.says_first(&Answering::yes("mg-1", &seen)).await;
    desk.suspends("mg-1").await;
    let second = Answering::yes("mg-2", &seen);
    assert_eq!(desk.stands(&second, "mg-2").await.0, "FIRST_YES");
    let seen = desk.says_first(&second).await;
    desk.approves(&Answering::yes("top-1", &seen)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_with_what_was_taken_back_since() {
    let mut desk = Desk::open().await;
    let lending = Lending::of("mg-1", "pm-1", desk.within(600));
    desk.lends(&lending).await;
    let seen = desk.large(&["mg-1", "mg-2"]).await;
    let lent = Answering::yes("pm-1", &seen).in_the_authority_of("mg-1");
    let seen = desk.says_first(&lent).await;
    let taken_back = kernel::revoke_delegation(&mut desk.app, desk.tenant, lending.id).await;
    taken_back.unwrap();
    let seen = desk.says_first(&Answering::yes("mg-2", &seen)).await;
    desk.approves(&Answering::yes("mg-1", &seen)).await;
}

/// Not even where the account is said to be somebody else's by now.
#[tokio::test(flavor = "multi_thread")]
async fn not_the_same_account_under_another_name() {
    let mut desk = Desk::open().await;
    let seen = desk.large(&["mg-1", "mg-2"]).await;
    let seen = desk.says_first(&Answering::yes("mg-1", &seen)).await;
    sqlx::query("update largesse.agents set person_id = 'somebody' where agent_id = 'mg-1'")
        .execute(&mut desk.sql)
        .await
        .unwrap();
    desk.is_no_second(&Answering::yes("mg-1", &seen)).await;
}
