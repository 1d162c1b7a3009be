//! What counts as met.

use super::{at_least, at_most};

#[test]
fn a_bound_that_is_reached_is_met_and_what_was_not_measured_is_not() {
    assert!(at_least("events", 2.5, 2.5).ends_with(": met\n"));
    assert!(at_least("events", 2.4, 2.5).ends_with(": **not met**\n"));
    assert!(at_most("bytes", 0.25, 0.25).ends_with(": met\n"));
    assert!(at_most("bytes", 0.26, 0.25).ends_with(": **not met**\n"));
    assert!(at_most("bytes", f64::NAN, 0.25).ends_with(": **not met**\n"));
}
