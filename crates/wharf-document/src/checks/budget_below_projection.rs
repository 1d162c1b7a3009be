//! WH660: the month is expected to cost more than the budget allows.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH660",
    slug: "budget-below-projection",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("budget_below_projection.md"),
};

/// Compares both as money per month; cents are left to rounding. Where nothing is projected, the
/// base is what a month costs in any case.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let costs = &integration.costs;
    let Some(budget) = &costs.budget else {
        return;
    };
    let projected = costs.projected_monthly.as_ref();
    let projected = projected.map(|sum| (sum.value, sum.span, "the projection"));
    let base = costs.base.as_ref();
    let base = base.and_then(|base| Some((base.value.per_month()?, base.span, "the base")));
    let Some((expected, place, name)) = projected.or(base) else {
        return;
    };
    let Some(most) = budget.value.price.per_month() else {
        return;
    };
    let is_more = most.amount + rust_decimal::Decimal::ONE <= expected.amount;
    if most.currency != expected.currency || !is_more {
        return;
    }
    let follows = if budget.value.hard {
        "a hard one is spent before the month ends"
    } else {
        "the alert of 100 % is expected every month"
    };
    disagree(
        findings,
        CODE,
        format!("{name} of {expected} a month is more than the budget of {most}: {follows}"),
        (budget.span, &format!("at most {most} a month")),
        (place, &format!("{expected} a month")),
        &format!("{most} < {expected}; the smallest change: a budget of {expected}"),
    );
}
