//! What is decided alone: answers, revisions and whatever else has no batch of its like. It takes its turn like a batch, and
//! however many of them wait, they hold their share of the connections (`queue`), and requests go on beside them.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::Reply;
use super::batch::put_until_known;
use crate::postgres::{Database, PgConnection, Statement};

/// One of them, whatever it answers.
pub(super) trait Single: Send {
    /// Whether anybody still waits for the answer.
    fn is_wanted(&self) -> bool;

    /// Runs it and answers.
    fn run(self: Box<Self>, database: Database) -> BoxFuture<'static, ()>;
}

/// A statement that is put until it is known what it did.
pub(super) fn single<T, F>(name: &'static str, statement: F, reply: Reply<T>) -> Box<dyn Single>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut PgConnection) -> Statement<'c, T> + Send + Sync + 'static,
{
    Box::new(Alone {
        name,
        statement: Arc::new(statement),
        reply,
    })
}

struct Alone<T, F> {
    name: &'static str,
    statement: Arc<F>,
    reply: Reply<T>,
}

impl<T, F> Single for Alone<T, F>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut PgConnection) -> Statement<'c, T> + Send + Sync + 'static,
{
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(self: Box<Self>, database: Database) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            let put = || {
                let statement = self.statement.clone();
                database.write(self.name, move |connection| statement(connection))
            };
            let answer = put_until_known(put).await;
            // Whoever does not wait any more finds the answer by the gesture's id.
            drop(self.reply.send(answer));
        })
    }
}
