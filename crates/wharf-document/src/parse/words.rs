//! Values with words around them: `Every 60 seconds`, `24-hour local cache`, `twice a minute`.

use std::ops::Range;
use std::time::Duration;

use super::duration::{self, Unit};
use super::number;

/// Longest text that is searched, in bytes.
const LONGEST: usize = 4_096;

/// Words that name a period by themselves.
const PERIODS: [(&str, Unit); 10] = [
    ("hourly", Unit::Hours),
    ("daily", Unit::Days),
    ("nightly", Unit::Days),
    ("weekly", Unit::Weeks),
    ("monthly", Unit::Months),
    ("quarterly", Unit::Quarters),
    ("yearly", Unit::Years),
    ("annually", Unit::Years),
    ("annual", Unit::Years),
    ("minutely", Unit::Minutes),
];

/// Numbers in words.
const NUMBERS: [(&str, f64); 13] = [
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("twelve", 12.0),
    ("once", 1.0),
    ("twice", 2.0),
];

/// Words for one of a unit.
const ONE_OF: [&str; 5] = ["a", "an", "per", "each", "every"];

/// The first duration in a text, and where it stands.
///
/// In figures, with all parts (`1 min 30 s`); of a range, `30-60 s`, the longer end; in words,
/// `every minute`, `twice a day`; as the whole value or where there is nothing else, `quarterly`. A
/// negative one is none.
pub(crate) fn find_duration(text: &str) -> Option<(Duration, Range<usize>)> {
    let text = head(text);
    let figures = in_figures(text)?;
    let tokens = tokens(text);
    let period = periods(text, &tokens);
    // `Quarterly: …` is the value; in `monthly review, every 90 days` the period is of something
    // else.
    let is_value = |(_, range): &(f64, Range<usize>)| {
        let behind = text[range.end..].trim_start();
        text[..range.start].trim().is_empty() && !behind.starts_with(char::is_alphanumeric)
    };
    let named = period.clone().filter(is_value);
    let found = [named, figures, in_words(text, &tokens)];
    let first = found
        .into_iter()
        .flatten()
        .min_by_key(|(_, range)| range.start);
    let (seconds, range) = first.or(period)?;
    Some((duration::bounded(seconds)?, range))
}

/// Every duration in figures, in the order of the text.
pub(crate) fn durations(text: &str) -> Vec<Duration> {
    let found = placed_durations(text).into_iter();
    found.map(|(duration, _)| duration).collect()
}

/// Every duration in figures, and where it stands.
pub(crate) fn placed_durations(text: &str) -> Vec<(Duration, Range<usize>)> {
    let text = head(text);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(Some((seconds, range))) = in_figures(&text[at..]) {
        let end = at + range.end;
        let place = at + range.start..end;
        found.extend(duration::bounded(seconds).map(|duration| (duration, place)));
        at = end;
    }
    found
}

/// A text in small letters, where every letter stands where it stood. One whose small form has
/// another length stays as it is: the places of what is found in it are places of the text.
pub(crate) fn lowered(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let small = |sign: char| {
        let mut signs = sign.to_lowercase();
        let first = signs.next().filter(|_| signs.next().is_none());
        first.filter(|small| small.len_utf8() == sign.len_utf8())
    };
    let signs = text.chars();
    signs.map(|sign| small(sign).unwrap_or(sign)).collect()
}

/// Whether one of some words or phrases, in small letters, stands in a text as a whole.
pub(crate) fn says(text: &str, phrases: &[&str]) -> bool {
    !text.is_empty() && says_plain(&lowered(text), phrases)
}

/// The same for a text in small letters.
pub(crate) fn says_plain(text: &str, phrases: &[&str]) -> bool {
    first_place(text, phrases).is_some()
}

/// Where a phrase stands in a text as a whole: no letter or figure touches it.
pub(crate) fn place_of(text: &str, phrase: &str) -> Option<usize> {
    first_place(text, &[phrase])
}

/// Many phrases are looked for in many short texts, so nothing is prepared for one of them, and
/// only the starts of words are looked at.
fn first_place(text: &str, phrases: &[&str]) -> Option<usize> {
    let apart = |next: Option<char>| next.is_none_or(|sign| !sign.is_alphanumeric());
    let bytes = text.as_bytes();
    let firsts = phrases.iter().fold(0_u64, |firsts, phrase| {
        firsts
            | phrase
                .as_bytes()
                .first()
                .map_or(0, |first| first_bit(*first))
    });
    let mut is_inside = false;
    for (at, byte) in bytes.iter().enumerate() {
        let is_start = !is_inside;
        is_inside = byte.is_ascii_alphanumeric();
        if !is_start || firsts & first_bit(*byte) == 0 {
            continue;
        }
        let stands = |phrase: &&str| {
            phrase.as_bytes().first() == Some(byte)
                && bytes[at..].starts_with(phrase.as_bytes())
                && apart(text[..at].chars().next_back())
                && apart(text[at + phrase.len()..].chars().next())
        };
        if phrases.iter().any(stands) {
            return Some(at);
        }
    }
    None
}

