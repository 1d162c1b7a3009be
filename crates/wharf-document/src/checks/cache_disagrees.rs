//! WH648: answers may be kept longer than the cache of an outage allows.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Integration, Operation};
use crate::parse::duration::shown;

pub(crate) const CODE: Code = Code {
    id: "WH648",
    slug: "cache-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("cache_disagrees.md"),
};

/// Compares the age in an outage with the longest one of any other day.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(outage) = integration.recovery.cache else {
        return;
    };
    let operations = integration.operations.iter().filter_map(Operation::fresh);
    let kept = operations.chain(integration.configuration.settings.cache_ttl);
    let Some(longest) = kept.max_by_key(|kept| kept.value) else {
        return;
    };
    if longest.value <= outage.value {
        return;
    }
    let (always, then) = (shown(longest.value), shown(outage.value));
    disagree(
        findings,
        CODE,
        format!("answers are kept for {always}, and during an outage for {then} only"),
        (outage.span, "largest age during an outage"),
        (longest.span, "largest age on any other day"),
        &format!("{always} > {then}; the smallest change: write {always} under Backup Service"),
    );
}
