//! A tenant in Postgres and in the model: both are told the same, and say the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::words;
use super::model::{Answer, How, Lent, Model, Route, Step};
use super::proposal::proposed;
use super::workload::Act;
use super::{calls, rows, tenants};
use crate::support::kernel::{self, Lending, Until, sqlstate};
use crate::support::{Random, TestDatabase, clock};

/// What a life was made of; one in which nobody ever says yes proves nothing.
#[derive(Default, Debug)]
pub struct Seen {
    pub outcomes: BTreeMap<String, usize>,
    pub codes: BTreeSet<String>,
}

pub struct Twins {
    app: PgConnection,
    pub sql: PgConnection,
    tenant: Uuid,
    pub model: Model,
}

impl Twins {
    pub async fn born(random: &mut Random, database: &TestDatabase) -> Self {
        let (mut app, mut sql) = (database.app().await, database.superuser().await);
        let beginnings = [
            "2026-11-27T10:00:00Z",
            "2026-12-30T21:00:00Z",
            "2026-03-28T20:00:00Z",
        ];
        let now: DateTime<Utc> = random.pick(&beginnings).parse().unwrap();
        clock::set(&mut sql, now).await;
        let document = tenants::document(random, now.date_naive());
        let json = serde_json::to_value(&document).unwrap();
        let (tenant, _) = kernel::apply(&mut app, "twin", 0, &json).await.unwrap();
        Self {
            app,
            sql,
            tenant,
            model: Model::of(&document, now),
        }
    }

    /// Both do it, and answer the same.
    pub async fn take(&mut self, act: &Act, seen: &mut Seen, told: &str) {
        let (app, tenant, model) = (&mut self.app, self.tenant, &mut self.model);
        match act {
            Act::Admit(asked) => self.admit(asked, seen, told).await,
            Act::Route(id) => self.route(*id, seen, told).await,
            Act::Ask(steps) => {
                let answers = ask(app, tenant, steps).await;
                let expected: Vec<_> = steps.iter().map(|step| model.ask(step)).collect();
                assert_eq!(answers, expected, "{told}");
                for answer in answers {
                    seen.outcome("ask", &answer);
                }
            }
            Act::Lapse(id, step) => {
                let answer = kernel::lapse(app, tenant, *id, *step).await.unwrap();
                assert_eq!(answer, model.lapse(*id, *step), "{told}");
                seen.outcome("lapse", &answer);
            }
            Act::DeclineUnanswerable(id, step) => {
                let answer = kernel::decline_unanswerable(app, tenant, *id, *step).await;
                let answer = answer.unwrap();
                assert_eq!(answer, model.decline_unanswerable(*id, *step), "{told}");
                seen.outcome("decline", &answer);
            }
            Act::Decide(answer) => self.decide(answer, seen, told).await,
            Act::Reassign(answer, to, answer_by) => {
                let answered = calls::reassign(app, tenant, answer, to, *answer_by).await;
                let expected = model.reassign(answer, to, *answer_by);
                // why somebody is unable is told by the same words as a refused yes, which are compared there
                let answered = super::model::Told {
                    reasons: expected.reasons.clone(),
                    ..answered
                };
                assert_eq!(answered, expected, "{told}");
                seen.told("reassign", &answered);
            }
            Act::Review(answer, verdict) => {
                let answered = calls::review(app, tenant, answer, verdict).await;
                assert_eq!(answered, model.review(answer, verdict), "{told}");
                seen.told("review", &answered);
            }
            Act::Revise(id, etag, seq, asked) => {
                let named = calls::seen(*id, *etag, *seq);
                let answered = kernel::revise(app, tenant, &named, asked).await.unwrap();
                let answered = calls::told(answered);
                let mut expected = model.revise(*id, *etag, *seq, asked);
                if expected.replayed {
                    expected.reasons = answered.reasons.clone();
                }
                assert_eq!(answered, expected, "{told}");
                seen.told("revise", &answered);
            }
            Act::Cancel(cancelled) => {
                let answers = kernel::cancel(app, tenant, std::slice::from_ref(cancelled)).await;
                let expected = model.cancel(cancelled);
                assert_eq!(answers.unwrap(), std::slice::from_ref(&expected), "{told}");
                seen.outcome(
                    "cancel",
                    expected.map_or("done", |(refusal, ..)| refusal.leak()),
                );
            }
            Act::Delegate(id, wish, is_from_now) => {
                let mut wish = wish.clone();
                if *is_from_now {
                    wish.from = model.now;
                }
                let lending = Lending {
                    id: *id,
                    delegator: wish.delegator.clone(),
                    delegate: wish.delegate.clone(),
                    from: (!is_from_now).then_some(wish.from),
                    until: wish.until,
                    kinds: wish.kinds.clone(),
                    lent: wish.lent.clone(),
                };
                let lent = kernel::delegate(app, tenant, &lending).await.unwrap();
                let expected: Lent = model.delegate(*id, &wish, *is_from_now);
                // whoever stands in the way is named only where the model names one
                let who = lent.who.filter(|_| expected.1.is_some());
                let at_most = lent.at_most.filter(|_| expected.2.is_some());
                assert_eq!((lent.outcome, who, at_most), expected, "{told}");
                seen.outcome("delegate", &expected.0);
            }
            Act::Revoke(id) => {
                let answer = kernel::revoke_delegation(app, tenant, *id).await.unwrap();
                assert_eq!(answer, model.revoke(*id), "{told}");
                seen.outcome("revoke", &answer);
            }
            Act::Away(agent, from, until) => {
                let answer = calls::set_away(app, tenant, agent, *from, *until).await;
                assert_eq!(answer, model.set_away(agent, *from, *until), "{told}");
                seen.outcome("away", &answer);
            }
            Act::Suspend(agent, is_suspended) => {
                let answer = kernel::suspend(app, tenant, agent, *is_suspended).await;
                match model.suspend(agent, *is_suspended) {
                    Some(changed) => assert_eq!(answer.unwrap(), changed, "{told}"),
                    None => {
                        let refusal = sqlstate(&answer.unwrap_err());
                        assert!(
                            ["LG404", "LG412"].contains(&refusal.as_str()),
                            "{refusal} {told}"
                        );
                    }
                }
            }
            Act::Pause(kind, is_paused) => {
                let answer = kernel::pause(app, tenant, "KIND", kind, *is_paused).await;
                assert_eq!(
                    answer.unwrap(),
                    model.rules.pause("KIND", kind, *is_paused),
                    "{told}"
                );
            }
            Act::Apply(document) => {
                let json = serde_json::to_value(document).unwrap();
                match kernel::apply(app, "twin", model.rules.version, &json).await {
                    Ok(_) => model.apply(document),
                    Err(error) => assert_eq!(sqlstate(&error), "LG422", "{error}\n{told}"),
                }
            }
            Act::Wait(until) => {
                model.now = *until;
                clock::set(&mut self.sql, *until).await;
            }
        }
    }

