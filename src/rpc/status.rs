//! A problem becomes a gRPC status: once, here, exhaustively. Beside each arm: what the caller should do.

use std::collections::HashMap;
use std::time::Duration;

use chrono::SecondsFormat;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, PreconditionViolation, StatusExt};

use crate::identity::Role;
use crate::pb;
use crate::problem::Problem;

const DOMAIN: &str = "largesse";

/// How long a refused caller should wait before trying again.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// The code and the stable reason of a problem. See `proto/REASONS.md`.
fn code_and_reason(problem: &Problem) -> (Code, &'static str) {
    match problem {
        // Mend the call.
        Problem::Invalid(_) => (Code::InvalidArgument, "INVALID_FIELDS"),
        Problem::CredentialMissing => (Code::Unauthenticated, "CREDENTIAL_MISSING"),
        Problem::CredentialInvalid(_) => (Code::Unauthenticated, "CREDENTIAL_INVALID"),
        Problem::CredentialExpired => (Code::Unauthenticated, "CREDENTIAL_EXPIRED"),
        Problem::MethodClosed(_) => (Code::PermissionDenied, "METHOD_CLOSED"),
        Problem::RoleMissing { .. } => (Code::PermissionDenied, "ROLE_MISSING"),
        Problem::TenantUnknown => (Code::PermissionDenied, "TENANT_UNKNOWN"),
        Problem::AgentUnknown(_) => (Code::PermissionDenied, "AGENT_UNKNOWN"),
        Problem::AgentNotCovered(_) => (Code::PermissionDenied, "AGENT_NOT_COVERED"),
        Problem::AgentSuspended(_) => (Code::PermissionDenied, "AGENT_SUSPENDED"),
        Problem::ChannelNotCovered(_) => (Code::PermissionDenied, "CHANNEL_NOT_COVERED"),
        Problem::NotYourGesture(_) => (Code::PermissionDenied, "NOT_YOUR_GESTURE"),
        Problem::NotAsked(_) => (Code::PermissionDenied, "NOT_ASKED"),
        Problem::OwnRequest(_) => (Code::PermissionDenied, "OWN_REQUEST"),
        Problem::ApproverSuspended(_) => (Code::PermissionDenied, "APPROVER_SUSPENDED"),
        Problem::NotLent { .. } => (Code::PermissionDenied, "NOT_LENT"),
        Problem::GestureNotFound(_) => (Code::NotFound, "GESTURE_NOT_FOUND"),
        Problem::TaskNotFound(_) => (Code::NotFound, "TASK_NOT_FOUND"),
        Problem::ApprovalNotFound(_) => (Code::NotFound, "APPROVAL_NOT_FOUND"),
        Problem::DelegationNotFound(_) => (Code::NotFound, "DELEGATION_NOT_FOUND"),
        Problem::AgentNotFound(_) => (Code::NotFound, "AGENT_NOT_FOUND"),
        Problem::ConfigurationNotFound(_) => (Code::NotFound, "CONFIGURATION_NOT_FOUND"),
        Problem::ConsumerNotFound(_) => (Code::NotFound, "CONSUMER_NOT_FOUND"),
        Problem::AgentLeft(_) => (Code::FailedPrecondition, "AGENT_LEFT"),
        Problem::RequestIdReused(_) => (Code::FailedPrecondition, "REQUEST_ID_REUSED"),
        Problem::RequestTombstoned(_) => (Code::FailedPrecondition, "REQUEST_TOMBSTONED"),
        Problem::RateMissing { .. } => (Code::FailedPrecondition, "RATE_MISSING"),
        Problem::StateForbids { .. } => (Code::FailedPrecondition, "STATE_FORBIDS"),
        Problem::LeaseLost(_) => (Code::FailedPrecondition, "LEASE_LOST"),
        Problem::CostAccepted(_) => (Code::FailedPrecondition, "COST_ACCEPTED"),
        Problem::NothingInQuestion(_) => (Code::FailedPrecondition, "NOTHING_IN_QUESTION"),
        Problem::OutcomeIdReused(_) => (Code::FailedPrecondition, "OUTCOME_ID_REUSED"),
        Problem::SecondPersonNeeded(_) => (Code::FailedPrecondition, "SECOND_PERSON_NEEDED"),
        Problem::CannotApprove { .. } => (Code::FailedPrecondition, "CANNOT_APPROVE"),
        Problem::AlreadyAsked(_) => (Code::FailedPrecondition, "ALREADY_ASKED"),
        Problem::DelegationIdReused(_) => (Code::FailedPrecondition, "DELEGATION_ID_REUSED"),
        Problem::DelegationCircle { .. } => (Code::FailedPrecondition, "DELEGATION_CIRCLE"),
        Problem::DelegationChain { .. } => (Code::FailedPrecondition, "DELEGATION_CHAIN"),
        // Look again, then decide anew.
        Problem::StaleView { .. } => (Code::Aborted, "STALE_VIEW"),
        Problem::CostMoved(_) => (Code::Aborted, "COST_MOVED"),
        Problem::VersionStale { .. } => (Code::Aborted, "VERSION_STALE"),
        Problem::CursorTooOld { .. } => (Code::OutOfRange, "CURSOR_TOO_OLD"),
        Problem::ConsumerLeased { .. } => (Code::Aborted, "CONSUMER_LEASED"),
        // Retry after a moment, unchanged.
        Problem::Overloaded => (Code::ResourceExhausted, "OVERLOADED"),
        Problem::DatabaseUnavailable => (Code::Unavailable, "DATABASE_UNAVAILABLE"),
        // Ask ResolveRequest.
        Problem::OutcomeUnknown => (Code::Unavailable, "OUTCOME_UNKNOWN"),
        // Ask again with more time; where it writes, under the same id.
        Problem::TimeIsOver { .. } => (Code::DeadlineExceeded, "TIME_IS_OVER"),
        // Tell whoever runs the service.
        Problem::Defect(_) => (Code::Internal, "DEFECT"),
    }
}

