//! Invents documents, and changes them.

use chrono::{Days, NaiveDate};

use super::super::model::document::{
    Agent, Budget, Document, Entry, Item, Level, Limit, Rate, Rates,
};
use crate::support::Random;

/// Zones with half hours, with days that have no midnight or two, and with half-hour summers.
const ZONES: &[&str] = &[
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/St_Johns",
    "Africa/Cairo",
    "Asia/Beirut",
    "America/Santiago",
    "Pacific/Chatham",
    "America/Havana",
    "Atlantic/Azores",
    "UTC",
];

const SPANS: &[&str] = &["GESTURE", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "EVER"];

const SUBJECTS: &[&str] = &["AGENT", "AGENT_AND_CUSTOMER", "CUSTOMER", "CASE", "TENANT"];

const CURRENCIES: &[&str] = &["EUR", "JPY", "KWD"];

const RATES: &[(&str, &str, &[&str])] = &[
    ("JPY", "EUR", &["0.54", "0.6173", "0.5"]),
    ("KWD", "EUR", &["0.277", "0.3", "0.2500001"]),
    ("EUR", "KWD", &["3.61", "3.3333333"]),
    ("JPY", "KWD", &["1.95", "2"]),
    ("EUR", "JPY", &["1.85", "1.9"]),
    ("KWD", "JPY", &["0.51"]),
];

fn names(prefix: &str, count: i64) -> Vec<String> {
    (1..=count).map(|n| format!("{prefix}{n}")).collect()
}

/// A document; most are in order, and `apply` refuses the others.
pub fn document(random: &mut Random, today: NaiveDate) -> Document {
    let (segments, occasions, policies) = (
        names("segment-", 2),
        names("occasion-", 2),
        names("policy-", 3),
    );
    let kinds = names("kind-", 4);
    let budgets = vec![
        budget(random, "root", None),
        budget(random, "north", Some("root")),
        budget(random, "north-1", Some("north")),
        budget(random, "south", Some("root")),
    ];
    // the base of all authority, then whatever else
    let base_span = random_span(random);
    let mut limits = vec![Limit {
        hard_minor: Some(50_000),
        hard_count: random.maybe(&[30]),
        ..limit(random, "base", "AGENT", base_span, None, None, None)
    }];
    for n in 1..=random.between(3, 7) {
        let subject = *random.pick(SUBJECTS);
        let span = random_span(random);
        let (of_kinds, of_segments, of_occasions) = (
            filter(random, &kinds),
            filter(random, &segments),
            filter(random, &occasions),
        );
        limits.push(limit(
            random,
            &format!("limit-{n}"),
            subject,
            span,
            of_kinds,
            of_segments,
            of_occasions,
        ));
    }
    let levels: Vec<Level> = names("level-", 3)
        .into_iter()
        .map(|name| level(random, name, &limits, &kinds, &policies))
        .collect();
    let agents = names("agent-", 5)
        .into_iter()
        .enumerate()
        .map(|(place, id)| Agent {
            type_: "HUMAN".into(),
            person: None,
            level: random.pick(&levels).name.clone(),
            manager: (place > 0)
                .then(|| format!("agent-{}", random.between(1, i64::try_from(place).unwrap()))),
            budget: random.pick(&budgets).name.clone(),
            own_customers: if random.once_in(3) {
                vec!["customer-1".into()]
            } else {
                Vec::new()
            },
            overrides: if random.once_in(3) {
                entries(random, &limits, &kinds)
            } else {
                Vec::new()
            },
            id,
        })
        .collect();
    Document {
        time_zone: (*random.pick(ZONES)).into(),
        week_starts_on: u32::try_from(random.between(1, 7)).unwrap(),
        rates: rates(random, today),
        segments,
        occasions,
        policies,
        catalog: catalog(random, &kinds),
        budgets,
        limits,
        levels,
        routing: None,
        agents: Some(agents),
    }
}

fn random_span(random: &mut Random) -> &'static str {
    random.pick::<&str>(SPANS)
}

fn filter(random: &mut Random, names: &[String]) -> Option<Vec<String>> {
    let some = random.some(names);
    (random.once_in(4) && !some.is_empty()).then_some(some)
}

fn budget(random: &mut Random, name: &str, parent: Option<&str>) -> Budget {
    Budget {
        name: name.into(),
        parent: parent.map(str::to_owned),
        currency: (*random.pick(CURRENCIES)).into(),
        window: (*random.pick(&SPANS[1..])).into(),
        amount_minor: random.between(5_000, 200_000),
    }
}

fn limit(
    random: &mut Random,
    name: &str,
    subject: &str,
    span: &str,
    kinds: Option<Vec<String>>,
    segments: Option<Vec<String>>,
    occasions: Option<Vec<String>>,
) -> Limit {
    Limit {
        name: name.into(),
        subject: subject.into(),
        window: span.into(),
        currency: (*random.pick(CURRENCIES)).into(),
        kinds,
        segments,
        occasions,
        hard_minor: (!random.once_in(5)).then(|| random.between(3_000, 60_000)),
        hard_count: random
            .once_in(3)
            .then(|| i32::try_from(random.between(1, 12)).unwrap()),
    }
}

