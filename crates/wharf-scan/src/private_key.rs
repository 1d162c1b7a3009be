//! Private keys in armour: `-----BEGIN … PRIVATE KEY…-----`, base64, `-----END …-----`.
//!
//! PEM (PKCS#1, PKCS#8, SEC1), OpenSSH and PGP share the form. The lines may be parted by `%0A`, by
//! `<br>`, or by `\n` in a JSON text; in its field `private_key` that is the key of a Google service
//! account.
//!
//! A key of `PuTTY` has its private lines behind `Private-Lines:` and their number; a JSON Web Key has the
//! private part of its numbers in the field `d`, a symmetric one in `k`.
//!
//! A key that a passphrase encrypts is one too: whoever has it can guess at the passphrase, as often as the
//! machine is able to.
//!
//! Sources: RFC 7468, RFC 9580, RFC 7517 and 7518; OpenSSH's PROTOCOL.key; "PPK file format" (`PuTTY`'s
//! manual, appendix C); "Create service account keys" (docs.cloud.google.com).

use super::alphabet::{is_base64, is_base64url, run};
use super::{Found, Kind, entropy, filler};

pub(super) const STARTS: [&str; 3] = ["-----BEGIN ", "-----BEGIN%20", "-----BEGIN+"];
pub(super) const PUTTY: [&str; 1] = ["Private-Lines: "];
pub(super) const JWK: [&str; 4] = ["\"d\":\"", "\"d\": \"", "\"k\":\"", "\"k\": \""];

const DASHES: &str = "-----";
const END: &str = "-----END";
/// Bytes between `-----BEGIN ` and the next dashes.
const MOST_LABEL: usize = 64;
/// Bytes of armour that are read for its end; RSA keys of 16,384 bits have some 13,000.
const MOST_BODY: usize = 65_536;
/// The shortest key, of 32 bytes in PKCS#8, has 64.
const LEAST_BASE64: usize = 60;
/// The private part of an Ed25519 key has 32 bytes; `PuTTY` writes its length before it.
const LEAST_PUTTY: usize = 40;
/// `PuTTY` writes lines of 64 signs.
const MOST_LINE: usize = 80;
/// 32 bytes in base64, and 512.
const LEAST_NUMBER: usize = 42;
const MOST_NUMBER: usize = 700;
/// How far from the private number of a JSON Web Key its type is looked for.
const MOST_AROUND: usize = 800;
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

/// The place is that of the private lines.
pub(super) fn putty(text: &str, at: usize, start: &str) -> Option<Found> {
    let number = run(text, at + start.len(), |byte| byte.is_ascii_digit(), 3);
    let rest = text[number.end..].trim_start_matches(['\r', '\n', '>', ' ']);
    let from = text.len() - rest.len();
    let count: usize = text[number].parse().ok()?;
    let (mut at, mut end) = (from, from);
    for _ in 0..count {
        let line = run(text, at, is_base64, MOST_LINE);
        if line.is_empty() {
            break;
        }
        end = line.end;
        let next = text[end..].trim_start_matches(['\r', '>', ' ']);
        let Some(next) = next.strip_prefix('\n') else {
            break;
        };
        at = text.len() - next.trim_start_matches(['>', ' ']).len();
    }
    is_material(&text[from..end], LEAST_PUTTY).then(|| Found::new(Kind::PrivateKey, from..end))
}

/// The place is that of the value of `d`, or of `k`.
pub(super) fn jwk(text: &str, at: usize, start: &str) -> Option<Found> {
    let value = run(text, at + start.len(), is_base64url, MOST_NUMBER);
    let first = text.floor_char_boundary(at.saturating_sub(MOST_AROUND));
    let last = text.floor_char_boundary((value.end + MOST_AROUND).min(text.len()));
    let near = &text[first..last];
    // `k` is the whole of a symmetric key, and a word of many other things.
    let is_told = !start.starts_with("\"k") || near.contains("\"oct\"");
    let is_key =
        is_told && is_material(&text[value.clone()], LEAST_NUMBER) && near.contains("\"kty\"");
    is_key.then(|| Found::new(Kind::PrivateKey, value))
}

fn is_material(key: &str, least: usize) -> bool {
    key.len() >= least && entropy::is_high(key) && !filler::is_filler(key)
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
