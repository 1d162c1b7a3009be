//! Dates with words around them: `2026-12-31`, `until 28.02.2024`, `June 30, 2027`, `Q4 2027`.

use std::ops::Range;

use jiff::civil::Date;

use super::words::{head, tokens};

/// Names of the months in English and German, whole and cut short.
const MONTHS: [(&str, i8); 35] = [
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("may", 5),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
    ("januar", 1),
    ("februar", 2),
    ("märz", 3),
    ("mai", 5),
    ("juni", 6),
    ("juli", 7),
    ("oktober", 10),
    ("dezember", 12),
    ("jan", 1),
    ("feb", 2),
    ("mar", 3),
    ("mrz", 3),
    ("apr", 4),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("sept", 9),
    ("oct", 10),
    ("okt", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
];

/// Words in front of a day on which something begins.
const BEGINS: [&str; 22] = [
    "since",
    "from",
    "signed",
    "start",
    "starts",
    "started",
    "starting",
    "began",
    "begins",
    "as",
    "effective",
    "renewed",
    "released",
    "launched",
    "introduced",
    "seit",
    "ab",
    "von",
    "vom",
    "after",
    "nach",
    "begin",
];

/// Words in front of a day on which something ends.
const ENDS: [&str; 34] = [
    "until",
    "till",
    "to",
    "through",
    "thru",
    "end",
    "ends",
    "ended",
    "ending",
    "expires",
    "expired",
    "expiry",
    "expiring",
    "expiration",
    "terminates",
    "bis",
    "by",
    "before",
    "sunset",
    "sunsets",
    "retired",
    "retires",
    "retirement",
    "eol",
    "supported",
    "valid",
    "renews",
    "renewal",
    "endet",
    "ende",
    "deprecated",
    "removed",
    "removal",
    "shutdown",
];

/// Words that may stand between such a word and the day.
const BETWEEN: [&str; 10] = [
    "on", "the", "of", "day", "is", "at", "am", "zum", "in", "date",
];

/// What the words in front of a date say about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Something begins on it: `since`, `signed`.
    Begin,
    /// Something ends on it: `until`, `to`, or a dash behind another date.
    End,
    /// They say nothing.
    Plain,
}

/// A date in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The day; the first one of a month or a quarter.
    pub(crate) first: Date,
    /// The day; the last one of a month or a quarter.
    pub(crate) last: Date,
    pub(crate) role: Role,
    /// Where the words that give it its role begin; the date itself where there are none.
    pub(crate) lead: usize,
    pub(crate) range: Range<usize>,
}

/// The dates of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dates {
    /// Those that were read, in the order of the text.
    pub(crate) read: Vec<Found>,
    /// The first thing that looks like a date, names no beginning, and was not read.
    pub(crate) unread: Option<Range<usize>>,
}

impl Dates {
    /// The day on which it ends: the latest of those that say so, else the latest that say
    /// nothing.
    pub(crate) fn end(&self) -> Option<(Date, Range<usize>)> {
        let latest = |role| {
            let those = self.read.iter().filter(move |found| found.role == role);
            those.max_by_key(|found| found.last)
        };
        let found = latest(Role::End).or_else(|| latest(Role::Plain))?;
        Some((found.last, found.range.clone()))
    }

    /// Whether something in the text is a date, read or not.
    pub(crate) fn has_any(&self) -> bool {
        !self.read.is_empty() || self.unread.is_some()
    }

    /// The first day in the text.
    pub(crate) fn first(&self) -> Option<(Date, Range<usize>)> {
        let found = self.read.first()?;
        Some((found.first, found.range.clone()))
    }
}

/// Finds every date of a text.
pub(crate) fn find(text: &str) -> Dates {
    let text = head(text);
    let tokens = tokens(text);
    let words = Words { text, tokens };
    let mut dates = Dates::default();
    let mut at = 0;
    while at < words.tokens.len() {
        let Some((days, width)) = words.date_at(at) else {
            if dates.unread.is_none() {
                dates.unread = words.short_year(at, dates.read.last());
            }
            at += 1;
            continue;
        };
        let range = words.tokens[at].start..words.tokens[at + width - 1].end;
        let (role, lead) = words.role(at, dates.read.last().map(|found| found.range.end));
        match days {
            Some((first, last)) => dates.read.push(Found {
                first,
                last,
                role,
                lead,
                range,
            }),
            None if role != Role::Begin && dates.unread.is_none() => dates.unread = Some(range),
            None => {}
        }
        at += width;
    }
    dates
}

