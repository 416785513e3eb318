//! What a verb prints: JSON for programs, tables and sentences for people.
//!
//! Answers go to standard output in one piece; everything that is said beside them goes to standard error.
//! **Invariant:** colour only where a person looks, and never in a pipe or a file.

pub mod json;
pub mod words;

use std::io::{self, IsTerminal, Write};

use chrono::{DateTime, Utc};
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use prost_types::Timestamp;

pub use self::json::Message;
use super::times;

/// One line below the header, and no frame: quiet on a screen, and easy to cut in a pipe.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// Blanks beside each cell; one more stands between columns.
const PADDING: (u16, u16) = (0, 1);

/// How things look where they are printed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Looks {
    /// Whether words may be coloured.
    pub colour: bool,
    /// The width to fit into. None: that of the terminal; unbounded where there is none.
    pub width: Option<u16>,
    /// The zone of all times. None: this machine's.
    pub zone: Option<chrono_tz::Tz>,
    /// The instant that what is left is counted from. None: this one.
    pub now: Option<DateTime<Utc>>,
}

impl Looks {
    /// Those of standard output.
    pub fn of_stdout() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self {
            colour: io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb,
            width: None,
            zone: None,
            now: None,
        }
    }

    /// An instant in these looks; nothing where it is unset.
    pub fn time(&self, instant: Option<&Timestamp>) -> String {
        times::shown(instant, self.zone)
    }

    /// How long it is until an instant; nothing where it is unset.
    pub fn left(&self, until: Option<&Timestamp>) -> String {
        times::left(until, self.now.unwrap_or_else(Utc::now))
    }

    /// An instant and how long it is until then; nothing where it is unset.
    pub fn deadline(&self, until: Option<&Timestamp>) -> String {
        match until {
            None => String::new(),
            Some(_) => format!("{} ({})", self.time(until), self.left(until)),
        }
    }

    /// A word in bold and colour, where colour is.
    pub fn painted(&self, word: &str, paint: Paint) -> String {
        if self.colour {
            format!("\u{1b}[1;{}m{word}\u{1b}[0m", paint.code())
        } else {
            word.to_owned()
        }
    }

    /// A table with a header; columns whose title begins with a blank are flush right.
    ///
    /// Where it is too narrow for the longest word or amount of each column, a row becomes a paragraph: nothing that one
    /// may want to copy is broken.
    pub fn table(&self, titles: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
        let rows: Vec<Vec<String>> = rows.into_iter().collect();
        let mut table = self.empty();
        table.set_header(titles.iter().map(|title| title.trim_start()));
        for row in &rows {
            table.add_row(row.iter().map(|text| Cell::new(plain(text))));
        }
        let widths: Vec<u16> = titles
            .iter()
            .enumerate()
            .map(|(index, title)| least_width(&table, index, title))
            .collect();
        let least = widths
            .iter()
            .fold(0_u16, |sum, width| sum.saturating_add(width + 1));
        if table.width().is_some_and(|width| width < least) {
            return self.paragraphs(titles, rows);
        }
        for ((column, title), width) in table.column_iter_mut().zip(titles).zip(widths) {
            column.set_padding(PADDING);
            if title.starts_with(' ') {
                column.set_cell_alignment(CellAlignment::Right);
            }
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(width)));
        }
        finished(&table)
    }

    fn paragraphs(&self, titles: &[&str], rows: Vec<Vec<String>>) -> String {
        let paragraphs = rows
            .into_iter()
            .map(|row| self.facts(titles.iter().map(|title| title.trim_start()).zip(row)));
        paragraphs.collect::<Vec<_>>().join("\n")
    }

    /// Names and values, one pair a line. Pairs without a value are left out.
    pub fn facts<'a>(&self, facts: impl IntoIterator<Item = (&'a str, String)>) -> String {
        let mut table = self.empty();
        for (name, value) in facts.into_iter().filter(|(_, value)| !value.is_empty()) {
            table.add_row([Cell::new(name), Cell::new(plain(&value))]);
        }
        table.column_iter_mut().for_each(|column| {
            column.set_padding(PADDING);
        });
        finished(&table)
    }

    fn empty(&self) -> Table {
        let mut table = Table::new();
        table.load_style(STYLE);
        table.set_content_arrangement(ContentArrangement::Dynamic);
        if let Some(width) = self.width {
            table.set_width(width);
        }
        table
    }
}

/// The colours that have a meaning here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Yes.
    Green,
    /// Not yet.
    Yellow,
    /// No.
    Red,
    /// Neither.
    Plain,
}

impl Paint {
    fn code(self) -> u8 {
        match self {
            Self::Green => 32,
            Self::Yellow => 33,
            Self::Red => 31,
            Self::Plain => 39,
        }
    }
}

