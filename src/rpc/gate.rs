//! The gate in front of every service: method → rule, credential → caller, caller → tenant and roster.
//!
//! What it lets through carries a [`crate::identity::Caller`]; what it refuses has not been read. It answers in the
//! same words and after the same look-ups whether or not an object exists: it looks at no object.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use tonic::body::Body;
use tower::{Layer, Service};

use super::access::{Rule, rule};
use super::status::{reason, to_status};
use crate::authority::Authorities;
use crate::identity::{Caller, Role, Verifier};
use crate::problem::Problem;
use crate::telemetry::traces;

/// Puts a [`Gate`] in front of a service.
#[derive(Clone)]
pub struct GateLayer {
    keeper: Arc<Keeper>,
}

/// What the gate knows.
struct Keeper {
    verifier: Verifier,
    authorities: Authorities,
}

impl GateLayer {
    /// A gate that believes this verifier and asks this roster.
    pub fn new(verifier: Verifier, authorities: Authorities) -> Self {
        Self {
            keeper: Arc::new(Keeper {
                verifier,
                authorities,
            }),
        }
    }
}

impl<S> Layer<S> for GateLayer {
    type Service = Gate<S>;

    fn layer(&self, inner: S) -> Gate<S> {
        Gate {
            keeper: self.keeper.clone(),
            inner,
        }
    }
}

/// A service behind the gate.
#[derive(Clone)]
pub struct Gate<S> {
    keeper: Arc<Keeper>,
    inner: S,
}

impl<S, B> Service<Request<B>> for Gate<S>
where
    S: Service<Request<B>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The service that was polled ready goes with this call; its clone waits for the next.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let keeper = self.keeper.clone();
        Box::pin(async move {
            let (mut head, body) = request.into_parts();
            match keeper.admit(head.uri.path(), &head.headers).await {
                Ok(caller) => {
                    if let Some(caller) = caller {
                        head.extensions.insert(caller);
                    }
                    inner.call(Request::from_parts(head, body)).await
                }
                Err(problem) => {
                    let method = if rule(head.uri.path()).is_some() {
                        head.uri.path()
                    } else {
                        "_OTHER"
                    };
                    // The word alone: a sentence may name what a stranger wrote into a path.
                    tracing::info!(method, reason = reason(&problem), "refused at the gate");
                    Ok(to_status(problem).into_http())
                }
            }
        })
    }
}

impl Keeper {
    /// The caller, where the method demands one.
    async fn admit(&self, method: &str, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
        let (roles, asks_roster) = match rule(method) {
            None => return Err(Problem::MethodClosed(method.to_owned())),
            Some(Rule::Open) => return Ok(None),
            Some(Rule::Roles(roles)) => (roles, true),
            Some(Rule::Deciding(roles)) => (roles, false),
        };
        let mut caller = self.verifier.believe(bearer(headers)?).await?;
        caller.credential.trace = traces::here();
        if !roles.iter().any(|role| caller.has(*role)) {
            return Err(Problem::RoleMissing {
                method: method.to_owned(),
                roles,
            });
        }
        caller.tenant = self.authorities.tenant_named(&caller.tenant_name).await?;
        if asks_roster {
            self.is_on_the_roster(&caller, roles).await?;
        }
        Ok(Some(caller))
    }

    /// Whoever comes in by a role for agents must be one. Services that act for several are looked up when they name one.
    async fn is_on_the_roster(&self, caller: &Caller, roles: &[Role]) -> Result<(), Problem> {
        let opens = |role: &Role| caller.has(*role) && roles.contains(role);
        let by_another_role = Role::ALL
            .iter()
            .any(|role| opens(role) && !role.is_for_agents());
        if by_another_role || caller.agents != crate::identity::ActsFor::Itself {
            return Ok(());
        }
        let tenant = caller.tenant()?;
        if self
            .authorities
            .is_on_roster(tenant, &caller.subject)
            .await?
        {
            Ok(())
        } else {
            Err(Problem::AgentUnknown(caller.subject.clone()))
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    let header = headers
        .get(AUTHORIZATION)
        .ok_or(Problem::CredentialMissing)?;
    let text = header
        .to_str()
        .map_err(|_| Problem::CredentialInvalid("the header is not plain text"))?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() {
        Ok(token.trim())
    } else {
        Err(Problem::CredentialInvalid(
            "metadata `authorization` is not of the form `Bearer <token>`",
        ))
    }
}
