//! Handing a question on, and reviewing a broken glass.

use chrono::{DateTime, Utc};

use super::answers::Answer;
use super::{Model, Told};

impl Model {
    /// Whoever was asked hands it on to somebody who could say yes.
    pub fn reassign(&mut self, answer: &Answer, to: &str, answer_by: DateTime<Utc>) -> Told {
        let now = self.now;
        if let Some(gesture) = self.gestures.get(&answer.id) {
            // whoever is asked again has something to hand on again
            let is_same = gesture.events.iter().zip(1..).any(|(event, seq)| {
                let handed = event.handed.as_ref();
                seq > answer.etag
                    && event.actor == answer.actor
                    && handed
                        .is_some_and(|(of, to_whom)| to_whom == to && !gesture.asks[of].is_open)
            });
            if is_same {
                return Told::taken("REASSIGNED", None, gesture).replayed();
            }
        }
        let way = match self.may_answer(answer, "DECISION") {
            Ok(way) => way,
            Err(refused) => return *refused,
        };
        let gesture = &self.gestures[&answer.id];
        let no = |word: &str| Told::taken(word, None, gesture);
        if self.member(to).is_none() {
            return no("TO_UNKNOWN");
        }
        if gesture.asks.get(to).is_some_and(|ask| ask.is_open) {
            return no("ALREADY_ASKED");
        }
        let how = if self.pool() == Some(to) {
            "POOL"
        } else {
            "LINE"
        };
        if !self.candidate(gesture, to, how).is_able {
            return no("UNABLE");
        }
        let gesture = self.gestures.get_mut(&answer.id).unwrap();
        let end = gesture.question.as_ref().unwrap().expires_at;
        let until = end.map_or(answer_by, |end| end.min(answer_by));
        gesture.asks.get_mut(&way.authority).unwrap().is_open = false;
        gesture.ask(now, to, "REASSIGNED", until);
        gesture.due = Some(until);
        gesture
            .happen("REASSIGNED", &answer.actor, Some(&way.authority))
            .handed = Some((way.authority.clone(), to.to_owned()));
        Told::taken("REASSIGNED", Some(&way.authority), gesture)
    }

    /// Whoever was asked says whether a glass was broken rightly. Nothing that was given changes.
    pub fn review(&mut self, answer: &Answer, verdict: &'static str) -> Told {
        if let Some(gesture) = self.gestures.get(&answer.id)
            && let Some(next) = gesture.next_change(answer.etag)
            && next.actor == answer.actor
            && next.verdict == Some(verdict)
        {
            return Told::taken("REVIEWED", next.authority.as_deref(), gesture).replayed();
        }
        let way = match self.may_answer(answer, "REVIEW") {
            Ok(way) => way,
            Err(refused) => return *refused,
        };
        self.record_wait(&way);
        let gesture = self.gestures.get_mut(&answer.id).unwrap();
        gesture.close("REVIEW");
        gesture
            .happen("REVIEWED", &answer.actor, Some(&way.authority))
            .verdict = Some(verdict);
        Told::taken("REVIEWED", Some(&way.authority), gesture)
    }
}
