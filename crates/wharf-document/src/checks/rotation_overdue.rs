//! WH622: a credential should have been rotated.

use std::time::Duration;

use jiff::Timestamp;
use wharf_diag::{Code, Diagnostic, Page, Severity};

use super::day_of;
use crate::model::Integration;
use crate::parse::duration::shown;

pub(crate) const CODE: Code = Code {
    id: "WH622",
    slug: "rotation-overdue",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("rotation_overdue.md"),
};

/// Compares the last rotation of each credential with how long it may be used.
pub(super) fn check(integration: &Integration, now: Timestamp) -> Vec<Diagnostic> {
    let today = day_of(now);
    let general = integration
        .authentication
        .as_ref()
        .and_then(|authentication| authentication.rotation_period);
    let mut diagnostics = Vec::new();
    for credential in &integration.credentials {
        let (Some(rotated), Some(period)) = (credential.rotated, credential.rotation.or(general))
        else {
            continue;
        };
        let days = rotated.value.until(today).map_or(0, |span| span.get_days());
        let age = Duration::from_secs(u64::try_from(days).unwrap_or(0).saturating_mul(86_400));
        if age <= period.value {
            continue;
        }
        let environment = &credential.environment.value;
        let message = format!("the credential for `{environment}` should have been rotated");
        diagnostics.push(
            Diagnostic::new(
                CODE,
                Severity::Warning,
                message,
                &integration.source,
                rotated.span,
            )
            .with_label(format!("{days} days ago"))
            .with_secondary(&integration.source, period.span, "how long it may be used")
            .with_help(format!(
                "{today} - {} = {days} days > {}; rotate it, and write down the day",
                rotated.value,
                shown(period.value)
            )),
        );
    }
    diagnostics
}
