//! Names that secrets have, and words around them that make them names of something else.

use std::ops::Range;

use super::alphabet::run;
use super::key_words::{behind, is_of_network, is_of_resource, is_public_before};
use super::name_words;

/// Longest word beside a name that is looked at, in characters.
pub(super) const MOST_WORD: usize = 24;

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
    /// `mnemonic`, `recovery phrase`: words and nothing else.
    Phrase,
    /// `login`: a password may follow the name of a user.
    Login,
}

/// What may be glued in front of a short name: `dbpass`, `PGPASS`.
const BEFORE_SHORT: [&str; 29] = [
    "db",
    "user",
    "smtp",
    "imap",
    "mail",
    "mysql",
    "pg",
    "root",
    "admin",
    "http",
    "ftp",
    "sql",
    "redis",
    "ldap",
    "bind",
    "my",
    "api",
    "proxy",
    "sudo",
    "key",
    "store",
    "rsync",
    "auth",
    "srcstore",
    "deststore",
    "srckey",
    "destkey",
    "truststore",
    "keystore",
];

/// Words before a name that make it the name of something public.
const PUBLIC: [&str; 56] = [
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
    "verification",
    "ffentlicher",
    "ffentliche",
    "ffentlichen",
    "openbare",
    "publieke",
    "publik",
    "publika",
    "offentlig",
    "julkinen",
    "veřejný",
    "ткрытый",
    "убличный",
    "公開",
    "公开",
    "공개",
];

/// What is checked against a text: `checksum/secret`.
const DIGESTS: [&str; 5] = ["checksum", "hash", "digest", "sha256", "md5"];

/// Words before a password that make it something else. The password of a project, a site or a sync is
/// one.
const NO_PASSWORD: [&str; 9] = [
    "hashed",
    "checksum",
    "hash",
    "digest",
    "i18n",
    "translation",
    "message",
    "feature",
    "flag",
];

/// Words before `key` that make it the name of a secret.
const SECRET: [&str; 56] = [
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
    "geheimer",
    "geheime",
    "geheimen",
    "hemlig",
    "hemmelig",
    "salainen",
    "tajny",
    "tajný",
    "gizli",
    "секретный",
    "アクセス",
    "シークレット",
];

/// What may stand behind a name, as in `token_prod` or `keys`.
const ENDINGS: [&str; 34] = [
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
    "private",
    "b64",
    "base64",
    "json",
    "env",
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
    /// The name as far as it was met.
    pub(super) fn name_of<'a>(&self, text: &'a str) -> &'a str {
        &text[self.place.clone()]
    }

    /// Whether its value may be several words.
    pub(super) fn is_of_words(&self) -> bool {
        matches!(self.name, Name::Password | Name::Phrase)
    }

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
    let is_short = name_words::is_short(word);
    if name_words::is_apart(word) && !stands_apart(text, met) {
        return None;
    }
    let may_go_on = name == Name::Key && !word.eq_ignore_ascii_case("key");
    let more = if may_go_on || word.eq_ignore_ascii_case("clave") {
        behind(&text[met.end..])?
    } else {
        0
    };
    let end = end(text, met.end + more)?;
    let qualifier = qualifier(text, met.start);
    let is_any = |words: &[&str]| {
        let is_met = |word: &&str| ends_with_word(&text[qualifier.clone()], word);
        words.iter().any(is_met)
    };
    let is_public = if name == Name::Password {
        is_any(&NO_PASSWORD)
    } else {
        // What signs the tokens of forms is no such token.
        let signs_forms = word.eq_ignore_ascii_case("secret") && is_any(&["csrf", "xsrf"]);
        is_any(&PUBLIC) && !signs_forms
    };
    // A type is no value: `AWS::ApiGateway::ApiKey`. Neither is the name of a resource.
    if is_public || is_public_before(text, &qualifier, name) || is_of_resource(text, met.start) {
        return None;
    }
    if text[..qualifier.start].ends_with("::") {
        return None;
    }
    let is_digest = |path: &str| DIGESTS.iter().any(|word| ends_with_word(path, word));
    if text[..met.start].strip_suffix('/').is_some_and(is_digest) {
        return None;
    }
    // A key that says of what it is one is no password: `clave de API`.
    let name = match name {
        Name::Key | Name::Password if is_of_network(text, &qualifier, met.end, more) => {
            Name::Password
        }
        _ if more > 0 => Name::Secret,
        _ => name,
    };
    Some(Named {
        name,
        place: met.start..end,
        is_strong: name != Name::Key || more > 0 || is_any(&SECRET),
        needs_sign: is_short && more == 0,
    })
}

/// Whether a short name is a word of its own, `DB_PASS`, `dbPass`, and no part of one, `bypass`.
fn stands_apart(text: &str, met: &Range<usize>) -> bool {
    let before = &text[qualifier(text, met.start)];
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
    // Katakana goes on without a space: a keyword, a keyboard.
    let is_katakana = |sign: char| ('\u{30a1}'..='\u{30fc}').contains(&sign);
    if text[..from].ends_with(is_katakana) && text[from..].starts_with(is_katakana) {
        return None;
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let ending = run(text, from, is_part, MOST_WORD);
    let end = ending.end;
    let word = text[ending].trim_matches(|c: char| matches!(c, '_' | '-') || c.is_ascii_digit());
    ENDINGS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(word))
        .then_some(end)
}

/// The word before a name: `api` of `api_key`, `nextPage` of `nextPageToken`.
pub(super) fn qualifier(text: &str, at: usize) -> Range<usize> {
    let gap = text.as_bytes()[..at]
        .iter()
        .rev()
        .take(2)
        .take_while(|byte| b"_- .".contains(byte))
        .count();
    let before = &text[..at - gap];
    let length: usize = before
        .chars()
        .rev()
        .take(MOST_WORD)
        .take_while(|sign| sign.is_alphanumeric())
        .map(char::len_utf8)
        .sum();
    before.len() - length..before.len()
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.len() >= word.len()
        && text.as_bytes()[text.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
}
