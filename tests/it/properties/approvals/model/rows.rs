//! Where everything stands, a line each; `super::super::rows` words what Postgres keeps in the same way.

use chrono::{DateTime, Utc};

use super::Model;

/// An instant in a line.
pub fn instant(at: Option<DateTime<Utc>>) -> String {
    at.map_or("-".into(), |at| at.format("%Y-%m-%dT%H:%M:%S").to_string())
}

impl Model {
    pub fn rows(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for (id, gesture) in &self.gestures {
            let (by, authority) = gesture.decided.clone().unwrap_or(("-".into(), "-".into()));
            rows.push(format!(
                "{id} is {}, etag {} of {}, {} by {by} in {authority}, promised {}, glass {}",
                gesture.state,
                gesture.etag,
                gesture.seq(),
                gesture.amount,
                instant(gesture.promise_by),
                gesture.is_glass,
            ));
            if let Some(question) = &gesture.question {
                rows.push(format!(
                    "{id} question {}, open {}, step {}, ends {}, first {}",
                    question.purpose,
                    question.is_open,
                    question.step,
                    instant(question.expires_at),
                    question.first.as_ref().map_or("-".into(), |first| format!(
                        "{} {} {}",
                        first.amount,
                        instant(first.promise_by),
                        first.people.iter().cloned().collect::<Vec<_>>().join(" ")
                    )),
                ));
            }
            for (agent, ask) in &gesture.asks {
                rows.push(format!(
                    "{id} asked {agent} {}, open {}, at {}, until {}",
                    ask.how,
                    ask.is_open,
                    instant(Some(ask.asked_at)),
                    instant(Some(ask.answer_by)),
                ));
            }
            if let Some(due) = gesture.due {
                rows.push(format!("{id} due {}", instant(Some(due))));
            }
        }
        for (id, lent) in &self.delegations {
            rows.push(format!(
                "lent {id} {} to {}, {} to {}",
                lent.delegator,
                lent.delegate,
                instant(Some(lent.from)),
                instant(Some(lent.until))
            ));
        }
        for (agent, (from, until)) in &self.absences {
            rows.push(format!(
                "away {agent}, {} to {}",
                instant(Some(*from)),
                instant(Some(*until))
            ));
        }
        for (agent, waits) in &self.waits {
            rows.push(format!("waits {agent} {waits:?}"));
        }
        rows.sort();
        rows
    }
}
