//! A spot in a document: the node, its path, and where to tell what is wrong with it.
//!
//! Readers walk from spot to spot and take what they need; whatever has the wrong shape is told and
//! answered with `None`, and reading goes on with the next. Agents that arrive over gRPC have no
//! text: their spots know the path alone, and the same rules tell the same mistakes.

use super::super::mistake::{Findings, Mistake};
use super::super::near;
use super::super::yaml::{Node, Pair, Place, Value};

/// More keys than any mapping has, mistyped and repeated ones included: looking each of them up
/// in turn is quick only for a few.
const KEYS_MAX: usize = 50;

/// A place in the structure, with or without text behind it.
#[derive(Clone)]
pub(super) struct Spot<'a> {
    path: String,
    place: Option<Place>,
    node: Option<&'a Node>,
    findings: &'a Findings,
}

impl<'a> Spot<'a> {
    /// The whole document.
    pub(super) fn root(node: &'a Node, findings: &'a Findings) -> Self {
        Self {
            path: String::new(),
            place: Some(node.place),
            node: Some(node),
            findings,
        }
    }

    /// An element of something that is no text.
    pub(super) fn without_text(path: String, findings: &'a Findings) -> Self {
        Self {
            path,
            place: None,
            node: None,
            findings,
        }
    }

    /// Tells a mistake at this spot.
    pub(super) fn tell(&self, message: impl Into<String>) {
        self.tell_lazily(|| message.into());
    }

    /// Tells a mistake whose words cost time, such as a search for the nearest name.
    pub(super) fn tell_lazily(&self, message: impl FnOnce() -> String) {
        self.findings.add(|| Mistake {
            path: self.path.clone(),
            line: self.place.map_or(0, |place| place.line),
            column: self.place.map_or(0, |place| place.column),
            message: message(),
        });
    }

    /// The line of this spot, for messages that point to another one.
    pub(super) fn line_in_words(&self) -> String {
        self.place
            .map_or_else(|| self.path.clone(), |place| format!("line {}", place.line))
    }

    /// What is written under a key; without such a key, the same place with the longer path.
    pub(super) fn field(&self, key: &str) -> Self {
        let path = if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        };
        let found = match self.node.map(|node| &node.value) {
            Some(Value::Mapping(pairs)) => pairs.iter().find(|pair| pair.key == key),
            _ => None,
        };
        let place = found.map(|pair| pair.node.place).or(self.place);
        Self {
            path,
            place,
            node: found.map(|pair| &pair.node),
            findings: self.findings,
        }
    }

    /// An item of the list at this spot.
    pub(super) fn item(&self, index: usize) -> Self {
        let found = match self.node.map(|node| &node.value) {
            Some(Value::List(items)) => items.get(index),
            _ => None,
        };
        let place = found.map(|node| node.place).or(self.place);
        Self {
            path: format!("{}[{index}]", self.path),
            place,
            node: found,
            findings: self.findings,
        }
    }

    /// What is written here; nothing where there is no text.
    pub(super) fn value(&self) -> &'a Value {
        self.node.map_or(&Value::Nothing, |node| &node.value)
    }

    /// The mapping here, whose keys must all be among `keys`.
    pub(super) fn fields(&self, what: &str, keys: &'static [&'static str]) -> Option<Fields<'a>> {
        let Value::Mapping(pairs) = self.value() else {
            self.tell_shape(what);
            return None;
        };
        if pairs.len() > KEYS_MAX {
            self.tell(format!(
                "has {} keys: possible are {}",
                pairs.len(),
                keys.join(", ")
            ));
            return None;
        }
        for (index, pair) in pairs.iter().enumerate() {
            if !keys.contains(&pair.key.as_str()) {
                self.at_key(pair).tell(unknown_key(&pair.key, keys));
            } else if let Some(first) = pairs[..index].iter().find(|other| other.key == pair.key) {
                let first = first.key_place.line;
                self.at_key(pair).tell(format!(
                    "stands here a second time, after line {first}: keep one of the two"
                ));
            }
        }
        Some(Fields { spot: self.clone() })
    }

    /// The items of the list here, at most so many.
    pub(super) fn items(&self, what: &str, items_max: usize) -> Vec<Self> {
        let Value::List(items) = self.value() else {
            self.tell_shape(&format!("a list of {what}"));
            return Vec::new();
        };
        if items.len() > items_max {
            self.tell(format!(
                "has {} items and at most {items_max} are possible",
                items.len()
            ));
            return Vec::new();
        }
        (0..items.len()).map(|index| self.item(index)).collect()
    }

    /// Reads each item; those with any mistake are left out, so that no later rule stumbles over
    /// half of one and tells a consequence as if it were a cause.
    pub(super) fn each<T>(
        &self,
        what: &str,
        items_max: usize,
        read: impl Fn(&Self) -> Option<T>,
    ) -> Vec<(Self, T)> {
        let mut sound = Vec::new();
        for spot in self.items(what, items_max) {
            let before = self.findings.count();
            let item = read(&spot);
            if let (Some(item), true) = (item, self.findings.count() == before) {
                sound.push((spot, item));
            }
        }
        sound
    }

    /// The text here.
    pub(super) fn text(&self, what: &str) -> Option<&'a str> {
        match self.value() {
            Value::Text(text) => return Some(text),
            Value::Number(raw) => self.tell(format!(
                "{raw} without quotes is a number to YAML: write {what}, in quotes if it is {raw:?}"
            )),
            Value::Truth(truth) => self.tell(format!(
                "{truth} without quotes is a truth value to YAML: \
                 write {what}, in quotes if it is \"{truth}\""
            )),
            Value::Nothing | Value::List(_) | Value::Mapping(_) => self.tell_shape(what),
        }
        None
    }

    /// Says that something else than `what` stands here.
    pub(super) fn tell_shape(&self, what: &str) {
        self.tell(match self.value() {
            Value::Nothing => format!("is empty: write {what}"),
            Value::Number(raw) => format!("{raw} is a number: write {what}"),
            Value::Truth(truth) => format!("{truth} is a truth value: write {what}"),
            Value::Text(text) => format!("{text:?} is text: write {what}"),
            Value::List(_) => format!("is a list: write {what}"),
            Value::Mapping(_) => format!("is a mapping: write {what}"),
        });
    }

    fn at_key(&self, pair: &'a Pair) -> Self {
        Self {
            place: Some(pair.key_place),
            ..self.field(&pair.key)
        }
    }
}

/// A mapping whose keys are known to be allowed.
pub(super) struct Fields<'a> {
    spot: Spot<'a>,
}

impl<'a> Fields<'a> {
    /// The spot under a key that must be there.
    pub(super) fn required(&self, key: &str, what: &str) -> Option<Spot<'a>> {
        let spot = self.spot.field(key);
        if spot.node.is_none() {
            spot.tell(format!("is missing: add {key}, {what}"));
            return None;
        }
        Some(spot)
    }

    /// The spot under a key that may be left out, or be empty, which is the same.
    pub(super) fn optional(&self, key: &str) -> Option<Spot<'a>> {
        let spot = self.spot.field(key);
        (!matches!(spot.value(), Value::Nothing)).then_some(spot)
    }
}

fn unknown_key(given: &str, keys: &[&str]) -> String {
    match near::nearest(given, keys) {
        Some(near) => format!("{given:?} is no key here: did you mean {near:?}?"),
        None => format!("{given:?} is no key here: possible are {}", keys.join(", ")),
    }
}
