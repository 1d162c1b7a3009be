//! WH657: a feature is disabled, and the document uses it.

use wharf_diag::{Code, Page, Span};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Integration, Operation};

pub(crate) const CODE: Code = Code {
    id: "WH657",
    slug: "feature-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("feature_disagrees.md"),
};

/// Words that say nothing about what a feature is.
const FILLERS: [&str; 11] = [
    "incoming",
    "automatic",
    "auto",
    "response",
    "support",
    "local",
    "handling",
    "keys",
    "key",
    "the",
    "of",
];

/// Looks for what a disabled feature would need.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    for feature in &integration.configuration.features {
        let Some(switch) = feature.enabled.filter(|enabled| !enabled.value) else {
            continue;
        };
        let name = &feature.name.value;
        let Some((place, label)) = used(integration, &name.to_lowercase()) else {
            continue;
        };
        disagree(
            findings,
            CODE,
            format!("`{name}` is disabled, and the document uses it"),
            (switch.span, "disabled"),
            (place, label),
            "the smallest change: write `enabled`, or take the other out",
        );
    }
}

/// Where a document uses a feature of this name.
fn used(integration: &Integration, name: &str) -> Option<(Span, &'static str)> {
    let words = name.split(|c: char| !c.is_alphanumeric());
    let mut words = words.filter(|word| !word.is_empty() && !FILLERS.contains(word));
    let (Some(word), None) = (words.next(), words.next()) else {
        return None;
    };
    let configuration = &integration.configuration;
    let place = match word {
        "webhook" | "webhooks" => {
            let row = integration.webhooks.incoming.first()?;
            (row.event.span, "webhooks come in")
        }
        "cache" | "caching" => {
            let operations = integration.operations.iter().filter_map(Operation::fresh);
            let mut kept = configuration
                .settings
                .cache_ttl
                .into_iter()
                .chain(operations);
            (
                kept.find(|kept| !kept.value.is_zero())?.span,
                "answers are kept",
            )
        }
        "retry" | "retries" => {
            let (retries, place) = integration.retries();
            (place.filter(|_| retries > 0)?, "calls are retried")
        }
        "fallback" | "failover" => {
            let fallback = integration.recovery.fallback.as_ref()?;
            (fallback.span, "a fallback is named")
        }
        "idempotency" | "idempotent" => {
            let header = configuration.settings.idempotency_header.as_ref()?;
            (header.span, "keys are sent")
        }
        _ => return None,
    };
    Some(place)
}
