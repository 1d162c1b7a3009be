//! WH662: a migration step names an environment that there is not.

use wharf_diag::{Code, Diagnostic, Page, Severity, closest};

use crate::findings::Findings;
use crate::findings::listed;
use crate::model::{Integration, MigrationStep};

pub(crate) const CODE: Code = Code {
    id: "WH662",
    slug: "step-environment-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("step_environment_unknown.md"),
};

/// Looks up the environments of steps that can mean nothing else: `Update SDK` is for people.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let environments = integration.environments.iter();
    let known: Vec<_> = environments
        .map(|known| known.name.value.as_str())
        .collect();
    if known.is_empty() {
        return;
    }
    for (text, step) in &integration.roadmap.steps {
        let (MigrationStep::Test { environment } | MigrationStep::Canary { environment, .. }) =
            step
        else {
            continue;
        };
        if known
            .iter()
            .any(|known| known.eq_ignore_ascii_case(environment))
        {
            continue;
        }
        let message = format!("the step is for `{environment}`, which is no environment");
        let found = Diagnostic::new(CODE, Severity::Warning, message, findings.source, text.span)
            .with_help(format!("known: {}", listed(&known)));
        let found = match closest(environment, known.iter().copied()) {
            Some(meant) => found.with_label(format!("did you mean `{meant}`?")),
            None => found,
        };
        findings.report(found);
    }
}
