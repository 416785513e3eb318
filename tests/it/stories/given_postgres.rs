//! A Postgres that was given: what is wrong with it is said in a sentence, with what would be right; and several processes
//! may share one.

use sqlx::Executor;

use crate::support::process::{Place, printed};
use crate::support::{Clock, TestDatabase};

/// What `largesse` says and how it ends, when it is given this database.
fn given(url: &str) -> (Option<i32>, String) {
    let output = Place::new().run_with(&[], &[("LARGESSE_DATABASE_URL", url)]);
    (output.status.code(), printed(&output))
}

fn assert_says(url: &str, sentences: &[&str]) {
    let (code, said) = given(url);
    assert_eq!(code, Some(1), "{said}");
    for sentence in sentences {
        assert!(said.contains(sentence), "{sentence:?} in {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_pass_the_rules_is_refused() {
    let database = TestDatabase::new(Clock::Real).await;
    assert_says(
        &database.url("postgres", None),
        &[
            "the role postgres is a superuser",
            "connect as largesse_app",
            "alter role largesse_app login",
        ],
    );
    let mut sql = database.superuser().await;
    sql.execute("drop role if exists too_powerful")
        .await
        .unwrap();
    sql.execute("create role too_powerful login in role largesse_owner")
        .await
        .unwrap();
    assert_says(
        &database.url("too_powerful", None),
        &["may act as largesse_owner"],
    );
    sql.execute("drop role too_powerful").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_is_missing_or_old_and_a_server_that_is_old_are_named() {
    let database = TestDatabase::new(Clock::Real).await;
    let url = database.url("largesse_app", None);
    assert_says(
        &database.url("largesse_app", Some("template1")),
        &[
            "the schema of this database is not there",
            "largesse migrate",
        ],
    );
    assert_says(
        &database.url("largesse_app", Some("nowhere")),
        &["has no database nowhere", "create it"],
    );
    let mut sql = database.superuser().await;
    // a server that says of itself that it is older
    sql.execute(
        "create schema disguise; grant usage on schema disguise to largesse_app;
         create function disguise.current_setting(name text) returns text language sql
         return case name when 'server_version_num' then '140012' when 'server_version' then '14.12'
             else pg_catalog.current_setting(name) end;",
    )
    .await
    .unwrap();
    let disguised = format!("{url}&options=-csearch_path%3Ddisguise,pg_catalog");
    assert_says(&disguised, &["PostgreSQL 15 or newer is needed", "14.12"]);

    // 17 makes a table, which cannot be done twice; some of the later ones can
    sql.execute("delete from largesse._sqlx_migrations where version >= 17")
        .await
        .unwrap();
    assert_says(
        &url,
        &[
            "this binary needs version",
            "run: LARGESSE_OWNER_DATABASE_URL=",
            "largesse migrate",
        ],
    );
    let migrated = Place::new().run_with(
        &["migrate"],
        &[(
            "LARGESSE_OWNER_DATABASE_URL",
            &database.url("postgres", None),
        )],
    );
    let said = printed(&migrated);
    assert!(
        !migrated.status.success() && said.contains("already exists"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_database_is_made_ready_and_served() {
    let database = TestDatabase::new(Clock::Real).await;
    let mut sql = database.superuser().await;
    let name = format!("fresh_{}", std::process::id());
    sql.execute(sqlx::AssertSqlSafe(format!("create database {name}")))
        .await
        .unwrap();
    let place = Place::new();
    let owner = database.url("postgres", Some(&name));
    for _ in 0..2 {
        let migrated = place.run_with(&["migrate"], &[("LARGESSE_OWNER_DATABASE_URL", &owner)]);
        assert_eq!(migrated.status.code(), Some(0), "{}", printed(&migrated));
        assert!(printed(&migrated).contains("up to date"));
    }
    let url = database.url("largesse_app", Some(&name));
    let service = place.start_with(&[("LARGESSE_DATABASE_URL", &url), ("LARGESSE_DEMO", "on")]);
    let shown = place.run_as("fl-101", &["authority", "show"]);
    assert!(printed(&shown).contains("flowers"), "{}", printed(&shown));
    assert_eq!(service.end_with("INT").code(), Some(0));
}

#[test]
fn a_wrong_password_a_closed_door_and_a_url_that_is_none_are_told_apart() {
    let place = Place::new();
    let service = place.start();
    let url = place.read("database.url");
    let password = place.read("app-password");
    let wrong = url.replace(&password, "letmein");
    assert_ne!(wrong, url);
    let (code, said) = given(&wrong);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("refuses the role largesse_app with this password"),
        "{said}"
    );
    assert!(said.contains("LARGESSE_DATABASE_URL"), "{said}");
    assert!(
        !said.contains("letmein") && !said.contains(&password),
        "no password is shown: {said}"
    );

    let (_, said) = given("postgresql://largesse_app:letmein@127.0.0.1:1/largesse");
    assert!(
        said.contains("no Postgres answers at 127.0.0.1:1"),
        "{said}"
    );
    assert!(!said.contains("letmein"), "{said}");
    let (_, said) = given("mysql-at-home:letmein");
    assert!(
        said.contains("postgresql://role:password@host:5432/database"),
        "{said}"
    );
    assert!(!said.contains("letmein"), "{said}");
    drop(service);
}

#[test]
fn two_processes_share_one_database() {
    let (first, second) = (Place::new(), Place::new());
    let one = first.start();
    let (url, keys) = (
        first.read("database.url"),
        first.data_folder().join("jwks.json"),
    );
    let keys = keys.display().to_string();
    let environment = [
        ("LARGESSE_DATABASE_URL", url.as_str()),
        ("LARGESSE_JWKS_FILE", &keys),
    ];
    let two = second.start_with(&environment);
    assert!(
        two.log().contains("as LARGESSE_DATABASE_URL says"),
        "{}",
        two.log()
    );
    let token = first.run(&["token", "--agent", "fl-101", "--role", "requester"]);
    let token = String::from_utf8(token.stdout).unwrap();
    let token = token.trim();
    let terms = [
        "gesture",
        "request",
        "--kind",
        "goodwill-credit",
        "--amount",
        "5.00 EUR",
        "--customer",
    ];
    for (place, customer) in [(&first, "ida"), (&second, "otto"), (&first, "nina")] {
        let asked = place.run_with(
            &[&terms[..], &[customer]].concat(),
            &[("LARGESSE_TOKEN", token)],
        );
        assert_eq!(asked.status.code(), Some(0), "{}", printed(&asked));
    }
    let list = |place: &Place, words: &[&str]| -> serde_json::Value {
        let words = [&["gesture", "list", "--limit", "2", "--json"], words].concat();
        let listed = place.run_with(&words, &[("LARGESSE_TOKEN", token)]);
        serde_json::from_slice(&listed.stdout).unwrap_or_else(|_| panic!("{}", printed(&listed)))
    };
    let page = list(&first, &[]);
    assert_eq!(page["gestures"].as_array().unwrap().len(), 2);
    let rest = list(
        &second,
        &["--page-token", page["next_page_token"].as_str().unwrap()],
    );
    assert_eq!(
        rest["gestures"][0]["customer"]["id"], "ida",
        "the other one reads on"
    );

    let stranger = Place::new();
    let foreign = stranger.start_with(&[("LARGESSE_DATABASE_URL", &url)]);
    let refused = stranger.run_with(&["gesture", "list"], &[("LARGESSE_TOKEN", token)]);
    assert!(
        printed(&refused).contains("CREDENTIAL_INVALID"),
        "{}",
        printed(&refused)
    );
    for service in [foreign, two, one] {
        assert_eq!(service.end_with("INT").code(), Some(0));
    }
    assert_eq!(first.processes(), [""; 0]);
}
