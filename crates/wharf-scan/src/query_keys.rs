//! Keys in addresses whose field is called otherwise: `appid=` of a weather service, the path of a calendar.
//!
//! | service | form | source |
//! |---|---|---|
//! | `OpenWeather` | `appid=` and 32 hex digits | "How to start" (openweathermap.org) |
//! | Azure Functions | `code=` and 40 to 64 signs of base64 | "Function access keys" (learn.microsoft.com) |
//! | Google Calendar | `/private-` and 32 hex digits | "Secret address in iCal format" (support.google.com) |

use super::alphabet::{is_base64, is_base64url, is_hex, run};
use super::{Found, Kind, vendors};

pub(super) const STARTS: [&str; 5] = ["appid=", "APPID=", "?code=", "&code=", "/private-"];

/// How far before a field its host is looked for.
const MOST_BEFORE: usize = 240;
const MOST_VALUE: usize = 120;

/// The place is that of the value.
pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let first = text.floor_char_boundary(at.saturating_sub(MOST_BEFORE));
    let is_end = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '`' | '<' | '(');
    let before = text[first..at].rsplit(is_end).next().unwrap_or_default();
    let (host, name) = match start {
        "appid=" | "APPID=" => ("openweathermap.org", "OpenWeather API key"),
        "/private-" => ("calendar.google.com/", "address of a private calendar"),
        _ => (".azurewebsites.net/", "key of an Azure function"),
    };
    if !before.contains(host) {
        return None;
    }
    let is_part = |byte: u8| is_base64(byte) || is_base64url(byte) || byte == b'%';
    let is_sign = if start.ends_with("code=") {
        is_part
    } else {
        is_hex
    };
    let value = run(text, at + start.len(), is_sign, MOST_VALUE);
    let goes_on = text[value.end..].starts_with(|sign: char| sign.is_ascii_alphanumeric());
    let is_of_length = if start.ends_with("code=") {
        (40..=MOST_VALUE).contains(&value.len())
    } else {
        value.len() == 32 && !goes_on
    };
    let is_key = is_of_length && vendors::is_drawn(&text[value.clone()]);
    is_key.then(|| Found::new(Kind::Vendor(name), value))
}

#[cfg(test)]
mod tests;
