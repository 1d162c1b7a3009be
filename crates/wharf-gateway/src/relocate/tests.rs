//! References and cookies stay below their integration.

use http::header::SET_COOKIE;
use http::header::{CONTENT_LOCATION, HeaderMap, HeaderName, HeaderValue, LINK, LOCATION, REFRESH};
use hyper::ext::ReasonPhrase;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use url::Url;
use wharf_document::model::Template;
use wharf_plan::CompiledPlacement;

use super::{Forms, Places, Secrets, origin, relocate};
use crate::headers::Kinds;

const SECRET: &str = "s3cret-canary";
const REQUEST: &str = "https://api.test/base/v1/items/7?page=1";
const BASE: &str = "https://api.test/base";
const LOCAL: &str = "http://127.0.0.1:7070/vendor";

/// As [`relocate`], for headers as they come.
fn lead(
    headers: &mut HeaderMap,
    places: impl FnOnce() -> Option<Places>,
    placements: &[CompiledPlacement],
    secrets: &[&str],
) {
    let forms = Forms::new(secrets.iter().copied());
    let kinds = Kinds::of_answer(headers);
    relocate(
        headers,
        kinds,
        places,
        &Secrets::new(placements, Some(&forms)),
    );
}

fn key() -> CompiledPlacement {
    CompiledPlacement::Query {
        name: "key".into(),
        value: Template::default(),
    }
}