    async fn admit(&mut self, asked: &kernel::Asked, seen: &mut Seen, told: &str) {
        let (app, tenant) = (&mut self.app, self.tenant);
        let previewed = kernel::preview(app, tenant, asked).await.unwrap();
        let answers = kernel::admit(app, tenant, std::slice::from_ref(asked)).await;
        let answer = &answers.unwrap()[0];
        assert_eq!(*answer, previewed, "the preview\n{told}");
        let expected = self.model.admit(asked);
        let reasons: BTreeSet<String> = answer.reasons.iter().map(words::of_reason).collect();
        assert_eq!(
            (&answer.outcome, &reasons),
            (&expected.outcome, &expected.reasons),
            "{told}"
        );
        seen.outcome("admit", &answer.outcome);
        seen.codes(&reasons);
    }

    /// What the model would do next with a question, the kernel does.
    async fn route(&mut self, id: Uuid, seen: &mut Seen, told: &str) {
        let Some(gesture) = self.model.gestures.get(&id) else {
            return;
        };
        let step = gesture.question.as_ref().map_or(0, |last| last.step);
        if !self.model.waiting().contains(&id) {
            return;
        }
        let (app, tenant) = (&mut self.app, self.tenant);
        let route = self.model.route(gesture);
        if self.model.is_due(gesture) {
            let proposed = proposed(app, tenant, id, gesture).await;
            assert_eq!(proposed, route, "what the service proposes\n{told}");
        }
        let (agents, answer_by, due_at, expires_at) = match route {
            Route::Nobody => {
                let answer = kernel::decline_unanswerable(app, tenant, id, step)
                    .await
                    .unwrap();
                assert_eq!(answer, "DECLINED", "{told}");
                assert_eq!(
                    self.model.decline_unanswerable(id, step),
                    "DECLINED",
                    "{told}"
                );
                return seen.outcome("route", "nobody");
            }
            Route::Lapse => {
                let answer = kernel::lapse(app, tenant, id, step).await.unwrap();
                assert_eq!(answer, self.model.lapse(id, step), "{told}");
                return seen.outcome("route", &answer);
            }
            Route::Wait { due_at, expires_at } => (Vec::new(), self.model.now, due_at, expires_at),
            Route::Ask {
                agents,
                answer_by,
                due_at,
                expires_at,
            } => (agents, answer_by, due_at, expires_at),
        };
        seen.outcome("route", if agents.len() == 2 { "two" } else { "ask" });
        let step = Step {
            id,
            step,
            agents,
            answer_by,
            due_at,
            expires_at,
        };
        assert_eq!(
            ask(app, tenant, std::slice::from_ref(&step)).await,
            [self.model.ask(&step)],
            "{step:?}\n{told}"
        );
    }

