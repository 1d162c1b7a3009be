//! WH652: `criticality` and what our systems need do not fit.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::lower::Context;
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
pub(super) fn check(context: &mut Context<'_>, integration: &Integration) {
    let Some(criticality) = integration.frontmatter.criticality else {
        return;
    };
    let systems = &integration.dependencies.systems;
    let says = |system: &&System, words: &str| {
        let importance = system.importance.as_ref();
        importance.is_some_and(|i| i.value.to_lowercase().starts_with(words))
    };
    let system = match criticality.value {
        Criticality::Low => systems.iter().find(|system| says(system, "critical")),
        Criticality::High if systems.iter().all(|system| says(&system, "nice to have")) => {
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
        context,
        CODE,
        format!("the criticality is {word}, and `{name}` says `{needed}`"),
        (criticality.span, word),
        (importance.span, &format!("of `{name}`")),
        "the smallest change: `criticality: medium`",
    );
}
