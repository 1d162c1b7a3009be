//! WH607: the longest possible call is longer than what was promised.

use std::time::Duration;

use wharf_diag::{Code, Diagnostic, Page, Severity, Span};

use crate::lower::Context;
use crate::model::{Bound, Integration, Metric};
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
    total: Duration,
    /// The sum, for the message.
    sum: String,
    /// All delays together.
    waited: Duration,
    tries: u32,
    places: Vec<(Span, String)>,
}

/// Compares the longest call with the latency objective and with the callers' deadlines.
pub(super) fn check(context: &mut Context<'_>, integration: &Integration) {
    let Some(longest) = longest(integration) else {
        return;
    };
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
        if comparison.value.operator.wants_less() && longest.total > allowed {
            let what = format!("the response time of {}", comparison.value);
            report(context, &longest, comparison.span, &what, (allowed, &room));
        }
    }
    for system in &integration.dependencies.systems {
        if let Some(deadline) = system.deadline
            && longest.total > deadline.value
        {
            let what = format!("the deadline of `{}`", system.name.value);
            let bound = shown(deadline.value);
            report(
                context,
                &longest,
                deadline.span,
                &what,
                (deadline.value, &bound),
            );
        }
    }
}

fn report(
    context: &mut Context<'_>,
    longest: &Longest,
    place: Span,
    what: &str,
    (allowed, bound): (Duration, &str),
) {
    let source = context.source;
    let total = shown(longest.total);
    let left = allowed.saturating_sub(longest.waited) / longest.tries.max(1);
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
        "{} = {total} > {bound}; the smallest change: {change}",
        longest.sum
    ));
    for (span, text) in &longest.places {
        diagnostic = diagnostic.with_secondary(source, *span, text.as_str());
    }
    context.report(diagnostic);
}

/// Every attempt at its timeout and every delay. `None` where the document bounds neither.
fn longest(integration: &Integration) -> Option<Longest> {
    let timeout = integration.configuration.timeout?;
    let delays = integration.retry.delays.as_ref();
    let given: &[Duration] = delays.map_or(&[], |delays| delays.value.as_slice());
    let (retries, said_at) = integration.retries();
    let last = given.last().copied().unwrap_or_default();
    let count = usize::try_from(retries).unwrap_or(usize::MAX);
    let mut pauses: Vec<_> = given.iter().copied().take(count).collect();
    let repeated = retries.saturating_sub(u32::try_from(pauses.len()).unwrap_or(u32::MAX));
    let waited = pauses
        .iter()
        .fold(Duration::ZERO, |sum, delay| sum.saturating_add(*delay))
        .saturating_add(last.saturating_mul(repeated));
    let tries = retries.saturating_add(1);
    let total = waited.saturating_add(timeout.value.saturating_mul(tries));
    pauses.truncate(MOST_TERMS);
    let mut terms: Vec<_> = pauses.iter().map(|delay| shown(*delay)).collect();
    if repeated > 0 && !last.is_zero() {
        terms.push(format!("{repeated} × {}", shown(last)));
    } else if count > MOST_TERMS && given.len() > MOST_TERMS {
        terms.push("…".to_owned());
    }
    terms.push(format!("{tries} attempts × {}", shown(timeout.value)));
    let mut places = vec![(timeout.span, "bounds one attempt".to_owned())];
    places.extend(said_at.map(|span| (span, format!("{retries} retries"))));
    places.extend(delays.map(|delays| (delays.span, "waits between them".to_owned())));
    Some(Longest {
        total,
        sum: terms.join(" + "),
        waited,
        tries,
        places,
    })
}
