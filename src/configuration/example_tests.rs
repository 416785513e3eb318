//! The documents below `deploy/`: what newcomers copy from must be right.

use super::{
    BREAK_GLASS, Document, Limit, Maximum, Normalised, SilenceRule, Subject, Window, read,
};
use crate::calendar::Calendar;

const DEMO: &str = include_str!("../../deploy/demo.yaml");
const EXAMPLES: [(&str, &str); 5] = [
    ("demo", DEMO),
    (
        "contact-centre",
        include_str!("../../deploy/examples/contact-centre.yaml"),
    ),
    ("hotel", include_str!("../../deploy/examples/hotel.yaml")),
    ("shop", include_str!("../../deploy/examples/shop.yaml")),
    (
        "three-currencies",
        include_str!("../../deploy/examples/three-currencies.yaml"),
    ),
];

fn example(name: &str) -> Normalised {
    let (_, text) = EXAMPLES
        .iter()
        .find(|(example, _)| *example == name)
        .unwrap();
    read(text)
        .unwrap_or_else(|mistakes| panic!("{name}: {}", lines(&mistakes)))
        .normalised
}

fn lines(mistakes: &[super::Mistake]) -> String {
    mistakes
        .iter()
        .map(|mistake| format!("\n{mistake}"))
        .collect()
}

fn limit<'a>(document: &'a Normalised, name: &str) -> &'a Limit {
    document
        .limits
        .iter()
        .find(|limit| limit.name == name)
        .unwrap()
}

fn maximum<'a>(document: &'a Normalised, level: &str, limit: &str) -> &'a Maximum {
    let level = document
        .levels
        .iter()
        .find(|candidate| candidate.name == level)
        .unwrap();
    level
        .maxima
        .iter()
        .find(|maximum| maximum.limit == limit)
        .unwrap()
}

#[test]
fn every_example_is_right_names_its_tenant_and_survives_being_printed() {
    for (name, text) in EXAMPLES {
        let document = read(text).unwrap_or_else(|mistakes| panic!("{name}: {}", lines(&mistakes)));
        assert_eq!(document.tenant, name);
        let printed = document.to_yaml();
        let again = read(&printed)
            .unwrap_or_else(|mistakes| panic!("{name}: {}\n{printed}", lines(&mistakes)));
        assert_eq!(again, document, "{name}");
        assert_eq!(
            Normalised::from_json(&document.normalised.to_json()).unwrap(),
            document.normalised,
            "{name}"
        );
    }
}

#[test]
fn every_example_in_the_folder_is_checked_here() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/examples");
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    found.sort();
    let checked: Vec<&str> = EXAMPLES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| *name != "demo")
        .collect();
    assert_eq!(found, checked);
}

/// The story of the lilies needs these figures; whoever changes them changes the story.
#[test]
fn the_demo_gives_lilies_on_the_spot_and_asks_for_a_basket_of_70() {
    let demo = example("demo");
    let (lilies, courier, basket) = (4500, 1200, 7000);
    let once = maximum(&demo, "frontline", "agent-gesture")
        .amount_minor
        .unwrap();
    assert!(lilies <= once && courier <= once && basket > once);
    let month = maximum(&demo, "frontline", "agent-month");
    let with_tolerance: i64 = [lilies, courier, basket]
        .map(|amount| amount * 11 / 10)
        .iter()
        .sum();
    for limit in ["agent-month", "agent-and-customer", "customer-year"] {
        let maximum = maximum(&demo, "frontline", limit);
        assert!(
            maximum.amount_minor.unwrap() >= with_tolerance,
            "{limit}: agent-gesture alone is to be the reason"
        );
        assert!(maximum.count.is_none_or(|count| count >= 3), "{limit}");
    }
    assert!(month.count.is_some());
    assert!(
        maximum(&demo, "lead", "agent-gesture")
            .amount_minor
            .unwrap()
            >= basket
    );
    for (kind, amount) in [
        ("flowers", lilies),
        ("courier-pickup", courier),
        ("gift-basket", basket),
    ] {
        let item = demo.catalog.iter().find(|item| item.kind == kind).unwrap();
        assert!(
            item.offered && (item.min_minor..=item.max_minor).contains(&amount),
            "{kind}"
        );
    }
    assert!(
        demo.catalog
            .iter()
            .any(|item| item.kind == "yacht" && !item.offered)
    );
    let frontline = demo
        .levels
        .iter()
        .find(|level| level.name == "frontline")
        .unwrap();
    assert_eq!(
        frontline.may_waive,
        ["return-window-15-days", "customer-drops-parcel-off"]
    );
    let ids: Vec<&str> = demo
        .agents
        .iter()
        .flatten()
        .map(|agent| agent.id.as_str())
        .collect();
    assert_eq!(ids, ["fl-101", "fl-102", "ld-201", "mg-301", "duty"]);
}

