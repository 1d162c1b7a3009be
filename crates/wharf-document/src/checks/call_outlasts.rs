//! WH607: the longest possible call is longer than what was promised.

use std::time::Duration;

use wharf_diag::{Code, Diagnostic, Page, Severity, Span, Spanned};
use wharf_policy::retry::LongestCall;

use super::disagree;
use crate::findings::Findings;
use crate::model::{Bound, Integration, Metric, Operation};
use crate::parse::duration::shown;

pub(crate) const CODE: Code = Code {
    id: "WH607",
    slug: "call-outlasts",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("call_outlasts.md"),
};

/// A percentile leaves room for slow calls, up to this many times the objective.
const ROOM: u32 = 100;

/// Most delays that are written out.
const MOST_TERMS: usize = 8;

/// The longest call that a document allows, and how it comes about.
struct Longest {
    call: LongestCall,
    /// The sum, for the message.
    sum: String,
    places: Vec<(Span, String)>,
}

/// Compares the longest call with the latency objective and with the callers' deadlines, and what
/// else is promised with those deadlines.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    promises(findings, integration);
    let [longest_attempt, usual_attempt] = attempts(integration);
    let Some(longest) = longest(integration, longest_attempt) else {
        return;
    };
    let usual = self::longest(integration, usual_attempt);
    for objective in &integration.monitoring.objectives {
        let Some(comparison) = objective.comparison else {
            continue;
        };
        let (Metric::Latency, Bound::Duration(bound)) = (objective.metric, comparison.value.bound)
        else {
            continue;
        };
        let has_room = comparison.value.percentile.is_some_and(|p| p < 100.0);
        let factor = if has_room { ROOM } else { 1 };
        let allowed = bound.saturating_mul(factor);
        let room = if has_room {
            format!("{} = {ROOM} × {}", shown(allowed), shown(bound))
        } else {
            shown(bound)
        };
        let Some(call) = (if has_room {
            usual.as_ref()
        } else {
            Some(&longest)
        }) else {
            continue;
        };
        if comparison.value.operator.wants_less() && call.call.total > allowed {
            let what = format!("the response time of {}", comparison.value);
            report(findings, call, comparison.span, &what, (allowed, &room));
        }
    }
    for system in &integration.dependencies.systems {
        if let Some(deadline) = system.deadline
            && longest.call.total > deadline.value
        {
            let what = format!("the deadline of `{}`", system.name.value);
            let bound = shown(deadline.value);
            report(
                findings,
                &longest,
                deadline.span,
                &what,
                (deadline.value, &bound),
            );
        }
    }
}

fn report(
    findings: &mut Findings<'_>,
    longest: &Longest,
    place: Span,
    what: &str,
    (allowed, bound): (Duration, &str),
) {
    let source = findings.source;
    let total = shown(longest.call.total);
    let left = allowed.saturating_sub(longest.call.spread_delays) / longest.call.attempts.max(1);
    let change = if left.is_zero() {
        "fewer retries, as the delays alone take longer".to_owned()
    } else {
        // Whole seconds read better, where there are any.
        let left = match left.as_secs() {
            0 => Duration::from_millis(u64::from(left.subsec_millis().max(1))),
            seconds => Duration::from_secs(seconds),
        };
        format!("a timeout of {}", shown(left))
    };
    let mut diagnostic = Diagnostic::new(
        CODE,
        Severity::Warning,
        format!("a call can last {total}, which {what} does not allow"),
        source,
        place,
    )
    .with_label("promised here")
    .with_help(format!(
        "{} {} {total} > {bound}; the smallest change: {change}",
        longest.sum,
        if longest.call.is_cut { ">" } else { "=" },
    ));
    for (span, text) in &longest.places {
        diagnostic = diagnostic.with_secondary(source, *span, text.clone());
    }
    findings.report(diagnostic);
}

