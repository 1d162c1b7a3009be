//! A page for a terminal: headings, and below them pairs, lines and tables.

use wharf_diag::Spanned;

use crate::table::{self, Column};

/// What stands for a value that is not given.
pub(super) const NOTHING: &str = "-";

/// Names and values.
pub(super) type Pairs = Vec<(String, String)>;

pub(super) fn pair(name: &str, value: Option<impl ToString>) -> Option<(String, String)> {
    value.map(|value| (name.to_owned(), value.to_string()))
}

pub(super) fn text(value: Option<&Spanned<String>>) -> Option<&str> {
    value.map(|found| found.value.as_str())
}

pub(super) fn or_nothing(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |value| value.to_string())
}

pub(super) fn duration(value: Option<Spanned<std::time::Duration>>) -> Option<String> {
    value.map(|found| wharf_plan::shown(found.value))
}

/// What was written so far.
pub(super) struct Page {
    pub(super) text: String,
    /// Of the terminal, in columns. `None`: it goes to a file or a program.
    pub(super) width: Option<usize>,
}

impl Page {
    pub(super) fn heading(&mut self, heading: &str) {
        self.text += &format!("\n{heading}\n");
    }

    /// Names and values beside each other; nothing where there is no pair.
    pub(super) fn pairs(&mut self, heading: &str, pairs: Pairs) {
        if pairs.is_empty() {
            return;
        }
        self.heading(heading);
        let widest = pairs.iter().map(|(name, _)| name.chars().count()).max();
        let widest = widest.unwrap_or(0).min(24);
        for (name, value) in pairs {
            self.text += &format!("  {name:<widest$}  {value}\n");
        }
    }

    pub(super) fn lines(&mut self, heading: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.heading(heading);
        for (number, line) in (1..).zip(lines) {
            self.text += &format!("  {number}. {line}\n");
        }
    }

    pub(super) fn table(&mut self, heading: &str, columns: &[Column], rows: &[Vec<String>]) {
        if rows.is_empty() {
            return;
        }
        self.heading(heading);
        let width = self.width.map(|width| width.saturating_sub(2));
        for line in table::render(columns, rows, width).text.lines() {
            self.text += &format!("  {line}\n");
        }
    }
}
