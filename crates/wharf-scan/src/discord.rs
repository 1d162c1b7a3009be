//! Discord bot tokens and addresses of webhooks.
//!
//! A token is three words joined by dots: the number of the bot in base64, a time of six
//! characters, and 27 to 38 characters of base64 for addresses. The first word has no fixed start,
//! so the reader of long words finds it. A webhook is `discord.com/api/webhooks/`, its number, `/`
//! and 60 or more characters.
//!
//! Sources: "Authentication" and "Webhook resource" (docs.discord.com).

use super::alphabet::{is_base64url, run, run_of_word};
use super::filler::is_drawn;
use super::{Found, Kind, decode};

pub(super) const WEBHOOK: [&str; 2] = ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"];

/// A token whose first word was met at `at`, with the length `length`.
pub(super) fn token(text: &str, at: usize, length: usize) -> Option<Found> {
    let id = &text[at..at + length];
    let is_start = (22..=28).contains(&length) && id.starts_with(['M', 'N', 'O']);
    if !is_start || text.as_bytes().get(at + length) != Some(&b'.') {
        return None;
    }
    let time = run(text, at + length + 1, is_base64url, 6);
    if time.len() != 6 || text.as_bytes().get(time.end) != Some(&b'.') {
        return None;
    }
    let secret = run_of_word(text, at, time.end + 1, is_base64url, 38);
    let number = decode::base64_text(id)?;
    let is_token = (27..=38).contains(&secret.len())
        && (17..=20).contains(&number.len())
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && is_drawn(&text[secret.clone()]);
    is_token.then(|| Found::new(Kind::Discord, at..secret.end))
}

/// The place is that of the secret, the last part of the path.
pub(super) fn webhook(text: &str, at: usize, start: &str) -> Option<Found> {
    let number = run(text, at + start.len(), |byte| byte.is_ascii_digit(), 20);
    if number.len() < 17 || text.as_bytes().get(number.end) != Some(&b'/') {
        return None;
    }
    let secret = run(text, number.end + 1, is_base64url, 100);
    let is_webhook = (60..=100).contains(&secret.len()) && is_drawn(&text[secret.clone()]);
    is_webhook.then(|| Found::new(Kind::Discord, secret))
}

#[cfg(test)]
mod tests;
