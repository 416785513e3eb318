//! What must hold at any moment, as SQL that returns no rows: one file each, with the numbers of the list of promises; 31 and
//! 32 say of questions, and 33 of promises, what that list leaves to its neighbours.
//!
//! [`assert_invariants`] holds while others write (every query sees one snapshot); [`assert_at_rest`] asks in addition that
//! nobody sits in an open transaction and nobody waits. The checker is believed because `properties/checker.rs` plants a
//! difference for each and sees it named.

use sqlx::PgConnection;

/// One statement about the whole database.
struct Invariant {
    number: u8,
    name: &'static str,
    violations: &'static str,
}

macro_rules! invariant {
    ($number:literal, $name:literal) => {
        Invariant {
            number: $number,
            name: $name,
            violations: include_str!(concat!("invariants/", $name, ".sql")),
        }
    };
}

const ALWAYS: [Invariant; 25] = [
    invariant!(1, "01_ceilings"),
    invariant!(2, "02_counters_are_holds"),
    invariant!(3, "03_states_hold_what_they_should"),
    invariant!(4, "04_conservation"),
    invariant!(5, "05_states_follow_the_drawing"),
    invariant!(6, "06_as_many_people_as_needed"),
    invariant!(7, "07_nobody_gives_to_themselves"),
    invariant!(8, "08_lent_authority"),
    invariant!(9, "09_decisions_bind_terms"),
    invariant!(10, "10_work_follows_a_decision"),
    invariant!(11, "11_authority_used"),
    invariant!(12, "12_money"),
    invariant!(13, "13_windows"),
    invariant!(14, "14_an_id_is_used_once"),
    invariant!(16, "16_events_are_complete"),
    invariant!(17, "17_the_stream_is_complete"),
    invariant!(18, "18_the_trail_recomputes"),
    invariant!(19, "19_append_only"),
    invariant!(21, "21_tenancy"),
    invariant!(22, "22_privileges"),
    invariant!(26, "26_one_order_explains_every_answer"),
    invariant!(27, "27_nothing_in_an_old_authority"),
    invariant!(31, "31_only_who_was_asked_answers"),
    invariant!(32, "32_questions_have_their_time"),
    invariant!(33, "33_promises_are_watched"),
];

const AT_REST: Invariant = invariant!(23, "23_at_rest");

/// How many violations of one invariant are worth reading.
const SHOWN_MAX: usize = 5;

/// A broken invariant, by number, and what breaks it.
pub struct Violation {
    /// As in the list of promises.
    pub number: u8,
    /// For people.
    pub what: String,
}

/// Every violation of what holds at any moment. As superuser, who sees all tenants.
pub async fn violations(connection: &mut PgConnection) -> Vec<Violation> {
    let mut found = Vec::new();
    for invariant in &ALWAYS {
        found.extend(violations_of(invariant, connection).await);
    }
    found
}

/// Every violation of what holds when nothing runs.
pub async fn violations_at_rest(connection: &mut PgConnection) -> Vec<Violation> {
    violations_of(&AT_REST, connection).await
}

/// What holds at any moment, holds.
pub async fn assert_invariants(connection: &mut PgConnection) {
    assert_none(violations(connection).await);
}

/// So does what holds when nothing runs.
pub async fn assert_at_rest(connection: &mut PgConnection) {
    assert_none(violations_at_rest(connection).await);
    assert_invariants(connection).await;
}

fn assert_none(violations: Vec<Violation>) {
    let told: Vec<String> = violations
        .into_iter()
        .map(|violation| violation.what)
        .collect();
    assert!(told.is_empty(), "broken:\n{}", told.join("\n"));
}

async fn violations_of(invariant: &Invariant, connection: &mut PgConnection) -> Vec<Violation> {
    let rows: Vec<String> = sqlx::query_scalar(invariant.violations)
        .fetch_all(connection)
        .await
        .unwrap_or_else(|error| panic!("{}: {error}", invariant.name));
    let more = rows.len().saturating_sub(SHOWN_MAX);
    rows.into_iter()
        .take(SHOWN_MAX)
        .map(|row| Violation {
            number: invariant.number,
            what: format!(
                "{}: {row}{}",
                invariant.name,
                if more > 0 {
                    format!(" (and {more} more)")
                } else {
                    String::new()
                }
            ),
        })
        .collect()
}
