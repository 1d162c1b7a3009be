//! Tokens whose mark stands inside of them: what is before it is read backwards.
//!
//! | token | form | source |
//! |---|---|---|
//! | Terraform Cloud | 14 letters and digits, `.atlasv1.`, 60 to 70 | "API tokens" (developer.hashicorp.com) |
//! | Telegram bot | a number, `:AA`, 33 of base64 for addresses | "Bot API" (core.telegram.org) |
//! | Microsoft Entra client secret | three signs, a digit, `Q~`, 31 to 34 signs | "Sensitive information types" (learn.microsoft.com) |
//! | Adyen API key | `AQE`, base64, `-`, base64, `-` and 16 signs | "API credentials" (docs.adyen.com) |
//! | Cloudflare tunnel | JSON with account, tunnel and secret in base64 | "Tunnel tokens" (developers.cloudflare.com) |
//! | Mapbox secret token | `sk.`, JSON in base64, `.` and 22 signs | "Access tokens" (docs.mapbox.com) |
//! | New Relic license key | 36 hex digits and `NRAL` | "API keys" (docs.newrelic.com) |

use super::alphabet::{
    is_base62, is_base64, is_base64url, is_hex, run, run_of_word, starts_word, word,
};
use super::{Found, Kind, decode, vendors};

pub(super) const STARTS: [&str; 8] = [
    ".atlasv1.",
    ":AA",
    "Q~",
    "AQE",
    "eyJhIjoi",
    "NRAL",
    "sk.eyJ",
    "tk.eyJ",
];

const MOST_TUNNEL: usize = 600;
const MOST_ADYEN: usize = 260;

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    match start {
        ".atlasv1." => around(text, at, start, &ATLAS),
        ":AA" => around(text, at, start, &TELEGRAM),
        "Q~" => around(text, at, start, &ENTRA),
        "NRAL" => around(text, at, start, &LICENSE),
        "AQE" => adyen(text, at),
        "sk.eyJ" | "tk.eyJ" => mapbox(text, at, start),
        _ => tunnel(text, at),
    }
}

/// What stands on either side of a mark: the alphabet, and the least and the most of its signs.
struct Sides {
    name: &'static str,
    before: (fn(u8) -> bool, usize, usize),
    behind: (fn(u8) -> bool, usize, usize),
}

const ATLAS: Sides = Sides {
    name: "Terraform Cloud token",
    before: (is_base62, 14, 14),
    behind: (is_base64url, 60, 70),
};
const TELEGRAM: Sides = Sides {
    name: "Telegram bot token",
    before: (is_digit, 8, 12),
    behind: (is_base64url, 33, 33),
};
const ENTRA: Sides = Sides {
    name: "Microsoft Entra client secret",
    before: (is_entra, 4, 4),
    behind: (is_entra, 31, 34),
};
const LICENSE: Sides = Sides {
    name: "New Relic license key",
    before: (is_hex_or_region, 36, 36),
    behind: (is_base62, 0, 0),
};

fn around(text: &str, at: usize, mark: &str, sides: &Sides) -> Option<Found> {
    let (is_before, least, most) = sides.before;
    let bytes = &text.as_bytes()[..at];
    let length = bytes.iter().rev().take(most + 1);
    let length = length.take_while(|byte| is_before(**byte)).count();
    let (is_behind, shortest, longest) = sides.behind;
    let behind = run(text, at + mark.len(), is_behind, longest);
    // The dot or the dash of a sentence is no part of a token.
    let end = behind.start + text[behind.clone()].trim_end_matches('.').len();
    let longer = if length > end - behind.start {
        at - length..at
    } else {
        behind.start..end
    };
    let is_token = (least..=most).contains(&length)
        && (shortest..=longest).contains(&(end - behind.start))
        && (mark != "Q~" || bytes.last().is_some_and(u8::is_ascii_digit))
        && vendors::is_drawn(&text[longer]);
    is_token.then(|| Found::new(Kind::Vendor(sides.name), at - length..end))
}

fn adyen(text: &str, at: usize) -> Option<Found> {
    if !starts_word(text, at, is_base64url) {
        return None;
    }
    let key = run(text, at, |byte| is_base64(byte) || byte == b'-', MOST_ADYEN);
    let parts = text[key.clone()].split('-').map(str::len);
    let is_key = key.len() <= MOST_ADYEN
        && parts.filter(|length| *length >= 20).count() >= 2
        && vendors::is_drawn(&text[key.clone()]);
    is_key.then(|| Found::new(Kind::Vendor("Adyen API key"), key))
}

fn mapbox(text: &str, at: usize, start: &str) -> Option<Found> {
    let facts = word(text, at, start, is_base64url, 16..=300)?;
    let signature = run_of_word(text, at, facts.all.end + 1, is_base64url, 24);
    let is_token = text.as_bytes().get(facts.all.end) == Some(&b'.')
        && (20..=24).contains(&signature.len())
        && vendors::is_drawn(&text[signature.clone()]);
    is_token.then(|| Found::new(Kind::Vendor("Mapbox secret token"), at..signature.end))
}

fn tunnel(text: &str, at: usize) -> Option<Found> {
    if !starts_word(text, at, is_base64url) {
        return None;
    }
    let word = run(
        text,
        at,
        |byte| is_base64(byte) || is_base64url(byte),
        MOST_TUNNEL,
    );
    let json = decode::base64_text(&text[word.clone()])?;
    let has = |field: &str| json.contains(&format!("\"{field}\":\""));
    let is_token = json.ends_with('}') && ["a", "t", "s"].iter().all(|field| has(field));
    is_token.then(|| Found::new(Kind::Vendor("Cloudflare tunnel token"), word))
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

fn is_entra(byte: u8) -> bool {
    is_base64url(byte) || matches!(byte, b'.' | b'~')
}

/// Keys of the European region start with `eu01xx`.
fn is_hex_or_region(byte: u8) -> bool {
    is_hex(byte) || matches!(byte, b'u' | b'x')
}

#[cfg(test)]
mod tests;
