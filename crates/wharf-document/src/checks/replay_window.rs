//! WH682: events are remembered for a shorter time than they may come again.

use wharf_diag::{Code, Page, Span};

use std::time::Duration;

use super::disagree;
use crate::findings::Findings;
use crate::model::Integration;
use crate::parse::duration::shown;
use crate::parse::words;
use crate::prose::{Prose, Sentence, has, plain};
use crate::raw::Stretch;

pub(crate) const CODE: Code = Code {
    id: "WH682",
    slug: "replay-window",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("replay_window.md"),
};

/// What is remembered.
const IDS: [&str; 12] = [
    "id",
    "ids",
    "nonce",
    "nonces",
    "events",
    "event",
    "deliveries",
    "delivery",
    "duplicates",
    "duplicate",
    "webhooks",
    "keys",
];

/// How it is remembered.
const KEPT: [&str; 18] = [
    "forgets",
    "forget",
    "forgotten",
    "kept",
    "keep",
    "keeps",
    "remembered",
    "remember",
    "remembers",
    "stored",
    "store",
    "held",
    "hold",
    "known",
    "cached",
    "deduplicated",
    "recorded",
    "dropped",
];

/// What the vendor does when no answer came.
const AGAIN: [&str; 13] = [
    "again",
    "retries",
    "retry",
    "retried",
    "repeats",
    "repeat",
    "repeated",
    "redelivers",
    "redelivered",
    "resends",
    "resend",
    "tries",
    "redelivery",
];

/// What comes in.
const EVENTS: [&str; 6] = [
    "event",
    "events",
    "webhook",
    "webhooks",
    "delivery",
    "deliveries",
];

/// What makes a second handling harmless, or the time that of something else.
const EXPLAINED: [&str; 12] = [
    "idempotent",
    "harmless",
    "no harm",
    "test",
    "sandbox",
    "staging",
    "until",
    "was",
    "formerly",
    "our retries",
    "we retry",
    "wait",
];

/// Compares how long ids are kept with how long a signature is good, and with how long the vendor
/// sends an event again.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let Some(verification) = &integration.webhooks.verification else {
        return;
    };
    let said = || {
        prose
            .told()
            .filter(|sentence| is_about_webhooks(prose, sentence))
    };
    let Some((kept, place)) = said().find_map(|said| time(said, is_kept)) else {
        return;
    };
    let tolerance = verification.tolerance;
    let tolerance = tolerance.map(|time| {
        (
            time.value,
            time.span,
            "a signature is good for",
            "`Tolerance`",
        )
    });
    let again = said().find_map(|said| time(said, is_again));
    let again = again.map(|(time, span)| {
        (
            time,
            span,
            "the vendor sends again for",
            "as long as the vendor repeats",
        )
    });
    let mut longer = [tolerance, again].into_iter().flatten();
    let Some((longer, there, words, what)) = longer.find(|(time, ..)| *time > kept) else {
        return;
    };
    let (kept, longer) = (shown(kept), shown(longer));
    disagree(
        findings,
        CODE,
        format!("events are remembered for {kept}, and {words} {longer}"),
        (place, &format!("forgotten after {kept}")),
        (there, &format!("{words} {longer}")),
        &format!("{kept} < {longer}; the smallest change: remember them for {longer}, {what}"),
    );
}

fn is_about_webhooks(prose: &Prose<'_>, sentence: &Sentence) -> bool {
    let names = [
        "event id",
        "event ids",
        "webhook id",
        "webhook ids",
        "delivery id",
        "delivery ids",
    ];
    let is_here = sentence.is_in("Webhooks") || sentence.has(&names);
    // `We drop an event that we have seen; an id is forgotten after a day.`
    let is_of_one = || {
        let of_events = |said: &Sentence<'_>| said.has(&EVENTS);
        let is_kin = sentence.has(&[
            "an id",
            "its id",
            "the id",
            "the ids",
            "their ids",
            "nonces",
        ]);
        let is_again = sentence.has(&AGAIN) && sentence.has(&EVENTS);
        is_again || is_kin && prose.block(sentence.block).iter().any(of_events)
    };
    (is_here || is_of_one()) && !sentence.has(&EXPLAINED)
}

/// The time of the first clause that tells it.
fn time(sentence: &Sentence, is: fn(&str) -> bool) -> Option<(Duration, Span)> {
    let tells = |clause: &Stretch<'_>| {
        let (time, range) = words::find_duration(clause.as_str())?;
        is(&plain(clause.as_str())).then(|| (time, clause.span_of(range)))
    };
    sentence.clauses().iter().find_map(tells)
}

fn is_kept(clause: &str) -> bool {
    has(clause, &IDS) && has(clause, &KEPT) && !is_again(clause)
}

/// For how long, not how often.
fn is_again(clause: &str) -> bool {
    has(clause, &AGAIN)
        && has(clause, &["for", "up to", "over", "within", "during"])
        && !has(clause, &["every", "after"])
}