fn with(name: &HeaderName, value: &[u8], base: &str, local: Option<&str>) -> Option<String> {
    let mut headers = HeaderMap::new();
    headers.insert(name, HeaderValue::from_bytes(value).unwrap());
    let places = || Places::new(REQUEST, base, local);
    lead(&mut headers, places, &[key()], &[SECRET]);
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn relocated(name: &HeaderName, value: impl AsRef<[u8]>) -> Option<String> {
    with(name, value.as_ref(), BASE, Some(LOCAL))
}

fn location(value: impl AsRef<[u8]>) -> Option<String> {
    relocated(&LOCATION, value)
}

#[test]
fn what_lies_below_the_base_is_reached_through_the_gateway() {
    for (said, led) in [
        ("https://api.test/base/x?a=1#f", "/x?a=1#f"),
        ("https://api.test/base", ""),
        ("HTTPS://API.test:443/base/x", "/x"),
        ("https://api.test./base/x", "/x"),
        ("//api.test/base/x", "/x"),
        ("/base/x", "/x"),
        ("\\base\\x", "/x"),
        ("/ba\tse/x", "/x"),
        ("  /base/x ", "/x"),
        ("/%2e/base/x", "/x"),
        ("https://user:pass@api.test/base/x", "/x"),
        ("8", "/v1/items/8"),
        ("../ops/1", "/v1/ops/1"),
        ("?page=2", "/v1/items/7?page=2"),
        ("#part", "/v1/items/7?page=1#part"),
        ("", "/v1/items/7?page=1"),
        ("/base/v1/x;v=1", "/v1/x;v=1"),
        ("/base/v1/caf\u{e9}?q=\u{e9}", "/v1/caf%C3%A9?q=%C3%A9"),
        ("/base/@scope%2Fname", "/@scope%2Fname"),
        ("/base//x", "//x"),
    ] {
        assert_eq!(location(said).unwrap(), format!("{LOCAL}{led}"), "{said}");
    }
}

#[test]
fn what_lies_elsewhere_is_absolute() {
    for (said, led) in [
        (
            "/rootb/v1/refunds?amount=9",
            "https://api.test/rootb/v1/refunds?amount=9",
        ),
        (
            "https://api.test/base/../../rootb/x",
            "https://api.test/rootb/x",
        ),
        ("/base/%2e%2e/rootb/x", "https://api.test/rootb/x"),
        ("/basement", "https://api.test/basement"),
        ("http://api.test/base/x", "http://api.test/base/x"),
        ("https://api.test:444/base/x", "https://api.test:444/base/x"),
        (
            "https://api.test.evil.test/base",
            "https://api.test.evil.test/base",
        ),
        ("//127.0.0.1:7071/rootb", "https://127.0.0.1:7071/rootb"),
        (
            "https://cdn.test/a?key=theirs&sig=a%2Bb",
            "https://cdn.test/a?key=theirs&sig=a%2Bb",
        ),
        (
            "http://evil.test\\@127.0.0.1:7070/rootb",
            "http://evil.test/@127.0.0.1:7070/rootb",
        ),
        ("mailto:help@api.test", "mailto:help@api.test"),
        ("app://callback?code=1", "app://callback?code=1"),
    ] {
        assert_eq!(location(said).as_deref(), Some(led), "{said}");
    }
}

#[test]
fn nothing_leads_to_another_integration() {
    for said in [
        "http://127.0.0.1:7070/rootb/x",
        "HTTP://127.0.0.1:7070",
        "https://127.0.0.1:7070/rootb",
        "http://localhost:7070/rootb",
        "http://[::1]:7070/rootb",
        "http://[::ffff:127.0.0.1]:7070/rootb",
        "http://0x7f.1:7070/rootb",
        "http://2130706433:7070/rootb",
        "http://0.0.0.0:7070/rootb",
        "http://x.localhost.:7070/rootb",
        "http://user@127.0.0.1:7070/rootb",
        "ws://127.0.0.1:7070/rootb",
        // Whoever takes such a scheme for HTTP comes to us.
        "baseHTTP://127.0.0.1:7070",
        "app://localhost:7070/rootb",
        "app://0x7f.1:7070/rootb",
        "app://[::1]:7070/rootb",
        "http://127.0.0.1:7070/vendor2/x",
        "http://127.0.0.1:7070/vendor@staging/x",
        "http://127.0.0.1:7070/vendor/../rootb",
        "http://127.0.0.1:7070/vendor/..%2frootb",
        "/base/..%2f..%2frootb",
        "/base/..%5crootb",
        "/base/..;/rootb",
        "http://[broken",
        "http://a b/",
    ] {
        assert_eq!(location(said), None, "{said}");
        assert_eq!(
            relocated(&LINK, format!("<{said}>; rel=next")),
            None,
            "{said}"
        );
        assert_eq!(
            relocated(&REFRESH, format!("0; url={said}")),
            None,
            "{said}"
        );
    }
    assert_eq!(location(b"/base/caf\xe9"), None);
    let own = "http://127.0.0.1:7070/vendor/x";
    assert_eq!(location(own).as_deref(), Some(own));
}

#[test]
fn without_a_host_of_ours_references_are_the_vendors() {
    let led = with(&LOCATION, b"/base/x?key=1", BASE, None);
    assert_eq!(led.as_deref(), Some("https://api.test/base/x"));
    assert_eq!(with(&SET_COOKIE, b"a=1", BASE, None), None);
    assert_eq!(with(&LOCATION, b"/x", "no base", Some(LOCAL)), None);
}

#[test]
fn our_address_is_ours_by_every_name() {
    let led = |value: &str, local: Option<&str>, here: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_str(value).unwrap());
        let here = Some(here.parse().unwrap());
        let places = || Some(Places::new(REQUEST, BASE, local)?.reached_at(here));
        lead(&mut headers, places, &[], &[]);
        headers.contains_key(LOCATION)
    };
    let named = Some("http://gw.test/vendor");
    for here in [
        "192.0.2.7:7070",
        "[::ffff:192.0.2.7]:7070",
        "127.0.0.1:7070",
    ] {
        for local in [named, None] {
            for host in ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"] {
                let other = format!("http://{host}:7070/other/x");
                assert!(!led(&other, local, here), "{other} at {here}");
            }
            assert!(led("http://127.0.0.1:7071/other/x", local, here));
            assert!(led("http://192.0.2.8:7070/other/x", local, here));
        }
        assert!(led("http://localhost:7070/vendor/x", named, here));
    }
    for host in ["192.0.2.7", "[::ffff:192.0.2.7]"] {
        let other = format!("http://{host}:7070/other/x");
        assert!(!led(&other, named, "192.0.2.7:7070"), "{other}");
    }
}

