//! WH605: a status is retried, and no row says what happens when the retries are spent.

use std::collections::HashSet;
use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use crate::findings::Findings;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH605",
    slug: "row-missing",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("row_missing.md"),
};

/// Looks up every status that is retried among the rows.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(retry_on) = &integration.retry.retry_on else {
        return;
    };
    let rows = integration.errors.iter();
    let covered: HashSet<_> = rows.filter_map(|row| row.code.value.status()).collect();
    let bare: Vec<_> = retry_on
        .value
        .iter()
        .copied()
        .filter(|status| !covered.iter().any(|pattern| pattern.matches(*status)))
        .collect();
    if !bare.is_empty() && !integration.errors.is_empty() {
        findings.report_at(retry_on.span, |source, span| new(source, span, &bare));
    }
}

/// `statuses` are those of `retry_on` that no row covers.
fn new(source: &Arc<SourceText>, retry_on: Span, statuses: &[u16]) -> Diagnostic {
    let statuses: Vec<_> = statuses.iter().map(u16::to_string).collect();
    let message = format!(
        "{} is retried, and Common Errors has no row for it",
        statuses.join(", ")
    );
    Diagnostic::new(CODE, Severity::Warning, message, source, retry_on)
        .with_label("when the retries are spent, the error is returned as it came")
        .with_help("add a row to say what happens then; `5xx` covers a whole class")
}
