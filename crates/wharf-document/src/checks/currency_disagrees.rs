//! WH670: all prices are in one currency, and a sum is in another.

use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::said::{Said, Statement};
use crate::findings::Findings;
use crate::model::{Currency, Integration};
use crate::parse::money;

pub(crate) const CODE: Code = Code {
    id: "WH670",
    slug: "currency-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("currency_disagrees.md"),
};

/// Words that say it of all prices, where the key does not.
const OF_ALL: [&str; 12] = [
    "all prices",
    "prices are in",
    "prices in",
    "all amounts",
    "all sums",
    "amounts are in",
    "all costs",
    "everything is billed in",
    "everything in",
    "billed in",
    "invoiced in",
    "invoices in",
];

/// Words that leave something out, or say how one currency becomes the other.
const EXPLAINED: [&str; 22] = [
    "except",
    "unless",
    "other than",
    "apart from",
    "rate",
    "exchange",
    "converted",
    "conversion",
    "convert",
    "equals",
    "about",
    "roughly",
    "approx",
    "books",
    "until",
    "formerly",
    "was",
    "mostly",
    "or",
    "list price",
    "vendor's price",
    "at the day",
];

/// Compares the sums of the costs with the currency that is said to be that of all of them.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, said: &Said<'_>) {
    let costs: Vec<_> = said
        .of_section("Costs")
        .filter(|statement| !statement.is_task)
        .collect();
    let Some((currency, place)) = costs.iter().find_map(|statement| declared(statement)) else {
        return;
    };
    if costs.iter().any(|statement| has_rate(statement)) {
        return;
    }
    let cost = integration.frontmatter.cost.as_ref();
    let cost = cost.map(|cost| (cost.value.money, cost.span));
    let sums = costs.iter().flat_map(|statement| {
        let found = money::find(statement.value.as_str()).into_iter();
        found.map(|sum| (sum.money, statement.value.span_of(sum.range)))
    });
    let Some((other, at)) = sums
        .chain(cost)
        .find(|(money, _)| money.currency != currency)
    else {
        return;
    };
    disagree(
        findings,
        CODE,
        format!("all prices are in {currency}, and {other} is not"),
        (at, &format!("a sum in {}", other.currency)),
        (place, &format!("all prices in {currency}")),
        &format!(
            "{} ≠ {currency}; write the sum in {currency}, or the rate beside it",
            other.currency
        ),
    );
}

/// The currency that a statement gives for all prices.
fn declared(statement: &Statement<'_>) -> Option<(Currency, Span)> {
    let text = statement.value.as_str();
    let is_key = statement.key_says(&[
        "currency",
        "currencies",
        "billing currency",
        "invoice currency",
        "währung",
    ]);
    let is_all = is_key || statement.says(&OF_ALL) || statement.key_says(&["prices", "all prices"]);
    if !is_all || statement.says(&EXPLAINED) {
        return None;
    }
    let mut named = money::named(text);
    if named.is_empty() {
        let signs = [("€", "EUR"), ("$", "USD"), ("£", "GBP")];
        let is_short = text.trim().chars().count() <= 3;
        let sign = signs
            .iter()
            .find(|(sign, _)| is_short && text.contains(sign));
        named.extend(sign.and_then(|(_, code)| Currency::new(code)));
    }
    // A sum in the line is a price of its own.
    let is_plain = money::find(text).is_empty();
    match named.as_slice() {
        [only] if is_plain => Some((*only, statement.value.span())),
        _ => None,
    }
}

/// Whether a statement says how one currency becomes another: a rate, or a sum in both.
fn has_rate(statement: &Statement<'_>) -> bool {
    let text = statement.value.as_str();
    let mut currencies: Vec<_> = money::find(text)
        .iter()
        .map(|sum| sum.money.currency)
        .collect();
    currencies.extend(money::named(text));
    currencies.sort_unstable();
    currencies.dedup();
    let rates = [
        "exchange rate",
        "conversion rate",
        "rate of exchange",
        "converted",
    ];
    currencies.len() > 1 || statement.says(&rates) || statement.key_says(&["rate", "exchange rate"])
}
