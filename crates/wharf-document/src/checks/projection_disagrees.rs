//! WH671: the projection is not what base, overage and usage make.

use rust_decimal::Decimal;
use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::overage_denied::is_denied;
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::model::{Integration, Money, Price, PricePer};
use crate::parse::duration::Unit;
use crate::parse::words::{place_of, says};
use crate::parse::{money, quantity};

pub(crate) const CODE: Code = Code {
    id: "WH671",
    slug: "projection-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("projection_disagrees.md"),
};

/// Keys of Pricing Model that are no cost of their own.
const READ: [&str; 12] = [
    "base",
    "overage",
    "current usage",
    "projected monthly",
    "budget",
    "included",
    "free",
    "currency",
    "includes",
    "budget alert",
    "alert",
    "alerts",
];

/// Words that add to the sum, or change it, in ways that are not read.
const OTHERWISE: [&str; 38] = [
    "discount",
    "tax",
    "vat",
    "growth",
    "grow",
    "grows",
    "expected",
    "peak",
    "tier",
    "tiers",
    "tiered",
    "volume",
    "minimum",
    "commit",
    "commitment",
    "credit",
    "credits",
    "surcharge",
    "support",
    "seats",
    "seat",
    "fee",
    "capped",
    "cap",
    "estimate",
    "rounded",
    "then",
    "next month",
    "from",
    "until",
    "average",
    "promotion",
    "trial",
    "reserved",
    "prepaid",
    "at most",
    "without",
    "plus",
];

/// What the words for an amount without a price say.
pub(super) const INCLUDED: [&str; 14] = [
    "included",
    "includes",
    "include",
    "including",
    "free",
    "allowance",
    "incl",
    "contains",
    "beyond",
    "above the first",
    "inclusive",
    "the first",
    "covers",
    "above",
];

/// Words that bind a free amount to something.
const CONDITIONS: [&str; 14] = [
    "for",
    "development",
    "sandbox",
    "staging",
    "plan",
    "test",
    "tests",
    "trial",
    "until",
    "new",
    "only",
    "year",
    "if",
    "some",
];

/// Compares the projection with every reading of base + overage × (usage - included).
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let costs = &integration.costs;
    let (Some(base), [overage], Some(usage), Some(projected)) = (
        &costs.base,
        costs.overage.as_slice(),
        &costs.current_usage,
        &costs.projected_monthly,
    ) else {
        return;
    };
    let Some(monthly) = base.value.per_month() else {
        return;
    };
    let Some(PricePer::Units { count, unit }) = &overage.value.per else {
        return;
    };
    let currency = projected.value.currency;
    if monthly.currency != currency || overage.value.money.currency != currency {
        return;
    }
    let statements: Vec<_> = said
        .of_section("Costs")
        .filter(|statement| !statement.is_task)
        .collect();
    if statements.iter().any(|statement| is_other_cost(statement)) || costs.overage_words.is_some()
    {
        return;
    }
    let Some(used) = used(&usage.value, unit) else {
        return;
    };
    let mut included = included(&statements, unit);
    if is_bound(&statements) {
        included.push((Decimal::ZERO, usage.span));
    }
    let sums = sums((monthly.amount, &overage.value, *count), &used, &included);
    let told = projected.value.amount;
    let is_near =
        |sum: &Decimal| (*sum - told).abs() <= (*sum).max(told) * Decimal::new(5, 2) + Decimal::ONE;
    let is_open =
        included.is_empty() && may_include((monthly.amount, told), &overage.value, *count, &used);
    if sums.iter().any(is_near) || is_open || is_denied(&statements) {
        return;
    }
    let Some(sum) = sums.first() else {
        return;
    };
    let sum = Money {
        amount: sum.round_dp(2).normalize(),
        currency,
    };
    report(
        findings,
        (told, projected.span),
        (sum, usage.span),
        &terms(base.value.per_month(), &overage.value, &used, &included),
    );
}

/// A cost that is no term of the sum, or words that change it.
fn is_other_cost(statement: &Statement<'_>) -> bool {
    let is_read = statement.key.is_empty() || READ.iter().any(|key| statement.key.starts_with(key));
    let has_sum = !money::find(statement.value.as_str()).is_empty();
    statement.tells(&OTHERWISE) || has_sum && !is_read
}

/// What is used in a month, each reading of it: days of a month are 28 to 31.
pub(super) fn used(text: &str, unit: &str) -> Option<Vec<Decimal>> {
    // `80 of 100 pages` and spans are no one number.
    let other = [
        "of", "up to", "quota", "limit", "between", "to", "max", "at most", "under", "below",
    ];
    if says(text, &other) {
        return None;
    }
    let found: Vec<_> = quantity::find(text)
        .into_iter()
        .filter(|found| quantity::is_of(&found.noun, unit))
        .collect();
    let [only] = found.as_slice() else {
        return None;
    };
    let behind = text[only.range.end..].to_lowercase();
    let per = ["a day", "per day", "/day", "daily", "each day", "every day"];
    let other = [
        "a week",
        "per week",
        "/week",
        "weekly",
        "an hour",
        "per hour",
        "a minute",
        "per minute",
        "a second",
        "per second",
        "a year",
        "per year",
        "yearly",
        "in all",
        "so far",
    ];
    let has = |words: &[&str]| {
        words.iter().any(|words| {
            place_of(&behind, words).is_some() || behind.contains(words) && words.starts_with('/')
        })
    };
    if has(&other) || text.contains('%') {
        return None;
    }
    let months: &[i64] = if has(&per) { &[30, 28, 31] } else { &[1] };
    Some(
        months
            .iter()
            .map(|days| only.count * Decimal::from(*days))
            .collect(),
    )
}

