//! What a vendor says about its limits in one answer, and the wait that follows from it.

use std::time::{Duration, SystemTime};

use crate::retry_after::MAX;

/// What a value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Calls allowed.
    Limit,
    /// Calls left.
    Remaining,
    /// Calls made.
    Used,
    /// `32/40`: used and allowed.
    UsedOfLimit,
    /// When the limit is full again.
    Reset(Reset),
    /// Milliseconds to wait before the next try, whatever the limit.
    RetryAfterMilliseconds,
    /// Whether the same request may be sent again.
    ShouldRetry,
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// Seconds from now.
    Seconds,
    /// Milliseconds from now.
    Milliseconds,
    /// A time from now with units, such as `6m0s`; a bare number counts seconds.
    Duration,
    /// An HTTP date (RFC 9110, 5.6.7) or a time of RFC 3339.
    Date,
}

/// Everything that one answer said.
#[derive(Clone, Debug, Default)]
pub struct Said {
    quotas: Vec<(usize, Quota)>,
    retry_after: Option<Duration>,
    should_retry: Option<bool>,
}

/// One limit of the vendor's.
#[derive(Clone, Copy, Debug, Default)]
struct Quota {
    limit: Option<f64>,
    remaining: Option<f64>,
    used: Option<f64>,
    reset: Option<Duration>,
}

impl Said {
    /// Takes a value. `quota` tells values of one limit from those of another; `now` is what the
    /// vendor's clock says, where it says so. What cannot be read says nothing.
    pub fn hear(&mut self, quota: usize, meaning: Meaning, value: &str, now: SystemTime) {
        let value = value.trim();
        match meaning {
            Meaning::ShouldRetry => self.should_retry = truth(value).or(self.should_retry),
            Meaning::RetryAfterMilliseconds => {
                let wait = from_now(value, 0.001);
                self.retry_after = wait.max(self.retry_after);
            }
            Meaning::Limit => self.quota(quota).limit = number(value),
            Meaning::Remaining => self.quota(quota).remaining = number(value),
            Meaning::Used => self.quota(quota).used = number(value),
            Meaning::UsedOfLimit => {
                if let Some((used, limit)) = value.split_once('/') {
                    let quota = self.quota(quota);
                    (quota.used, quota.limit) = (number(used), number(limit));
                }
            }
            Meaning::Reset(form) => {
                let reset = read_reset(form, value, now);
                let quota = self.quota(quota);
                quota.reset = reset.max(quota.reset);
            }
        }
    }

    fn quota(&mut self, id: usize) -> &mut Quota {
        let found = self.quotas.iter().position(|(known, _)| *known == id);
        let index = found.unwrap_or_else(|| {
            self.quotas.push((id, Quota::default()));
            self.quotas.len() - 1
        });
        &mut self.quotas[index].1
    }

    /// A wait that the vendor asks for in so many words, finer than `Retry-After`.
    pub const fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Whether the same request may be sent again. `None`: the vendor does not say.
    pub const fn should_retry(&self) -> Option<bool> {
        self.should_retry
    }

    /// How long until the limits that are used up are full again. Where the answer says that a
    /// limit was hit, one that does not tell how much is left counts as used up.
    pub fn until_reset(&self, limit_was_hit: bool) -> Option<Duration> {
        self.quotas
            .iter()
            .filter(|(_, quota)| quota.is_used_up().unwrap_or(limit_was_hit))
            .filter_map(|(_, quota)| quota.reset)
            .max()
    }
}

impl Quota {
    fn is_used_up(self) -> Option<bool> {
        let left = self.remaining.or_else(|| Some(self.limit? - self.used?));
        left.map(|left| left <= 0.0)
    }
}

fn truth(value: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| value.eq_ignore_ascii_case(word));
    if is(["true", "1", "yes"]) {
        return Some(true);
    }
    is(["false", "0", "no"]).then_some(false)
}

/// A number of at most 32 signs, not negative.
fn number(value: &str) -> Option<f64> {
    let value = value.trim();
    let is_plain = value.len() <= 32 && value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    value.parse().ok().filter(|_| is_plain)
}

fn from_now(value: &str, unit_s: f64) -> Option<Duration> {
    let seconds = number(value)? * unit_s;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(MAX).min(MAX))
}

fn since_epoch(value: &str, unit_s: f64, now: SystemTime) -> Option<Duration> {
    let moment = Duration::try_from_secs_f64(number(value)? * unit_s).ok()?;
    Some(until(SystemTime::UNIX_EPOCH.checked_add(moment)?, now))
}

fn until(moment: SystemTime, now: SystemTime) -> Duration {
    moment.duration_since(now).unwrap_or_default().min(MAX)
}

fn read_reset(form: Reset, value: &str, now: SystemTime) -> Option<Duration> {
    match form {
        Reset::EpochSeconds => since_epoch(value, 1.0, now),
        Reset::EpochMilliseconds => since_epoch(value, 0.001, now),
        Reset::Seconds => from_now(value, 1.0),
        Reset::Milliseconds => from_now(value, 0.001),
        Reset::Duration => with_units(value),
        Reset::Date => {
            let date = httpdate::parse_http_date(value).ok();
            let date =
                date.or_else(|| SystemTime::try_from(value.parse::<jiff::Timestamp>().ok()?).ok())?;
            Some(until(date, now))
        }
    }
}

/// Reads `6m0s`, `1h2m3.5s`, `120ms` or `17`.
fn with_units(value: &str) -> Option<Duration> {
    if let Some(wait) = from_now(value, 1.0) {
        return Some(wait);
    }
    let mut seconds = 0.0;
    let mut rest = value;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (count, behind) = rest.split_at(end);
        let end = behind.find(|c: char| c.is_ascii_digit());
        let (unit, behind) = behind.split_at(end.unwrap_or(behind.len()));
        let unit_s = match unit.trim() {
            "d" => 86_400.0,
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 0.001,
            "us" | "µs" | "μs" => 0.000_001,
            "ns" => 0.000_000_001,
            _ => return None,
        };
        seconds += number(count)? * unit_s;
        rest = behind;
    }
    (!value.is_empty()).then(|| Duration::try_from_secs_f64(seconds).unwrap_or(MAX).min(MAX))
}

#[cfg(test)]
mod tests;
