//! WH645: the projection is less than what is paid in any case.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH645",
    slug: "projection-below-base",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("projection_below_base.md"),
};

/// Compares both as money per month; cents are left to rounding.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let costs = &integration.costs;
    let (Some(projected), Some(base)) = (&costs.projected_monthly, &costs.base) else {
        return;
    };
    let Some(monthly) = base.value.per_month() else {
        return;
    };
    let is_less = projected.value.amount + rust_decimal::Decimal::ONE <= monthly.amount;
    if projected.value.currency != monthly.currency || !is_less {
        return;
    }
    let (total, least) = (projected.value, monthly);
    disagree(
        findings,
        CODE,
        format!("the projection of {total} is less than the base of {least} a month"),
        (projected.span, "what a month is expected to cost"),
        (base.span, &format!("{least} a month in any case")),
        &format!("{total} < {least}; the smallest change: a projection of {least}"),
    );
}
