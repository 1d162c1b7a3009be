//! WH603: a status is retried, and its row answers it without saying so.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use super::answered::answered;
use crate::findings::Findings;
use crate::model::{Integration, Verb};

pub(crate) const CODE: Code = Code {
    id: "WH603",
    slug: "retried-and-answered",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("retried_and_answered.md"),
};

/// Finds rows that answer a status that is retried, and do not say `Retry`.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    for row in answered(integration) {
        if let (Some(status), None, Some(answer)) = (row.retried, row.retry, row.answer) {
            findings.report_at(answer.span, |source, span| {
                new(source, span, row.retry_on.span, status, answer.value)
            });
        }
    }
}

/// `response` is the row's verb that answers, `retry_on` the list that retries.
fn new(
    source: &Arc<SourceText>,
    response: Span,
    retry_on: Span,
    status: u16,
    verb: Verb,
) -> Diagnostic {
    let words = verb.as_str().to_lowercase();
    let message = format!("{status} is retried first, although its row only says `{words}`");
    Diagnostic::new(CODE, Severity::Warning, message, source, response)
        .with_label("applies when the retries are spent")
        .with_secondary(source, retry_on, format!("retries {status}"))
        .with_help(format!(
            "write `Retry + {words}` to say so, or take {status} out of `retry_on`"
        ))
}
