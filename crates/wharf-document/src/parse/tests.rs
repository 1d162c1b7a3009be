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
        ("1,5 s", 1_500),
        ("0,125 s", 125),
        ("1 000 ms", 1_000),
        ("1m30s", 90_000),
        ("1 min 30 s", 90_000),
        ("1h 5m", 3_900_000),
        ("1 hour and 30 minutes", 5_400_000),
        ("1d12h30m", 131_400_000),
        ("2 quarters", 15_552_000_000),
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
        "30s 1m",
        "1m 30",
        "5 minutes, 30 seconds",
    ] {
        assert!(duration::parse(text, Unit::Seconds).is_err(), "{text}");
    }
}

#[test]
fn numbers() {
    for (text, expected, rest) in [
        ("5,000 MB", "5000", " MB"),
        ("99,95 %", "99.95", " %"),
        ("0,1%", "0.1", "%"),
        ("0,125", "0.125", ""),
        ("1,200.50", "1200.50", ""),
        ("1.200,50", "1200.50", ""),
        ("1.200.000", "1200000", ""),
        ("1.200", "1.200", ""),
        ("1,200,000", "1200000", ""),
        ("5 000/hour", "5000", "/hour"),
        ("5\u{202f}000", "5000", ""),
        ("1'000'000", "1000000", ""),
        ("90_days", "90", "_days"),
        ("10, 20", "10", ", 20"),
        ("2026-01", "2026", "-01"),
    ] {
        let (number, end) = super::number::leading(text).unwrap();
        assert_eq!((number.as_str(), &text[end..]), (expected, rest), "{text}");
    }
    assert_eq!(super::number::leading("x1"), None);
}

#[test]
fn durations_among_words() {
    for (text, seconds) in [
        ("Every 60 seconds", Some(60.0)),
        ("every 1m30s", Some(90.0)),
        ("every 1 min 30 s, from two places", Some(90.0)),
        ("deadline 1h 5m", Some(3_900.0)),
        ("every 1,5 s", Some(1.5)),
        ("every 1 000 ms", Some(1.0)),
        ("24-hour local cache", Some(86_400.0)),
        ("24 hours, 10 minutes for prices", Some(86_400.0)),
        ("every 30-60 s", Some(60.0)),
        ("every 30 – 60 s", Some(60.0)),
        ("every -5 s", None),
        ("-5 s", None),
        ("every minute", Some(60.0)),
        ("Every other day", Some(172_800.0)),
        ("once a minute", Some(60.0)),
        ("twice a minute", Some(30.0)),
        ("4 times per hour", Some(900.0)),
        ("10/min", Some(6.0)),
        ("half an hour", Some(1_800.0)),
        ("after two weeks", Some(1_209_600.0)),
        ("every minute, 5 s at most", Some(60.0)),
        ("Quarterly, by the platform team", Some(7_776_000.0)),
        ("monthly review; rotated every 90 days", Some(7_776_000.0)),
        ("Quarterly: a second role takes over", Some(7_776_000.0)),
        ("yearly (90 days for the old one)", Some(31_536_000.0)),
        ("a second role takes over", None),
        ("twice a second at most", Some(0.5)),
        ("every quarter", Some(7_776_000.0)),
        ("see the wiki", None),
        ("v2m", None),
    ] {
        let found = super::words::find_duration(text);
        assert_eq!(found.map(|(d, _)| d.as_secs_f64()), seconds, "{text}");
    }
}

#[test]
fn counts_among_words() {
    for (text, count) in [
        ("3 failures", Some(3)),
        ("after three failures in a row", Some(3)),
        ("2 of 3 probes", Some(2)),
        ("5 % of the probes", None),
        ("5 min", None),
        ("1.5", None),
        ("-1", None),
    ] {
        let found = super::words::find_count(text);
        assert_eq!(found.map(|(count, _)| count), count, "{text}");
    }
}

