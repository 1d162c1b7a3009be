//! Which headers go on, and how a message is framed.

use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue};
use http::{HeaderMap, Method, StatusCode};

use super::{
    Kind, Kinds, asks_for_websocket, caller_scheme, clean_answer, clean_request, clean_trailers,
    frame_answer, frame_request, is_given, remove_hop_by_hop,
};

fn headers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(*name, HeaderValue::from_static(value));
    }
    headers
}

#[test]
fn headers_named_by_connection_go_with_it() {
    let mut map = headers(&[
        ("connection", "close, X-Session"),
        ("connection", "x-other"),
        ("x-session", "1"),
        ("x-other", "2"),
        ("keep-alive", "timeout=5"),
        ("te", "trailers"),
        ("transfer-encoding", "chunked"),
        ("upgrade", "h2c"),
        ("accept", "*/*"),
    ]);
    remove_hop_by_hop(&mut map);
    assert_eq!(
        map.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(),
        ["accept"]
    );
}

#[test]
fn the_length_cannot_be_named_away() {
    let mut map = headers(&[("connection", "content-length"), ("content-length", "3")]);
    remove_hop_by_hop(&mut map);
    assert!(map.contains_key(CONTENT_LENGTH) && !map.contains_key(CONNECTION));
}

fn clean(map: &mut HeaderMap, simulated: bool) {
    let kinds = Kinds::of_request(map);
    clean_request(map, kinds, simulated);
}

fn clean_vendors(map: &mut HeaderMap, simulated: bool) {
    let kinds = Kinds::of_answer(map);
    clean_answer(map, kinds, simulated);
}

/// What is removed for its kind is only looked for where the kind was seen.
#[test]
fn every_header_that_something_is_done_for_has_its_kind() {
    let request = |name: &HeaderName| {
        let mut map = HeaderMap::new();
        map.insert(name, HeaderValue::from_static("x"));
        Kinds::of_request(&map)
    };
    let answer = |name: &HeaderName| {
        let mut map = HeaderMap::new();
        map.insert(name, HeaderValue::from_static("x"));
        Kinds::of_answer(&map)
    };
    for name in &super::HOP_BY_HOP {
        assert!(request(name).has(Kind::HopByHop), "{name}");
        assert!(answer(name).has(Kind::HopByHop), "{name}");
    }
    for (name, kind) in [
        ("upgrade", Kind::Upgrade),
        ("transfer-encoding", Kind::TransferEncoding),
        ("content-length", Kind::ContentLength),
        ("expect", Kind::Expect),
        ("cookie", Kind::Cookie),
        ("wharf-timeout", Kind::Ours),
        ("accept", Kind::Negotiation),
        ("user-agent", Kind::Negotiation),
    ] {
        assert!(request(&HeaderName::from_static(name)).has(kind), "{name}");
    }
    for (name, kind) in [
        ("transfer-encoding", Kind::TransferEncoding),
        ("content-length", Kind::ContentLength),
        ("wharf-source", Kind::Ours),
        ("location", Kind::Places),
        ("link", Kind::Places),
        ("set-cookie", Kind::Places),
        ("hx-redirect", Kind::Places),
        ("strict-transport-security", Kind::WholeOrigin),
        ("x-reproxy-file", Kind::WholeOrigin),
        ("deprecation", Kind::Deprecation),
        ("sunset", Kind::Deprecation),
    ] {
        assert!(answer(&HeaderName::from_static(name)).has(kind), "{name}");
    }
    let all = Kinds::of_request(&headers(&[("expect", "x"), ("cookie", "y"), ("x-z", "z")]));
    assert!(all.has(Kind::Expect) && all.has(Kind::Cookie) && !all.has(Kind::HopByHop));
}

#[test]
fn our_own_headers_do_not_reach_the_vendor() {
    let ours = [
        ("wharf-timeout", "3"),
        ("wharf-environment", "staging"),
        ("wharf-simulate", "reset"),
        ("expect", "100-continue"),
    ];
    let mut map = headers(&ours);
    clean(&mut map, false);
    assert!(map.is_empty());
    let mut map = headers(&ours);
    clean(&mut map, true);
    assert_eq!(
        map.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(),
        ["wharf-simulate"]
    );
}

fn names(map: &HeaderMap) -> Vec<&str> {
    map.keys().map(HeaderName::as_str).collect()
}

#[test]
fn odd_bytes_beside_a_name_do_not_hide_it() {
    for value in [
        &b"caf\xe9, X-Hop"[..],
        b"\tX-Hop\t,,close",
        b"\"X-Hop\"",
        b"close; x-hop",
    ] {
        let mut map = headers(&[("x-hop", "1"), ("accept", "*/*")]);
        map.insert(CONNECTION, HeaderValue::from_bytes(value).unwrap());
        remove_hop_by_hop(&mut map);
        assert_eq!(names(&map), ["accept"], "{value:?}");
    }
}

#[test]
fn a_vendor_does_not_speak_as_wharf() {
    let said = [
        ("wharf-warning", "all is well"),
        ("wharf-anything", "1"),
        ("wharf-simulated", "1"),
        ("x-wharf", "1"),
    ];
    let mut map = headers(&said);
    clean_vendors(&mut map, false);
    assert_eq!(names(&map), ["x-wharf"]);
    let mut map = headers(&said);
    clean_vendors(&mut map, true);
    assert_eq!(map.len(), 2);
}

