//! WH606: the error-rate objective allows more errors than the availability objective.

use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::findings::{Findings, write_instead};
use crate::model::{Bound, Comparison, Integration, Metric, Objective};

pub(crate) const CODE: Code = Code {
    id: "WH606",
    slug: "objectives-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("objectives_disagree.md"),
};

/// A failed call is a call without the service, so both objectives share one budget.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let objectives = &integration.monitoring.objectives;
    let find = |metric| objectives.iter().find_map(|o| percent(o, metric));
    let (Some(errors), Some(availability)) = (
        find((Metric::ErrorRate, true)),
        find((Metric::Availability, false)).or_else(|| objectives.iter().find_map(success)),
    ) else {
        return;
    };
    let budget = rounded(100.0 - availability.1);
    if errors.1 <= budget {
        return;
    }
    let (objective, allowed) = errors;
    let Some(comparison) = objective.comparison else {
        return;
    };
    let place = comparison.span;
    let other = availability
        .0
        .comparison
        .map_or(availability.0.span, |c| c.span);
    let kind = if availability.0.metric == Metric::Availability {
        "an availability"
    } else {
        "a success rate"
    };
    let source = findings.source;
    let written = source.slice(place);
    let replacement = if written.contains('%') {
        written.replacen(&written_number(written), &budget.to_string(), 1)
    } else {
        // A count of something, `5 of 1000`.
        format!("{} {budget}%", comparison.value.operator.as_str())
    };
    let diagnostic = Diagnostic::new(
        CODE,
        Severity::Warning,
        format!(
            "an error rate of {allowed}% and {} of {}% cannot both be the budget",
            kind, availability.1
        ),
        source,
        place,
    )
    .with_label(format!("allows {allowed}% of the calls to fail"))
    .with_secondary(source, other, format!("allows {budget}%"))
    .with_help(format!(
        "100% - {}% = {budget}% < {allowed}%; the smallest change: write `{replacement}`",
        availability.1
    ))
    .with_fix(write_instead(place, replacement));
    findings.report(diagnostic);
}

/// The percentage of an objective of the document's own that counts what went well.
fn success(objective: &Objective) -> Option<(&Objective, f64)> {
    let name = objective.name.value.to_lowercase();
    let is_success = objective.metric == Metric::Other && name.contains("success");
    is_success.then(|| percent(objective, (Metric::Other, false)))?
}

/// The percentage of an objective whose good side is the one that is asked for.
fn percent(objective: &Objective, (metric, less): (Metric, bool)) -> Option<(&Objective, f64)> {
    let Comparison {
        operator, bound, ..
    } = objective.comparison?.value;
    match bound {
        Bound::Percent(percent) if objective.metric == metric && operator.wants_less() == less => {
            Some((objective, percent))
        }
        _ => None,
    }
}

/// Without the noise of binary fractions: 100 - 99.9 is 0.1.
fn rounded(percent: f64) -> f64 {
    (percent * 1e9).round() / 1e9
}

/// The first number in a text, as written.
fn written_number(text: &str) -> String {
    text.chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .collect()
}
