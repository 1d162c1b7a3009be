//! Versions of an API: `v3`, `3.1`, `v1beta`, `2026-10-28`.

use std::fmt;

/// A version that two places may agree on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    is_date: bool,
    /// Numbers from the left; zeros at the end say nothing.
    numbers: Vec<u64>,
    /// What stands behind the numbers, `beta`, in lower case.
    stage: String,
    written: String,
}

impl Version {
    /// Whether both are written in one way, so that a difference says something.
    pub(crate) fn is_comparable(&self, other: &Self) -> bool {
        self.is_date == other.is_date
    }

    /// Whether this one comes before the other; stages of one version, `v1beta` and `v1`, may.
    pub(crate) fn may_precede(&self, other: &Self) -> bool {
        self.numbers < other.numbers || self.numbers == other.numbers && self.stage != other.stage
    }

    /// Whether one is the other, or holds it: `3` holds `3.1`, `2026-10` holds `2026-10-28`.
    pub(crate) fn is_one(&self, other: &Self) -> bool {
        let length = self.numbers.len().min(other.numbers.len());
        self.stage == other.stage && self.numbers[..length] == other.numbers[..length]
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// The versions in some words: those with a `v`, else dates and numbers that stand alone.
pub(crate) fn find(text: &str) -> Vec<Version> {
    let is_between = |c: char| c.is_whitespace() || "(),;/`\"'".contains(c);
    let words: Vec<_> = text.split(is_between).filter(|w| !w.is_empty()).collect();
    let marked: Vec<_> = words.iter().filter_map(|word| marked(word)).collect();
    if marked.is_empty() {
        words.iter().filter_map(|word| bare(word)).collect()
    } else {
        marked
    }
}

/// A segment of a path that is a version: `v3`, `v1beta`, `v1.55`.
pub(crate) fn of_segment(segment: &str) -> Option<Version> {
    marked(segment)
}

fn marked(word: &str) -> Option<Version> {
    let rest = word.strip_prefix(['v', 'V'])?;
    if let Some(date) = dated(rest) {
        return Some(Version {
            written: word.to_owned(),
            ..date
        });
    }
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(rest.len());
    let stage = rest[end..].to_lowercase();
    let is_stage = stage.is_empty()
        || [
            "alpha", "beta", "rc", "preview", "-alpha", "-beta", "-rc", "-preview",
        ]
        .iter()
        .any(|known| stage.starts_with(known));
    let numbers = numbers(rest[..end].trim_end_matches('.'))?;
    is_stage.then(|| Version {
        is_date: false,
        numbers,
        stage: stage.trim_start_matches('-').to_owned(),
        written: word.to_owned(),
    })
}

fn bare(word: &str) -> Option<Version> {
    dated(word).or_else(|| {
        Some(Version {
            is_date: false,
            numbers: numbers(word)?,
            stage: String::new(),
            written: word.to_owned(),
        })
    })
}

/// `2026-10`, `2026-10-28`, `2026-10-28.endive`
fn dated(word: &str) -> Option<Version> {
    let date = word.split('.').next()?;
    let parts: Vec<_> = date.split('-').collect();
    let is_date = matches!(parts.len(), 2 | 3)
        && parts[0].len() == 4
        && parts[1..].iter().all(|part| part.len() == 2);
    let numbers: Option<Vec<u64>> = parts.iter().map(|part| part.parse().ok()).collect();
    numbers.filter(|_| is_date).map(|numbers| Version {
        is_date: true,
        numbers,
        stage: String::new(),
        written: word.to_owned(),
    })
}

fn numbers(text: &str) -> Option<Vec<u64>> {
    text.split('.').map(|part| part.parse().ok()).collect()
}
