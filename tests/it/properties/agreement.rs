//! The kernel and the model are told the same, and say the same: every outcome, every reason with its numbers, and what
//! every counter holds in the end.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::approvals::rows;
use super::model::{Model, Told};
use super::words;
use super::workload::{self, Past, Step};
use crate::support::kernel::{self, Answer, sqlstate};
use crate::support::{Clock, Random, SeedOnPanic, TestDatabase, assert_at_rest, clock, seeds};

/// How many things happen in one life.
const STEPS: usize = 220;

/// A tenant in Postgres and in the model.
struct Twins {
    app: PgConnection,
    sql: PgConnection,
    tenant: Uuid,
    model: Model,
    now: DateTime<Utc>,
}

/// What a life was made of; a workload that grants nothing proves nothing.
#[derive(Default, Debug)]
struct Seen {
    outcomes: BTreeMap<String, usize>,
    codes: BTreeSet<String>,
    versions: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_any_size_are_answered_as_the_model_says() {
    let mut seen = Seen::default();
    for seed in seeds(10) {
        live(seed, 24, &mut seen).await;
    }
    assert_enough(&seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_by_one_is_answered_as_the_model_says_and_as_the_preview_said() {
    let mut seen = Seen::default();
    for seed in seeds(6) {
        live(1_000 + seed, 1, &mut seen).await;
    }
    assert_enough(&seen);
}

/// Everything that can be answered was answered.
fn assert_enough(seen: &Seen) {
    if std::env::var("LARGESSE_SEED").is_ok() {
        return;
    }
    for outcome in [
        "APPROVED",
        "NEEDS_APPROVAL",
        "DECLINED",
        "INVALID",
        "REUSED",
        "TOMBSTONED",
    ] {
        assert!(
            seen.outcomes.get(outcome).is_some_and(|count| *count >= 1),
            "{outcome}: {seen:?}"
        );
    }
    let codes = "AGENT_UNKNOWN KIND_UNKNOWN BUDGET_UNKNOWN POLICY_UNKNOWN SEGMENT_UNKNOWN OCCASION_UNKNOWN CASE_MISSING \
                 PROMISE_PAST RATE_MISSING REPLACES_UNKNOWN AGENT_SUSPENDED KIND_NOT_OFFERED PAUSED AMOUNT_OUT_OF_RANGE \
                 OWN_ACCOUNT POLICY_NOT_WAIVABLE BUDGET_NOT_ALLOWED NO_AUTHORITY LIMIT_EXCEEDED";
    for code in codes.split_whitespace() {
        assert!(seen.codes.contains(code), "{code} was never said: {seen:?}");
    }
    assert!(seen.versions > 10, "{seen:?}");
}

async fn live(seed: u64, batch_max: i64, seen: &mut Seen) {
    let _told = SeedOnPanic(seed % 1_000);
    let mut random = Random::of(seed);
    let database = TestDatabase::new(Clock::Movable).await;
    let mut twins = Twins::born(&mut random, &database).await;
    let mut past = Past::default();
    for number in 0..STEPS {
        let step = workload::step(
            &mut random,
            &past,
            &twins.model.document,
            twins.now,
            batch_max,
        );
        let told = format!("step {number} at {}: {step:?}", twins.now);
        twins.take(step, &mut past, seen, &told).await;
        if number % 20 == 0 {
            twins.ask_what_remains(&mut random, &past, &told).await;
        }
    }
    twins.agree_on_counters().await;
    assert_at_rest(&mut twins.sql).await;
}

impl Twins {
    async fn born(random: &mut Random, database: &TestDatabase) -> Self {
        let (mut app, mut sql) = (database.app().await, database.superuser().await);
        let now = workload::beginning(random);
        clock::set(&mut sql, now).await;
        loop {
            let document = workload::document(random, now.date_naive());
            let json = serde_json::to_value(&document).unwrap();
            match kernel::apply(&mut app, "twin", 0, &json).await {
                Ok((tenant, 1)) => {
                    let model = Model::of(&document);
                    return Self {
                        app,
                        sql,
                        tenant,
                        model,
                        now,
                    };
                }
                Ok((_, version)) => panic!("version {version}"),
                Err(error) => assert_eq!(sqlstate(&error), "LG422", "{error}"),
            }
        }
    }

    async fn take(&mut self, step: Step, past: &mut Past, seen: &mut Seen, told: &str) {
        match step {
            Step::Admit(batch) => {
                let previewed = match batch.as_slice() {
                    [one] => Some(
                        kernel::preview(&mut self.app, self.tenant, one)
                            .await
                            .unwrap(),
                    ),
                    _ => None,
                };
                let answers = kernel::admit(&mut self.app, self.tenant, &batch).await;
                let answers = answers.unwrap_or_else(|error| panic!("{error}\n{told}"));
                for (asked, answer) in batch.iter().zip(&answers) {
                    let expected = self.model.admit(self.now, asked);
                    assert_eq!(worded(answer), expected, "{asked:?}\n{told}");
                    *seen.outcomes.entry(answer.outcome.clone()).or_default() += 1;
                    let codes = answer
                        .reasons
                        .iter()
                        .map(|reason| reason["code"].as_str().unwrap().to_owned());
                    seen.codes.extend(codes);
                }
                if let Some(previewed) = previewed
                    && !answers[0].replayed
                    && !["REUSED", "TOMBSTONED"].contains(&answers[0].outcome.as_str())
                {
                    assert_eq!(previewed, answers[0], "the preview\n{told}");
                }
                past.asked.extend(batch);
            }
            Step::Cancel(batch) => {
                let answers = kernel::cancel(&mut self.app, self.tenant, &batch)
                    .await
                    .unwrap();
                for (cancelled, answer) in batch.iter().zip(answers) {
                    assert_eq!(
                        answer,
                        self.model.cancel(cancelled),
                        "{cancelled:?}\n{told}"
                    );
                }
            }
            Step::Resolve(id, actor) => {
                let answer = kernel::resolve(&mut self.app, self.tenant, id, &actor)
                    .await
                    .unwrap();
                assert_eq!(answer, self.model.resolve(id, &actor), "{told}");
                if answer == "NEVER_HAPPENED" {
                    past.asked.push(kernel::Asked {
                        id,
                        ..kernel::Asked::of(&actor, "kind-1", "customer-1", 500)
                    });
                }
            }
            Step::Suspend(agent, is_suspended) => {
                let answer =
                    kernel::suspend(&mut self.app, self.tenant, &agent, is_suspended).await;
                match self.model.suspend(&agent, is_suspended) {
                    Some(changed) => assert_eq!(answer.unwrap(), changed, "{told}"),
                    None => assert_eq!(sqlstate(&answer.unwrap_err()), "LG412", "{told}"),
                }
            }
            Step::Pause(scope, name, is_paused) => {
                let answer = kernel::pause(&mut self.app, self.tenant, scope, &name, is_paused)
                    .await
                    .unwrap();
                assert_eq!(answer, self.model.pause(scope, &name, is_paused), "{told}");
            }
            Step::Apply(document) => {
                let json = serde_json::to_value(&*document).unwrap();
                match kernel::apply(&mut self.app, "twin", self.model.version, &json).await {
                    Ok((_, version)) => {
                        let agents = document
                            .agents
                            .clone()
                            .or(self.model.document.agents.clone());
                        self.model.apply(&document);
                        // so that a later change has a roster to begin with
                        self.model.document.agents = agents;
                        assert_eq!(version, self.model.version);
                        seen.versions += 1;
                    }
                    Err(error) => assert_eq!(sqlstate(&error), "LG422", "{error}\n{told}"),
                }
            }
            Step::Wait(until) => {
                self.now = until;
                clock::set(&mut self.sql, until).await;
            }
        }
    }

    /// `remaining` names the largest amount that passes: it does, and one more does not.
    async fn ask_what_remains(&mut self, random: &mut Random, past: &Past, told: &str) {
        let asked = workload::asked(random, past, self.now);
        let asked = kernel::Asked {
            promise_by: None,
            replaces: None,
            waived: Vec::new(),
            ..asked
        };
        let rows = sqlx::query(
            "select kind, currency, min_minor, max_minor, largest_now from largesse.remaining($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.tenant)
        .bind(&asked.agent)
        .bind(&asked.customer)
        .bind(&asked.case_id)
        .bind(&asked.segment)
        .bind(&asked.occasion)
        .bind(&asked.budget)
        .fetch_all(&mut self.app)
        .await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => return assert_eq!(sqlstate(&error), "LG404", "{error}\n{told}"),
        };
        for row in rows {
            let (kind, currency): (String, String) = (row.get("kind"), row.get("currency"));
            let (min, max): (i64, i64) = (row.get("min_minor"), row.get("max_minor"));
            let largest = row.get::<Option<i64>, _>("largest_now").unwrap_or(0);
            for (amount, passes) in [(largest, true), (largest + 1, false), (min, largest >= min)] {
                if amount < 1 || (!passes && amount > max) {
                    continue;
                }
                let one = kernel::Asked {
                    kind: kind.clone(),
                    currency: currency.clone(),
                    amount,
                    ..asked.clone()
                };
                let answer = kernel::preview(&mut self.app, self.tenant, &one)
                    .await
                    .unwrap();
                let is_missing_case = answer
                    .reasons
                    .iter()
                    .any(|reason| reason["code"] == "CASE_MISSING");
                assert!(
                    (answer.outcome == "APPROVED") == passes || is_missing_case,
                    "remaining says {largest}; {one:?} got {answer:?}\n{told}"
                );
            }
        }
    }

    /// What is used, by every counter: Postgres and the model say the same.
    async fn agree_on_counters(&mut self) {
        let used = rows::used(&mut self.sql).await;
        assert_eq!(used, self.model.used());
    }
}

/// The kernel's answer in the model's words.
fn worded(answer: &Answer) -> Told {
    Told {
        outcome: answer.outcome.clone(),
        reasons: answer.reasons.iter().map(words::of_reason).collect(),
        replayed: answer.replayed,
    }
}
