//! What every reply carries.

use std::time::Duration;

use super::{Timing, count};

fn written(microseconds: u64) -> String {
    let mut timing = Timing::default();
    timing.push("wharf;dur=", Duration::from_micros(microseconds));
    String::from_utf8(timing.text().to_vec()).unwrap()
}

#[test]
fn times_are_in_milliseconds_with_three_decimals() {
    for (microseconds, text) in [
        (0, "0.000"),
        (7, "0.007"),
        (999, "0.999"),
        (1_000, "1.000"),
        (12_345, "12.345"),
        (10_000_000, "10000.000"),
        (3_600_000_001, "3600000.001"),
    ] {
        assert_eq!(written(microseconds), format!("wharf;dur={text}"));
    }
    for microseconds in (0..5_000_000).step_by(997) {
        let milliseconds = format!("{}.{:03}", microseconds / 1_000, microseconds % 1_000);
        assert_eq!(written(microseconds), format!("wharf;dur={milliseconds}"));
    }
}

#[test]
fn the_longest_times_have_room() {
    let mut timing = Timing::default();
    for name in ["wharf;dur=", ", dispatch;dur=", ", recover;dur="] {
        timing.push(name, Duration::MAX);
    }
    let text = String::from_utf8(timing.text().to_vec()).unwrap();
    assert_eq!(text.matches(".615").count(), 3, "{text}");
}

#[test]
fn numbers_of_attempts_are_as_they_are() {
    for number in [0, 1, 9, 10, 11, 4_000_000_000] {
        assert_eq!(count(number).to_str().unwrap(), number.to_string());
    }
}
