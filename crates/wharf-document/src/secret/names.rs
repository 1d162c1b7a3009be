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
    pub(super) const WORDS: [(&'static str, Self); 31] = [
        ("key", Self::Key),
        ("secret", Self::Secret),
        ("token", Self::Secret),
        ("credential", Self::Secret),
        ("bearer", Self::Bearer),
        ("password", Self::Password),
        ("passphrase", Self::Password),
        ("passwd", Self::Password),
        ("pwd", Self::Password),
        ("pass", Self::Password),
        ("pw", Self::Password),
        ("passwort", Self::Password),
        ("passwörter", Self::Password),
        ("kennwort", Self::Password),
        ("mot de passe", Self::Password),
        ("contraseña", Self::Password),
        ("contrasena", Self::Password),
        ("senha", Self::Password),
        ("wachtwoord", Self::Password),
        ("пароль", Self::Password),
        ("密码", Self::Password),
        ("schlüssel", Self::Key),
        ("geheimnis", Self::Secret),
        ("jeton", Self::Secret),
        ("clé api", Self::Secret),
        ("clé d'api", Self::Secret),
        ("clave api", Self::Secret),
        ("clave de api", Self::Secret),
        ("chave de api", Self::Secret),
        // The configuration of Redis has no signs.
        ("requirepass", Self::Password),
        // SQL: `CREATE USER u IDENTIFIED BY '…'`.
        ("identified by", Self::Password),
    ];
}

/// Names that are words, or parts of words, of sentences too: they need a sign before the value.
const SHORT: [&str; 3] = ["pass", "pw", "pwd"];

/// What may be glued in front of a short name: `dbpass`, `PGPASS`.
const BEFORE_SHORT: [&str; 18] = [
    "db", "user", "smtp", "imap", "mail", "mysql", "pg", "root", "admin", "http", "ftp", "sql",
    "redis", "ldap", "my", "api", "proxy", "sudo",
];

/// Words before a name that make it the name of something public.
const PUBLIC: [&str; 40] = [
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
    "site",
    "feature",
    "flag",
    "config",
    "translation",
    "i18n",
    "message",
    "registry",
    "hashed",
    "digest",
];

/// Words before `key` that make it the name of a secret.
const SECRET: [&str; 44] = [
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
    "session",
    "security",
    "storage",
    "sdk",
    "rest",
    "bot",
    "team",
    "merchant",
    "partner",
    "subscription",
    "functions",
    "host",
    "restricted",
    "crypto",
    "jwt",
    "stripe",
    "openai",
    "anthropic",
];

/// What may stand behind a name, as in `token_prod` or `keys`.
const ENDINGS: [&str; 29] = [
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
    "prd",
    "stg",
    "stage",
    "uat",
    "qa",
    "eu",
    "us",
    "old",
    "new",
    "current",
    "primary",
    "secondary",
    "backup",
    "local",
    "base",
    "string",
    "text",
];

/// A name as it stands in a text.
pub(super) struct Named {
    pub(super) name: Name,
    pub(super) place: Range<usize>,
    /// Whether it is the name of a secret for sure, as `api_key` and not `key` alone.
    pub(super) is_strong: bool,
    /// Whether it is one only before a sign such as `=`.
    pub(super) needs_sign: bool,
}

impl Named {
    /// Where the whole name starts: `STRIPE_API_KEY`, of which `KEY` was met.
    pub(super) fn whole_start(&self, text: &str) -> usize {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte);
        let before = text.as_bytes()[..self.place.start].iter().rev().take(48);
        self.place.start - before.take_while(|byte| is_part(**byte)).count()
    }
}

/// The whole name of which a part was met; `None` where it is the name of something public.
pub(super) fn whole(text: &str, met: &Range<usize>, name: Name) -> Option<Named> {
    let word = &text[met.clone()];
    let is_short = SHORT.iter().any(|short| word.eq_ignore_ascii_case(short));
    if is_short && !stands_apart(text, met) {
        return None;
    }
    let end = end(text, met.end)?;
    let qualifier = qualifier(text, met.start);
    let is_any = |words: &[&str]| words.iter().any(|word| ends_with_word(qualifier, word));
    // A type is no value: `AWS::ApiGateway::ApiKey`.
    if is_any(&PUBLIC) || text[..met.start - qualifier.len()].ends_with("::") {
        return None;
    }
    Some(Named {
        name,
        place: met.start..end,
        is_strong: name != Name::Key || is_any(&SECRET),
        needs_sign: is_short,
    })
}

/// Whether a short name is a word of its own, `DB_PASS`, `dbPass`, and no part of one, `bypass`.
fn stands_apart(text: &str, met: &Range<usize>) -> bool {
    let before = qualifier(text, met.start);
    let starts_big = text.as_bytes()[met.start].is_ascii_uppercase();
    let is_joined = text[..met.start].ends_with(|c: char| c.is_alphanumeric());
    let is_camel = starts_big && before.ends_with(|c: char| c.is_ascii_lowercase());
    !is_joined
        || is_camel
        || BEFORE_SHORT
            .iter()
            .any(|word| before.eq_ignore_ascii_case(word))
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
