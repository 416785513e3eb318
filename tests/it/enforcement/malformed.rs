//! Malformed elements: refused by a code that says so, and not a row is other than before.

use super::{Attack, MALFORMED};

/// A call of `admit` that is in order, as SQL, for two elements.
pub(super) const ADMIT: [(&str, &str); 20] = [
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
    ("p_is_glass", "array[false, false]"),
    ("p_recipient", "array[null, 'email']"),
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
            "p_is_glass" => "boolean[]",
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
        ("p_is_glass", "array[false, null]"),
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
