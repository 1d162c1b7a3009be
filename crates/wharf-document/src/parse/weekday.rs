//! Weekdays beside dates: `Thursday, 14 March 2027`, `2027-03-14 (Thu)`, `Do., 14.03.2027`.

use std::ops::Range;

use jiff::civil::Weekday;

use super::date::{self, Found, Role};
use super::words::{head, tokens};

/// Whole names in English and German.
const NAMES: [(&str, Weekday); 15] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
    ("montag", Weekday::Monday),
    ("dienstag", Weekday::Tuesday),
    ("mittwoch", Weekday::Wednesday),
    ("donnerstag", Weekday::Thursday),
    ("freitag", Weekday::Friday),
    ("samstag", Weekday::Saturday),
    ("sonnabend", Weekday::Saturday),
    ("sonntag", Weekday::Sunday),
];

/// Names cut short, with a capital.
const SHORT: [(&str, Weekday); 10] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Tues", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Thur", Weekday::Thursday),
    ("Thurs", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

/// German names of two letters, which are words of other kinds too: only with a point or alone in
/// parentheses.
const SHORTEST: [(&str, Weekday); 7] = [
    ("Mo", Weekday::Monday),
    ("Di", Weekday::Tuesday),
    ("Mi", Weekday::Wednesday),
    ("Do", Weekday::Thursday),
    ("Fr", Weekday::Friday),
    ("Sa", Weekday::Saturday),
    ("So", Weekday::Sunday),
];

/// What the names of all three lists begin with, in small letters and with what follows the shortest.
const STARTS: [&[u8; 3]; 27] = [
    b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun", b"die", b"mit", b"don", b"fre", b"sam",
    b"son", b"mo.", b"mo)", b"di.", b"di)", b"mi.", b"mi)", b"do.", b"do)", b"fr.", b"fr)", b"sa.",
    b"sa)", b"so.", b"so)",
];

/// Words before a weekday that make it another thing than the day of the date.
const OTHERWISE: [&str; 9] = [
    "every", "each", "not", "never", "except", "jeden", "nicht", "instead", "than",
];

/// What may stand between a weekday and the date behind it.
const BEFORE_DATE: [&str; 9] = ["", ",", ".", ".,", "(", "the", ", the", ", den", "den"];

/// What may stand between a date and the weekday behind it.
const BEHIND_DATE: [&str; 10] = [
    "(",
    ",",
    "(a",
    ", a",
    "is a",
    "was a",
    ", which is a",
    "(ein",
    ", ein",
    "falls on a",
];

/// A weekday that is said of a date.
#[derive(Clone, Debug)]
pub(crate) struct Dated {
    pub(crate) weekday: Weekday,
    pub(crate) range: Range<usize>,
    pub(crate) date: Found,
}

/// The weekdays of a text that stand beside a date of one day.
pub(crate) fn find(text: &str) -> Vec<Dated> {
    let text = head(text);
    // A date has figures; most texts have none.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) || !may_name_one(text) {
        return Vec::new();
    }
    let tokens = tokens(text);
    let named: Vec<_> = tokens
        .iter()
        .filter_map(|token| Some((weekday(text, token)?, token.clone())))
        .collect();
    if named.is_empty() {
        return Vec::new();
    }
    let dates = date::find(text).read;
    let before = |(_, range): &(Weekday, Range<usize>)| {
        let words = text[..range.start].trim_end();
        let start = words
            .rfind(|sign: char| !sign.is_alphanumeric())
            .map_or(0, |at| at + 1);
        OTHERWISE.contains(
            &words
                .get(start..)
                .unwrap_or_default()
                .to_lowercase()
                .as_str(),
        )
    };
    let ahead = |range: &Range<usize>| dates.iter().find(|date| leads_to(text, range, date));
    let mut found = Vec::new();
    for (index, (weekday, range)) in named.iter().enumerate() {
        if before(&named[index]) {
            continue;
        }
        let last = dates.iter().rfind(|date| date.range.end <= range.start);
        let next = named.get(index + 1).map(|(_, range)| range);
        let is_alone = next.is_none_or(|next| {
            ahead(next).is_some() || text[range.end..next.start].contains([';', '.', '\n'])
        });
        let behind = last.filter(|date| is_alone && follows(text, range, date));
        let Some(date) = ahead(range).or(behind) else {
            continue;
        };
        if date.first == date.last {
            found.push(Dated {
                weekday: *weekday,
                range: range.clone(),
                date: date.clone(),
            });
        }
    }
    found
}

/// Whether a word of a text begins as a weekday does; most texts have none.
fn may_name_one(text: &str) -> bool {
    let mut last = b' ';
    text.as_bytes().windows(3).any(|signs| {
        let is_inside = last.is_ascii_alphabetic();
        last = signs[0];
        let start = [signs[0] | 0x20, signs[1] | 0x20, signs[2] | 0x20];
        !is_inside && STARTS.contains(&&start)
    })
}

/// The weekday that a word names.
fn weekday(text: &str, token: &Range<usize>) -> Option<Weekday> {
    let word = &text[token.clone()];
    // All of them begin with one of these letters.
    if !word.starts_with(|sign: char| "MTWFSDmtwfsd".contains(sign)) {
        return None;
    }
    let whole = NAMES
        .iter()
        .find(|(name, _)| word.eq_ignore_ascii_case(name));
    let short = || SHORT.iter().find(|(name, _)| word == *name);
    let shortest = || {
        let is_alone = text[..token.start].ends_with('(') && text[token.end..].starts_with(')');
        let marked = is_alone || text[token.end..].starts_with('.');
        SHORTEST.iter().find(|(name, _)| marked && word == *name)
    };
    let found = whole.or_else(short).or_else(shortest)?;
    Some(found.1)
}

/// Whether a date follows a weekday as its own.
fn leads_to(text: &str, weekday: &Range<usize>, date: &Found) -> bool {
    let gap = text.get(weekday.end..date.range.start);
    gap.is_some_and(|gap| BEFORE_DATE.contains(&words_of(gap).as_str()))
}

/// Whether a weekday follows a date as its own. One behind a comma may begin a span of days, and
/// one behind the end of a span may be that of its beginning.
fn follows(text: &str, weekday: &Range<usize>, date: &Found) -> bool {
    let gap = words_of(&text[date.range.end..weekday.start]);
    if !BEHIND_DATE.contains(&gap.as_str()) {
        return false;
    }
    let before = text[..date.range.start].trim_end();
    let is_end = before.ends_with(['-', '–', '—', '/', '+', '&'])
        || [" to", " and", " bis", " und", " or"]
            .iter()
            .any(|joint| before.ends_with(joint));
    let rest = text[weekday.end..].trim_start_matches('.').trim_start();
    let ends = if gap.starts_with('(') {
        rest.starts_with([')', ',', ';'])
    } else {
        rest.is_empty()
            || rest.starts_with([',', ';', ')', '|', '.'])
            || text[weekday.end..].starts_with('.')
    };
    ends && !is_end && !(gap == "," && date.role == Role::Begin)
}

/// A gap with one space where there were several.
fn words_of(gap: &str) -> String {
    gap.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}
