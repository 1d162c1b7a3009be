//! Any value with which a vendor asks for a wait: a time within the bound, or none.

use std::time::{Duration, SystemTime};

use wharf_policy::limit::{Meaning, Reset, Said};
use wharf_policy::retry_after::{self, MAX};

const RESETS: [Reset; 6] = [
    Reset::EpochSeconds,
    Reset::EpochMilliseconds,
    Reset::Seconds,
    Reset::Milliseconds,
    Reset::Duration,
    Reset::Date,
];

const OTHERS: [Meaning; 6] = [
    Meaning::Limit,
    Meaning::Remaining,
    Meaning::Used,
    Meaning::UsedOfLimit,
    Meaning::RetryAfterMilliseconds,
    Meaning::ShouldRetry,
];

/// The target. Every line is a value, as `Retry-After` and as each kind of limit.
pub fn waits(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let mut all = Said::default();
    for value in text.lines() {
        assert_bounded(retry_after::parse(value, now), value);
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            let seconds = value.parse().unwrap_or(u64::MAX);
            let wanted = Duration::from_secs(seconds).min(MAX);
            assert_eq!(retry_after::parse(value, now), Some(wanted), "{value}");
        }
        for meaning in RESETS.map(Meaning::Reset).into_iter().chain(OTHERS) {
            let mut one = Said::default();
            for said in [&mut one, &mut all] {
                said.hear(0, meaning, value, now);
                assert_bounded(said.retry_after(), value);
                for limit_was_hit in [false, true] {
                    assert_bounded(said.until_reset(limit_was_hit), value);
                }
            }
        }
    }
}

fn assert_bounded(wait: Option<Duration>, value: &str) {
    assert!(wait.is_none_or(|wait| wait <= MAX), "{value}: {wait:?}");
}
