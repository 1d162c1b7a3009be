//! WH656: one thing has two objectives.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Bound, Comparison, Integration, Metric};

pub(crate) const CODE: Code = Code {
    id: "WH656",
    slug: "objective-twice",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("objective_twice.md"),
};

/// Objectives of one metric that are compared with each other; the rest is not.
const MOST_COMPARED: usize = 8;

/// Compares every two objectives of one metric.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    for metric in [
        Metric::Latency,
        Metric::ErrorRate,
        Metric::Availability,
        Metric::Usage,
    ] {
        let known: Vec<_> = integration
            .monitoring
            .objectives
            .iter()
            .filter(|objective| objective.metric == metric)
            .filter_map(|objective| Some((objective, objective.comparison?)))
            .take(MOST_COMPARED)
            .collect();
        for (index, (objective, later)) in known.iter().enumerate() {
            let earlier = known[..index]
                .iter()
                .find(|(_, earlier)| !agree(earlier.value, later.value));
            let Some((first, earlier)) = earlier else {
                continue;
            };
            let (one, other) = (&first.name.value, &objective.name.value);
            disagree(
                findings,
                CODE,
                format!("`{one}` and `{other}` are one metric with two objectives"),
                (later.span, &format!("of `{other}`")),
                (earlier.span, &format!("of `{one}`")),
                &format!(
                    "{} ≠ {}; the smallest change: keep one of them",
                    later.value, earlier.value
                ),
            );
        }
    }
}

/// Bounds over different windows, and those of different percentiles that rise, may both hold.
fn agree(left: Comparison, right: Comparison) -> bool {
    if left.window != right.window || left.operator.wants_less() != right.operator.wants_less() {
        return true;
    }
    match (left.bound, right.bound) {
        (Bound::Duration(left_bound), Bound::Duration(right_bound)) => {
            let whole = |percentile: Option<f64>| percentile.unwrap_or(100.0);
            let (left_share, right_share) = (whole(left.percentile), whole(right.percentile));
            match left_share.total_cmp(&right_share) {
                std::cmp::Ordering::Equal => left_bound == right_bound,
                std::cmp::Ordering::Less => left_bound <= right_bound,
                std::cmp::Ordering::Greater => left_bound >= right_bound,
            }
        }
        (Bound::Percent(left), Bound::Percent(right)) => (left - right).abs() < 1e-9,
        _ => true,
    }
}
