//! Why a verb did not succeed, in words that say what to do next.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use serde_json::{Value, json};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::output::say;

/// What the program's exit code tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done; for a request or a preview: APPROVED.
    Done = 0,
    /// The call could not be answered.
    Unanswered = 1,
    /// The command line, a file or a setting is wrong. The parser of the command line uses it, too.
    Usage = 2,
    /// The answer is NEEDS_APPROVAL.
    NeedsApproval = 3,
    /// The answer is DECLINED.
    Declined = 4,
    /// Whether it was done is not known.
    OutcomeUnknown = 5,
    /// `gesture resolve`: the request never arrived, and never will.
    NeverHappened = 6,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// What a call does, and so what its failure may leave behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Nothing is left behind.
    Reads,
    /// Something may have been written.
    Writes {
        /// What to type to learn what has become of it.
        find_out: String,
    },
}

impl Effect {
    /// A call that writes, and what to type to learn what has become of it.
    pub fn writes(find_out: impl Into<String>) -> Self {
        Self::Writes {
            find_out: find_out.into(),
        }
    }

    /// The failure of a call with this effect.
    pub fn failed(&self, status: &Status) -> Failure {
        let refusal = Refusal::of(status);
        match self {
            Self::Writes { find_out } if refusal.leaves_outcome_unknown() => {
                Failure::OutcomeUnknown {
                    refusal: Box::new(refusal),
                    find_out: find_out.clone(),
                }
            }
            Self::Reads | Self::Writes { .. } => Failure::Refused(Box::new(refusal)),
        }
    }
}

/// Why a verb did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// What was typed, or a file that was named, is wrong.
    Usage(String),
    /// The service answered with an error.
    Refused(Box<Refusal>),
    /// A call that writes was sent, and what has become of it is not known.
    OutcomeUnknown {
        /// What came instead of an answer.
        refusal: Box<Refusal>,
        /// What to type to learn more.
        find_out: String,
    },
    /// Anything else: no connection, no key, no file.
    Other(anyhow::Error),
}

impl From<anyhow::Error> for Failure {
    fn from(problem: anyhow::Error) -> Self {
        Self::Other(problem)
    }
}

