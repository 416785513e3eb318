//! YAML text as a tree that remembers where each node stood.
//!
//! This is the only file that knows the YAML library. A tree instead of derived types, because a
//! derived type stops at the first wrong shape, and the author of a document wants to hear
//! everything at once. What YAML would guess to be a number or a truth value keeps its text, so that
//! a message can show `60.00` as it was written and not as a float would print it.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};

use super::mistake::Mistake;

/// Where something begins in the text, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// A node of the tree.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// What a node is.
#[derive(Debug)]
pub(super) enum Value {
    /// Nothing was written, or `null`.
    Nothing,
    /// Text, in quotes or obviously no number.
    Text(String),
    /// What YAML takes for a number, with the text that was written.
    Number(String),
    /// `true` or `false`.
    Truth(bool),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the text; a key may occur twice.
    Mapping(Vec<Pair>),
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) key_place: Place,
    pub(super) node: Node,
}

/// Reads the text, or says where it stops being YAML.
pub(super) fn parse(text: &str) -> Result<Node, Mistake> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 16, max_nodes: 1_000_000, max_events: 3_000_000 },
        // A document may name a list once and use it often, but not blow up: 3 MiB stay small.
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 200_000,
            max_replay_stack_depth: 4,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::Error,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Spanned<Guess>>(text, options)
        .map(|tree| node(tree, text))
        .map_err(|error| not_yaml(&error, text))
}

/// What the library makes of a node before its source text is looked up.
enum Guess {
    Nothing,
    Text(String),
    Number,
    Truth(bool),
    List(Vec<Spanned<Guess>>),
    Mapping(Vec<(Spanned<String>, Spanned<Guess>)>),
}

impl<'de> Deserialize<'de> for Guess {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(GuessVisitor)
    }
}

struct GuessVisitor;

