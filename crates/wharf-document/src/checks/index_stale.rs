//! WH707: the index of a folder does not show what the documents say.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH707",
    slug: "index-stale",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("index_stale.md"),
};

/// Compares an index with what it should be. How lines end makes no difference.
pub(crate) fn check(source: &Arc<SourceText>, current: &str) -> Option<Diagnostic> {
    let text = source.text();
    if text.lines().eq(current.lines()) {
        return None;
    }
    let (place, expected) = first_difference(text, current);
    let diagnostic = Diagnostic::new(
        CODE,
        Severity::Warning,
        "the index does not show what the documents say",
        source,
        place,
    );
    let label = match expected {
        Some("") => "an empty line belongs here".to_owned(),
        Some(line) => format!("`{line}` belongs here"),
        None => "nothing belongs here".to_owned(),
    };
    Some(
        diagnostic
            .with_label(label)
            .with_help("run `wharf index` for this folder; it makes the file anew"),
    )
}

/// The first line that differs, and what belongs there.
fn first_difference<'a>(text: &str, current: &'a str) -> (Span, Option<&'a str>) {
    let mut expected = current.lines();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let written = line.trim_end_matches(['\n', '\r']);
        let belongs = expected.next();
        if belongs != Some(written) {
            return (Span::new(start, start + written.len()), belongs);
        }
        start += line.len();
    }
    (Span::at(start), expected.next())
}
