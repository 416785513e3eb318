//! What could not be answered.
//!
//! A "no" of the rules is not here: APPROVED, NEEDS_APPROVAL and DECLINED are answers (`admission::decision`). A problem
//! is a call that was malformed, unauthenticated, forbidden, unknown, conflicting or overloaded, with the facts in it.
//! `rpc/status.rs` turns each into a gRPC status, once; `proto/REASONS.md` is the page for callers.

use crate::identity::Role;
use crate::ids::{AgentId, GestureId};
use crate::postgres::Failure;

/// What is wrong with a field, in a word that keeps its meaning. See `proto/REASONS.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It must be set.
    Required,
    /// It does not have the form that its comment asks for.
    Malformed,
    /// A number, an amount or an instant lies outside its bounds.
    OutOfRange,
    /// A text is longer than its field allows.
    TooLong,
    /// A list has more entries than its field allows.
    TooMany,
    /// The service sets it, and the caller did.
    OutputOnly,
    /// No code of ISO 4217 with a minor unit.
    CurrencyUnknown,
    /// No code of ISO 3166-1 alpha-2.
    CountryUnknown,
    /// The catalog does not have this kind.
    KindUnknown,
    /// The configuration has no such budget.
    BudgetUnknown,
    /// The configuration has no such policy.
    PolicyUnknown,
    /// The configuration has no such segment.
    SegmentUnknown,
    /// The configuration has no such occasion.
    OccasionUnknown,
    /// No item of the catalog goes through this channel.
    ChannelUnknown,
    /// The kind requires this field of the recipient.
    RecipientMissing,
    /// A limit per case covers the gesture.
    CaseMissing,
    /// What is promised lies in the past.
    PromisePast,
    /// There is no such gesture for this customer.
    ReplacesUnknown,
    /// The token was not given for this list.
    PageTokenStale,
    /// A document, or an agent that is put, breaks a rule.
    DocumentMistake,
    /// The document names another tenant than the credential.
    DocumentTenant,
}

impl Wrong {
    /// The word for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Required => "REQUIRED",
            Self::Malformed => "MALFORMED",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::TooLong => "TOO_LONG",
            Self::TooMany => "TOO_MANY",
            Self::OutputOnly => "OUTPUT_ONLY",
            Self::CurrencyUnknown => "CURRENCY_UNKNOWN",
            Self::CountryUnknown => "COUNTRY_UNKNOWN",
            Self::KindUnknown => "KIND_UNKNOWN",
            Self::BudgetUnknown => "BUDGET_UNKNOWN",
            Self::PolicyUnknown => "POLICY_UNKNOWN",
            Self::SegmentUnknown => "SEGMENT_UNKNOWN",
            Self::OccasionUnknown => "OCCASION_UNKNOWN",
            Self::ChannelUnknown => "CHANNEL_UNKNOWN",
            Self::RecipientMissing => "RECIPIENT_MISSING",
            Self::CaseMissing => "CASE_MISSING",
            Self::PromisePast => "PROMISE_PAST",
            Self::ReplacesUnknown => "REPLACES_UNKNOWN",
            Self::PageTokenStale => "PAGE_TOKEN_STALE",
            Self::DocumentMistake => "DOCUMENT_MISTAKE",
            Self::DocumentTenant => "DOCUMENT_TENANT",
        }
    }
}

/// One field that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field, as in the protobuf (`gesture.amount.minor_units`).
    pub field: String,
    /// What is wrong, for programs.
    pub wrong: Wrong,
    /// What is wrong and what would be right. Never a value of a personal field.
    pub description: String,
}

impl Violation {
    /// Names a field and what would be right.
    pub fn new(field: impl Into<String>, wrong: Wrong, description: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            wrong,
            description: description.into(),
        }
    }
}