// brandonrc/mobula#5, stacklok/toolhive#4168
#[test]
fn a_name_with_our_unusual_port_is_not_followed() {
    let led = |value: &str, local: Option<&str>, here: Option<&str>| {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_str(value).unwrap());
        let here = here.map(|here| here.parse().unwrap());
        let places = || Some(Places::new(REQUEST, BASE, local)?.reached_at(here));
        lead(&mut headers, places, &[], &[]);
        headers.contains_key(LOCATION)
    };
    let (named, here) = (Some("http://gw.test:7070/vendor"), Some("127.0.0.1:7070"));
    for host in [
        "this-machine",
        "localhost.localdomain",
        "ip6-localhost",
        "127.0.0.1.nip.io",
        "localtest.me",
    ] {
        for (local, here) in [(named, here), (named, None), (None, here)] {
            assert!(
                !led(&format!("http://{host}:7070/rootb/x"), local, here),
                "{host}"
            );
            assert!(
                !led(&format!("app://{host}:7070/rootb/x"), local, here),
                "{host}"
            );
            assert!(
                led(&format!("http://{host}:7071/rootb/x"), local, here),
                "{host}"
            );
        }
    }
    assert!(led("http://gw.test:7070/vendor/x", named, here));
    assert!(!led("http://gw.test:7070/rootb/x", named, here));
    // At a usual port, what is known to be ours, and nothing else.
    let (local, here) = (Some("http://127.0.0.1/vendor"), Some("127.0.0.1:80"));
    for host in [
        "localhost.localdomain",
        "ip6-loopback",
        "127.0.0.1.nip.io",
        "x.127-0-0-1.sslip.io",
    ] {
        assert!(
            !led(&format!("http://{host}/rootb/x"), local, here),
            "{host}"
        );
    }
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
    assert!(
        !led(&format!("http://{}/rootb/x", own.trim()), local, here),
        "{own}"
    );
    assert!(led("http://elsewhere.test/rootb/x", local, here));
}

/// Whoever listens at all addresses is reached at each.
#[test]
fn another_address_of_this_machine_is_ours() {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    // Sends nothing: a route is looked up. A machine without one has no other address.
    let Ok(ip) = socket
        .connect("192.0.2.1:9")
        .and_then(|()| socket.local_addr())
    else {
        return;
    };
    let here = Some("127.0.0.1:7070".parse().unwrap());
    let mut headers = HeaderMap::new();
    let said = format!("http://{}:7070/rootb/x", ip.ip());
    headers.insert(LOCATION, HeaderValue::from_str(&said).unwrap());
    let places = || Some(Places::new(REQUEST, BASE, Some(LOCAL))?.reached_at(here));
    lead(&mut headers, places, &[], &[]);
    assert!(headers.is_empty(), "{headers:?}");
}

