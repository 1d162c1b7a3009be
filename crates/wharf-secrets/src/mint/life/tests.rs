//! Cases of the two formulas, and what holds for every life.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::{refresh_at, usable_until};

fn start() -> Timestamp {
    "2026-11-30T10:00:00Z".parse().unwrap()
}

fn after(milliseconds: i64) -> Timestamp {
    start() + SignedDuration::from_millis(milliseconds)
}

#[test]
fn cases() {
    for (life_seconds, jitter, refresh_seconds, usable_milliseconds) in [
        (3_600, 0.0, 3_240, 3_590_000),
        (3_600, 1.0, 3_060, 3_590_000),
        (3_600, 0.5, 3_150, 3_590_000),
        (86_400, 0.0, 77_760, 86_390_000),
        // Ten percent is less than a minute.
        (300, 0.0, 240, 290_000),
        (300, 1.0, 210, 290_000),
        // Half of a short life.
        (120, 1.0, 60, 110_000),
        (60, 0.0, 30, 54_000),
        (2, 0.7, 1, 1_800),
        (0, 0.0, 0, 0),
    ] {
        let end = after(life_seconds * 1_000);
        assert_eq!(
            refresh_at(start(), end, jitter),
            after(refresh_seconds * 1_000),
            "{life_seconds} s"
        );
        assert_eq!(
            usable_until(start(), end),
            after(usable_milliseconds),
            "{life_seconds} s"
        );
    }
}

#[test]
fn an_end_that_has_passed_is_none() {
    let end = after(-5_000);
    assert_eq!(refresh_at(start(), end, 0.0), start());
    assert_eq!(usable_until(start(), end), start());
}

proptest! {
    #[test]
    fn it_is_renewed_in_the_second_half_and_before_it_is_no_longer_used(
        life in 1i64..400 * 24 * 3_600 * 1_000,
        jitter in prop_oneof![any::<f64>(), 0.0..=1.0],
    ) {
        let end = after(life);
        let refresh = refresh_at(start(), end, jitter);
        prop_assert!(refresh >= start() + SignedDuration::from_millis(life) / 2 - SignedDuration::from_millis(1));
        prop_assert!(refresh <= usable_until(start(), end));
        prop_assert!(usable_until(start(), end) < end);
    }

    #[test]
    fn no_moment_panics(first in any::<i64>(), second in any::<i64>(), jitter in any::<f64>()) {
        let moment = |seconds: i64| Timestamp::from_second(seconds % 253_402_207_200).unwrap_or(Timestamp::MIN);
        let (minted, end) = (moment(first), moment(second));
        prop_assert!(refresh_at(minted, end, jitter) >= minted);
        prop_assert!(usable_until(minted, end) >= minted);
    }
}
