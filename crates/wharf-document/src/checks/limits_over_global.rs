//! WH602: the operations together reach the global limit before they reach their own.

use std::time::Duration;

use wharf_diag::{Code, Diagnostic, Page, Severity, Spanned};

use super::limit_over_global;
use crate::findings::Findings;
use crate::model::{Integration, Operation, Rate, RateLimit};

pub(crate) const CODE: Code = Code {
    id: "WH602",
    slug: "limits-over-global",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("limits_over_global.md"),
};

/// Limits that are written out and underlined.
const MOST_TERMS: usize = 12;

/// Global limits that are compared with the operations'; the rest is not.
const MOST_GLOBAL_LIMITS: usize = 100;

/// A limit over a shorter period that is so many times the pace of the global one bounds bursts.
const BURST: f64 = 10.0;

/// How the limit of an operation stands to a global one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// It may be reached.
    Within,
    /// It is never reached.
    Over,
    /// It bounds bursts; the global limit bounds the pace.
    Burst,
}

/// Compares every operation with the global limit over the nearest period, and all of them
/// together with each.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let globals = plain(&integration.configuration.settings.rate_limits).take(MOST_GLOBAL_LIMITS);
    let globals = &globals.collect::<Vec<_>>();
    let mut shares: Vec<Vec<Spanned<Rate>>> = vec![Vec::new(); globals.len()];
    for operation in &integration.operations {
        // All limits of an operation hold, so the slowest decides.
        let rates = plain(&operation.rate_limits);
        let Some(slowest) =
            rates.min_by(|left, right| pace(left.value).total_cmp(&pace(right.value)))
        else {
            continue;
        };
        if !is_over(findings, operation, slowest, globals) {
            for rate in plain(&operation.rate_limits) {
                let nearest = nearest(globals, rate.value);
                let share = nearest.and_then(|nearest| shares.get_mut(nearest));
                if let Some(share) = share {
                    share.push(rate);
                }
            }
        }
    }
    for (global, operations) in globals.iter().zip(shares) {
        together(findings, *global, &operations);
    }
}

/// The limits with one counter for all calls of an operation: the others cannot be compared by
/// their rates, as nobody knows how many counters there are.
fn plain(limits: &[Spanned<RateLimit>]) -> impl Iterator<Item = Spanned<Rate>> {
    let limits = limits.iter().filter(|limit| limit.value.is_plain());
    limits.map(|limit| Spanned::new(limit.value.rate, limit.span))
}

/// Reports an operation whose limit is never reached.
fn is_over(
    findings: &mut Findings<'_>,
    operation: &Operation,
    slowest: Spanned<Rate>,
    globals: &[Spanned<Rate>],
) -> bool {
    let nearest = nearest(globals, slowest.value).and_then(|nearest| globals.get(nearest));
    let pace = nearest.filter(|near| standing(slowest.value, near.value) == Standing::Over);
    // More calls than the global limit has in a longer time, however they are spread.
    let surely = globals.iter().find(|global| {
        let (own, all) = (slowest.value, global.value);
        own.period <= all.period && own.count > all.count
    });
    let over = surely.or(pace);
    if let Some(global) = over {
        limit_over_global::report(findings, operation, slowest, *global);
    }
    over.is_some()
}

/// The global limit that a rate is compared with: the one with the longest period that is not
/// longer than its own, as that leaves no doubt; else the one with the shortest.
fn nearest(globals: &[Spanned<Rate>], rate: Rate) -> Option<usize> {
    let period = |index: &usize| globals[*index].value.period;
    let not_longer = (0..globals.len()).filter(|index| period(index) <= rate.period);
    not_longer
        .max_by_key(period)
        .or_else(|| (0..globals.len()).min_by_key(period))
}

fn standing(own: Rate, all: Rate) -> Standing {
    // Counted in calls times nanoseconds, so that nothing is rounded.
    let product =
        |rate: Rate, period: Duration| u128::from(rate.count).saturating_mul(period.as_nanos());
    if product(own, all.period) <= product(all, own.period) {
        Standing::Within
    } else if own.period < all.period && own.count <= all.count && pace(own) > pace(all) * BURST {
        Standing::Burst
    } else {
        Standing::Over
    }
}

/// Calls a second.
#[expect(
    clippy::cast_precision_loss,
    reason = "a rate has at most 10^15 calls, which a float holds"
)]
fn pace(rate: Rate) -> f64 {
    rate.count as f64 / rate.period.as_secs_f64()
}

/// What a rate comes to over another period.
pub(super) fn converted(rate: Rate, period: Duration) -> f64 {
    pace(rate) * period.as_secs_f64()
}

/// A rate that need not be a whole number.
pub(super) fn shown(count: f64, period: Duration) -> String {
    let count = (count * 10.0).round() / 10.0;
    let one = Rate { count: 1, period }.to_string();
    let unit = one.strip_prefix('1').unwrap_or(&one);
    format!("{count}{unit}")
}

/// `operations` are the limits that are compared with this global one.
fn together(findings: &mut Findings<'_>, global: Spanned<Rate>, operations: &[Spanned<Rate>]) {
    let all = global.value;
    let operations: Vec<_> = operations
        .iter()
        .filter(|rate| standing(rate.value, all) == Standing::Within)
        .collect();
    let counts: Vec<f64> = operations
        .iter()
        .map(|rate| converted(rate.value, all.period))
        .collect();
    let sum: f64 = counts.iter().sum();
    let most = converted(all, all.period);
    // A hair above is the noise of fractions.
    if operations.len() < 2 || sum <= most * (1.0 + 1e-9) {
        return;
    }
    let mut terms: Vec<_> = counts
        .iter()
        .take(MOST_TERMS)
        .map(|count| ((count * 10.0).round() / 10.0).to_string())
        .collect();
    if operations.len() > MOST_TERMS {
        terms.push("…".to_owned());
    }
    let needed = shown(sum, all.period);
    let message = format!("the operations together reach the global limit of {all} first");
    let diagnostic = Diagnostic::new(CODE, Severity::Info, message, findings.source, global.span)
        .with_label("holds for all operations together")
        .with_help(format!(
            "{} = {needed} > {all}; every limit holds, so the operations cannot all run at theirs",
            terms.join(" + "),
        ));
    let shown = operations.iter().take(MOST_TERMS);
    let diagnostic = shown.fold(diagnostic, |diagnostic, rate| {
        diagnostic.with_secondary(findings.source, rate.span, "")
    });
    findings.report(diagnostic);
}
