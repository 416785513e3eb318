//! Two who act on one question. Each pair is made to meet in both orders, one waiting for the other's transaction, and then
//! let loose from a barrier, a thousand times in all. There is one outcome, and who came second learns what they may know.

use std::sync::Arc;

use serde_json::Value;
use sqlx::{Executor, PgConnection};
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::support::kernel::{self, Answering, Asked, Cancelled, Lending, Seen, Told, Until};
use crate::support::{Desk, assert_invariants, wait_for_waiters};

/// How often each pair is let loose: a thousand in all, with the two orders that are made.
const TIMES: usize = 70;

/// What somebody does to the question.
#[derive(Debug, Clone)]
enum Act {
    Approve(&'static str),
    Decline(&'static str),
    Revise(i64),
    Cancel,
    Lapse(i32),
    Suspend(&'static str),
    Revoke(Uuid),
    Reassign(&'static str, &'static str),
    Ask(i32, &'static str),
    DeclineUnanswerable,
}

/// A pair, and how each is answered when the one or the other was first: `OUTCOME`, or `OUTCOME STATE by` where more is told.
struct Pair {
    acts: [Act; 2],
    first: [&'static str; 2],
    second: [&'static str; 2],
}

/// The document of the desk, with room for a thousand.
fn roomy() -> Value {
    let mut document = Desk::document();
    for budget in document["budgets"].as_array_mut().unwrap() {
        budget["amount_minor"] = 1_000_000_000_i64.into();
    }
    document["limits"][1]["hard_minor"] = 1_000_000_000_i64.into();
    for level in document["levels"].as_array_mut().unwrap() {
        level["maxima"][1]["amount_minor"] = 1_000_000_000_i64.into();
    }
    document
}

fn told(told: &Told) -> String {
    let is_done = ["APPROVED", "FIRST_YES", "DECLINED", "REVISED", "REASSIGNED"];
    assert!(!told.replayed, "{told:?}");
    match (&told.state, &told.by) {
        (Some(state), Some(by)) if !is_done.contains(&told.outcome.as_str()) => {
            format!("{} {state} {by}", told.outcome)
        }
        (None, None) | (Some(_), Some(_)) => told.outcome.clone(),
        _ => panic!("{told:?}"),
    }
}

/// Does it, in whatever transaction the connection is in.
async fn act(app: &mut PgConnection, tenant: Uuid, seen: &Seen, until: Until, act: &Act) -> String {
    match act {
        Act::Approve(actor) => told(
            &kernel::decide(app, tenant, &Answering::yes(actor, seen))
                .await
                .unwrap(),
        ),
        Act::Decline(actor) => told(
            &kernel::decide(app, tenant, &Answering::no(actor, seen))
                .await
                .unwrap(),
        ),
        Act::Revise(amount) => {
            let customer = format!("c-{}", seen.id);
            let terms = Asked::of("fl-1", "basket", &customer, *amount);
            told(&kernel::revise(app, tenant, seen, &terms).await.unwrap())
        }
        Act::Cancel => {
            let cancelled = [Cancelled {
                id: seen.id,
                actor: "fl-1".into(),
                etag: seen.etag,
            }];
            match kernel::cancel(app, tenant, &cancelled)
                .await
                .unwrap()
                .remove(0)
            {
                None => "CANCELLED".into(),
                Some((outcome, state, _)) => format!("{outcome} {}", state.unwrap()),
            }
        }
        Act::Lapse(step) => kernel::lapse(app, tenant, seen.id, *step).await.unwrap(),
        Act::Suspend(agent) => {
            assert!(kernel::suspend(app, tenant, agent, true).await.unwrap());
            "SUSPENDED".into()
        }
        Act::Revoke(id) => kernel::revoke_delegation(app, tenant, *id).await.unwrap(),
        Act::Reassign(actor, to) => {
            let told_of = kernel::reassign(app, tenant, actor, seen, to, until.answer_by).await;
            told(&told_of.unwrap())
        }
        Act::Ask(step, agent) => {
            kernel::ask(app, tenant, seen.id, *step, &[(agent, "LINE")], until)
                .await
                .unwrap()
        }
        Act::DeclineUnanswerable => kernel::decline_unanswerable(app, tenant, seen.id, 0)
            .await
            .unwrap(),
    }
}

/// A desk, and two more sessions of the service.
struct Race {
    desk: Desk,
    sessions: Vec<PgConnection>,
    occasion: Option<&'static str>,
    amount: i64,
    asked: &'static [&'static str],
    /// How many minutes pass between asking and the race.
    waits: i64,
}

impl Race {
    async fn of(amount: i64, asked: &'static [&'static str]) -> Self {
        let desk = Desk::of(&roomy()).await;
        let sessions = vec![desk.database.app().await, desk.database.app().await];
        Self {
            desk,
            sessions,
            occasion: None,
            amount,
            asked,
            waits: 0,
        }
    }

    /// A question as both see it.
    async fn question(&mut self) -> Seen {
        let id = Uuid::now_v7();
        let asked = Asked {
            id,
            occasion: self.occasion.map(str::to_owned),
            ..Asked::of("fl-1", "basket", &format!("c-{id}"), self.amount)
        };
        let (outcome, _) = self.desk.request(&asked).await;
        assert_eq!(outcome, "NEEDS_APPROVAL");
        if !self.asked.is_empty() {
            self.desk.ask(id, 0, self.asked).await;
        }
        self.desk.later(self.waits).await;
        self.desk.seen(id).await
    }

    fn until(&self) -> Until {
        Until {
            answer_by: self.desk.within(30),
            due_at: Some(self.desk.within(30)),
            expires_at: Some(self.desk.within(120)),
        }
    }

    /// One acts and has not committed, the other comes; then it commits.
    async fn in_this_order(&mut self, pair: &Pair, seen: &Seen, order: [usize; 2]) -> [String; 2] {
        let (tenant, until) = (self.desk.tenant, self.until());
        let mut late = self.sessions.pop().unwrap();
        let mut early = self.sessions.pop().unwrap();
        early.execute("begin").await.unwrap();
        let first = act(&mut early, tenant, seen, until, &pair.acts[order[0]]).await;
        let (seen, next) = (seen.clone(), pair.acts[order[1]].clone());
        let waiting = tokio::spawn(async move {
            let outcome = act(&mut late, tenant, &seen, until, &next).await;
            (late, outcome)
        });
        while !waiting.is_finished() && self.waiters().await == 0 {
            tokio::task::yield_now().await;
        }
        assert!(!waiting.is_finished(), "{:?} did not wait", pair.acts);
        early.execute("commit").await.unwrap();
        let (late, second) = waiting.await.unwrap();
        self.sessions = vec![early, late];
        if order[0] == 0 {
            [first, second]
        } else {
            [second, first]
        }
    }

    async fn waiters(&mut self) -> i64 {
        sqlx::query_scalar(
            "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
        .fetch_one(&mut self.desk.sql)
        .await
        .unwrap()
    }

    /// Both at once.
    async fn at_once(&mut self, pair: &Pair, seen: &Seen) -> [String; 2] {
        let (tenant, until) = (self.desk.tenant, self.until());
        let barrier = Arc::new(Barrier::new(2));
        let mut running = Vec::new();
        for next in &pair.acts {
            let (next, seen, barrier) = (next.clone(), seen.clone(), barrier.clone());
            let mut app = self.sessions.pop().unwrap();
            running.push(tokio::spawn(async move {
                barrier.wait().await;
                let outcome = act(&mut app, tenant, &seen, until, &next).await;
                (app, outcome)
            }));
        }
        let mut outcomes = Vec::new();
        for one in running {
            let (app, outcome) = one.await.unwrap();
            self.sessions.push(app);
            outcomes.push(outcome);
        }
        outcomes.try_into().unwrap()
    }

    /// Both orders, then many times at once; `pair` prepares each meeting, `mend` what the next one needs.
    async fn run(mut self, pair: impl AsyncFn(&mut Desk) -> Pair, mend: impl AsyncFn(&mut Desk)) {
        for order in [[0, 1], [1, 0]] {
            let (pair, seen) = (pair(&mut self.desk).await, self.question().await);
            let outcomes = self.in_this_order(&pair, &seen, order).await;
            let expected = if order[0] == 0 {
                pair.first
            } else {
                pair.second
            };
            assert_eq!(
                outcomes, expected,
                "{:?}, in the order {order:?}",
                pair.acts
            );
            mend(&mut self.desk).await;
            assert_invariants(&mut self.desk.sql).await;
        }
        for _ in 0..TIMES {
            let (pair, seen) = (pair(&mut self.desk).await, self.question().await);
            let outcomes = self.at_once(&pair, &seen).await;
            let is_explained = outcomes == pair.first || outcomes == pair.second;
            assert!(is_explained, "{:?}: {outcomes:?}", pair.acts);
            mend(&mut self.desk).await;
        }
        self.desk.holds().await;
    }

    /// The same pair every time.
    async fn runs(self, acts: [Act; 2], first: [&'static str; 2], second: [&'static str; 2]) {
        let pair = async move |_: &mut Desk| Pair {
            acts: acts.clone(),
            first,
            second,
        };
        self.run(pair, async |_| ()).await;
    }
}

const LEAD: &[&str] = &["ld-1"];
const TWO: &[&str] = &["ld-1", "mg-1"];

#[tokio::test(flavor = "multi_thread")]
async fn approve_and_approve() {
    let acts = [Act::Approve("ld-1"), Act::Approve("mg-1")];
    let race = Race::of(7000, TWO).await;
    race.runs(
        acts,
        ["APPROVED", "STALE APPROVED ld-1"],
        ["STALE APPROVED mg-1", "APPROVED"],
    )
    .await;
}

/// Under dual control as well: who comes second has seen something else than what there is, and looks again.
#[tokio::test(flavor = "multi_thread")]
async fn first_yes_and_first_yes() {
    let acts = [Act::Approve("mg-1"), Act::Approve("mg-2")];
    let race = Race::of(25000, &["mg-1", "mg-2"]).await;
    race.runs(
        acts,
        ["FIRST_YES", "STALE PENDING_APPROVAL mg-1"],
        ["STALE PENDING_APPROVAL mg-2", "FIRST_YES"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approve_and_decline() {
    let acts = [Act::Approve("ld-1"), Act::Decline("mg-1")];
    let race = Race::of(7000, TWO).await;
    race.runs(
        acts,
        ["APPROVED", "STALE APPROVED ld-1"],
        ["STALE DECLINED mg-1", "DECLINED"],
    )
    .await;
}

/// Never approved with the terms of the revision, whether these need somebody else or not.
#[tokio::test(flavor = "multi_thread")]
async fn approve_and_revise() {
    let acts = [Act::Approve("ld-1"), Act::Revise(15000)];
    let race = Race::of(7000, LEAD).await;
    race.runs(
        acts,
        ["APPROVED", "STALE APPROVED ld-1"],
        ["STALE PENDING_APPROVAL fl-1", "REVISED"],
    )
    .await;
    let acts = [Act::Approve("ld-1"), Act::Revise(50)];
    let mut document = roomy();
    document["catalog"][0]["min_minor"] = 1.into();
    let mut race = Race::of(7000, LEAD).await;
    race.desk.applies(&document).await;
    race.runs(
        acts,
        ["APPROVED", "STALE APPROVED ld-1"],
        ["STALE APPROVED fl-1", "REVISED"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approve_and_cancel() {
    let acts = [Act::Approve("ld-1"), Act::Cancel];
    let race = Race::of(7000, LEAD).await;
    race.runs(
        acts,
        ["APPROVED", "STALE APPROVED"],
        ["STALE CANCELLED fl-1", "CANCELLED"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approve_and_lapse() {
    let acts = [Act::Approve("ld-1"), Act::Lapse(1)];
    let mut race = Race::of(7000, LEAD).await;
    race.waits = 120;
    race.runs(
        acts.clone(),
        ["APPROVED", "STALE"],
        ["STALE EXPIRED largesse", "EXPIRED"],
    )
    .await;

    // the same where silence grants: approved once, by whoever was first
    let mut race = Race::of(7000, LEAD).await;
    (race.waits, race.occasion) = (120, Some("bereavement"));
    race.runs(
        acts,
        ["APPROVED", "STALE"],
        ["STALE APPROVED duty", "APPROVED"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lapse_and_lapse() {
    let acts = [Act::Lapse(1), Act::Lapse(1)];
    let mut race = Race::of(7000, LEAD).await;
    (race.waits, race.occasion) = (120, Some("bereavement"));
    race.runs(acts, ["APPROVED", "STALE"], ["STALE", "APPROVED"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approve_and_suspend() {
    for (agent, too_late) in [
        ("ld-1", "INACTIVE"),
        ("fl-1", "REFUSED PENDING_APPROVAL fl-1"),
    ] {
        let pair = async |_: &mut Desk| Pair {
            acts: [Act::Approve("ld-1"), Act::Suspend(agent)],
            first: ["APPROVED", "SUSPENDED"],
            second: [too_late, "SUSPENDED"],
        };
        let mend = async |desk: &mut Desk| {
            let back = kernel::suspend(&mut desk.app, desk.tenant, agent, false).await;
            assert!(back.unwrap());
        };
        Race::of(7000, LEAD).await.run(pair, mend).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn approve_and_take_back_what_was_lent() {
    let pair = async |desk: &mut Desk| {
        let lending = Lending::of("ld-1", "pm-1", desk.within(600));
        desk.lends(&lending).await;
        Pair {
            acts: [Act::Approve("pm-1"), Act::Revoke(lending.id)],
            first: ["APPROVED", "REVOKED"],
            second: ["NOT_ASKED", "REVOKED"],
        }
    };
    let mut race = Race::of(7000, LEAD).await;
    race.waits = 1;
    race.run(pair, async |_| ()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reassign_and_approve() {
    // who hands it on does not answer it; who answers it has nothing to hand on
    let acts = [Act::Reassign("ld-1", "mg-1"), Act::Approve("ld-1")];
    let race = Race::of(7000, LEAD).await;
    race.runs(
        acts,
        ["REASSIGNED", "NOT_ASKED"],
        ["STALE APPROVED ld-1", "APPROVED"],
    )
    .await;

    // handing it on takes nothing from the others who were asked
    let acts = [Act::Reassign("ld-1", "mg-2"), Act::Approve("mg-1")];
    let race = Race::of(7000, TWO).await;
    race.runs(
        acts,
        ["REASSIGNED", "APPROVED"],
        ["STALE APPROVED mg-1", "APPROVED"],
    )
    .await;
}

/// Two replicas take one step; and asking one more person takes nothing from who answers meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn ask_and_ask() {
    let acts = [Act::Ask(0, "ld-1"), Act::Ask(0, "mg-1")];
    let race = Race::of(7000, &[]).await;
    race.runs(acts, ["ASKED", "STALE"], ["STALE", "ASKED"])
        .await;

    let acts = [Act::Ask(1, "mg-1"), Act::Approve("ld-1")];
    let mut race = Race::of(7000, LEAD).await;
    race.waits = 60;
    race.runs(acts, ["ASKED", "APPROVED"], ["STALE", "APPROVED"])
        .await;
}

/// Two batches of the same questions in another order wait for a third session that holds one in their middle: when it lets go,
/// neither stands in the other's way, and each step is taken once.
#[tokio::test(flavor = "multi_thread")]
async fn ask_many_and_ask_many() {
    let mut desk = Desk::of(&roomy()).await;
    let mut holder = desk.database.app().await;
    for round in 0..5 {
        let mut steps = Vec::new();
        for number in 0..12 {
            let customer = format!("c-{round}-{number}");
            let asked = Asked::of("fl-1", "basket", &customer, 7000);
            let (_, seen) = desk.request(&asked).await;
            steps.push(kernel::Step {
                id: seen.id,
                step: 0,
                agents: vec![("ld-1", "LINE")],
                until: Until {
                    answer_by: desk.within(60),
                    due_at: Some(desk.within(60)),
                    expires_at: Some(desk.within(120)),
                },
            });
        }
        let held = &steps[6];
        holder.execute("begin").await.unwrap();
        kernel::lapse(&mut holder, desk.tenant, held.id, 0)
            .await
            .unwrap();
        let backwards: Vec<_> = steps.iter().rev().cloned().collect();
        let mut running = JoinSet::new();
        for steps in [steps, backwards] {
            let (mut app, tenant) = (desk.database.app().await, desk.tenant);
            running.spawn(async move { kernel::ask_all(&mut app, tenant, &steps).await.unwrap() });
        }
        wait_for_waiters(&mut desk.sql, 2).await;
        holder.execute("rollback").await.unwrap();
        let words = running.join_all().await.concat();
        let taken = words.iter().filter(|word| *word == "ASKED").count();
        let stale = words.iter().filter(|word| *word == "STALE").count();
        assert_eq!((taken, stale), (12, 12), "round {round}");
    }
    desk.holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ask_and_decline_what_nobody_can_answer() {
    let mut document = roomy();
    for agent in document["agents"].as_array_mut().unwrap() {
        if agent["level"] != "frontline" {
            agent["level"] = "duty".into();
        }
    }
    let mut race = Race::of(12000, &[]).await;
    race.desk.applies(&document).await;
    let acts = [Act::Ask(0, "ld-1"), Act::DeclineUnanswerable];
    race.runs(acts, ["ASKED", "STALE"], ["STALE", "DECLINED"])
        .await;
}
