//! Faults that were reported of comparable software, rebuilt. Each test names its reports.

use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::{Method, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::gateway::{Gateway, LONGEST_CALL, TOKEN, VENDOR_KEY};
use crate::support::key_file::KeyFile;
use crate::support::tls::{Authority, TlsVendor};
use crate::support::vendor::{Gate, Vendor, answer, ok};
use crate::support::{eventually, eventually_async};

/// A vendor that gives this answer to everything.
async fn saying(said: impl Into<Vec<u8>>) -> Vendor {
    let said = said.into();
    Vendor::answering(move |_, _| said.clone()).await
}

/// Sends this behind the first line, the host and the token, and gives all that comes back.
async fn send(gateway: &Gateway, method: &str, rest: &str) -> String {
    let mut stream = gateway.connect().await;
    let request = format!(
        "{method} /vendor/items HTTP/1.1\r\nHost: wharf\r\nAuthorization: Bearer {TOKEN}\r\n\
         Connection: close\r\n{rest}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    let reading = stream.read_to_string(&mut said);
    tokio::time::timeout(LONGEST_CALL, reading)
        .await
        .expect("an end of the answer")
        .unwrap();
    said
}

// hahwul/gori#735: the coding's name was removed, and the body stayed as it was
#[tokio::test]
async fn an_answer_in_another_transfer_coding_is_no_answer() {
    for coding in ["gzip, chunked", "gzip", "chunked, chunked"] {
        let vendor = saying(format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        ))
        .await;
        let gateway = Gateway::start(Document::at(vendor.address()));
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer.assert_problem(&Problem::VENDOR_INVALID);
        let detail = answer.detail();
        assert!(detail.contains("transfer coding"), "{coding}: {detail}");
        gateway.finish(&vendor, 0).await;
    }
}

// synopse/mORMot#335, K0M15/webserv#40
#[tokio::test]
async fn a_request_in_another_transfer_coding_is_refused() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for coding in ["gzip, chunked", "chunked, chunked"] {
        let body = "3\r\nabc\r\n0\r\n\r\n";
        let rest = format!("Transfer-Encoding: {coding}\r\n\r\n{body}");
        let said = send(&gateway, "POST", &rest).await;
        assert!(said.starts_with("HTTP/1.1 400"), "{said}");
        assert!(said.contains("request_invalid"), "{said}");
        assert!(said.contains("transfer coding"), "{said}");
    }
    assert_eq!(vendor.count(), 0);
    gateway.finish(&vendor, 0).await;
}

// golang/go#48610, vlang/v#27413 (review): the stream stayed open for ever
#[tokio::test]
async fn a_request_that_is_answered_and_not_taken_ends_its_stream() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let was_reset = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&was_reset);
    let vendor = TlsVendor::http2(authority.loopback(&["h2"]), move |request, mut answer| {
        let noted = Arc::clone(&noted);
        async move {
            let mut stream = answer.send_response(Response::new(()), false).unwrap();
            stream
                .send_data(Bytes::from_static(b"early"), true)
                .unwrap();
            // Nothing is given back, so nothing more can be sent.
            let mut body = request.into_body();
            while let Some(Ok(_)) = body.data().await {}
            noted.store(true, Ordering::SeqCst);
        }
    })
    .await;
    let gateway = Gateway::start(Document::with_endpoint(&vendor.endpoint()));
    let call = Call::post("/vendor/items", vec![b'x'; 8 << 20]);
    let mut open = gateway.open(call).await;
    assert_eq!(open.next_text().await, "early");
    // The caller is there all the time.
    eventually("the end of the stream", || {
        let was_reset = was_reset.load(Ordering::SeqCst);
        was_reset.then_some(()).ok_or(was_reset)
    })
    .await;
    gateway.until_metric("wharf_connections", &[], 0).await;
    drop(open);
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

