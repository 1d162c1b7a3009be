//! WH646: more is used than the objective allows.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Bound, Integration, Metric};
use crate::parse::comparison;

pub(crate) const CODE: Code = Code {
    id: "WH646",
    slug: "usage-over-objective",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("usage_over_objective.md"),
};

/// Compares both as shares; a usage that is told in other words is not compared.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(usage) = &integration.costs.current_usage else {
        return;
    };
    let text = usage
        .value
        .trim_start_matches(|c: char| !c.is_ascii_digit());
    let read = comparison::parse(&format!("< {text}"));
    let Ok(Bound::Percent(used)) = read.map(|read| read.bound) else {
        return;
    };
    for objective in &integration.monitoring.objectives {
        let Some(comparison) = objective
            .comparison
            .filter(|_| objective.metric == Metric::Usage)
        else {
            continue;
        };
        let Bound::Percent(allowed) = comparison.value.bound else {
            continue;
        };
        if comparison.value.operator.wants_less() && used > allowed {
            disagree(
                findings,
                CODE,
                format!(
                    "{used}% of the quota are used, and the objective is {}",
                    comparison.value
                ),
                (usage.span, &format!("{used}%")),
                (comparison.span, &format!("at most {allowed}%")),
                &format!("{used}% > {allowed}%; the smallest change: use less, or allow {used}%"),
            );
        }
    }
}
