use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{MAX, parse};

fn now() -> SystemTime {
    // Sun, 06 Nov 1994 08:49:37 GMT
    UNIX_EPOCH + Duration::from_secs(784_111_777)
}

#[test]
fn seconds_are_read_with_and_without_fraction() {
    let cases = [
        ("0", 0),
        ("7", 7_000),
        (" 120 ", 120_000),
        ("1.5", 1_500),
        ("0.0001", 1),
        ("2.0000", 2_000),
    ];
    for (text, milliseconds) in cases {
        assert_eq!(
            parse(text, now()),
            Some(Duration::from_millis(milliseconds)),
            "{text}"
        );
    }
}

#[test]
fn dates_are_relative_to_now() {
    assert_eq!(
        parse("Sun, 06 Nov 1994 08:49:47 GMT", now()),
        Some(Duration::from_secs(10))
    );
    assert_eq!(
        parse("Sunday, 06-Nov-94 08:50:37 GMT", now()),
        Some(Duration::from_secs(60))
    );
    assert_eq!(
        parse("Sun, 06 Nov 1994 08:00:00 GMT", now()),
        Some(Duration::ZERO)
    );
}

#[test]
fn absurd_waits_are_capped() {
    assert_eq!(parse("99999999999999999999999", now()), Some(MAX));
    assert_eq!(parse("Fri, 31 Dec 9999 23:59:59 GMT", now()), Some(MAX));
}

#[test]
fn anything_else_is_refused() {
    for text in ["", "soon", "-1", "1.", ".5", "1e3", "1,5", "+3", "٣"] {
        assert_eq!(parse(text, now()), None, "{text:?}");
    }
}
