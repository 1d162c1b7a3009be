//! GitLab tokens.
//!
//! A prefix for the type (`glpat-` personal, group and project, `gldt-` deploy, `glrt-` runner,
//! `gloas-` OAuth secret, `glptt-` trigger, …) and 20 or more characters of base64 for addresses.
//! A routable token has `.01.`, two characters for a length, and a CRC-32 of all before it.
//!
//! Sources: "Token prefixes" and "Routable tokens" (docs.gitlab.com, handbook.gitlab.com).

use super::alphabet::{is_base64url, run, word};
use super::filler::is_drawn;
use super::{Found, Kind, checksum, entropy};

pub(super) const STARTS: [&str; 10] = [
    "glpat-", "gldt-", "glrt-", "gloas-", "glptt-", "glcbt-", "glimt-", "glagent-", "glsoat-",
    "glft-",
];

const ROUTABLE: &str = ".01.";

pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 20..=300)?;
    let tail = word.all.end..word.all.end + ROUTABLE.len() + 9;
    if let Some(tail) = text
        .get(tail.clone())
        .filter(|tail| tail.starts_with(ROUTABLE))
    {
        let all = at..word.all.end + tail.len();
        let is_whole = run(text, all.end, is_base64url, 1).is_empty();
        return (is_whole && checksum::ends_with_base36(&text[all.clone()]))
            .then(|| Found::new(Kind::GitLab, all));
    }
    let body = &text[word.body];
    let is_token = body.len() <= 70 && entropy::is_scrambled(body) && is_drawn(body);
    is_token.then(|| Found::new(Kind::GitLab, word.all))
}

#[cfg(test)]
mod tests;
