//! What callers are told.

use std::time::Duration;

use wharf_net::SendErrorKind;
use wharf_policy::fault::Fault;

use super::{unsent, whole_seconds};
use crate::problem::Code;

#[test]
fn no_wait_is_told_shorter_than_it_is() {
    for (milliseconds, seconds) in [(0, 1), (1, 1), (1_000, 1), (1_001, 2), (2_900, 3)] {
        assert_eq!(whole_seconds(Duration::from_millis(milliseconds)), seconds);
    }
    assert_eq!(whole_seconds(Duration::MAX), u64::MAX);
}

#[test]
fn descriptors_of_ours_are_no_fault_of_the_network() {
    let code = unsent(SendErrorKind::Descriptors);
    assert_eq!(code, Code::DescriptorsExhausted);
    assert_eq!(code.fault(), Fault::Wharf);
}
