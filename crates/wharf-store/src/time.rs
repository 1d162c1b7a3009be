//! Times as they are kept: to the microsecond, whatever the engine.

use std::time::Duration;

use jiff::Timestamp;

/// A time as it is read again.
pub(crate) fn kept(time: Timestamp) -> Timestamp {
    // Of the last second that there is, only the first moment has a number of microseconds.
    Timestamp::from_microsecond(time.as_microsecond())
        .or_else(|_| Timestamp::from_second(time.as_second()))
        .unwrap_or(time)
}

/// A length of time as it is read again: 71 minutes at most.
pub(crate) fn kept_duration(duration: Duration) -> Duration {
    let microseconds = u32::try_from(duration.as_micros()).unwrap_or(u32::MAX);
    Duration::from_micros(microseconds.into())
}

/// Longest time, by the times of what is kept, that one run takes away for its age.
///
/// A clock that is wrong must not take everything away at once: nobody can tell at a start that it
/// jumped, and what is gone does not come back. With a run an hour, a clock that is a year ahead
/// takes a month of records away in more than a day, and one that is put right within the hour takes
/// one day. Where much is old for a good reason, such as after a long rest, it is gone as soon.
pub(crate) const AGE_STEP: Duration = Duration::from_secs(24 * 60 * 60);

/// The time before which one run takes things away: `before`, but not more than [`AGE_STEP`] behind
/// the oldest of them. Both in microseconds.
pub(crate) fn in_one_step(before: i64, oldest: i64) -> i64 {
    before.min(oldest.saturating_add(age_step()))
}

/// [`AGE_STEP`] in microseconds, as an engine has it.
pub(crate) fn age_step() -> i64 {
    i64::try_from(AGE_STEP.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::in_one_step;

    #[test]
    fn one_run_takes_no_more_than_a_day_away_by_age() {
        let day = 24 * 60 * 60 * 1_000_000;
        assert_eq!(in_one_step(7, 3), 7);
        assert_eq!(in_one_step(i64::MAX, 3), 3 + day);
        assert_eq!(in_one_step(i64::MIN, 3), i64::MIN);
        assert_eq!(in_one_step(5, i64::MAX), 5);
    }
}