/// The bit of a byte in a set of bytes. Small letters have one each; others share theirs.
const fn first_bit(byte: u8) -> u64 {
    1 << (byte % 64)
}

/// Every percentage in a text, and where it stands: `99,95 %`.
pub(crate) fn percentages(text: &str) -> Vec<(f64, Range<usize>)> {
    let found = numbers(text).into_iter();
    let percent = found.filter_map(|(number, range)| {
        let rest = &text[range.end..];
        let gap = rest.len() - rest.trim_start().len();
        let is_percent = rest[gap..].starts_with('%') && gap <= 3;
        is_percent.then(|| (number, range.start..range.end + gap + 1))
    });
    percent.collect()
}

/// Every number in figures that no letter or sign of a name touches in front.
pub(crate) fn numbers(text: &str) -> Vec<(f64, Range<usize>)> {
    let text = head(text);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text[at..].find(|sign: char| sign.is_ascii_digit()) {
        let start = at + next;
        let Some((digits, width)) = number::leading(&text[start..]) else {
            break;
        };
        at = start + width.max(1);
        let before = text[..start].chars().next_back();
        let is_part = before.is_some_and(|sign| sign.is_alphanumeric() || "._/".contains(sign));
        if let Some(number) = digits.parse().ok().filter(|_| !is_part) {
            found.push((number, start..at));
        }
    }
    found
}

/// The outer `None`: a negative duration stands there.
#[expect(
    clippy::option_option,
    reason = "nothing found and something refused are two outcomes of one search"
)]
fn in_figures(text: &str) -> Option<Option<(f64, Range<usize>)>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let Some((_, width)) = number::leading(&text[at..]) else {
            break;
        };
        let begins = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        if begins && let Some((seconds, end)) = duration::leading(&text[at..]) {
            if is_negative(&text[..at]) {
                return None;
            }
            let (seconds, end) = longer_end(&text[at..], seconds, end);
            return Some(Some((seconds, at..at + end)));
        }
        at += width.max(1);
    }
    Some(None)
}

/// The longer end of a range whose ends have their own units: `30 s-1 min`, `30s to 1m`. Behind
/// spaces a hyphen may lead a remark, so there the range has to end its clause.
fn longer_end(text: &str, seconds: f64, end: usize) -> (f64, usize) {
    let gap = text[end..].trim_start();
    let joint = ["-", "–", "—", "to ", "bis ", "..", "…"]
        .iter()
        .find_map(|joint| gap.strip_prefix(joint));
    let Some(rest) = joint.map(str::trim_start) else {
        return (seconds, end);
    };
    let is_close = gap.len() == text[end..].len();
    match duration::leading(rest) {
        Some((more, width))
            if is_close || gap.starts_with(['t', 'b', '.']) || ends_clause(&rest[width..]) =>
        {
            (seconds.max(more), text.len() - rest.len() + width)
        }
        _ => (seconds, end),
    }
}

fn ends_clause(behind: &str) -> bool {
    !behind
        .trim_start()
        .starts_with(|c: char| c.is_alphanumeric())
}

/// Whether a text goes on with a unit of time: `and a half hours`.
fn is_unit(behind: &str) -> bool {
    let word = behind
        .trim_start()
        .split(|c: char| !c.is_alphabetic())
        .next();
    word.is_some_and(|word| word.len() > 1 && Unit::from_word(word).is_some())
}

/// Whether a minus sign that belongs to the number ends the text before it.
fn is_negative(before: &str) -> bool {
    let Some(rest) = before.strip_suffix(['-', '\u{2212}']) else {
        return false;
    };
    let is_range = rest.trim_end().ends_with(|c: char| c.is_ascii_digit());
    !is_range && (rest.is_empty() || rest.ends_with(char::is_whitespace))
}

/// `every minute`, `two weeks`, `half an hour`, `twice a day`, `4 times per hour`, `10/min`.
fn in_words(text: &str, tokens: &[Range<usize>]) -> Option<(f64, Range<usize>)> {
    let word = |index: usize| {
        tokens
            .get(index)
            .map(|range| text[range.clone()].to_lowercase())
    };
    for (index, place) in tokens.iter().enumerate() {
        let written = &text[place.clone()];
        // One letter is a unit only behind figures.
        let Some(unit) = Unit::from_word(written).filter(|_| written.len() > 1) else {
            continue;
        };
        let seconds = unit.seconds();
        let back = |steps: usize| index.checked_sub(steps).and_then(word).unwrap_or_default();
        let start = |steps: usize| index.checked_sub(steps).map_or(0, |i| tokens[i].start);
        let gap = index
            .checked_sub(1)
            .map_or("", |before| &text[tokens[before].end..place.start]);
        if gap.trim() == "/"
            && let Some(count) = count(&back(1))
        {
            return Some((seconds / count, start(1)..place.end));
        }
        let before = back(1);
        if ONE_OF.contains(&before.as_str()) {
            if before == "a" && is_ordinal(text, place, tokens.get(index + 1)) {
                continue;
            }
            let (times, steps) = match back(2).as_str() {
                "times" | "time" => (count(&back(3)), 3),
                "half" => (Some(2.0), 2),
                other => (count(other), 2),
            };
            if let Some(times) = times {
                return Some((seconds / times, start(steps)..place.end));
            }
            let (seconds, end) = one_and_more(text, seconds, unit, place.end);
            return Some((seconds, start(1)..end));
        }
        if before == "other" && back(2) == "every" {
            return Some((seconds * 2.0, start(2)..place.end));
        }
        let is_number = |(name, number): &(&str, f64)| (before == *name).then_some(*number);
        if let Some(number) = NUMBERS.iter().find_map(is_number) {
            return Some((seconds * number, start(1)..place.end));
        }
    }
    None
}

