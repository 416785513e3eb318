//! The admission lanes: natural batching, without a timer.
//!
//! Requests of a tenant meet in its lane. While one batch is being decided the next one gathers, so that the busier it is the
//! larger are the batches, and whoever comes alone is decided alone, at once.
//!
//! | step | round trips | what |
//! |---|---|---|
//! | take | 0 | the tenant whose turn it is; up to so many of its lane (`queue`, pure) |
//! | seal | 1 | the customers' keys, made where there are none; what is personal is sealed under them |
//! | decide | 1 | `admit`, `settle`, `report` or `ask`: one statement, one commit for all; `decide`, `revise` and the like: one for each |
//! | answer | 0 | each caller its own |
//! | help | 1 | for those who did not hear a yes: what was lately given, read once for all of them; the lane goes on meanwhile |
//!
//! - A batch runs on a task of its own: an RPC that is cancelled never takes a transaction down with it. Whoever went away
//!   before the batch was taken is not decided at all; a caller's deadline ends its waiting.
//! - Tasks exist while there is something to do, at most `connections_max` of them, and each holds a connection while a
//!   statement runs.
//! - **What goes wrong concerns whom it must.** A statement that Postgres refused whole is tried again element by element. A lost
//!   connection at the commit: the batch is put again, and `admit` answers what it had already done as a replay; the others too.
//!   Where that fails as well the outcome is unknown, and says so.
//! - Bounds on everything: [`LaneBounds`]. A full lane refuses at once ([`Problem::Overloaded`]).

mod alone;
mod batch;
mod bounds;
mod queue;
mod told;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::context::FutureExt as _;
use tokio::sync::oneshot;
use tokio::time::Instant;

use alone::Single;
use batch::{answer_all, decided, together, vec_of};
use bounds::Kind;
pub use bounds::LaneBounds;
use queue::{Claim, Entry, Queue, Taken};
use told::Told;

use super::Request;
use super::report::Report;
use super::report::store::{self as reports, ReportAnswer};
use super::step::store as steps;
use super::step::{Step, StepAnswer};
use super::store::{self, AdmitAnswer, Cancellation, Concerned, SettleAnswer};
use crate::ids::{AgentId, GestureId, TenantId};
use crate::postgres::{Database, Failure, PgConnection, Statement};
use crate::problem::Problem;
use crate::telemetry::metrics::metrics;
use crate::telemetry::names;
use crate::vault::{SealedPersonal, SealedPlace, Vault};

/// How long those who did not hear a yes wait for what was lately given.
const HELP_MAX: Duration = Duration::from_secs(1);

/// Where the answer goes.
type Reply<T> = oneshot::Sender<Result<T, Failure>>;

/// What is to be decided, and for whom.
enum Work {
    Admit(Box<Request>, Reply<AdmitAnswer>),
    Cancel(Cancellation, Reply<SettleAnswer>),
    Report(Report, Reply<ReportAnswer>),
    Step(Step, Reply<StepAnswer>),
    Alone(Box<dyn Single>),
}

impl Work {
    fn is_wanted(&self) -> bool {
        match self {
            Self::Admit(_, reply) => !reply.is_closed(),
            Self::Cancel(_, reply) => !reply.is_closed(),
            Self::Report(_, reply) => !reply.is_closed(),
            Self::Step(_, reply) => !reply.is_closed(),
            Self::Alone(single) => single.is_wanted(),
        }
    }
}

/// The lanes of this process.
#[derive(Clone)]
pub struct Lanes {
    shared: Arc<Shared>,
}

struct Shared {
    database: Database,
    vault: Vault,
    bounds: LaneBounds,
    state: Mutex<State>,
}

struct State {
    queue: Queue<Work>,
    /// How many tasks take from the queue.
    takers: usize,
}

impl std::fmt::Debug for Lanes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lanes")
            .field("bounds", &self.shared.bounds)
            .finish_non_exhaustive()
    }
}

impl Lanes {
    /// Lanes into this database, with these bounds.
    pub fn new(database: Database, bounds: LaneBounds) -> Self {
        let queue = Queue::new(bounds);
        let shared = Arc::new(Shared {
            vault: Vault::new(database.clone()),
            database,
            bounds,
            state: Mutex::new(State { queue, takers: 0 }),
        });
        let lanes = Arc::downgrade(&shared);
        metrics().observe(names::LANE_DEPTH, move |tell| {
            if let Some(shared) = lanes.upgrade() {
                let depth = u32::try_from(shared.state().queue.depth()).unwrap_or(u32::MAX);
                tell(f64::from(depth), &[]);
            }
        });
        Self { shared }
    }

    /// Decides a request in its turn.
    pub(super) async fn admit(
        &self,
        tenant: TenantId,
        request: Box<Request>,
    ) -> Result<AdmitAnswer, Problem> {
        let (agent, id) = (request.agent.clone(), request.id);
        let work = |reply| Work::Admit(request, reply);
        let outcome = |answer: &AdmitAnswer| Some((answer.outcome_name(), answer.replayed));
        self.in_turn(tenant, Kind::Admission, (Some(agent), id), work, outcome)
            .await
    }

