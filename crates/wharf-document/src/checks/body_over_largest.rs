//! WH686: what we send in one body is larger than a body may be.

use wharf_diag::{Code, Page, Span};

use super::disagree;
use crate::findings::Findings;
use crate::model::{ByteCount, Integration};
use crate::parse::size;
use crate::prose::{Prose, Sentence, has, plain};
use crate::raw::Stretch;

pub(crate) const CODE: Code = Code {
    id: "WH686",
    slug: "body-over-largest",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("body_over_largest.md"),
};

/// What is bounded, or sent.
const BODY: [&str; 13] = [
    "body", "bodies", "request", "requests", "payload", "payloads", "batch", "batches", "upload",
    "uploads", "template", "file", "message",
];

/// What bounds it.
const BOUND: [&str; 11] = [
    "largest", "most", "max", "maximum", "up to", "limit", "limited", "refuses", "refused",
    "allows", "accepts",
];

/// What makes it ours.
const OURS: [&str; 8] = [
    "we", "our", "ours", "us", "batches", "batch", "import", "export",
];

/// What makes it go in several bodies, or not at all.
const SPLIT: [&str; 17] = [
    "chunk",
    "chunks",
    "piece",
    "pieces",
    "parts",
    "multipart",
    "split",
    "several",
    "never",
    "not",
    "until",
    "was",
    "compressed",
    "gzip",
    "requests of",
    "page",
    "download",
];

/// Compares the sizes of what we send with the largest body.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let most = integration.configuration.settings.max_body;
    let most = most.map(|most| (most.value, most.span));
    let stated = prose.told().filter_map(|said| size_in(said, false));
    let Some((most, there)) = most.into_iter().chain(stated).min_by_key(|(most, _)| *most) else {
        return;
    };
    let mut ours = prose.told().filter_map(|said| size_in(said, true));
    let Some((size, place)) = ours.find(|(size, _)| *size > most) else {
        return;
    };
    let (size, most) = (size.0, most.0);
    disagree(
        findings,
        CODE,
        format!("{size} bytes are sent in one body, and a body has {most} bytes at most"),
        (place, &format!("{size} bytes")),
        (there, &format!("at most {most} bytes")),
        &format!(
            "{size} > {most}; the smallest change: send less at once, or raise the bound if the vendor takes more"
        ),
    );
}

/// The size of a body that a sentence tells: of ours, or the bound of the vendor.
fn size_in(sentence: &Sentence, is_ours: bool) -> Option<(ByteCount, Span)> {
    let sections = ["API Endpoints", "Configuration", "Notes", "Dependencies"];
    // Every unit ends in `b`, or is `byte` or `bytes`.
    let words = sentence.plain();
    let may_hold_one = words.contains("b ") || words.contains("byte");
    let has_figure = may_hold_one && words.bytes().any(|byte| byte.is_ascii_digit());
    let is_here = has_figure && sections.iter().any(|section| sentence.is_in(section));
    if !is_here || sentence.has(&OURS) != is_ours || sentence.has(&SPLIT) {
        return None;
    }
    let sized: Vec<_> = sentence
        .clauses()
        .into_iter()
        .filter_map(|clause| {
            let (size, range) = size::find(clause.as_str())?;
            Some((size, clause.span_of(range), clause))
        })
        .collect();
    let key = sentence
        .text
        .split_key()
        .map(|(key, _)| plain(key.as_str()));
    let names_body = |text: &str| has(text, &BODY);
    let in_clause = |clause: &Stretch<'_>| names_body(&plain(clause.as_str()));
    // Where several sizes stand, the one beside the body is that of the body.
    let found = sized.iter().find(|(.., clause)| {
        in_clause(clause)
            && (sized.len() == 1
                || !has(
                    &plain(clause.as_str()),
                    &["texts of", "items of", "rows of"],
                ))
    });
    let only = sized
        .first()
        .filter(|_| sized.len() == 1 && key.is_some_and(|key| names_body(&key)));
    let (size, span, _) = found.or(only)?;
    let is_bound =
        is_ours || sentence.has(&["body", "bodies", "request", "payload"]) && sentence.has(&BOUND);
    is_bound.then_some((*size, *span))
}
