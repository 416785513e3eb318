//! A tenant's rules are one document: what a change would do is told before, it comes into force as a whole or not at
//! all, and what is in force can be read and applied again.

use largesse::pb::{ConfigurationChangeType, PlanConfigurationResponse};
use tonic::Code;

use crate::support::{DEMO, Token, World, fact_of, flowers, reason_of, wish, wrongs, yes};

fn lines(plan: &PlanConfigurationResponse) -> Vec<&str> {
    plan.changes
        .iter()
        .map(|change| change.text.as_str())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_by_name_what_would_change_and_changes_nothing() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    let before = world.rows().await;
    let nothing = admin.plan(DEMO).await.unwrap();
    assert_eq!(
        (nothing.compared_version, nothing.change_count),
        (1, 0),
        "{:?}",
        nothing.changes
    );

    let changed = DEMO
        .replace(
            r#"{limit: agent-gesture, amount: "60.00"}"#,
            r#"{limit: agent-gesture, amount: "75.50"}"#,
        )
        .replace(
            "occasions: [bereavement, apology, delight]",
            "occasions: [bereavement, apology]",
        )
        .replace(
            r#"min: "15.00", max: "120.00""#,
            r#"min: "15.00", max: "130.00""#,
        )
        .replace(
            "level: frontline, manager: ld-201, budget: care-berlin, own_customers: [c-fl-101]",
            "level: lead, manager: mg-301, budget: care-berlin, own_customers: [c-fl-101]",
        )
        .replace(
            "policies: [return-window-15-days",
            "policies: [late-fee, return-window-15-days",
        );
    let plan = admin.plan(&changed).await.unwrap();
    assert_eq!(
        lines(&plan),
        [
            "occasions.delight: removed",
            "policies.late-fee: added",
            "catalog.flowers.EUR.max: 120.00 EUR -> 130.00 EUR",
            "levels.frontline.maxima.agent-gesture.amount: 60.00 EUR -> 75.50 EUR",
            "agents.fl-101.level: frontline -> lead",
            "agents.fl-101.manager: ld-201 -> mg-301",
        ]
    );
    assert_eq!(plan.change_count, 6);
    let amount = &plan.changes[3];
    assert_eq!(amount.r#type(), ConfigurationChangeType::Changed);
    assert_eq!(
        (
            amount.path.as_str(),
            amount.before.as_str(),
            amount.after.as_str()
        ),
        (
            "levels.frontline.maxima.agent-gesture.amount",
            "60.00 EUR",
            "75.50 EUR"
        )
    );
    assert_eq!(world.rows().await, before);
    let auditor = world
        .client(Token::of("auditor-1", &["auditor"]))
        .await
        .plan(&changed)
        .await;
    assert_eq!(
        lines(&auditor.unwrap()),
        lines(&plan),
        "an auditor may look"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_names_the_counters_it_would_abandon_and_the_agents_it_would_suspend() {
    let world = World::demo().await;
    let (mut admin, mut agent) = (world.admin().await, world.agent("fl-101").await);
    let other = DEMO
        .replace(
            "window: MONTH, currency: EUR, hard_max: {amount: \"600.00\", count: 10}",
            "window: WEEK, currency: EUR, hard_max: {amount: \"600.00\", count: 10}",
        )
        .replace(
            "{name: care, currency: EUR, window: QUARTER",
            "{name: care, currency: EUR, window: YEAR",
        )
        .replace("- {id: fl-102, ", "- {id: fl-103, ");
    let unused = admin.plan(&other).await.unwrap();
    assert!(unused.abandoned_limits.is_empty(), "nothing was used yet");
    assert_eq!(agent.asks(flowers("ida", 4500)).await, yes());
    assert_eq!(agent.asks(flowers("otto", 4500)).await, yes());
    let plan = admin.plan(&other).await.unwrap();
    let abandoned: Vec<_> = plan
        .abandoned_limits
        .iter()
        .map(|limit| {
            (
                limit.limit.as_str(),
                limit.counter_count,
                limit.used.as_ref().unwrap().minor_units,
            )
        })
        .collect();
    assert_eq!(
        abandoned,
        [("agent-and-customer", 2, 9900), ("care", 1, 9900)]
    );
    assert_eq!(plan.suspended_agent_ids, ["fl-102"]);
    assert!(
        lines(&plan).contains(&"agents.fl-102: suspended"),
        "{:?}",
        lines(&plan)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_applied_against_the_version_that_its_author_saw() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    let changed = DEMO.replace("\"60.00\"", "\"61.00\"");
    for (expected, known) in [(2, "2"), (0, "0"), (17, "17")] {
        let refused = admin.apply(&changed, expected).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::Aborted, "VERSION_STALE")
        );
        assert_eq!(fact_of(&refused, "expected_version"), known);
        assert_eq!(fact_of(&refused, "version"), "1");
        assert!(
            refused.message().contains("version 1"),
            "{}",
            refused.message()
        );
    }
    let refused = admin.apply(&changed, -1).await.unwrap_err();
    assert_eq!(wrongs(&refused), ["expected_version OUT_OF_RANGE"]);

    let mut racing = tokio::task::JoinSet::new();
    for number in 0..8 {
        let (mut admin, document) = (
            world.admin().await,
            DEMO.replace("\"60.00\"", &format!("\"6{number}.50\"")),
        );
        racing.spawn(async move { admin.apply(&document, 1).await });
    }
    let answers = racing.join_all().await;
    let (done, stale): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!((done.len(), stale.len()), (1, 7), "one of eight is first");
    assert_eq!(done[0].as_ref().unwrap(), &2);
    assert!(
        stale
            .iter()
            .all(|answer| reason_of(answer.as_ref().unwrap_err()) == "VERSION_STALE")
    );
    assert_eq!(admin.configuration(None).await.unwrap().version, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_document_of_a_tenant_creates_it() {
    let world = World::demo().await;
    let document = DEMO.replace("tenant: demo", "tenant: vienna");
    let mut admin = world
        .client(Token::of("admin-1", &["admin"]).in_tenant("vienna"))
        .await;
    let refused = admin.configuration(None).await.unwrap_err();
    assert_eq!(reason_of(&refused), "TENANT_UNKNOWN");
    let plan = admin.plan(&document).await.unwrap();
    assert_eq!(plan.compared_version, 0);
    let added = ConfigurationChangeType::Added;
    assert!(
        plan.changes.iter().all(|change| change.r#type() == added),
        "everything is new"
    );
    let refused = admin.apply(&document, 3).await.unwrap_err();
    assert_eq!(reason_of(&refused), "TENANT_UNKNOWN");
    assert_eq!(
        admin.apply(&document, plan.compared_version).await.unwrap(),
        1
    );
    let mut agent = world
        .client(Token::agent("fl-101").in_tenant("vienna"))
        .await;
    assert_eq!(agent.asks(flowers("ida", 4500)).await, yes());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_force_can_be_read_and_applied_again() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    let in_force = admin.configuration(None).await.unwrap();
    assert_eq!(
        (in_force.version, in_force.applied_by.as_str()),
        (1, "admin-1")
    );
    assert!(
        in_force.document.contains("- {id: fl-101, "),
        "the roster, too"
    );
    let plan = admin.plan(&in_force.document).await.unwrap();
    assert_eq!(lines(&plan), [""; 0], "it says what is in force");
    assert_eq!(admin.apply(&in_force.document, 1).await.unwrap(), 2);
    assert_eq!(
        admin.configuration(None).await.unwrap().document,
        in_force.document
    );

    let changed = DEMO.replace("\"60.00\"", "\"61.00\"");
    assert_eq!(admin.apply(&changed, 2).await.unwrap(), 3);
    let older = admin.configuration(Some(2)).await.unwrap();
    assert_eq!(older.version, 2);
    assert!(
        older
            .document
            .contains(r#"{limit: agent-gesture, amount: "60.00"}"#)
    );
    assert!(
        !older.document.contains("\nagents:"),
        "the roster is that of today"
    );
    for version in [0, 4, -1] {
        let refused = admin.configuration(Some(version)).await.unwrap_err();
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::NotFound, "CONFIGURATION_NOT_FOUND")
        );
    }
    let mut agent = world.agent("fl-101").await;
    let asked = agent
        .request(wish("flowers", "ida", 6100, "EUR"))
        .await
        .unwrap();
    assert_eq!(asked.decision.unwrap().configuration_version, 3);
}

/// Who is asked, how long and when people work come into force with the rest, and are read as they were written.
#[tokio::test(flavor = "multi_thread")]
async fn routing_and_the_calendar_are_part_of_the_document() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    let office = DEMO
        .replace("  answer_within: 4h ", "  clock: WORKING_HOURS\n  answer_within: 2h ")
        .replace(
            "\nagents:",
            "\ncalendar:\n  working_hours: {MONDAY: [\"09:00-12:30\", \"13:30-17:00\"], FRIDAY: [\"09:00-24:00\"]}\n  \
             holidays: [2026-12-25]\n\nagents:",
        )
        .replace("on_silence: GRANT}", "on_silence: GRANT, clock: ALWAYS}");
    let plan = admin.plan(&office).await.unwrap();
    assert_eq!(
        lines(&plan),
        [
            "routing.answer_within: 4h -> 2h",
            "routing.clock: ALWAYS -> WORKING_HOURS",
            "calendar.working_hours.MONDAY: added, 09:00-12:30, 13:30-17:00",
            "calendar.working_hours.FRIDAY: added, 09:00-24:00",
            "calendar.holidays.2026-12-25: added",
        ]
    );
    assert_eq!(admin.apply(&office, 1).await.unwrap(), 2);
    let in_force = admin.configuration(None).await.unwrap().document;
    for piece in [
        "  clock: WORKING_HOURS\n",
        "  duty_pool: {agent: duty, members: [ld-201, mg-301]}\n",
        "  - {occasions: [bereavement], answer_within: 30m, expire_after: 2h, on_silence: GRANT, clock: ALWAYS}\n",
        "    MONDAY: [\"09:00-12:30\", \"13:30-17:00\"]\n",
        "dual_control_above: \"100.00\"",
    ] {
        assert!(in_force.contains(piece), "{piece}: {in_force}");
    }
    for document in [&in_force, &office] {
        let again = admin.plan(document).await.unwrap();
        assert_eq!(lines(&again), [""; 0]);
    }
}
