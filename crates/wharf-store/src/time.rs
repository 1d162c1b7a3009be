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
