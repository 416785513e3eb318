//! A tenant at the kernel, without a service, where questions are asked and answered on a clock that the test moves.
//!
//! fl-1 to fl-4 give 60.00 at once, and break the glass for 80.00 a month. Above fl-1, fl-2 and fl-3 stand ld-1 (150.00),
//! mg-1, mg-2 and top-1 (500.00, which nobody passes); above fl-4 the software sw-1 and mg-1. Above 200.00 a basket needs
//! two people. The pool `duty` gives up to 100.00; mg-1, pm-1 and fl-3 answer for it. Two accounts of one person:
//! fl-1-second and fl-1-software (fl-1's), ld-1-second (ld-1's), mg-1-second (mg-1's), and fl-5, whose manager mg-5 is
//! their own.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::kernel::{self, Answering, Asked, Lending, Seen, Told, Until};
use super::{Clock, Rows, TestDatabase, assert_at_rest, clock, rows};

/// When every test begins: 11:00 in Berlin, on a Friday.
const MORNING: &str = "2026-11-27T10:00:00Z";

/// A tenant, and two connections to it.
pub struct Desk {
    pub database: TestDatabase,
    /// With the service's credentials.
    pub app: PgConnection,
    pub sql: PgConnection,
    pub tenant: Uuid,
    pub now: DateTime<Utc>,
}

impl Desk {
    /// As described above.
    pub async fn open() -> Self {
        Self::of(&Self::document()).await
    }

    /// With another document.
    pub async fn of(document: &Value) -> Self {
        let database = TestDatabase::new(Clock::Movable).await;
        let (mut app, mut sql) = (database.app().await, database.superuser().await);
        let now = MORNING.parse().unwrap();
        clock::set(&mut sql, now).await;
        let applied = kernel::apply(&mut app, "desk", 0, document).await;
        let (tenant, _) = applied.unwrap();
        Self {
            database,
            app,
            sql,
            tenant,
            now,
        }
    }

    /// The document, for a test that wants another one.
    pub fn document() -> Value {
        serde_json::from_str(include_str!("desk.json")).unwrap()
    }

    /// It is so many minutes later.
    pub async fn later(&mut self, minutes: i64) {
        self.now += TimeDelta::minutes(minutes);
        clock::set(&mut self.sql, self.now).await;
    }

    /// So many minutes from now.
    pub fn within(&self, minutes: i64) -> DateTime<Utc> {
        self.now + TimeDelta::minutes(minutes)
    }

    /// Asks for something; how it was answered, and the gesture as it then is.
    pub async fn request(&mut self, asked: &Asked) -> (String, Seen) {
        let batch = std::slice::from_ref(asked);
        let answers = kernel::admit(&mut self.app, self.tenant, batch).await;
        let outcome = answers.unwrap().remove(0).outcome;
        (outcome, self.seen(asked.id).await)
    }

    /// Asks for something that waits then, and asks these people about it.
    pub async fn waiting(&mut self, asked: &Asked, of: &[&str]) -> Seen {
        let (outcome, seen) = self.request(asked).await;
        assert_eq!(outcome, "NEEDS_APPROVAL");
        self.ask(seen.id, 0, of).await;
        self.seen(seen.id).await
    }

    /// The next step of a question: these people are asked for an hour; it ends an hour after that.
    pub async fn ask(&mut self, id: Uuid, step: i32, agents: &[&str]) {
        assert_eq!(self.try_to_ask(id, step, agents).await.unwrap(), "ASKED");
    }

    /// The same, where it may be refused.
    pub async fn try_to_ask(
        &mut self,
        id: Uuid,
        step: i32,
        agents: &[&str],
    ) -> Result<String, sqlx::Error> {
        let how = |agent: &&str| if *agent == "duty" { "POOL" } else { "LINE" };
        let agents: Vec<(&str, &str)> = agents.iter().map(|agent| (*agent, how(agent))).collect();
        let until = Until {
            answer_by: self.within(60),
            due_at: Some(self.within(60)),
            expires_at: Some(self.within(120)),
        };
        kernel::ask(&mut self.app, self.tenant, id, step, &agents, until).await
    }

