//! WH605: a status is retried, and no row says what happens when the retries are spent.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

pub(crate) const CODE: Code = Code {
    id: "WH605",
    slug: "row-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("row_missing.md"),
};

/// `statuses` are those of `retry_on` that no row covers.
pub(crate) fn new(source: &Arc<SourceText>, retry_on: Span, statuses: &[u16]) -> Diagnostic {
    let statuses: Vec<_> = statuses.iter().map(u16::to_string).collect();
    let message = format!(
        "{} is retried, and Common Errors has no row for it",
        statuses.join(", ")
    );
    Diagnostic::new(CODE, Severity::Warning, message, source, retry_on)
        .with_label("when the retries are spent, the error is returned as it came")
        .with_help("add a row to say what happens then; `5xx` covers a whole class")
}
