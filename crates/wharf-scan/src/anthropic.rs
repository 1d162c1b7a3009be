//! Anthropic keys: `sk-ant-`, a word for the type and its version (`api03-`, `admin01-`, `oat01-`), and
//! 80 or more characters of base64 for addresses.
//!
//! Source: the list of supported patterns of GitHub's secret scanning (docs.github.com), and the
//! examples of docs.anthropic.com, which give the starts and no length.

use super::alphabet::{is_base64url, word};
use super::filler::is_drawn;
use super::{Found, Kind};

pub(super) const STARTS: [&str; 1] = ["sk-ant-"];

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 40..=200)?;
    let (kind, random) = text[word.body].split_once('-')?;
    let is_key = kind.len() <= 8
        && kind.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && random.bytes().any(|byte| byte.is_ascii_digit())
        && is_drawn(random);
    is_key.then(|| Found::new(Kind::Anthropic, word.all))
}

#[cfg(test)]
mod tests;