/// The stable reason of a problem.
pub(super) fn reason(problem: &Problem) -> &'static str {
    code_and_reason(problem).1
}

/// The status of a problem, with the details that a program needs to act on it.
pub fn to_status(problem: Problem) -> Status {
    let (code, reason) = code_and_reason(&problem);
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, metadata(&problem));
    add_details(&mut details, &problem, reason);
    Status::with_error_details(code, problem.to_string(), details)
}

/// The same as a part of an answer, where it concerns one of several.
pub fn to_refusal(problem: Problem) -> pb::Refusal {
    let (code, reason) = code_and_reason(&problem);
    // A refusal has no details: what is wrong with a field stands in the sentence.
    let message = match &problem {
        Problem::Invalid(violations) => {
            let told = violations
                .iter()
                .map(|v| format!("{} {}", v.field, v.description));
            told.collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    };
    pb::Refusal {
        code: code.into(),
        reason: reason.into(),
        message,
        metadata: metadata(&problem),
    }
}

/// The facts of a problem under stable keys.
fn metadata(problem: &Problem) -> HashMap<String, String> {
    let pair = |key: &str, value: String| HashMap::from([(key.to_owned(), value)]);
    match problem {
        Problem::MethodClosed(method) => pair("method", method.clone()),
        Problem::RoleMissing { method, roles } => {
            let names: Vec<&str> = roles.iter().map(|role| Role::name(*role)).collect();
            HashMap::from([
                ("method".into(), method.clone()),
                ("roles".into(), names.join(",")),
            ])
        }
        Problem::AgentUnknown(agent)
        | Problem::AgentNotCovered(agent)
        | Problem::AgentLeft(agent)
        | Problem::AgentSuspended(agent)
        | Problem::ApproverSuspended(agent)
        | Problem::AlreadyAsked(agent) => pair("agent_id", agent.to_string()),
        Problem::NotYourGesture(id)
        | Problem::NotAsked(id)
        | Problem::OwnRequest(id)
        | Problem::LeaseLost(id)
        | Problem::CostAccepted(id)
        | Problem::NothingInQuestion(id)
        | Problem::CostMoved(id)
        | Problem::SecondPersonNeeded(id) => pair("gesture_id", id.to_string()),
        Problem::ChannelNotCovered(channel) => pair("channel", channel.clone()),
        Problem::OutcomeIdReused(id) => pair("outcome_id", id.to_string()),
        Problem::NotLent { id, authority } => HashMap::from([
            ("gesture_id".into(), id.to_string()),
            ("authority".into(), authority.to_string()),
        ]),
        Problem::CannotApprove { agent, reasons } => HashMap::from([
            ("agent_id".into(), agent.to_string()),
            ("reasons".into(), reasons.join(",")),
        ]),
        Problem::DelegationIdReused(id) => pair("delegation_id", id.to_string()),
        Problem::DelegationCircle { agent, until } | Problem::DelegationChain { agent, until } => {
            HashMap::from([
                ("agent_id".into(), agent.to_string()),
                (
                    "until".into(),
                    until.to_rfc3339_opts(SecondsFormat::AutoSi, true),
                ),
            ])
        }
        Problem::RequestIdReused(id) | Problem::RequestTombstoned(id) => {
            pair("request_id", id.to_string())
        }
        Problem::RateMissing { from, to } => {
            HashMap::from([("from".into(), from.clone()), ("to".into(), to.clone())])
        }
        Problem::StateForbids {
            state, by, needed, ..
        } => with_by(
            by.as_ref(),
            [
                ("state", state.clone()),
                ("allowed_states", needed.replace(", ", ",")),
            ],
        ),
        Problem::StaleView {
            id,
            etag,
            state,
            by,
        } => with_by(
            by.as_ref(),
            [
                ("gesture_id", id.to_string()),
                ("etag", etag.clone()),
                ("state", state.clone()),
            ],
        ),
        Problem::VersionStale { expected, in_force } => {
            let version = in_force.map(|version| ("version".into(), version.to_string()));
            let expected = ("expected_version".into(), expected.to_string());
            version.into_iter().chain([expected]).collect()
        }
        Problem::CursorTooOld { begin } => pair("begin", begin.clone()),
        Problem::ConsumerNotFound(consumer) => pair("consumer", consumer.clone()),
        Problem::ConsumerLeased { consumer, holder } => {
            let holder = holder.iter().map(|who| ("holder".into(), who.clone()));
            holder
                .chain([("consumer".into(), consumer.clone())])
                .collect()
        }
        Problem::Defect(id) => pair("defect_id", id.to_string()),
        Problem::Invalid(_)
        | Problem::CredentialMissing
        | Problem::CredentialInvalid(_)
        | Problem::CredentialExpired
        | Problem::TenantUnknown
        | Problem::GestureNotFound(_)
        | Problem::TaskNotFound(_)
        | Problem::ApprovalNotFound(_)
        | Problem::DelegationNotFound(_)
        | Problem::AgentNotFound(_)
        | Problem::ConfigurationNotFound(_)
        | Problem::Overloaded
        | Problem::DatabaseUnavailable
        | Problem::OutcomeUnknown
        | Problem::TimeIsOver { .. } => HashMap::new(),
    }
}

/// Facts, and who is behind them, where that is known.
fn with_by<const N: usize>(
    by: Option<&String>,
    facts: [(&str, String); N],
) -> HashMap<String, String> {
    facts
        .into_iter()
        .chain(by.map(|who| ("by", who.clone())))
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn add_details(details: &mut ErrorDetails, problem: &Problem, reason: &str) {
    match problem {
        Problem::Invalid(violations) => {
            let fields: Vec<_> = violations
                .iter()
                .map(|v| FieldViolation {
                    reason: v.wrong.name().into(),
                    ..FieldViolation::new(v.field.clone(), v.description.clone())
                })
                .collect();
            details.set_bad_request(fields);
        }
        Problem::GestureNotFound(id) => resource(details, "largesse.v1.Gesture", &id.to_string()),
        Problem::TaskNotFound(id) => resource(details, "largesse.v1.Task", &id.to_string()),
        Problem::ApprovalNotFound(id) => resource(details, "largesse.v1.Approval", &id.to_string()),
        Problem::DelegationNotFound(id) => {
            resource(details, "largesse.v1.Delegation", &id.to_string());
        }
        Problem::AgentNotFound(id) => resource(details, "largesse.v1.Agent", id.as_str()),
        Problem::ConfigurationNotFound(version) => {
            let name = version
                .map(|version| version.to_string())
                .unwrap_or_default();
            resource(details, "largesse.v1.Configuration", &name);
        }
        Problem::ConsumerNotFound(name) => resource(details, "largesse.v1.Consumer", name),
        Problem::RequestIdReused(id)
        | Problem::RequestTombstoned(id)
        | Problem::StateForbids { id, .. }
        | Problem::LeaseLost(id)
        | Problem::CostAccepted(id)
        | Problem::NothingInQuestion(id)
        | Problem::SecondPersonNeeded(id) => {
            precondition(details, reason, &id.to_string(), problem);
        }
        Problem::AgentLeft(agent)
        | Problem::AlreadyAsked(agent)
        | Problem::CannotApprove { agent, .. }
        | Problem::DelegationCircle { agent, .. }
        | Problem::DelegationChain { agent, .. } => {
            precondition(details, reason, agent.as_str(), problem);
        }
        Problem::DelegationIdReused(id) => precondition(details, reason, &id.to_string(), problem),
        Problem::OutcomeIdReused(id) => precondition(details, reason, &id.to_string(), problem),
        Problem::RateMissing { from, to } => {
            precondition(details, reason, &format!("{from}/{to}"), problem);
        }
        Problem::Overloaded | Problem::DatabaseUnavailable => {
            details.set_retry_info(Some(RETRY_AFTER));
        }
        Problem::CredentialMissing
        | Problem::CredentialInvalid(_)
        | Problem::CredentialExpired
        | Problem::MethodClosed(_)
        | Problem::RoleMissing { .. }
        | Problem::TenantUnknown
        | Problem::AgentUnknown(_)
        | Problem::AgentNotCovered(_)
        | Problem::AgentSuspended(_)
        | Problem::ChannelNotCovered(_)
        | Problem::CostMoved(_)
        | Problem::NotYourGesture(_)
        | Problem::NotAsked(_)
        | Problem::OwnRequest(_)
        | Problem::ApproverSuspended(_)
        | Problem::NotLent { .. }
        | Problem::StaleView { .. }
        | Problem::VersionStale { .. }
        | Problem::CursorTooOld { .. }
        | Problem::ConsumerLeased { .. }
        | Problem::OutcomeUnknown
        | Problem::TimeIsOver { .. }
        | Problem::Defect(_) => {}
    }
}

fn precondition(details: &mut ErrorDetails, reason: &str, subject: &str, problem: &Problem) {
    let violation = PreconditionViolation::new(reason, subject, problem.to_string());
    details.set_precondition_failure(vec![violation]);
}

fn resource(details: &mut ErrorDetails, kind: &str, name: &str) {
    details.set_resource_info(kind, name, "", "not found in this tenant");
}
