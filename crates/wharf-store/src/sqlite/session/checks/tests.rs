//! How often a file is read whole, with explicit time.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::{Checks, FileMark, Judgement, LONGEST_PAUSE};
use crate::error::{Cause, Unavailable};

const TOOK: Duration = Duration::from_millis(100);

fn mark(changed: i64) -> FileMark {
    FileMark {
        device: 1,
        inode: 2,
        bytes: 4_096,
        changed: (changed, 0),
    }
}

fn damage() -> Unavailable {
    Unavailable::Damaged {
        path: PathBuf::from("x"),
        source: Cause::new("page 7".to_owned()),
    }
}

fn word(judgement: &Judgement) -> &'static str {
    match judgement {
        Judgement::Whole => "whole",
        Judgement::Damaged(_) => "damaged",
        Judgement::Now => "now",
        Judgement::Later => "later",
    }
}

/// Asks, and reads where that is due. What was answered.
fn ask(
    checks: &mut Checks,
    file: FileMark,
    now: Instant,
    read: &Result<(), Unavailable>,
) -> &'static str {
    let judgement = checks.judge(file, now);
    if matches!(judgement, Judgement::Now) {
        checks.end(file, read, now, now + TOOK);
    }
    word(&judgement)
}

#[test]
fn a_file_that_is_written_to_all_the_time_is_read_for_a_hundredth_of_it() {
    let mut checks = Checks::default();
    let start = Instant::now();
    let mut reads = 0_u32;
    for second in 0..1_000 {
        let now = start + Duration::from_secs(second);
        let file = mark(i64::try_from(second).unwrap());
        // Two connections.
        for _ in 0..2 {
            reads += u32::from(ask(&mut checks, file, now, &Ok(())) == "now");
        }
    }
    assert!(TOOK * reads <= Duration::from_secs(1_000) / 100, "{reads}");
    assert!(reads >= 90, "{reads}");
}

#[test]
fn what_is_put_off_is_not_left_out() {
    let mut checks = Checks::default();
    let start = Instant::now();
    assert_eq!(ask(&mut checks, mark(1), start, &Ok(())), "now");
    assert_eq!(ask(&mut checks, mark(1), start, &Ok(())), "whole");
    let soon = start + Duration::from_secs(9);
    assert_eq!(ask(&mut checks, mark(2), soon, &Ok(())), "later");
    let due = start + Duration::from_secs(11);
    assert_eq!(ask(&mut checks, mark(2), due, &Ok(())), "now");
    assert_eq!(ask(&mut checks, mark(2), due, &Ok(())), "whole");
}

#[test]
fn nobody_waits_for_who_reads() {
    let mut checks = Checks::default();
    let start = Instant::now();
    assert_eq!(word(&checks.judge(mark(1), start)), "now");
    assert_eq!(word(&checks.judge(mark(1), start)), "later");
    let long = Duration::from_secs(3_600);
    checks.end(mark(1), &Ok(()), start, start + long);
    assert_eq!(word(&checks.judge(mark(1), start)), "whole");
    let late = start + long + LONGEST_PAUSE;
    assert_eq!(word(&checks.judge(mark(2), late)), "now");
}

#[test]
fn damage_is_told_until_it_is_mended_and_that_is_seen_at_once() {
    let mut checks = Checks::default();
    let start = Instant::now();
    let wrong = Err(damage());
    assert_eq!(ask(&mut checks, mark(1), start, &wrong), "now");
    assert_eq!(ask(&mut checks, mark(1), start, &wrong), "damaged");
    // Written to again, and not taken for whole before it was read.
    assert_eq!(ask(&mut checks, mark(2), start, &wrong), "now");
    assert_eq!(ask(&mut checks, mark(3), start, &Ok(())), "now");
    assert_eq!(ask(&mut checks, mark(3), start, &Ok(())), "whole");
    // The disk gives the right bytes again.
    let later = start + Duration::from_secs(60);
    assert_eq!(ask(&mut checks, mark(4), later, &wrong), "now");
    let later = later + Duration::from_secs(60);
    assert_eq!(ask(&mut checks, mark(4), later, &Ok(())), "now");
    assert_eq!(ask(&mut checks, mark(4), later, &Ok(())), "whole");
}

#[test]
fn another_file_is_read_at_once() {
    let mut checks = Checks::default();
    let start = Instant::now();
    assert_eq!(ask(&mut checks, mark(1), start, &Ok(())), "now");
    checks.forget();
    assert_eq!(ask(&mut checks, mark(2), start, &Ok(())), "now");
    // What could not be read is read again.
    let busy = Err(Unavailable::Busy {
        path: PathBuf::from("x"),
    });
    let later = start + Duration::from_secs(60);
    assert_eq!(ask(&mut checks, mark(3), later, &busy), "now");
    let later = later + Duration::from_secs(60);
    assert_eq!(ask(&mut checks, mark(3), later, &busy), "now");
}
