//! Which columns a table has.

use super::context::{Context, Seen};
use crate::findings::{column_missing, row_too_long};
use crate::raw::{Row, Table, Text, same_name};

impl Context<'_> {
    /// Finds the columns of a table. `None`, after a report, when a required one is missing.
    ///
    /// A name may be followed by another heading for it, as in `Error Code|Code`.
    pub(crate) fn columns(
        &mut self,
        table: &Table,
        what: &str,
        required: &[&'static str],
        optional: &[&'static str],
    ) -> Option<Columns> {
        let mut columns = Columns(Vec::new());
        let mut seen = Seen::new();
        let known: Vec<_> = required.iter().chain(optional).copied().collect();
        for (index, header) in table.header.iter().enumerate() {
            if header.is_empty() || !self.is_new(&mut seen, header, "column") {
                continue;
            }
            let found = known.iter().find(|names| {
                let mut headings = names.split('|');
                headings.any(|name| same_name(header.as_str(), name))
            });
            if let Some(names) = found {
                columns.0.push((heading(names), index));
            } else {
                self.unknown_name(header, "column", &known);
            }
        }
        let first = table.header.first().map_or(table.span, Text::span);
        let header = table
            .header
            .iter()
            .fold(first, |all, cell| all.to(cell.span()));
        let mut complete = true;
        for name in required.iter().map(|names| heading(names)) {
            if columns.index(name).is_none() {
                complete = false;
                self.report_at(header, |source, span| {
                    column_missing::new(source, span, what, name)
                });
            }
        }
        for row in table.rows.iter().filter(|row| !row.excess.is_empty()) {
            self.report_at(row.excess, |source, span| {
                row_too_long::new(source, span, what)
            });
        }
        complete.then_some(columns)
    }
}

/// Which column stands where.
pub(crate) struct Columns(Vec<(&'static str, usize)>);

impl Columns {
    fn index(&self, name: &str) -> Option<usize> {
        self.0
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, index)| *index)
    }

    /// The cell of a row; an empty text where the table has no such column.
    pub(crate) fn cell(&self, row: &Row, name: &str) -> Text {
        self.index(name)
            .and_then(|index| row.cells.get(index).cloned())
            .unwrap_or_else(|| Text::empty_at(row.span))
    }
}

/// The first of the headings that a column may have.
pub(super) fn heading(names: &'static str) -> &'static str {
    names.split('|').next().unwrap_or(names)
}