    async fn decide(&mut self, answer: &Answer, seen: &mut Seen, told: &str) {
        let (app, tenant) = (&mut self.app, self.tenant);
        let authority = answer.authority.as_ref().unwrap_or(&answer.actor);
        // nobody shows a stranger how they stand
        if self.model.rules.members.contains_key(&answer.actor) {
            let standing = calls::standing(app, tenant, answer.id, &answer.actor, authority).await;
            let expected = self.model.standing(answer.id, &answer.actor, authority);
            let expected = expected.map(|told| (told.outcome, told.reasons));
            assert_eq!(standing, expected, "the standing\n{told}");
        }

        let answered = kernel::decide(app, tenant, &calls::answering(answer)).await;
        let answered = calls::told(answered.unwrap());
        assert_eq!(answered, self.model.decide(answer), "{told}");
        seen.told("decide", &answered);
    }

    /// Whose inbox shows what waits; who could say yes to it, and who may answer for whom: the kernel and the model say the same.
    pub async fn agree_on_candidates(&mut self, random: &mut Random, told: &str) {
        let waiting = self.model.waiting();
        if !waiting.is_empty() && random.once_in(2) {
            let id = *random.pick(&waiting);
            let gesture = &self.model.gestures[&id];
            let asked = kernel::Asked {
                budget: Some(gesture.budget.clone()),
                ..gesture.terms().clone()
            };
            for (authority, ask) in &gesture.asks {
                let all: Vec<String> = self.model.rules.members.keys().cloned().collect();
                for agent in [authority, random.pick(&all)]
                    .into_iter()
                    .filter(|_| ask.is_open)
                {
                    let found =
                        calls::falls_to(&mut self.app, self.tenant, id, authority, agent).await;
                    let expected = self.model.falls_to(gesture, authority, agent);
                    assert_eq!(found, expected, "{id} of {authority} to {agent}\n{told}");
                }
            }
            let mut found = calls::candidates(&mut self.app, self.tenant, &asked).await;
            let expected = self.model.candidates(gesture);
            for (found, expected) in found.iter_mut().zip(&expected) {
                // one of those who may is named
                if !found.delegates.is_empty() && found.delegates.is_subset(&expected.delegates) {
                    found.delegates = expected.delegates.clone();
                }
            }
            assert_eq!(found, expected, "candidates of {asked:?}\n{told}");
            let question = kernel::question(&mut self.app, self.tenant, id)
                .await
                .unwrap();
            let asked: BTreeSet<String> = question.unwrap().asked.into_iter().collect();
            assert_eq!(
                asked,
                gesture.question.as_ref().unwrap().asked,
                "{id}\n{told}"
            );
        }
        let agents: Vec<String> = self.model.rules.members.keys().cloned().collect();
        let agent = random.pick(&agents);
        let expected: BTreeSet<(String, String)> = self
            .model
            .authorities(agent, None)
            .into_iter()
            .map(|(how, authority)| (how_word(how).to_owned(), authority))
            .collect();
        let found = calls::answers_for(&mut self.app, self.tenant, agent).await;
        assert_eq!(found, expected, "{agent}\n{told}");
    }

    /// Everything stands where the model says, and nothing else is used.
    pub async fn agree_on_rows(&mut self, told: &str) {
        let (found, expected) = (rows::rows(&mut self.sql).await, self.model.rows());
        let only = |these: &[String], others: &[String]| -> Vec<String> {
            these
                .iter()
                .filter(|row| !others.contains(row))
                .cloned()
                .collect()
        };
        if found != expected {
            let (found, expected) = (only(&found, &expected), only(&expected, &found));
            panic!("Postgres: {found:#?}\nthe model: {expected:#?}\n{told}");
        }
        assert_eq!(
            rows::used(&mut self.sql).await,
            self.model.rules.used(),
            "{told}"
        );
    }
}

fn how_word(how: How) -> &'static str {
    match how {
        How::Own => "OWN",
        How::Delegate => "DELEGATE",
        How::Pool => "POOL",
    }
}

/// ASKED, STALE or UNFIT, for each.
async fn ask(app: &mut PgConnection, tenant: Uuid, steps: &[Step]) -> Vec<String> {
    let steps: Vec<kernel::Step<'_>> = steps
        .iter()
        .map(|step| kernel::Step {
            id: step.id,
            step: step.step,
            agents: step
                .agents
                .iter()
                .map(|(agent, how)| (agent.as_str(), *how))
                .collect(),
            until: Until {
                answer_by: step.answer_by,
                due_at: step.due_at,
                expires_at: step.expires_at,
            },
        })
        .collect();
    kernel::ask_all(app, tenant, &steps).await.unwrap()
}

impl Seen {
    fn outcome(&mut self, of: &str, outcome: &str) {
        *self.outcomes.entry(format!("{of} {outcome}")).or_default() += 1;
    }

    fn told(&mut self, of: &str, told: &super::model::Told) {
        self.outcome(of, &told.outcome);
        if told.replayed {
            self.outcome(of, "replay");
        }
        self.codes(&told.reasons);
    }

    fn codes(&mut self, reasons: &BTreeSet<String>) {
        let code = |reason: &String| reason.split(' ').next().unwrap().to_owned();
        self.codes.extend(reasons.iter().map(code));
    }
}