// curl/curl#986, curl/curl#10433: uploads that hung behind an early answer
#[tokio::test]
async fn a_request_that_is_answered_and_not_taken_ends_its_connections() {
    let gate = Gate::new();
    let held = gate.clone();
    let vendor = Vendor::start(move |mut connection| {
        let held = held.clone();
        async move {
            connection.head().await;
            connection.send(ok("early")).await;
            // It neither reads nor closes.
            held.wait().await;
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let call = Call::post("/vendor/items", vec![b'x'; 32 << 20]);
    let mut open = gateway.open(call).await;
    assert_eq!(open.next_text().await, "early");
    gateway
        .until_metric("wharf_upstream_connections", &[], 0)
        .await;
    gateway.until_metric("wharf_connections", &[], 0).await;
    drop(open);
    gate.open();
    gateway.finish(&vendor, 0).await;
}

// hyperium/hyper#2872, h2o/h2o#3566: the answer was lost with the reset behind it
#[tokio::test]
async fn an_answer_before_a_reset_without_error_is_passed_on() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = TlsVendor::http2(
        authority.loopback(&["h2"]),
        |request, mut answer| async move {
            let mut head = Response::new(());
            *head.status_mut() = 429.try_into().unwrap();
            let mut stream = answer.send_response(head, false).unwrap();
            stream
                .send_data(Bytes::from_static(b"slow down"), true)
                .unwrap();
            // What is left of the request is not wanted: NO_ERROR.
            drop(request);
        },
    )
    .await;
    let gateway = Gateway::start(Document::with_endpoint(&vendor.endpoint()));
    for _ in 0..4 {
        let call = Call::post("/vendor/items", vec![b'x'; 3 << 20]);
        let answer = gateway.call(call).await;
        answer.assert_vendor(429, 1);
        assert_eq!(answer.text(), "slow down");
    }
    gateway.begin_stop().wait().await;
}

// JuliaWeb/HTTP.jl#1155, oven-sh/bun#35817, node-modules/agentkeepalive#58,
// duolahypercho/codex-router#165
#[tokio::test]
async fn a_connection_is_left_before_its_vendor_closes_it() {
    for (hint, connections) in [("timeout=1", 2), ("timeout=30, max=100", 1), ("max=5", 1)] {
        let vendor = saying(answer(200, &[("Keep-Alive", hint)], "ok")).await;
        let gateway = Gateway::start(Document::at(vendor.address()));
        for _ in 0..2 {
            let answer = gateway.call(Call::post("/vendor/items", "once")).await;
            answer.assert_vendor(200, 1);
        }
        assert_eq!(vendor.accepted(), connections, "{hint}");
        gateway.finish(&vendor, 2 - connections).await;
    }
}

// golang/go#21096, traefik/traefik#2895, envoyproxy/envoy#33018
#[tokio::test]
async fn a_vendor_hears_that_trailers_are_welcome() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for (said, passed) in [
        (Some("trailers"), Some("trailers")),
        (Some("gzip;q=0.5, Trailers"), Some("trailers")),
        (Some("gzip"), None),
        (None, None),
    ] {
        let mut call = Call::get("/vendor/items");
        if let Some(said) = said {
            call = call.header("te", said).header("connection", "te");
        }
        gateway.call(call).await.assert_vendor(200, 1);
        let request = vendor.only_request();
        assert_eq!(request.header("te").as_deref(), passed, "{said:?}");
        let connection = passed.map(|_| "te");
        assert_eq!(request.header("connection").as_deref(), connection);
        vendor.forget_requests();
    }
    gateway.finish(&vendor, 1).await;
}

// PurpleI2P/i2pd#1844
#[tokio::test]
async fn an_empty_query_stays() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for (target, passed) in [
        ("/vendor/items?", "/items?"),
        ("/vendor/items", "/items"),
        ("/vendor/items?a=", "/items?a="),
        ("/vendor/items??", "/items??"),
    ] {
        gateway.call(Call::get(target)).await.assert_vendor(200, 1);
        assert_eq!(vendor.only_request().target(), passed);
        vendor.forget_requests();
    }
    gateway.finish(&vendor, 1).await;
}

// google/nginx-sxg-module#42, alpha-omega-security/scrutineer#543, guzzle/guzzle#411,
// spring-projects/spring-hateoas#2480, psf/requests#7520
#[tokio::test]
async fn links_with_odd_parameters_lead_back() {
    for (said, led) in [
        (
            "</a?filters=a,b,c>; rel=\"next\", </b>; rel=\"last\"",
            "<G/a?filters=a,b,c>; rel=\"next\", <G/b>; rel=\"last\"",
        ),
        (
            "</a>; rel=\"previous\"; title=\"start, index\"",
            "<G/a>; rel=\"previous\"; title=\"start, index\"",
        ),
        (
            "</a>;rel=stylesheet;title, </b>;rel=\"payment\"",
            "<G/a>;rel=stylesheet;title, <G/b>;rel=\"payment\"",
        ),
        (
            "</a>; title=\"a=b\"; rel=next",
            "<G/a>; title=\"a=b\"; rel=next",
        ),
        (
            "</foo.js>;rel=\"bar\";as=\"<,</baz.js>;as=script\"",
            "<G/foo.js>;rel=\"bar\"",
        ),
        ("</a>; title=\"x > y\"; rel=next", "<G/a>; rel=next"),
    ] {
        let vendor = saying(answer(200, &[("Link", said)], "ok")).await;
        let gateway = Gateway::start(Document::at(vendor.address()));
        let answer = gateway.call(Call::get("/vendor/items")).await;
        let link = answer.header("link").expect(said);
        let own = format!("http://{}/vendor", gateway.address());
        assert_eq!(link.replace(&own, "G"), led);
        gateway.finish(&vendor, 1).await;
    }
}

// traefik/traefik#9597, Pylons/waitress#442, localtunnel/localtunnel#435
#[tokio::test]
async fn the_outermost_of_several_schemes_counts() {
    let vendor = saying(answer(302, &[("Location", "/x")], "")).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for said in ["https,http", "https, http, http", "HTTPS"] {
        let call = Call::get("/vendor/items").header("x-forwarded-proto", said);
        let answer = gateway.call(call).await;
        let led = format!("https://{}/vendor/x", gateway.address());
        assert_eq!(answer.header("location"), Some(led.as_str()), "{said}");
    }
    gateway.finish(&vendor, 1).await;
}

