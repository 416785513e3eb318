//! Who is asked next: the nearest person who can say yes.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;

use super::{Candidate, Gesture, Model};

/// The next step of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    Ask {
        agents: Vec<(String, &'static str)>,
        answer_by: DateTime<Utc>,
        due_at: Option<DateTime<Utc>>,
        expires_at: Option<DateTime<Utc>>,
    },
    /// Everybody who could answer was asked; then it is over.
    Wait {
        due_at: Option<DateTime<Utc>>,
        expires_at: Option<DateTime<Utc>>,
    },
    /// Nobody could ever say yes.
    Nobody,
    /// Nobody answered in time.
    Lapse,
}

impl Model {
    /// Whether the service would do something with it now: a new question at once, any other when its time has come.
    pub fn is_due(&self, gesture: &Gesture) -> bool {
        let is_new = gesture.is_asked() && gesture.question.as_ref().unwrap().step == 0;
        is_new || gesture.due.is_some_and(|due| due <= self.now)
    }

    /// What the service does with an open question whose step is due.
    pub fn route(&self, gesture: &Gesture) -> Route {
        let question = gesture.question.as_ref().unwrap();
        if gesture.state == "RETURNED" || question.expires_at.is_some_and(|end| end <= self.now) {
            return Route::Lapse;
        }
        let candidates = self.candidates(gesture);
        let is_review = question.purpose == "REVIEW";
        let needs_two = !is_review && self.needs_two(gesture.terms(), gesture.terms().amount);
        // most to be preferred first; within each the nearest first
        let groups: Vec<Vec<&Candidate>> = if is_review {
            let fit = |one: &&Candidate| one.how == "LINE" && one.is_active && !one.is_requester;
            let all = || candidates.iter().filter(fit);
            vec![
                all().filter(|one| one.is_reachable).collect(),
                all().collect(),
            ]
        } else {
            let all = || candidates.iter().filter(|one| one.is_able);
            vec![
                all()
                    .filter(|one| one.is_reachable && one.fits_now)
                    .collect(),
                all().filter(|one| one.is_reachable).collect(),
                all().collect(),
            ]
        };
        let people: BTreeSet<&str> = groups
            .iter()
            .flatten()
            .map(|one| one.person.as_str())
            .collect();
        if question.step == 0 && !is_review && people.len() < if needs_two { 2 } else { 1 } {
            return Route::Nobody;
        }
        let at_once = if needs_two && question.step == 0 {
            2
        } else {
            1
        };
        let left = self.not_asked(gesture, &groups);
        self.step(gesture, &left, at_once)
    }

    /// Whoever was not asked yet, in order, each person once.
    fn not_asked<'c>(
        &self,
        gesture: &Gesture,
        groups: &[Vec<&'c Candidate>],
    ) -> Vec<&'c Candidate> {
        let asked = &gesture.question.as_ref().unwrap().asked;
        let mut left: Vec<&Candidate> = Vec::new();
        for one in groups.iter().flatten() {
            let was_asked = asked
                .iter()
                .any(|agent| agent == &one.agent || self.is_same_person(agent, &one.agent));
            if !was_asked && left.iter().all(|other| other.person != one.person) {
                left.push(one);
            }
        }
        left
    }

    fn step(&self, gesture: &Gesture, left: &[&Candidate], at_once: usize) -> Route {
        let question = gesture.question.as_ref().unwrap();
        let routing = self.routing().unwrap();
        let rule = self.rule(gesture.terms());
        let after = |seconds: i64| self.now + TimeDelta::seconds(seconds);
        let is_last = left.len() <= at_once;
        if question.purpose == "REVIEW" {
            let answer_by = after(routing.review_within_s);
            return match left.first() {
                None => Route::Wait {
                    due_at: None,
                    expires_at: None,
                },
                Some(one) => Route::Ask {
                    agents: vec![(one.agent.clone(), one.how)],
                    answer_by,
                    due_at: (!is_last).then_some(answer_by),
                    expires_at: None,
                },
            };
        }
        let end = question.expires_at.unwrap_or(after(rule.expire_after_s));
        if left.is_empty() {
            return Route::Wait {
                due_at: Some(end),
                expires_at: Some(end),
            };
        }
        let answer_by = after(rule.answer_within_s).min(end);
        Route::Ask {
            agents: left
                .iter()
                .take(at_once)
                .map(|one| (one.agent.clone(), one.how))
                .collect(),
            answer_by,
            due_at: Some(if is_last { end } else { answer_by }),
            expires_at: Some(end),
        }
    }
}