impl<'de> Visitor<'de> for GuessVisitor {
    type Value = Guess;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, a list or a mapping")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Guess, E> {
        Ok(Guess::Nothing)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Guess, E> {
        Ok(Guess::Text(text.to_owned()))
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Guess, E> {
        Ok(Guess::Truth(truth))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Guess, E> {
        Ok(Guess::Number)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Guess, E> {
        Ok(Guess::Number)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Guess, E> {
        Ok(Guess::Number)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Guess, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Guess::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Guess, A::Error> {
        let mut mapping = Vec::new();
        while let Some(pair) = pairs.next_entry()? {
            mapping.push(pair);
        }
        Ok(Guess::Mapping(mapping))
    }
}

fn node(tree: Spanned<Guess>, text: &str) -> Node {
    let value = match tree.value {
        Guess::Nothing => Value::Nothing,
        Guess::Text(words) => Value::Text(words),
        // The span where it is defined: an alias repeats the text of its anchor.
        Guess::Number => Value::Number(source(tree.defined, text).unwrap_or("a number").to_owned()),
        Guess::Truth(truth) => Value::Truth(truth),
        Guess::List(items) => Value::List(items.into_iter().map(|item| node(item, text)).collect()),
        Guess::Mapping(pairs) => Value::Mapping(
            pairs
                .into_iter()
                .map(|pair| self::pair(pair, text))
                .collect(),
        ),
    };
    Node {
        place: place(tree.referenced),
        value,
    }
}

fn pair((key, value): (Spanned<String>, Spanned<Guess>), text: &str) -> Pair {
    Pair {
        key_place: place(key.referenced),
        key: key.value,
        node: node(value, text),
    }
}

fn place(location: serde_saphyr::Location) -> Place {
    let narrow = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Place {
        line: narrow(location.line()),
        column: narrow(location.column()),
    }
}

fn source(location: serde_saphyr::Location, text: &str) -> Option<&str> {
    let span = location.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let end = start.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
    text.get(start..end).map(str::trim)
}

/// Parts of the library's messages, and what their authors probably did.
const PROBABLY: &[(&str, &str)] = &[
    (
        "illegal placement of ':'",
        "a bracket [ or { further up is not closed, or a text with \": \" in it needs quotes",
    ),
    (
        "mapping values are not allowed",
        "a text with \": \" in it needs quotes, or this line is indented deeper than its neighbours",
    ),
    ("unclosed bracket", "close it with ] or }"),
    (
        "misplaced bracket",
        "a ] or } without the bracket that it would close; as text it needs quotes",
    ),
    (
        "expected '-' indicator",
        "the items of a list begin with \"- \", all in the same column",
    ),
    (
        "unexpected character",
        "a text that begins with this character needs quotes",
    ),
    (
        "multiline quoted scalar",
        "a quote further up is not closed",
    ),
    (
        "merge keys are not allowed",
        "write the keys of << out; an alias *name alone is understood",
    ),
    (
        "multiple YAML documents",
        "one document describes one tenant: apply what follows \"---\" on its own",
    ),
    (
        "unknown anchor",
        "an alias *name repeats what &name marked further up; a text that begins with * needs quotes",
    ),
    (
        "budget breached",
        "it is nested deeper or has more parts than any configuration needs",
    ),
    (
        "only valid inside a block",
        "a bracket [ or { further up is not closed, or a text that begins with \"- \" needs quotes",
    ),
    (
        "simple key expected ':'",
        "a key needs \":\" and a blank behind it, or the line is indented less than what it belongs to",
    ),
    (
        "expected string scalar",
        "a key is a word, not a list or a mapping",
    ),
];

fn not_yaml(error: &serde_saphyr::Error, text: &str) -> Mistake {
    let place = error.location().map_or(Place { line: 1, column: 1 }, place);
    if let Some(place) = tab_near(place, text) {
        let message =
            "YAML is indented with spaces, never with tabs: replace the tab by spaces".to_owned();
        return Mistake {
            path: String::new(),
            line: place.line,
            column: place.column,
            message,
        };
    }
    let told = error.to_string();
    let told = told.split(" at line ").next().unwrap_or(&told);
    let told = told.split(", set ").next().unwrap_or(told);
    let probably = PROBABLY.iter().find(|(part, _)| told.contains(part));
    let message = match probably {
        Some((_, mend)) => format!("the YAML cannot be read from here on ({told}): {mend}"),
        None => format!("the YAML cannot be read from here on: {told}"),
    };
    Mistake {
        path: String::new(),
        line: place.line,
        column: place.column,
        message,
    }
}

/// The first tab in an indentation on the line of an error or the next, which it is often told for.
fn tab_near(place: Place, text: &str) -> Option<Place> {
    let first = place.line.max(1);
    text.lines()
        .zip(1_u32..)
        .skip(first as usize - 1)
        .take(2)
        .find_map(|(words, line)| {
            let indentation = words.len() - words.trim_start_matches([' ', '\t']).len();
            let tab = words[..indentation].find('\t')?;
            Some(Place {
                line,
                column: u32::try_from(tab + 1).unwrap_or(u32::MAX),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn numbers_keep_their_text_and_every_node_its_place() {
        let Value::Mapping(pairs) = parse("é: 60.00\nlist: [007, &n 1_000, *n, '5', on]")
            .unwrap()
            .value
        else {
            panic!("no mapping")
        };
        assert!(
            matches!(&pairs[0].node, Node { place: Place { line: 1, column: 4 }, value: Value::Number(text) } if text == "60.00")
        );
        assert_eq!(pairs[1].key_place, Place { line: 2, column: 1 });
        let Value::List(items) = &pairs[1].node.value else {
            panic!("no list")
        };
        let shown: Vec<String> = items
            .iter()
            .map(|item| format!("{}:{:?}", item.place.column, item.value))
            .collect();
        assert_eq!(
            shown,
            [
                "8:Number(\"007\")",
                "16:Number(\"1_000\")",
                "23:Number(\"1_000\")",
                "27:Text(\"5\")",
                "32:Text(\"on\")"
            ]
        );
    }

    #[test]
    fn a_tab_is_called_a_tab_where_it_stands() {
        let tab = "YAML is indented with spaces, never with tabs: replace the tab by spaces";
        assert_eq!(
            refused("levels:\n\t- name: x"),
            format!("line 2, column 1: {tab}")
        );
        assert_eq!(
            refused("a: 2\n  \tb: 3"),
            format!("line 2, column 3: {tab}")
        );
    }

    #[test]
    fn what_is_not_yaml_is_told_with_a_guess() {
        for (text, mend) in [
            ("a: [1, 2\nb: 3", "is not closed"),
            ("a: b: c", "needs quotes"),
            ("a: {x: 1\n", "close it with"),
            ("a: [\n- b", "is not closed"),
            ("- a\nb: 1", "begin with \"- \""),
            ("a: @x", "needs quotes"),
            ("a: \"open\nb: 1", "a quote further up"),
            ("a: &x {b: 1}\nc: {<<: *x}", "write the keys"),
            ("---\na: 1\n---\nb: 1", "one tenant"),
            ("a: 1\nb\nc: 1", "a key needs"),
            ("a: *nope", "alias"),
            ("? [x]\n: y", "a key is a word"),
            ("a: [x]\nb: ]", "bracket"),
        ] {
            let message = refused(text);
            assert!(
                message.contains(mend) && message.starts_with("line "),
                "{text:?}: {message}"
            );
        }
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..9 {
            let before = format!("*a{}, ", n - 1);
            bomb += &format!("a{n}: &a{n} [{}]\n", before.repeat(10));
        }
        assert!(refused(&bomb).contains("alias"), "{}", refused(&bomb));
    }
}
