//! Reading a document and finding everything that is wrong with it.
//!
//! One pass over the tree, section by section, in the order in which sections need each other
//! (currencies of limits before the amounts of maxima). A section gives up the elements that it
//! cannot read and goes on; rules that span elements look at the sound ones only. So one reading
//! tells every cause, and hardly a consequence.
//!
//! **Invariant:** whatever the database would refuse to compile is refused here with a line. The
//! database stays the fence; this is the explanation. Agents that are put in bulk have no text
//! and pass the same rules, see [`check_agents`].
//!
//! | file | what |
//! |---|---|
//! | `spot` | a node, its path and line, and telling mistakes |
//! | `scalars`, `names` | single values; references with "did you mean" |
//! | `rates` … `agents` | a section each, with the rules that only concern it |
//! | `duty_pool` | what routing asks of the agents that it names |
//! | `bulk` | agents without a document |
//! | `chain` | budgets and reporting lines that must not lead in a circle |
//! | `authority` | the rules about what a level or an agent may give |

mod agents;
mod authority;
mod budgets;
mod bulk;
mod calendar;
mod catalog;
mod chain;
mod duty_pool;
mod levels;
mod limits;
mod names;
mod rates;
mod routing;
mod scalars;
mod spot;

pub use bulk::{AgentEntry, OverrideEntry, check_agents};

use self::names::{Known, check_unique};
use self::spot::{Fields, Spot};
use super::bounds::{DOCUMENT_BYTES_MAX, WORDS_MAX};
use super::document::{Document, Normalised};
use super::mistake::{Findings, Mistake};
use super::words::WEEKDAYS;
use super::yaml;

/// The sections and settings of a document.
const KEYS: &[&str] = &[
    "tenant",
    "time_zone",
    "week_starts_on",
    "rates",
    "segments",
    "occasions",
    "policies",
    "catalog",
    "budgets",
    "limits",
    "levels",
    "routing",
    "calendar",
    "agents",
];

/// Reads and checks a document.
///
/// # Errors
/// Every mistake found, in the order of the text. What is not YAML is one mistake, because nothing
/// behind it can be trusted.
pub fn read(text: &str) -> Result<Document, Vec<Mistake>> {
    if text.len() > DOCUMENT_BYTES_MAX {
        let message = format!(
            "the document has {} bytes and at most {DOCUMENT_BYTES_MAX} are possible",
            text.len()
        );
        return Err(vec![Mistake {
            path: String::new(),
            line: 1,
            column: 1,
            message,
        }]);
    }
    let tree = yaml::parse(text).map_err(|mistake| vec![mistake])?;
    let findings = Findings::default();
    let document = document(&Spot::root(&tree, &findings), &findings);
    match document {
        Some(document) if findings.count() == 0 => Ok(document),
        _ => Err(findings.into_mistakes()),
    }
}

fn document(root: &Spot<'_>, findings: &Findings) -> Option<Document> {
    let fields = root.fields(
        "a mapping with tenant, time_zone, catalog, budgets, limits and levels",
        KEYS,
    )?;
    let known = Known::of_text(root);

    let tenant = fields
        .required("tenant", "the tenant's name")
        .and_then(|spot| spot.name("the tenant's name"));
    let time_zone = fields
        .required("time_zone", "such as Europe/Berlin")
        .and_then(|spot| spot.time_zone());
    let week_starts_on = fields
        .optional("week_starts_on")
        .map_or(Some(1), |spot| weekday(&spot));
    let rates = rates::read(&fields);
    let catalog = catalog::read(&fields);
    let budgets = budgets::read(&fields, &known);

    let before = findings.count();
    let limits = limits::read(&fields, &known);
    let are_limits_sound = findings.count() == before;
    let levels = levels::read(&fields, &known, &limits);
    let agents = fields
        .optional("agents")
        .map(|spot| agents::read(&spot, &known, &limits));
    // Where a limit could not be read, what it would have granted is not known, and not told as a gap.
    if are_limits_sound {
        authority::check_levels(&levels, &limits, &known);
        authority::check_overrides(
            agents.as_deref().unwrap_or_default(),
            &levels,
            &limits,
            &known,
        );
    }

    let calendar = calendar::read(&fields);
    let working_time = calendar.as_ref().and_then(Option::as_ref);
    let routing = routing::read(&fields, &known, working_time, agents.as_deref());

    let segments = words(&fields, "segments");
    let occasions = words(&fields, "occasions");
    let policies = words(&fields, "policies");
    let normalised = Normalised {
        time_zone: time_zone?,
        week_starts_on: week_starts_on?,
        rates: rates?,
        segments,
        occasions,
        policies,
        catalog,
        budgets: without_spots(budgets),
        limits: without_spots(limits),
        levels: without_spots(levels),
        routing: routing?,
        calendar: calendar?,
        agents: agents.map(without_spots),
    };
    Some(Document {
        tenant: tenant?,
        normalised,
    })
}

fn without_spots<T>(elements: Vec<(Spot<'_>, T)>) -> Vec<T> {
    elements.into_iter().map(|(_, element)| element).collect()
}

fn weekday(spot: &Spot<'_>) -> Option<u32> {
    let days: Vec<(&str, u32)> = WEEKDAYS.into_iter().zip(1..).collect();
    spot.word(&days)
}

/// A section that is a list of names: segments, occasions, policies.
fn words(fields: &Fields<'_>, section: &'static str) -> Vec<String> {
    let Some(spot) = fields.optional(section) else {
        return Vec::new();
    };
    let words = spot.each("names", WORDS_MAX, |item| item.name("a name"));
    check_unique(&words, "", "name", String::as_str);
    without_spots(words)
}

#[cfg(test)]
mod tests;
