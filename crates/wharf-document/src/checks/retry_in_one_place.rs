//! WH604: a row says `Retry` or `Backoff`, and `retry_on` does not list its status.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use super::answered::answered;
use crate::findings::Findings;
use crate::model::{Integration, Verb};

pub(crate) const CODE: Code = Code {
    id: "WH604",
    slug: "retry-in-one-place",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("retry_in_one_place.md"),
};

/// Finds rows that speak of a retry of a status that is not listed, where all of the list could be read.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    if integration.retry.retry_on_open {
        return;
    }
    for row in answered(integration) {
        if let (None, Some(retry)) = (row.retried, row.retry) {
            findings.report_at(retry.span, |source, span| {
                let told = (row.pattern.to_string(), retry.value);
                new(source, span, row.retry_on.span, (&told.0, told.1))
            });
        }
    }
}

/// `response` is the row's `Retry` or `Backoff`, `retry_on` the list without the status.
fn new(
    source: &Arc<SourceText>,
    response: Span,
    retry_on: Span,
    (status, verb): (&str, Verb),
) -> Diagnostic {
    let verb = verb.as_str();
    let message = format!("the row of {status} says `{verb}`, but `retry_on` does not list it");
    Diagnostic::new(CODE, Severity::Warning, message, source, response)
        .with_secondary(source, retry_on, format!("{status} is missing here"))
        .with_help(format!(
            "add {status} to `retry_on`, or take `{verb}` out of the row"
        ))
}
