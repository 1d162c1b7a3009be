//! What around the name of a key tells whose it is: that of a network, of something public, of a resource.

use std::ops::Range;

use super::names::{MOST_WORD, Name, qualifier};

/// The first letters of words behind `key` that make it the name of a secret, in languages that put
/// them there: `clé d'API`, `chiave segreta`, `ключ доступа`.
const SECRET_BEHIND: [&str; 18] = [
    "wifi",
    "wi-",
    "wlan",
    "wpa",
    "api",
    "secr",
    "sécr",
    "segr",
    "taj",
    "priv",
    "acc",
    "acesso",
    "clien",
    "dost",
    "секр",
    "доступ",
    "rahasia",
    "bí mật",
];
/// The same for what is public: `clave pública`.
const PUBLIC_BEHIND: [&str; 8] = [
    "publi", "públi", "pubbli", "publicz", "откр", "публ", "primar", "étrang",
];
/// Small words before such a word.
const SMALL: [&str; 13] = [
    "de l'", "d'", "d’", "de ", "di ", "do ", "da ", "del ", "per ", "dell'", "all'", "pentru ",
    "к ",
];

/// Whether a key is that of a wireless network, which people choose: "WPA2 key", "clé wifi".
pub(super) fn is_of_network(text: &str, before: &Range<usize>, end: usize, more: usize) -> bool {
    const NETWORKS: [&str; 8] = [
        "wifi", "wlan", "wpa", "wpa2", "wpa3", "fi", "wep", "hotspot",
    ];
    /// How far before a key the name of its network is.
    const MOST_SSID: usize = 48;
    let is_met = |word: &str| {
        NETWORKS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word))
    };
    let first = text.floor_char_boundary(before.start.saturating_sub(MOST_SSID));
    let line = text[first..before.start].rsplit('\n').next();
    line.is_some_and(|line| line.contains("SSID"))
        || is_met(&text[before.clone()])
        || text[end..end + more]
            .split(|sign: char| !sign.is_alphanumeric())
            .any(is_met)
}

/// Whether a word further before makes a key public: "public signing key".
pub(super) fn is_public_before(text: &str, word: &Range<usize>, name: Name) -> bool {
    let before = &text[qualifier(text, word.start)];
    let is_met = |public: &&str| before.eq_ignore_ascii_case(public);
    name == Name::Key && !word.is_empty() && ["public", "publishable"].iter().any(is_met)
}

/// Whether a name stands in the name of a resource: `arn:aws:secretsmanager:eu-west-1:…:secret:…`.
pub(super) fn is_of_resource(text: &str, at: usize) -> bool {
    const MOST_BEFORE: usize = 120;
    if !text[..at].ends_with([':', '/']) {
        return false;
    }
    let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || b":/_-.*".contains(*byte);
    let bytes = text.as_bytes()[..at].iter().rev().take(MOST_BEFORE);
    let start = at - bytes.take_while(is_part).count();
    text[start..at].starts_with("arn:")
}

/// The length of the word behind a key that makes it the name of a secret, with the space before
/// it; `None` where the word makes it public.
pub(super) fn behind(rest: &str) -> Option<usize> {
    let Some(words) = rest.strip_prefix([' ', '_', '-']) else {
        return Some(0);
    };
    let small = SMALL.iter().find(|small| words.starts_with(**small));
    let word = &words[small.map_or(0, |small| small.len())..];
    let signs = word
        .chars()
        .take(MOST_WORD)
        .take_while(|sign| sign.is_alphanumeric());
    let word = &word[..signs.map(char::len_utf8).sum()];
    let lower = word.to_lowercase();
    let starts = |starts: &[&str]| starts.iter().any(|start| lower.starts_with(start));
    if starts(&PUBLIC_BEHIND) {
        return None;
    }
    Some(if starts(&SECRET_BEHIND) {
        rest.len() - words.len() + small.map_or(0, |small| small.len()) + word.len()
    } else {
        0
    })
}
