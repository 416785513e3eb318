//! Sensible people and sensible wishes.

use largesse::identity::{AUDIENCE, Claims};
use largesse::pb;

/// What a token will claim.
#[derive(Clone)]
pub struct Token {
    /// The agent, or a service.
    pub subject: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// The agents that a service acts for.
    pub agents: Option<Vec<String>>,
    /// The channels whose work it does.
    pub channels: Vec<String>,
    /// Seconds until it ends.
    pub lives_s: i64,
    /// Another tenant than the world's.
    pub tenant: Option<String>,
}

impl Token {
    /// An agent who asks.
    pub fn agent(id: &str) -> Self {
        Self::of(id, &["requester"])
    }

    /// Anybody.
    pub fn of(subject: &str, roles: &[&str]) -> Self {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        Self {
            subject: subject.into(),
            roles,
            agents: None,
            channels: Vec::new(),
            lives_s: 600,
            tenant: None,
        }
    }

    /// A service that acts for these agents (`*`: everybody).
    pub fn service(subject: &str, agents: &[&str]) -> Self {
        let agents = agents.iter().map(|agent| (*agent).to_owned()).collect();
        Self {
            agents: Some(agents),
            ..Self::agent(subject)
        }
    }

    /// A fulfiller who does the work of these channels.
    pub fn fulfiller(subject: &str, channels: &[&str]) -> Self {
        let channels = channels.iter().map(|name| (*name).to_owned()).collect();
        Self {
            channels,
            ..Self::of(subject, &["fulfiller"])
        }
    }

    /// The same for another tenant.
    pub fn in_tenant(self, tenant: &str) -> Self {
        Self {
            tenant: Some(tenant.into()),
            ..self
        }
    }

    /// The claims to be signed.
    pub fn claims(self, tenant: &str) -> Claims {
        let now = chrono::Utc::now().timestamp();
        serde_json::from_value(serde_json::json!({
            "iss": "tests", "aud": AUDIENCE, "sub": self.subject, "tenant": self.tenant.as_deref().unwrap_or(tenant),
            "roles": self.roles, "exp": now + self.lives_s, "iat": now, "jti": format!("t-{}", self.subject),
            "agents": self.agents, "channels": self.channels,
        }))
        .unwrap()
    }
}

/// Somebody who receives things.
pub fn recipient() -> pb::Recipient {
    pb::Recipient {
        full_name: "Ida Sommer".into(),
        address_lines: vec!["Lindenweg 4".into()],
        locality: "Potsdam".into(),
        postal_code: "14467".into(),
        country: "DE".into(),
        ..Default::default()
    }
}

/// An amount.
pub fn money(minor_units: i64, currency: &str) -> Option<pb::Money> {
    Some(pb::Money {
        minor_units,
        currency: currency.into(),
    })
}

/// Flowers for a customer, in cents of a euro.
pub fn flowers(customer: &str, minor_units: i64) -> pb::Gesture {
    pb::Gesture {
        kind: "flowers".into(),
        amount: money(minor_units, "EUR"),
        customer: Some(pb::Customer {
            id: customer.into(),
            segment: String::new(),
        }),
        recipient: Some(recipient()),
        ..Default::default()
    }
}

/// A courier who fetches a parcel at the customer's door.
pub fn pickup(customer: &str, minor_units: i64) -> pb::Gesture {
    pb::Gesture {
        kind: "courier-pickup".into(),
        ..flowers(customer, minor_units)
    }
}
