//! Which segments share a book.

/// Microseconds of a day.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// Most segments of a book, as a power of two: 64, which is 4 GiB of log.
const MOST_SEGMENTS_SHIFT: u32 = 6;

/// Segments that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Number of the first.
    pub(super) first: u64,
    /// Numbers of all.
    pub(super) segments: Vec<u64>,
}

/// Whether a segment goes into the book of the one before it: it began on the same day, and the book
/// has room. Each is told by its number and the time at which it began, in microseconds since 1970.
///
/// A clock that jumps makes more books, one for each segment at most.
pub(super) fn is_of_same(before: (u64, i64), segment: (u64, i64)) -> bool {
    let key = |(number, time): (u64, i64)| (time.div_euclid(DAY), number >> MOST_SEGMENTS_SHIFT);
    key(before) == key(segment)
}

/// Divides segments, the oldest first, by [`is_of_same`].
pub(super) fn runs(segments: impl IntoIterator<Item = (u64, i64)>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut before = None;
    for segment in segments {
        let (number, _) = segment;
        match runs.last_mut() {
            Some(run) if before.is_some_and(|before| is_of_same(before, segment)) => {
                run.segments.push(number);
            }
            _ => runs.push(Run {
                first: number,
                segments: vec![number],
            }),
        }
        before = Some(segment);
    }
    runs
}

/// The book that a run has among those that are there, given as their names and the last segment that
/// each has taken in; `None`: none has all of the run.
///
/// The first run of a log may have lost segments to retention, the one that its book is named after
/// among them.
pub(super) fn book_of(run: &Run, is_first: bool, books: &[(u64, u64)]) -> Option<u64> {
    let mut oldest_last = books.iter().rev();
    let found = oldest_last.find(|(first, last)| {
        *first == run.first || is_first && *first < run.first && *last >= run.first
    });
    found.map(|(first, _)| *first)
}

#[cfg(test)]
mod tests;
