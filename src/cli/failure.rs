//! Why a verb did not succeed, in words that say what to do next.

use std::fmt;
use std::process::ExitCode;

use serde_json::{Value, json};
use tonic::Status;

use super::output::say;
use super::refusal::Refusal;

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use std::time::Duration;
    use tonic::Code;
    use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

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
}
