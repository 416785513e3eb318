//! Answering: who may, to what, and what a yes spends.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::super::super::model::Key;
use super::{First, Gesture, How, Model, Told};
use crate::support::kernel::Asked;

/// An answer as somebody gives it.
#[derive(Debug, Clone)]
pub struct Answer {
    pub id: Uuid,
    pub actor: String,
    pub authority: Option<String>,
    pub etag: i32,
    /// The terms that were seen.
    pub terms: Option<Asked>,
    pub word: &'static str,
    pub amount: Option<i64>,
    pub promise_by: Option<DateTime<Utc>>,
    /// For which event the note was sealed; none: there is no note.
    pub seq: Option<i32>,
}

/// In whose authority somebody answers.
pub(super) struct Way {
    pub how: How,
    pub authority: String,
    pub asked_at: DateTime<Utc>,
}

impl Model {
    pub fn decide(&mut self, answer: &Answer) -> Told {
        if let Some(told) = self.said_before(answer) {
            return told;
        }
        let way = match self.may_answer(answer, "DECISION") {
            Ok(way) => way,
            Err(refused) => return *refused,
        };
        if answer.word == "APPROVE" {
            return self.say_yes(answer, &way);
        }
        self.record_wait(&way);
        let rule = self.rule(self.gestures[&answer.id].terms());
        let later = self.now + TimeDelta::seconds(rule.expire_after_s);
        let gesture = self.gestures.get_mut(&answer.id).unwrap();
        gesture.close("DECISION");
        gesture.state = if answer.word == "DECLINE" {
            "DECLINED"
        } else {
            // it waits for its requester as long as it would have waited for an answer
            gesture.due = Some(later);
            "RETURNED"
        };
        gesture.happen(gesture.state, &answer.actor, Some(&way.authority));
        Told::taken(gesture.state, Some(&way.authority), gesture)
    }

    /// The same call again, where its event is the next one.
    fn said_before(&self, answer: &Answer) -> Option<Told> {
        let gesture = self.gestures.get(&answer.id)?;
        let next = gesture.next_change(answer.etag)?;
        let would_be: &[&str] = match answer.word {
            "APPROVE" => &["APPROVED", "FIRST_YES"],
            "DECLINE" => &["DECLINED"],
            _ => &["RETURNED"],
        };
        let is_same = next.actor == answer.actor
            && next.authority.is_some()
            && answer
                .authority
                .iter()
                .all(|named| Some(named) == next.authority.as_ref())
            && answer.terms.iter().all(|terms| *terms == next.terms)
            && answer.amount.is_none_or(|amount| amount == next.amount)
            && would_be.contains(&next.what);
        is_same.then(|| Told::taken(next.what, next.authority.as_deref(), gesture).replayed())
    }

