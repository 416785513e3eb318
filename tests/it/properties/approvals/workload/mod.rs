//! Invents what happens to people who ask each other: mostly what they would do, and often enough what they should not.

mod answers;
mod lending;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::super::model::document::Document;
use super::model::{Answer, Delegation, Gesture, Model, Step};
use super::tenants::{CUSTOMERS, KINDS};
use crate::support::Random;
use crate::support::kernel::{Asked, Cancelled};

/// One thing that happens.
#[derive(Debug, Clone)]
pub enum Act {
    Admit(Asked),
    /// The service looks after an open question.
    Route(Uuid),
    /// Somebody with the service's credentials asks whom they like, when they like, about several gestures at once.
    Ask(Vec<Step>),
    Lapse(Uuid, i32),
    DeclineUnanswerable(Uuid, i32),
    Decide(Answer),
    Reassign(Answer, String, DateTime<Utc>),
    Review(Answer, &'static str),
    Revise(Uuid, i32, i32, Asked),
    Cancel(Cancelled),
    /// Whether it names no beginning.
    Delegate(Uuid, Delegation, bool),
    Revoke(Uuid),
    Away(String, Option<DateTime<Utc>>, Option<DateTime<Utc>>),
    Suspend(String, bool),
    Pause(String, bool),
    Apply(Box<Document>),
    Wait(DateTime<Utc>),
}

/// Invents the next thing. `past` is what happened so far.
pub fn act(random: &mut Random, model: &Model, past: &[Act]) -> Act {
    // whatever was done may be done again: a retry, or a late one
    if random.once_in(20) && !past.is_empty() {
        let lately = past.len().saturating_sub(8);
        let again = random.pick(&past[lately..]).clone();
        if !matches!(again, Act::Admit(_) | Act::Apply(_) | Act::Wait(_)) {
            return again;
        }
    }
    let due = due(model);
    let wish = asked(random, model);
    let otherwise = || Act::Admit(wish.clone());
    match random.between(0, 99) {
        0..=11 => Act::Admit(asked(random, model)),
        12..=36 if !due.is_empty() => Act::Route(*random.pick(&due)),
        37..=65 => answers::decide(random, model).unwrap_or_else(otherwise),
        66..=67 => Act::Ask(steps(random, model)),
        68..=72 => answers::reassign(random, model).unwrap_or_else(otherwise),
        73..=74 => answers::review(random, model).unwrap_or_else(otherwise),
        75..=78 => revise(random, model).unwrap_or_else(otherwise),
        79 => cancel(random, model).unwrap_or_else(otherwise),
        80..=83 => lending::delegate(random, model),
        84 => lending::revoke(random, model),
        85..=86 => lending::away(random, model),
        87..=88 => Act::Suspend(agent(random, model), random.once_in(3)),
        89 => Act::Pause((*random.pick(KINDS)).into(), random.once_in(4)),
        90 => Act::Apply(Box::new(changed(random, model))),
        91 => mischief(random, model).unwrap_or_else(otherwise),
        92..=99 => Act::Wait(later(random, model)),
        _ => Act::Admit(asked(random, model)),
    }
}

/// Where the service would do something now.
fn due(model: &Model) -> Vec<Uuid> {
    let mut waiting = model.waiting();
    waiting.retain(|id| model.is_due(&model.gestures[id]));
    waiting
}

pub(super) fn agent(random: &mut Random, model: &Model) -> String {
    let agents: Vec<&String> = model.rules.members.keys().collect();
    match random.once_in(40) {
        true => "stranger".into(),
        false => (*random.pick(&agents)).clone(),
    }
}

/// Of all gestures, mostly one that waits.
pub(super) fn gesture(random: &mut Random, model: &Model) -> Option<(Uuid, Gesture)> {
    let waiting = model.waiting();
    let all: Vec<Uuid> = model.gestures.keys().copied().collect();
    let of = if random.once_in(10) || waiting.is_empty() {
        all
    } else {
        waiting
    };
    let id = *of.get(usize::try_from(random.next() % of.len().max(1) as u64).unwrap())?;
    Some((id, model.gestures[&id].clone()))
}

/// A wish, mostly of the front row and above its authority.
fn asked(random: &mut Random, model: &Model) -> Asked {
    let asks = if random.once_in(3) {
        agent(random, model)
    } else {
        format!("front-{}", random.between(1, 4))
    };
    Asked {
        id: random.uuid(),
        agent: asks,
        kind: (*random.pick(KINDS)).into(),
        amount: amount(random),
        currency: (*random.pick(&["EUR", "EUR", "EUR", "JPY"])).into(),
        customer: format!("customer-{}", random.between(1, CUSTOMERS)),
        segment: random.once_in(4).then(|| "loyal".into()),
        case_id: (!random.once_in(12)).then(|| format!("case-{}", random.between(1, 3))),
        occasion: random.once_in(4).then(|| "bereavement".into()),
        budget: random.once_in(6).then(|| "team".into()),
        waived: match random.between(0, 5) {
            0 => vec!["window".into()],
            1 => vec!["window".into(), "drop-off".into()],
            _ => Vec::new(),
        },
        promise_by: random
            .once_in(4)
            .then(|| model.now + TimeDelta::minutes(random.between(-3, 6_000))),
        replaces: None,
        is_glass: random.once_in(10),
    }
}

pub(super) fn amount(random: &mut Random) -> i64 {
    match random.between(0, 9) {
        0 => random.between(1, 20_000),
        1..=3 => random.between(100, 1_500),
        _ => random.between(1_500, 12_000),
    }
}

fn revise(random: &mut Random, model: &Model) -> Option<Act> {
    let (id, gesture) = gesture(random, model)?;
    let old = gesture.terms();
    let mut new = Asked {
        amount: if random.once_in(3) {
            old.amount
        } else {
            amount(random)
        },
        is_glass: random.once_in(3),
        promise_by: None,
        ..old.clone()
    };
    match random.between(0, 11) {
        0 => new.agent = agent(random, model),
        1 => new.customer = format!("customer-{}", random.between(1, CUSTOMERS)),
        2 | 3 => new.kind = (*random.pick(KINDS)).into(),
        4 => new.occasion = Some("bereavement".into()),
        5 => new.waived.clear(),
        6 => new.segment = Some("unheard-of".into()),
        7 => new.budget = Some("root".into()),
        _ => (),
    }
    let (etag, seq) = (
        nearly(random, gesture.etag),
        nearly(random, gesture.seq() + 1),
    );
    Some(Act::Revise(id, etag, seq.max(2), new))
}

fn cancel(random: &mut Random, model: &Model) -> Option<Act> {
    let (id, gesture) = gesture(random, model)?;
    let actor = match random.once_in(3) {
        true => agent(random, model),
        false => gesture.terms().agent.clone(),
    };
    let etag = nearly(random, gesture.etag);
    Some(Act::Cancel(Cancelled { id, actor, etag }))
}

/// Mostly the number itself.
pub(super) fn nearly(random: &mut Random, number: i32) -> i32 {
    match random.between(0, 19) {
        0 => (number - 1).max(1),
        1 => number + 1,
        2 => 1,
        _ => number,
    }
}

/// Somebody steps in where the service would not, and asks whom it would not.
fn mischief(random: &mut Random, model: &Model) -> Option<Act> {
    let (id, gesture) = gesture(random, model)?;
    let step = gesture.question.as_ref().map_or(0, |last| last.step);
    let step = if random.once_in(4) { step + 1 } else { step };
    Some(match random.between(0, 1) {
        0 => Act::Lapse(id, step),
        _ => Act::DeclineUnanswerable(id, step),
    })
}

/// Steps of one to four gestures, due or not, asking whom routing would ask or would not. Nobody is asked about an unknown one.
fn steps(random: &mut Random, model: &Model) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let due = due(model);
    for _ in 0..random.between(1, 4) {
        let found = match gesture(random, model) {
            _ if !due.is_empty() && !random.once_in(3) => Some(*random.pick(&due)),
            found => found.map(|(id, _)| id),
        };
        let id = found.unwrap_or_else(Uuid::now_v7);
        if steps.iter().any(|step| step.id == id) {
            continue;
        }
        let gesture = model.gestures.get(&id);
        let last = gesture.and_then(|gesture| gesture.question.as_ref());
        let step = last.map_or(0, |last| last.step) + i32::from(random.once_in(6));
        let above = gesture.map(|gesture| model.above(&gesture.terms().agent));
        let mut agents = Vec::new();
        for _ in 0..random.between(0, 2) {
            agents.push(match &above {
                Some(above) if !above.is_empty() && !random.once_in(3) => {
                    (random.pick(above).clone(), "LINE")
                }
                _ if random.once_in(2) => ("duty".to_owned(), "POOL"),
                _ => (agent(random, model), "LINE"),
            });
        }
        let hours = |n: i64| model.now + TimeDelta::hours(n);
        steps.push(Step {
            id,
            step,
            agents,
            answer_by: hours(1),
            due_at: (!random.once_in(6)).then(|| hours(random.between(1, 3))),
            expires_at: Some(hours(random.between(1, 11))),
        });
    }
    steps
}