/// Why a call has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Problem {
    /// Fields are wrong; all of them are listed. Nothing was written and the request id stays free.
    #[error("{}", fields_are_wrong(.0.len()))]
    Invalid(Vec<Violation>),

    /// The call carries no credential.
    #[error("no credential: send metadata `authorization: Bearer <token>`")]
    CredentialMissing,
    /// The credential is not one of ours, or is damaged.
    #[error("the credential is not valid: {0}")]
    CredentialInvalid(&'static str),
    /// The credential was valid once.
    #[error("the credential has expired; get a new one")]
    CredentialExpired,

    /// No rule opens this method.
    #[error("no rule opens {0}")]
    MethodClosed(String),
    /// The caller's roles do not open this method.
    #[error("{method} needs {}", roles_needed(.roles))]
    RoleMissing {
        /// `/package.Service/Method`.
        method: String,
        /// Any of these would do.
        roles: &'static [Role],
    },
    /// The credential names a tenant that does not exist.
    #[error("the credential's tenant is not known here")]
    TenantUnknown,
    /// The acting agent is not on the tenant's roster.
    #[error(
        "the agent {0} is not on the roster; an admin adds agents with PutAgents or ApplyConfiguration"
    )]
    AgentUnknown(AgentId),
    /// The credential does not cover the agent that the request names.
    #[error("the credential does not cover the agent {0}")]
    AgentNotCovered(AgentId),
    /// The gesture is somebody else's.
    #[error(
        "only who asked for a gesture, or somebody above them in the reporting line, may do this"
    )]
    NotYourGesture(GestureId),

    /// No such gesture, or not in this tenant.
    #[error("there is no gesture {0}")]
    GestureNotFound(GestureId),
    /// No such agent, or not in this tenant.
    #[error("there is no agent {0}")]
    AgentNotFound(AgentId),
    /// The agent has left the roster.
    #[error(
        "the agent {0} has left the roster: PutAgents, or a document that lists them, brings them back"
    )]
    AgentLeft(AgentId),
    /// No such version of the configuration, or none at all yet.
    #[error("there is no configuration{}", .0.map(|version| format!(" of version {version}")).unwrap_or_default())]
    ConfigurationNotFound(Option<i32>),

    /// The id was used for another request.
    #[error("this request id was used for another request; use a new one for a new request")]
    RequestIdReused(GestureId),
    /// The id was given up by ResolveRequest.
    #[error("this request id was given up by ResolveRequest; ask again with a new one")]
    RequestTombstoned(GestureId),
    /// The amount cannot be compared with a limit.
    #[error(
        "there is no rate from {from} to {to} that is new enough; an admin adds one under `rates`"
    )]
    RateMissing {
        /// The currency of the amount.
        from: String,
        /// The currency in which a limit or a budget counts.
        to: String,
    },
    /// The gesture's state does not allow the call.
    #[error("the gesture is {state}; this needs {needed}")]
    StateForbids {
        /// Which gesture.
        id: GestureId,
        /// The state that it is in.
        state: String,
        /// The states in which it would be possible.
        needed: &'static str,
    },

    /// The gesture has changed since the caller looked.
    #[error("the gesture has changed since; read it again, its etag is now {etag}")]
    StaleView {
        /// Which gesture.
        id: GestureId,
        /// The etag that would be right now.
        etag: String,
    },
    /// The configuration has changed since the caller looked.
    #[error(
        "another version of the configuration is in force than version {expected}, which was expected{}",
        .in_force.map(|version| format!(": version {version}")).unwrap_or_default()
    )]
    VersionStale {
        /// The one that the caller had seen; 0: none at all.
        expected: i32,
        /// The one in force, where the caller's tenant was known.
        in_force: Option<i32>,
    },

    /// Too much is under way; nothing was written.
    #[error("too much is under way; try again after a moment")]
    Overloaded,
    /// Postgres is away; nothing was written.
    #[error("the database cannot be reached; nothing was written, try again after a moment")]
    DatabaseUnavailable,
    /// The answer was lost on its way from Postgres.
    #[error(
        "the outcome is not known: ask ResolveRequest (or read the gesture) before anything else"
    )]
    OutcomeUnknown,
    /// A defect of ours, logged under this id.
    #[error("an internal error; its id in the log is {0}")]
    Defect(uuid::Uuid),
}

impl Problem {
    /// One field is wrong.
    pub fn invalid(field: impl Into<String>, wrong: Wrong, description: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation::new(field, wrong, description)])
    }

    /// The same, met while reading back what was just written: "nothing was written" would be a lie then. Whoever asks again
    /// under the same id, or resolves it, finds the answer.
    #[must_use]
    pub fn after_writing(self) -> Self {
        match self {
            Self::Overloaded | Self::DatabaseUnavailable => Self::OutcomeUnknown,
            other => other,
        }
    }

    /// Something that cannot be, was. Logged here, once; the caller learns only the id.
    pub fn defect(what: &str) -> Self {
        let id = uuid::Uuid::now_v7();
        tracing::error!(defect.id = %id, what, "a defect");
        Self::Defect(id)
    }
}

/// What a failed statement means where no use case knows better.
impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Unavailable => Self::DatabaseUnavailable,
            Failure::OutcomeUnknown => Self::OutcomeUnknown,
            Failure::PoolExhausted | Failure::RunAgain | Failure::Busy => Self::Overloaded,
            Failure::Raised { code, message } => Self::defect(&format!("{code}: {message}")),
            Failure::Defect(code) => Self::defect(&code),
        }
    }
}

fn fields_are_wrong(count: usize) -> String {
    match count {
        1 => "one field is not as it should be".into(),
        _ => format!("{count} fields are not as they should be"),
    }
}

fn roles_needed(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    format!("one of the roles: {}", names.join(", "))
}
