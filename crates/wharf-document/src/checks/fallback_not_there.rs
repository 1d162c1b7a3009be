//! WH689: the fallback is a copy that the document says is empty or not made.

use wharf_diag::{Code, Page, Span};

use super::disagree;
use crate::findings::Findings;
use crate::model::{Fallback, Integration};
use crate::prose::{Prose, has, plain};

pub(crate) const CODE: Code = Code {
    id: "WH689",
    slug: "fallback-not-there",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("fallback_not_there.md"),
};

/// What says that a copy holds nothing.
const EMPTY: [&str; 22] = [
    "is empty",
    "are empty",
    "stays empty",
    "still empty",
    "holds nothing",
    "contains nothing",
    "has no data",
    "has no files",
    "is not filled",
    "not filled",
    "is not synced",
    "no longer synced",
    "is switched off",
    "was switched off",
    "is turned off",
    "is shut down",
    "was shut down",
    "was deleted",
    "is deleted",
    "was cancelled",
    "is disabled",
    "does not exist",
];

/// What a feature is called that makes copies.
const COPIES: [&str; 14] = [
    "replication",
    "replica",
    "mirror",
    "mirroring",
    "copy",
    "copies",
    "sync",
    "backup",
    "backups",
    "standby",
    "failover",
    "fallback",
    "secondary",
    "copied",
];

/// What makes it empty somewhere else, or at another time.
const OTHERWISE: [&str; 10] = [
    "until",
    "if",
    "when",
    "staging",
    "sandbox",
    "test",
    "development",
    "before",
    "unless",
    "never",
];

/// Words in capitals that name nothing.
const FILLERS: [&str; 12] = [
    "The", "This", "Our", "A", "An", "Read", "None", "Same", "Other", "In", "Fallback", "It",
];

/// Looks for the names of the fallback where something is said to be empty or off.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let Some(fallback) = &integration.recovery.fallback else {
        return;
    };
    let Fallback::Words(words) = &fallback.value else {
        return;
    };
    let names = names(words);
    let own = integration.display_name();
    let names: Vec<_> = names
        .into_iter()
        .filter(|name| !has(&plain(own), &[name.trim()]))
        .collect();
    if names.is_empty() {
        return;
    }
    let is_named = |text: &str| names.iter().any(|name| text.contains(name.as_str()));
    let Some((place, label)) =
        off(integration, &is_named).or_else(|| empty(prose, fallback.span, &is_named))
    else {
        return;
    };
    disagree(
        findings,
        CODE,
        format!("the fallback is {words}, and the document says that it {label}"),
        (fallback.span, "what stands in"),
        (place, label),
        "the smallest change: name a fallback that is there, or `none` with a reason",
    );
}

/// Names in the words of a fallback, as plain texts.
fn names(words: &str) -> Vec<String> {
    let words = words.split(|c: char| !(c.is_alphanumeric() || c == '-'));
    let mut names = Vec::new();
    for word in words.filter(|word| word.len() > 2) {
        let is_name = word.starts_with(char::is_uppercase) || word.contains('-');
        if is_name && !FILLERS.contains(&word) {
            names.push(plain(word));
        }
    }
    names
}

/// A feature that makes the copy, and is disabled.
fn off(integration: &Integration, is_named: &dyn Fn(&str) -> bool) -> Option<(Span, &'static str)> {
    let mut features = integration.configuration.features.iter();
    let off = features.find(|feature| {
        let reason = feature.reason.as_ref().map_or("", |reason| &reason.value);
        let said = format!("{}{}", plain(&feature.name.value), plain(reason));
        let is_off = feature.enabled.is_some_and(|enabled| !enabled.value);
        is_off && has(&said, &COPIES) && is_named(&said) && !has(&said, &OTHERWISE)
    })?;
    Some((off.name.span, "is not made"))
}

/// A sentence that says it of the copy.
fn empty(
    prose: &Prose<'_>,
    own: Span,
    is_named: &dyn Fn(&str) -> bool,
) -> Option<(Span, &'static str)> {
    let mut said = prose.told().filter(|said| {
        let is_own = said.span().start <= own.start && own.end <= said.span().end;
        !is_own && said.has(&EMPTY) && !said.has(&OTHERWISE)
    });
    let found = said.find(|said| is_named(said.plain()))?;
    Some((found.span(), "is not there"))
}
