//! Invents tenants in which people ask each other: lines of three or four, second accounts, software, a duty pool, and
//! authority that ends early.

use chrono::{Days, NaiveDate};

use super::super::model::document::{
    Agent, Budget, Document, Entry, Item, Level, Limit, Rate, Rates, Routing, Rule,
};
use crate::support::Random;

pub const KINDS: &[&str] = &["flowers", "basket", "credit"];
pub const CUSTOMERS: i64 = 4;

/// Below the first the others; whoever manages stands in an earlier row.
const ROWS: &[(&str, i64)] = &[("chief", 1), ("head", 2), ("lead", 3), ("front", 4)];

/// A document that is in order.
pub fn document(random: &mut Random, today: NaiveDate) -> Document {
    let limits = limits(random);
    let has_pool = !random.once_in(5);
    let levels = [
        ("front", 10),
        ("lead", 35),
        ("head", 70),
        ("chief", 100),
        ("duty", 50),
    ];
    let agents = agents(random);
    Document {
        time_zone: (*random.pick(&["Europe/Berlin", "America/New_York", "Asia/Kathmandu"])).into(),
        week_starts_on: 1,
        rates: rates(random, today),
        segments: vec!["loyal".into()],
        occasions: vec!["bereavement".into()],
        policies: vec!["window".into(), "drop-off".into()],
        catalog: catalog(random),
        budgets: vec![
            budget(random, "root", None),
            budget(random, "team", Some("root")),
        ],
        levels: levels
            .into_iter()
            .map(|(name, percent)| level(random, name, percent, &limits))
            .collect(),
        routing: Some(routing(random, has_pool, &agents)),
        limits,
        agents: Some(agents),
    }
}

fn limits(random: &mut Random) -> Vec<Limit> {
    let limit = |name: &str, subject: &str, window: &str, currency: &str, hard, count| Limit {
        name: name.into(),
        subject: subject.into(),
        window: window.into(),
        currency: currency.into(),
        kinds: None,
        segments: None,
        occasions: None,
        hard_minor: Some(hard),
        hard_count: count,
    };
    let each = *random.pick(&["EUR", "EUR", "JPY"]);
    let mut limits = vec![
        limit("gesture", "AGENT", "GESTURE", each, 20_000, None),
        limit(
            "month",
            "AGENT",
            "MONTH",
            "EUR",
            random.between(60_000, 150_000),
            Some(40),
        ),
        limit("break_glass", "AGENT", "WEEK", "EUR", 30_000, Some(5)),
    ];
    if random.once_in(2) {
        limits.push(limit(
            "customer",
            "CUSTOMER",
            "YEAR",
            "EUR",
            random.between(20_000, 90_000),
            None,
        ));
    }
    if random.once_in(2) {
        limits.push(limit(
            "pair",
            "AGENT_AND_CUSTOMER",
            "DAY",
            "EUR",
            40_000,
            Some(6),
        ));
    }
    if random.once_in(3) {
        limits.push(limit(
            "case",
            "CASE",
            "EVER",
            "EUR",
            random.between(9_000, 40_000),
            None,
        ));
    }
    limits
}

/// Of every limit about so many hundredths.
fn level(random: &mut Random, name: &str, percent: i64, limits: &[Limit]) -> Level {
    let mut maxima = Vec::new();
    for limit in limits {
        let hard = limit.hard_minor.unwrap();
        let is_glass = limit.name == "break_glass";
        if is_glass && random.once_in(4) || limit.subject != "AGENT" && random.once_in(2) {
            continue;
        }
        // the right to break the glass is everybody's who has it
        let most = hard * if is_glass { 50 } else { percent } / 100;
        maxima.push(Entry {
            limit: limit.name.clone(),
            amount_minor: Some(random.between(most * 2 / 3, most)),
            count: random.maybe(&[2, 5]).filter(|_| limit.hard_count.is_some()),
            kinds: (limit.name == "gesture" && random.once_in(5))
                .then(|| KINDS[1..].iter().map(|kind| (*kind).to_owned()).collect()),
        });
    }
    Level {
        name: name.into(),
        may_waive: match percent {
            0..=10 => Vec::new(),
            11..=60 => random.some(&["window".into(), "drop-off".into()]),
            _ => vec!["window".into(), "drop-off".into()],
        },
        budgets: random.some(&["root".to_owned(), "team".into()]),
        maxima,
    }
}

