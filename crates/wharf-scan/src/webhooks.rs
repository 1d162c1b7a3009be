//! Addresses of webhooks whose path is the secret, of services without a reader of their own.
//!
//! | service | path | source |
//! |---|---|---|
//! | Mattermost | `/hooks/` and 26 small letters and digits | "Incoming webhooks" (developers.mattermost.com) |
//! | Rocket.Chat | `/hooks/`, an id of 17 or 24, `/` and a token of 24 to 64 | "Integrations" (docs.rocket.chat) |
//! | Zapier | `hooks.zapier.com/hooks/catch/`, a number, `/` and an id | "Webhooks" (help.zapier.com) |
//! | Make | `hook.REGION.make.com/` and 32 small letters and digits | "Webhooks" (help.make.com) |
//! | Lark, Feishu | `/open-apis/bot/v2/hook/` and a UUID | "Custom bot" (open.larksuite.com) |
//! | WeCom | `qyapi.weixin.qq.com/cgi-bin/webhook/send?key=` and a UUID | developer.work.weixin.qq.com |
//! | PagerDuty | `events.pagerduty.com/integration/` and 32 signs | "Events API" (developer.pagerduty.com) |
//! | IFTTT | `maker.ifttt.com/trigger/…/with/key/` and the key | "Webhooks" (help.ifttt.com) |

use super::alphabet::{is_base62, is_base64url, run};
use super::{Found, Kind, vendors};

pub(super) const STARTS: [&str; 8] = [
    "/hooks/",
    "hooks.zapier.com/hooks/catch/",
    ".make.com/",
    "/open-apis/bot/v2/hook/",
    "/cgi-bin/webhook/send?key=",
    "events.pagerduty.com/integration/",
    "/with/key/",
    "webexapis.com/v1/webhooks/incoming/",
];

const MOST_PATH: usize = 160;

/// The place is that of the secret part of the path.
pub(super) fn read(text: &str, at: usize, start: &str) -> Option<Found> {
    let is_path = |byte: u8| is_base64url(byte) || byte == b'/';
    let path = run(text, at + start.len(), is_path, MOST_PATH);
    let path = path.start..path.start + text[path].trim_end_matches('/').len();
    let parts: Vec<&str> = text[path.clone()].split('/').take(4).collect();
    let is_small = |part: &str| {
        let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        part.bytes().all(is_sign)
    };
    let is_plain = |part: &str| part.bytes().all(is_base62);
    let is_hook = match (start, parts.as_slice()) {
        ("/hooks/", [token]) => token.len() == 26 && is_small(token),
        ("/hooks/", [id, token]) => {
            matches!(id.len(), 17 | 24)
                && is_plain(id)
                && (24..=64).contains(&token.len())
                && is_plain(token)
        }
        ("hooks.zapier.com/hooks/catch/", [number, id]) => {
            number.bytes().all(|byte| byte.is_ascii_digit()) && (6..=8).contains(&id.len())
        }
        (".make.com/", [token]) => {
            token.len() == 32 && is_small(token) && is_host_of_hooks(&text[..at])
        }
        ("events.pagerduty.com/integration/", [token, ..]) => token.len() == 32,
        ("/with/key/", [token]) => token.len() >= 20,
        ("webexapis.com/v1/webhooks/incoming/", [token]) => token.len() >= 70,
        (_, [id]) => id.len() == 36,
        _ => false,
    };
    // The id of a hook of Zapier is too short to be told from a word.
    let is_short = start.starts_with("hooks.zapier");
    let is_live = is_short || vendors::is_drawn(&text[path.clone()]);
    (is_hook && is_live).then(|| Found::new(Kind::Webhook, path))
}

fn is_host_of_hooks(before: &str) -> bool {
    const MOST_HOST: usize = 12;
    let start = before.floor_char_boundary(before.len().saturating_sub(MOST_HOST));
    before[start..].contains("hook.")
}

#[cfg(test)]
mod tests;