impl Failure {
    /// Says it on standard error, and gives the exit code.
    pub fn report(&self, is_json: bool) -> Exit {
        if is_json {
            say(&self.json().to_string());
        } else {
            say(&format!("error: {self}"));
        }
        self.exit()
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::Refused(_) | Self::Other(_) => Exit::Unanswered,
            Self::OutcomeUnknown { .. } => Exit::OutcomeUnknown,
        }
    }

    fn json(&self) -> Value {
        let error = match self {
            Self::Usage(message) => json!({"message": message}),
            Self::Refused(refusal) => refusal.json(),
            Self::OutcomeUnknown { refusal, find_out } => {
                let mut error = refusal.json();
                error["find_out"] = find_out.as_str().into();
                error
            }
            Self::Other(problem) => json!({"message": format!("{problem:#}")}),
        };
        json!({"error": error, "exit_code": self.exit() as u8})
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) => f.write_str(message),
            Self::Refused(refusal) => {
                write!(f, "{refusal}")?;
                match refusal.next() {
                    Some(next) => write!(f, "\n{next}"),
                    None => Ok(()),
                }
            }
            Self::OutcomeUnknown { refusal, find_out } => write!(
                f,
                "{refusal}\nIt may have been done, or not. Find out: {find_out}"
            ),
            Self::Other(problem) => write!(f, "{problem:#}"),
        }
    }
}

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
    fn of(status: &Status) -> Self {
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
    fn leaves_outcome_unknown(&self) -> bool {
        match self.reason.as_deref() {
            Some(reason) => matches!(reason, "OUTCOME_UNKNOWN" | "DEFECT"),
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
    fn next(&self) -> Option<String> {
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
                "Look again (`largesse gesture get ID`), then try with the etag shown there."
            }
            Some("VERSION_STALE") => {
                "Somebody was faster. Look again (`largesse plan FILE`), then apply."
            }
            Some("OVERLOADED" | "DATABASE_UNAVAILABLE") => {
                "Nothing was written. Try again after a pause."
            }
            Some("OUTCOME_UNKNOWN") => "Ask what is so before anything else.",
            Some("DEADLINE_PASSED") => "Nothing was written. Try again, with a longer --timeout.",
            Some("DEFECT") => {
                "This is a mistake in Largesse. Report the id; it stands in the service's log."
            }
            Some(_) => return None,
            None => return self.next_after_transport().map(str::to_owned),
        };
        Some(match self.retry_after {
            Some(pause) => format!("{next} Not before {} have passed.", seconds(pause)),
            None => next.to_owned(),
        })
    }

    fn next_after_transport(&self) -> Option<&'static str> {
        match self.code {
            Code::Unavailable | Code::Cancelled => {
                Some("The connection broke. Is the service running?")
            }
            Code::DeadlineExceeded => Some("Try again, with a longer --timeout."),
            Code::Unimplemented => Some("Is a Largesse of this version listening there?"),
            Code::OutOfRange => Some("The request is larger than 4 MiB."),
            _ => None,
        }
    }

    fn json(&self) -> Value {
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
    use tonic_types::{ErrorDetails, FieldViolation};

    fn status(code: Code, reason: &str) -> Status {
        let details = ErrorDetails::with_error_info(reason, "largesse", HashMap::new());
        Status::with_error_details(code, "a sentence", details)
    }

    #[test]
    fn every_violated_field_has_its_line() {
        let mut details =
            ErrorDetails::with_error_info("INVALID_FIELDS", "largesse", HashMap::new());
        details.set_bad_request(vec![
            FieldViolation {
                reason: "REQUIRED".into(),
                ..FieldViolation::new("gesture.kind", "say what is given")
            },
            FieldViolation::new("gesture.amount", "at least 0.01 EUR"),
        ]);
        let status =
            Status::with_error_details(Code::InvalidArgument, "2 fields are wrong", details);
        let failure = Effect::writes("look").failed(&status);
        assert_eq!(
            failure.to_string(),
            "2 fields are wrong (INVALID_ARGUMENT, INVALID_FIELDS)\n  gesture.kind: say what is given \
             (REQUIRED)\n  gesture.amount: at least 0.01 EUR\nNothing was written. Mend what is named and send it again."
        );
        assert_eq!(failure.exit(), Exit::Unanswered);
        assert_eq!(
            failure.json()["error"]["field_violations"][0]["reason"],
            "REQUIRED"
        );
    }

    #[test]
    fn a_lost_answer_is_told_apart_from_a_refusal() {
        let effect = Effect::writes("largesse gesture resolve 7");
        let lost = [
            status(Code::Unavailable, "OUTCOME_UNKNOWN"),
            status(Code::Internal, "DEFECT"),
            Status::unavailable("connection reset"),
            Status::deadline_exceeded("too late"),
            Status::cancelled("timeout"),
        ];
        for status in lost {
            let failure = effect.failed(&status);
            assert_eq!(failure.exit(), Exit::OutcomeUnknown, "{failure}");
            assert!(failure.to_string().ends_with("largesse gesture resolve 7"));
            assert_eq!(Effect::Reads.failed(&status).exit(), Exit::Unanswered);
        }
        let refused = [
            status(Code::Unavailable, "DATABASE_UNAVAILABLE"),
            status(Code::DeadlineExceeded, "DEADLINE_PASSED"),
            status(Code::ResourceExhausted, "OVERLOADED"),
            Status::unimplemented("no such method"),
            Status::out_of_range("too large"),
        ];
        for status in refused {
            assert_eq!(effect.failed(&status).exit(), Exit::Unanswered, "{status}");
        }
    }

    #[test]
    fn a_pause_that_is_asked_for_is_told() {
        let mut details = ErrorDetails::with_retry_info(Some(Duration::from_millis(1500)));
        details.set_error_info("OVERLOADED", "largesse", HashMap::new());
        let status = Status::with_error_details(Code::ResourceExhausted, "too much", details);
        let failure = Effect::Reads.failed(&status);
        assert!(
            failure.to_string().ends_with("Not before 2 s have passed."),
            "{failure}"
        );
        assert_eq!(failure.json()["error"]["retry_delay_ms"], 1500);
    }

    /// The page for callers and this file list the same reasons.
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
            let refusal = Refusal::of(&status(Code::Unknown, reason));
            assert!(refusal.next().is_some(), "{reason}");
            reasons += 1;
        }
        assert!(reasons > 20, "only {reasons}");
    }
}
