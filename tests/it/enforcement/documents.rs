//! Documents that no service would send, and that Postgres does not compile: what is said of approvals is a rule about
//! money, too.

use largesse::configuration::read;
use serde_json::{Value, json};

use super::Attack;
use crate::support::kernel::{self, sqlstate};
use crate::support::{DEMO, World};

/// The demo in its normal form, with something else in some of its places.
fn bent(changes: &[(&str, Value)]) -> Value {
    let mut document = read(DEMO).unwrap().normalised.to_json();
    for (place, value) in changes {
        let (parent, key) = place.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap();
        match parent {
            Value::Array(items) => items.insert(key.parse().unwrap(), value.clone()),
            other => other[key] = value.clone(),
        }
    }
    document
}

fn rule(changes: &[(&str, Value)]) -> Value {
    let mut rule = json!({
        "kinds": ["flowers"], "segments": null, "occasions": null, "answer_within_s": 1800, "expire_after_s": 7200,
        "on_silence": "EXPIRE", "clock": "ALWAYS",
    });
    for (key, value) in changes {
        rule[*key] = value.clone();
    }
    rule
}

/// Working hours on Monday alone.
fn monday(spans: Value) -> Value {
    json!({"working_hours": [spans, [], [], [], [], [], []], "holidays": []})
}

