//! Who is calling. Knows no gRPC.
//!
//! A caller shows a signed token (JWT: RS256, ES256, EdDSA). Its claims say which tenant, which agent, which roles, and
//! for a service that acts for several agents, which of them. What a use case takes is a [`Caller`]: a value that can
//! only be had from a verified token.
//!
//! **Invariant:** the tenant and the acting agent come from the credential; a request may only *choose* among the
//! agents that the credential covers ([`Caller::acting_as`]).

mod keys;
mod remote;
mod token;

pub use keys::{KeyProblem, KeySet, SigningKey};
pub use remote::RemoteKeys;
pub use token::{AUDIENCE, Actor, Audience, Claims, LEEWAY_S, Verifier};

use crate::ids::{AgentId, TenantId};
use crate::problem::{Problem, Wrong};

/// What a credential entitles to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Role {
    /// Asks for gestures; must be an agent of the roster.
    Requester,
    /// Answers questions; must be an agent of the roster.
    Approver,
    /// Leases and reports fulfilment tasks.
    Fulfiller,
    /// Changes the configuration and the roster.
    Admin,
    /// Reads everything, changes nothing.
    Auditor,
    /// Follows the trail under a name, as integrations do; reads no gesture and nothing that was said of people.
    Follower,
}

impl Role {
    /// Every role, in the order of the design.
    pub const ALL: [Self; 6] = [
        Self::Requester,
        Self::Approver,
        Self::Fulfiller,
        Self::Admin,
        Self::Auditor,
        Self::Follower,
    ];

    /// The word in the claim `roles`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requester => "requester",
            Self::Approver => "approver",
            Self::Fulfiller => "fulfiller",
            Self::Admin => "admin",
            Self::Auditor => "auditor",
            Self::Follower => "follower",
        }
    }

    /// Roles that only agents of the roster can use.
    pub fn is_for_agents(self) -> bool {
        matches!(self, Self::Requester | Self::Approver)
    }
}

/// What is recorded of the call beside every event: which token it showed, which service carried it, and its trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The token's id (`jti`).
    pub id: String,
    /// The service that carried the call (`act.sub`), where there is one.
    pub via: Option<String>,
    /// The call's span (W3C traceparent), where one was made.
    pub trace: Option<String>,
}

/// Who is calling, from a verified token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant's name, as in the credential.
    pub tenant_name: String,
    /// The tenant; none until its first configuration is applied.
    pub tenant: Option<TenantId>,
    /// The subject of the credential: the agent, or the name of a service.
    pub subject: AgentId,
    /// What the credential entitles to.
    pub roles: Vec<Role>,
    /// The agents for whom a service may act, by the claim `agents`.
    pub agents: ActsFor,
    /// The fulfilment channels whose work it may do, by the claim `channels`; `*`: every one.
    pub channels: Vec<String>,
    /// What is recorded beside every event.
    pub credential: Credential,
}

/// For whom a credential may act besides its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActsFor {
    /// For its subject alone.
    Itself,
    /// For these agents.
    These(Vec<AgentId>),
    /// For every agent of the tenant.
    Everybody,
}

impl Caller {
    /// The tenant of the caller.
    ///
    /// # Errors
    /// [`Problem::TenantUnknown`] where the tenant has no configuration yet.
    pub fn tenant(&self) -> Result<TenantId, Problem> {
        self.tenant.ok_or(Problem::TenantUnknown)
    }

    /// The agent that acts: the one the request names, where the credential covers it, else the subject.
    ///
    /// # Errors
    /// [`Problem::AgentNotCovered`]; [`Problem::Invalid`] where the credential is a service's and the request names
    /// nobody.
    pub fn acting_as(&self, named: Option<AgentId>) -> Result<AgentId, Problem> {
        match named {
            Some(agent) if self.covers(&agent) => Ok(agent),
            Some(agent) => Err(Problem::AgentNotCovered(agent)),
            None if self.agents == ActsFor::Itself => Ok(self.subject.clone()),
            None => Err(Problem::invalid(
                "agent_id",
                Wrong::Required,
                "this credential acts for several agents: name the one it acts for",
            )),
        }
    }

    /// Whether the credential may speak for an agent.
    pub fn covers(&self, agent: &AgentId) -> bool {
        match &self.agents {
            ActsFor::Itself => *agent == self.subject,
            ActsFor::These(agents) => agents.contains(agent),
            ActsFor::Everybody => true,
        }
    }

    /// Whether the credential may do the work of a channel.
    ///
    /// # Errors
    /// [`Problem::ChannelNotCovered`].
    pub fn works_for(&self, channel: &str) -> Result<(), Problem> {
        let is_covered = |name: &String| name == "*" || name == channel;
        if self.channels.iter().any(is_covered) {
            Ok(())
        } else {
            Err(Problem::ChannelNotCovered(channel.to_owned()))
        }
    }

    /// Whether the credential carries a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(agents: ActsFor) -> Caller {
        Caller {
            tenant_name: "demo".into(),
            tenant: None,
            subject: AgentId::new("desk").unwrap(),
            channels: Vec::new(),
            roles: vec![Role::Requester],
            agents,
            credential: Credential {
                id: "t1".into(),
                via: None,
                trace: None,
            },
        }
    }

    #[test]
    fn a_credential_acts_for_those_it_covers_and_nobody_else() {
        let agent = |id: &str| AgentId::new(id);
        assert_eq!(
            caller(ActsFor::Itself).acting_as(None),
            Ok(AgentId::new("desk").unwrap())
        );
        assert!(matches!(
            caller(ActsFor::Itself).acting_as(agent("fl-101")),
            Err(Problem::AgentNotCovered(_))
        ));
        let two = ActsFor::These(vec![AgentId::new("fl-101").unwrap()]);
        assert!(caller(two.clone()).acting_as(agent("fl-101")).is_ok());
        assert!(matches!(
            caller(two.clone()).acting_as(agent("desk")),
            Err(Problem::AgentNotCovered(_))
        ));
        assert!(matches!(
            caller(two).acting_as(None),
            Err(Problem::Invalid(_))
        ));
        assert!(
            caller(ActsFor::Everybody)
                .acting_as(agent("anybody"))
                .is_ok()
        );
    }
}
