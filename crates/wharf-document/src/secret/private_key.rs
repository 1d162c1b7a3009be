//! Private keys in armour: `-----BEGIN … PRIVATE KEY…-----`, base64, `-----END …-----`.
//!
//! PEM (PKCS#1, PKCS#8, SEC1), OpenSSH and PGP share the form. The lines may be parted by `%0A`, by
//! `<br>`, or by `\n` in a JSON text; in its field `private_key` that is the key of a Google service
//! account.
//!
//! Sources: RFC 7468, RFC 9580; OpenSSH's PROTOCOL.key; "Create service account keys"
//! (docs.cloud.google.com).

use super::alphabet::is_base64;
use super::{Found, Kind, entropy, filler};

pub(super) const STARTS: [&str; 3] = ["-----BEGIN ", "-----BEGIN%20", "-----BEGIN+"];

const DASHES: &str = "-----";
const END: &str = "-----END";
const MOST_LABEL: usize = 64;
const MOST_BODY: usize = 65_536;
/// The shortest key, of 32 bytes in PKCS#8, has 64.
const LEAST_BASE64: usize = 60;
/// Lines of armour are longer than words of prose.
const LEAST_LINE: usize = 16;

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let from = at + start.len();
    let label = from..from + find(text, from, MOST_LABEL)?;
    let words = text[label.clone()].replace("%20", " ").replace('+', " ");
    if !words.contains("PRIVATE KEY") {
        return None;
    }
    let body = label.end + DASHES.len();
    let (end, has_end) = match find(text, body, MOST_BODY) {
        Some(offset) => (body + offset, text[body + offset..].starts_with(END)),
        None => (text.len().min(body + MOST_BODY), false),
    };
    let key = key_material(text.get(body..end)?);
    let drawn = without_zeros(&key);
    let is_key =
        drawn.len() >= LEAST_BASE64 && entropy::is_high(&drawn) && !filler::is_filler(&drawn);
    if !is_key {
        return None;
    }
    let end = if has_end {
        line_end(text, end + END.len())
    } else {
        last_line(text, body, end)
    };
    let before = text[..at].trim_end_matches(['"', '\'', ' ', ':', '\\', '=']);
    let kind = if before.ends_with("private_key") {
        Kind::GoogleServiceAccount
    } else {
        Kind::PrivateKey
    };
    Some(Found::new(kind, at..end))
}

/// How far the next dashes are.
fn find(text: &str, from: usize, most: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[from..text.len().min(from + most)];
    memchr::memmem::find(bytes, DASHES.as_bytes())
}

/// The first lines of base64, without headers and escapes: as much as it takes to judge it.
///
/// Lines end with anything that is not of base64: `<br>`, `%0A`, `\n` in a JSON text, `> ` of a quote.
fn key_material(body: &str) -> String {
    let mut key = String::new();
    let mut rest = body;
    while key.len() <= 1_024 && !rest.is_empty() {
        let length = rest.bytes().take_while(|byte| is_base64(*byte)).count();
        let line = &rest[..length];
        if line.len() >= LEAST_LINE {
            key.push_str(line);
        }
        rest = &rest[length..];
        // What an escape is written with is no part of the line behind it.
        let escape = match rest.as_bytes() {
            [b'\\', b'n' | b'r' | b't', ..] => 2,
            [b'%', one, two, ..] if one.is_ascii_hexdigit() && two.is_ascii_hexdigit() => 3,
            _ => rest.chars().next().map_or(0, char::len_utf8),
        };
        rest = &rest[escape..];
    }
    key
}

/// Base64 without the long rows of `A` that stand for bytes of zero: every OpenSSH key that has no
/// passphrase says so in one (`none`, `none`, and no options).
fn without_zeros(key: &str) -> String {
    let mut short = String::with_capacity(key.len());
    for piece in key.split_inclusive(|sign| sign != 'A') {
        let zeros = piece.bytes().take_while(|byte| *byte == b'A').count();
        short.push_str(&piece[if zeros > 5 { zeros } else { 0 }..]);
    }
    short
}

/// The end of the last line of armour: behind its dashes.
fn line_end(text: &str, from: usize) -> usize {
    find(text, from, MOST_LABEL).map_or(from, |offset| from + offset + DASHES.len())
}

/// The end of a key that is cut off: where its base64 ends.
fn last_line(text: &str, body: usize, end: usize) -> usize {
    let is_part =
        |byte: u8| is_base64(byte) || byte.is_ascii_whitespace() || b"\\%<>".contains(&byte);
    let length = text.as_bytes()[body..end]
        .iter()
        .take_while(|byte| is_part(**byte))
        .count();
    body + text[body..body + length].trim_end().len()
}

#[cfg(test)]
mod tests;
