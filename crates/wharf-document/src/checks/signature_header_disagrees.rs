//! WH681: the signature is read from another header than `Header` names.

use wharf_diag::{Code, Page};

use super::disagree;
use crate::findings::Findings;
use crate::model::{EventField, Integration};
use crate::prose::{Prose, Sentence};
use crate::raw::Stretch;

pub(crate) const CODE: Code = Code {
    id: "WH681",
    slug: "signature-header-disagrees",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("signature_header_disagrees.md"),
};

/// What tells of another header that comes too, came once, or is ours.
const EXPLAINED: [&str; 27] = [
    "also",
    "too",
    "as well",
    "older",
    "old",
    "former",
    "formerly",
    "legacy",
    "deprecated",
    "ignore",
    "ignored",
    "not",
    "never",
    "other",
    "others",
    "another",
    "second",
    "additional",
    "until",
    "was",
    "still",
    "either",
    "or",
    "instead",
    "outgoing",
    "we sign",
    "we send",
];

/// Keys of the Verification list whose value is no remark.
const KEYS: [&str; 8] = [
    "header",
    "timestamp header",
    "event type",
    "event id",
    "secret",
    "signed content",
    "encoding",
    "scheme",
];

/// What else a header may carry.
const OTHERS: [&str; 10] = [
    "time",
    "timestamp",
    "date",
    "event",
    "id",
    "version",
    "topic",
    "nonce",
    "delivery",
    "request",
];

/// Compares the headers of signatures in prose with `Header`.
pub(super) fn check(findings: &mut Findings<'_>, integration: &Integration, prose: &Prose<'_>) {
    let Some(verification) = &integration.webhooks.verification else {
        return;
    };
    let Some(header) = &verification.header else {
        return;
    };
    let of_field = |field: &EventField| match field {
        EventField::Header(name) => Some(name.clone()),
        EventField::Pointer(_) => None,
    };
    let fields = [&verification.event_id, &verification.event_type]
        .into_iter()
        .flatten();
    let mut known: Vec<_> = fields.filter_map(|field| of_field(&field.value)).collect();
    known.extend(
        verification
            .timestamp_header
            .as_ref()
            .map(|name| name.value.clone()),
    );
    let key = header.value.to_lowercase();
    let names_key = |block: usize| {
        let mut sentences = prose.block(block).iter();
        sentences.any(|said| said.text.as_str().to_lowercase().contains(&key))
    };
    for sentence in prose.told().filter(|sentence| is_about_webhooks(sentence)) {
        let found = headers(sentence.text).into_iter().find(|name| {
            let lower = name.as_str().to_lowercase();
            is_of_signature(&lower, sentence) && lower != key && !known.contains(&lower)
        });
        let Some(name) = found.filter(|_| !names_key(sentence.block)) else {
            continue;
        };
        let (written, other) = (&header.value, name.as_str());
        disagree(
            findings,
            CODE,
            format!("`Header` is `{written}`, and the signature is read from `{other}`"),
            (name.span(), "where the signature is read"),
            (header.span, "where it stands"),
            "the smallest change: write one name in both places",
        );
        return;
    }
}

fn is_about_webhooks(sentence: &Sentence) -> bool {
    let key = sentence
        .text
        .split_key()
        .map(|(key, _)| key.as_str().to_lowercase());
    let is_value = key.is_some_and(|key| KEYS.contains(&key.as_str()));
    let is_here = sentence.is_in("Webhooks") || sentence.has(&["webhook", "webhooks"]);
    is_here && !is_value && &*sentence.part != "outgoing" && !sentence.has(&EXPLAINED)
}

/// Words that look like the name of a header.
fn headers(text: Stretch<'_>) -> Vec<Stretch<'_>> {
    let words = text.split(|value, at| {
        let sign = value[at..].chars().next().unwrap_or(' ');
        let is_word = sign.is_ascii_alphanumeric() || sign == '-';
        if is_word { 0 } else { sign.len_utf8() }
    });
    let is_header = |word: &Stretch<'_>| {
        let word = word.as_str();
        let starts = word.starts_with(|c: char| c.is_ascii_uppercase()) || word.starts_with("x-");
        starts && word.contains('-') && !word.ends_with('-')
    };
    words.into_iter().filter(is_header).collect()
}

fn is_of_signature(lower: &str, sentence: &Sentence) -> bool {
    let mut parts = lower.split('-');
    let is_algorithm = parts.clone().next().is_some_and(|first| {
        ["hmac", "sha", "sha1", "sha256", "rsa", "ecdsa", "ed25519"].contains(&first)
    });
    let is_named = ["signature", "hmac", "digest"]
        .iter()
        .any(|word| lower.contains(word))
        || parts.any(|part| matches!(part, "sig" | "sign"));
    let is_other = lower.split('-').any(|part| OTHERS.contains(&part));
    let says_so = lower.starts_with("x-") && sentence.has(&["signature", "signatures", "hmac"]);
    !is_algorithm && !is_other && (is_named || says_so)
}
