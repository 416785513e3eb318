//! Chains upwards: budgets have parents and agents have managers, and neither may lead in a circle.

use std::collections::{HashMap, HashSet};

use super::spot::Spot;

/// A circle is shown with so many members at most.
const SHOWN_MAX: usize = 10;

/// Tells every circle once, at the first of its members among the elements, under `field`.
///
/// A circle may also run through names that are no elements here: agents that stay as they are.
pub(super) fn tell_circles<'s, 'n>(
    elements: impl Iterator<Item = (&'s Spot<'s>, &'n str)> + Clone,
    above: &HashMap<&'n str, &'n str>,
    field: &str,
    what: &str,
) -> usize {
    let circles = circles(elements.clone().map(|(_, name)| name), above);
    for circle in &circles {
        if let Some((spot, name)) = elements.clone().find(|(_, name)| circle.contains(name)) {
            let round = round_from(name, circle);
            spot.field(field).tell(format!(
                "{what} lead in a circle, {round}: remove the {field} of the topmost"
            ));
        }
    }
    circles.len()
}

/// The members of each circle that can be reached from the names.
fn circles<'a>(
    names: impl Iterator<Item = &'a str>,
    above: &HashMap<&'a str, &'a str>,
) -> Vec<Vec<&'a str>> {
    let mut settled = HashSet::new();
    let mut circles = Vec::new();
    for start in names {
        let mut way: Vec<&str> = Vec::new();
        let mut positions = HashMap::new();
        let mut next = Some(start);
        while let Some(name) = next.filter(|name| !settled.contains(name)) {
            if let Some(&begin) = positions.get(name) {
                circles.push(way[begin..].to_vec());
                break;
            }
            positions.insert(name, way.len());
            way.push(name);
            next = above.get(name).copied();
        }
        settled.extend(way);
    }
    circles
}

/// The way round as one reads it: `a → b → a`.
fn round_from(name: &str, circle: &[&str]) -> String {
    let begin = circle
        .iter()
        .position(|member| *member == name)
        .unwrap_or(0);
    let mut round: Vec<&str> = circle[begin..]
        .iter()
        .chain(&circle[..=begin])
        .copied()
        .collect();
    if round.len() > SHOWN_MAX {
        round.splice(SHOWN_MAX - 1..round.len() - 1, ["…"]);
    }
    round.join(" → ")
}

/// How many stand on the way from a name to its root, itself included; meant for chains without circles.
pub(super) fn depth(name: &str, above: &HashMap<&str, &str>) -> usize {
    let steps = above.len() + 1;
    std::iter::successors(Some(name), |name| above.get(name).copied())
        .take(steps)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(above: &[(&'static str, &'static str)]) -> Vec<String> {
        let names = above.iter().map(|(name, _)| *name);
        let circles = circles(names, &above.iter().copied().collect());
        circles
            .iter()
            .map(|circle| round_from(circle.iter().min().unwrap(), circle))
            .collect()
    }

    #[test]
    fn a_circle_is_found_once_with_the_way_round() {
        assert_eq!(
            told(&[("a", "b"), ("b", "c"), ("c", "a")]),
            ["a → b → c → a"]
        );
        assert_eq!(told(&[("a", "a")]), ["a → a"]);
        assert_eq!(
            told(&[("x", "c"), ("a", "b"), ("b", "c"), ("c", "b")]),
            ["b → c → b"]
        );
        assert_eq!(
            told(&[("a", "b"), ("b", "a"), ("c", "d"), ("d", "c")]),
            ["a → b → a", "c → d → c"]
        );
    }

    #[test]
    fn a_long_circle_is_shown_in_short() {
        let circle: Vec<String> = (10..99).map(|n| n.to_string()).collect();
        let circle: Vec<&str> = circle.iter().map(String::as_str).collect();
        assert_eq!(
            round_from("12", &circle),
            "12 → 13 → 14 → 15 → 16 → 17 → 18 → 19 → 20 → … → 12"
        );
    }

    #[test]
    fn a_chain_that_ends_is_none() {
        assert!(told(&[("a", "b"), ("b", "c"), ("d", "b"), ("e", "nobody")]).is_empty());
    }

    #[test]
    fn depth_counts_the_way_to_the_root() {
        let above = HashMap::from([("a", "b"), ("b", "c")]);
        assert_eq!(["c", "b", "a"].map(|name| depth(name, &above)), [1, 2, 3]);
    }
}
