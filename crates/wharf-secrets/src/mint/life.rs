//! When a token is renewed, and until when it is used.

use jiff::Timestamp;

/// The least time ahead of its end that a token is renewed, in nanoseconds.
const AHEAD: i128 = 60_000_000_000;

/// The most that a token is left alone before its end, in nanoseconds.
const MARGIN: i128 = 10_000_000_000;

/// When a token that was made at `minted_at` and ends at `valid_until` is to be renewed.
///
/// With `life = valid_until − minted_at`:
///
/// ```text
/// ahead      = max(life / 10, 60 s)
/// refresh_at = max(minted_at + life / 2, valid_until − ahead − jitter · ahead / 2)
/// ```
///
/// So a token of an hour is renewed from 6 to 9 minutes before its end, one of a minute after half
/// of it. `jitter`, from 0 to 1, keeps tokens that were made together from being renewed together;
/// what lies outside is taken as the nearer of the two. A life that is none gives `minted_at`.
pub fn refresh_at(minted_at: Timestamp, valid_until: Timestamp, jitter: f64) -> Timestamp {
    let (start, life) = (minted_at.as_nanosecond(), life(minted_at, valid_until));
    let ahead = (life / 10).max(AHEAD);
    let spread = ahead * i128::from(thousandths(jitter)) / 2_000;
    at(minted_at, start + (life - ahead - spread).max(life / 2))
}

/// Until when such a token is put into calls: a call takes time to reach the vendor, and clocks
/// differ.
///
/// ```text
/// usable_until = valid_until − min(life / 10, 10 s)
/// ```
pub fn usable_until(minted_at: Timestamp, valid_until: Timestamp) -> Timestamp {
    let (start, life) = (minted_at.as_nanosecond(), life(minted_at, valid_until));
    at(minted_at, start + life - (life / 10).min(MARGIN))
}

/// In nanoseconds, from 0.
fn life(minted_at: Timestamp, valid_until: Timestamp) -> i128 {
    (valid_until.as_nanosecond() - minted_at.as_nanosecond()).max(0)
}

fn thousandths(jitter: f64) -> u16 {
    // Not a number is taken as 0.
    let share = if jitter >= 0.0 { jitter.min(1.0) } else { 0.0 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "from 0 to 1000"
    )]
    let thousandths = (share * 1_000.0) as u16;
    thousandths
}

/// A moment between the two that were given, so it always is one.
fn at(otherwise: Timestamp, nanosecond: i128) -> Timestamp {
    Timestamp::from_nanosecond(nanosecond).unwrap_or(otherwise)
}

#[cfg(test)]
mod tests;
