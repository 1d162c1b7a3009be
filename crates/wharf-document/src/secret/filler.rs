//! Values that stand where a secret will stand: nobody issued them.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::entropy;

/// Words that no issued value has by chance.
const WORDS: [&str; 22] = [
    "example",
    "sample",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "redacted",
    "dummy",
    "your-",
    "your_",
    "yourapi",
    "yourkey",
    "yoursecret",
    "yourtoken",
    "insert-",
    "insert_",
    "replace",
    "goes-here",
    "goes_here",
    "goeshere",
    "not-a-real",
    "xxxx",
];

static WORD: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(WORDS)
        .ok()
});

/// Whether a value is written by hand to show where a secret goes.
pub(super) fn is_filler(word: &str) -> bool {
    has_marks(word)
        || WORD.as_ref().is_some_and(|words| words.is_match(word))
        || repeats(word.as_bytes())
        || counts_up(word.as_bytes(), 1)
        || counts_up(word.as_bytes(), 2)
}

/// Whether a value can be one that a machine drew: no filler, and enough entropy.
pub(super) fn is_drawn(word: &str) -> bool {
    !is_filler(word) && entropy::is_high(word)
}

/// `<token>`, `${VAR}`, `{{ … }}`, `…`, `...`, `***`.
pub(super) fn has_marks(word: &str) -> bool {
    word.contains(['<', '>', '{', '}', '[', ']', '…', '*']) || word.contains("...")
}

/// One character six times in a row, or a piece of up to eight that comes again and again.
fn repeats(word: &[u8]) -> bool {
    let same = word
        .chunk_by(|left, right| left == right)
        .any(|run| run.len() >= 6);
    let again = (1..=8).any(|period| {
        word.len() >= 3 * period
            && word.len() >= 12
            && word[period..] == word[..word.len() - period]
    });
    same || again
}

/// Seven characters in a row that count up or down (`1234567`), or half of all that do. `lag` 2
/// finds two counts that were put together like a zip: `1a2b3c4d`.
fn counts_up(word: &[u8], lag: usize) -> bool {
    const LONGEST: usize = 6;
    let pairs = word.len().saturating_sub(lag);
    [1, -1].iter().any(|direction| {
        let is_step = |pair: &[u8]| step(pair[0], pair[lag]) == *direction;
        let mut steps = 0;
        let mut longest = 0;
        let mut now = 0;
        for pair in word.windows(lag + 1) {
            now = if is_step(pair) { now + 1 } else { 0 };
            steps += usize::from(now > 0);
            longest = longest.max(now);
        }
        longest >= LONGEST * lag || (word.len() >= 12 && steps * 2 > pairs)
    })
}

/// 1 or -1 where the second character follows or precedes the first, with `9` before `0` and `a`,
/// and `f` before `0`.
fn step(left: u8, right: u8) -> i8 {
    let (left, right) = (left.to_ascii_lowercase(), right.to_ascii_lowercase());
    match (left, right) {
        (b'9', b'0' | b'a') | (b'f' | b'z', b'0') => 1,
        (b'0' | b'a', b'9') => -1,
        _ if !left.is_ascii_alphanumeric() || !right.is_ascii_alphanumeric() => 0,
        _ if left + 1 == right => 1,
        _ if right + 1 == left => -1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
