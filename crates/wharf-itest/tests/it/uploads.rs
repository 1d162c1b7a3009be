//! Uploads that take their time: whose time it is, and what they may cost.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::caller::{Call, Problem};
use crate::support::child;
use crate::support::document::Document;
use crate::support::gateway::{Gateway, TOKEN};
use crate::support::process::resident_bytes;
use crate::support::vendor::{CHUNKED, Gate, LAST_CHUNK, Vendor, chunk, ok};

/// Sends `pieces` pieces with a pause before each.
async fn slowly(body: &mut http_body_util::channel::Sender<Bytes>, pieces: usize, pause: Duration) {
    for _ in 0..pieces {
        tokio::time::sleep(pause).await;
        body.send_data(Bytes::from_static(b"piece")).await.unwrap();
    }
}

// nodejs/undici#645, mighty840/orca#187, actix/actix-web#158: the time of an upload counted as
// time that the server takes.
#[tokio::test]
async fn an_upload_that_flows_is_not_the_vendors_time() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()).timeout("400ms"));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    let sending = async {
        slowly(&mut body, 12, Duration::from_millis(100)).await;
        drop(body);
    };
    let (answer, ()) = tokio::join!(gateway.call(call), sending);
    answer
        .assert_vendor(200, 1)
        .assert_within(Duration::from_millis(1_200), Duration::from_secs(20));
    assert_eq!(vendor.only_request().body.len(), 60);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn the_vendors_time_begins_when_the_upload_has_ended() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        connection.until_closed().await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).timeout("400ms"));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    let sending = async {
        slowly(&mut body, 6, Duration::from_millis(100)).await;
        drop(body);
    };
    let (answer, ()) = tokio::join!(gateway.call(call), sending);
    answer.assert_problem(&Problem {
        status: 504,
        code: "attempt_timeout",
        fault: "vendor",
        sent: "maybe",
        retry_safe: false,
        attempts: 1,
    });
    answer.assert_within(Duration::from_millis(1_000), Duration::from_secs(20));
    gateway.finish(&vendor, 0).await;
}

// PostHog/posthog#43988: a caller that stalls is told that the vendor did not answer, and its
// call is made again.
#[tokio::test]
async fn a_caller_that_stalls_is_told_so_and_its_call_is_not_repeated() {
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address()).timeout("400ms");
    let gateway = Gateway::start(document.retries(2, "10ms"));
    let mut stream = gateway.connect().await;
    let head = format!(
        "PUT /vendor/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: 1000\r\n\r\n{}",
        "x".repeat(200)
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    for said in [
        "\"code\":\"request_stalled\"",
        "\"fault\":\"caller\"",
        "\"attempts\":1",
        "the caller sent nothing more of its body for 0.4",
        "nothing is repeated without the whole body",
    ] {
        assert!(answer.contains(said), "{said} in {answer}");
    }
    assert!(!answer.contains("too large"), "{answer}");
    assert_eq!(vendor.count(), 1);
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"caller\""], 1)
        .await;
    assert_eq!(
        gateway
            .metric("wharf_request_body_bytes_total", &[])
            .to_string(),
        "200"
    );
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn the_callers_own_deadline_holds_for_its_upload_too() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()).timeout("5s"));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items")
        .header("Wharf-Timeout", "500ms")
        .streamed();
    let sending = async {
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if body.send_data(Bytes::from_static(b"piece")).await.is_err() {
                break;
            }
        }
    };
    let (answer, ()) = tokio::join!(gateway.call(call), sending);
    answer.assert_problem(&Problem {
        status: 504,
        code: "deadline_exceeded",
        fault: "caller",
        sent: "maybe",
        retry_safe: false,
        attempts: 1,
    });
    answer.assert_within(Duration::from_millis(500), Duration::from_secs(4));
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_vendor_may_be_silent_while_it_is_still_sent_the_request() {
    // It answers the head, and ends its answer when the request has ended.
    let vendor = Vendor::start(|mut connection| async move {
        connection.head().await;
        connection.send(CHUNKED).await;
        connection.send(chunk("begun")).await;
        connection.chunks(usize::MAX).await;
        connection.send(LAST_CHUNK).await;
        connection.until_closed().await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).timeout("400ms"));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    let started = Instant::now();
    let sending = async {
        slowly(&mut body, 12, Duration::from_millis(100)).await;
        drop(body);
    };
    let reading = async { gateway.open(call).await.finish(started).await };
    let (answer, ()) = tokio::join!(reading, sending);
    assert_eq!((answer.text(), answer.broke_off), ("begun", false));
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_slow_upload_is_repeated_whole_and_its_retry_has_time() {
    let vendor = Vendor::answering(|number, _| {
        if number == 0 {
            crate::support::vendor::answer(503, &[], "")
        } else {
            ok("done")
        }
    })
    .await;
    let document = Document::at(vendor.address()).timeout("400ms");
    let gateway = Gateway::start(document.retries(1, "300ms").retry_on(&[503]));
    let (call, mut body) = Call::new(Method::PUT, "/vendor/items").streamed();
    let sending = async {
        slowly(&mut body, 20, Duration::from_millis(100)).await;
        drop(body);
    };
    let (answer, ()) = tokio::join!(gateway.call(call), sending);
    answer.assert_vendor(200, 2);
    let bodies: Vec<usize> = vendor
        .requests()
        .iter()
        .map(|request| request.body.len())
        .collect();
    assert_eq!(bodies, [100, 100]);
    gateway.finish(&vendor, 1).await;
}

/// The body of a request, `chunks` times one byte.
const ONE_BYTE: &str = "1\r\nx\r\n";

// The bound that README states is one of memory, not of payload: a piece of one byte costs one.
#[tokio::test]
async fn eight_bodies_of_one_byte_chunks_stay_within_the_bound() {
    const CHUNKS: usize = 60_000;
    if child::runs_elsewhere(&[]) {
        return;
    }
    let (read, go_on) = (Gate::new(), Gate::new());
    let gates = (read.clone(), go_on.clone());
    let vendor = Vendor::start(move |mut connection| {
        let (read, go_on) = gates.clone();
        async move {
            connection.head().await;
            connection.until_bytes(b"\r\n0\r\n\r\n").await;
            read.open();
            go_on.wait().await;
            connection.send(ok("done")).await;
            connection.until_closed().await;
        }
    })
    .await;
    let gateway = Gateway::start(
        Document::at(vendor.address())
            .timeout("60s")
            .retries(3, "1ms"),
    );
    let before = resident_bytes();
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let address = gateway.address();
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                let head = format!(
                    "POST /vendor/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).await.unwrap();
                let piece = ONE_BYTE.repeat(1_000);
                for _ in 0..CHUNKS / 1_000 {
                    stream.write_all(piece.as_bytes()).await.unwrap();
                }
                stream.write_all(b"0\r\n\r\n").await.unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.unwrap();
                answer
            })
        })
        .collect();
    for _ in 0..8 {
        read.wait().await;
    }
    // Every body is at the vendor, and kept, since no answer came yet.
    let growth = resident_bytes().saturating_sub(before);
    assert!(growth < 16 << 20, "{} KiB more", growth >> 10);
    for _ in 0..8 {
        go_on.open();
    }
    for caller in callers {
        let answer = caller.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    gateway
        .until_metric("wharf_request_body_bytes_total", &[], 8 * CHUNKS)
        .await;
    gateway.finish(&vendor, 8).await;
}
