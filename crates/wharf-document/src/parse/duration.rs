//! Durations: `30`, `30s`, `5 minutes`, `24-hour`, `90_days`, `500ms`, `1m30s`.

use std::time::Duration;

use super::{number, number_and_rest};

/// The longest duration a document may name: a hundred years.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 3_600);

/// What a duration looks like, for messages.
pub(crate) const FORMS: &str =
    "`30` (seconds), `30s`, `5 minutes`, `24-hour`, `90_days`, `500ms` or `1m30s`";

/// Words that may stand between the parts of one duration.
const JOINTS: [&str; 3] = ["and ", "und ", "& "];

/// Reads a duration. A bare number counts `bare_unit`s.
pub(crate) fn parse(text: &str, bare_unit: Unit) -> Result<Duration, String> {
    let text = text.trim();
    let (number, rest) = number_and_rest(text).ok_or("it does not start with a number")?;
    let is_space = |c: char| c.is_whitespace() || matches!(c, '-' | '_');
    let (seconds, behind) = match leading(text) {
        // With a unit it is written for people; alone it is a number of JSON or YAML.
        Some(_) if number::is_unclear(text) => return Err(number::UNCLEAR.to_owned()),
        Some((seconds, end)) => (seconds, text[end..].trim_matches(is_space)),
        None if rest.trim().is_empty() => (number * bare_unit.seconds(), ""),
        None => {
            let word = rest.trim_matches(is_space);
            return Err(format!("`{word}` is no unit of time"));
        }
    };
    if !behind.is_empty() {
        return Err(format!("`{behind}` stands behind the duration"));
    }
    bounded(seconds).ok_or_else(|| "it is longer than a hundred years".to_owned())
}

/// Seconds as a duration, up to a hundred years.
pub(crate) fn bounded(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|duration| *duration <= LONGEST)
}

/// The duration that a text begins with, in seconds, and where it ends.
///
/// Parts of smaller and smaller units belong together: `1m30s`, `1 h 5 min`,
/// `1 minute and 30 seconds`.
pub(crate) fn leading(text: &str) -> Option<(f64, usize)> {
    let (mut seconds, mut unit, mut end) = part(text)?;
    loop {
        let gap = &text[end..];
        let mut rest = gap.trim_start();
        if let Some(joint) = JOINTS.iter().find_map(|joint| rest.strip_prefix(joint))
            && rest.len() < gap.len()
        {
            rest = joint.trim_start();
        }
        match part(rest) {
            Some((more, smaller, width)) if smaller.seconds() < unit.seconds() => {
                seconds += more;
                unit = smaller;
                end = text.len() - rest.len() + width;
            }
            _ => return Some((seconds, end)),
        }
    }
}

/// One number with a unit: its seconds, the unit, and where it ends.
fn part(text: &str) -> Option<(f64, Unit, usize)> {
    let (digits, number_end) = number::leading(text)?;
    let number: f64 = digits.parse().ok()?;
    let rest = &text[number_end..];
    let mut signs = rest.chars();
    // `30 s`, `24-hour`, `90_days`; more between them makes two things of it.
    let gap = signs
        .next()
        .filter(|c| matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '_'))
        .map_or(0, char::len_utf8);
    let word = rest.get(gap..)?;
    let word_end = word
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(word.len());
    let unit = Unit::from_word(&word[..word_end])?;
    let seconds = number * unit.seconds();
    seconds
        .is_finite()
        .then_some((seconds, unit, number_end + gap + word_end))
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
    Quarters,
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
            "w" | "wk" | "wks" | "week" | "weeks" => Self::Weeks,
            "mo" | "month" | "months" => Self::Months,
            "quarter" | "quarters" => Self::Quarters,
            "y" | "yr" | "yrs" | "year" | "years" | "annum" => Self::Years,
            _ => return None,
        })
    }

    /// Length in seconds; a month has 30 days, a quarter three months and a year 365 days.
    pub(crate) fn seconds(self) -> f64 {
        match self {
            Self::Milliseconds => 0.001,
            Self::Seconds => 1.0,
            Self::Minutes => 60.0,
            Self::Hours => 3_600.0,
            Self::Days => 86_400.0,
            Self::Weeks => 7.0 * 86_400.0,
            Self::Months => 30.0 * 86_400.0,
            Self::Quarters => 90.0 * 86_400.0,
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
        86_400 => "1 day".to_owned(),
        _ if seconds.is_multiple_of(86_400) => format!("{} days", seconds / 86_400),
        _ if seconds > 172_800 && seconds.is_multiple_of(43_200) => {
            format!("{}.5 days", seconds / 86_400)
        }
        _ if seconds.is_multiple_of(3_600) => format!("{} h", seconds / 3_600),
        _ if seconds.is_multiple_of(60) => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}