    /// Whether an answer is heard at all. Who was never asked learns nothing; who was and came too late, who was faster.
    pub(super) fn may_answer(&self, answer: &Answer, purpose: &str) -> Result<Way, Box<Told>> {
        let no = |word: &str| Err(Box::new(Told::refused(word)));
        let Some(gesture) = self.gestures.get(&answer.id) else {
            return no("UNKNOWN");
        };
        let requester = &gesture.terms().agent;
        if self.is_same_person(&answer.actor, requester)
            || answer.authority.as_ref() == Some(requester)
        {
            return no("OWN_REQUEST");
        }
        // their own before what is lent to them before the pool's; where they are still asked before where they were
        let ways_for = |kind: Option<&str>| {
            let authorities = self.authorities(&answer.actor, kind).into_iter();
            let mut ways: Vec<(bool, How, String)> = authorities
                .filter(|(_, authority)| answer.authority.iter().all(|named| named == authority))
                .filter_map(|(how, authority)| {
                    let ask = gesture.asks.get(&authority)?;
                    Some((!ask.is_open, how, authority))
                })
                .collect();
            ways.sort();
            ways
        };
        let mine = ways_for(Some(&gesture.terms().kind));
        let Some((is_over, how, authority)) = mine.into_iter().next() else {
            // lent for other kinds, or not at all
            let was_asked =
                |named: &String| *named != answer.actor && gesture.asks.contains_key(named);
            let is_anothers = answer.authority.as_ref().is_some_and(was_asked);
            return no(match is_anothers || !ways_for(None).is_empty() {
                true => "NOT_LENT",
                false => "NOT_ASKED",
            });
        };
        if self.is_same_person(&authority, requester) {
            return no("OWN_REQUEST");
        }
        if !self.is_active(&answer.actor) || !self.is_active(&authority) {
            return no("INACTIVE");
        }
        let marked = |word: &str| Err(Box::new(Told::taken(word, None, gesture)));
        if gesture.etag != answer.etag || answer.terms.iter().any(|terms| terms != gesture.terms())
        {
            return marked("STALE");
        }
        let is_pending = purpose != "DECISION" || gesture.state == "PENDING_APPROVAL";
        if !is_pending || !gesture.is_open(purpose) {
            return marked("NOT_ALLOWED");
        }
        if is_over {
            return no("NOT_ASKED");
        }
        if answer.seq.is_some_and(|seq| seq != gesture.seq() + 1) {
            let mut told = Told::taken("MOVED", None, gesture);
            told.mark.as_mut().unwrap().1 = gesture.seq() + 1;
            return Err(Box::new(told));
        }
        let asked_at = gesture.asks[&authority].asked_at;
        Ok(Way {
            how,
            authority,
            asked_at,
        })
    }

    fn say_yes(&mut self, answer: &Answer, way: &Way) -> Told {
        let authority = way.authority.as_str();
        let gesture = &self.gestures[&answer.id];
        let first = self.first_yes(gesture).cloned();
        let (amount, promise_by) = said(gesture, first.as_ref(), answer);
        let (needs_two, is_another) = self.second_person(gesture, &answer.actor, authority, amount);
        if needs_two && !is_another {
            return Told::taken("SAME_PERSON", Some(authority), gesture);
        }
        let judged = self.judge_yes(
            gesture,
            &answer.actor,
            (way.how, authority),
            amount,
            promise_by,
        );
        if !judged.reasons.is_empty() {
            return Told::taken("REFUSED", Some(authority), gesture).because(judged.reasons);
        }
        self.record_wait(way);
        if needs_two && first.is_none_or(|first| first.amount != amount) {
            let (people, now) = (self.people([&answer.actor, authority]), self.now);
            let gesture = self.gestures.get_mut(&answer.id).unwrap();
            // nobody else to wait for
            let is_alone = !gesture
                .asks
                .iter()
                .any(|(asked, ask)| ask.is_open && asked != authority);
            if is_alone {
                gesture.due = gesture.due.map(|due| due.min(now));
            }
            gesture.question.as_mut().unwrap().first = Some(First {
                actor: answer.actor.clone(),
                authority: authority.to_owned(),
                people,
                amount,
                promise_by,
            });
            gesture
                .happen("FIRST_YES", &answer.actor, Some(authority))
                .amount = amount;
            return Told::taken("FIRST_YES", Some(authority), gesture);
        }
        self.give(
            answer.id,
            &answer.actor,
            authority,
            amount,
            promise_by,
            judged.charged,
        );
        Told::taken("APPROVED", Some(authority), &self.gestures[&answer.id])
    }

    /// Whether two must say yes to this amount, and whether these accounts are people other than those of the first yes.
    fn second_person(
        &self,
        gesture: &Gesture,
        actor: &str,
        authority: &str,
        amount: i64,
    ) -> (bool, bool) {
        let people = self.people([actor, authority]);
        let first = self.first_yes(gesture);
        let is_taken =
            first.is_some_and(|first| first.amount == amount && !first.people.is_disjoint(&people));
        let are_people = self.is_human(actor) && self.is_human(authority);
        (
            self.needs_two(gesture.terms(), amount),
            are_people && !is_taken,
        )
    }

