//! SendGrid API keys: `SG.`, 22 characters, `.` and 43 more of base64 for addresses.
//!
//! Source: "API keys" (twilio.com/docs/sendgrid).

use super::alphabet::{is_base64url, run_of_word, word};
use super::filler::is_drawn;
use super::{Found, Kind};

pub(super) const STARTS: [&str; 1] = ["SG."];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let id = word(text, at, start, is_base64url, 22..=22)?;
    if text.as_bytes().get(id.all.end) != Some(&b'.') {
        return None;
    }
    let secret = run_of_word(text, at, id.all.end + 1, is_base64url, 43);
    let is_key = secret.len() == 43 && is_drawn(&text[id.body]) && is_drawn(&text[secret.clone()]);
    is_key.then(|| Found::new(Kind::SendGrid, at..secret.end))
}

#[cfg(test)]
mod tests;
