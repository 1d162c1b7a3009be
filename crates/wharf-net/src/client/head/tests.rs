//! Tests of what heads say of their connection.

use std::time::Duration;

use http::header::{HeaderMap, HeaderValue};

use super::{KEEP_ALIVE, keep_alive};

#[test]
fn the_time_that_a_connection_may_rest_is_read() {
    for (value, seconds) in [
        ("timeout=5", Some(4)),
        ("timeout=5, max=100", Some(4)),
        ("max=100, Timeout = \"30\"", Some(29)),
        ("timeout=1", Some(0)),
        ("timeout=0", Some(0)),
        ("timeout=-1", None),
        ("max=100", None),
        ("300", None),
        ("timeout=99999999999", None),
    ] {
        let mut headers = HeaderMap::new();
        headers.insert(KEEP_ALIVE, HeaderValue::from_static(value));
        let said = keep_alive(&headers);
        assert_eq!(said, seconds.map(Duration::from_secs), "{value}");
    }
    assert_eq!(keep_alive(&HeaderMap::new()), None);
}
