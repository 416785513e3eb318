//! Delegations and absences.

use chrono::TimeDelta;

use super::super::model::{Delegation, Model};
use super::super::tenants::KINDS;
use super::{Act, agent};
use crate::support::Random;

pub fn delegate(random: &mut Random, model: &Model) -> Act {
    let known: Vec<_> = model.delegations.iter().collect();
    if random.once_in(12) && !known.is_empty() {
        let (id, same) = *random.pick(&known);
        let mut same = same.clone();
        if random.once_in(2) {
            same.kinds = Some(vec!["flowers".into()]);
        }
        return Act::Delegate(*id, same, random.once_in(2));
    }
    let line = [
        "lead-1", "lead-2", "lead-3", "head-1", "head-2", "chief-1", "front-1", "other-0",
    ];
    let one = |random: &mut Random| match random.once_in(6) {
        true => agent(random, model),
        false => (*random.pick(&line)).to_owned(),
    };
    let (delegator, delegate) = (one(random), one(random));
    let is_from_now = random.once_in(2);
    let minutes = if is_from_now {
        0
    } else {
        random.between(-5, 600)
    };
    let from = model.now + TimeDelta::minutes(minutes);
    let wish = Delegation {
        delegator,
        delegate,
        from,
        until: from + TimeDelta::minutes(random.between(-20, 2_000)),
        kinds: random.once_in(3).then(|| {
            let some = random.some(
                &KINDS
                    .iter()
                    .map(|kind| (*kind).to_owned())
                    .collect::<Vec<_>>(),
            );
            match some.is_empty() {
                true => vec!["yacht".into()],
                false => some,
            }
        }),
        lent: random.once_in(2).then(|| {
            let currency = *random.pick(&["EUR", "EUR", "JPY"]);
            (random.between(500, 12_000), currency.to_owned())
        }),
        is_revoked: false,
    };
    Act::Delegate(random.uuid(), wish, is_from_now)
}

pub fn revoke(random: &mut Random, model: &Model) -> Act {
    let ids: Vec<_> = model.delegations.keys().copied().collect();
    match ids.is_empty() || random.once_in(10) {
        true => Act::Revoke(random.uuid()),
        false => Act::Revoke(*random.pick(&ids)),
    }
}

pub fn away(random: &mut Random, model: &Model) -> Act {
    let who = match random.once_in(3) {
        true => agent(random, model),
        false => (*random.pick(&["lead-1", "lead-2", "lead-3", "head-1", "head-2"])).to_owned(),
    };
    let from = random
        .once_in(3)
        .then(|| model.now + TimeDelta::minutes(random.between(-30, 300)));
    let until =
        (!random.once_in(4)).then(|| model.now + TimeDelta::minutes(random.between(-10, 1_500)));
    Act::Away(who, from, until)
}