#[test]
fn dates_among_words() {
    for (text, end, first) in [
        ("2027-12-31, yearly", Some("2027-12-31"), Some("2027-12-31")),
        (
            "2025-01-01 to 2027-06-30",
            Some("2027-06-30"),
            Some("2025-01-01"),
        ),
        ("since 2020-01-01, monthly", None, Some("2020-01-01")),
        (
            "signed 2024-05-01, ends 2027-06-30",
            Some("2027-06-30"),
            Some("2024-05-01"),
        ),
        (
            "2024-05-01 – 2027-04-30",
            Some("2027-04-30"),
            Some("2024-05-01"),
        ),
        ("monthly since 2020-01-01, no end", None, Some("2020-01-01")),
        (
            "ends 2027-12-31, notice by 2027-09-30",
            Some("2027-12-31"),
            Some("2027-12-31"),
        ),
        (
            "from 1 May 2024 through 30 April 2027",
            Some("2027-04-30"),
            Some("2024-05-01"),
        ),
        ("until 28.02.2024", Some("2024-02-28"), Some("2024-02-28")),
        (
            "bis 28. Februar 2024",
            Some("2024-02-28"),
            Some("2024-02-28"),
        ),
        (
            "until February 2024",
            Some("2024-02-29"),
            Some("2024-02-01"),
        ),
        ("until 2024/02/28", Some("2024-02-28"), Some("2024-02-28")),
        ("sunset 2024-02-28", Some("2024-02-28"), Some("2024-02-28")),
        ("June 30th, 2027", Some("2027-06-30"), Some("2027-06-30")),
        ("30th of June 2027", Some("2027-06-30"), Some("2027-06-30")),
        ("12/31/2027", Some("2027-12-31"), Some("2027-12-31")),
        ("31/12/2027", Some("2027-12-31"), Some("2027-12-31")),
        ("Q4 2027", Some("2027-12-31"), Some("2027-10-01")),
        ("end of 2027", Some("2027-12-31"), Some("2027-12-31")),
        ("2027-06", Some("2027-06-30"), Some("2027-06-01")),
        (
            "2026-12-31T10:00:00Z",
            Some("2026-12-31"),
            Some("2026-12-31"),
        ),
        ("port 5432, 10.0.0.1", None, None),
    ] {
        let dates = super::date::find(text);
        let shown = |found: Option<(jiff::civil::Date, _)>| found.map(|(day, _)| day.to_string());
        assert_eq!(shown(dates.end()).as_deref(), end, "{text}");
        assert_eq!(shown(dates.first()).as_deref(), first, "{text}");
        assert_eq!(dates.unread, None, "{text}");
    }
    for (text, unread) in [
        ("until 03/04/2027", Some("03/04/2027")),
        ("until 2027-02-30", Some("2027-02-30")),
        ("yearly, 2027", Some("2027")),
        ("yearly since 2019", None),
        ("$2000 a year", None),
    ] {
        let found = super::date::find(text).unread;
        assert_eq!(found.map(|range| &text[range]), unread, "{text}");
    }
}

