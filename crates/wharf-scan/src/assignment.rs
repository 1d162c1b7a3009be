//! Values behind the name of a secret: `token: …`, `API_KEY=…`, `| Password | … |`, "the secret is …".
//!
//! The value must look drawn: long, letters and digits mixed, with the entropy of chance. Hashes,
//! UUIDs, ids and addresses are left alone, and names that only hold the word (`public key`, `page
//! token`, `token_type`) are no names of secrets. A password may be shorter, where it has three
//! kinds of signs.

use std::ops::Range;

use super::drawn_value::{MOST_VALUE, is_drawn_value};
use super::names::{self, Name, Named};
use super::operator::Join;
use super::value::{self, Value};
use super::{
    Found, Kind, connection, context, documented, drawn_value, filler, html_table, human, owner,
    pairs, password, phrase, reversed, sentence, starts, table, uuid_keys,
};

/// Columns of one table that are read.
const MOST_COLUMNS: usize = 4;
/// What stands around the text of a cell.
const CELL_MARKS: [char; 6] = [' ', '`', '*', '"', '\'', '\t'];

/// Reads values behind names, one name after the other.
pub(super) struct Assignments<'a> {
    text: &'a str,
    found: Vec<Found>,
    /// Names before this place stand in a value that was read.
    end: usize,
    /// The end of the last long value in which one more name was read.
    opened: usize,
    /// The line of the last heading, and how many of its columns were read.
    heading: (usize, usize),
    /// The rows of the table below it. They are no headings.
    rows: Range<usize>,
}

impl<'a> Assignments<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            found: Vec::new(),
            end: 0,
            opened: 0,
            heading: (usize::MAX, 0),
            rows: 0..0,
        }
    }

    /// What was found, in the order of places.
    pub(super) fn finish(mut self) -> Vec<Found> {
        self.found.sort_by_key(|found| found.span.start);
        let mut end = 0;
        self.found.retain(|found| {
            let is_free = found.span.start >= end;
            end = end.max(found.span.end);
            is_free
        });
        self.found
    }

    /// Reads what stands behind a name that was met.
    pub(super) fn read(&mut self, met: Range<usize>, name: Name) {
        if met.start < self.end {
            return;
        }
        let Some(named) = names::whole(self.text, &met, name) else {
            return;
        };
        let value = value::read(self.text, &named);
        if let Some(Value { span, join }) = value {
            // A login is named by its user; what is long is no user.
            if span.len() > 64 && name != Name::Login {
                self.pass_over(&span);
            }
            let kind = self.judge(&span, &named, join);
            let found = kind.map(|kind| Found::new(kind, span.clone()));
            let found = found.or_else(|| self.phrase(&span, &named));
            let is_sure =
                (join == Join::Sign || names_pair(self.text, &named)) && name != Name::Key;
            let pair =
                || is_sure.then(|| pairs::behind_user(self.text, &span, name == Name::Login))?;
            if let Some(mut found) = found.or_else(pair) {
                found.span.end = value::to_its_mark(self.text, &found.span);
                self.end = found.span.end;
                self.found.push(found);
                self.later_cells(&named);
                return;
            }
        }
        if name == Name::Login {
            return;
        }
        if let Some(found) = self.in_row(&named) {
            self.end = found.span.end;
            self.found.push(found);
            self.later_cells(&named);
            return;
        }
        if let Some(span) = reversed::value(self.text, &named)
            && self.found.last().is_none_or(|last| last.span != span)
            && let Some(kind) = self.judge(&span, &named, Join::Words)
        {
            self.found.push(Found::new(kind, span));
            return;
        }
        self.read_column(&named);
    }

    /// Values in the cells behind one that was read: a row may have one for each stage.
    fn later_cells(&mut self, named: &Named) {
        let is_row = named.is_strong && behind_pipe(self.text, named.place.end).is_some();
        let start = behind_pipe(self.text, self.end).filter(|_| is_row);
        for cell in start.into_iter().flat_map(|start| cells(self.text, start)) {
            self.end = cell.end;
            if let Some(kind) = self.judge(&cell, named, Join::Sign) {
                self.found.push(Found::new(kind, cell));
            }
        }
    }

    /// The value in a later cell of a row, behind cells that are empty or stand for a value: one for
    /// each stage.
    fn in_row(&self, named: &Named) -> Option<Found> {
        let start = behind_pipe(self.text, named.place.end).filter(|_| named.is_strong)?;
        let is_given = |cell: &Range<usize>| {
            let value = &self.text[cell.clone()];
            !matches!(value, "" | "-" | "–" | "—") && !password::is_placeholder(value)
        };
        let cell = cells(self.text, start).find(is_given)?;
        let kind = self.judge(&cell, named, Join::Sign)?;
        Some(Found::new(kind, cell))
    }

    /// Leaves the names in a long value alone. One that has `=` in it may be a name and its value,
    /// `--from-literal=token=…`: there one more name is read, and not all of them, or the time would
    /// grow with their number.
    fn pass_over(&mut self, span: &Range<usize>) {
        let has_name = self.text[span.clone()].contains('=');
        if has_name && span.start >= self.opened {
            self.opened = span.end;
        } else {
            self.end = span.end;
        }
    }

    /// Reads the column of which the name is the heading.
    fn read_column(&mut self, named: &Named) {
        let end = named.place.end;
        let rest = self.text[end..].trim_start_matches([' ', '*', '`', ')', '"']);
        if rest.starts_with("</") {
            return self.read_html_column(named);
        }
        if !rest.starts_with(['|', '\n', '\r', ',', ';', '\t']) {
            return;
        }
        if self.rows.contains(&end) {
            return;
        }
        let Some(heading) = table::heading(self.text, end) else {
            return;
        };
        if self.heading.0 != heading.line {
            self.heading = (heading.line, 0);
            self.rows = heading.rows..table::end(self.text, &heading);
        }
        self.heading.1 += 1;
        if self.heading.1 > MOST_COLUMNS {
            return;
        }
        for cell in table::cells(self.text, &heading) {
            self.read_cell(cell, named);
        }
    }

    fn read_cell(&mut self, cell: Range<usize>, named: &Named) {
        if cell.len() > MOST_VALUE {
            return;
        }
        let kind = self.judge(&cell, named, Join::Sign);
        let is_phrase =
            || named.is_of_words() && phrase::is_cell(self.text, &cell, named.name_of(self.text));
        if let Some(kind) = kind.or_else(|| is_phrase().then_some(Kind::Password)) {
            self.found.push(Found::new(kind, cell));
        }
    }

    /// Reads the column of a table of HTML of which the name is the heading.
    fn read_html_column(&mut self, named: &Named) {
        let place = &named.place;
        let is_row = self.rows.contains(&place.end);
        let Some(heading) = (!is_row)
            .then(|| html_table::heading(self.text, place))
            .flatten()
        else {
            return;
        };
        if self.heading.0 != heading.row {
            self.heading = (heading.row, 0);
        }
        self.heading.1 += 1;
        if self.heading.1 > MOST_COLUMNS {
            return;
        }
        let column = html_table::column(self.text, &heading);
        // The headings beside it are read too, what is below them is not.
        self.rows = column.rows;
        for cell in column.cells {
            self.read_cell(cell, named);
        }
    }

    /// The passphrase whose first word was read as a value.
    fn phrase(&self, span: &Range<usize>, named: &Named) -> Option<Found> {
        let name = named.name_of(self.text);
        let phrase = named
            .is_of_words()
            .then(|| phrase::behind(self.text, span, name))??;
        Some(Found::new(Kind::Password, phrase))
    }

    fn judge(&self, span: &Range<usize>, named: &Named, join: Join) -> Option<Kind> {
        let value = &self.text[span.clone()];
        let is_other = matches!(named.name, Name::Login | Name::Phrase);
        if is_other || documented::is_example(value) || is_decided_elsewhere(value) {
            return None;
        }
        let before = &self.text[..span.start];
        let is_element = before.ends_with('>') && self.text[span.end..].starts_with("</");
        let is_quoted = join == Join::Sign && (is_element || before.ends_with(['"', '\'', '`']));
        if named.name != Name::Password {
            let is_secret = is_drawn_value(value, named.is_strong)
                || (named.is_strong
                    && drawn_value::is_uuid(value)
                    && (named.name == Name::Bearer || uuid_keys::is_key(self.text, span.start))
                    && !filler::is_filler(value))
                || (named.is_strong && is_quoted && human::is_key_of_marks(value));
            return is_secret
                .then(|| context::kind(self.text, span, true).unwrap_or(Kind::Assigned));
        }
        if password::is_set(value, "") && connection::has_settings(line_around(self.text, span)) {
            return Some(Kind::ConnectionString);
        }
        let is_phrase = || {
            let is_told = join == Join::Sign || sentence::ends_with_is(before);
            is_told && phrase::is_joined(value)
        };
        let is_told = (is_quoted && human::is_quoted_choice(value))
            || (join == Join::Sign && human::is_dated(value))
            || (join == Join::Words
                && owner::is_user_before(self.text, named.place.start)
                && human::is_of_user(value));
        (is_told || password::is_chosen(value, join) || is_phrase()).then_some(Kind::Password)
    }
}