    /// The first of two answers, while whoever gave it might give it again.
    fn first_yes<'g>(&self, gesture: &'g Gesture) -> Option<&'g First> {
        let first = gesture.question.as_ref()?.first.as_ref()?;
        let (actor, authority) = (first.actor.as_str(), first.authority.as_str());
        let kind = gesture.terms().kind.as_str();
        let ways = self.authorities(actor, Some(kind));
        let (how, _) = ways.iter().find(|(_, one)| one == authority)?;
        let are_there = [actor, authority].iter().all(|agent| {
            self.is_active(agent)
                && self.is_human(agent)
                && !self.is_same_person(agent, &gesture.terms().agent)
        });
        let judged = self.judge_yes(gesture, actor, (*how, authority), first.amount, None);
        (are_there && judged.reasons.is_empty()).then_some(first)
    }

    fn people(&self, agents: [&str; 2]) -> BTreeSet<String> {
        agents
            .into_iter()
            .filter_map(|agent| self.person(agent))
            .collect()
    }

    /// What a yes without an amount of its own would get now: the outcome and the reasons.
    pub fn standing(&self, id: Uuid, actor: &str, authority: &str) -> Option<Told> {
        let gesture = self.gestures.get(&id)?;
        if gesture.state != "PENDING_APPROVAL" {
            return None;
        }
        let kind = Some(gesture.terms().kind.as_str());
        let (how, _) = self
            .authorities(actor, kind)
            .into_iter()
            .find(|(_, one)| one == authority)?;
        let first = self.first_yes(gesture);
        let amount = first.map_or(gesture.amount, |first| first.amount);
        let promise_by = first.map_or(gesture.promise_by, |first| first.promise_by);
        let judged = self.judge_yes(gesture, actor, (how, authority), amount, promise_by);
        let (needs_two, is_another) = self.second_person(gesture, actor, authority, amount);
        let outcome = match (needs_two, is_another, judged.reasons.is_empty()) {
            (true, false, _) => "SAME_PERSON",
            (_, _, false) => "REFUSED",
            (true, true, true) if first.is_none() => "FIRST_YES",
            _ => "APPROVED",
        };
        Some(Told::refused(outcome).because(judged.reasons))
    }

    /// It is given: the authority's counters and the shared ones are charged, and nobody is asked any more.
    pub(super) fn give(
        &mut self,
        id: Uuid,
        actor: &str,
        authority: &str,
        amount: i64,
        promise_by: Option<DateTime<Utc>>,
        charged: Vec<(Key, i64)>,
    ) {
        for (key, more) in &charged {
            let counter = self.rules.counters.entry(key.clone()).or_default();
            counter.0 += more;
            counter.1 += 1;
        }
        let gesture = self.gestures.get_mut(&id).unwrap();
        gesture.close("DECISION");
        gesture.state = "APPROVED";
        gesture.amount = amount;
        gesture.promise_by = promise_by;
        gesture.decided = Some((actor.to_owned(), authority.to_owned()));
        gesture.hold = charged;
        gesture.is_glass = false;
        gesture.happen("APPROVED", actor, Some(authority));
    }

    /// How long whoever was asked was waited for is kept beside the last 49 times.
    pub(super) fn record_wait(&mut self, way: &Way) {
        let waited = (self.now - way.asked_at).num_seconds();
        let waits = self.waits.entry(way.authority.clone()).or_default();
        waits.push(waited);
        if waits.len() > 50 {
            waits.remove(0);
        }
    }
}

/// The amount and the promise of a yes: its own, else those of the first yes, else as asked.
fn said(gesture: &Gesture, first: Option<&First>, answer: &Answer) -> (i64, Option<DateTime<Utc>>) {
    (
        answer
            .amount
            .or(first.map(|first| first.amount))
            .unwrap_or(gesture.amount),
        answer
            .promise_by
            .or(first.and_then(|first| first.promise_by))
            .or(gesture.promise_by),
    )
}