/// What is refused, and a piece of what is said.
fn refusals() -> Vec<(Vec<(&'static str, Value)>, &'static str)> {
    let routing = |key: &'static str, value: Value| vec![(key, value)];
    let first_rule = |changes: &[(&str, Value)]| vec![("/routing/rules/0", rule(changes))];
    let nobody = [
        ("/routing/duty_pool", json!(null)),
        ("/routing/duty_members", json!([])),
    ];
    let mut refusals = vec![
        // the pool and its members
        (
            routing("/routing/duty_pool", json!("mg-301")),
            "mg-301 is of type HUMAN, and POOL is needed",
        ),
        (
            routing("/routing/duty_pool", json!("nobody")),
            "nobody is not in the roster",
        ),
        (
            routing("/routing/duty_pool", json!(null)),
            "routings_name_a_pool_with_members",
        ),
        (
            routing("/routing/duty_members", json!([])),
            "routings_name_a_pool_with_members",
        ),
        (
            routing("/routing/duty_members", json!(["ld-201", "duty"])),
            "duty is of type POOL, and HUMAN is needed",
        ),
        (
            routing("/routing/duty_members", json!(["ld-201", "ld-201"])),
            "ld-201 is there twice",
        ),
        (
            routing("/routing/duty_members", json!(["ld-201", "ld-202"])),
            "ld-202 is not in the roster",
        ),
        (nobody.to_vec(), "silence grants, and there is no duty pool"),
        (
            routing("/agents/4/type", json!("SOFTWARE")),
            "duty is of type SOFTWARE, and POOL is needed",
        ),
        // how long is waited
        (
            routing("/routing/answer_within_s", json!(59)),
            "routing_rules_let_people_answer",
        ),
        (
            vec![
                ("/routing/answer_within_s", json!(2_592_001)),
                ("/routing/expire_after_s", json!(2_592_001)),
            ],
            "routing_rules_let_people_answer",
        ),
        (
            routing("/routing/expire_after_s", json!(7_776_001)),
            "routing_rules_ask_before_they_expire",
        ),
        (
            routing("/routing/expire_after_s", json!(14_399)),
            "routing_rules_ask_before_they_expire",
        ),
        (routing("/routing/expire_after_s", json!("soon")), "integer"),
        (
            routing("/routing/review_within_s", json!(59)),
            "routings_review_in_time",
        ),
        (
            routing("/routing/on_silence", json!("GIVE")),
            "routing_rules_know_what_silence_means",
        ),
        (
            routing("/routing/clock", json!("SOMETIMES")),
            "routing_rules_know_which_time_counts",
        ),
        (
            routing("/routing/clock", json!("WORKING_HOURS")),
            "working hours count, and there is no calendar",
        ),
        (routing("/routing/rules", json!("none")), "scalar"),
        (
            first_rule(&[("expire_after_s", json!(1799))]),
            "routing_rules_ask_before_they_expire",
        ),
        (
            first_rule(&[("answer_within_s", json!(0))]),
            "routing_rules_let_people_answer",
        ),
        (
            first_rule(&[("clock", json!("WORKING_HOURS"))]),
            "rule 1: working hours count",
        ),
        (
            first_rule(&[("kinds", json!([]))]),
            "routing_rules_match_something",
        ),
        (
            first_rule(&[("kinds", json!(["dragons"]))]),
            "rule 1: no kind is called dragons",
        ),
        (
            first_rule(&[("segments", json!(["royal"]))]),
            "rule 1: no segment is called royal",
        ),
        (
            first_rule(&[("occasions", json!(["war"]))]),
            "rule 1: no occasion is called war",
        ),
        // two people, and broken glass
        (
            routing("/catalog/2/dual_minor", json!(0)),
            "catalog_items_need_two_above_an_amount",
        ),
        (
            routing("/catalog/2/dual_minor", json!(1_000_000_000_001_i64)),
            "catalog_items_need_two_above_an_amount",
        ),
        (
            routing("/limits/6/subject", json!("CUSTOMER")),
            "limit break_glass",
        ),
        (
            routing("/limits/6/window", json!("GESTURE")),
            "limit break_glass",
        ),
        (
            routing("/budgets/1/name", json!("break_glass")),
            "budget break_glass",
        ),
    ];
    for (calendar, says) in [
        (monday(json!([])), "on no day of the week does anybody work"),
        (
            monday(json!([["09:00", "17:00"], ["16:59", "18:00"]])),
            "begin before those in front of them end",
        ),
        (
            monday(json!([["13:00", "17:00"], ["09:00", "12:00"]])),
            "begin before those in front of them end",
        ),
        (
            monday(json!([["17:00", "09:00"]])),
            "no two times of the day in order",
        ),
        (
            monday(json!([["09:00", "09:00"]])),
            "no two times of the day in order",
        ),
        (
            monday(json!([["9:00", "17:00"]])),
            "no two times of the day in order",
        ),
        (
            monday(json!([["09:00", "24:01"]])),
            "no two times of the day in order",
        ),
        (
            monday(json!([["24:00", "24:00"]])),
            "no two times of the day in order",
        ),
        (
            monday(json!([["09:00"]])),
            "no two times of the day in order",
        ),
        (
            monday(json!([["09:00", "12:00", "13:00"]])),
            "no two times of the day in order",
        ),
        (
            json!({"working_hours": [[["09:00", "17:00"]]], "holidays": []}),
            "routings_have_hours_for_seven_days",
        ),
        (
            json!({"working_hours": {"MONDAY": []}, "holidays": []}),
            "object",
        ),
        (json!({"holidays": []}), "on no day of the week"),
    ] {
        refusals.push((vec![("/calendar", calendar)], says));
    }
    for (holiday, says) in [
        ("2026-02-30", "2026-02-30"),
        ("infinity", "days_of_the_calendar"),
        ("Christmas", "Christmas"),
    ] {
        let mut calendar = monday(json!([["09:00", "17:00"]]));
        calendar["holidays"] = json!([holiday]);
        refusals.push((vec![("/calendar", calendar)], says));
    }
    refusals
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_approvals_and_could_not_be_kept_is_not_compiled() {
    let mut attack = Attack::begin().await;
    for (changes, says) in refusals() {
        let document = bent(&changes);
        let refused = kernel::apply(&mut attack.app, "demo", 1, &document).await;
        let refused = refused.expect_err(&format!("{changes:?}"));
        assert_eq!(sqlstate(&refused), "LG422", "{changes:?}: {refused}");
        assert!(refused.to_string().contains(says), "{changes:?}: {refused}");
    }
    attack.has_changed_nothing().await;
}

/// What the rows say afterwards, of a document that is in order and of one that says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_of_approvals_is_compiled_and_what_is_not_said_as_nobody_said() {
    let world = World::demo().await;
    let mut app = world.sql_as_app().await;
    let calendar = monday(json!([["09:00", "12:30"], ["12:30", "24:00"]]));
    let second = rule(&[
        ("clock", json!("WORKING_HOURS")),
        ("segments", json!(["loyal"])),
    ]);
    let document = bent(&[("/calendar", calendar), ("/routing/rules/1", second)]);
    kernel::apply(&mut app, "demo", 1, &document).await.unwrap();
    assert_eq!(
        compiled(&world).await,
        [
            "duty {ld-201,mg-301} 259200 [[[\"09:00\", \"12:30\"], [\"12:30\", \"24:00\"]], [], [], [], [], [], []] {}",
            "1 - - {bereavement} 1800 7200 GRANT ALWAYS",
            "2 {flowers} {loyal} - 1800 7200 EXPIRE WORKING_HOURS",
            "3 - - - 14400 172800 EXPIRE ALWAYS",
            "gift-basket 10000",
            "break_glass grants: f",
        ]
    );
    let mut silent = bent(&[]);
    for key in ["routing", "calendar"] {
        silent.as_object_mut().unwrap().remove(key);
    }
    silent["catalog"][2]
        .as_object_mut()
        .unwrap()
        .remove("dual_minor");
    kernel::apply(&mut app, "demo", 2, &silent).await.unwrap();
    assert_eq!(
        compiled(&world).await,
        [
            "- {} 259200 - {}",
            "1 - - - 14400 259200 EXPIRE ALWAYS",
            "break_glass grants: f"
        ]
    );
}

async fn compiled(world: &World) -> Vec<String> {
    let rows = "
        select concat_ws(' ', coalesce(duty_pool_id, '-'), duty_member_ids, review_within_s, coalesce(working_hours::text, '-'),
            holidays)
        from largesse.routings
        union all
        (select concat_ws(' ', place, coalesce(kinds::text, '-'), coalesce(segments::text, '-'), coalesce(occasions::text, '-'),
            answer_within_s, expire_after_s, on_silence, clock)
        from largesse.routing_rules order by place)
        union all
        select concat_ws(' ', kind, dual_minor) from largesse.catalog_items where dual_minor is not null
        union all
        select distinct concat_ws(' ', l.name, 'grants:', m.grants) from largesse.maxima m
        join largesse.limits l using (tenant_id, limit_id) where l.name = 'break_glass'";
    sqlx::query_scalar(rows)
        .fetch_all(&mut world.sql().await)
        .await
        .unwrap()
}

/// The pool stays one whoever changes the roster.
#[tokio::test(flavor = "multi_thread")]
async fn the_roster_is_held_against_the_pool() {
    let mut attack = Attack::begin().await;
    let agent = |id: &str, agent_type: &str| {
        json!({"id": id, "type": agent_type, "level": "duty", "budget": "care"}).to_string()
    };
    for put in [
        agent("duty", "HUMAN"),
        agent("mg-301", "SOFTWARE"),
        agent("ld-201", "POOL"),
    ] {
        let statement = format!(
            "select largesse.put_agents('{}', 'a', 't', null, null, '[{put}]')",
            attack.tenant
        );
        attack.refused(&statement, "LG422").await;
    }
    // a document without its pool, and one without a roster
    let mut gone = bent(&[]);
    gone["agents"].as_array_mut().unwrap().pop();
    let mut other = bent(&[("/routing/duty_pool", json!("fl-101"))]);
    other.as_object_mut().unwrap().remove("agents");
    for (document, says) in [
        (gone, "duty is not in the roster"),
        (other, "fl-101 is of type HUMAN"),
    ] {
        let refused = kernel::apply(&mut attack.app, "demo", 1, &document)
            .await
            .unwrap_err();
        assert_eq!(sqlstate(&refused), "LG422", "{refused}");
        assert!(refused.to_string().contains(says), "{refused}");
    }
    attack.has_changed_nothing().await;
}
