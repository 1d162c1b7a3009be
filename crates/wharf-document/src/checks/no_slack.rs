//! WH609: nothing is left between the migration deadline and the end of the current version.

use jiff::civil::Date;
use wharf_diag::{Code, Diagnostic, Page, Severity, Spanned};

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH609",
    slug: "no-slack",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("no_slack.md"),
};

/// Compares the deadline with the end of the current version, that with the next one's start, and
/// the deadline with that start.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let roadmap = &integration.roadmap;
    let start = roadmap.next.as_ref().and_then(|next| next.date);
    before_start(findings, roadmap.deadline, start);
    let source = findings.source;
    let Some(end) = roadmap.current.as_ref().and_then(|current| current.date) else {
        return;
    };
    if let Some(deadline) = roadmap.deadline
        && deadline.value >= end.value
    {
        let days = days_between(deadline.value, end.value);
        let earlier = end.value.saturating_sub(jiff::Span::new().months(1));
        findings.report(
            Diagnostic::new(
                CODE,
                Severity::Warning,
                "the migration deadline leaves no slack before the current version ends",
                source,
                deadline.span,
            )
            .with_label("the migration is done by this day")
            .with_secondary(source, end.span, "the current version ends on this day")
            .with_help(format!(
                "{} - {} = {days} days; the smallest change: a deadline before the end, such as {earlier}",
                end.value, deadline.value
            )),
        );
    }
    if let Some(start) = start
        && start.value >= end.value
    {
        let days = days_between(start.value, end.value);
        findings.report(
            Diagnostic::new(
                CODE,
                Severity::Warning,
                "the next version does not come before the current one ends",
                source,
                start.span,
            )
            .with_label("available from this day")
            .with_secondary(source, end.span, "the current version ends on this day")
            .with_help(format!(
                "{} - {} = {days} days to migrate; ask the vendor for a longer life of the current version",
                end.value, start.value
            )),
        );
    }
}

/// A migration cannot be done before there is anything to migrate to.
fn before_start(
    findings: &mut Findings<'_>,
    deadline: Option<Spanned<Date>>,
    start: Option<Spanned<Date>>,
) {
    if let (Some(deadline), Some(start)) = (deadline, start)
        && deadline.value <= start.value
    {
        let days = days_between(start.value, deadline.value);
        let later = start.value.saturating_add(jiff::Span::new().months(1));
        disagree(
            findings,
            CODE,
            "the migration deadline comes before the next version".to_owned(),
            (deadline.span, "the migration is done by this day"),
            (start.span, "available from this day"),
            &format!(
                "{} - {} = {days} days to migrate; the smallest change: a deadline behind the \
                 start, such as {later}",
                deadline.value, start.value
            ),
        );
    }
}

/// Days from one day to another; negative when the other is earlier.
fn days_between(from: jiff::civil::Date, to: jiff::civil::Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}
