//! The names that a document gives, and references to them.
//!
//! Names are gathered before anything is read in detail: a limit with a mistyped window still has its
//! name, and whoever refers to it is not told that it does not exist.

use std::collections::{BTreeSet, HashSet};

use super::super::document::Normalised;
use super::super::near;
use super::super::yaml::Value;
use super::spot::Spot;

/// All names of one sort.
pub(super) struct Names {
    noun: &'static str,
    section: &'static str,
    names: BTreeSet<String>,
}

impl Names {
    fn new(
        noun: &'static str,
        section: &'static str,
        names: impl IntoIterator<Item = String>,
    ) -> Self {
        Self {
            noun,
            section,
            names: names.into_iter().collect(),
        }
    }

    /// The names under `key` of every item of a section, or the items themselves.
    fn of_section(
        noun: &'static str,
        root: &Spot<'_>,
        section: &'static str,
        key: Option<&str>,
    ) -> Self {
        let list = root.field(section);
        let count = if let Value::List(items) = list.value() {
            items.len()
        } else {
            0
        };
        let texts = (0..count).filter_map(|index| {
            let item = list.item(index);
            let named = key.map_or_else(|| item.clone(), |key| item.field(key));
            if let Value::Text(name) = named.value() {
                Some(name.clone())
            } else {
                None
            }
        });
        Self::new(noun, section, texts)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Tells that a name is not known, if it is not.
    pub(super) fn check(&self, spot: &Spot<'_>, name: &str) {
        if !self.has(name) {
            spot.tell_lazily(|| near::unknown(self.noun, name, self.section, self.iter()));
        }
    }

    /// Tells which of several references are unknown or repeated.
    pub(super) fn check_all(&self, spot: &Spot<'_>, names: &[String]) {
        let mut seen = HashSet::new();
        for (index, name) in names.iter().enumerate() {
            self.check(&spot.item(index), name);
            if !seen.insert(name) {
                spot.item(index)
                    .tell(format!("{name:?} stands here twice: once is enough"));
            }
        }
    }

    /// Reads a reference.
    pub(super) fn one(&self, spot: &Spot<'_>) -> Option<String> {
        let name = spot.text(&format!("the name of a {}", self.noun))?;
        self.check(spot, name);
        Some(name.to_owned())
    }

    /// Reads a list of references.
    pub(super) fn list(&self, spot: &Spot<'_>, items_max: usize) -> Vec<String> {
        let what = format!("names of {}", self.section);
        let names = spot.each(&what, items_max, |item| {
            item.text(&format!("the name of a {}", self.noun))
                .map(str::to_owned)
        });
        let names: Vec<String> = names.into_iter().map(|(_, name)| name).collect();
        self.check_all(spot, &names);
        names
    }

    /// Reads a filter: a list that is not empty. Leaving it out means all, so an empty one is a riddle.
    pub(super) fn filter(&self, spot: &Spot<'_>, items_max: usize) -> Option<Vec<String>> {
        let names = self.list(spot, items_max);
        if matches!(spot.value(), Value::List(items) if items.is_empty()) {
            spot.tell("is an empty list, which covers nothing: leave the key out to cover all");
        }
        Some(names)
    }
}

/// Every name that something in a document may refer to.
pub(super) struct Known {
    pub(super) kinds: Names,
    pub(super) segments: Names,
    pub(super) occasions: Names,
    pub(super) policies: Names,
    pub(super) budgets: Names,
    pub(super) limits: Names,
    pub(super) levels: Names,
    pub(super) agents: Names,
}

impl Known {
    pub(super) fn of_text(root: &Spot<'_>) -> Self {
        Self {
            kinds: Names::of_section("kind", root, "catalog", Some("kind")),
            segments: Names::of_section("segment", root, "segments", None),
            occasions: Names::of_section("occasion", root, "occasions", None),
            policies: Names::of_section("policy", root, "policies", None),
            budgets: Names::of_section("budget", root, "budgets", Some("name")),
            limits: Names::of_section("limit", root, "limits", Some("name")),
            levels: Names::of_section("level", root, "levels", Some("name")),
            agents: Names::of_section("agent", root, "agents", Some("id")),
        }
    }

    /// The names of a configuration in force, with further agents.
    pub(super) fn of_normalised(
        document: &Normalised,
        more_agents: impl IntoIterator<Item = String>,
    ) -> Self {
        let roster = document
            .agents
            .iter()
            .flatten()
            .map(|agent| agent.id.clone());
        Self {
            kinds: Names::new(
                "kind",
                "catalog",
                document.catalog.iter().map(|item| item.kind.clone()),
            ),
            segments: Names::new("segment", "segments", document.segments.iter().cloned()),
            occasions: Names::new("occasion", "occasions", document.occasions.iter().cloned()),
            policies: Names::new("policy", "policies", document.policies.iter().cloned()),
            budgets: Names::new(
                "budget",
                "budgets",
                document.budgets.iter().map(|budget| budget.name.clone()),
            ),
            limits: Names::new(
                "limit",
                "limits",
                document.limits.iter().map(|limit| limit.name.clone()),
            ),
            levels: Names::new(
                "level",
                "levels",
                document.levels.iter().map(|level| level.name.clone()),
            ),
            agents: Names::new("agent", "agents", roster.chain(more_agents)),
        }
    }
}

/// Tells which of several elements bear a name that an earlier one has already.
pub(super) fn check_unique<'a, T>(
    elements: &'a [(Spot<'_>, T)],
    key: &str,
    noun: &str,
    name: impl Fn(&'a T) -> &'a str,
) {
    let mut first = std::collections::HashMap::new();
    for (spot, element) in elements {
        let name = name(element);
        if let Some(earlier) = first.insert(name, spot) {
            let earlier = earlier.line_in_words();
            let spot = if key.is_empty() {
                spot.clone()
            } else {
                spot.field(key)
            };
            spot.tell(format!(
                "the {noun} {name:?} stands here a second time, after {earlier}: \
                 rename or remove one"
            ));
        }
    }
}
