//! WH608: one outage, handled as written, costs more than the availability leaves.

use std::time::Duration;

use wharf_diag::{Code, Diagnostic, Page, Severity};

use crate::findings::Findings;
use crate::model::{Bound, Integration, Metric};
use crate::parse::duration::shown;

pub(crate) const CODE: Code = Code {
    id: "WH608",
    slug: "outage-over-budget",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("outage_over_budget.md"),
};

/// The window over which one outage has to fit into the budget, where the objective names none.
const WINDOW: Duration = Duration::from_secs(86_400);

/// Time until an outage is noticed, and until the fallback answers, against the availability.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let health = &integration.monitoring.health;
    let (Some(interval), Some(threshold)) = (health.interval, health.threshold) else {
        return;
    };
    let (Some(detection), Some(switch)) = (health.detection(), integration.recovery.switch_after())
    else {
        return;
    };
    let objective = integration.monitoring.objectives.iter().find_map(|o| {
        let comparison = o.comparison.filter(|_| o.metric == Metric::Availability)?;
        match comparison.value.bound {
            Bound::Percent(percent) if !comparison.value.operator.wants_less() => {
                Some((comparison.span, percent, comparison.value.window))
            }
            _ => None,
        }
    });
    let Some((place, percent, named)) = objective else {
        return;
    };
    let window = named.unwrap_or(WINDOW);
    let period = named.map_or_else(|| "a day".to_owned(), shown);
    let outage = detection.saturating_add(switch.value);
    // A tenth of a second is more than anybody measures.
    let budget_seconds = ((100.0 - percent) / 100.0 * window.as_secs_f64() * 10.0).round() / 10.0;
    let Ok(budget) = Duration::try_from_secs_f64(budget_seconds) else {
        return;
    };
    if outage <= budget {
        return;
    }
    let kept = (1.0 - outage.as_secs_f64() / window.as_secs_f64()).max(0.0);
    let kept = (kept * 100_000.0).floor() / 1_000.0;
    let source = findings.source;
    let diagnostic = Diagnostic::new(
        CODE,
        Severity::Warning,
        format!(
            "an outage lasts up to {} before the fallback answers, more than {percent}% leaves for {period}",
            shown(outage)
        ),
        source,
        place,
    )
    .with_label(format!("leaves {} in {period}", shown(budget)))
    .with_secondary(source, interval.span, "time between probes")
    .with_secondary(source, threshold.span, "failures until it counts")
    .with_secondary(source, switch.span, "then waited for")
    .with_help(format!(
        "{} × {} + {} = {} > {} = {}% of {period}; the smallest change: probe more often and switch \
         sooner, or write `> {kept}%`",
        shown(interval.value),
        threshold.value,
        shown(switch.value),
        shown(outage),
        shown(budget),
        ((100.0 - percent) * 1e6).round() / 1e6,
    ));
    findings.report(diagnostic);
}
