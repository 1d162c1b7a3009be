//! What properties and fuzz targets use works by itself.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{HeaderMap, HeaderValue, LOCATION};
use proptest::prelude::{any, proptest};

use super::{connection_names, leads_out, relocated, remove_token, timeout, without_token};

const URLS: (&str, &str, &str) = (
    "https://api.test/base/x?page=1",
    "https://api.test/base",
    "http://127.0.0.1:7070/vendor",
);

#[test]
fn one_header_can_be_tried_alone() {
    let led = relocated(
        &LOCATION,
        b"/base/y?k=a-long-secret",
        URLS,
        &["a-long-secret"],
    );
    assert_eq!(led.unwrap(), "http://127.0.0.1:7070/vendor/y");
    assert_eq!(
        relocated(&LOCATION, b"http://127.0.0.1:7070/other", URLS, &[]),
        None
    );
    let token = b"Bearer wharf_AAAA";
    assert_eq!(without_token(token, b"Key wharf_AAAA").unwrap(), [""; 0]);
    assert_eq!(
        without_token(token, b"Key wharf_AAAB").unwrap(),
        ["Key wharf_AAAB"]
    );
    assert_eq!(without_token(b"Bearer other", b""), None);
}

#[test]
fn a_token_can_be_taken_out_of_a_request() {
    let mut headers = HeaderMap::new();
    headers.insert("x-api-key", HeaderValue::from_static("Key wharf_t"));
    let left = remove_token(&mut headers, "a=1&key=wharf_t", "wharf_t");
    assert_eq!(left.as_deref(), Some("a=1"));
    assert!(headers.is_empty());
    assert_eq!(remove_token(&mut headers, "a=1", "wharf_t"), None);
}

proptest! {
    #[test]
    fn a_dot_segment_is_found_in_every_coding(
        before in "[a-z]{0,3}",
        dots in "(\\.|%2e|%2E|%252e){1,2}",
        end in "(/|%2f|%5C|\\\\|;x|%3b|%00|)",
    ) {
        let path = format!("/{before}/{dots}{end}");
        assert!(leads_out(&path), "{path}");
        let path = format!("/{before}%2F{dots}{end}");
        assert!(leads_out(&path), "{path}");
        let path = format!("/a{dots}b/{before}");
        assert!(!leads_out(&path), "{path}");
    }

    #[test]
    fn names_are_found_beside_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        let mut value: Vec<u8> = bytes.into_iter().filter(|b| *b >= 0x20 && *b != 0x7f).collect();
        value.extend_from_slice(b" ,X-Hop");
        assert!(connection_names(&value).iter().any(|name| name == "x-hop"));
    }

    #[test]
    fn a_timeout_is_above_zero_and_up_to_an_hour(
        text in "[ -~]{0,12}",
        number in any::<f64>(),
        small in 0.0..1e-8,
    ) {
        for text in [text, format!("{number}"), format!("{number}ms"), format!("{small:.12}")] {
            if let Some(timeout) = timeout(&text) {
                assert!(!timeout.is_zero(), "{text}");
                assert!(timeout <= Duration::from_secs(3_600), "{text}");
            }
        }
    }

    #[test]
    fn a_token_goes_in_every_form(
        random in "[A-Za-z0-9_-]{10,43}",
        before in "[ -~]{0,8}",
        after in "[ -~]{0,8}",
        form in 0..4,
    ) {
        let token = format!("wharf_{random}");
        let held = match form {
            0 => token.clone(),
            1 => token.bytes().map(|byte| format!("%{byte:02x}")).collect(),
            2 => token.replace('_', "%255f"),
            _ => format!(" {} ", STANDARD.encode(format!("{before}:{token}"))),
        };
        let header = format!("Bearer {token}");
        let other = if form == 3 { held } else { format!("{before}{held}{after}") };
        let left = without_token(header.as_bytes(), other.as_bytes()).unwrap();
        assert!(left.is_empty(), "{other}");
    }
}
