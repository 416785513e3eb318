//! Nonsense to every entrance: refused by a code that says so, and not a row is other than before.

use super::{Attack, MALFORMED};

/// A call of `admit` that is in order, as SQL, for two elements.
const ADMIT: [(&str, &str); 18] = [
    ("p_id", "array[gen_random_uuid(), gen_random_uuid()]"),
    ("p_agent", "array['fl-101', 'fl-101']"),
    ("p_kind", "array['flowers', 'flowers']"),
    ("p_amount", "array[2000, 2000]::bigint[]"),
    ("p_currency", "array['EUR', 'EUR']"),
    ("p_customer", "array['kim', 'kim']"),
    ("p_segment", "array[null, null]::text[]"),
    ("p_case", "array[null, null]::text[]"),
    ("p_occasion", "array[null, null]::text[]"),
    ("p_budget", "array[null, null]::text[]"),
    ("p_waived", "array['', '']"),
    ("p_promise_by", "array[null, null]::timestamptz[]"),
    ("p_replaces", "array[null, null]::uuid[]"),
    ("p_digest", "array[sha256('a'), sha256('b')]"),
    ("p_personal_digest", "array[sha256('a'), sha256('b')]"),
    ("p_sealed", "array[null, null]::bytea[]"),
    ("p_credential", "array['t', 't']"),
    ("p_via", "array[null, null]::text[]"),
];

impl Attack {
    /// `admit` with one argument replaced.
    fn admit_with(&self, name: &str, value: &str) -> String {
        let arguments: Vec<String> = ADMIT
            .iter()
            .map(|(argument, good)| {
                format!(
                    "{argument} => {}",
                    if *argument == name { value } else { good }
                )
            })
            .collect();
        format!(
            "select * from largesse.admit('{}', {})",
            self.tenant,
            arguments.join(", ")
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_that_is_bent_below_is_in_order() {
    let mut attack = Attack::begin().await;
    let statement = attack.admit_with("", "");
    attack.run("begin").await;
    attack.run(&statement).await;
    attack.run("rollback").await;
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn arrays_of_another_length_or_none_at_all() {
    let mut attack = Attack::begin().await;
    for (name, good) in ADMIT {
        let kind = match name {
            "p_id" | "p_replaces" => "uuid[]",
            "p_amount" => "bigint[]",
            "p_promise_by" => "timestamptz[]",
            "p_digest" | "p_personal_digest" | "p_sealed" => "bytea[]",
            _ => "text[]",
        };
        for value in [
            format!("null::{kind}"),
            format!("'{{}}'::{kind}"),
            format!("({good})[1:1]"),
            format!("({good}) || ({good})[1:1]"),
            format!("({good}) || ({good}) || ({good})"),
        ] {
            let statement = attack.admit_with(name, &value);
            attack.refused(&statement, MALFORMED).await;
        }
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_that_are_nothing() {
    let mut attack = Attack::begin().await;
    for (name, value) in [
        ("p_id", "array[gen_random_uuid(), null]"),
        ("p_agent", "array['fl-101', null]"),
        ("p_kind", "array[null, 'flowers']"),
        ("p_amount", "array[2000, null]::bigint[]"),
        ("p_currency", "array['EUR', null]"),
        ("p_customer", "array[null, 'kim']"),
        ("p_digest", "array[sha256('a'), null]"),
        ("p_personal_digest", "array[null, sha256('a')]"),
    ] {
        let statement = attack.admit_with(name, value);
        attack.refused(&statement, MALFORMED).await;
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_out_of_every_range() {
    let mut attack = Attack::begin().await;
    for name in [
        "p_agent",
        "p_kind",
        "p_customer",
        "p_segment",
        "p_case",
        "p_occasion",
        "p_budget",
    ] {
        for value in [
            "array['', 'flowers']",
            "array['fl 101', 'fl-101']",
            "array[E'fl-101\\n', 'fl-101']",
            "array[E'\\x7f', 'fl-101']",
            "array['é', 'fl-101']",
            "array['Ａ', 'fl-101']",
            "array[repeat('a', 129), 'fl-101']",
            "array[repeat('a', 10000000), 'fl-101']",
        ] {
            let statement = attack.admit_with(name, value);
            attack.refused(&statement, MALFORMED).await;
        }
    }
    for (name, value) in [
        ("p_amount", "array[2000, 0]::bigint[]"),
        ("p_amount", "array[-1, 2000]::bigint[]"),
        ("p_amount", "array[2000, 9223372036854775807]::bigint[]"),
        ("p_amount", "array[2000, -9223372036854775808]::bigint[]"),
        ("p_currency", "array['eur', 'EUR']"),
        ("p_currency", "array['EURO', 'EUR']"),
        ("p_currency", "array[E'EUR\\n', 'EUR']"),
        ("p_currency", "array['', 'EUR']"),
        ("p_waived", "array[' ', '']"),
        ("p_waived", "array['a  b', '']"),
        ("p_waived", "array['a ', '']"),
        ("p_waived", "array[repeat('a', 8193), '']"),
        ("p_promise_by", "array['infinity', null]::timestamptz[]"),
        ("p_promise_by", "array['-infinity', null]::timestamptz[]"),
        ("p_digest", "array[''::bytea, sha256('a')]"),
        (
            "p_digest",
            "array[decode(repeat('00', 65), 'hex'), sha256('a')]",
        ),
        ("p_personal_digest", "array[''::bytea, sha256('a')]"),
        (
            "p_sealed",
            "array[decode(repeat('00', 262145), 'hex'), null]",
        ),
        ("p_credential", "array[repeat('t', 1025), 't']"),
        ("p_via", "array[repeat('t', 1025), 't']"),
    ] {
        let statement = attack.admit_with(name, value);
        attack.refused(&statement, MALFORMED).await;
    }
    attack.has_changed_nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_integer_is_refused_before_the_call() {
    let mut attack = Attack::begin().await;
    for value in [
        "'{NaN,1}'::bigint[]",
        "'{Infinity,1}'::bigint[]",
        "'{1e3,1}'::bigint[]",
        "'{\"1.5\",1}'::bigint[]",
    ] {
        let statement = attack.admit_with("p_amount", value);
        attack.refused(&statement, "22P02").await;
    }
    let statement = attack.admit_with("p_amount", "'{9223372036854775808,1}'::bigint[]");
    attack.refused(&statement, "22003").await;
    attack.has_changed_nothing().await;
}

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
            format!("select largesse.customer_key('{tenant}', 'ida', null)"),
            MALFORMED,
        ),
        (
            format!("select largesse.customer_key('{tenant}', 'ida', 'short')"),
            MALFORMED,
        ),
        (
            format!("select largesse.customer_key('{tenant}', '', sha256('x'))"),
            MALFORMED,
        ),
        (
            format!("select largesse.customer_key('{stranger}', 'ida', sha256('x'))"),
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
                "select largesse.preview('{tenant}', null, null, null, null, null, null, null, null, null, null, null, null)"
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
