//! A batch, decided and answered, with what goes wrong kept to those concerned.

use std::sync::Arc;
use std::time::Duration;

use super::Reply;
use crate::postgres::Failure;

/// How often a batch is put again after its connection was lost.
const LOOKS_MAX: u32 = 3;
/// How long to wait before, each time so much longer.
const LOOK_PAUSE: Duration = Duration::from_millis(150);

/// Decides what is asked together, and answers each.
pub(super) async fn together<A, T, D, F>(asked: Vec<(A, Reply<T>)>, decide: D)
where
    D: Fn(Arc<Vec<A>>) -> F,
    F: Future<Output = Result<Vec<T>, Failure>>,
{
    if asked.is_empty() {
        return;
    }
    let (batch, replies): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
    answer_all(replies, decided(batch, decide).await);
}

/// Decides a batch, with what goes wrong kept to those concerned: an answer per element.
pub(super) async fn decided<A, T, D, F>(batch: Vec<A>, decide: D) -> Vec<Result<T, Failure>>
where
    D: Fn(Arc<Vec<A>>) -> F,
    F: Future<Output = Result<Vec<T>, Failure>>,
{
    let count = batch.len();
    let batch = Arc::new(batch);
    match surely(batch.clone(), &decide).await {
        Ok(answers) => answers.into_iter().map(Ok).collect(),
        // One of them has the whole batch refused: each is decided alone, and only that one hears of it.
        Err(Failure::Raised { .. } | Failure::Defect(_)) if count > 1 => {
            let Some(batch) = Arc::into_inner(batch) else {
                return vec_of(count, &Failure::Defect("a batch is still in use".into()));
            };
            let mut answers = Vec::with_capacity(count);
            for element in batch {
                let alone = surely(Arc::new(vec![element]), &decide).await;
                answers.push(alone.and_then(|mut answers| answers.pop().ok_or_else(too_few)));
            }
            answers
        }
        Err(failure) => vec_of(count, &failure),
    }
}

/// Decides a batch as a whole.
async fn surely<A, T, D, F>(batch: Arc<Vec<A>>, decide: &D) -> Result<Vec<T>, Failure>
where
    D: Fn(Arc<Vec<A>>) -> F,
    F: Future<Output = Result<Vec<T>, Failure>>,
{
    match put_until_known(|| decide(batch.clone())).await {
        Ok(answers) if answers.len() < batch.len() => Err(too_few()),
        other => other,
    }
}

/// Runs what knows its own repetition. Where its connection was lost it is put again: done or not, it is answered as what it was
/// the first time, or done now.
pub(super) async fn put_until_known<T, F>(put: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, Failure>>,
{
    let mut answer = put().await;
    for look in 1..=LOOKS_MAX {
        if !matches!(answer, Err(Failure::OutcomeUnknown)) {
            break;
        }
        tokio::time::sleep(LOOK_PAUSE * look).await;
        // A failure says that nothing was written this time, and nothing of the first.
        answer = put().await.map_err(|_| Failure::OutcomeUnknown);
    }
    answer
}

fn too_few() -> Failure {
    Failure::Defect("fewer answers than questions".into())
}

pub(super) fn vec_of<T>(count: usize, failure: &Failure) -> Vec<Result<T, Failure>> {
    (0..count).map(|_| Err(failure.clone())).collect()
}

pub(super) fn answer_all<T>(replies: Vec<Reply<T>>, answers: Vec<Result<T, Failure>>) {
    for (reply, answer) in replies.into_iter().zip(answers) {
        // Whoever does not wait any more finds the answer by the gesture's id.
        drop(reply.send(answer));
    }
}
