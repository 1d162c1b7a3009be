//! The value in a sentence: "the token for staging is …", "the key of the app: …", "token `…`".
//!
//! English puts the noun that decides behind the others: a token hash is a hash. And what follows
//! "in", "from" or "by" is a place or a doer, no value.

use super::human;

/// Longest distance between a name and its value, in characters.
const MOST_WORDS: usize = 48;

/// Nouns that make the name before them the name of something public.
const PUBLIC: [&str; 84] = [
    "hash",
    "hashes",
    "digest",
    "checksum",
    "sha",
    "sha1",
    "sha256",
    "md5",
    "fingerprint",
    "thumbprint",
    "id",
    "ids",
    "identifier",
    "uid",
    "uuid",
    "guid",
    "name",
    "names",
    "named",
    "alias",
    "version",
    "versions",
    "revision",
    "type",
    "types",
    "class",
    "format",
    "header",
    "field",
    "parameter",
    "param",
    "variable",
    "column",
    "table",
    "path",
    "file",
    "folder",
    "url",
    "uri",
    "arn",
    "policy",
    "prefix",
    "suffix",
    "length",
    "size",
    "algorithm",
    "cipher",
    "scope",
    "owner",
    "role",
    "commit",
    "provider",
    "service",
    "handler",
    "controller",
    "module",
    "function",
    "method",
    "flag",
    "endpoint",
    "issuer",
    "expiry",
    "count",
    "ref",
    "reset",
    "rotation",
    "manager",
    "encoder",
    "strength",
    "rule",
    "rules",
    "requirements",
    "expires",
    "ttl",
    "lifetime",
    "bits",
    "trace",
    "span",
    "request",
    "message",
    "error",
    "tag",
    "ticket",
    // It is met as a name of its own, and says more than the one before it.
    "key",
];

/// What stands before a place, a doer or a way.
const BEFORE_PLACES: [&str; 24] = [
    "in", "by", "from", "with", "at", "under", "via", "through", "on", "into", "inside", "than",
    "like", "see", "using", "and", "or", "called", "named", "over", "commit", "class", "file",
    "against",
];

const STAGES: [&str; 8] = [
    "production",
    "staging",
    "prod",
    "live",
    "test",
    "dev",
    "development",
    "sandbox",
];

/// "Is", in the languages of the names.
const IS: [&str; 29] = [
    " is ",
    " are ",
    " sind ",
    " sont ",
    " son ",
    " são ",
    " sono ",
    " zijn ",
    " jsou ",
    " są ",
    " ist ",
    " est ",
    " es ",
    " was ",
    " remains ",
    " has been ",
    " wurde ",
    " lautet ",
    " è ",
    " é ",
    " je ",
    " är ",
    " er ",
    " este ",
    " jest ",
    " adalah ",
    " là ",
    " lyder ",
    " είναι ",
];
/// What says of a value that it is the one of today.
const NOW: [&str; 31] = [
    "now",
    "currently",
    "again",
    "still",
    "set",
    "to",
    "changed",
    "reset",
    "updated",
    "rotated",
    "geändert",
    "gesetzt",
    "auf",
    "in",
    "zu",
    "jetzt",
    "aktuell",
    "derzeit",
    "weiterhin",
    "nu",
    "momenteel",
    "maintenant",
    "actuellement",
    "désormais",
    "ahora",
    "actualmente",
    "agora",
    "ora",
    "teraz",
    "nyní",
    "сейчас",
];
const SINCE: [&str; 16] = [
    "since", "as", "of", "from", "seit", "ab", "sinds", "vanaf", "depuis", "desde", "dal", "od",
    "sedan", "siden", "с", "fra",
];
/// Words behind "is" that are passed over.
const MOST_ADVERBS: usize = 5;
/// The same in languages that write it behind the name without a space.
const IS_BEHIND: [&str; 9] = ["は", "是", "为", "為", "는", "은", "のは", "이", "가"];

/// What follows "is" behind the name, where the name joins it.
pub(super) fn behind_particle(rest: &str) -> Option<&str> {
    IS_BEHIND.iter().find_map(|is| rest.strip_prefix(is))
}

/// Whether "is" stands before the mark that opens a value.
pub(super) fn ends_with_is(before: &str) -> bool {
    let is_mark = |sign| matches!(sign, '`' | '"' | '“' | '„' | '«' | '*' | '\'');
    let words = before.trim_end_matches(is_mark);
    words.len() < before.len() && IS.iter().any(|is| words.ends_with(is))
}

/// Words before what a secret is for.
const FOR: [&str; 12] = [
    "for ", "of ", "to ", "für ", "zu ", "vom ", "pour ", "de ", "para ", "per ", "voor ", "för ",
];