    /// Cancels a gesture in its turn.
    pub(super) async fn cancel(
        &self,
        tenant: TenantId,
        asked: Cancellation,
    ) -> Result<SettleAnswer, Problem> {
        let (agent, id) = (asked.actor.clone(), asked.id);
        let work = |reply| Work::Cancel(asked, reply);
        self.in_turn(tenant, Kind::Cancellation, (Some(agent), id), work, |_| {
            None
        })
        .await
    }

    /// Follows a report in its turn.
    pub(super) async fn report(
        &self,
        tenant: TenantId,
        report: Report,
    ) -> Result<ReportAnswer, Problem> {
        let (agent, id) = (report.holder.clone(), report.task);
        let work = |reply| Work::Report(report, reply);
        self.in_turn(tenant, Kind::Report, (Some(agent), id), work, |_| None)
            .await
    }

    /// Takes the next step of a question in its turn.
    ///
    /// # Errors
    /// As [`Lanes::write`].
    pub(crate) async fn step(&self, tenant: TenantId, step: Step) -> Result<StepAnswer, Problem> {
        let id = step.gesture;
        let work = |reply| Work::Step(step, reply);
        self.in_turn(tenant, Kind::Step, (None, id), work, |_| None)
            .await
    }

    /// Runs a statement that writes by itself, in the turn of its tenant and after whatever else its agent asked. It must
    /// know its own repetition: where the connection was lost it is put again.
    ///
    /// # Errors
    /// [`Problem::Overloaded`] where the lane is full or the turn did not come in time; those of
    /// [`Database::write`](crate::postgres::Database::write).
    pub(crate) async fn write<T, F>(
        &self,
        tenant: TenantId,
        (agent, id): (AgentId, GestureId),
        name: &'static str,
        statement: F,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut PgConnection) -> Statement<'c, T> + Send + Sync + 'static,
    {
        let work = |reply| Work::Alone(alone::single(name, statement, reply));
        self.in_turn(tenant, Kind::Alone, (Some(agent), id), work, |_| None)
            .await
    }

    /// The answer; whoever is not taken in time, even where every batch hangs, goes with nothing done.
    async fn awaited<T>(
        &self,
        mut answer: oneshot::Receiver<Result<T, Failure>>,
        claim: &Claim,
    ) -> Result<T, Failure> {
        // Whoever goes away before a lane has taken it leaves no place behind that counts.
        let _given_up = GivenUp(claim);
        let too_long = tokio::time::sleep(self.shared.bounds.wait_max);
        let in_time = tokio::select! {
            answer = &mut answer => Some(answer),
            () = too_long => None,
        };
        let answer = match in_time {
            Some(answer) => answer,
            None if claim.take() => return Err(Failure::Busy),
            None => answer.await,
        };
        // A lane that ended without an answer was stopped in the middle of something.
        answer.unwrap_or(Err(Failure::OutcomeUnknown))
    }