/// What belongs to one of a unit: `a quarter of an hour`, `an hour and a half`,
/// `an hour and 30 minutes`.
fn one_and_more(text: &str, seconds: f64, unit: Unit, end: usize) -> (f64, usize) {
    const HALF: &str = "and a half";
    let behind = &text[end..];
    let rest = behind.trim_start();
    let at = text.len() - rest.len();
    if unit == Unit::Quarters
        && let Some(of) = rest
            .strip_prefix("of an ")
            .or_else(|| rest.strip_prefix("of a "))
    {
        let word = of
            .split(|c: char| !c.is_alphabetic())
            .next()
            .unwrap_or_default();
        if let Some(whole) = Unit::from_word(word) {
            let end = text.len() - of.len() + word.len();
            return (whole.seconds() / 4.0, end);
        }
    }
    if let Some(more) = rest.strip_prefix(HALF)
        && !is_unit(more)
    {
        return (seconds * 1.5, at + HALF.len());
    }
    let more = rest.strip_prefix("and ").map(str::trim_start);
    match more.and_then(|more| Some((more, duration::leading(more)?))) {
        Some((more, (part, width))) if part < seconds => {
            (seconds + part, text.len() - more.len() + width)
        }
        _ => (seconds, end),
    }
}

/// `a second role`: the one after the first.
fn is_ordinal(text: &str, place: &Range<usize>, next: Option<&Range<usize>>) -> bool {
    const MAY_FOLLOW: [&str; 9] = ["and", "at", "by", "for", "from", "in", "on", "or", "per"];
    let is_word = |next: &Range<usize>| {
        let word = &text[next.clone()];
        text[place.end..next.start].trim().is_empty()
            && word.starts_with(char::is_alphabetic)
            && !MAY_FOLLOW
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known))
    };
    text[place.clone()].eq_ignore_ascii_case("second") && next.is_some_and(is_word)
}

/// A number above zero, in figures or in words.
pub(crate) fn count(word: &str) -> Option<f64> {
    let named = NUMBERS.iter().find(|(name, _)| word == *name);
    named
        .map(|(_, number)| *number)
        .or_else(|| word.parse().ok())
        .filter(|number| *number > 0.0 && number.is_finite())
}

/// The first whole number in a text, in figures or in words, and where it stands. A share
/// (`5 %`), a fraction and a duration are none.
pub(crate) fn find_count(text: &str) -> Option<(u64, Range<usize>)> {
    let text = head(text);
    tokens(text).into_iter().find_map(|range| {
        let word = text[range.clone()].to_lowercase();
        let rest = text[range.end..].trim_start();
        let before = &text[..range.start];
        let is_part = before.ends_with(|c: char| c.is_alphanumeric() || ".,-".contains(c))
            || rest.starts_with(['%', '‰'])
            || text[range.end..].starts_with(['.', ','])
                && text[range.end + 1..].starts_with(|c: char| c.is_ascii_digit());
        let is_time = duration::leading(&text[range.start..]).is_some();
        let number = NUMBERS.iter().find(|(name, _)| *name == word);
        let number = match number {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the numbers of the list are whole and from 1 to 12"
            )]
            Some((_, number)) => *number as u64,
            None => word.parse().ok()?,
        };
        (!is_part && !is_time).then_some((number, range))
    })
}

fn periods(text: &str, tokens: &[Range<usize>]) -> Option<(f64, Range<usize>)> {
    tokens
        .iter()
        .find_map(|range| Some((period(&text[range.clone()])?, range.clone())))
}

/// The seconds of a period that is named by one word: `monthly`, `quarterly`.
pub(super) fn period(word: &str) -> Option<f64> {
    let is = |(name, _): &&(&str, Unit)| word.trim().eq_ignore_ascii_case(name);
    PERIODS.iter().find(is).map(|(_, unit)| unit.seconds())
}

/// Runs of letters and runs of digits.
pub(crate) fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut tokens: Vec<Range<usize>> = Vec::new();
    let mut last = ' ';
    for (at, sign) in text.char_indices() {
        let end = at + sign.len_utf8();
        let is_same = last.is_alphabetic() && sign.is_alphabetic()
            || last.is_ascii_digit() && sign.is_ascii_digit();
        match tokens.last_mut() {
            Some(token) if is_same => token.end = end,
            _ if sign.is_alphabetic() || sign.is_ascii_digit() => tokens.push(at..end),
            _ => {}
        }
        last = sign;
    }
    tokens
}

pub(super) fn head(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
