//! WH644: a probe may last longer than the time between two probes.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;
use crate::parse::duration::shown;

pub(crate) const CODE: Code = Code {
    id: "WH644",
    slug: "probe-outlasts",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("probe_outlasts.md"),
};

/// Compares the bound of one probe with the time between two.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let health = &integration.monitoring.health;
    let (Some(timeout), Some(interval)) = (health.timeout, health.interval) else {
        return;
    };
    if timeout.value <= interval.value {
        return;
    }
    let (longest, between) = (shown(timeout.value), shown(interval.value));
    disagree(
        findings,
        CODE,
        format!("a probe may last {longest}, and the next one starts after {between}"),
        (timeout.span, "how long a probe may last"),
        (interval.span, "time between two probes"),
        &format!("{longest} > {between}; the smallest change: a timeout of {between}"),
    );
}
