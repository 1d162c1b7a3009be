//! Runs and their books.

use super::{DAY, Run, book_of, runs};

fn firsts(segments: &[(u64, i64)]) -> Vec<(u64, usize)> {
    let runs = runs(segments.iter().copied());
    runs.iter()
        .map(|run| (run.first, run.segments.len()))
        .collect()
}

#[test]
fn a_day_has_a_book_and_a_clock_that_jumps_has_more() {
    assert_eq!(firsts(&[]), []);
    assert_eq!(firsts(&[(1, 0), (2, DAY - 1), (3, DAY)]), [(1, 2), (3, 1)]);
    assert_eq!(
        firsts(&[(1, 0), (2, -1), (3, 0), (4, 5)]),
        [(1, 1), (2, 1), (3, 2)]
    );
}

#[test]
fn a_busy_day_has_a_book_for_each_64_segments() {
    let segments: Vec<_> = (60..200).map(|number| (number, 7)).collect();
    assert_eq!(firsts(&segments), [(60, 4), (64, 64), (128, 64), (192, 8)]);
}

#[test]
fn a_run_finds_its_book_also_when_retention_took_the_first_segment() {
    let run = |first| Run {
        first,
        segments: vec![first],
    };
    let books = [(3, 5), (6, 9)];
    assert_eq!(book_of(&run(6), true, &books), Some(6));
    assert_eq!(book_of(&run(8), true, &books), Some(6));
    assert_eq!(book_of(&run(8), false, &books), None);
    // The book ended before.
    assert_eq!(book_of(&run(10), true, &books), None);
    assert_eq!(book_of(&run(2), true, &books), None);
}
