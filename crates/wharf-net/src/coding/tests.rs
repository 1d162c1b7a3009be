use http::HeaderMap;
use http::header::{HeaderValue, TRANSFER_ENCODING};

use super::is_chunked_at_most;

#[test]
fn chunks_are_the_only_coding_that_is_taken() {
    let taken = |values: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(TRANSFER_ENCODING, HeaderValue::from_static(value));
        }
        is_chunked_at_most(&headers)
    };
    assert!(taken(&[]));
    assert!(taken(&["chunked"]));
    assert!(taken(&[" Chunked,"]));
    assert!(taken(&["identity"]));
    assert!(!taken(&["gzip"]));
    assert!(!taken(&["gzip, chunked"]));
    assert!(!taken(&["gzip", "chunked"]));
    assert!(!taken(&["chunked, chunked"]));
    assert!(!taken(&["xchunked"]));
    assert!(!taken(&["chunked;a=b"]));
}
