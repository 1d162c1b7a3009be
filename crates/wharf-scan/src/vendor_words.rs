//! Tokens that have no start that could be looked for, met as long words.
//!
//! | token | form | source |
//! |---|---|---|
//! | Mailgun | `key-` and 32 hex digits | "API keys" (documentation.mailgun.com) |
//! | Mailgun | 32, 8 and 8 hex digits, joined by dashes | the same |
//! | Mailchimp | 32 hex digits, `-us` and a number | "About API keys" (mailchimp.com/help) |
//! | Airtable | `pat`, 14 letters and digits, `.`, 64 hex digits | "Personal access tokens" (airtable.com/developers) |
//! | Asana | `1/` or `2/`, numbers, `:`, 32 hex digits | "Personal access token" (developers.asana.com) |
//! | `LaunchDarkly` | `sdk-` or `api-` and a UUID | "API access tokens" (launchdarkly.com/docs) |

use super::alphabet::is_hex;
use super::drawn_value::is_uuid;
use super::filler::is_drawn;
use super::{Found, Kind, vendors};

/// `pat`, 14 signs and a dot.
const AIRTABLE: usize = 18;
/// Two numbers of at most 20 digits, and marks.
const MOST_ASANA: usize = 44;

pub(super) fn read(text: &str, at: usize, end: usize) -> Option<Found> {
    let word = &text[at..end];
    let found = |name, start| Some(Found::new(Kind::Vendor(name), start..end));
    let is_id = |id: &str| id.len() == 32 && id.bytes().all(is_hex) && is_drawn(id);
    match word.len() {
        32 if is_id(word) => {
            let start = before_asana(text, at)?;
            found("Asana token", start)
        }
        36 if word.strip_prefix("key-").is_some_and(is_id) => found("Mailgun key", at),
        36 | 37 => {
            let (id, region) = word.split_once("-us")?;
            let is_region = region.bytes().all(|byte| byte.is_ascii_digit());
            (is_region && is_id(id)).then(|| found("Mailchimp API key", at))?
        }
        40 => {
            let id = word
                .strip_prefix("sdk-")
                .or_else(|| word.strip_prefix("api-"))?;
            (is_uuid(id) && vendors::is_drawn(id)).then(|| found("LaunchDarkly key", at))?
        }
        50 if is_of_mailgun(word) => found("Mailgun key", at),
        64 if word.bytes().all(is_hex) && is_drawn(word) => {
            let start = at.checked_sub(AIRTABLE)?;
            let id = text
                .get(start..at)?
                .strip_prefix("pat")?
                .strip_suffix('.')?;
            let is_token = id.bytes().all(|byte| byte.is_ascii_alphanumeric());
            is_token.then(|| found("Airtable token", start))?
        }
        _ => None,
    }
}

/// 32, 8 and 8 hex digits.
fn is_of_mailgun(word: &str) -> bool {
    let is_part = |part: &str| matches!(part.len(), 8 | 32) && part.bytes().all(is_hex);
    word.split('-').count() == 3
        && word.split('-').all(is_part)
        && word.find('-') == Some(32)
        && vendors::is_drawn(word)
}

/// Where the numbers before the end of a token of Asana start.
fn before_asana(text: &str, at: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[..at];
    let is_part = |byte: &&u8| byte.is_ascii_digit() || **byte == b'/';
    let bytes = bytes.strip_suffix(b":")?;
    let length = bytes
        .iter()
        .rev()
        .take(MOST_ASANA)
        .take_while(is_part)
        .count();
    let start = bytes.len() - length;
    let numbers = &text[start..bytes.len()];
    (numbers.starts_with("1/") || numbers.starts_with("2/")).then_some(start)
}

#[cfg(test)]
mod tests;
