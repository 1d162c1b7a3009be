//! Markdown to sections with spans, sections to the typed [`Integration`], and the checks.
//!
//! This crate is pure: it knows nothing about files, time, networks or other documents' places.

mod catalogue;
mod checks;
mod credential;
mod described;
pub mod draft;
mod findings;
mod fix;
mod format;
mod index_page;
mod linked_examples;
mod lower;
pub mod model;
mod outline;
mod parse;
mod prose;
mod raw;
mod secrets;
mod suppress;
mod together;
pub mod values;
pub mod vocabulary;

use std::sync::Arc;

use jiff::Timestamp;

pub use catalogue::{Needs, is_always_reported, needs, pages};
pub use credential::{credential_fields, effective_placements, fill_fields};
pub use described::{Linked, check_description, check_linked_descriptions, wanted_operation};
pub use draft::Draft;
pub use fix::apply_harmless_fixes;
pub use format::{apply, format};
pub use index_page::{IndexEntry, check_index, is_index, render_index};
pub use linked_examples::{LinkedExamples, LinkedText, linked_examples};
pub use model::{Integration, IntegrationId};
pub use outline::{Outline, Piece, PieceKind};
pub use suppress::{Suppressed, SuppressedFinding, suppress};
pub use together::{Face, Index, Surroundings, identify};
pub use wharf_diag::SourceText;
use wharf_diag::{Diagnostic, Span};

use lower::Lowered;

/// A document that was read: what could be understood, and everything found on the way.
#[derive(Debug)]
pub struct Loaded {
    /// `None` when the text is not an integration document at all.
    pub integration: Option<Integration>,
    /// All findings of the file, in order of their place: at most 1,000 of each severity. The
    /// ones that are kept also hide what those past that bound do.
    pub diagnostics: Vec<Diagnostic>,
    /// Findings past that bound.
    pub left_out: usize,
}

/// Reads one document. Never refuses as a whole because of one bad value.
///
/// `id` is the stem of the file. A text whose frontmatter does not say `type: tool` and
/// `subtype: integration` gives no integration and no findings.
pub fn load(id: &IntegrationId, source: &Arc<SourceText>) -> Loaded {
    if !is_integration(source.text()) {
        return Loaded {
            integration: None,
            diagnostics: Vec::new(),
            left_out: 0,
        };
    }
    let Lowered {
        integration,
        sections,
        entries,
        mut findings,
        slips,
    } = lower::document(id, source);
    checks::of_text(&mut findings, &integration, &sections, entries.as_deref());
    // Behind the checks, so that past the bound these are left out and not what checks find.
    slips.report(&mut findings);
    secrets::scan(&mut findings);
    let (diagnostics, left_out) = findings.finish();
    Loaded {
        integration: Some(integration),
        diagnostics,
        left_out,
    }
}

/// Reads one document and everything that is said about it alone. `stem` is that of its file.
///
/// `beside` gives what is found by comparing it with something that the caller has: today's date,
/// version control, API descriptions. What the text hides is taken out of those findings too.
/// `None` for a text that is no integration document.
pub fn read(
    stem: &str,
    source: &Arc<SourceText>,
    beside: impl FnOnce(&Integration) -> Vec<Diagnostic>,
) -> Option<Loaded> {
    let (id, mut diagnostics) = identify(stem, source);
    let mut loaded = load(&id?, source);
    let integration = loaded.integration.as_ref()?;
    diagnostics.append(&mut loaded.diagnostics);
    let mut found = beside(integration);
    wharf_diag::conceal(&mut found, &diagnostics);
    diagnostics.append(&mut found);
    diagnostics.sort_by_key(|found| (found.primary.span.start, found.code.id));
    loaded.diagnostics = diagnostics;
    Some(loaded)
}

/// What keeps a text from being an integration document that nearly is one.
pub fn check_near_miss(source: &Arc<SourceText>) -> Option<Diagnostic> {
    checks::not_quite_a_document::check(source)
}

/// Whether a finding is one of [`check_near_miss`].
pub fn is_near_miss(code: wharf_diag::Code) -> bool {
    code == checks::not_quite_a_document::CODE
}

/// What is wrong with a document today: dates that have passed, dates in the future, rotations
/// that are overdue. `now` is a moment in time; days are those of UTC.
pub fn check_dates(integration: &Integration, now: Timestamp) -> Vec<Diagnostic> {
    checks::at(integration, now)
}

/// Whether a finding is one of [`check_dates`]: it says as much about the machine's clock as about
/// the document.
pub fn is_about_today(code: wharf_diag::Code) -> bool {
    checks::is_about_today(code)
}

/// Compares a document with the text of it that version control has. `now` is the moment that a
/// fix writes as `modified`.
pub fn check_history(
    integration: &Integration,
    committed: &str,
    now: Timestamp,
) -> Option<Diagnostic> {
    if !is_integration(committed) {
        return None;
    }
    let source = Arc::new(SourceText::new(integration.source.name(), committed));
    let frontmatter = lower::frontmatter_of(&source);
    checks::content_changed::check(integration, &frontmatter, committed, now)
}

impl Index<'_> {
    /// What is wrong with one document among the others. What is read of the others has to be in
    /// their [`Face`].
    pub fn check(&self, integration: &Integration, around: &Surroundings) -> Vec<Diagnostic> {
        checks::among(integration, self, around)
    }
}

/// Findings about documents that only show side by side.
pub fn check_together<'a>(
    integrations: impl IntoIterator<Item = &'a Integration>,
    around: &Surroundings,
) -> Vec<Diagnostic> {
    let index = Index::new(integrations);
    let documents = index.documents.iter();
    documents
        .flat_map(|integration| index.check(integration, around))
        .collect()
}

/// Every place where a document names the id of another one, and what for.
pub fn named_ids(integration: &Integration) -> Vec<(&IntegrationId, Span)> {
    let named = together::named(integration);
    named.into_iter().map(|(id, span, _)| (id, span)).collect()
}

/// Whether a text is an integration document: its frontmatter says `type: tool` and
/// `subtype: integration`. Reads lines only, so a document whose YAML is broken is still one.
pub fn is_integration(text: &str) -> bool {
    raw::frontmatter::is_integration(text)
}
