//! WH672: more is used than is included, and no overage is said to be paid.

use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::projection_disagrees::{included, is_bound, used};
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::model::{Integration, PricePer};

pub(crate) const CODE: Code = Code {
    id: "WH672",
    slug: "overage-denied",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("overage_denied.md"),
};

/// Words that say that nothing is paid above the base.
const DENIED: [&str; 16] = [
    "no overage",
    "no overages",
    "without overage",
    "no extra",
    "no surcharge",
    "nothing extra",
    "nothing above",
    "not exceeded",
    "within the plan",
    "within the included",
    "within what is included",
    "below the included",
    "overage is not paid",
    "overage-free",
    "no additional cost",
    "inside the plan",
];

/// Compares what is used with what is included, where the document says that the one is within the
/// other.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let costs = &integration.costs;
    let Some(usage) = &costs.current_usage else {
        return;
    };
    let statements: Vec<_> = said
        .of_section("Costs")
        .filter(|statement| !statement.is_task)
        .collect();
    let Some((denied, words)) = statements.iter().find_map(|statement| denied(statement)) else {
        return;
    };
    if is_bound(&statements) {
        return;
    }
    let units = costs
        .overage
        .iter()
        .filter_map(|price| match &price.value.per {
            Some(PricePer::Units { unit, .. }) => Some(unit.as_str()),
            _ => None,
        });
    let noun = crate::parse::quantity::find(&usage.value)
        .into_iter()
        .map(|found| found.noun)
        .next();
    let Some(unit) = units.map(str::to_owned).next().or(noun) else {
        return;
    };
    let Some(used) = used(&usage.value, &unit) else {
        return;
    };
    let included = included(&statements, &unit);
    let Some(least) = used.iter().min() else {
        return;
    };
    let [(most, place)] = included.as_slice() else {
        return;
    };
    if least <= most {
        return;
    }
    let (used, most) = (least.normalize(), most.normalize());
    disagree(
        findings,
        CODE,
        format!("{used} are used and {most} are included, and no overage is said to be paid"),
        (denied, words),
        (*place, &format!("{most} included")),
        &format!("{used} > {most}; write what the overage costs, or the amount that is included"),
    );
}

/// Whether one of some statements says that no overage is paid.
pub(super) fn is_denied(statements: &[&Statement<'_>]) -> bool {
    statements
        .iter()
        .any(|statement| denied(statement).is_some())
}

/// Where a statement says that no overage is paid.
fn denied(statement: &Statement<'_>) -> Option<(Span, &'static str)> {
    let told = statement.says(&DENIED)
        || statement.key_says(&["overage", "overages"]) && starts_none(statement.value.as_str());
    let open = statement.says(&["if", "while", "until", "unless", "as long as", "below"]);
    (told && !open).then(|| (statement.value.span(), "no overage"))
}

/// `none this month`; `none, because calls are refused` says why there is no price.
fn starts_none(text: &str) -> bool {
    let lower = text.to_lowercase();
    [
        "none paid",
        "none at present",
        "none this month",
        "none so far",
        "not reached",
    ]
    .iter()
    .any(|words| lower.starts_with(words))
}
