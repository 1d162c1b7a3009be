//! WH668: an alert waits for costs that a hard budget does not allow.

use rust_decimal::Decimal;
use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::model::{Integration, Money};
use crate::parse::money;
use crate::parse::words;

pub(crate) const CODE: Code = Code {
    id: "WH668",
    slug: "alert-above-budget",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("alert_above_budget.md"),
};

/// What an alert is called.
const ALERTS: [&str; 14] = [
    "alert",
    "alerts",
    "warn",
    "warns",
    "warning",
    "warnings",
    "notify",
    "notified",
    "notification",
    "notifications",
    "alarm",
    "page the",
    "email to",
    "message to",
];

/// Words that make it an alert about something else, or about what is only expected.
const OTHERWISE: [&str; 21] = [
    "forecast",
    "forecasts",
    "projected",
    "projection",
    "expected",
    "year",
    "quarter",
    "not",
    "without",
    "former",
    "invoice",
    "instead",
    "unless",
    "soft",
    "before",
    "last",
    "account",
    "whole",
    "company",
    "others",
    "together",
];

/// Compares the sums and shares of alerts with a budget above which calls are refused.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let Some((most, place)) = hard_budget(integration, said) else {
        return;
    };
    for statement in &said.statements {
        let is_there = statement.is_in("Costs")
            || statement.is_in("Monitoring")
                && statement.is_about(&["cost", "costs", "budget", "spend", "spending"]);
        let is_alert = statement.tells(&ALERTS);
        let other = statement.tells(&OTHERWISE);
        let prices = [
            "base",
            "overage",
            "projected monthly",
            "budget",
            "current usage",
        ];
        let other = other || prices.contains(&statement.key.as_str());
        if !is_there || !is_alert || other || statement.is_task {
            continue;
        }
        let text = statement.value.as_str();
        let sums = money::find(text);
        let sum = sums.iter().find(|sum| {
            let is_month = sum
                .period
                .is_none_or(|period| period.as_secs() == 30 * 86_400);
            is_month
                && !sum.is_per_unit
                && sum.money.currency == most.currency
                && sum.money.amount > most.amount
        });
        if let Some(sum) = sum {
            let at = statement.value.span_of(sum.range.clone());
            report(
                findings,
                (at, &sum.money.to_string()),
                (place, &most.to_string()),
            );
            continue;
        }
        let share = words::percentages(text)
            .into_iter()
            .find(|(percent, range)| {
                let behind = text[range.end..].trim_start().to_lowercase();
                let of_budget = [
                    "of the budget",
                    "of budget",
                    "of the monthly budget",
                    "of it",
                ];
                let is_of = of_budget.iter().any(|words| behind.starts_with(words))
                    || !behind.starts_with("of ")
                        && statement.key_says(&["budget"])
                        && sums.is_empty();
                *percent > 100.0 && is_of
            });
        if let Some((percent, range)) = share {
            let at = statement.value.span_of(range);
            report(
                findings,
                (at, &format!("{percent}% of {most}")),
                (place, &most.to_string()),
            );
        }
    }
}

/// The sum a month above which nothing is spent: the budget, or a hard limit in words.
fn hard_budget(integration: &Integration, said: &Said<'_>) -> Option<(Money, Span)> {
    let budget = integration
        .costs
        .budget
        .as_ref()
        .filter(|budget| budget.value.hard);
    if let Some(budget) = budget {
        return Some((budget.value.price.per_month()?, budget.span));
    }
    let limits = [
        "hard limit",
        "hard cap",
        "spending cap",
        "spend cap",
        "hard budget",
        "spending limit",
        "spend limit",
    ];
    let is_limit = |statement: &&Statement<'_>| {
        statement.key_says(&limits) && !statement.says(&["soft", "not"])
    };
    let mut costs = said.of_section("Costs").filter(is_limit);
    costs.find_map(|statement| {
        let sums = money::find(statement.value.as_str());
        let sum = sums.first().filter(|sum| {
            !sum.is_per_unit
                && sum
                    .period
                    .is_none_or(|period| period.as_secs() == 30 * 86_400)
        })?;
        (sum.money.amount > Decimal::ZERO)
            .then(|| (sum.money, statement.value.span_of(sum.range.clone())))
    })
}

fn report(findings: &mut Findings<'_>, (place, alert): (Span, &str), (budget, most): (Span, &str)) {
    disagree(
        findings,
        CODE,
        format!("an alert at {alert} is never raised: the hard budget is {most} a month"),
        (place, "where the alert is raised"),
        (budget, &format!("no call is made above {most}")),
        &format!("{alert} > {most}; the smallest change: an alert below {most}"),
    );
}