#[test]
fn a_request_is_framed_as_its_body_is() {
    for (said, length, framing) in [
        (Some("7"), Some(7), "content-length: 7"),
        (Some("5, 5"), Some(5), "content-length: 5"),
        (Some("0"), Some(0), "content-length: 0"),
        (None, Some(0), ""),
        (None, None, "transfer-encoding: chunked"),
        (Some("7"), None, "transfer-encoding: chunked"),
    ] {
        let mut map = HeaderMap::new();
        if let Some(said) = said {
            map.insert(CONTENT_LENGTH, HeaderValue::from_static(said));
        }
        let kinds = Kinds::of_request(&map);
        frame_request(&mut map, kinds, length);
        let framed: Vec<String> = map
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        assert_eq!(framed.join("; "), framing);
    }
}

#[test]
fn an_answer_is_framed_as_its_body_is() {
    let framed = |method: &Method, status: u16, lines: &[_], length| {
        let mut map = headers(lines);
        let status = StatusCode::from_u16(status).unwrap();
        let kinds = Kinds::of_answer(&map);
        frame_answer(&mut map, kinds, method, status, length);
        map.get(CONTENT_LENGTH)
            .map(|length| length.to_str().unwrap().to_owned())
    };
    let (get, head) = (Method::GET, Method::HEAD);
    let chunked = ("transfer-encoding", "chunked");
    let length = |text| ("content-length", text);
    assert_eq!(framed(&get, 200, &[length("3"), chunked], None), None);
    assert_eq!(framed(&get, 200, &[length("5, 5")], Some(5)).unwrap(), "5");
    assert_eq!(framed(&get, 200, &[], Some(5)).unwrap(), "5");
    assert_eq!(framed(&get, 204, &[length("5")], Some(0)), None);
    for (lines, kept) in [
        (vec![length("70")], Some("70")),
        (vec![length("70"), length(" 70")], Some("70")),
        (vec![length("70, 70")], Some("70")),
        (vec![length("70"), length("71")], None),
        (vec![length("70"), chunked], None),
        (vec![length("abc")], None),
        (vec![length("+70")], None),
        (vec![length("")], None),
        (vec![], None),
    ] {
        assert_eq!(framed(&head, 200, &lines, Some(0)).as_deref(), kept);
        assert_eq!(framed(&get, 304, &lines, Some(0)).as_deref(), kept);
    }
}

#[test]
fn trailers_hold_nothing_that_acts_before_them() {
    let mut map = headers(&[
        ("authorization", "evil"),
        ("x-api-key", "evil"),
        ("connection", "x-hop"),
        ("x-hop", "1"),
        ("te", "trailers"),
        ("transfer-encoding", "chunked"),
        ("content-length", "1"),
        ("host", "evil"),
        ("cookie", "a=1"),
        ("set-cookie", "a=1"),
        ("location", "/x"),
        ("clear-site-data", "*"),
        ("wharf-timeout", "1"),
        ("wharf-source", "wharf"),
        ("x-checksum", "1"),
        ("grpc-status", "0"),
    ]);
    clean_trailers(&mut map, &[HeaderName::from_static("x-api-key")]);
    assert_eq!(names(&map), ["x-checksum", "grpc-status"]);
}

#[test]
fn a_websocket_is_asked_for_by_both_headers() {
    let asks = |connection, upgrade| {
        asks_for_websocket(&headers(&[
            ("connection", connection),
            ("upgrade", upgrade),
        ]))
    };
    assert!(asks("Upgrade", "websocket"));
    assert!(asks("keep-alive, upgrade", "h2c, WebSocket/13"));
    assert!(!asks("Upgrade, HTTP2-Settings", "h2c"));
    assert!(!asks("keep-alive", "websocket"));
    assert!(!asks_for_websocket(&HeaderMap::new()));
}

#[test]
fn a_blank_value_is_none() {
    let key = HeaderName::from_static("idempotency-key");
    let given = |values: &[&'static str]| {
        let lines: Vec<_> = values
            .iter()
            .map(|value| ("idempotency-key", *value))
            .collect();
        is_given(&headers(&lines), &key)
    };
    assert!(given(&["k"]) && given(&["k", "k"]));
    for blank in [&[][..], &[""], &["  "], &["\t"], &["k", ""], &["", "k"]] {
        assert!(!given(blank), "{blank:?}");
    }
    for blank in [
        &[0xa0][..],
        &[0x85],
        b"\"\"",
        b"'  '",
        b"\" \xa0\"",
        "\u{a0}\u{3000}\u{feff}".as_bytes(),
    ] {
        let value = HeaderValue::from_bytes(blank).unwrap();
        let headers = [(key.clone(), value)].into_iter().collect();
        assert!(!is_given(&headers, &key), "{blank:?}");
    }
}

#[test]
fn the_scheme_is_that_of_the_outermost_proxy() {
    let scheme = |value| caller_scheme(&headers(&[("x-forwarded-proto", value)]));
    assert_eq!(scheme("https"), "https");
    assert_eq!(scheme("HTTPS , http"), "https");
    assert_eq!(scheme("http, https"), "http");
    assert_eq!(scheme("javascript"), "http");
    assert_eq!(caller_scheme(&HeaderMap::new()), "http");
}