/// Where the next cell of a row begins.
fn behind_pipe(text: &str, at: usize) -> Option<usize> {
    let rest = text[at..].trim_start_matches(CELL_MARKS);
    Some(text.len() - rest.strip_prefix('|')?.len())
}

/// The first cells of what is left of a row, without the marks around their texts.
fn cells(text: &str, start: usize) -> impl Iterator<Item = Range<usize>> {
    let end = text.floor_char_boundary((start + MOST_COLUMNS * MOST_VALUE).min(text.len()));
    let row = text[start..end].split('\n').next().unwrap_or_default();
    let mut at = start;
    row.split('|').take(MOST_COLUMNS).map(move |cell| {
        let from = at + cell.len() - cell.trim_start_matches(CELL_MARKS).len();
        at += cell.len() + 1;
        from..from + cell.trim_matches(CELL_MARKS).len()
    })
}

/// Whether the format of a value has a reader of its own, which decided.
pub(super) fn is_decided_elsewhere(value: &str) -> bool {
    starts::issued()
        .filter(|start| !matches!(*start, "sk-" | "app-" | "dataset-"))
        .any(|start| value.starts_with(start))
}

/// Whether a name is one of a user and a password together: "the credentials are …".
fn names_pair(text: &str, named: &Named) -> bool {
    const CREDENTIAL: &str = "credential";
    let name = text.get(named.place.start..named.place.start + CREDENTIAL.len());
    named.name == Name::Login || name.is_some_and(|name| name.eq_ignore_ascii_case(CREDENTIAL))
}

/// The part of the line around a value.
fn line_around<'a>(text: &'a str, span: &Range<usize>) -> &'a str {
    let start = text.floor_char_boundary(span.start.saturating_sub(160));
    let start = text[start..span.start]
        .rfind('\n')
        .map_or(start, |at| start + at + 1);
    let end = text.floor_char_boundary((span.end + 120).min(text.len()));
    let end = text[span.end..end]
        .find('\n')
        .map_or(end, |at| span.end + at);
    &text[start..end]
}

#[cfg(test)]
mod tests;
