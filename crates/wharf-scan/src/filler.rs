//! Values that stand where a secret will stand: nobody issued them.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::entropy;

/// Words that no issued value has by chance.
const WORDS: [&str; 21] = [
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
        || has_crosses(word.as_bytes())
        || repeats(word.as_bytes())
        || counts_in_runs(word.as_bytes())
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

/// `xxxx` where it stands for the rest: at an end, beside a mark, or as a good part of the whole. A long
/// drawn word may have four crosses by chance.
fn has_crosses(word: &[u8]) -> bool {
    const LEAST: usize = 4;
    let is_cross = |byte: &u8| matches!(byte, b'x' | b'X');
    let mut at = 0_usize;
    word.chunk_by(|left, right| is_cross(left) && is_cross(right))
        .any(|run| {
            let before = at.checked_sub(1).map(|before| word[before]);
            at += run.len();
            let is_edge =
                |beside: Option<&u8>| beside.is_none_or(|byte| !byte.is_ascii_alphanumeric());
            let is_large = run.len() > LEAST || word.len() < 6 * LEAST;
            run.len() >= LEAST && (is_large || is_edge(before.as_ref()) || is_edge(word.get(at)))
        })
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

/// A letter three times and the next one three times: `yyyzzz`. Hex digits stand so by chance.
fn counts_in_runs(word: &[u8]) -> bool {
    const LEAST: usize = 3;
    // Longer words, such as those of keys with bytes of zero, have such runs by chance.
    const MOST: usize = 64;
    let word = &word[..word.len().min(MOST + 1)];
    let mut last = None;
    word.len() <= MOST
        && word.chunk_by(|left, right| left == right).any(|run| {
            let is_long = run.len() >= LEAST && (b'g'..=b'z').contains(&run[0]);
            let is_next = is_long && last.is_some_and(|last| step(last, run[0]) == 1);
            last = is_long.then_some(run[0]);
            is_next
        })
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