    /// Puts it at the end of its tenant's lane, and waits until it is answered.
    async fn in_turn<T>(
        &self,
        tenant: TenantId,
        kind: Kind,
        (agent, id): (Option<AgentId>, GestureId),
        work: impl FnOnce(Reply<T>) -> Work,
        outcome: impl FnOnce(&T) -> Option<(&'static str, bool)>,
    ) -> Result<T, Problem> {
        let told = Told::begin(id);
        let (reply, answer) = oneshot::channel();
        let claim = Claim::default();
        let entry = Entry {
            kind,
            agent,
            id,
            since: Instant::now(),
            claim: claim.clone(),
            place: told.place(),
            work: work(reply),
        };
        if let Err(full) = self.put(tenant, entry) {
            told.end(None, Some("lane_full"));
            return Err(full);
        }
        let answer = self.awaited(answer, &claim).await;
        let error = answer.as_ref().err().map(Failure::name);
        told.end(answer.as_ref().ok().and_then(outcome), error);
        answer.map_err(Problem::from)
    }

    fn put(&self, tenant: TenantId, entry: Entry<Work>) -> Result<(), Problem> {
        let mut state = self.shared.state();
        state
            .queue
            .push(tenant, entry)
            .map_err(|_| Problem::Overloaded)?;
        self.shared.call_a_taker(&mut state);
        Ok(())
    }
}

/// Gives a request up, unless a lane has taken it, when it is dropped.
struct GivenUp<'c>(&'c Claim);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        self.0.take();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked with it left a queue that is whole: every change of it is one call.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides batch after batch until nothing waits that may be decided.
    async fn take_all(self: Arc<Self>) {
        while let Some(taken) = self.take() {
            let agents: Vec<AgentId> = taken
                .entries
                .iter()
                .filter_map(|entry| entry.agent.clone())
                .collect();
            let (tenant, kind) = (taken.tenant, taken.kind);
            let context = told::batch(&taken);
            self.decide(taken).with_context(context).await;
            self.state().queue.done(tenant, kind, &agents);
        }
    }

    /// One more task that takes from the queue, where there may be one more.
    fn call_a_taker(self: &Arc<Self>, state: &mut State) {
        if state.takers < self.bounds.connections_max {
            state.takers += 1;
            tokio::spawn(self.clone().take_all());
        }
    }

    fn take(self: &Arc<Self>) -> Option<Taken<Work>> {
        let mut state = self.state();
        let taken = state.queue.take(Work::is_wanted);
        if taken.is_none() {
            state.takers -= 1;
        } else if state.queue.is_in_turn() {
            // The end of one batch may let several others begin, and those who brought them found nothing to do at the time.
            self.call_a_taker(&mut state);
        }
        taken
    }

    async fn decide(&self, taken: Taken<Work>) {
        tracing::trace!(
            tenant.id = %taken.tenant,
            kind = ?taken.kind,
            size = taken.entries.len(),
            "a batch is decided"
        );
        let (mut admissions, mut cancellations) = (Vec::new(), Vec::new());
        let (mut reports, mut steps) = (Vec::new(), Vec::new());
        for entry in taken.entries {
            match entry.work {
                Work::Admit(request, reply) => admissions.push((*request, reply)),
                Work::Cancel(asked, reply) => cancellations.push((asked, reply)),
                Work::Report(report, reply) => reports.push((report, reply)),
                Work::Step(step, reply) => steps.push((step, reply)),
                Work::Alone(single) => single.run(self.database.clone()).await,
            }
        }
        let (database, tenant) = (&self.database, taken.tenant);
        if !admissions.is_empty() {
            self.admit(tenant, admissions).await;
        }
        together(cancellations, |batch| {
            store::settle(database, tenant, batch)
        })
        .await;
        together(reports, |batch| reports::report(database, tenant, batch)).await;
        together(steps, |batch| steps::ask(database, tenant, batch)).await;
    }

    async fn admit(&self, tenant: TenantId, asked: Vec<(Request, Reply<AdmitAnswer>)>) {
        let (requests, replies): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let concerned: Vec<Concerned> = requests
            .iter()
            .map(|request| Concerned::of(&request.terms, Some(request.id)))
            .collect();
        let kinds: Vec<String> = requests.iter().map(|it| it.terms.kind.clone()).collect();
        match self.sealed(tenant, requests).await {
            Ok(sealed) => {
                let decide = |batch| store::admit(&self.database, tenant, batch);
                let answers = decided(sealed, decide).await;
                for (answer, kind) in answers.iter().zip(&kinds) {
                    if let Ok(answer) = answer {
                        told::decided(answer, kind);
                    }
                }
                let mut refused = Vec::new();
                for ((reply, answer), concerned) in replies.into_iter().zip(answers).zip(concerned)
                {
                    match answer {
                        Ok(answer) if answer.is_new_no() => {
                            refused.push((reply, answer, concerned));
                        }
                        answer => drop(reply.send(answer)),
                    }
                }
                if !refused.is_empty() {
                    tokio::spawn(answer_refused(self.database.clone(), tenant, refused));
                }
            }
            // What is decided comes after the keys: it was not sent.
            Err(failure) => {
                let failures = vec_of(replies.len(), &failure.before_writing());
                answer_all(replies, failures);
            }
        }
    }

    async fn sealed(
        &self,
        tenant: TenantId,
        requests: Vec<Request>,
    ) -> Result<Vec<(Request, SealedPersonal)>, Failure> {
        let place = |gesture| SealedPlace {
            tenant,
            gesture,
            seq: 1,
        };
        let asked: Vec<_> = requests
            .iter()
            .map(|request| {
                (
                    &request.terms.customer,
                    place(request.id),
                    &request.personal,
                )
            })
            .collect();
        let sealed = self.vault.seal_all(tenant, &asked).await?;
        Ok(requests.into_iter().zip(sealed).collect())
    }
}

/// Answers those who did not hear a yes, with what was lately given. Where that cannot be read in time they are answered without: what was
/// decided is known.
async fn answer_refused(
    database: Database,
    tenant: TenantId,
    refused: Vec<(Reply<AdmitAnswer>, AdmitAnswer, Concerned)>,
) {
    let concerned: Vec<Concerned> = refused.iter().map(|(.., one)| one.clone()).collect();
    let similar = tokio::time::timeout(HELP_MAX, store::similar(&database, tenant, &concerned));
    let similar = similar.await.map(Result::unwrap_or_default);
    let mut similar = similar.unwrap_or_default().into_iter();
    for (reply, answer, _) in refused {
        let similar = similar.next().unwrap_or_default();
        drop(reply.send(Ok(AdmitAnswer { similar, ..answer })));
    }
}