fn catalog(random: &mut Random, kinds: &[String]) -> Vec<Item> {
    let mut catalog = Vec::new();
    for kind in kinds {
        for currency in CURRENCIES {
            if *currency != "EUR" && random.once_in(2) {
                continue;
            }
            catalog.push(Item {
                kind: kind.clone(),
                offered: !random.once_in(8),
                currency: (*currency).into(),
                min_minor: random.between(1, 500),
                max_minor: random.between(3_000, 20_000),
                recipient: Vec::new(),
                channel: (*random.pick(&["florist", "courier"])).into(),
                lead_time_s: 60,
                tolerance_bp: *random.pick(&[0, 0, 500, 1_000, 333, 1]),
                dual_minor: None,
            });
        }
    }
    catalog
}

fn rates(random: &mut Random, today: NaiveDate) -> Rates {
    let mut table = Vec::new();
    for (from, to, rates) in RATES {
        for (n, rate) in rates.iter().enumerate() {
            if !random.once_in(10) {
                table.push(Rate {
                    from: (*from).into(),
                    to: (*to).into(),
                    on: today + Days::new(u64::try_from(n).unwrap() * 4) - Days::new(2),
                    rate: (*rate).into(),
                });
            }
        }
    }
    Rates {
        max_age_days: *random.pick(&[7, 30, 366]),
        table,
    }
}

fn level(
    random: &mut Random,
    name: String,
    limits: &[Limit],
    kinds: &[String],
    policies: &[String],
) -> Level {
    Level {
        name,
        may_waive: random.some(policies),
        budgets: random.some(&["root".to_owned(), "north".into(), "south".into()]),
        maxima: {
            let mut maxima = entries(random, &limits[1..], kinds);
            maxima.push(Entry {
                limit: "base".into(),
                amount_minor: Some(random.between(2_000, 50_000)),
                count: random.maybe(&[3, 10]),
                // an authority that does not cover every kind
                kinds: random.once_in(4).then(|| kinds[1..].to_vec()),
            });
            maxima
        },
    }
}

fn entries(random: &mut Random, limits: &[Limit], kinds: &[String]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for limit in limits {
        if limit.subject == "TENANT" || random.once_in(3) {
            continue;
        }
        for kinds in [None, Some(vec![random.pick(kinds).clone()])] {
            if kinds.is_some() && !random.once_in(3) {
                continue;
            }
            let most = limit.hard_minor.unwrap_or(60_000);
            entries.push(Entry {
                limit: limit.name.clone(),
                amount_minor: (!random.once_in(4)).then(|| random.between(most / 4, most)),
                count: random.once_in(4).then(|| {
                    i32::try_from(random.between(0, limit.hard_count.unwrap_or(9).into())).unwrap()
                }),
                kinds,
            });
        }
    }
    entries
}

/// The same document, changed: a limit lowered, raised or gone, another zone, another budget, another roster.
pub fn changed(random: &mut Random, document: &Document) -> Document {
    let mut changed = document.clone();
    for _ in 0..random.between(1, 3) {
        match random.between(0, 8) {
            0 => changed.week_starts_on = u32::try_from(random.between(1, 7)).unwrap(),
            1 => changed.time_zone = (*random.pick(ZONES)).into(),
            2 => {
                let place = usize::try_from(random.between(0, 3)).unwrap();
                changed.budgets[place].amount_minor = random.between(1_000, 200_000);
            }
            3 if changed.limits.len() > 2 => {
                let gone = changed.limits.remove(1).name;
                let agents = changed.agents.as_mut().unwrap();
                let lists = changed.levels.iter_mut().map(|level| &mut level.maxima);
                lists
                    .chain(agents.iter_mut().map(|agent| &mut agent.overrides))
                    .for_each(|list| list.retain(|entry| entry.limit != gone));
            }
            4 => {
                let agents = changed.agents.as_mut().unwrap();
                if agents.len() > 3 {
                    agents.pop();
                }
            }
            5 => changed.catalog[0].offered = !changed.catalog[0].offered,
            _ => lower_or_raise(random, &mut changed),
        }
    }
    if random.once_in(3) {
        changed.agents = None;
    }
    changed
}

fn lower_or_raise(random: &mut Random, document: &mut Document) {
    let place =
        usize::try_from(random.between(0, i64::try_from(document.limits.len()).unwrap() - 1))
            .unwrap();
    let limit = &mut document.limits[place];
    let hard = random.between(500, 60_000);
    limit.hard_minor = Some(hard);
    let name = limit.name.clone();
    let levels = document.levels.iter_mut().map(|level| &mut level.maxima);
    let agents = document
        .agents
        .iter_mut()
        .flatten()
        .map(|agent| &mut agent.overrides);
    for entry in levels
        .chain(agents)
        .flatten()
        .filter(|entry| entry.limit == name)
    {
        entry.amount_minor = entry.amount_minor.map(|amount| amount.min(hard));
    }
}
