//! A question and what became of it: values.

pub(super) mod store;

use chrono::{DateTime, Utc};

use crate::ids::AgentId;
use crate::vault::Private;

/// An enum whose values have a word each, as the database keeps it.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$value_doc])* $value),+
        }

        impl $name {
            /// The word in the database.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word),+
                }
            }

            /// The value that a word means.
            pub fn of_word(word: &str) -> Option<Self> {
                [$(Self::$value),+].into_iter().find(|value| value.word() == word)
            }
        }
    };
}

words! {
    /// What a question is about.
    Purpose {
        /// May it be given?
        Decision = "DECISION",
        /// Was the glass broken rightly?
        Review = "REVIEW",
    }
}

words! {
    /// How somebody came to be asked.
    How {
        /// As the next one above.
        Line = "LINE",
        /// As the duty pool.
        Pool = "POOL",
        /// By a colleague who handed it on.
        Reassigned = "REASSIGNED",
    }
}

words! {
    /// What happens where nobody answers in time.
    Silence {
        /// It expires.
        Expire = "EXPIRE",
        /// The duty pool gives it, within its own maxima.
        Grant = "GRANT",
    }
}

words! {
    /// What was found when a broken glass was reviewed.
    Verdict {
        /// It was right.
        Justified = "JUSTIFIED",
        /// It was not.
        NotJustified = "NOT_JUSTIFIED",
    }
}

words! {
    /// What closes a question.
    AnswerEvent {
        /// A yes, the last of two, or the pool's on silence.
        Approved = "APPROVED",
        /// A no.
        Declined = "DECLINED",
        /// Back to the agent who asked.
        Returned = "RETURNED",
        /// Nobody answered in time.
        Expired = "EXPIRED",
        /// It was withdrawn.
        Cancelled = "CANCELLED",
        /// Other terms were put to it.
        Revised = "REVISED",
        /// The broken glass was reviewed.
        Reviewed = "REVIEWED",
    }
}

/// A gesture's question: the open one, or the last one.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// What it is about.
    pub purpose: Purpose,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// Everybody who was asked, first to last.
    pub asked: Vec<Asked>,
    /// When something happens by itself; none: nothing will.
    pub next_step_at: Option<DateTime<Utc>>,
    /// When it is over if nobody answers, or revises what was returned; none: never, or not known yet.
    pub expires_at: Option<DateTime<Utc>>,
    /// What happens then.
    pub on_silence: Option<Silence>,
    /// The first of two answers.
    pub first: Option<FirstAnswer>,
    /// What became of it; none: it is open.
    pub answer: Option<Answer>,
    /// The amount that was asked for, where a yes changed it.
    pub asked_minor: Option<i64>,
}

/// Somebody who was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// In whose authority the answer is to be given.
    pub agent: AgentId,
    /// How they came to be asked.
    pub how: How,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// By when they are to answer.
    pub answer_by: DateTime<Utc>,
    /// Whether they may still answer.
    pub is_open: bool,
    /// Who may answer for them at present, where they lend their authority.
    pub delegate: Option<AgentId>,
    /// How long they are usually waited for, in seconds; none: too few answers to tell.
    pub typical_wait_s: Option<i32>,
}

/// The first of two answers under dual control.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstAnswer {
    /// Who said yes.
    pub actor: String,
    /// In whose authority.
    pub authority: String,
    /// To how much, minor units.
    pub amount_minor: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// To which promise.
    pub promise_by: Option<DateTime<Utc>>,
}

impl Answer {
    /// Whether a note may have been said with it. What a revision says is the gesture's own personal part.
    pub fn may_say_something(&self) -> bool {
        match self.event {
            AnswerEvent::Declined | AnswerEvent::Returned | AnswerEvent::Reviewed => true,
            AnswerEvent::Approved
            | AnswerEvent::Expired
            | AnswerEvent::Cancelled
            | AnswerEvent::Revised => false,
        }
    }
}

/// What closed a question.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it was.
    pub event: AnswerEvent,
    /// The number of that event.
    pub seq: i32,
    /// Who did it.
    pub actor: String,
    /// In whose authority; none: it took none.
    pub authority: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// What was said yes to, minor units.
    pub amount_minor: Option<i64>,
    /// Whether the pool gave it because nobody answered.
    pub on_silence: bool,
    /// Whether it was a yes for somebody who had lately said yes to the one who gave it.
    pub is_reciprocal: bool,
    /// What the review found.
    pub verdict: Option<Verdict>,
    /// What was said with it; none for those who may not see it, where nothing was said, and after an erasure.
    pub note: Option<Private>,
}
