//! An error of the service, as `proto/REASONS.md` describes it: what it says, and what to do next.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt;

/// An error of the service, with its details read.
#[derive(Debug)]
pub struct Refusal {
    code: Code,
    message: String,
    /// The stable reason; none where the error is the transport's.
    reason: Option<String>,
    metadata: BTreeMap<String, String>,
    /// Field, reason, description.
    fields: Vec<[String; 3]>,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// Reads the details of a status.
    pub fn of(status: &Status) -> Self {
        let details = status.get_error_details();
        let info = details.error_info();
        let fields = details
            .bad_request()
            .map(|bad| bad.field_violations.as_slice());
        Self {
            code: status.code(),
            message: status.message().to_owned(),
            reason: info.map(|info| info.reason.clone()),
            metadata: info
                .map(|info| info.metadata.clone().into_iter().collect())
                .unwrap_or_default(),
            fields: fields
                .unwrap_or_default()
                .iter()
                .map(|it| [it.field.clone(), it.reason.clone(), it.description.clone()])
                .collect(),
            retry_after: details.retry_info().and_then(|info| info.retry_delay),
        }
    }

    /// Whether a call that writes may have been carried out all the same. Errors without a reason are the transport's:
    /// of these, only what says that no method was reached is sure to have changed nothing.
    pub fn leaves_outcome_unknown(&self) -> bool {
        match self.reason.as_deref() {
            Some(reason) => {
                matches!(reason, "OUTCOME_UNKNOWN" | "TIME_IS_OVER" | "DEFECT")
            }
            None => matches!(
                self.code,
                Code::Unavailable
                    | Code::DeadlineExceeded
                    | Code::Cancelled
                    | Code::Unknown
                    | Code::Internal
            ),
        }
    }

    /// What to do, as `proto/REASONS.md` has it. Reasons are an open set: one that is newer than this program gets none.
    pub fn next(&self) -> Option<String> {
        let next = match self.reason.as_deref() {
            Some("INVALID_FIELDS") => "Nothing was written. Mend what is named and send it again.",
            Some("CREDENTIAL_MISSING" | "CREDENTIAL_INVALID") => {
                "Get another token (`largesse token`), or name the service's own folder with --data-dir. \
                 A service that was given a file of keys (--jwks-file) believes only these."
            }
            Some("CREDENTIAL_EXPIRED") => "Get a fresh token (`largesse token`) and try again.",
            Some("TENANT_UNKNOWN") => {
                "Check --tenant. A new tenant is created by its first `largesse apply FILE`."
            }
            Some("ROLE_MISSING") => {
                "Get a token with such a role (`largesse token --role ROLE`), or say --role."
            }
            Some("METHOD_CLOSED") => "Tell whoever runs the service.",
            Some("AGENT_UNKNOWN") => {
                "`largesse agents list` shows the roster, `largesse agents put FILE` adds to it."
            }
            Some("AGENT_NOT_COVERED") => "Check --agent, or get a token that covers this agent.",
            Some("NOT_YOUR_GESTURE") => "Ask the agent who asked for it, or somebody above them.",
            Some("GESTURE_NOT_FOUND") => {
                "`largesse gesture list` shows what there is; for a lost answer: `largesse gesture resolve ID`."
            }
            Some("AGENT_NOT_FOUND") => "`largesse agents list` shows the roster.",
            Some("CONFIGURATION_NOT_FOUND") => "`largesse config show` shows the version in force.",
            Some("REQUEST_ID_REUSED") => {
                "The first request stands. What is new needs a new --id; left out, one is made."
            }
            Some("REQUEST_TOMBSTONED") => {
                "Ask again under a new --id, if it is still wanted; left out, one is made."
            }
            Some("RATE_MISSING") => {
                "Nothing was written. Ask in the limit's currency, or have a rate applied (`rates` in the configuration)."
            }
            Some("AGENT_LEFT") => {
                "`largesse agents put FILE` puts them back, or a document that lists them."
            }
            Some("STATE_FORBIDS") => "`largesse gesture get ID` shows where it is now.",
            Some("STALE_VIEW") => {
                "Look again (`largesse gesture get ID`, or `approval show ID`), then try with the etag shown there."
            }
            Some("VERSION_STALE") => {
                "Somebody was faster. Look again (`largesse plan FILE`), then apply."
            }
            Some("CONSUMER_NOT_FOUND") => "`largesse publish --status` shows every consumer.",
            Some("CURSOR_TOO_OLD") => {
                "Events were missed: catch up by `largesse gesture list`, then go on at `begin`, or under a new name."
            }
            Some("CONSUMER_LEASED") => {
                "Leave it to whoever is at it (`largesse publish --status`), or stop them first."
            }
            Some("OVERLOADED" | "DATABASE_UNAVAILABLE") => {
                "Nothing was written. Try again after a pause."
            }
            Some("OUTCOME_UNKNOWN" | "TIME_IS_OVER") => "Ask what is so before anything else.",
            Some("DEFECT") => {
                "This is a mistake in Largesse. Report the id; it stands in the service's log."
            }
            Some(reason) => next_about_approvals(reason).or_else(|| next_about_work(reason))?,
            None => return self.next_after_transport().map(str::to_owned),
        };
        Some(match self.retry_after {
            Some(pause) => format!("{next} Not before {} have passed.", seconds(pause)),
            None => next.to_owned(),
        })
    }

