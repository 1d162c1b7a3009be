//! WH655: a document is said to be in use and to be deprecated.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use wharf_diag::{Code, Diagnostic, Page, Severity};

use super::{day_of, disagree};
use crate::findings::Findings;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH655",
    slug: "deprecation-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("deprecation_disagrees.md"),
};

/// Compares `deprecated: false` with what is only said of a deprecated document, and the day with
/// that of the document's first version.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    before_created(findings, integration);
    let frontmatter = &integration.frontmatter;
    let Some(denied) = frontmatter
        .deprecated
        .filter(|deprecated| !deprecated.value)
    else {
        return;
    };
    let successor = frontmatter.superseded_by.first().map(|id| id.span);
    let reason = frontmatter
        .deprecated_reason
        .as_ref()
        .map(|reason| reason.span);
    if let Some(place) = successor.or(reason) {
        disagree(
            findings,
            CODE,
            "`deprecated` is `false`, and something is said of a deprecated document".to_owned(),
            (denied.span, "not deprecated"),
            (place, "deprecated"),
            "the smallest change: `deprecated: true`, or take the other out",
        );
    }
}

/// A day of difference is a matter of time zones.
fn before_created(findings: &mut Findings<'_>, integration: &Integration) {
    let frontmatter = &integration.frontmatter;
    let (Some(date), Some(created)) = (frontmatter.deprecated_date, frontmatter.created) else {
        return;
    };
    let made = TimeZone::UTC.to_datetime(created.value).date();
    let Ok(days) = date.value.until(made).map(|span| span.get_days()) else {
        return;
    };
    if days > 1 {
        disagree(
            findings,
            CODE,
            format!("it was deprecated {days} days before it was created"),
            (date.span, &format!("on {}", date.value)),
            (created.span, &format!("on {made}")),
            &format!(
                "{made} - {} = {days} days; one of the two is not right",
                date.value
            ),
        );
    }
}

/// Compares the day with today.
pub(super) fn at(integration: &Integration, now: Timestamp) -> Vec<Diagnostic> {
    passed(integration, day_of(now)).into_iter().collect()
}

fn passed(integration: &Integration, today: Date) -> Option<Diagnostic> {
    let date = integration.frontmatter.deprecated_date?;
    if integration.is_deprecated() || date.value > today {
        return None;
    }
    let days = date.value.until(today).map_or(0, |span| span.get_days());
    let source = &integration.source;
    let message = "the day has passed, and `deprecated: true` is not written";
    let found = Diagnostic::new(CODE, Severity::Warning, message, source, date.span)
        .with_label(format!("{days} days ago"))
        .with_help(format!(
            "{today} - {} = {days} days; the smallest change: `deprecated: true`",
            date.value
        ));
    Some(match integration.frontmatter.deprecated {
        Some(denied) => found.with_secondary(source, denied.span, "not deprecated"),
        None => found,
    })
}
