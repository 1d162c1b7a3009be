//! The grammar of the fault header, and counting.

use std::time::{Duration, SystemTime};

use http::StatusCode;

use super::{Cut, Fault, FaultCounts, MAX_FAULT_COUNTS, RetryAfter};

fn parse(text: &str) -> Fault {
    Fault::parse(text).unwrap()
}

#[test]
fn every_directive_is_read() {
    let fault = parse(" status=429 ; retry-after=1;delay=250ms;first=2;run=a ");
    assert_eq!(fault.status, Some(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!(fault.retry_after, Some(RetryAfter::Seconds(1)));
    assert_eq!(fault.delay, Some(Duration::from_millis(250)));
    assert_eq!((fault.first, fault.run.as_deref()), (Some(2), Some("a")));
    assert_eq!(parse("reset").cut, Some(Cut::Reset));
    assert_eq!(parse("status=500;truncate").cut, Some(Cut::Truncate));
    assert_eq!(parse("delay=2s").delay, Some(Duration::from_secs(2)));
    assert_eq!(parse("delay=2").delay, Some(Duration::from_secs(2)));
    assert_eq!(parse("delay=10m").delay, Some(Duration::from_secs(600)));
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (text, problem) in [
        ("", "`` is no directive of this form"),
        ("status=503;", "`` is no directive of this form"),
        ("status", "`status` is no directive of this form"),
        ("status=99", "`status` has no such value"),
        ("status=101", "`status` has no such value"),
        ("status=600", "`status` has no such value"),
        ("status=5xx", "`status` has no such value"),
        (
            "status=503;status=500",
            "`status` contradicts an earlier directive",
        ),
        (
            "reset;truncate",
            "`truncate` contradicts an earlier directive",
        ),
        (
            "status=503;retry-after=1;retry-after-date=1",
            "`retry-after-date` contradicts an earlier directive",
        ),
        ("reset=1", "`reset` is no directive of this form"),
        ("delay=11m", "`delay` has no such value"),
        ("delay=601", "`delay` has no such value"),
        ("delay=-1s", "`delay` has no such value"),
        ("delay=1h", "`delay` has no such value"),
        ("delay=99999999999999999999s", "`delay` has no such value"),
        ("first=0;reset", "`first` has no such value"),
        ("first=1001;reset", "`first` has no such value"),
        (
            "first=2",
            "one of `status`, `delay`, `reset` or `truncate` is needed",
        ),
        ("reset;run=a", "`run` needs `first`"),
        (
            "reset;status=503",
            "`reset` sends no answer, so `status` has no meaning",
        ),
        ("delay=1s;retry-after=1", "`retry-after` needs a `status`"),
        (
            "status=503;retry-after=86401",
            "`retry-after` has no such value",
        ),
        ("slow", "`slow` is no directive of this form"),
    ] {
        assert_eq!(Fault::parse(text), Err(problem.to_owned()), "{text:?}");
    }
}

#[test]
fn retry_after_comes_in_both_forms() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    assert_eq!(RetryAfter::Seconds(30).to_header(now), "30");
    assert_eq!(
        RetryAfter::Date(60).to_header(now),
        "Sun, 06 Nov 1994 08:50:37 GMT"
    );
}

#[test]
fn only_the_first_calls_of_an_operation_are_struck() {
    let mut counts = FaultCounts::default();
    let fault = parse("first=2;status=503");
    let struck: Vec<bool> = (0..4).map(|_| counts.strikes(&fault, "a")).collect();
    assert_eq!(struck, [true, true, false, false]);
    assert!(
        counts.strikes(&fault, "b"),
        "another operation counts alone"
    );
    assert!(
        counts.strikes(&parse("first=2;status=503;run=again"), "a"),
        "another run counts alone"
    );
    let always = parse("status=503");
    assert!((0..5).all(|_| counts.strikes(&always, "a")));
}

#[test]
fn the_oldest_count_is_forgotten() {
    let mut counts = FaultCounts::default();
    let fault = parse("first=1;reset");
    assert!(counts.strikes(&fault, "oldest"));
    assert!(!counts.strikes(&fault, "oldest"));
    for number in 0..MAX_FAULT_COUNTS {
        assert!(counts.strikes(&fault, &number.to_string()));
    }
    assert_eq!(counts.counts.len(), MAX_FAULT_COUNTS);
    assert!(counts.strikes(&fault, "oldest"));
}
