//! WH601: `retry_attempts` and `max_retries` are not the same number.

use std::sync::Arc;

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, Severity, SourceText, Spanned};

use crate::findings::Findings;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH601",
    slug: "retries-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("retries_disagree.md"),
};

/// Compares the two bounds where both are given.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let (Some(attempts), Some(max_retries)) = (
        integration.configuration.settings.retry_attempts,
        integration.retry.max_retries,
    ) else {
        return;
    };
    if attempts.value != max_retries.value {
        findings.report(new(findings.source, attempts, max_retries));
    }
}

/// Both numbers with their places.
fn new(source: &Arc<SourceText>, attempts: Spanned<u32>, max_retries: Spanned<u32>) -> Diagnostic {
    let smaller = attempts.value.min(max_retries.value);
    let larger = if attempts.value > max_retries.value {
        attempts
    } else {
        max_retries
    };
    Diagnostic::new(
        CODE,
        Severity::Warning,
        "`retry_attempts` and `max_retries` both bound the retries and differ",
        source,
        max_retries.span,
    )
    .with_label(format!("max_retries is {}", max_retries.value))
    .with_secondary(
        source,
        attempts.span,
        format!("retry_attempts is {}", attempts.value),
    )
    .with_help(format!(
        "the smaller wins: min({}, {}) = {smaller} retries; write {smaller} in both places",
        attempts.value, max_retries.value
    ))
    .with_fix(Fix {
        title: format!("Write {smaller} in both places"),
        applicability: Applicability::Safe,
        edits: vec![Edit {
            span: larger.span,
            replacement: smaller.to_string(),
        }],
    })
}
