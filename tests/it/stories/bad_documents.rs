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
            "tolerance_percent: 5}",
            "tolerance_percent: 5, colour: red}",
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
