//! WH687: answers are kept longer than they count as fresh.

use wharf_diag::{Code, Page, Span};

use std::time::Duration;

use super::{disagree, named};
use crate::findings::Findings;
use crate::model::{Bound, Integration, Operation};
use crate::parse::duration::shown;
use crate::parse::words;
use crate::prose::{Prose, Sentence, has, plain};

pub(crate) const CODE: Code = Code {
    id: "WH687",
    slug: "cache-over-freshness",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("cache_over_freshness.md"),
};

/// Names of an objective that bounds the age of what is shown.
const NAMES: [&str; 9] = [
    "freshness",
    "staleness",
    "age",
    "data age",
    "age of answers",
    "max age",
    "stale",
    "fresh",
    "oldest",
];

/// What says the same in a sentence.
const OLDER: [&str; 9] = [
    "older than",
    "at most old",
    "stale for more than",
    "staler than",
    "no older",
    "not older",
    "never older",
    "is older",
    "is stale after",
];

/// What makes the bound one of something else.
const OTHERWISE: [&str; 11] = [
    "outage", "backup", "backups", "log", "logs", "key", "keys", "token", "tokens", "was", "if",
];

/// The largest age, where it is told, and the operations that it is for.
struct Age<'a> {
    most: Duration,
    span: Span,
    /// Empty: for all.
    of: Vec<&'a Operation>,
}

/// Compares the cache times with the objective and with what prose says.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let Some(age) = objective(integration, prose).or_else(|| in_words(integration, prose)) else {
        return;
    };
    let is_meant = |one: &&Operation| age.of.is_empty() || age.of.iter().any(|of| of.id == one.id);
    let operations = integration
        .operations
        .iter()
        .filter(is_meant)
        .filter_map(Operation::fresh);
    let general = integration
        .configuration
        .settings
        .cache_ttl
        .filter(|_| age.of.is_empty());
    let longest = operations.chain(general).max_by_key(|kept| kept.value);
    let Some(longest) = longest.filter(|longest| longest.value > age.most) else {
        return;
    };
    let (kept, fresh) = (shown(longest.value), shown(age.most));
    disagree(
        findings,
        CODE,
        format!("answers are kept for {kept}, and none may be older than {fresh}"),
        (longest.span, &format!("kept for {kept}")),
        (age.span, &format!("at most {fresh} old")),
        &format!("{kept} > {fresh}; the smallest change: keep them for {fresh}"),
    );
}

/// `Freshness: < 24h`. A bound for something that is no operation says nothing of the others.
fn objective<'a>(integration: &'a Integration, prose: &Prose<'_>) -> Option<Age<'a>> {
    let mut objectives = integration.monitoring.objectives.iter();
    objectives.find_map(|objective| {
        let comparison = objective.comparison?;
        let Bound::Duration(most) = comparison.value.bound else {
            return None;
        };
        let is_age = has(&plain(&objective.name.value), &NAMES);
        if !is_age || !comparison.value.operator.wants_less() {
            return None;
        }
        let mut said = prose.told().filter(|said| {
            said.span().start <= objective.name.span.start
                && objective.name.span.end <= said.span().end
        });
        let span = comparison.span;
        aged(integration, said.next()?, most, span)
    })
}

/// `No answer that we show is older than 24 hours`.
fn in_words<'a>(integration: &'a Integration, prose: &Prose<'_>) -> Option<Age<'a>> {
    let sections = [
        "API Endpoints",
        "Monitoring",
        "Notes",
        "Configuration",
        "Service Details",
    ];
    let is_here = |said: &&Sentence| sections.iter().any(|section| said.is_in(section));
    prose.told().filter(is_here).find_map(|said| {
        // All of the words have one of these two; few sentences do.
        let is_of_age = ["old", "stal"]
            .iter()
            .any(|part| said.plain().contains(part));
        let is_old =
            || said.has(&OLDER) && said.has(&["no", "not", "never", "none", "nothing", "nobody"]);
        let is_bound = || said.has(&["at most"]) && said.has(&["old", "stale"]);
        if !is_of_age || !is_old() && !is_bound() {
            return None;
        }
        let (most, range) = words::find_duration(said.text.as_str())?;
        aged(integration, said, most, said.text.span_of(range))
    })
}

fn aged<'a>(
    integration: &'a Integration,
    said: &Sentence,
    most: Duration,
    span: Span,
) -> Option<Age<'a>> {
    let of = named::operations(integration, said.plain());
    let is_of_other = of.is_empty() && said.has(&["for", "of", "only", "in"]);
    let is_meant = !most.is_zero() && !is_of_other && !said.has(&OTHERWISE);
    is_meant.then_some(Age { most, span, of })
}
