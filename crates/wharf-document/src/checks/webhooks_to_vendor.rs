//! WH659: webhooks are to be sent to the vendor.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;
use crate::parse::url;

pub(crate) const CODE: Code = Code {
    id: "WH659",
    slug: "webhooks-to-vendor",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("webhooks_to_vendor.md"),
};

/// Compares the hosts.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(written) = &integration.configuration.settings.webhook_url else {
        return;
    };
    let Ok(ours) = url::parse(&written.value) else {
        return;
    };
    let endpoints = integration
        .environments
        .iter()
        .filter_map(|e| e.endpoint.as_ref());
    // Two programs of one machine may share its address.
    let mut same = endpoints.filter(|endpoint| {
        endpoint.value.authority() == ours.authority() && !url::is_private_host(&ours.host)
    });
    if let Some(endpoint) = same.next() {
        disagree(
            findings,
            CODE,
            format!(
                "webhooks are sent to {}, which is the vendor's own host",
                ours.host
            ),
            (written.span, "where the vendor sends webhooks"),
            (endpoint.span, "the vendor"),
            "the smallest change: name the host on our side",
        );
    }
}
