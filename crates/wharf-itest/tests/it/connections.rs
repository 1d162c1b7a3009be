//! What callers do below the life of a call: heads that are none, idle places, early ends.

use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf_gateway::CallerDirectory;
use wharf_policy::caller::TokenHash;

use crate::support::caller::Call;
use crate::support::document::Document;
use crate::support::gateway::{Gateway, LONGEST_CALL, Setup, TOKEN};
use crate::support::raw::{Raw, begin, head, send};
use crate::support::vendor::{CHUNKED, Connection, Gate, Vendor, chunk, ok};

/// Arachni/arachni#392, api7/aisix#887: refusals without a word, a header or a count.
#[tokio::test]
async fn what_is_no_request_is_refused_with_words_and_counted() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let url = format!("/vendor/{}", "x".repeat(66_000));
    let many: String = (0..300).map(|n| format!("X-{n}: 1\r\n")).collect();
    let large = format!("X-Large: {}\r\n", "x".repeat(70_000));
    let with = |headers: &str| format!("GET /vendor/x HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    let cases = [
        (head("/vendor/x?f=a>5"), 400, "request_invalid", "`>`"),
        (head("/vendor/x?j={\"a\":1}"), 400, "request_invalid", "%22"),
        (head("/vendor/<x>"), 400, "request_invalid", "%3C"),
        (head("/vendor/`x`"), 400, "request_invalid", "%60"),
        (head("/vendor/a b"), 400, "request_invalid", "%20"),
        (
            "GET /vendor/x HTTP/3.0\r\n\r\n".to_owned(),
            505,
            "version_not_supported",
            "HTTP/1.1",
        ),
        (
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
            505,
            "version_not_supported",
            "HTTP/2",
        ),
        (with("no colon\r\n"), 400, "request_invalid", "header"),
        (
            with("Content-Length: x\r\n"),
            400,
            "request_invalid",
            "content-length",
        ),
        (head(&url), 414, "url_too_long", "65536"),
        (with(&many), 431, "head_too_large", "100"),
        (with(&large), 431, "head_too_large", "65536"),
    ];
    for (text, status, code, hint) in &cases {
        let problem = send(&gateway, text).await.assert_refusal(*status, code);
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(hint), "{hint}: {detail}");
    }
    for (code, count) in [
        ("request_invalid", 7),
        ("version_not_supported", 2),
        ("url_too_long", 1),
        ("head_too_large", 2),
    ] {
        let counted = gateway.metric("wharf_refused_calls_total", &[code]);
        assert_eq!(counted.to_string(), count.to_string(), "{code}");
    }
    gateway.finish(&vendor, 0).await;
    assert_eq!(vendor.accepted(), 0);
}

/// A head of as many headers as are taken, the host's and the token's among them.
#[tokio::test]
async fn many_headers_and_odd_but_allowed_characters_pass() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut call = Call::get("/vendor/x?f=`^|{}&long=1");
    for number in 0..96 {
        call = call.header(&format!("x-{number}"), "1");
    }
    gateway.call(call).await.assert_vendor(200, 1);
    assert!(vendor.only_request().head.contains("/x?f=`^|{}&long=1 "));
    gateway.finish(&vendor, 1).await;
}

/// The first answer of a connection must not change what the second refusal looks like.
#[tokio::test]
async fn a_refusal_after_an_answer_has_words_too() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut stream = begin(&gateway, &head("/vendor/x")).await;
    let mut first = vec![0; 4_096];
    let length = stream.read(&mut first).await.unwrap();
    assert!(first[..length].starts_with(b"HTTP/1.1 200"));
    stream
        .write_all(head("/vendor/x?f=a>5").as_bytes())
        .await
        .unwrap();
    Raw::read(&mut stream)
        .await
        .assert_refusal(400, "request_invalid");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn broken_chunks_are_refused_with_words() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(2, "10ms"));
    for method in ["POST", "PUT"] {
        let request = format!(
            "{method} /vendor/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\
             Transfer-Encoding: chunked\r\n\r\nzz\r\nno\r\n"
        );
        let answer = send(&gateway, &request).await;
        assert_eq!(answer.status, 400);
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["code"], "request_broken");
        assert_eq!(
            problem["detail"],
            "the caller's body broke off; nothing is repeated without the whole body"
        );
    }
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn an_unfinished_head_has_ten_seconds() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let started = Instant::now();
    let mut silent = gateway.connect().await;
    let answer = send(&gateway, "GET /vendor/x HTTP/1.1\r\nHost:").await;
    answer.assert_refusal(408, "head_timeout");
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(9), "{took:?}");
    // Who says nothing is told nothing.
    assert_eq!(silent.read(&mut [0; 8]).await.unwrap(), 0);
    gateway.finish(&vendor, 0).await;
}

/// A body that nobody wants must not hide the answer that says so: the caller writes all of it
/// before it reads, as simple clients do.
#[tokio::test]
async fn an_early_refusal_is_read_by_a_caller_that_still_sends() {
    const BODY: usize = 20 << 20;
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address()).setting("max_body", "1MiB");
    let gateway = Gateway::start(document);
    for (token, status, code) in [
        ("wharf_bad", 401, "unknown_caller"),
        (TOKEN, 413, "request_too_large"),
    ] {
        for chunked in [false, true] {
            let framing = if chunked {
                "Transfer-Encoding: chunked".to_owned()
            } else {
                format!("Content-Length: {BODY}")
            };
            let head = format!(
                "POST /vendor/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n{framing}\r\n\r\n"
            );
            let mut stream = begin(&gateway, &head).await;
            let piece = vec![b'x'; 64 << 10];
            for _ in 0..BODY / piece.len() {
                if chunked {
                    stream.write_all(b"10000\r\n").await.unwrap();
                }
                stream.write_all(&piece).await.expect("the way is open");
                if chunked {
                    stream.write_all(b"\r\n").await.unwrap();
                }
            }
            if chunked {
                stream.write_all(b"0\r\n\r\n").await.unwrap();
            }
            stream.shutdown().await.unwrap();
            let answer = Raw::read(&mut stream).await;
            assert_eq!(answer.status, status);
            let problem: Value = serde_json::from_str(&answer.body).unwrap();
            assert_eq!(problem["code"], code);
        }
    }
    gateway.until_metric("wharf_connections", &[], 0).await;
    gateway.begin_stop().wait().await;
}

