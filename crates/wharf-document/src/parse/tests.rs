//! Every form of every value that documents use, and what is refused.

use std::time::Duration;

use super::duration::{self, Unit};
use super::{path, placeholder, rate, reference, size, status, template, url};
use crate::model::{PathSegment, StatusPattern, TemplatePart};
use crate::raw::Text;
use wharf_diag::Span;

#[test]
fn durations() {
    for (text, milliseconds) in [
        ("30", 30_000),
        ("0", 0),
        ("30s", 30_000),
        ("5 minutes", 300_000),
        ("24-hour", 86_400_000),
        ("90_days", 7_776_000_000),
        ("500ms", 500),
        ("1.5 s", 1_500),
        ("1,000 ms", 1_000),
        ("2 Weeks", 1_209_600_000),
    ] {
        let expected = Duration::from_millis(milliseconds);
        assert_eq!(duration::parse(text, Unit::Seconds), Ok(expected), "{text}");
    }
    for text in [
        "",
        "soon",
        "-1",
        "5 fortnights",
        "1e9 years",
        "999999 years",
        "5 minutes or so",
    ] {
        assert!(duration::parse(text, Unit::Seconds).is_err(), "{text}");
    }
}

#[test]
fn rates() {
    for (text, count, seconds) in [
        ("100/min", 100, 60),
        ("100/minute", 100, 60),
        ("25/s", 25, 1),
        ("5000/hour", 5000, 3_600),
        ("5,000/hour", 5000, 3_600),
        ("200/6h", 200, 21_600),
        ("100 requests per minute", 100, 60),
        ("10 / 30 s", 10, 30),
        ("1/month", 1, 2_592_000),
    ] {
        let found = rate::parse(text).unwrap();
        assert_eq!(
            (found.count, found.period.as_secs()),
            (count, seconds),
            "{text}"
        );
    }
    for text in [
        "",
        "100",
        "0/s",
        "1.5/s",
        "100/fortnight",
        "fast/s",
        "10/0s",
        "-5/s",
    ] {
        assert!(rate::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_cell_holds_several_rates() {
    let split = |source: &str| -> Vec<String> {
        let cell = Text::new(source, Span::new(0, source.len()), source);
        rate::split(&cell)
            .iter()
            .map(|text| text.as_str().to_owned())
            .collect()
    };
    assert_eq!(split("100/min, 5,000/hour"), ["100/min", "5,000/hour"]);
    assert_eq!(
        split("3/s; 100/min and 1,000/day"),
        ["3/s", "100/min", "1,000/day"]
    );
    assert_eq!(split("100/min,5000/hour"), ["100/min", "5000/hour"]);
}

#[test]
fn sizes() {
    for (text, bytes) in [
        ("1024", 1024),
        ("10 MB", 10_000_000),
        ("1MiB", 1_048_576),
        ("0.5 kB", 500),
    ] {
        assert_eq!(size::parse(text).unwrap().0, bytes, "{text}");
    }
    for text in ["", "big", "10 potatoes", "0.5", "2000000 GB"] {
        assert!(size::parse(text).is_err(), "{text}");
    }
}

#[test]
fn addresses() {
    for (text, expected) in [
        ("api.example.org", "https://api.example.org"),
        (
            "https://API.example.org:8443/v1/",
            "https://api.example.org:8443/v1",
        ),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:80/a/b", "http://[::1]/a/b"),
        ("localhost:3000", "https://localhost:3000"),
    ] {
        assert_eq!(url::parse(text).unwrap().to_string(), expected);
    }
    for text in [
        "",
        "https://",
        "ftp://a.b",
        "https://u:p@a.b",
        "https://a.b?x=1",
        "https://a.b/#c",
        "a b",
        "https://a..b",
        "https://a.b:0",
        "https://a.b:99999",
        "https://[::zz]",
        "https://300.1.1.1",
        "https://münchen.de",
        "a.b/../c",
        "https://{shop}.example.org",
        "https://a.b:+80",
        "a.b\\c",
    ] {
        assert!(url::parse(text).is_err(), "{text}");
    }
}

#[test]
fn private_hosts() {
    for host in [
        "localhost",
        "127.0.0.9",
        "10.1.2.3",
        "192.168.0.1",
        "[::1]",
        "[fd00::1]",
        "vendor",
        "a.local",
    ] {
        assert!(url::is_private_host(host), "{host}");
    }
    for host in [
        "api.example.org",
        "8.8.8.8",
        "[2001:4860::1]",
        "localhost.example.org",
    ] {
        assert!(!url::is_private_host(host), "{host}");
    }
}

#[test]
fn passwords_in_addresses_are_found() {
    for (text, secret) in [
        ("https://me:pass@host", Some("pass")),
        ("postgres://me:pa/ss@w?@host/db", Some("pa/ss@w?")),
        ("redis://:pass@host", Some("pass")),
        ("me:pass@host", Some("pass")),
        (
            "postgres://host/db?user=me&password=x",
            Some("user=me&password=x"),
        ),
        ("postgres://host/db?sslmode=require", None),
        ("postgres://me@host:5432/db", None),
        ("postgres://me:@host", None),
        ("https://host:443/a", None),
        ("", None),
    ] {
        let found = url::secret_place(text).map(|range| &text[range]);
        assert_eq!(found, secret, "{text}");
    }
}

#[test]
fn paths() {
    let found = path::parse("/v1/customers/:id/cards/{card}").unwrap();
    assert_eq!(found.to_string(), "/v1/customers/{id}/cards/{card}");
    assert_eq!(
        path::parse("/v1/").unwrap().segments,
        [
            PathSegment::Literal("v1".into()),
            PathSegment::Literal(String::new())
        ]
    );
    for text in [
        "/Messages/{sid}.json",
        "/v1beta/properties/{property}:runReport",
        "/compare/{base}...{head}",
        "/v{major}.{minor}/x",
    ] {
        assert_eq!(path::parse(text).unwrap().to_string(), text);
    }
    assert_eq!(
        path::parse("/<sid>.json").unwrap().to_string(),
        "/{sid}.json"
    );
    // A colon makes the whole segment one parameter.
    assert_eq!(
        path::parse("/:id.json").unwrap().segments,
        [PathSegment::Parameter("id.json".into())]
    );
    for text in [
        "",
        "v1",
        "https://a.b/c",
        "/a?b=c",
        "/a b",
        "/{}",
        "/{a",
        "/a}",
        "/{a}{b}",
        "/{a}<b>",
        "/{a}.{a}",
        "/{a b}.json",
        "/{a}|x",
        "/x.<>",
        "/:id/:id",
        "/../a",
    ] {
        assert!(path::parse(text).is_err(), "{text}");
    }
}

#[test]
fn error_codes() {
    let read = |text| {
        status::error_code(text).map(|code| (code.status(), code.detail().map(str::to_owned)))
    };
    assert_eq!(read("429"), Ok((Some(StatusPattern::Exact(429)), None)));
    assert_eq!(read("5xx"), Ok((Some(StatusPattern::Class(5)), None)));
    assert_eq!(
        read("429 insufficient_quota"),
        Ok((
            Some(StatusPattern::Exact(429)),
            Some("insufficient_quota".into())
        ))
    );
    assert_eq!(
        read("invalid_auth"),
        Ok((None, Some("invalid_auth".into())))
    );
    for text in [
        "",
        "42",
        "999",
        "6xx",
        "429 503",
        "too many requests",
        "500, 502",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn templates() {
    let found = template::parse("Bearer {api_key}!").unwrap();
    assert_eq!(
        found.parts,
        [
            TemplatePart::Literal("Bearer ".into()),
            TemplatePart::Field("api_key".into()),
            TemplatePart::Literal("!".into())
        ]
    );
    for text in ["{", "}", "{}", "{a b}", "{a{b}}", "a\nb"] {
        assert!(template::parse(text).is_err(), "{text}");
    }
}

#[test]
fn placeholders() {
    for text in [
        "$X/month",
        "$Y per 1000 requests",
        "[end date, terms]",
        "+1-XXX-XXX-XXXX",
        "service.com/hook",
        "api.service.com",
        "support@service.com",
        "X% of quota",
        "high|medium|low",
        "API Key|OAuth2|JWT|Basic Auth",
        "TBD",
        "<your shop>",
    ] {
        assert!(placeholder::is_placeholder(text), "{text}");
    }
    for text in [
        "$40/month",
        "high",
        "API Key",
        "2026-12-31, yearly",
        "https://myservice.com",
        "95% of quota",
        "[Integration] Stripe",
        "a || b",
        "customer service",
    ] {
        assert!(!placeholder::is_placeholder(text), "{text}");
    }
    assert!(placeholder::is_link_placeholder("link"));
    assert!(!placeholder::is_link_placeholder(
        "https://example.org/link"
    ));
}

#[test]
fn references_and_secrets() {
    for text in ["STRIPE_API_KEY", "_TOKEN", "S3_KEY_2"] {
        assert!(reference::is_variable_name(text), "{text}");
    }
    for text in [
        "",
        "stripe_key",
        "sk_live_4242424242424242",
        "AKIAIOSFODNN7EXAMPLE",
        "A B",
        "A$B",
    ] {
        assert!(!reference::is_variable_name(text), "{text}");
    }
    for text in [
        "/prod/service-name/credentials",
        "secret/data/stripe",
        "./keys/openai.txt",
        "arn:aws:x:1:y",
    ] {
        assert!(reference::is_path(text), "{text}");
    }
    for text in [
        "",
        "sk_live_4242424242424242",
        "/prod/ghp_abcdefgh12345678",
        "a8Fk2Lq9Zx4Rt7Yb1Nm6Pc3",
        "a\nb",
    ] {
        assert!(!reference::is_path(text), "{text}");
    }
}
