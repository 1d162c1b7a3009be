//! What every section's reader needs: the source, the findings, and readers of common texts.

use std::collections::HashMap;
use std::sync::Arc;

use wharf_diag::{Diagnostic, SourceText, Span, Spanned};

use super::slips::Slips;
use crate::findings::not_filled_in::{self, Need};
use crate::findings::{Findings, given_twice, unknown_word, value_missing};
use crate::parse::placeholder;
use crate::raw::{Section, Text, same_name};

/// The source of a document, everything found in it so far, and names that nothing reads.
pub(crate) struct Context<'a> {
    pub(crate) source: &'a Arc<SourceText>,
    findings: Findings<'a>,
    slips: Slips,
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
            findings: Findings::new(source),
            slips: Slips::default(),
        }
    }

    /// What was found, and the names that nothing reads.
    pub(super) fn into_found(self) -> (Findings<'a>, Slips) {
        (self.findings, self.slips)
    }

    /// Keeps a finding, up to the bound.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.findings.report(diagnostic);
    }

    /// Reports a finding that is made from the source and a place.
    pub(crate) fn report_at(
        &mut self,
        span: Span,
        make: impl FnOnce(&Arc<SourceText>, Span) -> Diagnostic,
    ) {
        self.findings.report_at(span, make);
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
