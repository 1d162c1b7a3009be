//! WH610: `cost` and the base of the pricing model are not the same.

use wharf_diag::{Applicability, Code, Diagnostic, Edit, Fix, Page, Severity};

use rust_decimal::Decimal;

use super::disagree;
use crate::findings::Findings;
use crate::model::{Integration, Price, PricePer};

pub(crate) const CODE: Code = Code {
    id: "WH610",
    slug: "costs-disagree",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("costs_disagree.md"),
};

/// Days that people count for a month, where one sum is paid by days or weeks: four weeks, the
/// twelfth of 52 weeks, 30 or 31 days, and the twelfth of a year.
const DAYS_OF_A_MONTH: [(i64, u32); 5] = [(28, 0), (30, 0), (303_333, 4), (304_167, 4), (31, 0)];

/// Compares both as money per month. Two currencies are told, unless the line of `Base` names both.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let (Some(cost), Some(base)) = (&integration.frontmatter.cost, &integration.costs.base) else {
        return;
    };
    let (Some(left), Some(right)) = (cost.value.per_month(), base.value.per_month()) else {
        return;
    };
    let source = findings.source;
    if left.currency != right.currency {
        let line = source.text()[base.span.start..]
            .lines()
            .next()
            .unwrap_or_default();
        if !names(line, left.currency.as_str()) {
            disagree(
                findings,
                CODE,
                "`cost` and `Base` name different currencies".to_owned(),
                (cost.span, &format!("{left} a month")),
                (base.span, &format!("{right} a month")),
                &format!(
                    "{} ≠ {}; the smallest change: write `{}` in both places",
                    left.currency, right.currency, base.value
                ),
            );
        }
        return;
    }
    if is_near(&cost.value, &base.value, left.amount, right.amount) {
        return;
    }
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
    findings.report(diagnostic);
}

/// Whether a text names a currency, by its code or its sign.
fn names(text: &str, code: &str) -> bool {
    let sign = match code {
        "USD" => "$",
        "EUR" => "€",
        "GBP" => "£",
        "JPY" => "¥",
        "INR" => "₹",
        _ => code,
    };
    text.contains(code) || text.contains(sign)
}

/// Whether two sums are one for somebody who counts a month by days or weeks. Months, quarters and
/// years are exact among themselves.
fn is_near(cost: &Price, base: &Price, left: Decimal, right: Decimal) -> bool {
    if left == right {
        return true;
    }
    let days = |price: &Price| match &price.per {
        Some(PricePer::Period(period)) => period.as_secs() / 86_400,
        _ => 0,
    };
    let by_months = |days: u64| days > 0 && (days.is_multiple_of(30) || days.is_multiple_of(365));
    let (by_days, by_month) = match (by_months(days(cost)), by_months(days(base))) {
        (false, true) => (left, right),
        (true, false) => (right, left),
        _ => return false,
    };
    DAYS_OF_A_MONTH.iter().any(|(month, scale)| {
        let month = Decimal::new(*month, *scale);
        let sum = by_days * month / Decimal::from(30);
        // A hundredth is left to rounding.
        (sum - by_month).abs() * Decimal::ONE_HUNDRED <= sum.max(by_month)
    })
}
