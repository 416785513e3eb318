//! Postgres knows the same currencies as the service, so that nobody writes one that the service cannot read again.

use std::collections::BTreeSet;

use largesse::money::Currency;

use crate::support::World;

#[tokio::test(flavor = "multi_thread")]
async fn postgres_and_the_service_know_the_same_currencies() {
    let letters = || (b'A'..=b'Z').map(char::from);
    let codes: Vec<String> = letters()
        .flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))))
        .collect();
    let ours: BTreeSet<String> = codes
        .iter()
        .filter(|code| code.parse::<Currency>().is_ok())
        .cloned()
        .collect();
    let theirs: Vec<String> =
        sqlx::query_scalar("select c from unnest($1::text[]) c where largesse.is_currency(c)")
            .bind(&codes)
            .fetch_all(&mut World::demo().await.sql().await)
            .await
            .unwrap();
    assert_eq!(theirs.into_iter().collect::<BTreeSet<_>>(), ours);
}
