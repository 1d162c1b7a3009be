//! Settings of environments that the document does not have.

use wharf_diag::Spanned;

use super::environment_names;
use crate::findings::{Findings, environment_unknown};
use crate::model::Integration;

pub(super) use crate::findings::environment_unknown::PAGE;

/// Looks up the environment of every setting that stands for one.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let (known, lower_case) = environment_names(integration);
    let own = integration.configuration.by_environment.iter();
    for Spanned { value: name, span } in own.map(|own| &own.environment) {
        if !lower_case.contains(&name.to_lowercase()) {
            findings.report_at(*span, |source, span| {
                environment_unknown::of_setting(source, span, name, &known)
            });
        }
    }
}