    /// A gesture as it is now.
    pub async fn seen(&mut self, id: Uuid) -> Seen {
        kernel::seen(&mut self.sql, id).await
    }

    /// Answers.
    pub async fn answers(&mut self, answering: &Answering) -> Told {
        let told = kernel::decide(&mut self.app, self.tenant, answering).await;
        told.unwrap()
    }

    /// Answers, and is refused: not a row more or less is there afterwards, and nothing was said of a gesture to whoever
    /// may not know of it.
    pub async fn refuses(&mut self, answering: &Answering, outcome: &str) -> Told {
        let before = self.written().await;
        let told = self.answers(answering).await;
        assert_eq!(told.outcome, outcome, "{answering:?}");
        assert_eq!(self.written().await, before, "{answering:?}");
        let may_know = ["STALE", "NOT_ALLOWED", "MOVED", "REFUSED", "SAME_PERSON"];
        let is_told = told.state.is_some() || told.etag.is_some() || told.by.is_some();
        assert_eq!(is_told, may_know.contains(&outcome), "{told:?}");
        told
    }

    /// A yes and a no to what was seen are both refused.
    pub async fn refuses_both(
        &mut self,
        actor: &str,
        authority: Option<&str>,
        seen: &Seen,
        outcome: &str,
    ) {
        for answering in [Answering::yes(actor, seen), Answering::no(actor, seen)] {
            let answering = Answering {
                authority: authority.map(str::to_owned),
                ..answering
            };
            self.refuses(&answering, outcome).await;
        }
    }

    /// What a yes like this would get now, by whoever looks before they answer.
    pub async fn stands(
        &mut self,
        answering: &Answering,
        authority: &str,
    ) -> (String, Vec<String>) {
        let actor = &answering.actor;
        let told =
            kernel::standing(&mut self.app, self.tenant, answering.id, actor, authority).await;
        told.unwrap().unwrap()
    }

    /// Hands a question on, for half an hour.
    pub async fn hands_on(&mut self, actor: &str, seen: &Seen, to: &str) -> Told {
        let answer_by = self.within(30);
        let told = kernel::reassign(&mut self.app, self.tenant, actor, seen, to, answer_by).await;
        told.unwrap()
    }

    /// Lends authority.
    pub async fn lends(&mut self, lending: &Lending) {
        let lent = kernel::delegate(&mut self.app, self.tenant, lending).await;
        assert_eq!(lent.unwrap().outcome, "MADE", "{lending:?}");
    }

    /// Suspends an agent.
    pub async fn suspends(&mut self, agent: &str) {
        let changed = kernel::suspend(&mut self.app, self.tenant, agent, true).await;
        assert!(changed.unwrap());
    }

    /// Applies the next version of the document.
    pub async fn applies(&mut self, document: &Value) {
        let version: i32 = sqlx::query_scalar("select configuration_version from largesse.tenants")
            .fetch_one(&mut self.sql)
            .await
            .unwrap();
        let applied = kernel::apply(&mut self.app, "desk", version, document).await;
        applied.unwrap();
    }

    /// How many rows there are, and where every gesture and every question stands.
    pub async fn written(&mut self) -> (Rows, String) {
        let stands = sqlx::query_scalar(
            "select md5(string_agg(x.t, '|' order by x.t)) from (
                 select g::text t from largesse.gestures g
                 union all select a::text from largesse.approvals a
                 union all select a::text from largesse.asks a
                 union all select t::text from largesse.timers t
                 union all select d::text from largesse.delegations d
                 union all select k::text from largesse.counters k
                 union all select w::text from largesse.approver_waits w) x",
        );
        let stands: Option<String> = stands.fetch_one(&mut self.sql).await.unwrap();
        (rows(&mut self.sql).await, stands.unwrap_or_default())
    }

    /// Everything that must hold, holds.
    pub async fn holds(&mut self) {
        assert_at_rest(&mut self.sql).await;
    }
}
