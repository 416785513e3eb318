//! Answers: mostly of somebody who may, to what is there; and of everybody else, to what was there.

use chrono::TimeDelta;

use super::super::model::{Answer, Gesture, Model};
use super::{Act, agent, amount, gesture, nearly};
use crate::support::Random;

pub fn decide(random: &mut Random, model: &Model) -> Option<Act> {
    let (mut answer, gesture) = answer(random, model, "DECISION")?;
    answer.word = *random.pick(&[
        "APPROVE", "APPROVE", "APPROVE", "APPROVE", "APPROVE", "APPROVE", "DECLINE", "RETURN",
    ]);
    if answer.word != "APPROVE" {
        answer.seq = Some(nearly(random, gesture.seq() + 1));
        return Some(Act::Decide(answer));
    }
    answer.terms = Some(match random.once_in(12) {
        true => random.pick(&gesture.asked).clone(),
        false => gesture.terms().clone(),
    });
    let first = gesture.question.and_then(|question| question.first);
    answer.amount = match (random.between(0, 9), first) {
        (0, _) => Some(amount(random)),
        (1, _) => Some(gesture.amount),
        (2, _) => Some(gesture.amount / 2 + 1),
        (3, Some(first)) => Some(first.amount + 1),
        (4 | 5, Some(first)) => Some(first.amount),
        _ => None,
    };
    answer.promise_by = random
        .once_in(8)
        .then(|| model.now + TimeDelta::minutes(random.between(-1, 900)));
    Some(Act::Decide(answer))
}

pub fn reassign(random: &mut Random, model: &Model) -> Option<Act> {
    let (answer, gesture) = answer(random, model, "DECISION")?;
    // mostly to somebody above, who might be able
    let able: Vec<String> = model
        .candidates(&gesture)
        .into_iter()
        .filter(|candidate| candidate.is_able)
        .map(|candidate| candidate.agent)
        .chain(gesture.asks.keys().cloned())
        .collect();
    let to = match random.once_in(3) || able.is_empty() {
        true => agent(random, model),
        false => random.pick(&able).clone(),
    };
    let answer_by = model.now + TimeDelta::minutes(random.between(10, 900));
    Some(Act::Reassign(answer, to, answer_by))
}

pub fn review(random: &mut Random, model: &Model) -> Option<Act> {
    let (mut answer, gesture) = answer(random, model, "REVIEW")?;
    answer.seq = Some(nearly(random, gesture.seq() + 1));
    let verdict = random.pick::<&str>(&["JUSTIFIED", "NOT_JUSTIFIED"]);
    Some(Act::Review(answer, verdict))
}

/// Who answers, in whose authority, and what they saw.
fn answer(random: &mut Random, model: &Model, purpose: &str) -> Option<(Answer, Gesture)> {
    let asked_for: Vec<_> = model
        .gestures
        .iter()
        .filter(|(_, gesture)| gesture.is_open(purpose) && !gesture.asks.is_empty())
        .map(|(id, gesture)| (*id, gesture.clone()))
        .collect();
    let (id, gesture) = match (random.once_in(20), asked_for.is_empty()) {
        (true, _) => gesture(random, model)?,
        (false, true) => return None,
        (false, false) => random.pick(&asked_for).clone(),
    };
    let asked: Vec<String> = gesture
        .asks
        .iter()
        .filter(|(_, ask)| ask.is_open || random.once_in(8))
        .map(|(agent, _)| agent.clone())
        .collect();
    let authority = match random.once_in(20) || asked.is_empty() {
        true => agent(random, model),
        false => random.pick(&asked).clone(),
    };
    let may: Vec<&String> = model
        .rules
        .members
        .keys()
        .filter(|actor| {
            let authorities = model.authorities(actor, None);
            authorities.iter().any(|(_, other)| *other == authority)
        })
        .collect();
    let actor = match random.once_in(20) || may.is_empty() {
        true => agent(random, model),
        false => (*random.pick(&may)).clone(),
    };
    let answer = Answer {
        id,
        actor,
        authority: random.once_in(2).then_some(authority),
        etag: nearly(random, gesture.etag),
        terms: None,
        word: "APPROVE",
        amount: None,
        promise_by: None,
        seq: None,
    };
    Some((answer, gesture))
}