/// The first and the last day of what was read; `None` where no calendar has it.
type Days = Option<(Date, Date)>;

struct Words<'a> {
    text: &'a str,
    tokens: Vec<Range<usize>>,
}

impl Words<'_> {
    fn word(&self, at: usize) -> &str {
        let token = self.tokens.get(at).cloned();
        token.map_or("", |token| &self.text[token])
    }

    /// What stands between a token and the next.
    fn gap(&self, at: usize) -> &str {
        match (self.tokens.get(at), self.tokens.get(at + 1)) {
            (Some(left), Some(right)) => &self.text[left.end..right.start],
            _ => "\0",
        }
    }

    fn number(&self, at: usize, digits: &[usize]) -> Option<i16> {
        let word = self.word(at);
        digits.contains(&word.len()).then(|| word.parse().ok())?
    }

    fn year(&self, at: usize) -> Option<i16> {
        let year = self.number(at, &[4])?;
        (1_900..2_200).contains(&year).then_some(year)
    }

    fn month(&self, at: usize) -> Option<i8> {
        let word = self.word(at).to_lowercase();
        let known = MONTHS.iter().find(|(name, _)| *name == word);
        known.map(|(_, month)| *month)
    }

    /// The date that begins at a token, and how many tokens it has.
    fn date_at(&self, at: usize) -> Option<(Days, usize)> {
        self.in_figures(at)
            .or_else(|| self.with_month(at))
            .or_else(|| self.quarter(at))
            .or_else(|| self.bare_year(at))
    }

    fn in_figures(&self, at: usize) -> Option<(Days, usize)> {
        let gap = self.gap(at);
        if let Some(year) = self.year(at) {
            let second = self.number(at + 1, &[1, 2])?;
            if !matches!(gap, "-" | "/" | ".") {
                return None;
            }
            if self.gap(at + 1) == gap
                && let Some(third) = self.number(at + 2, &[1, 2])
            {
                return Some((day(year, second, third), 3));
            }
            let is_month = gap == "-" && self.word(at + 1).len() == 2;
            return is_month.then(|| (month(year, second), 2));
        }
        if let Some(days) = self.basic_format(at) {
            return Some((Some(days), 1));
        }
        let first = self.number(at, &[1, 2])?;
        if gap == "/"
            && let Some(year) = self.year(at + 1)
        {
            return Some((month(year, first), 2));
        }
        let second = self.number(at + 1, &[1, 2])?;
        let year = self.year(at + 2)?;
        let days = match (gap.trim_end(), self.gap(at + 1).trim_end()) {
            (".", ".") => day(year, second, first),
            ("/", "/") | ("-", "-") if first > 12 || first == second => day(year, second, first),
            ("/", "/") | ("-", "-") if second > 12 => day(year, first, second),
            // `03/04/2027` is two days.
            ("/", "/") | ("-", "-") => None,
            _ => return None,
        };
        Some((days, 3))
    }

    /// `20271231` (ISO 8601, basic format), where a calendar has that day.
    fn basic_format(&self, at: usize) -> Option<(Date, Date)> {
        let word = self.word(at);
        if word.len() != 8 || !word.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let year: i16 = word[..4].parse().ok()?;
        let days = day(year, word[4..6].parse().ok()?, word[6..].parse().ok()?)?;
        (1_900..2_200).contains(&year).then_some(days)
    }

    /// `until 31.12.27`: a day whose century is not said. Without a word in front it may be a
    /// version.
    fn short_year(&self, at: usize, previous: Option<&Found>) -> Option<Range<usize>> {
        for (token, digits) in [(at, [1, 2]), (at + 1, [1, 2]), (at + 2, [2, 2])] {
            self.number(token, &digits)?;
        }
        let (gap, next) = (self.gap(at), self.gap(at + 1));
        let is_apart = !self.gap(at + 2).starts_with(gap);
        let range = self.tokens[at].start..self.tokens[at + 2].end;
        let (role, _) = self.role(at, previous.map(|found| found.range.end));
        (matches!(gap, "." | "/" | "-") && gap == next && is_apart && role == Role::End)
            .then_some(range)
    }

    /// `28. Februar 2024`, `28th of February 2024`, `February 28, 2024`, `February 2024`.
    fn with_month(&self, at: usize) -> Option<(Days, usize)> {
        if let Some(number) = self.number(at, &[1, 2]) {
            let mut next = at + 1;
            let is_ordinal =
                self.gap(at).is_empty() && matches!(self.word(next), "st" | "nd" | "rd" | "th");
            next += usize::from(is_ordinal);
            next += usize::from(self.word(next) == "of");
            let is_near = matches!(self.gap(at), "" | " " | "." | ". " | "-");
            let month = self.month(next).filter(|_| is_near)?;
            let year = self.year(next + 1)?;
            return Some((day(year, month.into(), number), next + 2 - at));
        }
        let number = self.month(at)?;
        if !matches!(self.gap(at), " " | ". " | ", " | "." | "-" | "/") {
            return None;
        }
        if let Some(year) = self.year(at + 1) {
            return Some((month(year, number.into()), 2));
        }
        let day_number = self.number(at + 1, &[1, 2])?;
        let is_ordinal = matches!(self.word(at + 2), "st" | "nd" | "rd" | "th");
        let next = at + 2 + usize::from(is_ordinal);
        let year = self.year(next)?;
        Some((day(year, number.into(), day_number), next + 1 - at))
    }

    /// `Q4 2027`, `2027 Q4`, `2027-Q4`.
    fn quarter(&self, at: usize) -> Option<(Days, usize)> {
        let is_quarter =
            |at: usize| self.word(at).eq_ignore_ascii_case("q") && self.gap(at).is_empty();
        let (year, number, width) = if is_quarter(at) {
            (self.year(at + 2)?, self.number(at + 1, &[1])?, 3)
        } else {
            let year = self.year(at).filter(|_| is_quarter(at + 1))?;
            (year, self.number(at + 2, &[1])?, 3)
        };
        let days = month(year, number * 3 - 2)
            .zip(month(year, number * 3))
            .map(|((first, _), (_, last))| (first, last));
        Some((days, width))
    }

    /// `end of 2027` is its last day; a year alone is not read.
    fn bare_year(&self, at: usize) -> Option<(Days, usize)> {
        let year = self.year(at)?;
        let before = &self.text[..self.tokens[at].start];
        let is_alone = !before.ends_with(|c: char| c.is_alphanumeric() || "-.,$€£/".contains(c));
        let back = |steps: usize| at.checked_sub(steps).map_or("", |at| self.word(at));
        let says_end = |word: &str| ["end", "ende"].contains(&word.to_lowercase().as_str());
        let is_end = says_end(back(1)) || back(1) == "of" && says_end(back(2));
        is_alone.then(|| {
            let days = if is_end { day(year, 12, 31) } else { None };
            (days.filter(|_| is_end), 1)
        })
    }

    /// What the words before a token say, and where they begin. `previous` is where the date
    /// before it ends.
    fn role(&self, at: usize, previous: Option<usize>) -> (Role, usize) {
        let start = self.tokens[at].start;
        if let Some(end) = previous {
            let between = self.text[end..start].trim();
            if matches!(between, "-" | "–" | "—" | "→" | "->" | "…" | "..") {
                return (Role::End, start);
            }
        }
        let mut index = at;
        while let Some(before) = index.checked_sub(1) {
            let gap = self.gap(before).trim();
            let word = self.word(before).to_lowercase();
            let is_joined = matches!(gap, "" | ":" | "=" | "(");
            if !is_joined || previous.is_some_and(|end| self.tokens[before].start < end) {
                return (Role::Plain, start);
            }
            let lead = self.tokens[before].start;
            if BEGINS.contains(&word.as_str()) {
                return (Role::Begin, lead);
            }
            if ENDS.contains(&word.as_str()) {
                return (Role::End, lead);
            }
            if !BETWEEN.contains(&word.as_str()) {
                return (Role::Plain, start);
            }
            index = before;
        }
        (Role::Plain, start)
    }
}

fn day(year: i16, month: i16, day: i16) -> Days {
    let date = Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    Some((date, date))
}

fn month(year: i16, month: i16) -> Days {
    let first = Date::new(year, month.try_into().ok()?, 1).ok()?;
    Some((first, first.last_of_month()))
}
