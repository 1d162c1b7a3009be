//! WH647: the default environment is not in use.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;

pub(crate) const CODE: Code = Code {
    id: "WH647",
    slug: "default-not-in-use",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("default_not_in_use.md"),
};

/// First words of a status that says so. Other words may mean anything.
const OUT_OF_USE: [&str; 17] = [
    "inactive",
    "disabled",
    "deactivated",
    "planned",
    "retired",
    "deprecated",
    "decommissioned",
    "suspended",
    "off",
    "offline",
    "down",
    "closed",
    "frozen",
    "archived",
    "paused",
    "not",
    "unused",
];

/// Looks up the row of the default environment.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(named) = &integration.frontmatter.environment else {
        return;
    };
    let row = integration.default_environment();
    let Some(environment) = row.and_then(|row| integration.environments.get(row)) else {
        return;
    };
    let Some(status) = &environment.status else {
        return;
    };
    let mut words = status.value.split(|c: char| !c.is_alphanumeric());
    let first = words.next().unwrap_or_default();
    if !OUT_OF_USE
        .iter()
        .any(|word| first.eq_ignore_ascii_case(word))
    {
        return;
    }
    let mut others = integration
        .environments
        .iter()
        .filter(|other| other.is_active());
    let change = match others.next() {
        Some(other) => format!("write `environment: {}`", other.name.value.to_lowercase()),
        None => "write `active: false`".to_owned(),
    };
    let name = &environment.name.value;
    disagree(
        findings,
        CODE,
        format!(
            "calls go to `{name}` by default, and its status is `{}`",
            status.value
        ),
        (named.span, "the default environment"),
        (status.span, "not in use"),
        &format!("the smallest change: {change}"),
    );
}