/// The story of the basket that nobody answers: the pool could give what the demo asks for, and two people what is dear.
#[test]
fn the_demo_waits_for_nobody_who_does_not_answer() {
    let demo = example("demo");
    let basket = 7000;
    let routing = &demo.routing;
    assert_eq!(routing.duty_pool.as_deref(), Some("duty"));
    assert_eq!(routing.duty_members, ["ld-201", "mg-301"]);
    assert_eq!(
        (routing.answer_within_s, routing.expire_after_s),
        (4 * 3600, 48 * 3600)
    );
    let rule = &routing.rules[0];
    assert_eq!(
        rule.occasions.as_deref(),
        Some(&["bereavement".to_owned()][..])
    );
    assert_eq!(
        (rule.answer_within_s, rule.expire_after_s, rule.on_silence),
        (1800, 7200, SilenceRule::Grant)
    );
    let dual = |kind: &str| {
        let item = demo.catalog.iter().find(|item| item.kind == kind).unwrap();
        item.dual_minor
    };
    assert_eq!((dual("gift-basket"), dual("flowers")), (Some(10_000), None));
    let pool = maximum(&demo, "duty", "agent-gesture").amount_minor;
    assert!(pool.unwrap() >= basket && pool <= dual("gift-basket"));
    let duty = demo.levels.iter().find(|level| level.name == "duty");
    assert!(
        duty.unwrap().budgets.contains(&"care-berlin".to_owned()),
        "the pool gives from the asker's budget"
    );
    let glass = maximum(&demo, "frontline", BREAK_GLASS);
    assert!(glass.amount_minor.unwrap() >= basket * 105 / 100);
    assert_eq!(limit(&demo, BREAK_GLASS).hard_count, Some(3));
}

#[test]
fn the_contact_centre_asks_a_leader_above_25_and_for_a_second_gesture() {
    let centre = example("contact-centre");
    assert_eq!(maximum(&centre, "agent", "offer").amount_minor, Some(2500));
    assert_eq!(maximum(&centre, "agent", "account").count, Some(1));
    assert_eq!(
        maximum(&centre, "team-leader", "offer").amount_minor,
        Some(10_000)
    );
    assert_eq!(limit(&centre, "account").subject, Subject::Customer);
}

/// 16 working hours are a day and a half; an outage waits for no working hours.
#[test]
fn the_contact_centre_waits_in_working_hours_and_closes_at_christmas() {
    let centre = example("contact-centre");
    let calendar = Calendar::new(centre.calendar.clone(), centre.time_zone);
    let thursday = "2026-12-24T16:00:00Z".parse().unwrap();
    let due = |clock| {
        let time = chrono::TimeDelta::seconds(centre.routing.expire_after_s);
        calendar.after(thursday, time, clock).to_rfc3339()
    };
    assert_eq!(due(centre.routing.clock), "2026-12-29T20:00:00+00:00");
    assert_eq!(
        due(centre.routing.rules[0].clock),
        "2026-12-25T08:00:00+00:00"
    );
}

#[test]
fn the_hotel_counts_2000_per_case() {
    let hotel = example("hotel");
    let incident = limit(&hotel, "incident");
    assert_eq!(
        (incident.subject, incident.window),
        (Subject::Case, Window::Ever)
    );
    assert_eq!(
        maximum(&hotel, "staff", "incident").amount_minor,
        Some(200_000)
    );
}

#[test]
fn the_shop_pools_flowers_and_baskets() {
    let shop = example("shop");
    let pooled = limit(&shop, "flowers-and-baskets");
    assert_eq!(
        pooled.kinds.as_deref(),
        Some(&["flowers".to_owned(), "gift-basket".to_owned()][..])
    );
    assert_eq!(
        maximum(&shop, "sales", &pooled.name).amount_minor,
        Some(50_000)
    );
    assert!(
        shop.budgets
            .iter()
            .filter(|budget| budget.window == Window::Quarter)
            .all(|budget| budget.parent.is_some())
    );
}

#[test]
fn three_currencies_keep_their_decimals_and_all_rates_that_are_needed() {
    let house = example("three-currencies");
    let prices: Vec<i64> = house.catalog.iter().map(|item| item.max_minor).collect();
    assert_eq!(prices, [20_000, 12_000, 40_500, 30_000]);
    let rates: Vec<String> = house
        .rates
        .table
        .iter()
        .map(|dated| dated.rate.per_minor().to_string())
        .collect();
    assert_eq!(rates, ["0.54", "0.277", "1.95", "3.61"]);
    let counted = house
        .limits
        .iter()
        .map(|limit| limit.currency)
        .chain(house.budgets.iter().map(|budget| budget.currency));
    for to in counted {
        for from in house
            .catalog
            .iter()
            .map(|item| item.currency)
            .filter(|from| *from != to)
        {
            let is_there = house
                .rates
                .table
                .iter()
                .any(|dated| (dated.rate.from(), dated.rate.to()) == (from, to));
            assert!(is_there, "{from} to {to}");
        }
    }
}

#[test]
fn without_agents_the_roster_stays_out_of_the_printed_document() {
    let document = read(DEMO).unwrap();
    let normalised = Normalised {
        agents: None,
        ..document.normalised
    };
    let printed = Document {
        tenant: document.tenant,
        normalised,
    }
    .to_yaml();
    assert!(!printed.contains("agents:"), "{printed}");
    assert_eq!(read(&printed).unwrap().normalised.agents, None);
}
