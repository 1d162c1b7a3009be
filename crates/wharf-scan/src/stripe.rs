//! Stripe keys: `sk_` secret or `rk_` restricted, `live_` or `test_`, then 16 or more letters and
//! digits. Signing secrets of webhooks are `whsec_` and base64, at Stripe and in the format
//! "Standard Webhooks". Keys of an organisation are `sk_org_live_` or `sk_org_test_`; there is no
//! `rk_org_`, and no `sk_prod_`, which other scanners look for. Publishable keys (`pk_`) are no
//! secret.
//!
//! Sources: "API keys" (docs.stripe.com/keys); "Organization API keys"
//! (docs.stripe.com/keys/organization-api-keys); "Standard Webhooks" (github.com/standard-webhooks).

use super::alphabet::{is_base62, is_base64, word};
use super::filler::is_drawn;
use super::{Found, Kind, words};

pub(super) const LIVE: [&str; 3] = ["sk_live_", "rk_live_", "sk_org_live_"];
pub(super) const TEST: [&str; 3] = ["sk_test_", "rk_test_", "sk_org_test_"];
pub(super) const WEBHOOK: [&str; 1] = ["whsec_"];

pub(super) fn live(text: &str, at: usize, start: &str) -> Option<Found> {
    key(text, at, start, Kind::Stripe)
}

pub(super) fn test(text: &str, at: usize, start: &str) -> Option<Found> {
    key(text, at, start, Kind::StripeTest)
}

fn key(text: &str, at: usize, start: &str, kind: Kind) -> Option<Found> {
    let word = word(text, at, start, is_base62, 16..=250)?;
    let body = &text[word.body];
    is_issued(body).then(|| Found::new(kind, word.all))
}

pub(super) fn webhook(text: &str, at: usize, start: &str) -> Option<Found> {
    let word = word(text, at, start, is_base64, 24..=100)?;
    let body = &text[word.body];
    is_issued(body).then(|| Found::new(Kind::WebhookSecret, word.all))
}

/// One drawn key in sixty has no digit (gitleaks/gitleaks#1150). Its letters then follow each other
/// as in no word.
fn is_issued(body: &str) -> bool {
    let has_digit = body.bytes().any(|byte| byte.is_ascii_digit());
    is_drawn(body) && (has_digit || words::is_far_from_name(body))
}

#[cfg(test)]
mod tests;
