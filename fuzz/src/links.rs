//! Any header of a vendor: led back without a panic, without the credential, and to no other
//! integration.

use http::header::{HeaderName, HeaderValue};
use url::{Host, Url};
use wharf_gateway::wire::{leads_out, relocated};

const REQUEST: &str = "https://api.example.com/v1/items/7?page=1";
const VENDOR: &str = "https://api.example.com/v1";
const LOCAL: &str = "http://127.0.0.1:7070/example";
const SECRET: &str = "a-long-secret";

/// The target. Every line is the value of each header; it need not be ASCII.
pub fn links(bytes: &[u8]) {
    for value in bytes.split(|byte| *byte == b'\n') {
        for name in ["location", "refresh", "link", "set-cookie", "x-other"] {
            let header = HeaderName::from_static(name);
            let led = relocated(&header, value, (REQUEST, VENDOR, LOCAL), &[SECRET]);
            if name == "location" {
                assert_leads_back(value, led.as_ref());
            }
            if let Some(led) = led {
                assert_led(name, led.as_bytes());
            }
        }
    }
}

/// A plain URL below the base comes back as the same one below the integration.
fn assert_leads_back(value: &[u8], led: Option<&HeaderValue>) {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
    let rest = value.strip_prefix(VENDOR.as_bytes());
    if let Some(rest) = rest.filter(|rest| rest.starts_with(b"/") && rest.iter().all(is_plain))
        && !holds_secret(rest)
    {
        let wanted = [LOCAL.as_bytes(), rest].concat();
        let led = led.map(HeaderValue::as_bytes);
        assert_eq!(led, Some(wanted.as_slice()), "{}", value.escape_ascii());
    }
}

/// What a client may get of a header.
fn assert_led(name: &str, led: &[u8]) {
    assert!(!holds_secret(led), "{name}: {}", led.escape_ascii());
    if name == "set-cookie" {
        // The last attribute counts, and it is always ours.
        let last = led.split(|byte| *byte == b';').next_back();
        let path = last.and_then(|last| last.strip_prefix(b" Path=/example"));
        let is_below = path.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"));
        assert!(is_below, "{}", led.escape_ascii());
        return;
    }
    if name == "x-other" {
        return;
    }
    let text = std::str::from_utf8(led).unwrap();
    match name {
        "location" => assert_own(text),
        "refresh" => assert_own(text.split_once(";url=").map_or("", |(_, target)| target)),
        // Readers find targets in different ways; this one looks at nothing but brackets.
        _ => {
            for target in text.split('>').filter_map(|link| link.rsplit_once('<')) {
                assert_own(target.1);
            }
        }
    }
}

/// A reference that leads a client to us leads below the integration.
fn assert_own(reference: &str) {
    let local = Url::parse("http://127.0.0.1:7070/example/items/7").unwrap();
    let url = local.join(reference).unwrap();
    let is_ours = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        _ => false,
    };
    if is_ours && url.port() == local.port() {
        let rest = url.path().strip_prefix("/example");
        let is_below = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        assert!(is_below && !rest.is_some_and(leads_out), "{reference}");
    }
}

fn holds_secret(bytes: &[u8]) -> bool {
    bytes
        .windows(SECRET.len())
        .any(|window| window.eq_ignore_ascii_case(SECRET.as_bytes()))
}
