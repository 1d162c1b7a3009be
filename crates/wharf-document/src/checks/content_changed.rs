//! WH801: the content changed, and `modified` or `version` did not.

use std::sync::Arc;

use jiff::Timestamp;
use wharf_diag::{
    Applicability, Code, Diagnostic, Edit, Fix, Page, Severity, SourceText, Span, Spanned,
};

use crate::model::{Frontmatter, Integration};

pub(crate) const CODE: Code = Code {
    id: "WH801",
    slug: "content-changed",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("content_changed.md"),
};

/// Compares a document with the one that version control has. `now` is the moment of the fix.
pub(crate) fn check(
    integration: &Integration,
    committed: &Frontmatter,
    committed_text: &str,
    now: Timestamp,
) -> Option<Diagnostic> {
    let source = &integration.source;
    let current = &integration.frontmatter;
    if content(source.text(), current) == content(committed_text, committed) {
        return None;
    }
    let is_later = match (current.modified, committed.modified) {
        (Some(now), Some(before)) => now.value > before.value,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let is_higher = match (current.version, committed.version) {
        (Some(now), Some(before)) => now.value > before.value,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let missing = match (is_later, is_higher) {
        (true, true) => return None,
        (false, false) => "`modified` and `version` are",
        (false, true) => "`modified` is",
        (true, false) => "`version` is",
    };
    let place = match (is_later, current.modified, current.version) {
        (false, Some(modified), _) => modified.span,
        (_, _, Some(version)) => version.span,
        _ => crate::raw::document_place(source),
    };
    let message = format!("the content changed, and {missing} still the committed one");
    let found = Diagnostic::new(CODE, Severity::Warning, message, source, place);
    Some(match fix(source, current, (is_later, is_higher), now) {
        Some(fix) => found.with_fix(fix),
        None => found.with_help("write the moment of the change and the next version"),
    })
}

/// The whole text without the values of `modified` and `version`, and without line endings.
fn content(text: &str, frontmatter: &Frontmatter) -> String {
    let mut content = text.to_owned();
    let mut spans: Vec<Span> = [
        frontmatter.modified.map(|modified| modified.span),
        frontmatter.version.map(|version| version.span),
    ]
    .into_iter()
    .flatten()
    .collect();
    spans.sort_unstable();
    for span in spans.into_iter().rev() {
        if content.get(span.range()).is_some() {
            content.replace_range(span.range(), "");
        }
    }
    content.replace("\r\n", "\n")
}

fn fix(
    source: &Arc<SourceText>,
    current: &Frontmatter,
    (is_later, is_higher): (bool, bool),
    now: Timestamp,
) -> Option<Fix> {
    let mut edits = Vec::new();
    if !is_later {
        let Spanned { span, .. } = current.modified?;
        let seconds = Timestamp::from_second(now.as_second()).ok()?;
        edits.push(Edit {
            span,
            replacement: seconds.to_string(),
        });
    }
    if !is_higher {
        let Spanned { value, span } = current.version?;
        edits.push(Edit {
            span,
            replacement: value.checked_add(1)?.to_string(),
        });
    }
    let is_written = edits.iter().all(|edit| !source.slice(edit.span).is_empty());
    edits.sort_by_key(|edit| edit.span.start);
    is_written.then(|| Fix {
        title: "Write the moment of the change and the next version".to_owned(),
        applicability: Applicability::Safe,
        edits,
    })
}
