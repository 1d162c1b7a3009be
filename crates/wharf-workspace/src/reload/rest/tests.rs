//! Files at rest, files that stir, and files that never stop.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::Rest;
use crate::reload::Marks;

fn marks(files: &[(&str, u64)]) -> Marks {
    let files = files.iter();
    files
        .map(|(name, size)| (PathBuf::from(name), (*size, None, (0, 0))))
        .collect()
}

fn at(start: Instant, milliseconds: u64) -> Instant {
    start + Duration::from_millis(milliseconds)
}

#[test]
fn a_change_is_due_when_two_looks_agree() {
    let start = Instant::now();
    let mut rest = Rest::new(marks(&[("a", 1)]), start);
    rest.look(&marks(&[("a", 1)]), at(start, 250));
    assert!(!rest.is_due(at(start, 250)));
    rest.look(&marks(&[("a", 2)]), at(start, 500));
    assert!(!rest.is_due(at(start, 500)));
    rest.look(&marks(&[("a", 2)]), at(start, 750));
    assert!(rest.is_due(at(start, 750)));
    rest.judged(&HashSet::new());
    assert!(!rest.is_due(at(start, 60_000)));
}

#[test]
fn what_comes_and_what_goes_are_changes() {
    let start = Instant::now();
    let mut rest = Rest::new(marks(&[("a", 1)]), start);
    for now in [250, 500] {
        rest.look(&marks(&[("b", 1)]), at(start, now));
    }
    assert!(rest.is_due(at(start, 500)));
    rest.judged(&HashSet::new());
    rest.look(&marks(&[("b", 1)]), at(start, 750));
    assert!(!rest.is_due(at(start, 750)));
    assert!(!rest.stirs(Path::new("a")));
}

#[test]
fn a_file_that_waits_is_due_again_once_it_is_still() {
    let start = Instant::now();
    let mut rest = Rest::new(Marks::new(), start);
    for now in [0, 250] {
        rest.look(&marks(&[("a", 1)]), at(start, now));
    }
    assert!(rest.is_due(at(start, 250)));
    rest.judged(&HashSet::from([PathBuf::from("a")]));
    assert!(!rest.is_due(at(start, 1_999)));
    assert!(!rest.is_still(Path::new("a"), at(start, 1_999)));
    assert!(rest.is_due(at(start, 2_000)));
    assert!(rest.is_still(Path::new("a"), at(start, 2_000)));
    // A change in between starts the wait anew.
    for now in [1_500, 1_750, 2_000] {
        rest.look(&marks(&[("a", 2)]), at(start, now));
    }
    rest.judged(&HashSet::from([PathBuf::from("a")]));
    assert!(!rest.is_due(at(start, 3_499)));
    assert!(rest.is_due(at(start, 3_500)));
}

#[test]
fn a_file_that_never_rests_delays_only_itself() {
    let start = Instant::now();
    let mut rest = Rest::new(marks(&[("a", 1), ("busy", 0)]), start);
    for step in 1..=30 {
        let now = at(start, step * 250);
        rest.look(&marks(&[("a", 2), ("busy", step)]), now);
        assert!(rest.stirs(Path::new("busy")));
        let is_told = !rest.restless(now).is_empty();
        assert_eq!(is_told, step * 250 >= 5_250, "step {step}");
        assert_eq!(rest.is_due(now), step == 2, "step {step}");
        if rest.is_due(now) {
            rest.judged(&HashSet::new());
        }
    }
    for now in [8_000, 8_250] {
        rest.look(&marks(&[("a", 2), ("busy", 99)]), at(start, now));
    }
    assert!(rest.is_due(at(start, 8_250)));
    assert!(rest.restless(at(start, 8_250)).is_empty());
}

// microsoft/service-fabric-traefik#31
#[test]
fn a_file_is_just_gone_until_it_has_been_away_for_long() {
    let start = Instant::now();
    let mut rest = Rest::new(marks(&[("a", 1)]), start);
    let away = Path::new("a");
    assert!(!rest.is_just_gone(Path::new("b"), at(start, 10_000)));
    // Whoever asks has found it gone since the last look.
    assert!(rest.is_just_gone(away, at(start, 10_000)));
    rest.look(&marks(&[]), at(start, 10_250));
    rest.look(&marks(&[]), at(start, 10_500));
    assert!(rest.is_due(at(start, 10_500)));
    assert!(rest.is_just_gone(away, at(start, 10_500)));
    rest.judged(&HashSet::from([away.to_owned()]));
    rest.look(&marks(&[]), at(start, 12_200));
    assert!(!rest.is_due(at(start, 12_200)));
    rest.look(&marks(&[]), at(start, 12_300));
    assert!(rest.is_due(at(start, 12_300)));
    assert!(!rest.is_just_gone(away, at(start, 12_300)));
    rest.judged(&HashSet::new());
    rest.look(&marks(&[]), at(start, 12_550));
    assert!(!rest.is_due(at(start, 60_000)));
}
