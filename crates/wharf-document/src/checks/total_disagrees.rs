//! WH669: a total is not the sum of what stands above it.

use rust_decimal::Decimal;
use wharf_diag::{Code, Page, Span};

use super::disagree;
use super::said::Said;
use crate::findings::Findings;
use crate::parse::duration::Unit;
use crate::parse::quantity;
use crate::parse::words::{self, says};
use crate::raw::{Item, Stretch, Table, Text};

pub(crate) const CODE: Code = Code {
    id: "WH669",
    slug: "total-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("total_disagrees.md"),
};

/// What a total is called.
const TOTALS: [&str; 9] = [
    "total",
    "totals",
    "sum",
    "together",
    "altogether",
    "gesamt",
    "summe",
    "all together",
    "in all",
];

/// Words that begin a row that is a part of another one.
const PARTS: [&str; 12] = [
    "of these",
    "of those",
    "of which",
    "of this",
    "of that",
    "thereof",
    "davon",
    "incl",
    "including",
    "included",
    "part of",
    "within",
];

/// Words that make a column or a row another thing than terms of a sum.
const NO_SUM: [&str; 45] = [
    "average",
    "avg",
    "mean",
    "median",
    "max",
    "maximum",
    "min",
    "minimum",
    "peak",
    "highest",
    "unique",
    "distinct",
    "rate",
    "rates",
    "each",
    "per",
    "price",
    "unit",
    "limit",
    "quota",
    "overlap",
    "availability",
    "uptime",
    "growth",
    "change",
    "discount",
    "error",
    "errors",
    "hit",
    "subtotal",
    "cumulative",
    "running",
    "about",
    "top",
    "p50",
    "p90",
    "p95",
    "p99",
    "latency",
    "largest",
    "biggest",
    "main",
    "among",
    "e.g",
    "ratio",
];

/// Fewest terms of a sum.
const FEWEST: usize = 2;

/// One term: its value, the half of what its last digit is worth, and what stands around it.
struct Term {
    value: Decimal,
    half: Decimal,
    unit: String,
}

/// Compares the totals of tables and lists with the sums of their rows.
pub(super) fn check(findings: &mut Findings<'_>, said: &Said<'_>) {
    for table in &said.tables {
        in_table(findings, table);
    }
    for list in &said.lists {
        in_list(findings, list);
    }
}

fn in_table(findings: &mut Findings<'_>, table: &Table) {
    let is_total = |name: &Text| {
        let lower = name.as_str().to_lowercase();
        let mut totals = TOTALS.iter();
        totals.any(|total| words::place_of(&lower, total) == Some(0))
    };
    let mut totals = table
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.cells.first().is_some_and(is_total));
    let (Some((at, total)), None) = (totals.next(), totals.next()) else {
        return;
    };
    // A total stands at an end; one in between is of some of the rows.
    if at != 0 && at + 1 != table.rows.len() {
        return;
    }
    let name = |row: &crate::raw::Row| row.cells.first().map(|cell| cell.as_str().to_owned());
    if name(total).is_some_and(|name| says(&name, &NO_SUM)) {
        return;
    }
    let others = table
        .rows
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != at);
    let others: Vec<_> = others.map(|(_, row)| row).collect();
    if others
        .iter()
        .filter_map(|row| name(row))
        .any(|name| says(&name, &NO_SUM))
    {
        return;
    }
    for column in 1..table.header.len() {
        let head = table.header.get(column).map_or("", Text::as_str);
        if says(head, &NO_SUM) {
            continue;
        }
        let rows: Vec<_> = others
            .iter()
            .filter_map(|row| Some((row.cells.first()?.as_str(), row.cells.get(column)?.whole())))
            .collect();
        if let Some(cell) = total.cells.get(column) {
            compare(findings, cell.whole(), &rows);
        }
    }
}

/// `- Storage: 70%`, and `- Total: 100%` as the last item.
fn in_list(findings: &mut Findings<'_>, list: &[Item]) {
    let at_end = list.last().and_then(|item| item.text.whole().split_key());
    let is_total = at_end.is_some_and(|(name, _)| {
        let name = name.as_str().to_lowercase();
        TOTALS.contains(&name.as_str())
    });
    // Few lists end so, and the others are not looked at.
    if !is_total {
        return;
    }
    let entries: Vec<_> = list
        .iter()
        .filter_map(|item| item.text.whole().split_key())
        .collect();
    let Some(((_, total), others)) = entries.split_last() else {
        return;
    };
    if entries.len() != list.len() {
        return;
    }
    if others.iter().any(|(key, _)| says(key.as_str(), &NO_SUM)) {
        return;
    }
    let rows: Vec<_> = others
        .iter()
        .map(|(key, value)| (key.as_str(), *value))
        .collect();
    compare(findings, *total, &rows);
}

