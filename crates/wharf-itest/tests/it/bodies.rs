//! Bodies: large ones, bounded ones, and answers that come before the question is told.

use bytes::Bytes;
use http::Method;
use serde_json::json;

use crate::support::caller::{Call, Problem};
use crate::support::child;
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup};
use crate::support::process::{open_files, resident_bytes};
use crate::support::vendor::{CHUNKED, Vendor, answer, chunk, ok};
use crate::support::{eventually, until_still};

const LARGE_BYTES: usize = 200 << 20;

/// How much more memory a process may need for passing on a large body. Most of it is room for
/// what the system's socket buffers hand over at once.
const ALLOWED_GROWTH_BYTES: u64 = 24 << 20;

/// A vendor that answers with [`LARGE_BYTES`] bytes, with a declared length or without.
async fn large_vendor(declared: bool) -> Vendor {
    Vendor::start(move |mut connection| async move {
        let piece = vec![b'x'; 1 << 20];
        connection.request().await;
        let head = if declared {
            format!("HTTP/1.1 200 OK\r\nContent-Length: {LARGE_BYTES}\r\n\r\n")
        } else {
            CHUNKED.to_owned()
        };
        connection.send(head).await;
        for _ in 0..LARGE_BYTES / piece.len() {
            let sent = if declared {
                connection.send(&piece).await
            } else {
                connection.send(format!("{:x}\r\n", piece.len())).await
                    && connection.send(&piece).await
                    && connection.send("\r\n").await
            };
            if !sent {
                return;
            }
        }
        if !declared {
            connection.send("0\r\n\r\n").await;
        }
        connection.until_closed().await;
    })
    .await
}

#[tokio::test]
async fn a_body_of_200_mb_streams_through_in_bounded_memory() {
    if child::runs_elsewhere(&[]) {
        return;
    }
    for declared in [true, false] {
        let vendor = large_vendor(declared).await;
        let gateway = Gateway::start(Document::at(vendor.address()));
        let before = resident_bytes();
        let mut open = gateway.open(Call::get("/vendor/items")).await;
        let (mut length, mut most) = (0, 0);
        let expected = vec![b'x'; 4 << 20];
        while let Some(piece) = open.next().await {
            let piece = piece.unwrap();
            assert!(piece == expected[..piece.len()]);
            length += piece.len();
            most = most.max(resident_bytes());
        }
        assert_eq!(length, LARGE_BYTES);
        let growth = most.saturating_sub(before);
        assert!(growth < ALLOWED_GROWTH_BYTES, "{} MiB more", growth >> 20);
        drop(open);
        gateway
            .until_metric("wharf_response_body_bytes_total", &[], LARGE_BYTES)
            .await;
        gateway.finish(&vendor, 1).await;
    }
}

