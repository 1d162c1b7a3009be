//! Tests of what heads say of their connection.

use std::time::Duration;

use http::header::{HeaderMap, HeaderValue, TRANSFER_ENCODING};

use super::{KEEP_ALIVE, keep_alive, unasked_coding};

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

#[test]
fn only_chunked_alone_is_a_transfer_coding() {
    for (values, is_taken) in [
        (&["chunked"][..], true),
        (&["Chunked"], true),
        (&["identity"], true),
        (&["identity, chunked"], true),
        (&["gzip, chunked"], false),
        (&["gzip"], false),
        (&["chunked, chunked"], false),
        (&["chunked", "gzip"], false),
        (&["gzip", "chunked"], false),
    ] {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TRANSFER_ENCODING, HeaderValue::from_static(value));
        }
        assert_eq!(unasked_coding(&headers).is_none(), is_taken, "{values:?}");
    }
    assert!(unasked_coding(&HeaderMap::new()).is_none());
}