/// Compares a total with its rows, with and without those that are parts of others.
fn compare(findings: &mut Findings<'_>, cell: Stretch<'_>, rows: &[(&str, Stretch<'_>)]) {
    let Some(total) = term(cell.as_str()) else {
        return;
    };
    let mut own = Vec::new();
    let mut all = Vec::new();
    for (name, cell) in rows {
        let Some(term) = term(cell.as_str()) else {
            if is_nothing(cell.as_str()) {
                continue;
            }
            return;
        };
        if term.unit != total.unit {
            return;
        }
        let is_part = says(name, &PARTS)
            || name
                .trim_start()
                .starts_with(['-', '–', '—', '↳', '└', '>', '+', '(']);
        all.push((term.value, term.half));
        if !is_part {
            own.push((term.value, term.half));
        }
    }
    if own.len() < FEWEST {
        return;
    }
    let sum = |terms: &[(Decimal, Decimal)]| terms.iter().map(|(value, _)| *value).sum::<Decimal>();
    let fits = |terms: &[(Decimal, Decimal)]| {
        let slack = terms.iter().map(|(_, half)| *half).sum::<Decimal>() + total.half;
        (sum(terms) - total.value).abs() <= slack
    };
    // A share of all that lies between the least and the greatest is a mean, or the greatest.
    let greatest = own
        .iter()
        .map(|(value, _)| *value)
        .max()
        .unwrap_or_default();
    let is_mean = total.value <= greatest;
    if fits(&own) || fits(&all) || is_mean {
        return;
    }
    let sum = sum(&own).normalize();
    let terms = own.iter().map(|(value, _)| value.normalize().to_string());
    let terms = terms.collect::<Vec<_>>().join(" + ");
    let (unit, told) = (&total.unit, total.value.normalize());
    let places = rows.iter().map(|(_, cell)| cell.span()).reduce(Span::to);
    let place = places.unwrap_or(cell.span());
    disagree(
        findings,
        CODE,
        format!("the total is {told}{unit}, and the rows make {sum}{unit}"),
        (cell.span(), &format!("{told}{unit}")),
        (place, &format!("{sum}{unit}")),
        &format!("{terms} = {sum} ≠ {told}; one of them is not right"),
    );
}

/// `55%`, `24,200`, `$1,200.50`, `12 GB`; anything else is none.
fn term(text: &str) -> Option<Term> {
    let text = text.trim();
    let (digits, range) = quantity::only_number(text)?;
    let before = text[..range.start].trim();
    let behind = text[range.end..].trim();
    let (sign, before) = match before.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (Decimal::NEGATIVE_ONE, rest.trim()),
        None => (Decimal::ONE, before),
    };
    let is_unit = |unit: &str| {
        // Rates are limits, and times may run side by side: neither has a sum.
        let is_time = Unit::from_word(unit).is_some() || unit.contains('/');
        unit.chars().count() <= 6 && !unit.contains(char::is_whitespace) && !is_time
    };
    let is_money = before.is_empty()
        || ["$", "€", "£", "US$", "¥", "₹", "USD", "EUR", "CHF"].contains(&before);
    if !is_money || !is_unit(behind) {
        return None;
    }
    // Half of what the last digit is worth: nothing is rounded where figures are whole counts.
    let is_count = before.is_empty() && behind.is_empty();
    let half = if is_count || !before.is_empty() && digits.scale() == 2 {
        Decimal::ZERO
    } else {
        Decimal::new(5, digits.scale() + 1)
    };
    Some(Term {
        value: digits * sign,
        half,
        unit: if before.is_empty() {
            behind.to_owned()
        } else {
            format!(" {before}{behind}")
        },
    })
}

/// `-`, `none`: a cell without a value.
fn is_nothing(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || ["-", "–", "—", "none", "n/a"].contains(&text.to_lowercase().as_str())
}