#[tokio::test]
async fn a_caller_that_reads_slowly_holds_the_vendor_back() {
    if child::runs_elsewhere(&[]) {
        return;
    }
    let vendor = large_vendor(true).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let before = resident_bytes();
    let mut open = gateway.open(Call::get("/vendor/items")).await;
    open.next().await.unwrap().unwrap();
    // The vendor stands still once the buffers on the way are full.
    let written = until_still("the vendor to be held back", || vendor.written_bytes()).await;
    assert!(written < 32 << 20, "{} MiB are on the way", written >> 20);
    let growth = resident_bytes().saturating_sub(before);
    assert!(growth < ALLOWED_GROWTH_BYTES, "{} MiB more", growth >> 20);
    drop(open);
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"caller\""], 1)
        .await;
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn failing_calls_leave_no_file_and_no_memory_behind() {
    if child::runs_elsewhere(&[]) {
        return;
    }
    let vendor = Vendor::start(|mut connection| async move {
        while let Some(request) = connection.request().await {
            let number: usize = request.header("x-number").unwrap().parse().unwrap();
            match number % 6 {
                0 => {
                    connection.send(ok("fine")).await;
                    continue;
                }
                1 => {}
                2 => connection.reset(),
                3 => {
                    let half = format!("{CHUNKED}{}", chunk(&"x".repeat(10_000)));
                    connection.send(half).await;
                }
                4 => {
                    connection.send("garbage\r\n\r\n").await;
                }
                _ => connection.until_closed().await,
            }
            return;
        }
    })
    .await;
    let document = Document::at(vendor.address())
        .timeout("20ms")
        .retries(1, "1ms");
    let gateway = Gateway::start(document);
    let round = async || {
        for number in 0..120 {
            let call = Call::post("/vendor/items", "x".repeat(10_000));
            gateway
                .call(call.header("x-number", &number.to_string()))
                .await;
        }
        gateway.until_metric("wharf_calls_in_flight", &[], 0).await;
        gateway.until_metric("wharf_connections", &[], 0).await;
        vendor.until_open(0).await;
        vendor.forget_requests();
    };
    round().await;
    let before = (resident_bytes(), open_files());
    round().await;
    round().await;
    let (grown, files) = (resident_bytes().saturating_sub(before.0), open_files());
    assert!(grown < 4 << 20, "{} KiB more after 240 calls", grown >> 10);
    assert_eq!(files, before.1, "open files");
    gateway
        .until_metric("wharf_upstream_connections", &[], 0)
        .await;
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_declared_answer_above_max_body_is_refused_with_the_numbers() {
    let vendor = Vendor::answering(|_, _| ok(&"x".repeat(100_000))).await;
    let gateway = Gateway::start(Document::at(vendor.address()).setting("max_body", "80 kB"));
    for (call, retry_safe) in [
        (Call::get("/vendor/items"), true),
        (Call::post("/vendor/items", "x"), false),
    ] {
        let answer = gateway.call(call).await;
        answer.assert_problem(&Problem {
            status: 502,
            code: "answer_too_large",
            fault: "vendor",
            sent: "maybe",
            retry_safe,
            attempts: 1,
        });
        let detail = answer.detail();
        assert!(
            detail.contains("100000") && detail.contains("80000"),
            "{detail}"
        );
    }
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_small_answer_above_max_body_is_refused_too() {
    let vendor = Vendor::answering(|_, _| ok(&"x".repeat(2_000))).await;
    let gateway = Gateway::start(Document::at(vendor.address()).setting("max_body", "1 kB"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.broke_off),
        (502, false),
        "{answer:#?}"
    );
    assert_eq!(answer.problem()["code"], "answer_too_large");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn an_answer_that_grows_above_max_body_is_cut() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        connection.send(CHUNKED).await;
        while connection.send(chunk(&"x".repeat(1_000))).await {}
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).setting("max_body", "80 kB"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    assert_eq!((answer.status.as_u16(), answer.broke_off), (200, true));
    assert!(answer.body.len() <= 80_000, "{} bytes", answer.body.len());
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"vendor\""], 1)
        .await;
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_declared_request_above_max_body_is_refused_before_anything_is_sent() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()).setting("max_body", "80 kB"));
    let answer = gateway
        .call(Call::post("/vendor/items", "x".repeat(80_001)))
        .await;
    answer.assert_problem(&Problem {
        status: 413,
        code: "request_too_large",
        fault: "caller",
        sent: "nothing",
        retry_safe: true,
        attempts: 0,
    });
    let answer = gateway
        .call(Call::post("/vendor/items", "x".repeat(80_000)))
        .await;
    answer.assert_vendor(200, 1);
    assert_eq!(vendor.only_request().body.len(), 80_000);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn what_stands_for_one_environment_holds_there_alone() {
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address())
        .and_environment("Staging", &format!("http://{}", vendor.address()))
        .setting("max_body", json!({"staging": "1 kB"}))
        .setting("api_version", json!({"Staging": "v2", "production": "v1"}))
        .method("- Type: API Key\n- Header: Authorization: Bearer {api_key}\n- Version header: X-Version");
    let gateway = Setup::of(document)
        .variable("STAGING_API_KEY", "key-of-staging")
        .start();
    let post = |path: &str| gateway.call(Call::post(path, "x".repeat(1_001)));
    post("/vendor/items").await.assert_vendor(200, 1);
    assert_eq!(vendor.only_request().header("x-version").unwrap(), "v1");
    let refused = post("/vendor@staging/items").await;
    assert_eq!(refused.status, 413);
    let taken = gateway.call(Call::get("/vendor@staging/items")).await;
    taken.assert_vendor(200, 1);
    let last = vendor.requests().pop().unwrap();
    assert_eq!(last.header("x-version").unwrap(), "v2");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_request_that_grows_above_max_body_is_refused_and_the_vendor_sees_no_end() {
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address())
        .setting("max_body", "80 kB")
        .retries(2, "10ms");
    let gateway = Gateway::start(document);
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    let sending = async move {
        for length in [80_000, 1] {
            body.send_data(Bytes::from(vec![b'x'; length]))
                .await
                .unwrap();
        }
        body
    };
    let (answer, _body) = tokio::join!(gateway.call(call), sending);
    answer.assert_problem(&Problem {
        status: 413,
        code: "request_too_large",
        fault: "caller",
        // A part of it has been sent by then.
        sent: "maybe",
        retry_safe: false,
        attempts: 1,
    });
    let request = vendor.only_request();
    assert!(!request.complete && request.body.len() <= 80_000);
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn an_early_answer_reaches_a_caller_that_still_sends() {
    // The vendor refuses on the head alone and closes, as RFC 9112, 9.6 allows.
    let vendor = Vendor::start(|mut connection| async move {
        connection.head().await;
        connection.chunks(1).await;
        let refusal = answer(413, &[("Connection", "close")], "too much");
        connection.send(refusal).await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(2, "10ms"));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    body.send_data(Bytes::from_static(b"first")).await.unwrap();
    let answer = gateway.call(call).await;
    answer.assert_vendor(413, 1);
    assert_eq!(answer.text(), "too much");
    drop(body);
    assert_eq!(vendor.count(), 1);
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_caller_may_go_on_sending_after_an_early_answer() {
    let vendor = Vendor::start(|mut connection| async move {
        while let Some(request) = connection.head().await {
            if request.header("transfer-encoding").is_some() {
                connection.chunks(1).await;
                connection.send(ok("early")).await;
                connection.chunks(usize::MAX).await;
            } else {
                connection.send(ok("later")).await;
            }
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    body.send_data(Bytes::from_static(b"first, "))
        .await
        .unwrap();
    let mut open = gateway.open(call).await;
    assert_eq!(open.status(), 200);
    assert_eq!(open.next_text().await, "early");
    body.send_data(Bytes::from_static(b"second")).await.unwrap();
    drop(body);
    eventually("the rest of the request", || {
        let body = vendor.requests().swap_remove(0).body;
        (body == b"first, second").then_some(()).ok_or(body)
    })
    .await;
    assert!(open.next().await.is_none());
    drop(open);
    gateway.until_metric("wharf_calls_in_flight", &[], 0).await;
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(200, 1);
    gateway.finish(&vendor, vendor.accepted()).await;
}

#[tokio::test]
async fn informational_answers_are_not_mistaken_for_the_answer() {
    let vendor = Vendor::start(|mut connection| async move {
        while connection.request().await.is_some() {
            connection.send("HTTP/1.1 100 Continue\r\n\r\n").await;
            let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
            connection.send(hints).await;
            connection.send(hints).await;
            connection.send(ok("final")).await;
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    for _ in 0..2 {
        let answer = gateway.call(Call::post("/vendor/items", "x")).await;
        answer.assert_vendor(200, 1);
        assert_eq!((answer.text(), answer.header("link")), ("final", None));
    }
    assert_eq!(vendor.accepted(), 1);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn answers_without_a_body_keep_their_headers() {
    let vendor = Vendor::answering(|_, request| match request.method() {
        "HEAD" => b"HTTP/1.1 200 OK\r\nContent-Length: 500000000\r\n\r\n".to_vec(),
        _ => b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 7\r\n\r\n".to_vec(),
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).setting("max_body", "80 kB"));
    let head = gateway.call(Call::new(Method::HEAD, "/vendor/items")).await;
    head.assert_vendor(200, 1);
    assert_eq!(head.header("content-length"), Some("500000000"));
    let unchanged = gateway.call(Call::get("/vendor/items")).await;
    unchanged.assert_vendor(304, 1);
    assert_eq!(unchanged.header("etag"), Some("\"a\""));
    assert!(unchanged.body.is_empty());
    assert_eq!(vendor.accepted(), 1);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn trailers_pass_both_ways() {
    let vendor = Vendor::start(|mut connection| async move {
        while connection.request().await.is_some() {
            let head =
                "HTTP/1.1 200 OK\r\nTrailer: X-Checksum\r\nTransfer-Encoding: chunked\r\n\r\n";
            let body = chunk("body");
            let end = "0\r\nX-Checksum: of-the-answer\r\n\r\n";
            connection.send(format!("{head}{body}{end}")).await;
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items")
        .header("trailer", "X-Checksum")
        .header("te", "trailers")
        .streamed();
    let trailers = [("x-checksum", "of-the-request")].map(|(name, value)| {
        (
            http::HeaderName::from_static(name),
            http::HeaderValue::from_static(value),
        )
    });
    let sending = async move {
        body.send_data(Bytes::from_static(b"body")).await.unwrap();
        body.send_trailers(trailers.into_iter().collect())
            .await
            .unwrap();
    };
    let (answer, ()) = tokio::join!(gateway.call(call), sending);
    answer.assert_vendor(200, 1);
    let received = vendor.only_request();
    assert_eq!(
        received.trailers.to_lowercase(),
        "x-checksum: of-the-request\r\n"
    );
    let trailers = answer.trailers.expect("trailers");
    assert_eq!(trailers["x-checksum"], "of-the-answer");
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"success\""], 1)
        .await;
    gateway.finish(&vendor, 1).await;
}