#[test]
fn comparisons() {
    use super::comparison;
    use crate::model::Bound;
    for (text, bound, percentile, window_days) in [
        ("< 500ms p95", "500ms", Some(95.0), None),
        ("p95 < 500ms", "500ms", Some(95.0), None),
        ("P99: < 2 s", "2s", Some(99.0), None),
        ("< 2 s at the 99th percentile", "2s", Some(99.0), None),
        ("< 2 s (p99.9)", "2s", Some(99.9), None),
        ("under 1m30s for 95 % of calls", "90s", Some(95.0), None),
        ("> 99,95 %", "99.95%", None, None),
        ("<0,1%", "0.1%", None, None),
        ("at least 99.9 percent", "99.9%", None, None),
        ("≥ 99.9% per quarter", "99.9%", None, Some(90)),
        ("> 99.9% (monthly)", "99.9%", None, Some(30)),
        ("> 99.9%/month", "99.9%", None, Some(30)),
        ("> 99.9 % over 28 days", "99.9%", None, Some(28)),
        ("< 5 of 1000", "0.5%", None, None),
        ("< 5 errors per 1,000 calls", "0.5%", None, None),
        ("at most 1 in 500 requests", "0.2%", None, None),
        ("< 2‰", "0.2%", None, None),
        ("< 80% of quota", "80%", None, None),
        ("< 40", "40", None, None),
    ] {
        let read = comparison::parse(text).unwrap();
        let shown = match read.bound {
            Bound::Duration(duration) => format!("{duration:?}"),
            other => other.to_string(),
        };
        assert_eq!(
            (shown.as_str(), read.percentile),
            (bound, percentile),
            "{text}"
        );
        let days = read.window.map(|window| window.as_secs() / 86_400);
        assert_eq!(days, window_days, "{text}");
    }
    for text in [
        "99.9%",
        "< 101%",
        "< 5 bananas",
        "p95 < 1s p99",
        "< p95",
        "fast",
    ] {
        assert!(comparison::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_remark_without_an_end_is_read_in_time() {
    let text = format!("< 5% for {}", "111 ".repeat(250_000));
    let start = std::time::Instant::now();
    let read = super::comparison::parse(&text).unwrap();
    assert_eq!(read.percentile, None);
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn prices() {
    use super::money;
    for (text, expected) in [
        ("$20/month", "$20/month"),
        ("20 €/month", "€20/month"),
        ("€49,50/month", "€49.50/month"),
        ("1.200,50 EUR/year", "€1200.50/year"),
        ("$588 annually", "$588/year"),
        ("$147 per quarter", "$147/90 days"),
        ("$12/month plus tax", "$12/month"),
        ("$12/month per user", "$12 per month per user"),
        ("$0.002 per request", "$0.002 per request"),
        ("$1.250 per 1000 requests", "$1.250 per 1000 requests"),
    ] {
        assert_eq!(money::price(text).unwrap().to_string(), expected, "{text}");
    }
    for text in [
        "€1.200/month",
        "20",
        "free",
        "$20 whenever",
        "$20/month + $5 per user",
    ] {
        assert!(money::price(text).is_err(), "{text}");
    }
    let month = |text| money::price(text).unwrap().per_month().unwrap().to_string();
    assert_eq!(month("$240 per 2 years"), "$10");
    assert_eq!(month("$30/quarter"), "$10");
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
        ("20 rps", 20, 1),
        ("600 calls a minute", 600, 60),
        ("100 every 10 seconds", 100, 10),
        ("1.200.000/quarter", 1_200_000, 7_776_000),
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
        "https://-bad-.example",
        "https://a.bad-.example",
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
fn a_scheme_is_no_host() {
    for (text, fixed) in [
        ("https//api.example.com", "https://api.example.com"),
        ("HTTPS//api.example.com/v1", "https://api.example.com/v1"),
        ("http//api.example.com", "http://api.example.com"),
        ("https:/api.example.com", "https://api.example.com"),
        ("https:api.example.com", "https://api.example.com"),
        ("https;//api.example.com", "https://api.example.com"),
        ("https:\\\\api.example.com", "https://api.example.com"),
        ("htps//api.example.com", "https://api.example.com"),
        ("https", "https://"),
        ("https://https//api.example.com", "https://api.example.com"),
        ("https://http://api.example.com", "http://api.example.com"),
        ("api", "https://api"),
        ("api/v1", "https://api/v1"),
        ("my-service", "https://my-service"),
    ] {
        let slip = url::slip(text).unwrap();
        let mut written = text.to_owned();
        written.replace_range(slip.place, slip.meant);
        assert_eq!(written, fixed, "{text}");
        let why = url::parse(text).unwrap_err();
        assert!(why.contains("did you mean `http"), "{text}: {why}");
    }
    for text in [
        "api.example.com",
        "http.example.com",
        "https-proxy.example.com/a//b",
        "localhost",
        "localhost/v1",
        "vault:8200",
        "api.example.com//v1",
        "http://vendor",
        "https://http.example.com/https//x",
        "10.0.0.1",
        "[::1]:99",
        "https://[::1]",
    ] {
        assert_eq!(url::slip(text), None, "{text}");
        assert!(url::parse(text).is_ok(), "{text}");
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

#[test]
fn ranges_with_their_own_units_and_parts_of_an_hour_are_durations() {
    for (text, seconds) in [
        ("30 s-1 min", 60),
        ("every 30s - 1m", 60),
        ("30s to 2 min", 120),
        ("30s – 1m", 60),
        ("every quarter of an hour", 900),
        ("an hour and 30 minutes", 5_400),
        ("every hour and a half", 5_400),
        // Behind a spaced hyphen stands a remark.
        ("every 60 s - 5 min in staging", 60),
        ("every quarter", 90 * 86_400),
        ("every hour and at noon", 3_600),
    ] {
        let found = super::words::find_duration(text).map(|(duration, _)| duration.as_secs());
        assert_eq!(found, Some(seconds), "{text}");
    }
}
