//! "Did you mean …?": the known name that is nearest to a mistyped one.

/// At most so many known names are listed where none is near.
const LISTED_MAX: usize = 8;

/// Says that a name is not known, and which one was probably meant, or which there are.
///
/// `noun` is singular ("limit"), `section` is where such names are made ("limits").
pub(super) fn unknown<'a>(
    noun: &str,
    given: &str,
    section: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    if known.is_empty() {
        return format!("there is no {noun} {given:?}: {section} names none");
    }
    match nearest(given, &known) {
        Some(near) => format!("there is no {noun} {given:?}: did you mean {near:?}?"),
        None => format!(
            "there is no {noun} {given:?}: {section} names {}",
            listed(&known)
        ),
    }
}

/// The nearest of the known names, if it is near enough to be a slip of the same word.
pub(super) fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let given = given.to_lowercase();
    let slips_max = (given.chars().count() / 3).clamp(1, 3);
    known
        .iter()
        // A length that differs by more cannot be near: no need to compare the 600 time zones.
        .filter(|name| name.chars().count().abs_diff(given.chars().count()) <= slips_max)
        .map(|name| (slips(&given, &name.to_lowercase()), *name))
        .filter(|(slips, _)| *slips <= slips_max)
        .min()
        .map(|(_, name)| name)
}

/// The names in one phrase: "a, b and 5 more".
pub(super) fn listed(names: &[&str]) -> String {
    match names.len() {
        n if n > LISTED_MAX => format!(
            "{} and {} more",
            names[..LISTED_MAX].join(", "),
            n - LISTED_MAX
        ),
        _ => names.join(", "),
    }
}

/// How many characters to insert, drop, replace or swap with their neighbour to turn one word into
/// the other (optimal string alignment).
fn slips(one: &str, other: &str) -> usize {
    let one: Vec<char> = one.chars().collect();
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for i in 1..=one.len() {
        let mut row = vec![i];
        for j in 1..=other.len() {
            let replaced = above[j - 1] + usize::from(one[i - 1] != other[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_counted() {
        assert_eq!(slips("month", "month"), 0);
        assert_eq!(slips("mounth", "month"), 1);
        assert_eq!(slips("motnh", "month"), 1);
        assert_eq!(slips("", "abc"), 3);
        assert_eq!(slips("kitten", "sitting"), 3);
    }

    #[test]
    fn a_slip_of_the_same_word_is_recognised_and_another_word_is_not() {
        let known = ["agent-gesture", "agent-month", "customer-year"];
        assert_eq!(nearest("agent-mounth", &known), Some("agent-month"));
        assert_eq!(nearest("Agent-Month", &known), Some("agent-month"));
        assert_eq!(nearest("custmer-yaer", &known), Some("customer-year"));
        assert_eq!(nearest("team-week", &known), None);
        assert_eq!(nearest("x", &["y"]), Some("y"));
    }

    #[test]
    fn an_unknown_name_is_answered_with_a_proposal_or_the_list() {
        assert_eq!(
            unknown("kind", "flwers", "catalog", ["flowers"]),
            r#"there is no kind "flwers": did you mean "flowers"?"#
        );
        assert_eq!(
            unknown("kind", "yacht", "catalog", ["flowers", "card"]),
            r#"there is no kind "yacht": catalog names flowers, card"#
        );
        assert_eq!(
            unknown("kind", "yacht", "catalog", []),
            r#"there is no kind "yacht": catalog names none"#
        );
        let many = ["aaaa"; 10];
        assert!(unknown("kind", "yacht", "catalog", many).ends_with("aaaa and 2 more"));
    }
}
