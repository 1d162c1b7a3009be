//! What is kept of an origin, and when a connection is made.

use std::time::Instant;

use bytes::Bytes;
use http_body_util::Full;

use super::{HELD_UP, PerOrigin, Speaks};
use crate::Origin;
use crate::client::pool::Limits;

fn behind_tls() -> PerOrigin<Full<Bytes>> {
    PerOrigin::new(&Origin::new(true, "vendor.test", 443).unwrap())
}

#[test]
fn what_an_origin_speaks_outlives_its_connections() {
    let mut entry = behind_tls();
    assert!(!entry.sweep(Limits::default()), "nothing is known yet");
    for known in [Speaks::Http1, Speaks::Http2] {
        entry.speaks = known;
        assert!(entry.sweep(Limits::default()));
        assert!(!entry.is_in_use());
    }
}

#[test]
fn one_connection_is_made_while_nothing_is_known() {
    let mut entry = behind_tls();
    assert!(entry.may_connect(Limits::default(), 0));
    entry.connect();
    assert!(!entry.may_connect(Limits::default(), 10_000));
}

#[test]
fn connections_are_made_for_those_who_wait_within_the_bound() {
    let mut entry = behind_tls();
    entry.speaks = Speaks::Http2;
    entry.streams_each = Some(4);
    while entry.may_connect(Limits::default(), 200) {
        entry.connect();
    }
    assert_eq!(entry.connecting, Limits::default().shared_per_origin);
    entry.connecting = 0;
    while entry.may_connect(Limits::default(), 23) {
        entry.connect();
    }
    // This one and 23 that wait, 4 each.
    assert_eq!(entry.connecting, 6);
}

#[test]
fn a_connection_that_hangs_is_not_waited_for_alone() {
    let limits = Limits::default();
    for speaks in [Speaks::Unknown, Speaks::Http2] {
        let mut entry = behind_tls();
        entry.speaks = speaks;
        for connecting in 0..limits.shared_per_origin {
            assert!(entry.may_connect(limits, 40), "{speaks:?} {connecting}");
            entry.connect();
            assert!(!entry.may_connect(limits, 40), "{speaks:?} {connecting}");
            entry.began = Instant::now().checked_sub(HELD_UP);
        }
        assert!(!entry.may_connect(limits, 40), "{speaks:?}");
    }
}
