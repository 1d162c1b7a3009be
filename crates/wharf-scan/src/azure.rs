//! Addresses of Azure that are signed, and those of Microsoft Teams.
//!
//! A shared access signature is `sig=` and an HMAC-SHA256 in base64, with its `+`, `/` and `=` as
//! escapes of an address, beside other fields: `sv=` or `se=` or `sr=` or `sp=`. The addresses of
//! flows, which Teams uses for its webhooks today, end with one. An older webhook of Teams is
//! `webhook.office.com/webhookb2/`, two ids, `/IncomingWebhook/`, 32 hex digits and an id: its path is
//! the secret.
//!
//! Sources: "Create a service SAS", "Secure access in Azure Logic Apps", "Create Incoming Webhooks"
//! (learn.microsoft.com).

use super::alphabet::{is_hex, run};
use super::filler::is_drawn;
use super::{Found, Kind};

pub(super) const SIGNATURE: [&str; 1] = ["sig="];
pub(super) const WEBHOOK: [&str; 3] = [
    "webhook.office.com/webhookb2/",
    "outlook.office.com/webhook/",
    "outlook.office365.com/webhook/",
];

/// How far around a signature its other fields are looked for.
const MOST_AROUND: usize = 400;
/// 32 bytes in base64, without padding, and with what people cut off.
const SIGNS: usize = 43;
const LEAST_SIGNS: usize = 40;
/// Every sign of a signature may be an escape.
const MOST_SIGNATURE: usize = 3 * (SIGNS + 1);
const MOST_PATH: usize = 240;

/// The place is that of the value of `sig`.
pub(super) fn signature(text: &str, at: usize, start: &str) -> Option<Found> {
    let before = text.as_bytes()[..at].last();
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte)) {
        return None;
    }
    let value = run(text, at + start.len(), is_signature, MOST_SIGNATURE);
    let plain = unescaped(&text[value.clone()]);
    let signs = plain.trim_end_matches('=');
    let is_signature = (LEAST_SIGNS..=SIGNS).contains(&signs.len())
        && is_drawn(signs)
        && has_fields(text, at, value.end);
    is_signature.then(|| Found::new(Kind::AzureSignature, value))
}

fn is_signature(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=_-%".contains(&byte)
}

/// The signs that the escapes of an address stand for.
fn unescaped(value: &str) -> String {
    let mut plain = value.to_owned();
    for (escape, sign) in [
        ("%2b", "+"),
        ("%2f", "/"),
        ("%3d", "="),
        ("%2B", "+"),
        ("%2F", "/"),
        ("%3D", "="),
    ] {
        plain = plain.replace(escape, sign);
    }
    plain
}

/// Whether the other fields of a signature stand around it, in the same address or text.
fn has_fields(text: &str, start: usize, end: usize) -> bool {
    let first = text.floor_char_boundary(start.saturating_sub(MOST_AROUND));
    let last = text.floor_char_boundary((end + MOST_AROUND).min(text.len()));
    let is_end = |sign: char| sign.is_whitespace() || matches!(sign, '"' | '\'' | '`');
    let before = text[first..start].rsplit(is_end).next().unwrap_or_default();
    let behind = text[end..last].split(is_end).next().unwrap_or_default();
    ["sv=", "se=", "sr=", "sp=", "skn="]
        .iter()
        .any(|field| before.contains(field) || behind.contains(field))
}

/// The place is that of the path behind `webhookb2/`.
pub(super) fn webhook(text: &str, at: usize, start: &str) -> Option<Found> {
    let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-@/_".contains(&byte);
    let path = run(text, at + start.len(), is_path, MOST_PATH);
    let (ids, rest) = text[path.clone()].split_once("/IncomingWebhook/")?;
    let secret = rest.split('/').next()?;
    let is_webhook = ids.len() >= 36
        && secret.len() == 32
        && secret.bytes().all(is_hex)
        && is_drawn(secret)
        && path.len() <= MOST_PATH;
    is_webhook.then(|| Found::new(Kind::TeamsWebhook, path))
}

#[cfg(test)]
mod tests;