    fn next_after_transport(&self) -> Option<&'static str> {
        match self.code {
            Code::Unavailable | Code::Cancelled | Code::Unknown | Code::Internal => Some(
                "The connection broke. Is the service running, does --server begin with the right one of http and \
                 https, and does the service demand a certificate (--client-cert)?",
            ),
            Code::DeadlineExceeded => Some("Try again, with a longer --timeout."),
            Code::Unimplemented => Some("Is a Largesse of this version listening there?"),
            Code::OutOfRange => Some("The request is larger than 4 MiB."),
            _ => None,
        }
    }

    /// The same for programs.
    pub fn json(&self) -> Value {
        let fields: Vec<Value> = self
            .fields
            .iter()
            .map(|[field, reason, description]| {
                json!({"field": field, "reason": reason, "description": description})
            })
            .collect();
        json!({
            "code": code_name(self.code),
            "reason": self.reason,
            "message": self.message,
            "metadata": self.metadata,
            "field_violations": fields,
            "retry_delay_ms": self.retry_after.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)),
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = if self.message.is_empty() {
            "no answer"
        } else {
            &self.message
        };
        write!(f, "{message} ({}", code_name(self.code))?;
        if let Some(reason) = &self.reason {
            write!(f, ", {reason}")?;
        }
        f.write_char(')')?;
        for [field, reason, description] in &self.fields {
            write!(f, "\n  {field}: {description}")?;
            if !reason.is_empty() {
                write!(f, " ({reason})")?;
            }
        }
        for (name, value) in &self.metadata {
            write!(f, "\n  {name}: {value}")?;
        }
        Ok(())
    }
}

/// What to do about errors of answers and delegations.
fn next_about_approvals(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "NOT_ASKED" => {
            "`largesse approval list` shows what waits for you; whoever was asked may reassign it to you."
        }
        "OWN_REQUEST" => {
            "Somebody else must answer. Your own request you may revise or cancel (`largesse gesture revise ID`)."
        }
        "APPROVER_SUSPENDED" => {
            "Speak to whoever administers the roster; others who were asked may still answer."
        }
        "NOT_LENT" => {
            "`largesse delegation list` shows what is lent to you; check --authority, or leave it to them."
        }
        "APPROVAL_NOT_FOUND" => {
            "Nobody was asked: `largesse gesture get ID` shows how it was answered."
        }
        "DELEGATION_NOT_FOUND" => "`largesse delegation list --ended` shows what there is.",
        "SECOND_PERSON_NEEDED" => {
            "Leave it to somebody else who is asked, or hand it on (`largesse approval reassign ID --to AGENT`)."
        }
        "CANNOT_APPROVE" => {
            "Nothing was written. Name somebody who can say yes; `largesse agents list` shows the roster."
        }
        "ALREADY_ASKED" => "There is nothing to do, unless you name somebody else.",
        "DELEGATION_ID_REUSED" => {
            "The first delegation stands. What is new needs a new --id; left out, one is made."
        }
        "DELEGATION_CIRCLE" | "DELEGATION_CHAIN" => {
            "Choose another delegate or another time, or revoke what stands in the way (`largesse delegation list`)."
        }
        _ => return None,
    })
}

/// What to do about errors of fulfilment, and of what comes after it.
fn next_about_work(reason: &str) -> Option<&'static str> {
    Some(match reason {
        "CHANNEL_NOT_COVERED" => {
            "Get a token with this channel (`largesse token --role fulfiller --channels NAME`)."
        }
        "TASK_NOT_FOUND" => "`largesse task lease CHANNEL` shows the ids of what there is to do.",
        "LEASE_LOST" => {
            "Stop working on it; ask the vendor, by the task's id, what has become of the order, and lease it again."
        }
        "COST_ACCEPTED" => {
            "Tell whoever accepted the cost: `largesse gesture get ID` shows the rest."
        }
        "NOTHING_IN_QUESTION" => "`largesse gesture follow-ups` shows what there is to look at.",
        "COST_MOVED" => {
            "Look again (`largesse gesture get ID`), then accept what is in question now."
        }
        "OUTCOME_ID_REUSED" => {
            "The first record stands. What is new needs a new --record; left out, one is made."
        }
        "AGENT_SUSPENDED" => "Speak to whoever administers the roster.",
        _ => return None,
    })
}

fn seconds(pause: Duration) -> String {
    format!("{} s", pause.as_millis().div_ceil(1000))
}

/// The name of a gRPC code as every document writes it.
fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use tonic_types::ErrorDetails;

    fn status(reason: &str) -> Status {
        let details = ErrorDetails::with_error_info(reason, "largesse", HashMap::new());
        Status::with_error_details(Code::Unknown, "a sentence", details)
    }

    /// The page for callers and this file name the same reasons.
    #[test]
    fn every_error_reason_says_what_to_do() {
        let page = include_str!("../../proto/REASONS.md");
        let errors = page
            .split("## Errors")
            .nth(1)
            .unwrap()
            .split("### ")
            .next()
            .unwrap();
        let mut reasons = 0;
        for line in errors
            .lines()
            .filter(|line| line.starts_with("| ") && line.contains("| `"))
        {
            let reason = line.split('`').nth(1).unwrap();
            let refusal = Refusal::of(&status(reason));
            assert!(refusal.next().is_some(), "{reason}");
            reasons += 1;
        }
        assert!(reasons > 20, "only {reasons}");
    }
}