// mitmproxy/mitmproxy#659, elazarl/goproxy#11, chimurai/http-proxy-middleware#1121
#[tokio::test]
async fn the_length_of_what_head_does_not_send_stays() {
    let vendor = saying("HTTP/1.1 200 OK\r\nContent-Length: 1488324\r\n\r\n").await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let answer = gateway.call(Call::new(Method::HEAD, "/vendor/items")).await;
    assert_eq!(answer.header("content-length"), Some("1488324"));
    gateway.finish(&vendor, 1).await;
}

// caddyserver/caddy#7295: signatures cover the header
#[tokio::test]
async fn a_length_of_zero_stays() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let said = send(&gateway, "GET", "Content-Length: 0\r\n\r\n").await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let request = vendor.only_request();
    assert_eq!(request.header("content-length").as_deref(), Some("0"));
    gateway.finish(&vendor, 1).await;
}

// linkerd/linkerd#676, vllm-project/agentic-api#217
#[tokio::test]
async fn a_caller_cannot_name_the_credential_away() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let call = Call::get("/vendor/items")
        .header("connection", "Authorization, X-Hop, Host")
        .header("x-hop", "of this connection");
    gateway.call(call).await.assert_vendor(200, 1);
    let request = vendor.only_request();
    let key = format!("Bearer {VENDOR_KEY}");
    assert_eq!(request.header("authorization"), Some(key));
    assert_eq!(request.header("x-hop"), None);
    let host = vendor.address().to_string();
    assert_eq!(request.header("host"), Some(host));
    gateway.finish(&vendor, 1).await;
}

// hashicorp/go-retryablehttp#297, urllib3/urllib3#3743, openai/openai-java#878
#[tokio::test]
async fn no_time_to_wait_overflows() {
    for (said, attempts) in [
        ("9223372037", 1),
        ("99999999999999999999999", 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1),
        ("-1", 2),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 2),
    ] {
        let vendor = saying(answer(503, &[("Retry-After", said)], "")).await;
        let gateway = Gateway::start(Document::at(vendor.address()).retries(1, "5ms"));
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer.assert_vendor(503, attempts);
        assert_eq!(answer.header("retry-after"), Some(said));
        gateway.finish(&vendor, 1).await;
    }
}

// encode/httpx#756, sindresorhus/decompress-response#34, curl/curl#22156
#[tokio::test]
async fn a_code_is_read_through_both_forms_of_deflate_and_members_of_gzip() {
    let error = b"{\"error\":{\"code\":\"insufficient_quota\"}}";
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(error).unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(error).unwrap();
    let mut members = Vec::new();
    for part in error.chunks(12) {
        let mut member = GzEncoder::new(Vec::new(), Compression::default());
        member.write_all(part).unwrap();
        members.extend(member.finish().unwrap());
    }
    for (coding, body) in [
        ("deflate", zlib.finish().unwrap()),
        ("deflate", raw.finish().unwrap()),
        ("gzip", members),
    ] {
        let head = format!(
            "HTTP/1.1 429 Test\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let vendor = saying([head.as_bytes(), &body].concat()).await;
        let document = Document::at(vendor.address())
            .error("429 insufficient_quota", "Fail")
            .retry_on(&[429])
            .retries(2, "5ms");
        let gateway = Gateway::start(document);
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer.assert_vendor(429, 1);
        assert_eq!(answer.body, body, "{coding}");
        gateway.finish(&vendor, 1).await;
    }
}

// jaywcjlove/cookie.js#40, couchbase/couchbase-lite-core#480
#[tokio::test]
async fn a_cookie_has_one_path_and_always_one() {
    for said in ["a=b; Path=/x; path=/", "a=b", "a=b; Path", "a=b; Path=x"] {
        let vendor = saying(answer(200, &[("Set-Cookie", said)], "")).await;
        let gateway = Gateway::start(Document::at(vendor.address()));
        let answer = gateway.call(Call::get("/vendor/items")).await;
        assert_eq!(
            answer.header("set-cookie"),
            Some("a=b; Path=/vendor"),
            "{said}"
        );
        gateway.finish(&vendor, 1).await;
    }
}

// bevry/watchr#4, fitztrev/shuttle#297: a change that times and sizes do not show
#[tokio::test]
async fn a_key_of_the_same_size_and_time_is_taken_over() {
    let vendor = Vendor::fine().await;
    let key = KeyFile::holding("key-one\n");
    let file = key.path();
    let gateway = key.gateway(Document::at(vendor.address()));
    gateway.call(Call::get("/vendor/items")).await;
    let modified = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&file, "key-two\n").unwrap();
    let written = fs::File::options().write(true).open(&file).unwrap();
    written.set_modified(modified).unwrap();
    eventually_async("the new key", async || {
        gateway.handle().refresh_credentials().await;
        gateway.call(Call::get("/vendor/items")).await;
        let key = vendor.requests().pop().unwrap().header("authorization");
        (key.as_deref() == Some("Bearer key-two"))
            .then_some(())
            .ok_or(key)
    })
    .await;
    gateway.finish(&vendor, 1).await;
}
