//! WH620: a date that is still called current is in the past.

use jiff::Timestamp;
use jiff::civil::Date;
use wharf_diag::{Code, Diagnostic, Page, Severity, Spanned};

use super::day_of;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH620",
    slug: "date-passed",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("date_passed.md"),
};

/// Compares the dates of the roadmap and the contract with today.
pub(super) fn check(integration: &Integration, now: Timestamp) -> Vec<Diagnostic> {
    let today = day_of(now);
    let roadmap = &integration.roadmap;
    let current = roadmap.current.as_ref().and_then(|current| current.date);
    let contract = integration.service.contract.as_ref();
    [
        (
            current,
            "the current version has ended",
            "migrate, and write down the version that is current now",
        ),
        (
            roadmap.deadline,
            "the migration deadline has passed",
            "finish the migration, or agree on another day and write it down",
        ),
        (
            contract.and_then(|contract| contract.end),
            "the contract has ended",
            "renew it, and write down when it ends now",
        ),
    ]
    .into_iter()
    .filter_map(|(date, message, help)| passed(integration, date?, today, message, help))
    .collect()
}

fn passed(
    integration: &Integration,
    date: Spanned<Date>,
    today: Date,
    message: &'static str,
    help: &str,
) -> Option<Diagnostic> {
    if date.value >= today {
        return None;
    }
    let days = date.value.until(today).map_or(0, |span| span.get_days());
    let source = &integration.source;
    Some(
        Diagnostic::new(CODE, Severity::Warning, message, source, date.span)
            .with_label(format!("{days} days ago"))
            .with_help(format!("{today} - {} = {days} days; {help}", date.value)),
    )
}
