//! Fulfilment: fulfillers lease the tasks of their channel, order what is to be ordered, and report.
//!
//! - `leasing`: up to so many tasks, now or as they come. A lease is a row in Postgres (`lease`), durable before it is answered.
//! - `waiting`: thousands may wait; per channel one look at the database every half second is shared by all of them.
//! - Reports go through the tenant's lane ([`crate::admission::Admission::report`]), where the money follows them.
//! - [`Fulfilments::watch`] looks at a promise when its timer is due.
//!
//! **Invariant:** a fulfiller sees of a person only what its channel needs: the fields of the recipient that the catalog demands of
//! the kind, and the message where the kind goes to somebody (`leasing::shown`).

mod leasing;
mod store;
mod waiting;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

pub use leasing::{Task, TaskStream, Wanted};

use crate::admission::{Admission, Report, Reported, Said};
use crate::identity::Caller;
use crate::ids::{GestureId, TenantId};
use crate::postgres::Database;
use crate::problem::Problem;
use crate::vault::Vault;
use waiting::Waiting;

/// The use cases of fulfilment.
#[derive(Debug, Clone)]
pub struct Fulfilments {
    database: Database,
    admission: Admission,
    vault: Vault,
    waiting: Waiting,
    stopping: watch::Receiver<bool>,
}

impl Fulfilments {
    /// The use cases in this database. Reports meet in the lanes of `admission`; who waits for tasks is let go when the service
    /// is `stopping`.
    pub fn new(database: Database, admission: Admission, stopping: watch::Receiver<bool>) -> Self {
        Self {
            vault: Vault::new(database.clone()),
            waiting: Waiting::new(database.clone()),
            database,
            admission,
            stopping,
        }
    }

    /// Follows a report on a task.
    ///
    /// # Errors
    /// Those of [`Admission::report`].
    pub async fn report(
        &self,
        caller: &Caller,
        (task, token): (GestureId, i32),
        said: Said,
    ) -> Result<Reported, Problem> {
        let report = Report {
            task,
            token,
            holder: caller.subject.clone(),
            said,
            credential: caller.credential.clone(),
        };
        self.admission.report(caller.tenant()?, report).await
    }

    /// Makes a lease last so much longer from now on; says until when.
    ///
    /// # Errors
    /// [`Problem::TaskNotFound`], [`Problem::LeaseLost`], [`Problem::StateForbids`].
    pub async fn extend(
        &self,
        caller: &Caller,
        (task, token): (GestureId, i32),
        lasting: Duration,
    ) -> Result<DateTime<Utc>, Problem> {
        let tenant = caller.tenant()?;
        let holder = &caller.subject;
        let answer = store::extend(&self.database, tenant, (task, token), holder, lasting).await?;
        match (answer.outcome.as_str(), answer.leased_until) {
            ("EXTENDED", Some(until)) => Ok(until),
            ("UNKNOWN", _) => Err(Problem::TaskNotFound(task)),
            ("NOT_LEASED", _) => Err(Problem::LeaseLost(task)),
            ("NOT_ALLOWED", _) => Err(Problem::StateForbids {
                id: task,
                state: answer.state.unwrap_or_default(),
                by: None,
                needed: "APPROVED",
            }),
            (other, _) => Err(Problem::defect(&format!("extend_lease answered {other}"))),
        }
    }

    /// Looks at what was promised with a gesture, and at what has become of it by now.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn watch(&self, tenant: TenantId, id: GestureId) -> Result<(), Problem> {
        store::watch_promise(&self.database, tenant, id).await
    }
}
