//! A naive Largesse that asks and answers: one thing after the other, in memory, written from the rules and not from the
//! SQL. What may be given is decided by the model of admission (`super::super::model`), with whoever answers as the one who
//! asks.

mod answers;
mod candidates;
mod gestures;
mod handing_on;
mod judging;
mod lending;
mod people;
mod questions;
mod route;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::model::document::Document;
use super::super::model::{Key, Model as Rules};
use crate::support::kernel::Asked;

pub use answers::Answer;
pub use candidates::Candidate;
pub use lending::{Delegation, Lent};
pub use people::How;
pub use questions::Step;
pub use route::Route;

/// The whole tenant.
pub struct Model {
    pub now: DateTime<Utc>,
    /// The configuration, the roster, and what is used.
    pub rules: Rules,
    pub gestures: BTreeMap<Uuid, Gesture>,
    pub delegations: BTreeMap<Uuid, Delegation>,
    pub absences: BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)>,
    /// How long people took to answer, in seconds, newest last.
    pub waits: BTreeMap<String, Vec<i64>>,
}

/// What was asked, and what became of it.
#[derive(Debug, Clone)]
pub struct Gesture {
    /// All terms that were ever asked; the last are in force.
    pub asked: Vec<Asked>,
    /// The one charged, also where none was named.
    pub budget: String,
    /// As asked, or as approved.
    pub amount: i64,
    pub promise_by: Option<DateTime<Utc>>,
    pub state: &'static str,
    pub etag: i32,
    pub is_glass: bool,
    /// Who decided, and in whose authority.
    pub decided: Option<(String, String)>,
    pub hold: Vec<(Key, i64)>,
    /// Numbered from one.
    pub events: Vec<Event>,
    /// The open one, or the last one.
    pub question: Option<Question>,
    pub asks: BTreeMap<String, Ask>,
    /// When something happens by itself.
    pub due: Option<DateTime<Utc>>,
}

/// Something that happened to a gesture.
#[derive(Debug, Clone)]
pub struct Event {
    pub what: &'static str,
    /// Where it left the gesture.
    pub state: &'static str,
    pub actor: String,
    pub authority: Option<String>,
    pub amount: i64,
    /// Of whom, and to whom, a question was handed on.
    pub handed: Option<(String, String)>,
    pub verdict: Option<&'static str>,
    pub terms: Asked,
}

/// What is asked of people.
#[derive(Debug, Clone)]
pub struct Question {
    pub purpose: &'static str,
    pub is_open: bool,
    pub opened_at: DateTime<Utc>,
    pub step: i32,
    pub expires_at: Option<DateTime<Utc>>,
    pub first: Option<First>,
    /// Who was asked since it was opened, also those who are not any more.
    pub asked: BTreeSet<String>,
}

/// The first of two answers.
#[derive(Debug, Clone)]
pub struct First {
    pub actor: String,
    pub authority: String,
    pub people: BTreeSet<String>,
    pub amount: i64,
    pub promise_by: Option<DateTime<Utc>>,
}

/// Somebody is asked, or was.
#[derive(Debug, Clone)]
pub struct Ask {
    pub how: &'static str,
    pub asked_at: DateTime<Utc>,
    pub answer_by: DateTime<Utc>,
    pub is_open: bool,
}

/// An answer to an act, in canonical words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub outcome: String,
    /// Of an act that was taken.
    pub authority: Option<String>,
    /// The state, the etag and who brought it there; none: not told.
    pub mark: Option<(String, i32, String)>,
    pub reasons: BTreeSet<String>,
    pub replayed: bool,
}

impl Model {
    pub fn of(document: &Document, now: DateTime<Utc>) -> Self {
        Self {
            now,
            rules: Rules::of(document),
            gestures: BTreeMap::new(),
            delegations: BTreeMap::new(),
            absences: BTreeMap::new(),
            waits: BTreeMap::new(),
        }
    }

    /// Gestures whose question is open, or that were returned.
    pub fn waiting(&self) -> Vec<Uuid> {
        let is_waiting = |gesture: &Gesture| gesture.state == "RETURNED" || gesture.is_asked();
        let waiting = self.gestures.iter();
        waiting
            .filter(|(_, gesture)| is_waiting(gesture))
            .map(|(id, _)| *id)
            .collect()
    }
}

impl Gesture {
    pub fn terms(&self) -> &Asked {
        self.asked.last().unwrap()
    }

    pub fn seq(&self) -> i32 {
        i32::try_from(self.events.len()).unwrap()
    }

    pub fn is_asked(&self) -> bool {
        self.question.as_ref().is_some_and(|open| open.is_open)
    }

    /// Whether this question is open.
    pub fn is_open(&self, purpose: &str) -> bool {
        let open = self.question.as_ref().filter(|open| open.is_open);
        open.is_some_and(|open| open.purpose == purpose)
    }

    /// The first event after this one that changed what is decided on, as a repeated call would have.
    pub fn next_change(&self, etag: i32) -> Option<&Event> {
        let after = self.events.iter().skip(usize::try_from(etag).unwrap());
        after
            .into_iter()
            .find(|event| !["ASKED", "REASSIGNED"].contains(&event.what))
    }

    pub fn mark(&self) -> Option<(String, i32, String)> {
        let by = &self.events[usize::try_from(self.etag - 1).unwrap()].actor;
        Some((self.state.to_owned(), self.etag, by.clone()))
    }

    /// Something happened; the etag moves with it where it changed what is decided on.
    pub fn happen(
        &mut self,
        what: &'static str,
        actor: &str,
        authority: Option<&str>,
    ) -> &mut Event {
        self.events.push(Event {
            what,
            state: self.state,
            actor: actor.to_owned(),
            authority: authority.map(str::to_owned),
            amount: self.amount,
            handed: None,
            verdict: None,
            terms: self.terms().clone(),
        });
        if !["ASKED", "REASSIGNED"].contains(&what) {
            self.etag = self.seq();
        }
        self.events.last_mut().unwrap()
    }

    /// A new question, of which the service hears in three seconds at the latest.
    pub fn open(&mut self, now: DateTime<Utc>, purpose: &'static str) {
        self.question = Some(Question {
            purpose,
            is_open: true,
            opened_at: now,
            step: 0,
            expires_at: None,
            first: None,
            asked: BTreeSet::new(),
        });
        self.due = Some(now + chrono::TimeDelta::seconds(3));
    }

    /// Nobody is asked any more.
    pub fn close(&mut self, purpose: &str) {
        if !self.is_open(purpose) {
            return;
        }
        self.question.as_mut().unwrap().is_open = false;
        for ask in self.asks.values_mut() {
            ask.is_open = false;
        }
        self.due = None;
    }
}

impl Told {
    /// Refused before anything was looked at.
    fn refused(outcome: &str) -> Self {
        Self {
            outcome: outcome.into(),
            authority: None,
            mark: None,
            reasons: BTreeSet::new(),
            replayed: false,
        }
    }

    fn taken(outcome: &str, authority: Option<&str>, gesture: &Gesture) -> Self {
        Self {
            authority: authority.map(str::to_owned),
            mark: gesture.mark(),
            ..Self::refused(outcome)
        }
    }

    fn because(self, reasons: BTreeSet<String>) -> Self {
        Self { reasons, ..self }
    }

    fn replayed(self) -> Self {
        Self {
            replayed: true,
            ..self
        }
    }
}
