//! WH650: the outage procedure switches to something that is not the fallback.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Fallback, Integration, IntegrationId, Step};
use crate::parse::step::{names_one, switch_target};

pub(crate) const CODE: Code = Code {
    id: "WH650",
    slug: "fallback-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("fallback_disagrees.md"),
};

/// Compares the names that steps switch to with the fallback.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let recovery = &integration.recovery;
    let Some(fallback) = &recovery.fallback else {
        return;
    };
    let (name, is_id) = match &fallback.value {
        Fallback::Integration { id, .. } => (id.as_str(), true),
        Fallback::Words(words) => (words.as_str(), false),
    };
    for (words, step) in &recovery.procedure {
        if !matches!(step, Step::Other(_) | Step::SwitchToFallback { .. }) {
            continue;
        }
        let Some(target) = switch_target(&words.value) else {
            continue;
        };
        // A word in lower case may be anything, where the fallback is no id either.
        let is_name = target.starts_with(char::is_uppercase)
            || is_id && IntegrationId::named(target).is_some();
        if !is_name || names_one(target, name) {
            continue;
        }
        disagree(
            findings,
            CODE,
            format!("the procedure switches to {target}, and the fallback is {name}"),
            (words.span, "what is switched to"),
            (fallback.span, "the fallback"),
            &format!("{target} ≠ {name}; the smallest change: name one of them in both places"),
        );
    }
}
