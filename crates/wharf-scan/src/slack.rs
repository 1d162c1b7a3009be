//! Slack tokens and addresses of incoming webhooks.
//!
//! Bot, user, workspace and session tokens are `xoxb-`, `xoxp-`, `xoxa-`, `xoxr-`, `xoxs-` or
//! `xoxc-`, numbers of the team and the user, and a random end, joined by dashes. Rotated and
//! configuration tokens are `xoxe.xoxb-1-`, `xoxe.xoxp-1-` or `xoxe-1-` and a long random end.
//! App-level tokens are `xapp-1-`, the id of the app, a number and 64 hex digits. Session tokens
//! (`xoxs-`, `xoxo-`) end with ten hex digits and more; the legacy tokens of a workspace (`xoxa-2-`,
//! `xoxr-`) may have letters and digits only.
//!
//! A webhook is `hooks.slack.com/services/T…/B…/…`, that of a workflow
//! `hooks.slack.com/workflows/T…/A…/…/…` or `hooks.slack.com/triggers/T…/…/…`: its path is the secret.
//!
//! Sources: "Tokens", "Token rotation", "Incoming webhooks" and "Creating webhook triggers"
//! (docs.slack.dev).

use super::alphabet::{is_base62, is_base64url, is_hex, run, word};
use super::filler::{is_drawn, is_filler};
use super::{Found, Kind, entropy};

pub(super) const STARTS: [&str; 8] = [
    "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxc-", "xoxo-", "xapp-",
];
pub(super) const ROTATED: [&str; 3] = ["xoxe-", "xoxe.xoxb-", "xoxe.xoxp-"];
pub(super) const WEBHOOK: [&str; 4] = [
    "hooks.slack.com/services/",
    "hooks.slack.com/triggers/",
    "hooks.slack.com/workflows/",
    "hooks.slack-gov.com/services/",
];

/// The end of a session token, and of a legacy token without numbers.
const LEAST_SESSION: usize = 10;
const LEAST_LEGACY: usize = 16;
const MOST_PATH: usize = 120;

pub(super) fn token(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 16..=200)?;
    let body = &text[word.body];
    if matches!(start, "xoxa-" | "xoxr-") && is_legacy(body) {
        return Some(Found::new(Kind::SlackToken, word.all));
    }
    let (numbers, random) = body.rsplit_once('-')?;
    let is_session =
        matches!(start, "xoxs-" | "xoxo-") && random.bytes().all(|b| b.is_ascii_hexdigit());
    let least = if is_session { LEAST_SESSION } else { 16 };
    let is_number = |part: &str| part.len() <= 15 && part.bytes().all(|b| b.is_ascii_digit());
    let is_app = |part: &str| start == "xapp-" && part.starts_with('A') && part.len() <= 15;
    let is_token = random.len() >= least
        && random.bytes().all(is_base62)
        && (random.bytes().all(is_hex) || entropy::is_scrambled(random))
        && is_drawn(random)
        && numbers
            .split('-')
            .all(|part| is_number(part) || is_app(part))
        && numbers.split('-').any(|part| part.len() >= 8)
        && !numbers
            .split('-')
            .any(|part| part.len() >= 8 && is_filler(part));
    is_token.then(|| Found::new(Kind::SlackToken, word.all))
}

pub(super) fn rotated(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 60..=400)?;
    let (number, random) = text[word.body].split_once('-')?;
    let is_token = number.bytes().all(|byte| byte.is_ascii_digit()) && is_drawn(random);
    is_token.then(|| Found::new(Kind::SlackToken, word.all))
}

/// Letters and digits, behind the number of the version where there is one.
fn is_legacy(body: &str) -> bool {
    let random = body.strip_prefix("2-").unwrap_or(body);
    (LEAST_LEGACY..=64).contains(&random.len())
        && random.bytes().all(is_base62)
        && (random.bytes().all(is_hex) || entropy::is_scrambled(random))
        && is_drawn(random)
}

/// The place is that of `T…/B…/…`: an address may be shown without its host.
pub(super) fn webhook(text: &str, at: usize, start: &str) -> Option<Found> {
    let is_path = |byte: u8| is_base62(byte) || byte == b'/';
    let path = run(text, at + start.len(), is_path, MOST_PATH);
    let path = path.start..path.start + text[path].trim_end_matches('/').len();
    let parts: Vec<&str> = text[path.clone()].split('/').collect();
    let (team, ids, random) = match parts.as_slice() {
        [team, id, random] => (team, &[*id][..], random),
        [team, ids @ .., random] if ids.len() == 2 && start.ends_with("workflows/") => {
            (team, ids, random)
        }
        _ => return None,
    };
    let is_webhook = (8..=15).contains(&team.len())
        && team.starts_with(['T', 'E'])
        && ids.iter().all(|id| (8..=20).contains(&id.len()))
        && (20..=64).contains(&random.len())
        && !is_filler(team)
        && is_drawn(random);
    is_webhook.then(|| Found::new(Kind::SlackWebhook, path))
}

#[cfg(test)]
mod tests;
