//! Tells a reference to a secret from the secret itself.

use std::ops::Range;

/// Starts of credentials that vendors issue. Facts of their documentation.
const PREFIXES: [&str; 22] = [
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "rk_test_",
    "whsec_",
    "sk-",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xapp-",
    "SG.",
    "dckr_pat_",
    "shpat_",
    "glpat-",
    "eyJ",
    "-----BEGIN",
];

/// Whether a text looks like a credential that somebody issued.
pub(crate) fn looks_like_secret(text: &str) -> bool {
    let text = text.trim();
    let issued = PREFIXES
        .iter()
        .any(|prefix| text.starts_with(prefix) && text.len() >= prefix.len() + 8);
    issued || is_aws_key_id(text) || is_random(text)
}

/// Places of words in a text that have the form of a credential a vendor issues.
///
/// Stricter than [`looks_like_secret`]: prose holds many long words, so only known forms count,
/// and a form needs digits behind its start. A private key is one place, up to its last line.
pub(crate) fn issued_in(text: &str) -> Vec<Range<usize>> {
    let mut found = private_keys(text);
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let mut at = 0;
    while let Some(start) = text[at..].find(is_part).map(|offset| at + offset) {
        let end = text[start..]
            .find(|c| !is_part(c))
            .map_or(text.len(), |offset| start + offset);
        at = end;
        let word = text[start..end].trim_end_matches(['.', '-', '_']);
        if is_issued(word) {
            found.push(start..start + word.len());
        }
    }
    found
}

fn is_issued(word: &str) -> bool {
    is_aws_key_id(word)
        || PREFIXES.iter().any(|prefix| {
            let least = if *prefix == "eyJ" { 60 } else { 16 };
            word.strip_prefix(prefix).is_some_and(|rest| {
                let digits = rest.bytes().filter(u8::is_ascii_digit).count();
                rest.len() >= least && digits >= 3
            })
        })
}

fn private_keys(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find("-----BEGIN").map(|offset| at + offset) {
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |end| start + end);
        at = line_end;
        if !text[start..line_end].contains("PRIVATE KEY-----") {
            continue;
        }
        let Some(end) = text[line_end..].find("-----END") else {
            break;
        };
        let end = line_end + end;
        at = text[end..]
            .find('\n')
            .map_or(text.len(), |offset| end + offset);
        found.push(start..at);
    }
    found
}

/// `AKIA` or `ASIA` and sixteen capital letters or digits.
fn is_aws_key_id(text: &str) -> bool {
    text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// A long word in which letters and digits alternate as in no name that people give.
fn is_random(text: &str) -> bool {
    if text.len() < 20
        || !text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+=_-".contains(&b))
    {
        return false;
    }
    let bytes = text.as_bytes();
    let kind = |byte: u8| match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    };
    let changes = bytes
        .windows(2)
        .filter(|pair| {
            let (left, right) = (kind(pair[0]), kind(pair[1]));
            left != right && left != 3 && right != 3
        })
        .count();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits >= 3 && changes * 5 >= text.len()
}

/// Whether a text can be the name of an environment variable that holds a secret.
pub(crate) fn is_variable_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_')
        && text.len() <= 128
        && text
            .bytes()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && !looks_like_secret(text)
}

/// Whether a text can be the path or name of a secret in a store.
pub(crate) fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 2_048
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || "/_-.+@:~#\\ ".contains(c))
        && !text.split(['/', '\\']).any(looks_like_secret)
}
