//! What changes from one configuration to the next, for the person who is about to apply it.
//!
//! By name, never by position: `limits.agent-month.hard_max.amount: 3000.00 EUR -> 2500.00 EUR`.
//! Whatever can be written in a document is compared, so "no changes" means that applying it changes
//! nothing. What a change does to counters is not seen in a value, hence [`abandoned`].

use std::collections::BTreeSet;
use std::fmt;

use super::document::Normalised;
use super::facts::{Thing, sections};
use super::routing::Routing;
use super::words::{Subject, Window};
use crate::money::Currency;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What is different, by name: `levels.frontline.maxima.agent-month.amount`.
    pub path: String,
    /// Whether it is new, gone, or another.
    pub kind: ChangeKind,
    /// What it was, in words; `None` where it was not there, or was nothing but its name.
    pub before: Option<String>,
    /// What it will be, in words; `None` where it will not be there, or be nothing but its name.
    pub after: Option<String>,
}

/// How something differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there before.
    Added,
    /// It will not be there any more. An agent is never removed but suspended, and `after` says so.
    Removed,
    /// It will be another.
    Changed,
}

/// One line for a person.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match (self.kind, self.before.as_deref(), self.after.as_deref()) {
            (ChangeKind::Added, _, None) => f.write_str("added"),
            (ChangeKind::Added, _, Some(after)) => write!(f, "added, {after}"),
            (ChangeKind::Removed, _, Some(after)) => f.write_str(after),
            (ChangeKind::Removed, None, None) => f.write_str("removed"),
            (ChangeKind::Removed, Some(before), None) => write!(f, "removed, was {before}"),
            (ChangeKind::Changed, before, after) => {
                write!(
                    f,
                    "{} -> {}",
                    before.unwrap_or("nothing"),
                    after.unwrap_or("nothing")
                )
            }
        }
    }
}

/// Everything that changes, in the order of a document. Without an old configuration all is new.
///
/// A new configuration without `agents` leaves the roster alone. One with `agents` is compared with
/// the roster in `old`, which therefore is to hold the active agents; who is missing is suspended.
#[must_use]
pub fn changes(old: Option<&Normalised>, new: &Normalised) -> Vec<Change> {
    let before = old.map(sections).unwrap_or_default();
    let mut changes = Vec::new();
    for (section, after) in sections(new) {
        // What nobody wrote a word of is not told as new.
        if old.is_none() && section == "routing" && new.routing == Routing::default() {
            continue;
        }
        let nothing = Thing::default();
        let before = before
            .iter()
            .find(|(name, _)| *name == section)
            .map_or(&nothing, |(_, thing)| thing);
        // An agent's gestures and trail stay for ever, and so does the agent.
        let gone = (section == "agents").then_some("suspended");
        compare(section, before, &after, gone, &mut changes);
    }
    changes
}

/// `gone` says what becomes of a part that is not there any more, if it does not just go.
fn compare(
    path: &str,
    before: &Thing,
    after: &Thing,
    gone: Option<&str>,
    changes: &mut Vec<Change>,
) {
    compare_facts(path, before, after, changes);
    let names: BTreeSet<&String> = before.parts.keys().chain(after.parts.keys()).collect();
    for name in names {
        let path = joined(path, name);
        match (before.parts.get(name), after.parts.get(name)) {
            (Some(before), Some(after)) => compare(&path, before, after, None, changes),
            (None, after) => {
                let after = after
                    .map(Thing::in_one_line)
                    .filter(|words| !words.is_empty());
                changes.push(Change {
                    path,
                    kind: ChangeKind::Added,
                    before: None,
                    after,
                });
            }
            (Some(before), None) => {
                let before = Some(before.in_one_line()).filter(|words| !words.is_empty());
                let after = gone.map(str::to_owned);
                changes.push(Change {
                    path,
                    kind: ChangeKind::Removed,
                    before,
                    after,
                });
            }
        }
    }
}

fn compare_facts(path: &str, before: &Thing, after: &Thing, changes: &mut Vec<Change>) {
    let value = |thing: &Thing, name: &str| {
        thing
            .facts
            .iter()
            .find(|(fact, _)| *fact == name)
            .map(|(_, value)| value.clone())
    };
    let gone = before
        .facts
        .iter()
        .filter(|(name, _)| value(after, name).is_none());
    for (name, _) in after.facts.iter().chain(gone) {
        let (before, after) = (value(before, name), value(after, name));
        let kind = match (&before, &after) {
            (None, _) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
            (Some(before), Some(after)) if before == after => continue,
            (Some(_), Some(_)) => ChangeKind::Changed,
        };
        changes.push(Change {
            path: joined(path, name),
            kind,
            before,
            after,
        });
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// What a counter belongs to: a limit keeps its counters while it keeps all four.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LimitIdentity {
    /// The name of the limit or the budget.
    pub name: String,
    /// Whose use is counted; BUDGET for a budget.
    pub subject: Subject,
    /// When counting begins again.
    pub window: Window,
    /// The currency that it counts in.
    pub currency: Currency,
}

impl fmt::Display for LimitIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}, {}, {})",
            self.name, self.subject, self.window, self.currency
        )
    }
}

/// The limits and budgets of the old configuration that do not live on in the new one, by name.
///
/// Their counters stop counting: what was used up in the running window is free again under
/// whatever takes their place. A window is named by its first day, so weeks that begin on another
/// day are other windows, and whatever is counted by the week begins anew.
#[must_use]
pub fn abandoned(old: &Normalised, new: &Normalised) -> Vec<LimitIdentity> {
    let kept = identities(new);
    let weeks_move = old.week_starts_on != new.week_starts_on;
    identities(old)
        .into_iter()
        .filter(|identity| {
            !kept.contains(identity) || (weeks_move && identity.window == Window::Week)
        })
        .collect()
}

fn identities(document: &Normalised) -> BTreeSet<LimitIdentity> {
    let limits = document.limits.iter().map(|limit| LimitIdentity {
        name: limit.name.clone(),
        subject: limit.subject,
        window: limit.window,
        currency: limit.currency,
    });
    let budgets = document.budgets.iter().map(|budget| LimitIdentity {
        name: budget.name.clone(),
        subject: Subject::Budget,
        window: budget.window,
        currency: budget.currency,
    });
    limits.chain(budgets).collect()
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
