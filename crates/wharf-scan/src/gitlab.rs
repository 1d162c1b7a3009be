//! GitLab tokens.
//!
//! A prefix for the type (`glpat-` personal, group and project, `gldt-` deploy, `glrt-` runner,
//! `gloas-` OAuth secret, `glptt-` trigger, `GR1348941` the older ones of runners, …) and 20 or more
//! characters of base64 for addresses. The cookie of a session is `_gitlab_session=` and 32 hex
//! digits.
//! A routable token has `.01.`, two characters for a length, and a CRC-32 of all before it.
//!
//! Sources: "Token overview" and "Routable tokens" (docs.gitlab.com, handbook.gitlab.com).

use super::alphabet::{is_base64url, is_hex, run, word};
use super::filler::is_drawn;
use super::{Found, Kind, checksum, entropy};

pub(super) const STARTS: [&str; 14] = [
    "glpat-",
    "gldt-",
    "glrt-",
    "glrtr-",
    "gloas-",
    "glptt-",
    "glcbt-",
    "glimt-",
    "glagent-",
    "glsoat-",
    "glft-",
    "glffct-",
    "glwt-",
    "GR1348941",
];
pub(super) const SESSION: [&str; 1] = ["_gitlab_session="];

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

/// The cookie of a session: 32 hex digits. The place is that of the digits.
pub(super) fn session(text: &str, at: usize, start: &str) -> Option<Found> {
    let session = run(text, at + start.len(), is_hex, 32);
    let is_session = session.len() == 32 && is_drawn(&text[session.clone()]);
    is_session.then(|| Found::new(Kind::GitLab, session))
}

#[cfg(test)]
mod tests;
