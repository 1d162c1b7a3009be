//! WH663: a weekday beside a date is not the one of that date.

use jiff::civil::Weekday;
use wharf_diag::{Code, Diagnostic, Page, Severity};

use super::said::Said;
use crate::findings::Findings;
use crate::parse::weekday;

pub(crate) const CODE: Code = Code {
    id: "WH663",
    slug: "weekday-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("weekday_disagrees.md"),
};

/// Compares every weekday that stands beside a date with the calendar.
pub(super) fn check(findings: &mut Findings<'_>, said: &Said<'_>) {
    for passage in &said.passages {
        for dated in weekday::find(passage.text) {
            let day = dated.date.first;
            if day.weekday() == dated.weekday {
                continue;
            }
            let (right, written) = (name(day.weekday()), name(dated.weekday));
            let place = passage.span_of(&dated.range);
            let found = Diagnostic::new(
                CODE,
                Severity::Warning,
                format!("{day} is a {right}, not a {written}"),
                findings.source,
                place,
            )
            .with_label(format!("a {right} by the calendar"))
            .with_secondary(
                findings.source,
                passage.span_of(&dated.date.range),
                "of this day",
            )
            .with_help(format!(
                "{day} = {right} ≠ {written}; one of the two is not right"
            ));
            findings.report(found);
        }
    }
}

const fn name(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}
