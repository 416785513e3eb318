//! Nonsense to the other entrances, and too much of it to any.

use super::malformed::ADMIT;
use super::{Attack, MALFORMED};

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_batch_holds() {
    let mut attack = Attack::begin().await;
    for (count, code) in [(513, MALFORMED), (100_000, MALFORMED)] {
        let arguments: Vec<String> = ADMIT
            .iter()
            .map(|(name, good)| {
                format!("{name} => array(select ({})[1] from generate_series(1, {count}) n where n > 0)", good)
            })
            .collect();
        let statement = format!(
            "select * from largesse.admit('{}', {})",
            attack.tenant,
            arguments.join(", ")
        );
        attack.refused(&statement, code).await;
    }
    let ids = "array(select gen_random_uuid() from generate_series(1, 513))";
    let statement = format!(
        "select * from largesse.settle('{}', {ids}, array_fill('fl-101'::text, array[513]), array_fill(1, array[513]),
         array_fill('CANCELLED'::text, array[513]), array_fill('t'::text, array[513]), array_fill('t'::text, array[513]))",
        attack.tenant
    );
    attack.refused(&statement, MALFORMED).await;
    attack.has_changed_nothing().await;
}

/// Every other entrance, with what it cannot take.
#[tokio::test(flavor = "multi_thread")]
async fn the_other_entrances_refuse_nonsense_too() {
    let mut attack = Attack::begin().await;
    let (tenant, id) = (attack.tenant, attack.given.id);
    let stranger = "00000000-0000-0000-0000-00000000dead";
    let settle = |id: &str, actor: &str, etag: &str, state: &str| {
        format!(
            "select * from largesse.settle('{tenant}', {id}, {actor}, {etag}, {state}, array['t'], array[null])"
        )
    };
    let this = format!("array['{id}']::uuid[]");
    let calls = [
        (
            settle("null", "array['fl-101']", "array[1]", "array['CANCELLED']"),
            MALFORMED,
        ),
        (settle("'{}'", "'{}'", "'{}'", "'{}'"), MALFORMED),
        (
            settle(
                "array[null]::uuid[]",
                "array['fl-101']",
                "array[1]",
                "array['CANCELLED']",
            ),
            "",
        ),
        (
            settle(&this, "array[null]", "array[1]", "array['CANCELLED']"),
            MALFORMED,
        ),
        (
            settle(&this, "array['fl 101']", "array[1]", "array['CANCELLED']"),
            MALFORMED,
        ),
        (
            settle(
                &this,
                "array['fl-101']",
                "array[null]::int[]",
                "array['CANCELLED']",
            ),
            MALFORMED,
        ),
        (
            settle(&this, "array['fl-101']", "array[0]", "array['CANCELLED']"),
            MALFORMED,
        ),
        (
            settle(&this, "array['fl-101']", "array[1]", "array['DELIVERED']"),
            MALFORMED,
        ),
        (
            settle(&this, "array['fl-101']", "array[1]", "array['APPROVED']"),
            MALFORMED,
        ),
        (
            settle(&this, "array['fl-101']", "array[1]", "array[null]"),
            MALFORMED,
        ),
        (
            settle(
                &this,
                "array['fl-101', 'fl-101']",
                "array[1]",
                "array['CANCELLED']",
            ),
            MALFORMED,
        ),
        (
            format!("select largesse.resolve('{tenant}', null, 'fl-101', 't', null)"),
            MALFORMED,
        ),
        (
            format!("select largesse.resolve('{tenant}', '{stranger}', null, 't', null)"),
            MALFORMED,
        ),
        (
            format!("select largesse.resolve('{tenant}', '{stranger}', '', 't', null)"),
            MALFORMED,
        ),
        (
            format!("select largesse.resolve('{stranger}', '{stranger}', 'fl-101', 't', null)"),
            "LG404",
        ),
        (
            format!("select largesse.resolve(null, '{stranger}', 'fl-101', 't', null)"),
            "LG404",
        ),
        (
            format!("select largesse.customer_keys('{tenant}', '{{ida}}', array[null]::bytea[])"),
            MALFORMED,
        ),
        (
            format!("select largesse.customer_keys('{tenant}', '{{ida}}', array['short'::bytea])"),
            MALFORMED,
        ),
        (
            format!("select largesse.customer_keys('{tenant}', array[''], array[sha256('x')])"),
            MALFORMED,
        ),
        (
            format!("select largesse.customer_keys('{stranger}', '{{ida}}', array[sha256('x')])"),
            "LG404",
        ),
        (
            format!("select * from largesse.gestures_of('{tenant}', null)"),
            MALFORMED,
        ),
        (
            format!("select * from largesse.gestures_of('{stranger}', array['{stranger}'::uuid])"),
            "LG404",
        ),
        (
            format!("select * from largesse.approvals_of('{tenant}', null)"),
            MALFORMED,
        ),
        (
            format!("select * from largesse.approvals_of('{stranger}', array['{stranger}'::uuid])"),
            "LG404",
        ),
        (
            format!("select * from largesse.asked_of('{tenant}', null)"),
            MALFORMED,
        ),
        (
            format!("select * from largesse.asked_of('{stranger}', array['{stranger}'::uuid])"),
            "LG404",
        ),
        (
            format!("select * from largesse.sealed_of('{tenant}', null)"),
            MALFORMED,
        ),
        (
            format!("select * from largesse.sealed_of('{stranger}', array['{stranger}'::uuid])"),
            "LG404",
        ),
        (
            format!("select * from largesse.similar_of('{tenant}', '{{}}', '{{}}', '{{}}')"),
            MALFORMED,
        ),
        (
            format!("select * from largesse.similar_of('{tenant}', array[null::uuid], '{{ida,zoe}}', array[null])"),
            MALFORMED,
        ),
        (
            format!("select * from largesse.similar_of('{tenant}', array[null::uuid], '{{ida}}', null)"),
            MALFORMED,
        ),
        (
            format!("select * from largesse.similar_of('{stranger}', array[null::uuid], '{{ida}}', array[null])"),
            "LG404",
        ),
        (
            format!("select largesse.suspend('{tenant}', 'a', 't', null, 'fl-101', null)"),
            MALFORMED,
        ),
        (
            format!("select largesse.suspend('{tenant}', '', 't', null, 'fl-101', true)"),
            MALFORMED,
        ),
        (
            format!("select largesse.suspend('{tenant}', 'a', 't', null, 'nobody', true)"),
            "LG404",
        ),
        (
            format!("select largesse.suspend('{tenant}', 'a', 't', null, null, true)"),
            "LG404",
        ),
        (
            format!("select largesse.suspend('{stranger}', 'a', 't', null, 'fl-101', true)"),
            "LG404",
        ),
        (
            format!("select largesse.pause('{tenant}', 'a', 't', null, 'KIND', null, true)"),
            MALFORMED,
        ),
        (
            format!("select largesse.pause('{tenant}', 'a', 't', null, 'TENANT', 'x', true)"),
            MALFORMED,
        ),
        (
            format!("select largesse.pause('{tenant}', 'a', 't', null, 'WORLD', 'x', true)"),
            MALFORMED,
        ),
        (
            format!("select largesse.pause('{tenant}', 'a', 't', null, null, null, true)"),
            MALFORMED,
        ),
        (
            format!("select largesse.pause('{tenant}', 'a', 't', null, 'KIND', 'dragons', true)"),
            "LG404",
        ),
        (
            format!("select largesse.put_agents('{tenant}', 'a', 't', null, null, null)"),
            MALFORMED,
        ),
        (
            format!("select largesse.put_agents('{tenant}', 'a', 't', null, null, '{{}}')"),
            MALFORMED,
        ),
        (
            format!("select largesse.put_agents('{tenant}', 'a', 't', null, null, '[1]')"),
            "",
        ),
        (
            format!(
                "select largesse.put_agents('{tenant}', 'a', 't', null, null, '[{{\"id\": null}}]')"
            ),
            "LG422",
        ),
        (
            format!(
                "select largesse.put_agents('{tenant}', 'a', 't', null, null, '[{{\"id\": \"x\", \"type\": \"GOD\", \
                  \"level\": \"frontline\", \"budget\": \"care\"}}]')"
            ),
            "LG422",
        ),
        (
            format!("select largesse.put_agents('{tenant}', 'a', 't', null, 9, '[]')"),
            "LG409",
        ),
        (
            "select largesse.apply('demo', null, 'a', 't', null, null, '{}', '')".into(),
            MALFORMED,
        ),
        (
            "select largesse.apply('demo', null, 'a', 't', null, 1, '[]', '')".into(),
            MALFORMED,
        ),
        (
            "select largesse.apply('demo', null, 'a', 't', null, 1, null, '')".into(),
            MALFORMED,
        ),
        (
            "select largesse.apply('demo', null, 'a', 't', null, 1, '{}', null)".into(),
            MALFORMED,
        ),
        (
            "select largesse.apply('demo', null, 'a', 't', null, -1, '{}', '')".into(),
            MALFORMED,
        ),
        (
            "select largesse.apply('demo', null, 'a', 't', null, 1, '{}', '')".into(),
            "LG422",
        ),
        (
            "select largesse.apply('new', null, 'a', 't', null, 0, '{}', '')".into(),
            MALFORMED,
        ),
        (
            "select largesse.apply('a b', gen_random_uuid(), 'a', 't', null, 0, '{}', '')".into(),
            MALFORMED,
        ),
        (
            "select largesse.apply('new', gen_random_uuid(), 'a', 't', null, 0, '{}', '')".into(),
            "LG422",
        ),
        (
            "select largesse.apply('nobody', gen_random_uuid(), 'a', 't', null, 1, '{}', '')"
                .into(),
            "LG404",
        ),
        (
            format!(
                "select largesse.preview('{tenant}', null, null, null, null, null, null, null, null, null, null, null, null,
                    null, null)"
            ),
            MALFORMED,
        ),
        (
            format!("select largesse.remaining('{tenant}', null, null, null, null, null, null)"),
            MALFORMED,
        ),
        (
            format!(
                "select largesse.remaining('{tenant}', 'nobody', null, null, null, null, null)"
            ),
            "LG404",
        ),
        (
            format!(
                "select largesse.remaining('{tenant}', 'fl-101', null, null, null, null, null, 'infinity')"
            ),
            MALFORMED,
        ),
    ];
    for (call, code) in &calls {
        if code.is_empty() {
            // any refusal of the data will do, and so will an answer that changes nothing
            if let Err(error) =
                sqlx::Executor::execute(&mut attack.app, sqlx::AssertSqlSafe(call.clone())).await
            {
                let code = crate::support::kernel::sqlstate(&error);
                assert!(
                    code.starts_with("LG4") || code.starts_with("22"),
                    "{call}: {error}"
                );
            }
        } else {
            attack.refused(call, code).await;
        }
    }
    attack.has_changed_nothing().await;
}
