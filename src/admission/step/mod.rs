//! The next step of a question, on its way to the kernel: who is asked too, and until when. Whom to ask is found out by
//! `approval`, and nothing rests on it: the kernel takes a step against the step that was seen, and knows who can be asked.

pub(super) mod store;

use chrono::{DateTime, Utc};

use crate::ids::{AgentId, GestureId};

/// A step.
#[derive(Debug, Clone)]
pub struct Step {
    /// Of this gesture's question.
    pub gesture: GestureId,
    /// The step that was seen.
    pub from: i32,
    /// Who is asked too, and as what, in the kernel's word.
    pub asked: Vec<(AgentId, &'static str)>,
    /// By when they are to answer.
    pub answer_by: DateTime<Utc>,
    /// When something happens next by itself; none: nothing does.
    pub due_at: Option<DateTime<Utc>>,
    /// When the question is over; none: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Where it is told, for the trail.
    pub trace: Option<String>,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepAnswer {
    /// It was taken.
    Taken,
    /// Somebody else took it, or nothing is open, or due.
    Stale,
    /// Somebody of those cannot be asked, or not for this time. Nothing was done.
    Unfit,
}

impl StepAnswer {
    fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "ASKED" => Self::Taken,
            "STALE" => Self::Stale,
            "UNFIT" => Self::Unfit,
            _ => return None,
        })
    }
}
