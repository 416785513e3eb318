//! What could not be answered.
//!
//! A "no" of the rules is not here: APPROVED, NEEDS_APPROVAL and DECLINED are answers (`admission::decision`). A problem
//! is a call that was malformed, unauthenticated, forbidden, unknown, conflicting or overloaded, with the facts in it.
//! `rpc/status.rs` turns each into a gRPC status, once; `proto/REASONS.md` is the page for callers.

use chrono::{DateTime, Utc};

use crate::identity::Role;
use crate::ids::{AgentId, DelegationId, GestureId};
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
    /// Another customer than the gesture's.
    CustomerDiffers,
    /// Another currency than the gesture's.
    CurrencyDiffers,
    /// The same was named before.
    Duplicate,
    /// Authority cannot be lent by or to this agent.
    DelegateUnfit,
    /// More is lent than there is.
    BeyondAuthority,
    /// The token was not given for this list.
    PageTokenStale,
    /// No cursor of this tenant's events, or one of a later trail than this.
    CursorUnknown,
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
            Self::CustomerDiffers => "CUSTOMER_DIFFERS",
            Self::CurrencyDiffers => "CURRENCY_DIFFERS",
            Self::Duplicate => "DUPLICATE",
            Self::DelegateUnfit => "DELEGATE_UNFIT",
            Self::BeyondAuthority => "BEYOND_AUTHORITY",
            Self::PageTokenStale => "PAGE_TOKEN_STALE",
            Self::CursorUnknown => "CURSOR_UNKNOWN",
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
    /// Giving is stopped for the acting agent.
    #[error("giving is stopped for {0}; an admin reinstates agents with SuspendAgent")]
    AgentSuspended(AgentId),
    /// The credential does not cover the fulfilment channel.
    #[error(
        "the credential does not cover the channel {0}: its claim `channels` names others, or is not there"
    )]
    ChannelNotCovered(String),
    /// The credential does not cover the agent that the request names.
    #[error("the credential does not cover the agent {0}")]
    AgentNotCovered(AgentId),
    /// The gesture is somebody else's.
    #[error(
        "only who asked for a gesture, or somebody above them in the reporting line, may do this"
    )]
    NotYourGesture(GestureId),
    /// Only who was asked may answer.
    #[error(
        "you were not asked about this, in no authority that is yours or lent to you; whoever was asked may reassign it to you"
    )]
    NotAsked(GestureId),
    /// Nobody answers on their own request.
    #[error("nobody answers on their own request, through whatever door; ask somebody else")]
    OwnRequest(GestureId),
    /// Giving is stopped for who would answer.
    #[error(
        "giving is stopped for {0}, or for the authority that would be used; others who were asked may still answer"
    )]
    ApproverSuspended(AgentId),
    /// The authority that was named is not lent to the caller.
    #[error("{authority} does not lend you their authority at present")]
    NotLent {
        /// Which gesture.
        id: GestureId,
        /// Whose authority.
        authority: AgentId,
    },

    /// No such gesture, or not in this tenant.
    #[error("there is no gesture {0}")]
    GestureNotFound(GestureId),
    /// No such task, or not in this tenant.
    #[error("there is no task {0}")]
    TaskNotFound(GestureId),
    /// Nobody was ever asked about it.
    #[error("nobody was ever asked about this gesture; GetGesture says how it was answered")]
    ApprovalNotFound(GestureId),
    /// No such delegation, or not one of the caller's.
    #[error("there is no delegation {0} of yours")]
    DelegationNotFound(DelegationId),
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
    /// Nobody has followed the trail under this name.
    #[error(
        "there is no consumer {0} yet: read from a cursor or from the beginning, and the first AckEvents makes it"
    )]
    ConsumerNotFound(String),

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
    #[error("the gesture is {state}{}; this needs {needed}", by_whom(.by.as_deref()))]
    StateForbids {
        /// Which gesture.
        id: GestureId,
        /// The state that it is in.
        state: String,
        /// Who brought it there.
        by: Option<String>,
        /// The states in which it would be possible.
        needed: &'static str,
    },
    /// The task was leased anew, to somebody who has a higher token, or was given back.
    #[error(
        "this lease is not the task's last one: somebody else was given the task since, or it was reported as failed; lease it again, and ask the vendor what became of the order before ordering anything"
    )]
    LeaseLost(GestureId),
    /// Somebody has accepted what is to be corrected.
    #[error(
        "somebody has accepted what this cost above its hold, so the cost stands; tell them of the credit"
    )]
    CostAccepted(GestureId),
    /// There is no open follow-up of that kind.
    #[error("nothing of this gesture is in question, or not any more")]
    NothingInQuestion(GestureId),
    /// Another cost is in question than the one that was seen.
    #[error("another cost is in question than the one you saw; read the gesture again")]
    CostMoved(GestureId),
    /// The id was used for another record.
    #[error(
        "this outcome id was used for another record of this gesture; use a new one for a new record"
    )]
    OutcomeIdReused(uuid::Uuid),
    /// Two people must say yes, and this is not the other one.
    #[error(
        "two people must say yes to this, and you are not the other one; leave it to somebody else who is asked, or reassign it"
    )]
    SecondPersonNeeded(GestureId),
    /// The agent to whom a question is handed on could not say yes.
    #[error("{agent} could not say yes to this{}; name somebody else", because_of(.reasons))]
    CannotApprove {
        /// To whom it was to go.
        agent: AgentId,
        /// The codes of what stands in the way; empty: who they are.
        reasons: Vec<String>,
    },
    /// The agent to whom a question is handed on is asked already.
    #[error("{0} is asked already")]
    AlreadyAsked(AgentId),
    /// The id was used for another delegation.
    #[error(
        "this delegation id was used for another delegation; use a new one for a new delegation"
    )]
    DelegationIdReused(DelegationId),
    /// The delegate lends their own authority to the delegator.
    #[error(
        "{agent} lends their own authority to the delegator until {until}; revoke that first, or name another delegate or period"
    )]
    DelegationCircle {
        /// The delegate.
        agent: AgentId,
        /// Until when that lasts.
        until: DateTime<Utc>,
    },
    /// It would be lent on.
    #[error(
        "authority is not lent on, and {agent} stands in another delegation until {until}; revoke that first, or name another delegate or period"
    )]
    DelegationChain {
        /// Who lends, or is lent to, already.
        agent: AgentId,
        /// Until when that lasts.
        until: DateTime<Utc>,
    },

    /// The gesture has changed since the caller looked.
    #[error(
        "the gesture has changed since: it is {state}{}; read it again, its etag is now {etag}",
        by_whom(.by.as_deref())
    )]
    StaleView {
        /// Which gesture.
        id: GestureId,
        /// The etag that would be right now.
        etag: String,
        /// The state that it is in now.
        state: String,
        /// Who changed it last.
        by: Option<String>,
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

    /// What comes after the cursor is archived.
    #[error(
        "what comes next after this cursor is archived, and cannot be followed any more; begin at {begin:?}"
    )]
    CursorTooOld {
        /// The cursor of the oldest place that can be followed.
        begin: String,
    },
    /// Another program is at the consumer.
    #[error("the consumer {consumer} {}", held_by(.holder.as_deref()))]
    ConsumerLeased {
        /// Which consumer.
        consumer: String,
        /// Who holds the lease, where anybody does.
        holder: Option<String>,
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
    /// The time that the caller gave, or the longest that a call may take, is over.
    #[error("{}", time_is_over(*is_read))]
    TimeIsOver {
        /// Whether the call changes nothing.
        is_read: bool,
    },
    /// A defect of ours, logged under this id.
    #[error("an internal error; its id in the log is {0}")]
    Defect(uuid::Uuid),
}

fn time_is_over(is_read: bool) -> &'static str {
    if is_read {
        "the time that this call may take is over; ask again, with a longer deadline"
    } else {
        "the time that this call may take is over, and whether it was done is not known; repeat it under the same id, which is never \
         done twice, with a longer deadline"
    }
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

/// ", by ld-201", where it is known who.
fn by_whom(who: Option<&str>) -> String {
    who.map(|who| format!(", by {who}")).unwrap_or_default()
}

/// Who is at a consumer, or was meanwhile.
fn held_by(who: Option<&str>) -> String {
    match who {
        Some(who) => {
            format!("is leased to {who}: leave it to them, or take it when their time is over")
        }
        None => {
            "was leased to somebody else meanwhile: take it again, and begin where it stands now"
                .into()
        }
    }
}

fn because_of(reasons: &[String]) -> String {
    match reasons {
        [] => String::new(),
        _ => format!(" ({})", reasons.join(", ")),
    }
}

fn roles_needed(roles: &[Role]) -> String {
    let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    format!("one of the roles: {}", names.join(", "))
}