#[test]
fn an_order_of_htmx_is_led_or_removed() {
    let name = HeaderName::from_static("hx-location");
    assert_eq!(relocated(&name, "/base/x").unwrap(), format!("{LOCAL}/x"));
    assert_eq!(relocated(&name, "http://127.0.0.1:7070/rootb"), None);
    assert_eq!(
        relocated(&name, r##"{"path":"/rootb/x","target":"#a"}"##),
        None
    );
}

#[test]
fn every_header_that_clients_follow_is_led() {
    for name in [
        CONTENT_LOCATION,
        HeaderName::from_static("operation-location"),
        HeaderName::from_static("azure-asyncoperation"),
        HeaderName::from_static("x-goog-upload-url"),
        HeaderName::from_static("x-goog-upload-control-url"),
    ] {
        let led = relocated(&name, format!("https://api.test/base/op/1?key={SECRET}"));
        assert_eq!(led.unwrap(), format!("{LOCAL}/op/1"), "{name}");
    }
}

#[test]
fn links_are_led_one_by_one() {
    for (said, led) in [
        (
            "</base/x?page=2>; rel=\"next\", <https://docs.test/a,b>; rel=help; title=\"a, b\"",
            Some(
                "<http://127.0.0.1:7070/vendor/x?page=2>; rel=\"next\", <https://docs.test/a,b>; rel=help; title=\"a, b\"",
            ),
        ),
        (
            "<http://127.0.0.1:7070/rootb>; rel=prev,, <?page=2>;rel=next",
            Some("<http://127.0.0.1:7070/vendor/v1/items/7?page=2>;rel=next"),
        ),
        // google/nginx-sxg-module#42
        (
            "<x>; title=\"a, </rootb/x>; rel=next\"; rel=next",
            Some("<http://127.0.0.1:7070/vendor/v1/items/x>; rel=next"),
        ),
        (
            "</base/x>; rel=next; title=\"a < b\\\"; c\"",
            Some("<http://127.0.0.1:7070/vendor/x>; rel=next"),
        ),
        ("<mailto:a</rootb/x>; rel=next", None),
        ("<x>; title=\"open", None),
        ("no link at all", None),
        ("<broken", None),
        ("", None),
    ] {
        assert_eq!(relocated(&LINK, said).as_deref(), led, "{said}");
    }
}

/// As `requests` and `httpx` read a value: split at brackets and then at `;`, and a parameter may
/// say again where the link leads.
fn read_loosely(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    for link in value.split(", <") {
        let (target, parameters) = link.split_once(';').unwrap_or((link, ""));
        found.push(target.trim_matches(['<', '>', ' ', '\'', '"']).to_owned());
        for parameter in parameters.split(';') {
            let Some((name, value)) = parameter.split_once('=') else {
                break;
            };
            let trim = |text: &str| text.trim_matches(['<', '>', ' ', '\'', '"']).to_owned();
            if trim(name).eq_ignore_ascii_case("url") {
                found.push(trim(value));
            }
        }
        // Where a value is split at commas, whatever stands there.
        found.extend(link.split(',').skip(1).map(|part| {
            let target = part.split(';').next().unwrap_or_default();
            target.trim_matches(['<', '>', ' ', '\'', '"']).to_owned()
        }));
    }
    found
}

// psf/requests#2707
#[test]
fn no_reader_of_a_link_is_led_elsewhere_by_its_parameters() {
    let other = "http://127.0.0.1:7070/rootb/x";
    for said in [
        format!("</base/a>; rel=\"next\"; url=\"{other}\""),
        format!("</base/a>; rel=\"next\"; URL={other}"),
        format!("</base/a>; rel=next; ' url '=\"{other}\""),
        format!("</base/a>; rel=next; \u{a0}url=\"{other}\""),
        format!("</base/a>; rel=next; title=\"t;url={other};\""),
        format!("</base/a>; rel=next; title=\"t, {other}\""),
        "</base/a>; rel=next; title=\"t, /rootb/x\"".to_owned(),
        format!("</base/a;url={other};b>; rel=next"),
        format!("</base/a?x;url={other};b>; rel=next"),
        format!("</base/a#x;url={other};b>; rel=next"),
        format!("</base/a,{other}>; rel=next"),
        "</base/a,/rootb/x>; rel=next".to_owned(),
        format!("<https://docs.test/a;url={other}>; rel=next"),
        format!("<mailto:a;url={other}>; rel=next"),
        format!("</base/a>; rel=next; anchor=\"{other}\""),
        format!("</base/a>; rel=next; href=\"{other}\""),
        "</base/a>; rel=next; uri=\"/rootb/x\"".to_owned(),
        format!("</base/a>; rel=next; cursor=\"{other}\""),
        format!("</base/a>; rel=\"next;url={other}\""),
    ] {
        let Some(led) = relocated(&LINK, &said) else {
            assert!(said.contains("anchor"), "{said}");
            continue;
        };
        for url in read_loosely(&led) {
            let is_led = url.starts_with(other) || url.starts_with("/rootb");
            assert!(!is_led, "{said}: {led}");
        }
        let is_next = said.starts_with("</base/a") && led.starts_with(&format!("<{LOCAL}/a"));
        assert!(is_next || !said.starts_with("</base/a"), "{said}: {led}");
    }
}

#[test]
fn parameters_that_vendors_use_stay() {
    for (said, led) in [
        // GitHub, Sentry, Okta, WordPress
        ("rel=\"next\"", "rel=\"next\""),
        (
            "rel=\"previous\"; results=\"false\"; cursor=\"1443575731:0:1\"",
            "rel=\"previous\"; results=\"false\"; cursor=\"1443575731:0:1\"",
        ),
        ("rel=\"self\"", "rel=\"self\""),
        ("cursor=\"MTIz==\"; rel=next", "cursor=\"MTIz==\"; rel=next"),
        ("rel=\"https://api.w.org/\"", "rel=\"https://api.w.org/\""),
        (
            "rel=preload; as=style; type=text/css; title*=UTF-8''a%20b; crossorigin",
            "rel=preload; as=style; type=text/css; title*=UTF-8''a%20b; crossorigin",
        ),
        (
            "rel=next; anchor=\"#part\"",
            "rel=next; anchor=\"http://127.0.0.1:7070/vendor/v1/items/7?page=1#part\"",
        ),
    ] {
        assert_eq!(
            relocated(&LINK, format!("</base/x>; {said}")).unwrap(),
            format!("<{LOCAL}/x>; {led}"),
        );
    }
}

#[test]
fn refreshes_are_read_as_browsers_read_them() {
    let local = format!("5;url={LOCAL}/x");
    for said in [
        "5; url=/base/x",
        "5;URL = '/base/x' tail",
        "5, url=\"/base/x",
        "5 /base/x",
        " 5 ; /base/x ",
    ] {
        assert_eq!(relocated(&REFRESH, said).unwrap(), local, "{said}");
    }
    assert_eq!(relocated(&REFRESH, "5").unwrap(), "5");
    assert_eq!(relocated(&REFRESH, "soon; url=/base/x"), None);
    assert_eq!(
        relocated(&REFRESH, "5; /rootb").unwrap(),
        "5;url=https://api.test/rootb"
    );
}

#[test]
fn a_credential_the_vendor_repeats_is_taken_out() {
    for (said, led) in [
        ("/base/x?key=other&page=2", "/x?page=2"),
        ("/base/x?KEY=other", "/x"),
        ("/base/x?k%65y=other", "/x"),
        ("/base/x?a=s3cret-canary&b=1", "/x?b=1"),
        ("/base/x?a=s3cret%2Dcanary", "/x"),
        (
            "/base/x?u=https%3A%2F%2Fa%3Fk%3Ds3cret%252Dcanary&b=1",
            "/x?b=1",
        ),
        ("/base/x?a=1;key=s3cret-canary", "/x?a=1"),
        ("/base/x?a=1;key=s3cret-canary&b=%20&", "/x?a=1;b=%20&"),
        ("/base/x#key=s3cret-canary", "/x"),
        ("/base/x?k=S3CRET-CANARY", "/x"),
    ] {
        assert_eq!(location(said).unwrap(), format!("{LOCAL}{led}"), "{said}");
    }
    for (said, led) in [
        (
            "https://cdn.test/x?k=s3cret-canary",
            Some("https://cdn.test/x"),
        ),
        ("https://cdn.test/s3cret-canary/x", None),
        ("https://s3cret-canary@cdn.test/x", None),
        ("app:s3cret%2Dcanary", None),
    ] {
        assert_eq!(location(said).as_deref(), led, "{said}");
    }
}

#[test]
fn a_secret_is_taken_out_of_every_header() {
    let other = HeaderName::from_static("x-echo");
    for value in ["s3cret-canary", "you sent s3cret%2Dcanary!"] {
        assert_eq!(relocated(&other, value), None, "{value}");
    }
    assert_eq!(relocated(&other, b"caf\xe9 s3cret-canary"), None);
    assert_eq!(relocated(&other, "s3cret").unwrap(), "s3cret");
    let mut headers = HeaderMap::new();
    headers.append("x-echo", HeaderValue::from_static("stays"));
    headers.append("x-echo", HeaderValue::from_static("s3cret-canary"));
    let forms = Forms::new([SECRET]);
    Secrets::new(&[], Some(&forms)).remove_from(&mut headers);
    assert_eq!(headers.get_all("x-echo").iter().count(), 1);
}

#[test]
fn a_secret_is_taken_out_of_names_and_of_the_status_line() {
    let forms = Forms::new([SECRET]);
    let secrets = Secrets::new(&[], Some(&forms));
    let mut headers = HeaderMap::new();
    headers.append("x-s3cret-canary-x", HeaderValue::from_static("1"));
    headers.append("x-other", HeaderValue::from_static("1"));
    secrets.remove_from(&mut headers);
    assert_eq!(headers.keys().collect::<Vec<_>>(), ["x-other"]);
    for (reason, stays) in [("no S3cret%2dcanary here", false), ("Fine", true)] {
        let mut extensions = http::Extensions::new();
        extensions.insert(ReasonPhrase::try_from(reason.as_bytes()).unwrap());
        secrets.remove_from_status_line(&mut extensions);
        assert_eq!(
            extensions.get::<ReasonPhrase>().is_some(),
            stays,
            "{reason}"
        );
    }
}

/// A long URL of a caller, and references of three bytes, each of which becomes that URL.
#[test]
fn references_do_not_become_more_than_an_answer_may_hold() {
    let request = format!("{BASE}/{}", "p".repeat(50_000));
    for (name, value) in [
        ("link", "<?>,".repeat(60_000)),
        ("link", "<..>,".repeat(50_000)),
        ("link", "<http://127.0.0.1:7070/other>,".repeat(8_000)),
    ] {
        let mut headers = HeaderMap::new();
        for _ in 0..4 {
            headers.append(name, HeaderValue::from_str(&value).unwrap());
        }
        for _ in 0..200 {
            headers.append(LOCATION, HeaderValue::from_static("?"));
            headers.append(SET_COOKIE, HeaderValue::from_static("a=1"));
        }
        let places = || Places::new(&request, BASE, Some(LOCAL));
        lead(&mut headers, places, &[], &[SECRET]);
        let bytes: usize = headers.values().map(HeaderValue::len).sum();
        assert!(bytes <= 2 << 20, "{bytes} bytes of {value:.9}…");
    }
    // What real answers hold has room: many links, and long URLs.
    let many: String = (0..300)
        .map(|page| format!("<?page={page}>; rel=\"item\", "))
        .collect();
    let led = relocated(&LINK, &many).unwrap();
    assert_eq!(led.matches('<').count(), 300);
    let long = format!("/base/{}", "%41".repeat(60_000));
    assert!(location(&long).is_some());
}

#[test]
fn cookies_come_back_below_the_integration_only() {
    for (said, kept) in [
        ("a=1", "a=1; Path=/vendor/v1/items"),
        ("a=1; Path=/", "a=1; Path=/vendor"),
        ("a=1; Path=/base", "a=1; Path=/vendor"),
        ("a=1; path = /base/", "a=1; Path=/vendor"),
        (
            "a=1; Path=/base/v1; HttpOnly",
            "a=1; HttpOnly; Path=/vendor/v1",
        ),
        ("a=1; Path=/base; Path=/base/x", "a=1; Path=/vendor/x"),
        ("a=1; Path=/; Path=", "a=1; Path=/vendor/v1/items"),
        ("a=1; Path=rel", "a=1; Path=/vendor/v1/items"),
        (
            "a=\"x\"; Domain=.test; Max-Age=5",
            "a=\"x\"; Max-Age=5; Path=/vendor/v1/items",
        ),
        (
            "a=1; Secure; SameSite=None; Partitioned; Path=/",
            "a=1; Path=/vendor",
        ),
        (
            "a=1; SameSite=Lax;; Path=/",
            "a=1; SameSite=Lax; Path=/vendor",
        ),
        ("__Host-a=1; Secure; Path=/", "__Host-a=1; Path=/vendor"),
    ] {
        assert_eq!(relocated(&SET_COOKIE, said).unwrap(), kept, "{said}");
    }
    // What `str.strip` of Python takes off, and names that are no attributes.
    for odd in [
        "\u{a0}Path=/other",
        "\u{85}path=/other",
        "Path\u{a0}=/other",
        "x-path=/other",
    ] {
        for bytes in [
            odd.as_bytes().to_vec(),
            odd.chars().map(|c| c as u8).collect(),
        ] {
            let said = [b"a=1; ", &bytes[..], b"; Path=/"].concat();
            assert_eq!(
                relocated(&SET_COOKIE, said).unwrap(),
                "a=1; Path=/vendor",
                "{odd:?}"
            );
        }
    }
    assert_eq!(
        relocated(
            &SET_COOKIE,
            "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Priority=High; HttpOnly; Path=/"
        )
        .unwrap(),
        "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT; Priority=High; HttpOnly; Path=/vendor"
    );
    assert_eq!(relocated(&SET_COOKIE, "a=1; Path=/other"), None);
    assert_eq!(relocated(&SET_COOKIE, "a=s3cret-canary; Path=/"), None);
    let tls = with(
        &SET_COOKIE,
        b"a=1; Secure; SameSite=None",
        BASE,
        Some("https://wharf.test/vendor@staging"),
    );
    assert_eq!(
        tls.unwrap(),
        "a=1; Secure; SameSite=None; Path=/vendor@staging/v1/items"
    );
}

#[test]
fn nothing_speaks_for_the_whole_origin() {
    for name in [
        "clear-site-data",
        "strict-transport-security",
        "alt-svc",
        "service-worker-allowed",
        "report-to",
        "x-accel-redirect",
        "x-accel-expires",
        "x-litespeed-location",
        "x-litespeed-purge",
        "x-sendfile",
    ] {
        let name = HeaderName::from_static(name);
        assert!(origin::is_for_whole_origin(&name));
        assert_eq!(relocated(&name, "x"), None);
    }
    for name in [
        "access-control-allow-origin",
        "retry-after",
        "sourcemap",
        "x-accel-buffering",
        "vary",
    ] {
        let name = HeaderName::from_static(name);
        assert_eq!(relocated(&name, "x").unwrap(), "x");
    }
}

/// References from the pieces that readers of URLs quarrel about.
fn reference() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("http:"),
        Just("https:"),
        Just("HTTP://"),
        Just("//"),
        Just("/"),
        Just("\\"),
        Just("127.0.0.1:7070"),
        Just("localhost:7070"),
        Just("[::1]:7070"),
        Just("api.test"),
        Just("@"),
        Just(":443"),
        Just(":80"),
        Just("."),
        Just(".."),
        Just("%2e"),
        Just("%2E%2e"),
        Just("%2f"),
        Just("%5c"),
        Just(";"),
        Just("?"),
        Just("#"),
        Just("\t"),
        Just(" "),
        Just("base"),
        Just("vendor"),
        Just("rootb"),
        Just("vendor@staging"),
        Just("v1"),
        Just("\u{e9}"),
        Just("key=s3cret-canary"),
        Just("&"),
        Just("%00"),
        Just("javascript:"),
    ];
    proptest::collection::vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

