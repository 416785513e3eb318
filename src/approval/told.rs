//! What is told of a question when it has come to an end: how long it was open, and after how many steps.

use crate::ids::AgentId;
use crate::telemetry::metrics::metrics;
use crate::telemetry::names;
use crate::telemetry::traces::{Answer, Facts};

/// A question for a decision, as it was seen when it was still open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    /// How often people had been asked.
    pub step: i32,
    /// For how long it was open.
    pub waited_s: f64,
}

impl Open {
    /// It has ended like this.
    pub fn ended(self, decision: &'static str) {
        metrics().question_ended(decision, self.step, self.waited_s);
    }

    /// The call that runs here has ended it, in this authority where it is not the actor's own.
    pub fn ended_here(self, decision: &'static str, actor: &AgentId, authority: Option<&str>) {
        let answer = Answer {
            decision,
            level: names::level(self.step),
            waited_s: self.waited_s,
            is_delegate: authority.is_some_and(|authority| authority != actor.as_str()),
        };
        if let Some(facts) = Facts::here() {
            facts.answer.get_or_init(|| answer);
        }
    }
}
