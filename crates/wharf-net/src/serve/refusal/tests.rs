//! What is wrong with a first line is said.

use super::{FirstLine, LONGEST_TARGET, RefusalKind};

fn mistake(line: &str) -> Option<(RefusalKind, String)> {
    // Byte by byte and at once are the same.
    let mut pieces = FirstLine::default();
    for byte in line.as_bytes() {
        pieces.look_at(&[*byte]);
    }
    let mut whole = FirstLine::default();
    whole.look_at(line.as_bytes());
    assert_eq!(pieces.mistake(), whole.mistake());
    assert_eq!(pieces.is_complete(), whole.is_complete());
    whole.mistake()
}

#[test]
fn the_character_is_named_with_its_code() {
    for (target, shown) in [
        (
            "/svc/x?f=a>5",
            "`>`, which a URL cannot have; write it as %3E",
        ),
        ("/svc/<x>", "`<`, which a URL cannot have; write it as %3C"),
        (
            "/svc/x?j={\"a\":1}",
            "`\"`, which a URL cannot have; write it as %22",
        ),
        (
            "/svc/th\"ings",
            "`\"`, which a URL cannot have; write it as %22",
        ),
        ("/svc/`x`", "``"),
        (
            "/svc/a b",
            "a space, which a URL cannot have; write it as %20",
        ),
        (
            "/svc/\tx",
            "a control character, which a URL cannot have; write it as %09",
        ),
        ("/svc/\u{7f}", "write it as %7F"),
    ] {
        let (kind, detail) = mistake(&format!("GET {target} HTTP/1.1\r\n")).unwrap();
        assert_eq!(kind, RefusalKind::Malformed, "{target}");
        assert!(detail.contains(shown), "{target}: {detail}");
    }
}

#[test]
fn what_a_target_may_have_is_no_mistake() {
    for target in ["/svc/{}^|?f=`^|{}[]'", "/svc/ä", "*", "http://host:1/x?y"] {
        assert!(
            mistake(&format!("\r\nGET {target} HTTP/1.1\r\nA: <b>\r\n"))
                .is_none_or(|(_, detail)| detail.contains("UTF-8")),
            "{target}"
        );
    }
}

#[test]
fn versions_and_lengths() {
    let (kind, _) = mistake("GET /x HTTP/2.0\r\n").unwrap();
    assert_eq!(kind, RefusalKind::Version);
    assert!(mistake("GET /x HTTP/1.0\r\n").is_none());
    let long = "x".repeat(LONGEST_TARGET);
    let (kind, _) = mistake(&format!("GET /{long} HTTP/1.1\r\n")).unwrap();
    assert_eq!(kind, RefusalKind::TargetTooLong);
}
