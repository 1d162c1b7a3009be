//! Durations: `30`, `30s`, `5 minutes`, `24-hour`, `90_days`, `500ms`.

use std::time::Duration;

use super::number_and_rest;

/// The longest duration a document may name: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 3_600);

/// What a duration looks like, for messages.
pub(crate) const FORMS: &str =
    "`30` (seconds), `30s`, `5 minutes`, `24-hour`, `90_days` or `500ms`";

/// Reads a duration. A bare number counts `bare_unit`s.
pub(crate) fn parse(text: &str, bare_unit: Unit) -> Result<Duration, String> {
    let (number, rest) = number_and_rest(text).ok_or("it does not start with a number")?;
    let word = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '_'));
    let unit = if rest.trim().is_empty() {
        bare_unit
    } else {
        Unit::from_word(word).ok_or_else(|| format!("`{word}` is no unit of time"))?
    };
    Duration::try_from_secs_f64(number * unit.seconds())
        .ok()
        .filter(|duration| *duration <= LONGEST)
        .ok_or_else(|| "it is longer than a hundred years".to_owned())
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    Milliseconds,
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Months,
    Years,
}

impl Unit {
    /// The unit a word names, in any case and number.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" | "millis" => {
                Self::Milliseconds
            }
            "s" | "sec" | "secs" | "second" | "seconds" => Self::Seconds,
            "m" | "min" | "mins" | "minute" | "minutes" => Self::Minutes,
            "h" | "hr" | "hrs" | "hour" | "hours" => Self::Hours,
            "d" | "day" | "days" | "daily" => Self::Days,
            "w" | "week" | "weeks" => Self::Weeks,
            "mo" | "month" | "months" => Self::Months,
            "y" | "year" | "years" => Self::Years,
            _ => return None,
        })
    }

    /// Length in seconds; a month has 30 days and a year 365.
    pub(crate) fn seconds(self) -> f64 {
        match self {
            Self::Milliseconds => 0.001,
            Self::Seconds => 1.0,
            Self::Minutes => 60.0,
            Self::Hours => 3_600.0,
            Self::Days => 86_400.0,
            Self::Weeks => 7.0 * 86_400.0,
            Self::Months => 30.0 * 86_400.0,
            Self::Years => 365.0 * 86_400.0,
        }
    }
}

/// A duration as people write it, in the largest units that show it whole.
pub(crate) fn shown(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    if millis > 0 {
        return match seconds {
            0 => format!("{millis} ms"),
            _ => format!("{} s", duration.as_secs_f64()),
        };
    }
    match seconds {
        0 => "0 s".to_owned(),
        _ if seconds.is_multiple_of(86_400) => format!("{} days", seconds / 86_400),
        _ if seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}
