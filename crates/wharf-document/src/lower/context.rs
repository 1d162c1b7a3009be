//! What every section's reader needs: the source, the findings, and readers of common values.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use wharf_diag::{Diagnostic, Severity, SourceText, Span, Spanned};

use super::link_target;
use super::slips::Slips;
use crate::checks::not_filled_in::{self, Need};
use crate::checks::{
    boolean_not_read, column_missing, duration_not_read, event_field_not_read, given_twice,
    header_not_read, number_not_read, rate_not_read, row_too_long, secret_in_text, size_not_read,
    test_secret_in_text, unknown_word, url_not_read, value_missing,
};
use crate::model::{BaseUrl, ByteCount, Connection, RateLimit};
use crate::parse::duration::{self, Unit};
use crate::parse::template::is_header_name;
use crate::parse::{condition, connection, number, placeholder, rate, size, url, words};
use crate::raw::{Row, Section, Table, Text, same_name};

/// Most findings of one severity that are kept for a document.
const MOST_FINDINGS: usize = 1_000;

/// The source of a document and everything found in it so far.
pub(crate) struct Context<'a> {
    pub(crate) source: &'a Arc<SourceText>,
    diagnostics: Vec<Diagnostic>,
    count_of: HashMap<Severity, usize>,
    left_out: usize,
    slips: Slips,
}

/// What was found in a document.
pub(crate) struct Findings {
    /// In the order of their places.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Findings past the bound.
    pub(crate) left_out: usize,
}

/// Names that were read beside each other, with the place of each.
#[derive(Default)]
pub(crate) struct Seen {
    place_of: HashMap<String, Span>,
    /// Which of the document's groups of names this is; known once a name was read.
    group: Option<usize>,
}

impl Seen {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Span> {
        self.place_of.get(name)
    }

    pub(crate) fn insert(&mut self, name: String, place: Span) {
        self.place_of.insert(name, place);
    }
}

impl<'a> Context<'a> {
    pub(crate) fn new(source: &'a Arc<SourceText>) -> Self {
        Self {
            source,
            diagnostics: Vec::new(),
            count_of: HashMap::new(),
            left_out: 0,
            slips: Slips::default(),
        }
    }

    /// All findings in the order of their places, with no credential in any of their words.
    pub(crate) fn finish(mut self) -> Findings {
        for diagnostic in std::mem::take(&mut self.slips).diagnostics(self.source) {
            self.report(diagnostic);
        }
        let issued = self.issued();
        // Findings about secrets say nothing of the document's words, and there may be many.
        let others = self.diagnostics.iter_mut().filter(|diagnostic| {
            !matches!(
                diagnostic.code,
                secret_in_text::CODE | test_secret_in_text::CODE
            )
        });
        wharf_diag::take_out(issued, others);
        self.diagnostics
            .sort_by_key(|diagnostic| (diagnostic.primary.span.start, diagnostic.code.id));
        Findings {
            diagnostics: self.diagnostics,
            left_out: self.left_out,
        }
    }

