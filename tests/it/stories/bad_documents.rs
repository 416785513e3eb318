//! A document with mistakes is answered with all of them, each with its path and its line, and changes nothing.

use tonic::Code;

use crate::support::{DEMO, World, reason_of, violations, wrongs};

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_document_names_every_mistake_with_its_line_and_changes_nothing() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    let before = world.rows().await;
    let bad = DEMO
        .replace("Europe/Berlin", "Europe/Atlantis")
        .replace(r#"max: "40.00""#, "max: 40.00")
        .replace("parent: care,", "parent: caer,")
        .replace(
            "{limit: agent-gesture, amount: \"60.00\"}",
            "{limit: agent-gestur, amount: \"600.00\"}",
        )
        .replace(
            "level: lead, manager: mg-301",
            "level: leed, manager: fl-101",
        )
        .replace(
            "tolerance_percent: 5,",
            "tolerance_percent: 5, colour: red,",
        );
    for refused in [
        admin.plan(&bad).await.unwrap_err(),
        admin.apply(&bad, 1).await.unwrap_err(),
    ] {
        assert_eq!(
            (refused.code(), reason_of(&refused).as_str()),
            (Code::InvalidArgument, "INVALID_FIELDS")
        );
        for (path, text, says) in [
            ("document.time_zone", "Europe/Atlantis", "time zone"),
            ("document.catalog[1].max", "max: 40.00", "quote"),
            ("document.catalog[2].colour", "colour: red", "colour"),
            ("document.budgets[1].parent", "parent: caer", "care"),
            (
                "document.levels[0].maxima[0].limit",
                "agent-gestur,",
                "agent-gesture",
            ),
            ("document.agents[2].level", "level: leed", "lead"),
        ] {
            let line = 1 + bad.lines().position(|line| line.contains(text)).unwrap();
            let told = violations(&refused);
            let told = told
                .iter()
                .find(|told| told.field == path)
                .unwrap_or_else(|| panic!("{path}: {:?}", wrongs(&refused)));
            assert_eq!(told.reason, "DOCUMENT_MISTAKE");
            assert!(
                told.description
                    .starts_with(&format!("line {line}, column ")),
                "{}",
                told.description
            );
            assert!(
                told.description.contains(says),
                "{path}: {}",
                told.description
            );
        }
    }
    for (document, says) in [
        ("", "empty"),
        ("tenant: [", "line 1"),
        ("just words", "mapping"),
        ("tenant: demo\n", "missing"),
        ("tenant: demo\ntenant: demo\n", "a second time"),
    ] {
        let refused = admin.apply(document, 1).await.unwrap_err();
        let told: Vec<String> = violations(&refused)
            .into_iter()
            .map(|told| told.description)
            .collect();
        assert!(
            told.iter().any(|told| told.contains(says)),
            "{document:?}: {told:?}"
        );
    }
    let deep: String = (1..=11)
        .map(|depth| {
            let parent = if depth == 1 {
                String::new()
            } else {
                format!("parent: d{}, ", depth - 1)
            };
            format!("- {{name: d{depth}, {parent}currency: EUR, window: YEAR, amount: \"1.00\"}}\n")
        })
        .collect();
    let too_deep = DEMO.replace("\nlimits:", &format!("\n{deep}\nlimits:"));
    let refused = admin.plan(&too_deep).await.unwrap_err();
    assert_eq!(violations(&refused)[0].field, "document.budgets[12].parent");
    assert_eq!(world.rows().await, before);
    let deep_enough = too_deep.replace("- {name: d11, parent: d10, ", "- {name: d11, ");
    assert_eq!(
        admin.apply(&deep_enough, 1).await.unwrap(),
        2,
        "ten are not too many"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_routing_and_the_calendar_is_told_with_its_line() {
    let world = World::demo().await;
    let mut admin = world.admin().await;
    let before = world.rows().await;
    let bad = DEMO
        .replace("answer_within: 4h", "answer_within: 4")
        .replace("expire_after: 2h", "expire_after: 20m")
        .replace("members: [ld-201, mg-301]", "members: [ld-201, mg-31]")
        .replace("agent: duty,", "agent: mg-301,")
        .replace("occasions: [bereavement], answer", "occasions: [berevement], answer")
        .replace(r#"dual_control_above: "100.00""#, "dual_control_above: 100")
        .replace("{name: break_glass, subject: AGENT,", "{name: break_glass, subject: CASE,")
        .replace("\nagents:", "\ncalendar:\n  working_hours: {MONDAY: [\"nine-five\"]}\n  holidays: [2026-12-32]\nagents:");
    for refused in [
        admin.plan(&bad).await.unwrap_err(),
        admin.apply(&bad, 1).await.unwrap_err(),
    ] {
        assert_eq!(refused.code(), Code::InvalidArgument);
        let told = violations(&refused);
        for (path, text, says) in [
            (
                "document.routing.answer_within",
                "answer_within: 4 ",
                "such as 30m",
            ),
            (
                "document.routing.rules[0].expire_after",
                "expire_after: 20m",
                "let expire_after be the longer one",
            ),
            (
                "document.routing.rules[0].occasions[0]",
                "berevement",
                "did you mean \"bereavement\"?",
            ),
            (
                "document.routing.duty_pool.agent",
                "agent: mg-301,",
                "of type POOL",
            ),
            (
                "document.routing.duty_pool.members[1]",
                "mg-31]",
                "did you mean \"mg-301\"?",
            ),
            (
                "document.catalog[2].dual_control_above",
                "dual_control_above: 100",
                "in quotes",
            ),
            ("document.limits[6].subject", "subject: CASE", "write AGENT"),
            (
                "document.calendar.working_hours.MONDAY[0]",
                "nine-five",
                "09:00-12:30",
            ),
            (
                "document.calendar.holidays[0]",
                "2026-12-32",
                "no day of the calendar",
            ),
        ] {
            let line = 1 + bad.lines().position(|line| line.contains(text)).unwrap();
            let told = told.iter().find(|told| told.field == path);
            let told = &told
                .unwrap_or_else(|| panic!("{path}: {:?}", wrongs(&refused)))
                .description;
            assert!(told.starts_with(&format!("line {line}, column ")), "{told}");
            assert!(told.contains(says), "{path}: {told}");
        }
        assert_eq!(told.len(), 9, "{:?}", wrongs(&refused));
    }
    // Without a roster in the document nobody but Postgres knows who is a pool.
    let roster = DEMO.find("\nagents:").unwrap();
    let no_pool = DEMO[..roster].replace("agent: duty,", "agent: fl-102,");
    let refused = admin.apply(&no_pool, 1).await.unwrap_err();
    let told = &violations(&refused)[0].description;
    assert!(told.contains("fl-102 is of type HUMAN"), "{told}");
    assert_eq!(world.rows().await, before);
}