fn assert_stays(led: &str) {
    let local = Url::parse(LOCAL).unwrap();
    // What a client does with it: against the URL that it called itself.
    let url = local.join(led).unwrap();
    if url.port_or_known_default() == local.port_or_known_default()
        && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
    {
        let path = url.path();
        assert!(path == "/vendor" || path.starts_with("/vendor/"), "{led}");
    }
    assert!(!led.to_lowercase().contains(SECRET), "{led}");
}

proptest! {
    #[test]
    fn no_reference_leads_to_another_integration(said in reference(), root in any::<bool>()) {
        let base = if root { "https://api.test" } else { BASE };
        let is_value = HeaderValue::from_bytes(said.as_bytes()).is_ok();
        for local in is_value.then_some([Some(LOCAL)]).into_iter().flatten() {
            if let Some(led) = with(&LOCATION, said.as_bytes(), base, local) {
                assert_stays(&led);
            }
            if let Some(led) = with(&REFRESH, format!("0;{said}").as_bytes(), base, local) {
                assert_stays(led.split_once("url=").map_or("", |(_, url)| url));
            }
            let link = format!("<{said}>; rel=next, <{said}>; title=\"{said}\"");
            for link in with(&LINK, link.as_bytes(), base, local).iter().flat_map(|l| l.split('<').skip(1)) {
                assert_stays(link.split('>').next().unwrap());
            }
        }
    }

    #[test]
    fn no_cookie_reaches_another_integration(said in reference(), any in "[ -~]{0,40}") {
        for value in [format!("a=1; Path={said}"), format!("a=1;{any};path=/{said}"), any] {
            let led = HeaderValue::from_bytes(value.as_bytes())
                .ok()
                .and_then(|_| relocated(&SET_COOKIE, &value));
            if let Some(led) = led {
                let (before, path) = led.rsplit_once("; Path=").unwrap();
                assert!(path == "/vendor" || path.starts_with("/vendor/"), "{led}");
                assert!(!before.to_lowercase().contains("; domain"), "{led}");
            }
        }
    }

    #[test]
    fn whatever_is_said_is_read_or_removed(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        if HeaderValue::from_bytes(&bytes).is_ok() {
            for name in [LOCATION, LINK, REFRESH] {
                if let Some(led) = relocated(&name, &bytes) {
                    assert!(!led.starts_with('/'), "{led}");
                }
            }
        }
    }
}