/// A caller's deadline against the longest wait for a limit and against the response times that
/// are good enough: neither alone may take longer.
fn promises(findings: &mut Findings<'_>, integration: &Integration) {
    let wait = integration.configuration.settings.max_wait;
    let wait = wait.map(|wait| (wait.span, wait.value, "the longest wait for a limit"));
    let objectives = integration.monitoring.objectives.iter();
    let times = objectives.filter_map(|objective| {
        let comparison = objective.comparison?;
        match (objective.metric, comparison.value.bound) {
            (Metric::Latency, Bound::Duration(bound)) => {
                Some((comparison.span, bound, "the objective of the response time"))
            }
            _ => None,
        }
    });
    let promised: Vec<_> = wait.into_iter().chain(times).collect();
    for system in &integration.dependencies.systems {
        let Some(deadline) = system.deadline else {
            continue;
        };
        let longer = promised.iter().find(|(_, time, _)| *time > deadline.value);
        let Some((place, time, what)) = longer else {
            continue;
        };
        let (time, bound) = (shown(*time), shown(deadline.value));
        let name = &system.name.value;
        disagree(
            findings,
            CODE,
            format!("{what} is {time}, and `{name}` gives up after {bound}"),
            (deadline.span, &format!("the deadline of `{name}`")),
            (*place, what),
            &format!("{time} > {bound}; the smallest change: {bound} there, or a longer deadline"),
        );
    }
}

/// The bound of one attempt, and the operation whose own it is. The document's own holds where a
/// row names none.
type Attempt<'a> = Option<(Spanned<Duration>, Option<&'a Operation>)>;

/// The attempt that lasts longest of all, and the one that most calls have: a percentile says
/// nothing about one export that may take an hour.
fn attempts(integration: &Integration) -> [Attempt<'_>; 2] {
    let common = integration.configuration.settings.timeout;
    let own = integration.operations.iter().filter_map(|operation| {
        let timeout = operation.timeout?;
        Some((timeout, Some(operation)))
    });
    let has_row_without = integration.operations.iter().any(|o| o.timeout.is_none());
    let uses_common = has_row_without || integration.operations.is_empty();
    let common = common
        .filter(|_| uses_common)
        .map(|timeout| (timeout, None));
    let longest = own
        .clone()
        .chain(common)
        .max_by_key(|(timeout, _)| timeout.value);
    let usual = common.or_else(|| own.min_by_key(|(timeout, _)| timeout.value));
    [longest, usual]
}

/// Every attempt at its timeout and every delay. `None` where the document bounds neither.
fn longest(integration: &Integration, attempt: Attempt<'_>) -> Option<Longest> {
    if attempt.is_none() && integration.retry.delays.is_none() {
        return None;
    }
    let bound = attempt.map_or(Duration::ZERO, |(timeout, _)| timeout.value);
    let delays = integration.retry.delays.as_ref();
    let given: &[Duration] = delays.map_or(&[], |delays| delays.value.as_slice());
    let (retries, said_at) = integration.retries();
    let call = LongestCall::new(bound, retries, given);
    let mut terms: Vec<_> = spread(given, retries).into_iter().collect();
    let mut places = Vec::new();
    if let Some((timeout, operation)) = attempt {
        terms.push(format!("{} attempts × {}", call.attempts, shown(bound)));
        let of = operation.map_or(String::new(), |o| format!(" of `{}`", o.name.value));
        places.push((timeout.span, format!("bounds one attempt{of}")));
    }
    places.extend(said_at.map(|span| (span, format!("{retries} retries"))));
    places.extend(delays.map(|delays| (delays.span, "waits between them".to_owned())));
    Some(Longest {
        call,
        sum: terms.join(" + "),
        places,
    })
}

/// The delays at their longest, as a product: `1.2 × (1 s + 2 s)`.
fn spread(given: &[Duration], retries: u32) -> Option<String> {
    let count = usize::try_from(retries).unwrap_or(usize::MAX);
    let waited = given.get(..count).unwrap_or(given);
    let mut terms: Vec<_> = waited
        .iter()
        .take(MOST_TERMS)
        .map(|delay| shown(*delay))
        .collect();
    let repeats = count - waited.len();
    let last = given.last().filter(|last| repeats > 0 && !last.is_zero());
    if let Some(last) = last {
        terms.push(format!("{repeats} × {}", shown(*last)));
    } else if waited.len() > MOST_TERMS {
        terms.push("…".to_owned());
    }
    match terms.as_slice() {
        [] => None,
        [one] => Some(format!("1.2 × {one}")),
        _ => Some(format!("1.2 × ({})", terms.join(" + "))),
    }
}
