//! WH621: `modified` or `created` is later than now.

use jiff::Timestamp;
use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH621",
    slug: "modified-in-future",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("modified_in_future.md"),
};

/// A clock that is a little behind is no mistake.
const TOLERANCE_SECONDS: i64 = 24 * 3_600;

/// Compares both dates with now.
pub(super) fn check(integration: &Integration, now: Timestamp) -> Vec<Diagnostic> {
    let frontmatter = &integration.frontmatter;
    [
        ("created", frontmatter.created),
        ("modified", frontmatter.modified),
    ]
    .into_iter()
    .filter_map(|(key, date)| Some((key, date?)))
    .filter(|(_, date)| date.value.as_second() > now.as_second() + TOLERANCE_SECONDS)
    .map(|(key, date)| {
        let message = format!("`{key}` is in the future");
        Diagnostic::new(
            CODE,
            Severity::Error,
            message,
            &integration.source,
            date.span,
        )
        .with_help("write the moment of the last change; a day of difference is allowed")
    })
    .collect()
}