/// Without this, a caller that never stops sending would hold its place for good.
#[tokio::test]
async fn what_nobody_wants_is_read_for_a_bounded_time() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let head = "POST /vendor/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n";
    let mut stream = begin(&gateway, head).await;
    let started = Instant::now();
    let trickle = async {
        while stream.write_all(b"x").await.is_ok() {
            // This stands for a slow caller.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(LONGEST_CALL, trickle).await.unwrap();
    let took = started.elapsed();
    assert!(took < Duration::from_secs(6), "{took:?}");
    gateway.finish(&vendor, 0).await;
}

/// One process that opens connections and says nothing must not shut the others out.
#[tokio::test]
async fn idle_connections_make_room_for_a_call() {
    const BOUND: usize = 64;
    let vendor = Vendor::fine().await;
    let gateway = Setup::of(Document::at(vendor.address()))
        .max_connections(BOUND)
        .start();
    let mut idle = Vec::new();
    for number in 0..BOUND {
        let mut stream = gateway.connect().await;
        // Half of them have begun a head that never ends.
        if number % 2 == 0 {
            stream.write_all(b"GET /vendor/x HT").await.unwrap();
        }
        idle.push(stream);
    }
    gateway.until_metric("wharf_connections", &[], BOUND).await;
    for _ in 0..8 {
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer.assert_vendor(200, 1);
        assert!(answer.took < Duration::from_secs(1), "{:?}", answer.took);
    }
    // The oldest went first.
    assert_eq!(idle[0].read(&mut [0; 8]).await.unwrap(), 0);
    drop(idle);
    gateway.finish(&vendor, 1).await;
}

/// The memory of heads that never end is bounded: 400 of them with 400 kB each took 160 MB.
#[tokio::test]
async fn a_head_takes_no_more_than_its_room() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut stream = begin(&gateway, "GET /vendor/x HTTP/1.1\r\nX: ").await;
    let piece = [b'x'; 4_096];
    let mut sent = 0;
    let sending = async {
        // Far beyond what is read of a head; the refusal comes long before.
        while sent < (1 << 20) && stream.write_all(&piece).await.is_ok() {
            sent += piece.len();
        }
    };
    sending.await;
    stream.shutdown().await.unwrap();
    let answer = Raw::read(&mut stream).await;
    answer.assert_refusal(431, "head_too_large");
    gateway.finish(&vendor, 0).await;
}

/// agentgateway/agentgateway#2427, envoyproxy/envoy#2066, cloudflare/pingora#836: the end of the
/// caller's direction is taken for its leaving, as README says, and ends the vendor's call.
#[tokio::test]
async fn a_caller_that_ends_its_direction_is_taken_as_gone() {
    let vendor = Vendor::start(|mut connection: Connection| async move {
        connection.request().await;
        connection.until_closed().await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut stream = begin(&gateway, &head("/vendor/x")).await;
    vendor.until_count(1).await;
    stream.shutdown().await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
    vendor.until_open(0).await;
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn an_answer_that_flows_is_cut_when_its_caller_is_removed() {
    let gate = Gate::new();
    let beginning = format!("{CHUNKED}{}", chunk("one"));
    let vendor = Vendor::in_steps(&gate, beginning, vec!["two".to_owned()]).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut open = gateway.open(Call::get("/vendor/items")).await;
    assert_eq!(open.next_text().await, "one");
    // Another caller comes: the first one's answer flows on.
    let shop = (TokenHash::hash(TOKEN), "shop".to_owned());
    let other = (TokenHash::hash("wharf_other"), "other".to_owned());
    let both = CallerDirectory::new([shop, other.clone()]);
    gateway.handle().replace_callers(both);
    let early = tokio::time::timeout(Duration::from_millis(1_200), open.next()).await;
    assert!(early.is_err(), "it was cut");
    gateway
        .handle()
        .replace_callers(CallerDirectory::new([other]));
    let removed = Instant::now();
    assert!(open.next().await.unwrap().is_err(), "it looks whole");
    let took = removed.elapsed();
    assert!(took < Duration::from_secs(1), "{took:?}");
    drop(open);
    gate.open();
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"caller\""], 1)
        .await;
    gateway.finish(&vendor, 0).await;
}

/// Answers that end with the connection are not held up by a caller that keeps it open.
#[tokio::test]
async fn an_answer_is_whole_before_its_connection_ends() {
    let vendor = Vendor::start(|mut connection: Connection| async move {
        connection.request().await;
        connection.send(ok(&"x".repeat(1 << 20))).await;
        connection.until_closed().await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let request = head("/vendor/x").replace("Host: x", "Host: x\r\nConnection: close");
    let answer = send(&gateway, &request).await;
    assert_eq!((answer.status, answer.body.len()), (200, 1 << 20));
    gateway.finish(&vendor, 1).await;
}
