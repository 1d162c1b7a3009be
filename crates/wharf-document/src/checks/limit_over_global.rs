//! WH641: the limit of an operation lies above the global one.

use wharf_diag::{Code, Page, Spanned};

use super::disagree;
use super::limits_over_global::{converted, shown};
use crate::findings::Findings;
use crate::model::{Operation, Rate};

pub(crate) const CODE: Code = Code {
    id: "WH641",
    slug: "limit-over-global",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("limit_over_global.md"),
};

/// `rate` is the slowest limit of the operation.
pub(super) fn report(
    findings: &mut Findings<'_>,
    operation: &Operation,
    rate: Spanned<Rate>,
    global: Spanned<Rate>,
) {
    let name = &operation.name.value;
    let (own, all) = (rate.value, global.value);
    let same = converted(own, all.period);
    let as_global = if own.period == all.period {
        own.to_string()
    } else {
        format!("{own} = {}", shown(same, all.period))
    };
    disagree(
        findings,
        CODE,
        format!("the limit of `{name}` lies above the global one"),
        (rate.span, &format!("{own} for `{name}`")),
        (global.span, &format!("{all} for all operations together")),
        &format!("{as_global} > {all}; the smallest change: {all} in the row"),
    );
}
