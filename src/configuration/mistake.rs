//! A mistake in a document, told so that its author can mend it without asking anybody.

use std::cell::{Cell, RefCell};
use std::fmt;

/// One thing that is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where in the document's structure: `levels[0].maxima[2].limit`. Empty for the whole document.
    pub path: String,
    /// The line in the text, from 1; 0 where there is no text (agents put over gRPC).
    pub line: u32,
    /// The column in that line, in characters from 1; 0 where there is no text.
    pub column: u32,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}, column {}: ", self.line, self.column)?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

/// What is told at most; nobody reads the two-hundredth consequence of one wrong indentation.
pub(super) const MISTAKES_MAX: usize = 100;

/// The mistakes found so far; shared by everybody who reads the same document.
///
/// **Invariant:** a finding is never taken back, so "nothing was found in this element" can be asked
/// by comparing [`Findings::count`] before and after.
#[derive(Debug, Default)]
pub(super) struct Findings {
    told: RefCell<Vec<Mistake>>,
    count: Cell<usize>,
}

impl Findings {
    /// Adds a mistake; it is only put into words if it will be told.
    pub(super) fn add(&self, mistake: impl FnOnce() -> Mistake) {
        self.count.set(self.count.get() + 1);
        if self.count.get() <= MISTAKES_MAX {
            let mut mistake = mistake();
            mistake.message = shortened(mistake.message);
            self.told.borrow_mut().push(mistake);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count.get()
    }

    /// Everything found, in the order of the text, with a last line for what was left out.
    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.told.into_inner();
        let left_out = self.count.get() - mistakes.len();
        mistakes.sort_by_key(|mistake| (mistake.line, mistake.column));
        if left_out > 0 {
            let message = format!("and {left_out} more mistakes, told when these are mended");
            mistakes.push(Mistake {
                path: String::new(),
                line: 0,
                column: 0,
                message,
            });
        }
        mistakes
    }
}

/// Cuts the middle out of a message that quotes a page of somebody's text.
fn shortened(message: String) -> String {
    const BEGIN: usize = 200;
    const END: usize = 300;
    if message.chars().count() <= BEGIN + END {
        return message;
    }
    let begin: String = message.chars().take(BEGIN).collect();
    let end: String = message
        .chars()
        .skip(message.chars().count() - END)
        .collect();
    format!("{begin} … {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(path: &str, line: u32) -> Mistake {
        Mistake {
            path: path.to_owned(),
            line,
            column: 7,
            message: "is wrong".to_owned(),
        }
    }

    #[test]
    fn a_mistake_is_one_line_for_a_person() {
        let shown = [("limits[0]", 3), ("agents[3].level", 0), ("", 1)]
            .map(|(path, line)| mistake(path, line).to_string());
        assert_eq!(
            shown,
            [
                "line 3, column 7: limits[0]: is wrong",
                "agents[3].level: is wrong",
                "line 1, column 7: is wrong"
            ]
        );
    }

    #[test]
    fn a_page_of_text_is_quoted_in_short() {
        let message = format!("{:?} is no name: write one", "ä".repeat(100_000));
        let short = shortened(message);
        assert!(
            short.chars().count() < 520 && short.ends_with("is no name: write one"),
            "{short}"
        );
        assert_eq!(shortened("short".to_owned()), "short");
    }

    #[test]
    fn mistakes_come_in_the_order_of_the_text_and_are_bounded() {
        let findings = Findings::default();
        (0..150)
            .rev()
            .for_each(|line| findings.add(|| mistake("x", line + 1)));
        let mistakes = findings.into_mistakes();
        assert_eq!(mistakes.len(), MISTAKES_MAX + 1);
        assert!(mistakes[..MISTAKES_MAX].is_sorted_by_key(|mistake| mistake.line));
        assert!(
            mistakes[MISTAKES_MAX].message.starts_with("and 50 more"),
            "{mistakes:?}"
        );
    }
}