/// Whether what is free or included is so for one environment, or for a time, only.
pub(super) fn is_bound(statements: &[&Statement<'_>]) -> bool {
    statements.iter().any(|statement| {
        let is_usage = statement.key.starts_with("current usage");
        let is_free = statement.tells(&INCLUDED);
        let bound = statement.tells(&CONDITIONS);
        is_free && bound && !is_usage
    })
}

/// Every amount that is said to cost nothing more.
pub(super) fn included(statements: &[&Statement<'_>], unit: &str) -> Vec<(Decimal, Span)> {
    let of_it = |statement: &&&Statement<'_>| {
        let is_told = statement.tells(&INCLUDED);
        is_told
            && !statement.key.starts_with("current usage")
            && !statement.key.starts_with("projected")
    };
    let found = statements.iter().filter(of_it).flat_map(|statement| {
        let amounts = quantity::find(statement.value.as_str()).into_iter();
        let value = &statement.value;
        amounts
            .filter(|found| quantity::is_of(&found.noun, unit))
            .filter(|found| {
                // What stands behind `per` is what the price is for.
                let before = value.as_str()[..found.range.start].trim_end();
                !before.ends_with("per")
                    && !before.ends_with('/')
                    && Unit::from_word(&found.noun).is_none()
            })
            .map(|found| (found.count, value.span_of(found.range)))
    });
    found.collect()
}

/// What a month comes to, read in every way: with all that is included, with none of it, in whole
/// blocks.
fn sums(
    (base, price, count): (Decimal, &Price, u64),
    used: &[Decimal],
    included: &[(Decimal, Span)],
) -> Vec<Decimal> {
    let mut free: Vec<_> = included.iter().map(|(amount, _)| *amount).collect();
    if free.is_empty() {
        free.push(Decimal::ZERO);
    }
    let mut sums = Vec::new();
    for used in used {
        for free in &free {
            let over = (*used - *free).max(Decimal::ZERO) / Decimal::from(count.max(1));
            for blocks in [over, over.ceil(), over.floor()] {
                let more = blocks
                    .checked_mul(price.money.amount)
                    .unwrap_or(Decimal::MAX / Decimal::TWO);
                sums.push(base + more);
                // The overage alone, where the base buys what is used first.
                sums.extend((free > &Decimal::ZERO).then_some(more));
            }
        }
    }
    sums
}

/// Whether the base may include an amount that is not written down: the projection is the base
/// alone, or what is left of the usage after a round number.
fn may_include(
    (base, told): (Decimal, Decimal),
    price: &Price,
    count: u64,
    used: &[Decimal],
) -> bool {
    const ROUND: [i64; 12] = [10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90];
    if (told - base).abs() <= Decimal::ONE {
        return true;
    }
    let most = used.iter().max().copied().unwrap_or_default();
    let mut scale = Decimal::ONE;
    while scale * Decimal::TEN <= most {
        for round in ROUND {
            let over = (most - scale * Decimal::from(round)).max(Decimal::ZERO)
                / Decimal::from(count.max(1));
            let sum = over.checked_mul(price.money.amount).map(|more| base + more);
            if sum.is_some_and(|sum| (sum - told).abs() <= Decimal::ONE) {
                return true;
            }
        }
        scale *= Decimal::TEN;
    }
    false
}

fn terms(
    base: Option<Money>,
    overage: &Price,
    used: &[Decimal],
    included: &[(Decimal, Span)],
) -> String {
    let base = base.map_or_else(String::new, |base| base.to_string());
    let used = used.first().copied().unwrap_or_default().normalize();
    match included.first() {
        Some((free, _)) => format!("{base} + ({used} - {}) at {overage}", free.normalize()),
        None => format!("{base} + {used} at {overage}"),
    }
}

fn report(
    findings: &mut Findings<'_>,
    (told, place): (Decimal, Span),
    (sum, other): (Money, Span),
    terms: &str,
) {
    let told = Money {
        amount: told,
        currency: sum.currency,
    };
    disagree(
        findings,
        CODE,
        format!("the projection is {told}, and base, overage and usage make {sum}"),
        (place, "what a month is expected to cost"),
        (other, &format!("makes {sum}")),
        &format!("{terms} = {sum} ≠ {told}; if an amount is included, write `Included`"),
    );
}
