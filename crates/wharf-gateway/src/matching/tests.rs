//! Paths and timeouts as callers send them.

use std::time::Duration;

use super::deadline;
use crate::address::Address;
use crate::path::leads_out;

#[test]
fn paths_are_taken_apart() {
    let cases = [
        ("/stripe/v1/balance", ("stripe", None, "/v1/balance")),
        ("/stripe@staging/v1", ("stripe", Some("staging"), "/v1")),
        ("/stripe", ("stripe", None, "")),
        ("/stripe/", ("stripe", None, "/")),
        ("/", ("", None, "")),
        ("/a@b@c//x?q=1", ("a", Some("b@c"), "//x")),
    ];
    for (path, expected) in cases {
        let uri = path.parse().unwrap();
        let address = Address::of(&uri);
        assert_eq!(
            (address.integration, address.environment, address.rest),
            expected,
            "{path}"
        );
    }
}

#[test]
fn paths_cannot_climb() {
    for path in [
        "/a/../b",
        "/..",
        "/.",
        "/a/%2e%2E/b",
        "/%2e./x",
        // Read by who drops tabs and line ends before decoding what is left.
        "/a/.%\t2e/b",
        "/a/%\r\n2e%2\te",
        "/a/.%%092e/b",
        "/a/.",
        "/..%2fx",
        "/%2e%2e%2Fx",
        "/..%5cx",
        "/..\\x",
        "/..;/x",
        "/..;a=b/x",
        "/..%3Bx",
        "/..%00/x",
        "/items/..%2F..%2Fx",
        "/a%2F.%2fb",
        "/%252e%252e/x",
        // What some readings pass over.
        "/..%20/x",
        "/..%20%20",
        "/.%09./x",
        "/%0a..%0d/x",
        // RFC 3629, section 10.
        "/%c0%ae%c0%ae/x",
        "/..%c0%afx",
        "/..%c1%9cx",
        "/%e0%80%ae./x",
        "/%25c0%25ae%25c0%25ae/x",
    ] {
        assert!(leads_out(path), "{path}");
    }
    for path in [
        "/a/b",
        "/a..b/c",
        "/...",
        "/.well-known/x",
        "/a/%2ehidden",
        "/%2F",
        "/@scope%2Fname",
        "/a%2F..b",
        "/a;b=..",
        "/%zz",
        "/caf%c3%a9/..b",
        "/%e0%a4%85/x",
        "/a%20..b/. .a",
        "/%20/x",
        "/%c0",
        "/%e0%80",
        "",
    ] {
        assert!(!leads_out(path), "{path}");
    }
}

#[test]
fn deadlines_are_read_with_units() {
    for (text, milliseconds) in [
        ("2", 2_000),
        ("2.5s", 2_500),
        (" 800ms ", 800),
        ("3600", 3_600_000),
        ("3600000ms", 3_600_000),
        ("0.001", 1),
    ] {
        assert_eq!(
            deadline(text).unwrap(),
            Duration::from_millis(milliseconds),
            "{text}"
        );
    }
    for text in [
        "",
        "0",
        "-1",
        "3601",
        "soon",
        "NaN",
        "inf",
        "1h",
        "0.000",
        "+5",
        "1e2",
        "1E-30",
        "1e-30",
        "5.",
        ".5",
        ".",
        "1.2.3",
        "2,5",
        "0x10",
        "1_000",
        "s",
        "ms",
        "30ss",
        "3600001ms",
    ] {
        assert!(deadline(text).is_err(), "{text}");
    }
    // Less than the clock can tell from zero.
    for text in ["0.0000000001", "0.0000001ms"] {
        assert!(deadline(text).is_err(), "{text}");
    }
    let many = format!("{}1", "0".repeat(400));
    assert_eq!(deadline(&many).unwrap(), Duration::from_secs(1));
    assert!(deadline(&"9".repeat(400)).is_err());
}
