//! What no entrance of approvals can take: nothing, too much, and what means nothing.

use sqlx::{AssertSqlSafe, Executor};

use crate::support::Desk;
use crate::support::kernel::sqlstate;

/// What is in a call that is in order, what is put there instead, and how that is refused.
type Bent = (&'static str, &'static str, &'static str);

/// Calls that are in order, and how they are bent.
const CALLS: &[(&str, &[Bent])] = &[
    (
        "decide(p_tenant => $t, p_id => $g, p_actor => 'ld-1', p_authority => null, p_etag => 1, p_terms => sha256('x'),
            p_answer => 'APPROVE', p_amount => null, p_promise_by => null, p_sealed => null, p_seq => null,
            p_credential => 't', p_via => null)",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("'ld-1'", "null", "LG400"),
            ("'ld-1'", "''", "LG400"),
            ("'ld-1'", "repeat('a', 129)", "LG400"),
            ("'ld-1'", "'l d'", "LG400"),
            ("p_etag => 1", "p_etag => null", "LG400"),
            ("p_etag => 1", "p_etag => 0", "LG400"),
            ("p_etag => 1", "p_etag => -1", "LG400"),
            ("sha256('x')", "null", "LG400"),
            ("sha256('x')", "''", "LG400"),
            ("sha256('x')", "'\\x00'", "LG400"),
            ("'APPROVE'", "null", "LG400"),
            ("'APPROVE'", "'approve'", "LG400"),
            ("'APPROVE'", "'APPROVED'", "LG400"),
            ("'APPROVE'", "'DECLINE'", "LG400"),
            ("'APPROVE'", "'RETURN'", "LG400"),
            ("p_amount => null", "p_amount => 0", "LG400"),
            ("p_amount => null", "p_amount => -7000", "LG400"),
            ("p_amount => null", "p_amount => 1000000000001", "LG400"),
            ("p_promise_by => null", "p_promise_by => 'infinity'", "LG400"),
            ("p_promise_by => null", "p_promise_by => '-infinity'", "LG400"),
            ("p_sealed => null", "p_sealed => 'x'", "LG400"),
            ("p_credential => 't'", "p_credential => repeat('t', 1025)", "LG400"),
            ("p_tenant => $t", "p_tenant => null", "LG404"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "decide(p_tenant => $t, p_id => $g, p_actor => 'ld-1', p_authority => null, p_etag => 1, p_terms => null,
            p_answer => 'DECLINE', p_amount => null, p_promise_by => null, p_sealed => 'x', p_seq => 9,
            p_credential => 't', p_via => null)",
        &[
            ("p_sealed => 'x'", "p_sealed => null", "LG400"),
            ("p_sealed => 'x'", "p_sealed => ''", "LG400"),
            ("p_sealed => 'x'", "p_sealed => decode(repeat('00', 262145), 'hex')", "LG400"),
            ("p_amount => null", "p_amount => 7000", "LG400"),
            ("p_promise_by => null", "p_promise_by => '2027-01-01Z'", "LG400"),
        ],
    ),
    (
        "reassign(p_tenant => $t, p_id => $g, p_actor => 'ld-1', p_authority => null, p_etag => 2, p_to => 'mg-1',
            p_answer_by => '2026-11-27 11:00Z', p_credential => 't', p_via => null)",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("'ld-1'", "null", "LG400"),
            ("p_etag => 2", "p_etag => null", "LG400"),
            ("'mg-1'", "null", "LG400"),
            ("'mg-1'", "'m g'", "LG400"),
            ("'2026-11-27 11:00Z'", "null", "LG400"),
            ("'2026-11-27 11:00Z'", "'infinity'", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "review(p_tenant => $t, p_id => $g, p_actor => 'ld-1', p_authority => null, p_etag => 1, p_verdict => 'JUSTIFIED',
            p_sealed => null, p_seq => null, p_credential => 't', p_via => null)",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("'ld-1'", "''", "LG400"),
            ("p_etag => 1", "p_etag => 0", "LG400"),
            ("'JUSTIFIED'", "null", "LG400"),
            ("'JUSTIFIED'", "'FINE'", "LG400"),
            ("'JUSTIFIED'", "'NOT_JUSTIFIED'", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "revise(p_tenant => $t, p_id => $g, p_actor => 'fl-1', p_etag => 2, p_seq => 3, p_kind => 'basket', p_amount => 500,
            p_currency => 'EUR', p_customer => 'ida', p_segment => null, p_case => null, p_occasion => null,
            p_budget => null, p_waived => '', p_promise_by => null, p_replaces => null, p_digest => sha256('a'),
            p_personal_digest => sha256('b'), p_sealed => null, p_is_glass => false, p_credential => 't', p_via => null,
            p_recipient => null)",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("'fl-1'", "null", "LG400"),
            ("'fl-1'", "'f l'", "LG400"),
            ("p_etag => 2", "p_etag => 0", "LG400"),
            ("p_etag => 2", "p_etag => null", "LG400"),
            ("p_seq => 3", "p_seq => 1", "LG400"),
            ("p_seq => 3", "p_seq => null", "LG400"),
            ("'basket'", "null", "LG400"),
            ("p_amount => 500", "p_amount => 0", "LG400"),
            ("p_amount => 500", "p_amount => null", "LG400"),
            ("'EUR'", "'eur'", "LG400"),
            ("'ida'", "null", "LG400"),
            ("p_waived => ''", "p_waived => ' '", "LG400"),
            ("p_promise_by => null", "p_promise_by => 'infinity'", "LG400"),
            ("sha256('a')", "null", "LG400"),
            ("sha256('b')", "''", "LG400"),
            ("p_is_glass => false", "p_is_glass => null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "ask(p_tenant => $t, p_id => array[$g]::uuid[], p_step => '{1}', p_agents => '{mg-1}', p_how => '{LINE}',
            p_answer_by => '{2026-11-27 11:00Z}', p_due_at => '{2026-11-27 11:01Z}', p_expires_at => '{2026-11-27 12:00Z}')",
        &[
            ("array[$g]", "array[null]", "LG400"),
            ("array[$g]", "array[$g, $g]", "LG400"),
            ("array[$g]", "null", "LG400"),
            ("array[$g]", "'{}'", "LG400"),
            ("'{1}'", "null", "LG400"),
            ("'{1}'", "'{null}'", "LG400"),
            ("'{1}'", "'{-1}'", "LG400"),
            ("'{1}'", "'{1,1}'", "LG400"),
            ("'{mg-1}'", "null", "LG400"),
            ("'{mg-1}'", "'{null}'", "LG400"),
            ("'{mg-1}'", "'{mg-1 mg-2}'", "LG400"),
            ("'{mg-1}'", "'{mg-1,mg-2}'", "LG400"),
            ("'{LINE}'", "null", "LG400"),
            ("'{LINE}'", "'{null}'", "LG400"),
            ("'{LINE}'", "'{}'", "LG400"),
            ("'{LINE}'", "array['']", "LG400"),
            ("'{2026-11-27 11:00Z}'", "null", "LG400"),
            ("'{2026-11-27 11:00Z}'", "'{null}'", "LG400"),
            ("'{2026-11-27 11:00Z}'", "'{infinity}'", "LG400"),
            ("'{2026-11-27 11:01Z}'", "null", "LG400"),
            ("'{2026-11-27 11:01Z}'", "'{infinity}'", "LG400"),
            ("'{2026-11-27 12:00Z}'", "null", "LG400"),
            ("'{2026-11-27 12:00Z}'", "'{infinity}'", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "lapse(p_tenant => $t, p_id => $g, p_step => 1)",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "decline_unanswerable(p_tenant => $t, p_id => $g, p_step => 1)",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "delegate(p_tenant => $t, p_actor => 'ld-1', p_id => $g, p_delegator => 'nobody', p_delegate => 'pm-1', p_from => null,
            p_until => '2026-11-28Z', p_kinds => null, p_lent_minor => 500, p_lent_currency => 'EUR', p_credential => 't',
            p_via => null)",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("'ld-1'", "null", "LG400"),
            ("'nobody'", "null", "LG400"),
            ("'nobody'", "'n o'", "LG400"),
            ("'pm-1'", "null", "LG400"),
            ("p_from => null", "p_from => '-infinity'", "LG400"),
            ("'2026-11-28Z'", "null", "LG400"),
            ("'2026-11-28Z'", "'infinity'", "LG400"),
            ("p_kinds => null", "p_kinds => '{}'", "LG400"),
            ("p_kinds => null", "p_kinds => array_fill('basket'::text, array[201])", "LG400"),
            ("p_lent_minor => 500", "p_lent_minor => null", "LG400"),
            ("p_lent_minor => 500", "p_lent_minor => 0", "LG400"),
            ("p_lent_minor => 500", "p_lent_minor => -1", "LG400"),
            ("p_lent_minor => 500", "p_lent_minor => 1000000000001", "LG400"),
            ("'EUR'", "null", "LG400"),
            ("'EUR'", "'eur'", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "revoke_delegation(p_tenant => $t, p_actor => 'ld-1', p_id => $g, p_credential => 't', p_via => null)",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("'ld-1'", "null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "set_away(p_tenant => $t, p_actor => 'ld-1', p_agent => 'nobody', p_from => null, p_until => '2026-11-28Z',
            p_credential => 't', p_via => null)",
        &[
            ("'ld-1'", "null", "LG400"),
            ("'nobody'", "null", "LG400"),
            ("p_from => null", "p_from => '-infinity'", "LG400"),
            ("'2026-11-28Z'", "'infinity'", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "claim_timers(p_tenant => $t, p_count => 1, p_for_s => 1)",
        &[
            ("p_count => 1", "p_count => 0", "LG400"),
            ("p_count => 1", "p_count => 1001", "LG400"),
            ("p_count => 1", "p_count => null", "LG400"),
            ("p_for_s => 1", "p_for_s => 0", "LG400"),
            ("p_for_s => 1", "p_for_s => 3601", "LG400"),
            ("p_for_s => 1", "p_for_s => null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "question(p_tenant => $t, p_id => $g)",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "standing(p_tenant => $t, p_id => $g, p_actor => 'ld-1', p_authority => 'mg-1')",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("'ld-1'", "null", "LG400"),
            ("'mg-1'", "null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "falls_to(p_tenant => $t, p_id => $g, p_authority => 'ld-1', p_agent => 'pm-1')",
        &[
            ("p_id => $g", "p_id => null", "LG400"),
            ("'ld-1'", "null", "LG400"),
            ("'pm-1'", "null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "answers_for(p_tenant => $t, p_agent => 'ld-1')",
        &[
            ("'ld-1'", "null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
    (
        "routing_of(p_tenant => $t, p_kind => 'basket', p_segment => null, p_occasion => null)",
        &[("p_tenant => $t", "p_tenant => $g", "LG404")],
    ),
    (
        "candidates(p_tenant => $t, p_agent => 'fl-1', p_kind => 'basket', p_amount => 500, p_currency => 'EUR',
            p_customer => 'ida', p_segment => null, p_case => null, p_occasion => null, p_budget => null, p_waived => '')",
        &[
            ("'fl-1'", "null", "LG400"),
            ("'basket'", "null", "LG400"),
            ("p_amount => 500", "p_amount => -1", "LG400"),
            ("'EUR'", "null", "LG400"),
            ("'ida'", "null", "LG400"),
            ("p_tenant => $t", "p_tenant => $g", "LG404"),
        ],
    ),
];

/// Which of these calls an older snapshot cannot make: what decides waits for locks, and must read what they protect.
const DECIDING: &[&str] = &[
    "decide",
    "reassign",
    "review",
    "revise",
    "ask",
    "lapse",
    "decline_unanswerable",
    "delegate",
    "revoke_",
    "set_away",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_entrance_refuses_it() {
    let mut desk = Desk::open().await;
    let seen = desk.seventy(&["ld-1"]).await;
    let (tenant, gesture) = (format!("'{}'", desk.tenant), format!("'{}'", seen.id));
    let before = desk.written().await;
    for (good, bent) in CALLS {
        let statement = |call: &str| {
            let call = call.replace("$t", &tenant).replace("$g", &gesture);
            format!("select * from largesse.{call}")
        };
        // in order as it is: an answer that changes nothing here
        run(&mut desk, &statement(good)).await.unwrap();
        for (from, to, code) in *bent {
            assert!(good.contains(from), "{from} is in {good}");
            let statement = statement(&good.replacen(from, to, 1));
            let told = run(&mut desk, &statement).await;
            let Err(refused) = told else {
                panic!("{statement} was answered");
            };
            assert_eq!(sqlstate(&refused), *code, "{statement}: {refused}");
        }
        if DECIDING.iter().any(|name| good.starts_with(name)) {
            for isolation in ["repeatable read", "serializable"] {
                let begin = format!("begin isolation level {isolation}");
                run(&mut desk, &begin).await.unwrap();
                let refused = run(&mut desk, &statement(good)).await.unwrap_err();
                assert_eq!(sqlstate(&refused), "LG400", "{isolation}: {good}");
                run(&mut desk, "rollback").await.unwrap();
            }
        }
    }
    assert_eq!(desk.written().await, before);
    desk.holds().await;
}

async fn run(desk: &mut Desk, statement: &str) -> Result<(), sqlx::Error> {
    let outcome = desk.app.execute(AssertSqlSafe(statement.to_owned())).await;
    outcome.map(drop)
}
