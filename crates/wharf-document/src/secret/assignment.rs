//! Values behind the name of a secret: `token: …`, `API_KEY=…`, `| Password | … |`, "the secret is …".
//!
//! The value must look drawn: long, letters and digits mixed, with the entropy of chance. Hashes,
//! UUIDs, ids and addresses are left alone, and names that only hold the word (`public key`, `page
//! token`, `token_type`) are no names of secrets. A password may be shorter, where it has three
//! kinds of signs.

use std::ops::Range;

use super::drawn_value::{MOST_VALUE, is_drawn_value};
use super::names::{self, Name, Named};
use super::{Found, Kind, connection, context, documented, password, starts, table};

const MOST_WORDS: usize = 48;
/// Columns of one table that are read.
const MOST_COLUMNS: usize = 4;

/// Reads values behind names, one name after the other.
pub(super) struct Assignments<'a> {
    text: &'a str,
    found: Vec<Found>,
    /// Names before this place stand in a value that was read.
    end: usize,
    /// The line of the last heading, and how many of its columns were read.
    heading: (usize, usize),
    /// Where the table below it ends. Its rows are no headings.
    table_end: usize,
}

impl<'a> Assignments<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            found: Vec::new(),
            end: 0,
            heading: (usize::MAX, 0),
            table_end: 0,
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
        if let Some(span) = value(self.text, &named) {
            if span.len() > 64 {
                self.end = span.end;
            }
            if let Some(kind) = self.judge(&span, &named) {
                self.end = span.end;
                self.found.push(Found::new(kind, span));
                return;
            }
        }
        self.read_column(&named);
    }

    /// Reads the column of which the name is the heading.
    fn read_column(&mut self, named: &Named) {
        let end = named.place.end;
        let rest = self.text[end..].trim_start_matches([' ', '*', '`', ')']);
        if !rest.starts_with(['|', '\n', '\r']) {
            return;
        }
        let Some(heading) = table::heading(self.text, end) else {
            return;
        };
        if self.heading.0 != heading.line {
            if heading.line < self.table_end {
                return;
            }
            self.heading = (heading.line, 0);
            self.table_end = table::end(self.text, &heading);
        }
        self.heading.1 += 1;
        if self.heading.1 > MOST_COLUMNS {
            return;
        }
        for cell in table::cells(self.text, &heading) {
            if cell.len() <= MOST_VALUE
                && let Some(kind) = self.judge(&cell, named)
            {
                self.found.push(Found::new(kind, cell));
            }
        }
    }

    fn judge(&self, span: &Range<usize>, named: &Named) -> Option<Kind> {
        let value = &self.text[span.clone()];
        if documented::is_example(value) || is_decided_elsewhere(value) {
            return None;
        }
        if named.name != Name::Password {
            let is_secret = is_drawn_value(value, named.is_strong);
            return is_secret
                .then(|| context::kind(self.text, span, true).unwrap_or(Kind::Assigned));
        }
        if password::is_set(value, "") && connection::has_settings(line_around(self.text, span)) {
            return Some(Kind::ConnectionString);
        }
        password::is_chosen(value).then_some(Kind::Password)
    }
}

/// The place of the value that belongs to a name.
fn value(text: &str, named: &Named) -> Option<Range<usize>> {
    let at = value_start(text, named)?;
    let rest = &text[at..];
    let is_mark = |c: char| matches!(c, ' ' | '\t' | '*' | '(');
    let rest = rest.trim_start_matches(is_mark);
    let rest = ["Bearer ", "bearer ", "Basic ", "token "]
        .iter()
        .find_map(|scheme| rest.strip_prefix(scheme))
        .unwrap_or(rest);
    let quote = rest.bytes().next().filter(|byte| b"\"'`".contains(byte));
    let from = text.len() - rest.len() + usize::from(quote.is_some());
    let bytes = &text.as_bytes()[from..text.len().min(from + MOST_VALUE)];
    let length = bytes
        .iter()
        .position(|byte| match quote {
            Some(quote) => *byte == quote || matches!(byte, b'\n' | b' ' | b'|'),
            None => {
                byte.is_ascii_whitespace()
                    || b"\"'`|,;)".contains(byte)
                    || (*byte == b'&' && named.name != Name::Password)
            }
        })
        .unwrap_or(bytes.len());
    let end = text.floor_char_boundary(from + length);
    let value = text[from..end].trim_end_matches(['.', ':', '*', '\\', '&']);
    (!value.is_empty()).then(|| from..from + value.len())
}

/// Where the value of a name starts: behind `:`, `=`, a pipe, "is", or an opening code mark.
fn value_start(text: &str, named: &Named) -> Option<usize> {
    let rest = &text[named.place.end..];
    let closed = rest.trim_start_matches(['"', '\'', '`', '*', '_', ')', ']']);
    let at = text.len() - closed.len();
    let spaced = closed.trim_start_matches([' ', '\t']);
    let after_space = text.len() - spaced.len();
    let is_apart = after_space > at;
    let is_flag = is_apart && has_flag(text, named.place.start);
    match spaced.bytes().next()? {
        _ if named.name == Name::Bearer => is_apart.then_some(after_space),
        b':' | b'=' | b'|' => {
            let operator = spaced.trim_start_matches([':', '=', '|', '>']);
            let length = spaced.len() - operator.len();
            (length <= 2 && !spaced.starts_with("==")).then_some(after_space + length)
        }
        b'`' | b'"' if is_apart => Some(after_space),
        _ if is_flag => Some(after_space),
        b'-' if spaced.starts_with("->") => Some(after_space + 2),
        byte if is_apart && byte.is_ascii_alphabetic() => in_sentence(text, after_space),
        _ => None,
    }
}

/// Whether the name is an option of a command: `--api-token VALUE`.
fn has_flag(text: &str, name_start: usize) -> bool {
    let before = text.as_bytes()[..name_start].iter().rev().take(32);
    let length = before
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-')
        .count();
    text[name_start - length..name_start].starts_with("--")
}

/// The value of "the token for staging is …" and of "the key of the app: …".
fn in_sentence(text: &str, at: usize) -> Option<usize> {
    let end = text.floor_char_boundary((at + MOST_WORDS).min(text.len()));
    let words = &text[at..end];
    let stop = words.find(|c: char| !(c.is_ascii_alphanumeric() || " '-_()".contains(c)))?;
    if words[stop..].starts_with([':', '=', '`', '"']) {
        let is_open = words[stop..].starts_with(['`', '"']);
        return Some(at + stop + usize::from(!is_open));
    }
    words[..stop].rfind(" is ").map(|is| at + is + " is ".len())
}

/// Whether the format of a value has a reader of its own, which decided.
fn is_decided_elsewhere(value: &str) -> bool {
    starts::issued()
        .filter(|start| !matches!(*start, "sk-" | "app-" | "dataset-"))
        .any(|start| value.starts_with(start))
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
