//! Slack tokens and addresses of incoming webhooks.
//!
//! Bot, user, workspace and session tokens are `xoxb-`, `xoxp-`, `xoxa-`, `xoxr-`, `xoxs-` or
//! `xoxc-`, numbers of the team and the user, and a random end, joined by dashes. Rotated and
//! configuration tokens are `xoxe.xoxb-1-`, `xoxe.xoxp-1-` or `xoxe-1-` and a long random end.
//! App-level tokens are `xapp-1-`, the id of the app, a number and 64 hex digits. A webhook is
//! `hooks.slack.com/services/T…/B…/…`: its path is the secret.
//!
//! Sources: "Tokens", "Token rotation" and "Incoming webhooks" (docs.slack.dev).

use super::alphabet::{is_base62, is_base64url, is_hex, run, word};
use super::filler::{is_drawn, is_filler};
use super::{Found, Kind, entropy};

pub(super) const STARTS: [&str; 8] = [
    "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxc-", "xoxo-", "xapp-",
];
pub(super) const ROTATED: [&str; 3] = ["xoxe-", "xoxe.xoxb-", "xoxe.xoxp-"];
pub(super) const WEBHOOK: [&str; 2] = ["hooks.slack.com/services/", "hooks.slack.com/triggers/"];

pub(super) fn token(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64url, 24..=200)?;
    let (numbers, random) = text[word.body].rsplit_once('-')?;
    let is_number = |part: &str| part.len() <= 15 && part.bytes().all(|b| b.is_ascii_digit());
    let is_app = |part: &str| start == "xapp-" && part.starts_with('A') && part.len() <= 15;
    let is_token = random.len() >= 16
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

/// The place is that of `T…/B…/…`: an address may be shown without its host.
pub(super) fn webhook(text: &str, at: usize, start: &str) -> Option<Found> {
    let team = run(text, at + start.len(), is_base62, 15);
    let channel = run(text, team.end + 1, is_base62, 20);
    let secret = run(text, channel.end + 1, is_base62, 64);
    let parts = [
        &text[team.clone()],
        text.get(channel.clone())?,
        text.get(secret.clone())?,
    ];
    let is_joined = [team.end, channel.end]
        .iter()
        .all(|end| text.as_bytes().get(*end) == Some(&b'/'));
    let [team_id, channel_id, random] = parts;
    let is_webhook = is_joined
        && (8..=15).contains(&team_id.len())
        && team_id.starts_with('T')
        && (8..=20).contains(&channel_id.len())
        && (20..=64).contains(&random.len())
        && !is_filler(team_id)
        && is_drawn(random);
    is_webhook.then(|| Found::new(Kind::SlackWebhook, team.start..secret.end))
}

#[cfg(test)]
mod tests;
