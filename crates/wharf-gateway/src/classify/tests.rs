use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderName};
use wharf_plan::{Answer, VendorLimits};
use wharf_policy::fault::Fault;

use super::{Seen, wish};

#[test]
fn of_several_waits_the_longest_counts() {
    let day = "Fri, 27 Nov 2026 10:00:";
    let date = format!("{day}40 GMT");
    let cases: [(&[&str], Option<u64>); 6] = [
        (&[], None),
        (&["soon"], None),
        (&["1", "20"], Some(20)),
        (&["20", "1"], Some(20)),
        (&["5", "soon"], Some(5)),
        (&["5", &date, "10"], Some(30)),
    ];
    for (values, seconds) in cases {
        let mut headers = HeaderMap::new();
        headers.insert(DATE, format!("{day}10 GMT").parse().unwrap());
        for value in values {
            headers.append(RETRY_AFTER, value.parse().unwrap());
        }
        let seen = Seen {
            headers: &headers,
            body: None,
        };
        let limits = VendorLimits::default();
        let (wait, _) = wish(&seen, &limits, Fault::Quota, || SystemTime::UNIX_EPOCH);
        assert_eq!(wait, seconds.map(Duration::from_secs), "{values:?}");
    }
}

#[test]
fn codes_are_found_where_vendors_put_them() {
    let cases: [(&str, &[&str]); 9] = [
        (
            r#"{"error":{"code":"insufficient_quota","type":"quota"}}"#,
            &["insufficient_quota", "quota"],
        ),
        (r#"{"ok":false,"error":"invalid_auth"}"#, &["invalid_auth"]),
        (r#"{"code":20003,"message":"x"}"#, &["20003"]),
        (r#"{"errors":[{"code":"X"}]}"#, &["X"]),
        (
            r#"{"errors":[{"extensions":{"code":"THROTTLED"}}]}"#,
            &["THROTTLED"],
        ),
        (
            r#"{"name":"UNPROCESSABLE_ENTITY","details":[{"issue":"INSTRUMENT_DECLINED"}]}"#,
            &["UNPROCESSABLE_ENTITY", "INSTRUMENT_DECLINED"],
        ),
        (r#"{"error":null}"#, &[]),
        ("not json", &[]),
        ("", &[]),
    ];
    let headers = HeaderMap::new();
    for (body, expected) in cases {
        let seen = Seen {
            headers: &headers,
            body: serde_json::from_str(body).ok(),
        };
        for code in expected {
            assert!(seen.has_code(code), "{body}: {code}");
        }
        assert!(!seen.has_code("another"), "{body}");
        assert!(!seen.has_code("null"), "{body}");
    }
}

#[test]
fn conditions_look_at_headers_and_fields() {
    let mut headers = HeaderMap::new();
    headers.append("x-left", "3".parse().unwrap());
    headers.append("x-left", " 0 ".parse().unwrap());
    let seen = Seen {
        headers: &headers,
        body: serde_json::from_str(r#"{"a":{"b":[null,true,7,"x"]},"c/d":0}"#).ok(),
    };
    let left = HeaderName::from_static("x-left");
    assert!(seen.has_header(&left, None));
    assert!(seen.has_header(&left, Some("0")));
    assert!(!seen.has_header(&left, Some("30")));
    assert!(!seen.has_header(&HeaderName::from_static("x-right"), None));
    for (pointer, value, expected) in [
        ("/a/b/1", Some("true"), true),
        ("/a/b/2", Some("7"), true),
        ("/a/b/3", Some("x"), true),
        ("/a/b/3", Some("X"), false),
        ("/a/b/0", None, false),
        ("/a/b", None, true),
        ("/a/b", Some("x"), false),
        ("/a/b/4", None, false),
        ("/c~1d", Some("0"), true),
    ] {
        assert_eq!(
            seen.has_field(pointer, value),
            expected,
            "{pointer} {value:?}"
        );
    }
}
