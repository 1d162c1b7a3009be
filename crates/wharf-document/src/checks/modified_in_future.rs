//! WH621: `modified`, `created` or `rotated` is later than now.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
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

/// Compares the dates with now.
pub(super) fn check(integration: &Integration, now: Timestamp) -> Vec<Diagnostic> {
    let frontmatter = &integration.frontmatter;
    let latest = TimeZone::UTC
        .to_datetime(now)
        .date()
        .saturating_add(1.days());
    let rotated = integration.credentials.iter().filter_map(|credential| {
        let rotated = credential.rotated.filter(|day| day.value > latest)?;
        Some(("rotated", rotated.span))
    });
    let written = [
        ("created", frontmatter.created),
        ("modified", frontmatter.modified),
    ]
    .into_iter()
    .filter_map(|(key, date)| Some((key, date?)))
    .filter(|(_, date)| date.value.as_second() > now.as_second() + TOLERANCE_SECONDS)
    .map(|(key, date)| (key, date.span));
    written
        .chain(rotated)
        .map(|(key, span)| {
            let message = format!("`{key}` is in the future");
            Diagnostic::new(CODE, Severity::Error, message, &integration.source, span)
                .with_help("write the moment of the last change; a day of difference is allowed")
        })
        .collect()
}
