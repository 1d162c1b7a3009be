//! OpenAI keys: `sk-`, a word for newer types (`proj-`, `svcacct-`, `admin-`), and a random text with
//! `T3BlbkFJ` in the middle, which is "OpenAI" in base64. Older keys have 20 letters and digits on
//! either side, newer ones up to 74 characters of base64 for addresses.
//!
//! Sources: the key pages of platform.openai.com; GitHub's secret scanning partners.

use super::alphabet::{is_base62, is_base64url, word};
use super::filler::is_filler;
use super::{Found, Kind, entropy};

pub(super) const STARTS: [&str; 1] = ["sk-"];

const MARK: &str = "T3BlbkFJ";

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 48..=200)?;
    let body = &text[word.body];
    let typed = ["proj-", "svcacct-", "admin-", "None-"]
        .iter()
        .find_map(|kind| body.strip_prefix(kind));
    let (left, right) = typed.unwrap_or(body).split_once(MARK)?;
    let is_side =
        |side: &str| (20..=100).contains(&side.len()) && entropy::is_high(side) && !is_filler(side);
    let is_old = body.bytes().all(is_base62) && left.len() == 20 && right.len() == 20;
    let is_key = (typed.is_some() || is_old) && is_side(left) && is_side(right);
    is_key.then(|| Found::new(Kind::OpenAi, word.all))
}

#[cfg(test)]
mod tests;
