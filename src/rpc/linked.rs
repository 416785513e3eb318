//! Behind the gate: what is done to a gesture later is linked to what was done to it before ([`crate::trail::link_back`]).
//!
//! It asks after the answer, since only then it is known which gesture the call is about, and only for calls that are told.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::{Request, Response};
use tower::{Layer, Service};

use crate::identity::Caller;
use crate::ids::GestureId;
use crate::postgres::Database;
use crate::telemetry::traces::{self, Facts};
use crate::trail::link_back;

/// The longest that an answer waits for its links.
const LINKED_WITHIN: Duration = Duration::from_millis(50);

/// Puts [`Linked`] around the services.
#[derive(Debug, Clone)]
pub struct LinkLayer {
    /// Where the trail is.
    pub database: Database,
}

impl<S> Layer<S> for LinkLayer {
    type Service = Linked<S>;

    fn layer(&self, inner: S) -> Linked<S> {
        Linked {
            database: self.database.clone(),
            inner,
        }
    }
}

/// Services whose calls are linked to what came before.
#[derive(Debug, Clone)]
pub struct Linked<S> {
    database: Database,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Linked<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send,
    R: Send,
    B: Send + 'static,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let caller = request.extensions().get::<Caller>();
        let tenant = caller.and_then(|caller| caller.tenant);
        let is_later = !traces::is_first(request.uri().path());
        let answer = self.inner.call(request);
        let database = self.database.clone();
        Box::pin(async move {
            let answer = answer.await?;
            // A refusal has changed nothing, and says so at once.
            let is_done = !answer.headers().contains_key("grpc-status");
            let gesture = Facts::here().and_then(|facts| facts.gesture.get().copied());
            if let (true, Some(tenant), Some(gesture)) = (is_later && is_done, tenant, gesture) {
                let linked = link_back(&database, tenant, GestureId(gesture));
                // Without links rather than late.
                let _ = tokio::time::timeout(LINKED_WITHIN, linked).await;
            }
            Ok(answer)
        })
    }
}
