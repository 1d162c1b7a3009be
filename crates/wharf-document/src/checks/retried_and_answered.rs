//! WH603: a status is retried, and its row answers it without saying so.

use std::sync::Arc;

use wharf_diag::{Code, Diagnostic, Page, Severity, SourceText, Span};

use crate::model::Verb;

pub(crate) const CODE: Code = Code {
    id: "WH603",
    slug: "retried-and-answered",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("retried_and_answered.md"),
};

/// `response` is the row's verb that answers, `retry_on` the list that retries.
pub(crate) fn new(
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
