//! WH652: `criticality` and what our systems need do not fit.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Criticality, Integration, System};

pub(crate) const CODE: Code = Code {
    id: "WH652",
    slug: "criticality-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("criticality_disagrees.md"),
};

/// Compares the criticality with the words of the systems.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration) {
    inactive(findings, integration);
    let Some(criticality) = integration.frontmatter.criticality else {
        return;
    };
    let systems = &integration.dependencies.systems;
    let system = match criticality.value {
        Criticality::Low => systems.iter().find(|system| says(system, "critical")),
        Criticality::High if systems.iter().all(|system| says(system, "nice to have")) => {
            systems.first()
        }
        _ => None,
    };
    let Some((system, importance)) = system.and_then(|s| Some((s, s.importance.as_ref()?))) else {
        return;
    };
    let (word, name) = (criticality.value.as_str(), &system.name.value);
    let needed = &importance.value;
    disagree(
        findings,
        CODE,
        format!("the criticality is {word}, and `{name}` says `{needed}`"),
        (criticality.span, word),
        (importance.span, &format!("of `{name}`")),
        "the smallest change: `criticality: medium`",
    );
}

/// `active: false` beside a system that cannot do without.
fn inactive(findings: &mut Findings<'_>, integration: &Integration) {
    let Some(active) = integration
        .frontmatter
        .active
        .filter(|active| !active.value)
    else {
        return;
    };
    let mut systems = integration.dependencies.systems.iter();
    let system = systems.find(|system| says(system, "critical"));
    if let Some((system, importance)) = system.and_then(|s| Some((s, s.importance.as_ref()?))) {
        let name = &system.name.value;
        disagree(
            findings,
            CODE,
            format!(
                "nothing is called, and `{name}` says `{}`",
                importance.value
            ),
            (active.span, "not active"),
            (importance.span, &format!("of `{name}`")),
            "the smallest change: `active: true`, or take the system out",
        );
    }
}

/// Whether what a system says of the service begins with some words.
fn says(system: &System, words: &str) -> bool {
    let importance = system.importance.as_ref();
    importance.is_some_and(|i| i.value.to_lowercase().starts_with(words))
}