fn agents(random: &mut Random) -> Vec<Agent> {
    let mut agents: Vec<Agent> = Vec::new();
    let mut above: Vec<String> = Vec::new();
    for (row, count) in ROWS {
        let row_ids: Vec<String> = (1..=*count).map(|n| format!("{row}-{n}")).collect();
        for id in &row_ids {
            let type_ = if *row == "lead" && random.once_in(6) {
                "SOFTWARE"
            } else {
                "HUMAN"
            };
            let manager = (!above.is_empty()).then(|| random.pick(&above).clone());
            agents.push(agent(random, id, type_, row, manager, None));
        }
        above = row_ids;
    }
    // the same people again: with another authority, in another line, perhaps above themselves
    for (n, of) in ["lead-1", "front-1", "head-1"].into_iter().enumerate() {
        if random.once_in(2) {
            let level = *random.pick(&["front", "lead", "head"]);
            let manager = (*random.pick(&["chief-1", "head-2", "lead-2"])).to_owned();
            let id = format!("other-{n}");
            agents.push(agent(random, &id, "HUMAN", level, Some(manager), Some(of)));
            if random.once_in(2) {
                let front = agents.iter_mut().find(|agent| agent.id == "front-2");
                front.unwrap().manager = Some(id);
            }
        }
    }
    agents.push(agent(
        random,
        "robot",
        "SOFTWARE",
        "lead",
        Some("head-1".into()),
        None,
    ));
    agents.push(agent(random, "duty", "POOL", "duty", None, None));
    if random.once_in(3) {
        agents[3].manager = Some("duty".into());
    }
    agents
}

fn agent(
    random: &mut Random,
    id: &str,
    type_: &str,
    level: &str,
    manager: Option<String>,
    person: Option<&str>,
) -> Agent {
    Agent {
        id: id.into(),
        type_: type_.into(),
        person: person.map(str::to_owned),
        level: level.into(),
        manager,
        budget: (*random.pick(&["root", "team", "team"])).into(),
        own_customers: if random.once_in(6) {
            vec![format!("customer-{}", random.between(1, CUSTOMERS))]
        } else {
            Vec::new()
        },
        overrides: Vec::new(),
    }
}

fn routing(random: &mut Random, has_pool: bool, agents: &[Agent]) -> Routing {
    let humans: Vec<String> = agents
        .iter()
        .filter(|agent| agent.type_ == "HUMAN")
        .map(|agent| agent.id.clone())
        .collect();
    let mut duty_members: Vec<String> = Vec::new();
    while has_pool && (duty_members.len() < 2 || random.once_in(3)) {
        let one = random.pick(&humans).clone();
        if !duty_members.contains(&one) {
            duty_members.push(one);
        }
    }
    let mut silence = || match has_pool && random.once_in(2) {
        true => "GRANT".to_owned(),
        false => "EXPIRE".to_owned(),
    };
    let rule = |kinds, occasions, on_silence| Rule {
        kinds,
        segments: None,
        occasions,
        answer_within_s: 1_800,
        expire_after_s: 7_200,
        on_silence,
        clock: "ALWAYS".into(),
    };
    Routing {
        answer_within_s: 14_400,
        expire_after_s: 36_000,
        on_silence: silence(),
        clock: "ALWAYS".into(),
        review_within_s: 86_400,
        duty_pool: has_pool.then(|| "duty".into()),
        rules: vec![
            rule(None, Some(vec!["bereavement".into()]), silence()),
            rule(Some(vec!["credit".into()]), None, silence()),
        ],
        duty_members,
    }
}

fn budget(random: &mut Random, name: &str, parent: Option<&str>) -> Budget {
    Budget {
        name: name.into(),
        parent: parent.map(str::to_owned),
        currency: "EUR".into(),
        window: (*random.pick(&["MONTH", "YEAR"])).into(),
        amount_minor: random.between(100_000, 400_000),
    }
}

fn catalog(random: &mut Random) -> Vec<Item> {
    let mut catalog = Vec::new();
    for kind in KINDS {
        for currency in ["EUR", "JPY"] {
            catalog.push(Item {
                kind: (*kind).into(),
                offered: true,
                currency: currency.into(),
                min_minor: 100,
                max_minor: 15_000,
                recipient: Vec::new(),
                channel: "shop".into(),
                lead_time_s: 60,
                tolerance_bp: *random.pick(&[0, 1_000]),
                dual_minor: (!random.once_in(3)).then(|| random.between(2_000, 7_000)),
            });
        }
    }
    catalog
}

fn rates(random: &mut Random, today: NaiveDate) -> Rates {
    let rate = |from: &str, to: &str, rate: &str| Rate {
        from: from.into(),
        to: to.into(),
        on: today - Days::new(2),
        rate: rate.into(),
    };
    Rates {
        max_age_days: *random.pick(&[7, 30]),
        table: vec![rate("JPY", "EUR", "0.61"), rate("EUR", "JPY", "1.63")],
    }
}