/// Prints the answer of a verb, once.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    is_json: bool,
    looks: Looks,
}

impl Printer {
    /// Prints JSON, or the other thing.
    pub fn new(is_json: bool) -> Self {
        Self {
            is_json,
            looks: Looks::of_stdout(),
        }
    }

    /// Prints a message of the service, in words or as it is.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn answer<M: Message>(
        &self,
        message: &M,
        in_words: impl FnOnce(&Looks) -> String,
    ) -> anyhow::Result<()> {
        let text = if self.is_json {
            json::text(message)?
        } else {
            in_words(&self.looks)
        };
        print(&text)
    }
}

/// Writes to standard output, with a line end.
///
/// A reader who has seen enough (`| head`) is no error.
///
/// # Errors
/// Standard output cannot be written.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(stdout, "{text}{end}").and_then(|()| stdout.flush()) {
        Err(problem) if problem.kind() != io::ErrorKind::BrokenPipe => Err(problem.into()),
        Err(_) | Ok(()) => Ok(()),
    }
}

/// Says something beside the answer, on standard error.
pub fn say(text: &str) {
    // Where nobody listens, nothing is lost that the exit code does not tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// A count with its noun: "1 agent", "3 agents".
pub fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// How narrow a column may become: words are not broken, nor amounts in columns that are flush right.
fn least_width(table: &Table, index: usize, title: &str) -> u16 {
    let separator = if title.starts_with(' ') { ", " } else { " " };
    let cells = table.column_cells_with_header_iter(index).flatten();
    let widths = cells.flat_map(|cell| {
        let text = cell.content();
        let pieces = text
            .lines()
            .flat_map(|line| line.split_inclusive(separator));
        pieces
            .map(|piece| piece.trim_end().chars().count())
            .collect::<Vec<_>>()
    });
    u16::try_from(widths.max().unwrap_or_default())
        .unwrap_or(u16::MAX)
        .saturating_add(PADDING.1)
}

fn finished(table: &Table) -> String {
    if table.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    lines.join("\n") + "\n"
}

/// What somebody wrote, without what would move the cursor or change colours.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// What is printed, with the lines below headers cut to a dash: their length says nothing that a test need repeat.
#[cfg(test)]
pub(in crate::cli) fn without_rules(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| if line.starts_with('─') { "─" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        [["agent-month", "258.00 EUR"], ["customer-year", "9.00 EUR"]]
            .map(|row| row.map(str::to_owned).to_vec())
            .to_vec()
    }

    #[test]
    fn a_table_in_a_pipe_has_one_line_a_row_and_no_colour() {
        let table = Looks::default().table(&["limit", " left"], rows());
        let expected = "limit                left
─
agent-month    258.00 EUR
customer-year    9.00 EUR";
        assert_eq!(without_rules(&table), expected);
        assert!(!table.contains('\u{1b}'));
    }

    #[test]
    fn words_and_amounts_are_not_broken_where_there_is_room_for_them() {
        let row = [
            "agent-gesture, each".to_owned(),
            "300.00 EUR, 10×".to_owned(),
        ];
        let looks = Looks {
            width: Some(30),
            ..Looks::default()
        };
        let table = looks.table(&["limit", " left"], [row.to_vec()]);
        let expected = "\
limit                    left
─
agent-gesture,    300.00 EUR,
each                      10×";
        assert_eq!(without_rules(&table), expected);
    }

    #[test]
    fn where_even_words_do_not_fit_a_row_becomes_a_paragraph() {
        let looks = Looks {
            width: Some(25),
            ..Looks::default()
        };
        let table = looks.table(&["limit", " left", "resets"], rows());
        let expected = "\
limit  agent-month
left   258.00 EUR

limit  customer-year
left   9.00 EUR";
        assert_eq!(without_rules(&table), expected);
    }

    #[test]
    fn colour_is_only_where_it_is_wanted() {
        let coloured = Looks {
            colour: true,
            ..Looks::default()
        };
        assert_eq!(
            coloured.painted("APPROVED", Paint::Green),
            "\u{1b}[1;32mAPPROVED\u{1b}[0m"
        );
        assert_eq!(
            Looks::default().painted("APPROVED", Paint::Green),
            "APPROVED"
        );
    }

    #[test]
    fn facts_without_a_value_are_left_out() {
        let facts = Looks::default().facts([("id", "7".to_owned()), ("case", String::new())]);
        assert_eq!(facts.trim(), "id  7");
        assert_eq!(Looks::default().facts([("case", String::new())]), "");
    }

    #[test]
    fn nobody_writes_to_the_terminal_through_us() {
        assert_eq!(plain("a\u{1b}[2Jb\nc"), "a\u{fffd}[2Jb\nc");
    }
}
