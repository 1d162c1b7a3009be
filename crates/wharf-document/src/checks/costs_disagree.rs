//! WH610: `cost` and the base of the pricing model are not the same.

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, Severity};

use crate::lower::Context;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH610",
    slug: "costs-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("costs_disagree.md"),
};

/// Compares both as money per month; sums in two currencies are not compared.
pub(super) fn check(context: &mut Context<'_>, integration: &Integration) {
    let (Some(cost), Some(base)) = (&integration.frontmatter.cost, &integration.costs.base) else {
        return;
    };
    let (Some(left), Some(right)) = (cost.value.per_month(), base.value.per_month()) else {
        return;
    };
    if left.currency != right.currency || left.amount == right.amount {
        return;
    }
    let source = context.source;
    let replacement = base.value.to_string();
    let diagnostic = Diagnostic::new(
        CODE,
        Severity::Warning,
        "`cost` and `Base` name different sums",
        source,
        cost.span,
    )
    .with_label(format!("{left} a month"))
    .with_secondary(source, base.span, format!("{right} a month"))
    .with_help(format!(
        "{left} ≠ {right}; the smallest change: write `{replacement}` in both places"
    ))
    .with_fix(Fix {
        title: format!("Write `{replacement}` as `cost`"),
        applicability: Applicability::Unsafe,
        edits: vec![Edit {
            span: cost.span,
            replacement,
        }],
    });
    context.report(diagnostic);
}