/// A while; or the next instant at which something is due; or just before.
fn later(random: &mut Random, model: &Model) -> DateTime<Utc> {
    let deadlines: Vec<DateTime<Utc>> = model
        .gestures
        .values()
        .filter_map(|gesture| gesture.due)
        .filter(|due| *due > model.now)
        .collect();
    let soonest = deadlines.iter().min().copied();
    let now = model.now;
    let later = match (random.between(0, 9), soonest) {
        (0..=3, Some(soonest)) => soonest,
        (4, Some(soonest)) => soonest - TimeDelta::seconds(1),
        (5, _) if random.once_in(3) => now + TimeDelta::days(random.between(1, 4)),
        (6, _) => now + TimeDelta::hours(random.between(1, 12)),
        _ => now + TimeDelta::minutes(random.between(1, 50)),
    };
    later.max(now)
}

/// A limit lowered or raised, a level changed, another line, somebody gone, another pool.
fn changed(random: &mut Random, model: &Model) -> Document {
    let mut changed = model.rules.document.clone();
    let agents = changed.agents.as_mut().unwrap();
    match random.between(0, 5) {
        0 => {
            let place = usize::try_from(random.between(0, 1)).unwrap();
            let limit = &mut changed.limits[place];
            let hard = random.between(4_000, 60_000);
            limit.hard_minor = Some(hard);
            let entries = changed
                .levels
                .iter_mut()
                .flat_map(|level| &mut level.maxima);
            for entry in entries.filter(|entry| entry.limit == limit.name) {
                entry.amount_minor = entry.amount_minor.map(|amount| amount.min(hard));
            }
        }
        1 => {
            let place = usize::try_from(random.between(0, 3)).unwrap();
            for entry in &mut changed.levels[place].maxima {
                entry.amount_minor = entry.amount_minor.map(|amount| amount / 2);
            }
        }
        2 => {
            let item = usize::try_from(random.between(0, 5)).unwrap();
            let item = &mut changed.catalog[item];
            item.dual_minor = random.once_in(2).then(|| random.between(2_000, 9_000));
        }
        3 => {
            // the second accounts and the front manage nobody
            let managers: Vec<String> = agents
                .iter()
                .filter_map(|one| one.manager.clone())
                .collect();
            let members = changed.routing.as_ref().unwrap().duty_members.clone();
            let is_needed = |agent: &String| {
                managers.contains(agent) || members.contains(agent) || agent == "duty"
            };
            let gone = random.pick(agents).id.clone();
            agents.retain(|agent| agent.id != gone || is_needed(&agent.id));
        }
        4 => {
            let own = format!("customer-{}", random.between(1, CUSTOMERS));
            let place = usize::try_from(random.next() % agents.len() as u64).unwrap();
            agents[place].own_customers = vec![own];
        }
        _ => {
            let routing = changed.routing.as_mut().unwrap();
            if routing.duty_members.len() > 1 {
                routing.duty_members.remove(0);
            }
            routing.rules.reverse();
        }
    }
    changed
}
