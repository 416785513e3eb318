//! What can go wrong between us and Postgres, told apart by SQLSTATE and by nothing else.

use sqlx::Error;

/// Why a statement has no answer. The driver's own text is dropped here: it may carry what people wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A function of ours raised one of its own codes (`LG…`): a broken contract, named in its own words.
    #[error("{code}: {message}")]
    Raised {
        /// The SQLSTATE, `LG400` to `LG499`.
        code: String,
        /// What the function says; written by us, free of personal details.
        message: String,
    },
    /// 40001 or 40P01, still so after several tries. Nothing was written.
    #[error("the statement kept meeting others")]
    RunAgain,
    /// A lock was not free in time (55P03) or the statement took too long (57014). Nothing was written.
    #[error("the database is busy")]
    Busy,
    /// No connection was free in time. Nothing was sent.
    #[error("no database connection was free in time")]
    PoolExhausted,
    /// Postgres cannot be reached, or is starting or stopping. Nothing was written.
    #[error("the database cannot be reached")]
    Unavailable,
    /// The connection was lost after a statement that writes was sent.
    #[error("the connection was lost before the answer came")]
    OutcomeUnknown,
    /// Anything else: a defect of ours, by its SQLSTATE.
    #[error("unexpected answer of the database ({0})")]
    Defect(String),
}

impl Failure {
    /// A stable word for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Raised { .. } => "raised",
            Self::RunAgain => "run_again",
            Self::Busy => "busy",
            Self::PoolExhausted => "pool_exhausted",
            Self::Unavailable => "unavailable",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Defect(_) => "defect",
        }
    }

    /// The same for a step that comes before the one that matters: that one was not sent, so its outcome is known.
    #[must_use]
    pub fn before_writing(self) -> Self {
        match self {
            Self::OutcomeUnknown => Self::Unavailable,
            other => other,
        }
    }

    /// While waiting for a connection: nothing was sent, whatever happened.
    pub(crate) fn of_acquiring(error: Error) -> Self {
        match error {
            Error::PoolTimedOut => Self::PoolExhausted,
            Error::PoolClosed | Error::Io(_) | Error::Tls(_) | Error::WorkerCrashed => {
                Self::Unavailable
            }
            other => Self::of_answer(&other).unwrap_or(Self::Unavailable),
        }
    }

    /// After a statement that writes was sent: no answer means that we do not know.
    pub(crate) fn of_writing(error: Error) -> Self {
        match Self::of_answer(&error) {
            Some(Self::Unavailable) | None => Self::OutcomeUnknown,
            Some(failure) => failure,
        }
    }

    /// After a statement that only reads was sent.
    pub(crate) fn of_reading(error: Error) -> Self {
        Self::of_answer(&error).unwrap_or(Self::Unavailable)
    }

    /// Postgres answered with an error, or the driver could not read its answer. None: the connection is gone.
    fn of_answer(error: &Error) -> Option<Self> {
        match error {
            Error::Database(refusal) => Some(Self::of_sqlstate(
                refusal.code().as_deref().unwrap_or("XX000"),
                refusal.message(),
            )),
            Error::ColumnDecode { .. } | Error::Decode(_) => Some(Self::Defect("decode".into())),
            Error::Encode(_) => Some(Self::Defect("encode".into())),
            Error::RowNotFound => Some(Self::Defect("no row".into())),
            Error::ColumnNotFound(_)
            | Error::ColumnIndexOutOfBounds { .. }
            | Error::TypeNotFound { .. } => Some(Self::Defect("column".into())),
            Error::Protocol(_) | Error::Io(_) | Error::Tls(_) | Error::WorkerCrashed => None,
            _ => Some(Self::Defect("driver".into())),
        }
    }

    fn of_sqlstate(code: &str, message: &str) -> Self {
        match code {
            own if own.starts_with("LG4") => Self::Raised {
                code: own.into(),
                message: message.into(),
            },
            "40001" | "40P01" => Self::RunAgain,
            "55P03" | "57014" => Self::Busy,
            // 08: connection; 57P: shutdown, crash, not yet started; 53300: too many connections; 28: who we are
            connection
                if connection.starts_with("08")
                    || connection.starts_with("57P")
                    || connection.starts_with("28")
                    || connection == "53300" =>
            {
                Self::Unavailable
            }
            other => Self::Defect(other.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_connection_is_unknown_for_a_write_and_unavailable_for_a_read() {
        let lost = || Error::Io(std::io::Error::other("reset by peer"));
        assert_eq!(Failure::of_writing(lost()), Failure::OutcomeUnknown);
        assert_eq!(Failure::of_reading(lost()), Failure::Unavailable);
        assert_eq!(Failure::of_acquiring(lost()), Failure::Unavailable);
    }

    #[test]
    fn sqlstates_are_told_apart() {
        let told = |code| Failure::of_sqlstate(code, "m").name();
        assert_eq!(told("40001"), "run_again");
        assert_eq!(told("LG404"), "raised");
        assert_eq!(
            told("LG500"),
            "defect",
            "a broken invariant is not the caller's business"
        );
        assert_eq!(told("23514"), "defect");
        assert_eq!(told("57P01"), "unavailable");
        assert_eq!(told("55P03"), "busy");
    }
}
