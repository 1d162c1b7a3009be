//! Where messages end, what methods pass, and what trailers may hold.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::caller::Call;
use crate::support::document::Document;
use crate::support::gateway::{Gateway, TOKEN, VENDOR_KEY};
use crate::support::tls::{Authority, TlsVendor};
use crate::support::vendor::{Vendor, answer, ok};

/// NangoHQ/nango#6121, aspnet/Proxy#30, chimurai/http-proxy-middleware#447.
#[tokio::test]
async fn an_answer_with_a_length_and_chunks_is_whole() {
    const BODY: &str = "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
    const LENGTHS: [&str; 5] = [
        "Content-Length: 3\r\n",
        "Content-Length: 0\r\n",
        "Content-Length: abc\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 600000\r\n",
    ];
    // Fresh connections: a client may not trust one again after such an answer.
    let vendor = Vendor::start(|mut connection| async move {
        let request = connection.request().await.unwrap();
        let index: usize = request.target()[1..].parse().unwrap();
        let length = LENGTHS[index];
        connection
            .send(format!("HTTP/1.1 200 OK\r\n{length}{BODY}"))
            .await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for (index, length) in LENGTHS.iter().enumerate() {
        let came = gateway.call(Call::get(&format!("/vendor/{index}"))).await;
        came.assert_vendor(200, 1);
        assert_eq!(came.text(), "abcdef", "{length}");
        assert_eq!(came.header("content-length"), None, "{length}");
    }
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn lengths_are_one_number_or_none() {
    let vendor = Vendor::start(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let answer = match request.target() {
                "/twice" => "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
                "/twice-head" => "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n",
                _ => "HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n",
            };
            connection.send(answer).await;
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for (method, path, status, length) in [
        (Method::GET, "/twice", 200, Some("5")),
        (Method::HEAD, "/twice-head", 200, Some("5")),
        (Method::HEAD, "/odd", 200, None),
        (Method::GET, "/odd", 502, None),
    ] {
        let came = gateway
            .call(Call::new(method, &format!("/vendor{path}")))
            .await;
        assert_eq!(came.status, status, "{came:#?}");
        if status == 200 {
            assert_eq!(came.header("content-length"), length, "{path}");
        } else {
            assert_eq!(came.problem()["code"], "vendor_invalid");
        }
    }
    gateway.finish(&vendor, 0).await;
}

/// Sends bytes and reads to the end of the connection.
async fn raw(gateway: &Gateway, request: &str) -> String {
    let mut stream = gateway.connect().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// linkerd/linkerd2#3310, hyperium/hyper#1925.
#[tokio::test]
async fn every_method_keeps_its_chunked_body() {
    let vendor = Vendor::answering(|_, request| {
        if request.method() == "HEAD" {
            answer(200, &[], "")
        } else {
            ok("fine")
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for method in ["GET", "HEAD", "DELETE", "OPTIONS", "POST", "QUERY"] {
        let came = raw(
            &gateway,
            &format!(
                "{method} /vendor/_search HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\
                 Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{{\"q\":1}}\r\n0\r\n\r\n"
            ),
        )
        .await;
        assert!(came.starts_with("HTTP/1.1 200"), "{method}: {came}");
        let requests = vendor.requests();
        let request = requests.last().unwrap();
        assert_eq!(request.body, b"{\"q\":1}", "{method}");
        assert_eq!(request.header("transfer-encoding").unwrap(), "chunked");
        assert_eq!(request.header("content-length"), None);
    }
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 1);
    let bare = vendor.requests().pop().unwrap();
    assert_eq!(bare.header("transfer-encoding"), None, "{}", bare.head);
    assert_eq!(bare.header("content-length"), None, "{}", bare.head);
    gateway.finish(&vendor, 1).await;
}

/// vm0-ai/vm0#21767, omnigent-ai/omnigent#3029; BYK/loreai#515, github/gh-aw-firewall#1485.
#[tokio::test]
async fn methods_that_reflect_and_upgrades_are_refused_before_any_vendor() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let line = |line: &str, more: &str| {
        format!("{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n{more}\r\n")
    };
    let close = "Connection: close\r\n";
    let websocket =
        "Connection: close, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
    for (request, status, code) in [
        (line("TRACE /vendor/x", close), "405", "method_not_allowed"),
        (line("TRACK /vendor/x", close), "405", "method_not_allowed"),
        (line("trace /vendor/x", close), "405", "method_not_allowed"),
        (line("Track /vendor/x", close), "405", "method_not_allowed"),
        (
            line("CONNECT vendor.test:443", close),
            "405",
            "method_not_allowed",
        ),
        (
            line("GET /vendor/x", websocket),
            "501",
            "upgrade_not_supported",
        ),
    ] {
        let came = raw(&gateway, &request).await;
        assert!(came.starts_with(&format!("HTTP/1.1 {status}")), "{came}");
        assert!(
            came.contains(code) && came.contains("application/problem+json"),
            "{came}"
        );
        assert_eq!(came.contains("\r\nallow: GET,"), status == "405", "{came}");
    }
    assert_eq!(vendor.accepted(), 0);
    let h2c = "Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    let came = raw(&gateway, &line("GET /vendor/x", h2c)).await;
    assert!(came.starts_with("HTTP/1.1 200"), "{came}");
    let unknown = raw(
        &gateway,
        "TRACE /vendor/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(unknown.starts_with("HTTP/1.1 401"), "{unknown}");
    gateway.finish(&vendor, 1).await;
}

/// A coding of one connection stays on the body, and its name does not.
#[tokio::test]
async fn transfer_codings_but_chunks_are_refused_on_both_sides() {
    const CHUNK: &str = "\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    let vendor = Vendor::start(|mut connection| async move {
        let request = connection.request().await.unwrap();
        let coding = request.target()[1..].replace("%20", " ");
        connection
            .send(format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}{CHUNK}"
            ))
            .await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let refused = ["gzip", "gzip,chunked", "chunked,chunked", "chunked,gzip"];
    for coding in refused {
        let came = gateway.call(Call::get(&format!("/vendor/{coding}"))).await;
        assert_eq!(came.status, 502, "{coding}");
        assert!(came.text().contains("vendor_invalid"), "{coding}");
    }
    let came = gateway.call(Call::get("/vendor/chunked")).await;
    came.assert_vendor(200, 1);
    assert_eq!(came.text(), "hello");
    let accepted = vendor.accepted();
    for coding in ["gzip, chunked", "chunked, chunked"] {
        let came = raw(
            &gateway,
            &format!(
                "POST /vendor/chunked HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\
                 Connection: close\r\nTransfer-Encoding: {coding}{CHUNK}"
            ),
        )
        .await;
        assert!(came.starts_with("HTTP/1.1 400"), "{coding}: {came}");
        assert!(came.contains("request_invalid"), "{coding}: {came}");
    }
    assert_eq!(vendor.accepted(), accepted);
    gateway.finish(&vendor, 0).await;
}

/// RFC 9112, 3.2 and 3.2.2. What a vendor says about places is led to the host of the request.
#[tokio::test]
async fn a_request_names_one_host() {
    let vendor = Vendor::answering(|_, _| answer(307, &[("Location", "/x")], "")).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let get = |target: &str, version: &str, hosts: &str| {
        format!(
            "GET {target} HTTP/{version}\r\n{hosts}Authorization: Bearer {TOKEN}\r\n\
             Connection: close\r\n\r\n"
        )
    };
    for hosts in [
        "",
        "Host: a.test\r\nHost: b.test\r\n",
        "Host: a.test\r\nHost: a.test\r\n",
        "Host: a b\r\n",
        "Host: user@a.test\r\n",
        "Host: a.test/other\r\n",
        "Host: caf\u{e9}.test\r\n",
    ] {
        let came = raw(&gateway, &get("/vendor/a", "1.1", hosts)).await;
        assert!(came.starts_with("HTTP/1.1 400"), "{hosts}: {came}");
        assert!(came.contains("request_invalid"), "{hosts}: {came}");
    }
    assert_eq!(vendor.accepted(), 0);
    let vendors = format!("http://{}/x", vendor.address());
    for (target, version, hosts, led) in [
        (
            "/vendor/a",
            "1.1",
            "Host: a.test:80\r\n",
            "http://a.test/vendor/x",
        ),
        (
            "/vendor/a",
            "1.1",
            "Host: [::1]:8\r\n",
            "http://[::1]:8/vendor/x",
        ),
        // The target counts.
        (
            "http://a.test/vendor/a",
            "1.1",
            "Host: b.test\r\n",
            "http://a.test/vendor/x",
        ),
        ("/vendor/a", "1.1", "Host:\r\n", vendors.as_str()),
        ("/vendor/a", "1.0", "", vendors.as_str()),
    ] {
        let came = raw(&gateway, &get(target, version, hosts)).await;
        let location = format!("\r\nlocation: {led}\r\n");
        assert!(came.contains(&location), "{target} {hosts}: {came}");
    }
    gateway.finish(&vendor, 1).await;
}

/// The related report is grimurrash/test-task2#73.
#[tokio::test]
async fn a_blank_idempotency_key_is_none() {
    let vendor = Vendor::answering(|_, _| answer(503, &[], "")).await;
    let document = Document::at(vendor.address())
        .setting("idempotency_header", "Idempotency-Key")
        .retries(2, "1ms");
    let gateway = Gateway::start(document);
    let post = || Call::post("/vendor/items", "x");
    for (call, attempts) in [
        (post().header("idempotency-key", "k"), 3),
        (post().header("idempotency-key", ""), 1),
        (post().header("idempotency-key", "  "), 1),
        (
            post()
                .header("idempotency-key", "k")
                .and_header("idempotency-key", ""),
            1,
        ),
    ] {
        gateway.call(call).await.assert_vendor(503, attempts);
    }
    gateway.finish(&vendor, 1).await;
}

fn trailers(lines: &[(&'static str, &'static str)]) -> HeaderMap {
    lines
        .iter()
        .map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        })
        .collect()
}

const EVIL: [(&str, &str); 10] = [
    ("x-api-key", "evil"),
    ("authorization", "evil"),
    ("cookie", "a=evil"),
    ("connection", "x-evil"),
    ("te", "evil"),
    ("transfer-encoding", "evil"),
    ("wharf-timeout", "1"),
    ("wharf-source", "evil"),
    ("x-echo", "key-of-the-vendor"),
    ("x-checksum", "stays"),
];

#[tokio::test]
async fn trailers_are_cleaned_as_headers_are() {
    let vendor = Vendor::start(|mut connection| async move {
        while connection.request().await.is_some() {
            let names = EVIL.map(|(name, _)| name).join(", ");
            let mut bytes = format!(
                "HTTP/1.1 200 OK\r\nTrailer: {names}\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
            );
            for (name, value) in EVIL {
                bytes.push_str(&format!("{name}: {value}\r\n"));
            }
            connection.send(format!("{bytes}\r\n")).await;
        }
    })
    .await;
    let document =
        Document::at(vendor.address()).method("- Type: API Key\n- Header: X-Api-Key: {api_key}");
    let gateway = Gateway::start(document);
    let (call, mut body) = Call::new(Method::POST, "/vendor/items")
        .header("trailer", &EVIL.map(|(name, _)| name).join(", "))
        .header("te", "trailers")
        .streamed();
    let sending = async move {
        body.send_data(Bytes::from_static(b"body")).await.unwrap();
        body.send_trailers(trailers(&EVIL)).await.unwrap();
    };
    let (came, ()) = tokio::join!(gateway.call(call), sending);
    came.assert_vendor(200, 1);
    let request = vendor.only_request();
    let sent = request.trailers.to_lowercase();
    assert!(!sent.contains("evil") && !sent.contains("wharf"), "{sent}");
    assert!(sent.contains("x-checksum: stays"), "{sent}");
    let came = came.trailers.expect("trailers");
    let names: Vec<&str> = came.keys().map(HeaderName::as_str).collect();
    assert_eq!(names, ["x-api-key", "x-checksum"], "{came:?}");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn trailers_over_http2_hang_no_call() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = TlsVendor::http2(
        authority.loopback(&["h2"]),
        |request, mut answer| async move {
            let mut body = request.into_body();
            while let Some(piece) = body.data().await {
                let length = piece.unwrap().len();
                let _ = body.flow_control().release_capacity(length);
            }
            let got = body.trailers().await.unwrap().unwrap_or_default();
            let mut names: Vec<&str> = got.keys().map(HeaderName::as_str).collect();
            names.sort_unstable();
            let response = Response::builder().header("x-got", names.join(","));
            let mut stream = answer
                .send_response(response.body(()).unwrap(), false)
                .unwrap();
            stream.send_data(Bytes::from_static(b"x"), false).unwrap();
            let said = trailers(&[
                ("wharf-source", "evil"),
                ("x-echo", VENDOR_KEY),
                ("x-end", "1"),
            ]);
            stream.send_trailers(said).unwrap();
        },
    )
    .await;
    let document = Document::with_endpoint(&vendor.endpoint())
        .method("- Type: API Key\n- Header: X-Api-Key: {api_key}")
        .timeout("5s");
    let gateway = Gateway::start(document);
    let (call, mut body) = Call::new(Method::POST, "/vendor/items")
        .header("te", "trailers")
        .streamed();
    let sending = async move {
        body.send_data(Bytes::from_static(b"body")).await.unwrap();
        body.send_trailers(trailers(&EVIL)).await.unwrap();
    };
    let call = call.header("trailer", &EVIL.map(|(name, _)| name).join(", "));
    let (came, ()) = tokio::join!(gateway.call(call), sending);
    came.assert_vendor(200, 1);
    assert_eq!(came.header("x-got"), Some("x-checksum,x-echo"));
    let left = came.trailers.unwrap_or_default();
    assert!(
        !left.contains_key("wharf-source") && !left.contains_key("x-echo"),
        "{left:?}"
    );
    gateway.begin_stop().wait().await;
}