/// What follows the colon behind the words that say what a secret is for: "PW for the portal: …".
pub(super) fn behind_purpose(words: &str) -> Option<&str> {
    let purpose = FOR.iter().find_map(|word| words.strip_prefix(word))?;
    let is_part = |sign: char| sign.is_alphanumeric() || " -_'’.".contains(sign);
    let mut signs = purpose.char_indices().take(MOST_WORDS);
    let (at, _) = signs.find(|(_, sign)| !is_part(*sign))?;
    purpose[at..].strip_prefix(':')
}

/// The words behind "is", when it stands first.
pub(super) fn behind_is(words: &str) -> Option<&str> {
    IS.iter().find_map(|is| words.strip_prefix(&is[1..]))
}

/// How far into `words`, which follow a name and a space, the value starts. `may_follow` says that
/// it may be the first of them.
pub(super) fn value(words: &str, may_follow: bool) -> Option<usize> {
    let end = words.char_indices().nth(MOST_WORDS);
    let near = &words[..end.map_or(words.len(), |(end, _)| end)];
    let stop = near.find(|c: char| !(c.is_alphanumeric() || " '’-_()（）/,".contains(c)));
    let before = &near[..stop.unwrap_or(near.len())];
    if let Some(at) = changed(words) {
        return Some(at);
    }
    if is_public(first_word(before)) {
        return None;
    }
    match near[before.len()..].chars().next() {
        // A long word is a value itself, and `=` its padding.
        // A value with an address behind it: `Token VALUE' https://…`.
        Some(':') if words[before.len()..].starts_with("://") => {}
        Some(sign @ (':' | '=' | '：')) if before.len() < 16 || before.contains(' ') => {
            return (!is_public(last_word(before))).then_some(before.len() + sign.len_utf8());
        }
        Some('`' | '"' | '“' | '„' | '「') => {
            let last = last_word(before);
            let is_place = ends_with_place(before);
            return (!is_place && !is_public(last)).then_some(before.len());
        }
        _ => {}
    }
    let is = IS.iter().find_map(|is| {
        let at_start = before.starts_with(&is[1..]).then_some(is.len() - 1);
        before.rfind(is).map(|at| at + is.len()).or(at_start)
    });
    // "API key VALUE", with nothing between.
    is.map(|at| at + adverbs(&words[at..]))
        .or_else(|| may_follow.then_some(0))
}

/// How far into the words behind a name its new value is: "password reset to …".
fn changed(words: &str) -> Option<usize> {
    const TO: [&str; 7] = [
        "reset to ",
        "changed to ",
        "set to ",
        "updated to ",
        "geändert auf ",
        "geändert zu ",
        "zurückgesetzt auf ",
    ];
    let to = TO.iter().find(|to| words.starts_with(**to))?;
    let rest = &words[to.len()..];
    let value = rest.split([' ', '\n', ',', ';']).next()?;
    human::is_striking(value.trim_end_matches('.')).then_some(to.len())
}

/// How long the words behind "is" are that say since when: "now", "since 2024-03-20".
fn adverbs(words: &str) -> usize {
    let mut rest = words;
    let mut is_date = false;
    for _ in 0..MOST_ADVERBS {
        let Some((word, behind)) = rest.split_once(' ') else {
            break;
        };
        let bare = word.trim_end_matches([',', ':']);
        let is_number = bare
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"-./".contains(&byte));
        let is_since = SINCE.contains(&bare);
        if !(is_since || NOW.contains(&bare) || (is_date && is_number)) {
            break;
        }
        is_date |= is_since;
        rest = behind;
    }
    words.len() - rest.len()
}

/// Whether the last words are those of a place or a doer: "in the vault", "by Lambda". A stage is
/// none: "in production".
fn ends_with_place(words: &str) -> bool {
    let is_any =
        |words: &[&str], word: &str| words.iter().any(|any| word.eq_ignore_ascii_case(any));
    words
        .rsplit(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(3)
        .take_while(|word| !is_any(&STAGES, word) && !is_any(&["is", "to", "as"], word))
        .any(|word| is_any(&BEFORE_PLACES, word))
}

/// Whether a word makes the name before it that of something public: `token hash`.
pub(super) fn is_public(word: &str) -> bool {
    PUBLIC
        .iter()
        .any(|public| word.eq_ignore_ascii_case(public))
}

fn first_word(words: &str) -> &str {
    let is_end = |sign: char| !sign.is_alphanumeric();
    words
        .trim_start_matches('(')
        .split(is_end)
        .next()
        .unwrap_or_default()
}

fn last_word(words: &str) -> &str {
    let is_end = |sign: char| !sign.is_alphanumeric();
    words
        .trim_end_matches(is_end)
        .rsplit(is_end)
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
