//! Names that secrets have, and words around them that make them names of something else.

use std::ops::Range;

use super::alphabet::run;

/// A name that a secret has.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Name {
    /// `key`: most often not the name of a secret.
    Key,
    /// `token`, `secret`, `credential`.
    Secret,
    /// `Bearer`, which the value follows at once.
    Bearer,
    Password,
}

impl Name {
    /// How they are written, in any case.
    pub(super) const WORDS: [(&'static str, Self); 9] = [
        ("key", Self::Key),
        ("secret", Self::Secret),
        ("token", Self::Secret),
        ("credential", Self::Secret),
        ("bearer", Self::Bearer),
        ("password", Self::Password),
        ("passphrase", Self::Password),
        ("passwd", Self::Password),
        ("pwd", Self::Password),
    ];
}

/// Words before a name that make it the name of something public.
const PUBLIC: [&str; 30] = [
    "public",
    "publishable",
    "page",
    "cursor",
    "next",
    "previous",
    "continuation",
    "sync",
    "csrf",
    "xsrf",
    "max",
    "idempotency",
    "idempotent",
    "cache",
    "primary",
    "foreign",
    "partition",
    "sort",
    "row",
    "object",
    "shard",
    "dedup",
    "deduplication",
    "routing",
    "unique",
    "issue",
    "project",
    "lookup",
    "hash",
    "anon",
];

/// Words before `key` that make it the name of a secret.
const SECRET: [&str; 26] = [
    "api",
    "secret",
    "access",
    "auth",
    "private",
    "signing",
    "encryption",
    "service",
    "master",
    "admin",
    "app",
    "application",
    "client",
    "account",
    "license",
    "webhook",
    "role",
    "deploy",
    "hmac",
    "shared",
    "server",
    "write",
    "ingest",
    "live",
    "production",
    "integration",
];

/// What may stand behind a name, as in `token_prod` or `keys`.
const ENDINGS: [&str; 12] = [
    "",
    "s",
    "value",
    "prod",
    "production",
    "staging",
    "live",
    "dev",
    "development",
    "test",
    "main",
    "default",
];

/// A name as it stands in a text.
pub(super) struct Named {
    pub(super) name: Name,
    pub(super) place: Range<usize>,
    /// Whether it is the name of a secret for sure, as `api_key` and not `key` alone.
    pub(super) is_strong: bool,
}

/// The whole name of which a part was met; `None` where it is the name of something public.
pub(super) fn whole(text: &str, met: &Range<usize>, name: Name) -> Option<Named> {
    let end = end(text, met.end)?;
    let qualifier = qualifier(text, met.start);
    let is_any = |words: &[&str]| words.iter().any(|word| ends_with_word(qualifier, word));
    if is_any(&PUBLIC) {
        return None;
    }
    Some(Named {
        name,
        place: met.start..end,
        is_strong: name != Name::Key || is_any(&SECRET),
    })
}

/// Where a name ends; `None` where more words make it another name.
fn end(text: &str, from: usize) -> Option<usize> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let ending = run(text, from, is_part, 24);
    let end = ending.end;
    let word = text[ending].trim_matches(|c: char| matches!(c, '_' | '-') || c.is_ascii_digit());
    ENDINGS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
        .then_some(end)
}

/// The word before a name: `api` of `api_key`, `nextPage` of `nextPageToken`.
fn qualifier(text: &str, at: usize) -> &str {
    let bytes = &text.as_bytes()[..at];
    let gap = bytes
        .iter()
        .rev()
        .take(2)
        .take_while(|byte| b"_- .".contains(byte))
        .count();
    let end = at - gap;
    let length = bytes[..end]
        .iter()
        .rev()
        .take(24)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    &text[end - length..end]
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.len() >= word.len()
        && text.as_bytes()[text.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
}