    /// Reports what looks like a live credential, up to the bound; the last one reported hides the
    /// others. Returns the words that no finding may show.
    fn issued(&mut self) -> Vec<&'a str> {
        let text = self.source.text();
        let mut hidden: Vec<Span> = self
            .diagnostics
            .iter()
            .flat_map(|diagnostic| &diagnostic.hidden)
            .copied()
            .collect();
        hidden.sort_by_key(|place| place.start);
        // A field of Credential Storage is judged more strictly than prose.
        let mut words: Vec<_> = hidden
            .iter()
            .map(|span| text.get(span.range()).unwrap_or_default())
            .filter(|word| wharf_scan::looks_like_secret(word))
            .collect();
        let mut places = hidden.iter().peekable();
        let mut told = 0;
        let mut reported = 0;
        for found in wharf_scan::scan(text) {
            words.push(&text[found.span.clone()]);
            let span = Span::from(found.span);
            while let Some(place) = places.next_if(|place| place.start <= span.start) {
                told = told.max(place.end);
            }
            if told >= span.end {
                continue;
            }
            reported += 1;
            if reported > MOST_FINDINGS
                && let Some(last) = self.diagnostics.last_mut()
            {
                last.hidden.push(span);
                self.left_out += 1;
                continue;
            }
            let diagnostic = if found.kind.is_test() {
                test_secret_in_text::new(self.source, span, found.kind)
            } else {
                secret_in_text::new(self.source, span, found.kind)
            };
            self.report(diagnostic);
        }
        words
    }

    /// Keeps a finding, up to the bound. What one past it hides stays hidden: the last one that
    /// was kept hides it too.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        let count = self.count_of.entry(diagnostic.severity).or_default();
        *count += 1;
        if *count > MOST_FINDINGS
            && let Some(last) = self.diagnostics.last_mut()
        {
            self.left_out += 1;
            last.hidden.extend(diagnostic.hidden);
            return;
        }
        self.diagnostics.push(diagnostic);
    }

    /// Runs checks once more, on what is said in another way; findings that were made before are
    /// not made again.
    pub(crate) fn again(&mut self, run: impl FnOnce(&mut Self)) {
        let mut other = Self::new(self.source);
        run(&mut other);
        for diagnostic in other.diagnostics {
            let is_known = self.diagnostics.iter().any(|known| {
                (known.code, known.primary.span) == (diagnostic.code, diagnostic.primary.span)
                    && known.message == diagnostic.message
            });
            if !is_known {
                self.report(diagnostic);
            }
        }
    }

    /// Reports a finding that is made from the source and a place.
    pub(crate) fn report_at(
        &mut self,
        span: Span,
        make: impl FnOnce(&Arc<SourceText>, Span) -> Diagnostic,
    ) {
        let diagnostic = make(self.source, span);
        self.report(diagnostic);
    }

    /// The text where something is given. Absence is silent, a placeholder is reported.
    pub(crate) fn given(&mut self, text: &Text, what: &str, need: Need) -> Option<Text> {
        let text = text.whole().trimmed();
        if is_absent(text.as_str()) {
            return None;
        }
        if placeholder::is_placeholder(text.as_str()) {
            self.report_at(text.span(), |source, span| {
                not_filled_in::new(source, span, what, need)
            });
            return None;
        }
        Some(text.to_text())
    }

    /// Reports that a part has a heading and no block of its language below it. `what` names the
    /// block, `form` says what is written in it; the first of `languages` is the one to use.
    pub(crate) fn block_missing(
        &mut self,
        section: &Section,
        part: &str,
        what: &str,
        languages: &[&str],
        form: &str,
    ) {
        let other = section.part_code_in_another(part, languages);
        let expected = languages.first().copied().unwrap_or_default();
        let diagnostic = match other {
            Some(block) => {
                value_missing::in_another_language(self.source, block, what, expected, form)
            }
            None => value_missing::new(self.source, section.place_of_part(part), what),
        };
        self.report(diagnostic);
    }

    /// Like [`given`](Self::given), but absence is an error.
    pub(crate) fn required(&mut self, text: &Text, what: &str) -> Option<Text> {
        if is_absent(text.as_str().trim()) {
            self.report_at(text.span(), |source, span| {
                value_missing::new(source, span, what)
            });
            return None;
        }
        self.given(text, what, Need::Used)
    }

    pub(crate) fn text(&mut self, text: &Text, what: &str, need: Need) -> Option<Spanned<String>> {
        self.given(text, what, need).map(|text| spanned(&text))
    }

    pub(crate) fn duration(&mut self, text: &Text, what: &str) -> Option<Spanned<Duration>> {
        self.duration_in(text, what, Unit::Seconds)
    }

    /// Reads a duration whose bare number counts `unit`s.
    pub(crate) fn duration_in(
        &mut self,
        text: &Text,
        what: &str,
        unit: Unit,
    ) -> Option<Spanned<Duration>> {
        let text = self.given(text, what, Need::Used)?;
        let value = duration::parse(text.as_str(), unit);
        self.value(&text, value, |source, span, why| {
            duration_not_read::new(source, span, what, why)
        })
    }

    /// Reads the first duration in some words; it is longer than zero.
    pub(crate) fn bound_in_words(&mut self, text: &Text, what: &str) -> Option<Spanned<Duration>> {
        let text = self.given(text, what, Need::Used)?;
        let found = words::find_duration(text.as_str());
        match found.filter(|(duration, _)| !duration.is_zero()) {
            Some((_, range)) if number::is_unclear(&text.as_str()[range.clone()]) => {
                let unclear = Err(number::UNCLEAR.to_owned());
                self.value(&text, unclear, |source, span, why| {
                    duration_not_read::new(source, span, what, why)
                })
            }
            Some((duration, range)) => Some(Spanned::new(duration, text.span_of(range))),
            None => self.bound(&text, what),
        }
    }

    /// Reads a duration that is longer than zero.
    pub(crate) fn bound(&mut self, text: &Text, what: &str) -> Option<Spanned<Duration>> {
        let duration = self.duration(text, what)?;
        let value = if duration.value.is_zero() {
            Err("it is zero, so nothing would ever be in time".to_owned())
        } else {
            Ok(duration.value)
        };
        self.value(&text.trimmed(), value, |source, span, why| {
            duration_not_read::new(source, span, what, why)
        })
    }

    /// Reads the rates of one cell.
    pub(crate) fn rates(&mut self, text: &Text, what: &str) -> Vec<Spanned<RateLimit>> {
        let Some(text) = self.given(text, what, Need::Used) else {
            return Vec::new();
        };
        rate::split(&text)
            .iter()
            .filter_map(|part| {
                self.value(part, rate::limit(part.as_str()), |source, span, why| {
                    rate_not_read::new(source, span, what, why)
                })
            })
            .collect()
    }

    pub(crate) fn size(&mut self, text: &Text, what: &str) -> Option<Spanned<ByteCount>> {
        let text = self.given(text, what, Need::Used)?;
        self.value(&text, size::parse(text.as_str()), |source, span, why| {
            size_not_read::new(source, span, what, why)
        })
    }

    /// Reads a base URL, or the address of a service that does not speak HTTP.
    pub(crate) fn address(
        &mut self,
        text: &Text,
        what: &str,
    ) -> (Option<Spanned<BaseUrl>>, Option<Spanned<Connection>>) {
        let Some(text) = self.given(text, what, Need::Used) else {
            return (None, None);
        };
        let Some(text) = self.led_to(&text, what) else {
            return (None, None);
        };
        if url::has_hole(text.as_str()) {
            self.report_at(text.span(), |source, span| {
                not_filled_in::new(source, span, what, Need::Used)
            });
            return (None, None);
        }
        if connection::is_connection(text.as_str()) {
            let connection = connection::parse(text.as_str());
            (None, self.url(&text, connection, what))
        } else {
            let base_url = url::parse(text.as_str());
            (self.url(&text, base_url, what), None)
        }
    }

    /// The address that a text stands for: where its links lead, the words where it has none.
    /// `None`, after a report, where words and links say different things.
    pub(crate) fn led_to(&mut self, text: &Text, what: &str) -> Option<Text> {
        let led = link_target::of(text, self.source.text());
        self.value(text, led, |source, span, why| {
            url_not_read::new(source, span, what, why)
        })
        .map(|text| text.value)
    }

    /// Reads a whole number within inclusive bounds.
    pub(crate) fn integer(
        &mut self,
        text: &Text,
        what: &str,
        least: u64,
        most: u64,
    ) -> Option<Spanned<u64>> {
        let text = self.given(text, what, Need::Used)?;
        let number = text.as_str().parse::<u64>().ok();
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.report_at(text.span(), |source, span| {
                number_not_read::new(source, span, what, least, most)
            });
        }
        number.map(|number| Spanned::new(number, text.span()))
    }

    pub(crate) fn integer_u32(
        &mut self,
        text: &Text,
        what: &str,
        least: u32,
        most: u32,
    ) -> Option<Spanned<u32>> {
        let number = self.integer(text, what, least.into(), most.into())?;
        let value = u32::try_from(number.value).ok()?;
        Some(Spanned::new(value, number.span))
    }

    pub(crate) fn boolean(&mut self, text: &Text, what: &str) -> Option<Spanned<bool>> {
        let text = self.given(text, what, Need::Used)?;
        let value = match text.as_str().to_lowercase().as_str() {
            "true" | "yes" | "on" | "✓" | "✔" | "✅" => Ok(true),
            "false" | "no" | "off" | "✗" | "✘" | "❌" => Ok(false),
            other => Err(format!("`{other}` is neither")),
        };
        self.value(&text, value, |source, span, why| {
            boolean_not_read::new(source, span, what, why)
        })
    }

    /// Keeps what was read of an address. Where nothing was, a password in it is not shown.
    pub(crate) fn url<T>(
        &mut self,
        text: &Text,
        value: Result<T, String>,
        what: &str,
    ) -> Option<Spanned<T>> {
        let secret = url::secret_place(text.as_str()).map(|range| text.span_of(range));
        self.value(text, value, |source, span, why| {
            url_not_read::hiding(source, span, what, why, secret)
        })
    }

    /// Reads the name of a header, as written.
    pub(crate) fn header_name(&mut self, text: &Text, what: &str) -> Option<Spanned<String>> {
        let text = self.given(text, what, Need::Used)?;
        let name = if is_header_name(text.as_str()) {
            Ok(text.as_str().to_owned())
        } else {
            Err(header_not_read::ODD_SIGN.to_owned())
        };
        self.value(&text, name, |source, span, why| {
            header_not_read::new(source, span, what, why)
        })
    }

    /// Reads a JSON pointer.
    pub(crate) fn pointer(&mut self, text: &Text, what: &str) -> Option<Spanned<String>> {
        let text = self.given(text, what, Need::Used)?;
        let pointer = condition::pointer(text.as_str());
        self.value(&text, pointer, |source, span, why| {
            event_field_not_read::new(source, span, what, why)
        })
    }

    /// Reads words of a closed set.
    pub(crate) fn one_of<T: Copy>(
        &mut self,
        text: &Text,
        what: &str,
        all: &[(T, &'static str)],
    ) -> Option<Spanned<T>> {
        let text = self.given(text, what, Need::Used)?;
        let found = all
            .iter()
            .find(|(_, words)| same_name(text.as_str(), words));
        if found.is_none() {
            let words: Vec<_> = all.iter().map(|(_, words)| *words).collect();
            self.report_at(text.span(), |source, span| {
                unknown_word::new(source, span, what, text.as_str(), &words)
            });
        }
        found.map(|(value, _)| Spanned::new(*value, text.span()))
    }

    /// Keeps a value, or reports why there is none.
    pub(crate) fn value<T>(
        &mut self,
        text: &Text,
        value: Result<T, String>,
        make: impl FnOnce(&Arc<SourceText>, Span, &str) -> Diagnostic,
    ) -> Option<Spanned<T>> {
        match value {
            Ok(value) => Some(Spanned::new(value, text.span())),
            Err(why) => {
                let diagnostic = make(self.source, text.span(), &why);
                self.report(diagnostic);
                None
            }
        }
    }

    /// Reports a name that is not known, or nearly is. What it may have been meant to be is told
    /// at the end, when it is known which names stand beside it.
    pub(crate) fn unknown_name(&mut self, name: &Text, kind: &str, known: &[&'static str]) {
        self.slips.add(name, kind, known);
    }

    /// Reports the second of two equal names; `true` when `name` is new.
    pub(crate) fn is_new(&mut self, seen: &mut Seen, name: &Text, kind: &str) -> bool {
        let key = name.as_str().to_lowercase();
        self.slips.name(&mut seen.group, name);
        if let Some(first) = seen.get(&key).copied() {
            self.report_at(name.span(), |source, span| {
                given_twice::new(source, span, first, kind, name.as_str())
            });
            return false;
        }
        seen.insert(key, name.span());
        true
    }

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

/// Whether a text says "nothing", perhaps with a reason behind it: `none, because …`.
pub(crate) fn is_absent(text: &str) -> bool {
    let word = text
        .split([',', ';', ':'])
        .next()
        .unwrap_or_default()
        .trim();
    text.is_empty()
        || ["-", "–", "—", "none", "n/a", "null"]
            .iter()
            .any(|nothing| word.eq_ignore_ascii_case(nothing))
}

/// The text with its place.
pub(crate) fn spanned(text: &Text) -> Spanned<String> {
    Spanned::new(text.as_str().to_owned(), text.span())
}
