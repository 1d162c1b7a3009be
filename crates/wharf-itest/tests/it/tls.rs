//! Vendors behind TLS, over HTTP/1.1 and HTTP/2.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use h2::Reason;
use http::{Response, Version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::caller::{Answer, Call, Problem};
use crate::support::document::Document;
use crate::support::eventually;
use crate::support::gateway::{Gateway, VENDOR_KEY};
use crate::support::tls::{Authority, Notes, Secured, TlsVendor, respond, serve_http2};
use crate::support::vendor::{Gate, ok};

const UNREACHABLE: Problem = Problem {
    status: 502,
    code: "vendor_unreachable",
    fault: "network",
    sent: "nothing",
    retry_safe: true,
    attempts: 1,
};

const CLOSED: Problem = Problem {
    code: "vendor_closed",
    sent: "maybe",
    retry_safe: false,
    ..UNREACHABLE
};

const H2: &[&str] = &["h2"];

fn document(vendor: &TlsVendor) -> Document {
    Document::with_endpoint(&vendor.endpoint())
}

async fn finish(gateway: Gateway, vendor: &TlsVendor, idle: usize) {
    gateway.until_metric("wharf_calls_in_flight", &[], 0).await;
    vendor.until_open(idle).await;
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

/// Reads heads and answers them over HTTP/1.1.
async fn serve_http1(mut stream: Secured, notes: Notes) {
    let mut said = Vec::new();
    while stream
        .read_buf(&mut said)
        .await
        .is_ok_and(|length| length > 0)
    {
        if said.ends_with(b"\r\n\r\n") {
            notes.request(&http::Request::new(()));
            said.clear();
            let _ = stream.write_all(&ok("over HTTP/1.1")).await;
        }
    }
}

#[tokio::test]
async fn http1_is_spoken_where_alpn_settles_on_it() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    for protocols in [&["http/1.1"][..], &[]] {
        let vendor = TlsVendor::start(authority.loopback(protocols), serve_http1).await;
        let gateway = Gateway::start(document(&vendor));
        for _ in 0..3 {
            let answer = gateway.call(Call::get("/vendor/items")).await;
            answer.assert_vendor(200, 1);
            assert_eq!(answer.text(), "over HTTP/1.1");
        }
        assert_eq!((vendor.secured(), vendor.requests().len()), (1, 3));
        finish(gateway, &vendor, 1).await;
    }
}

#[tokio::test]
async fn http2_is_spoken_where_alpn_settles_on_it() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let config = authority.loopback(&["h2", "http/1.1"]);
    let vendor = TlsVendor::http2(config, |request, answer| {
        respond(request, answer, 201, "over HTTP/2")
    })
    .await;
    let gateway = Gateway::start(document(&vendor));
    let call = Call::post("/vendor/items?a=1", "body")
        .header("connection", "keep-alive, x-hop")
        .header("x-hop", "1");
    let answer = gateway.call(call).await;
    answer.assert_vendor(201, 1);
    assert_eq!(answer.text(), "over HTTP/2");
    let (_, request) = vendor.requests().remove(0);
    assert_eq!(request.version(), Version::HTTP_2);
    assert_eq!(
        request.uri().to_string(),
        format!("{}/items?a=1", vendor.endpoint())
    );
    assert_eq!(
        request.headers()["authorization"],
        format!("Bearer {VENDOR_KEY}")
    );
    for gone in ["host", "connection", "x-hop", "transfer-encoding"] {
        assert!(!request.headers().contains_key(gone), "{request:?}");
    }
    gateway
        .until_metric("wharf_upstream_connections", &[], 1)
        .await;
    finish(gateway, &vendor, 1).await;
}

/// So many calls at once; no answer is given before all are asked.
const CALLS: usize = 64;

#[tokio::test]
async fn many_calls_share_one_http2_connection() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let (waiting, gate) = (Arc::new(AtomicUsize::new(0)), Gate::new());
    let passed = gate.clone();
    let vendor = TlsVendor::http2(authority.loopback(H2), move |request, answer| {
        let (waiting, gate) = (Arc::clone(&waiting), passed.clone());
        async move {
            if waiting.fetch_add(1, Ordering::SeqCst) + 1 == CALLS {
                (0..CALLS).for_each(|_| gate.open());
            }
            gate.wait().await;
            respond(request, answer, 200, "together").await;
        }
    })
    .await;
    let gateway = Gateway::start(document(&vendor));
    let calls = (0..CALLS).map(|_| gateway.call(Call::post("/vendor/items", "x")));
    for answer in join_all(calls).await {
        answer.assert_vendor(200, 1);
    }
    assert_eq!((vendor.secured(), vendor.requests().len()), (1, CALLS));
    finish(gateway, &vendor, 1).await;
}

#[tokio::test]
async fn calls_above_the_vendors_bound_on_streams_get_further_connections() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    // No answer is given before all are asked, so no call may wait for another one.
    let (waiting, gate) = (Arc::new(AtomicUsize::new(0)), Gate::new());
    let (most, passed) = (Arc::new(AtomicUsize::new(0)), gate.clone());
    let seen = Arc::clone(&most);
    let vendor = TlsVendor::start(authority.loopback(H2), move |stream, notes| {
        let (waiting, gate) = (Arc::clone(&waiting), passed.clone());
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::clone(&seen));
        async move {
            let mut builder = h2::server::Builder::new();
            builder.max_concurrent_streams(5);
            let mut connection = builder.handshake::<_, Bytes>(stream).await.unwrap();
            while let Some(Ok((request, answer))) = connection.accept().await {
                notes.request(&request);
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                if waiting.fetch_add(1, Ordering::SeqCst) + 1 == CALLS {
                    (0..CALLS).for_each(|_| gate.open());
                }
                let (now, gate) = (Arc::clone(&now), gate.clone());
                tokio::spawn(async move {
                    gate.wait().await;
                    respond(request, answer, 200, "beside each other").await;
                    now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        }
    })
    .await;
    let gateway = Gateway::start(document(&vendor));
    let calls = (0..CALLS).map(|_| gateway.call(Call::post("/vendor/items", "x")));
    for answer in join_all(calls).await {
        answer.assert_vendor(200, 1);
    }
    assert_eq!(vendor.requests().len(), CALLS);
    assert!(most.load(Ordering::SeqCst) <= 5);
    let connections = vendor.secured();
    assert!((13..=20).contains(&connections), "{connections}");
    finish(gateway, &vendor, connections).await;
}

/// A vendor that refuses the streams of some requests, by their number, and answers the others.
async fn refusing(authority: &Authority, status: u16, is_refused: fn(usize) -> bool) -> TlsVendor {
    let count = Arc::new(AtomicUsize::new(0));
    TlsVendor::http2(authority.loopback(H2), move |request, mut answer| {
        let refused = is_refused(count.fetch_add(1, Ordering::SeqCst));
        async move {
            if refused {
                answer.send_reset(Reason::REFUSED_STREAM);
            } else {
                respond(request, answer, status, "taken").await;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_refused_stream_is_retried_for_a_post_too() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = refusing(&authority, 201, |number| number == 0).await;
    let gateway = Gateway::start(document(&vendor).retries(2, "5ms"));
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_vendor(201, 2);
    assert_eq!((vendor.secured(), vendor.requests().len()), (1, 2));
    finish(gateway, &vendor, 1).await;
}

/// A vendor that closes its connections after a number of requests, as stock servers do, says of
/// those that come too late that it did not process them.
#[tokio::test]
async fn what_a_connection_did_not_process_is_sent_again_without_retries() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = refusing(&authority, 200, |number| number.is_multiple_of(2)).await;
    let gateway = Gateway::start(document(&vendor));
    for _ in 0..3 {
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer.assert_vendor(200, 2);
    }
    // Nothing of its body was kept, so it cannot be sent again.
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_problem(&Problem {
        sent: "not_processed",
        retry_safe: true,
        attempts: 1,
        ..CLOSED
    });
    assert_eq!(vendor.requests().len(), 7);
    finish(gateway, &vendor, 1).await;
}

#[tokio::test]
async fn a_stream_that_is_always_refused_says_that_nothing_was_processed() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = TlsVendor::http2(authority.loopback(H2), |_, mut answer| async move {
        answer.send_reset(Reason::REFUSED_STREAM);
    })
    .await;
    let gateway = Gateway::start(document(&vendor).retries(1, "5ms"));
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_problem(&Problem {
        sent: "not_processed",
        retry_safe: true,
        // At once, and then as the document asks.
        attempts: 3,
        ..CLOSED
    });
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"network\""], 1)
        .await;
    finish(gateway, &vendor, 1).await;
}

#[tokio::test]
async fn a_stream_that_is_reset_for_another_reason_is_not_retried_for_a_post() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    for reason in [Reason::INTERNAL_ERROR, Reason::CANCEL, Reason::NO_ERROR] {
        let vendor = TlsVendor::http2(authority.loopback(H2), move |_, mut answer| async move {
            answer.send_reset(reason);
        })
        .await;
        let gateway = Gateway::start(document(&vendor).retries(2, "5ms"));
        let answer = gateway.call(Call::post("/vendor/items", "once")).await;
        answer.assert_problem(&CLOSED);
        assert_eq!(vendor.requests().len(), 1);
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer.assert_problem(&Problem {
            retry_safe: true,
            attempts: 3,
            ..CLOSED
        });
        assert_eq!(vendor.requests().len(), 4);
        finish(gateway, &vendor, 1).await;
    }
}

/// One frame of HTTP/2 (RFC 9113, 4.1).
struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
}

async fn read_frame(stream: &mut Secured) -> Option<Frame> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.ok()?;
    let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
    let mut payload = vec![0; length.try_into().unwrap()];
    stream.read_exact(&mut payload).await.ok()?;
    Some(Frame {
        kind: head[3],
        flags: head[4],
        stream: u32::from_be_bytes([head[5], head[6], head[7], head[8]]),
    })
}

/// Speaks just enough HTTP/2 to answer the first request with a GOAWAY that says up to which
/// stream requests were processed, and closes.
async fn goes_away(mut stream: Secured, notes: Notes, last_processed: u32) {
    const SETTINGS: u8 = 4;
    const HEADERS: u8 = 1;
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await.unwrap();
    stream
        .write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    while let Some(frame) = read_frame(&mut stream).await {
        if frame.kind == SETTINGS && frame.flags & 1 == 0 {
            stream
                .write_all(&[0, 0, 0, SETTINGS, 1, 0, 0, 0, 0])
                .await
                .unwrap();
        }
        if frame.kind == HEADERS {
            assert_eq!(frame.stream, 1);
            notes.request(&http::Request::new(()));
            let mut goaway = vec![0, 0, 8, 7, 0, 0, 0, 0, 0];
            goaway.extend(last_processed.to_be_bytes());
            goaway.extend([0; 4]);
            stream.write_all(&goaway).await.unwrap();
            stream.shutdown().await.unwrap();
        }
    }
}

/// Makes one POST to a vendor whose first connection goes away like this.
async fn post_to_one_that_goes_away(last_processed: u32) -> Option<(Answer, usize)> {
    let authority = Authority::trusted()?;
    let vendor = TlsVendor::start(authority.loopback(H2), move |stream, notes| async move {
        if notes.connection == 0 {
            goes_away(stream, notes, last_processed).await;
        } else {
            serve_http2(stream, notes, |request, answer| {
                respond(request, answer, 201, "created")
            })
            .await;
        }
    })
    .await;
    let gateway = Gateway::start(document(&vendor).retries(2, "5ms"));
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    let count = vendor.requests().len();
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
    Some((answer, count))
}

#[tokio::test]
async fn a_goaway_that_leaves_the_request_out_is_retried_for_a_post_too() {
    if let Some((answer, count)) = post_to_one_that_goes_away(0).await {
        answer.assert_vendor(201, 2);
        assert_eq!(count, 2);
    }
}

#[tokio::test]
async fn a_goaway_without_an_error_is_told_as_what_it_is() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = TlsVendor::start(authority.loopback(H2), |stream, notes| {
        goes_away(stream, notes, 0)
    })
    .await;
    let gateway = Gateway::start(document(&vendor));
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_problem(&Problem {
        sent: "not_processed",
        retry_safe: true,
        ..CLOSED
    });
    let detail = answer.detail();
    let told = "the vendor closed it in order before it took the request";
    assert!(detail.contains(told), "{detail}");
    assert!(!detail.contains("error"), "{detail}");
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

#[tokio::test]
async fn a_goaway_that_takes_the_request_in_is_not_retried_for_a_post() {
    if let Some((answer, count)) = post_to_one_that_goes_away(1).await {
        answer.assert_problem(&CLOSED);
        assert_eq!(count, 1);
    }
}

#[tokio::test]
async fn a_graceful_goaway_lets_calls_finish_and_new_ones_go_elsewhere() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let (leave, gate) = (Gate::new(), Gate::new());
    let (leaves, passed) = (leave.clone(), gate.clone());
    let vendor = TlsVendor::start(authority.loopback(H2), move |stream, notes| {
        let (leave, gate) = (leaves.clone(), passed.clone());
        async move {
            if notes.connection > 0 {
                let fine = |request, answer| respond(request, answer, 200, "new");
                return serve_http2(stream, notes, fine).await;
            }
            let mut connection = h2::server::handshake(stream).await.unwrap();
            let (request, answer) = connection.accept().await.unwrap().unwrap();
            notes.request(&request);
            tokio::spawn(async move {
                gate.wait().await;
                respond(request, answer, 200, "old").await;
            });
            tokio::select! {
                () = leave.wait() => connection.graceful_shutdown(),
                _ = connection.accept() => {}
            }
            while connection.accept().await.is_some() {}
        }
    })
    .await;
    let gateway = Gateway::start(document(&vendor));
    let old = gateway.call(Call::post("/vendor/items", "x"));
    let new = async {
        eventually("the first request", || {
            let count = vendor.requests().len();
            (count == 1).then_some(()).ok_or(count)
        })
        .await;
        leave.open();
        // The connection is left alone once the GOAWAY has been seen.
        crate::support::eventually_async("a second connection", async || {
            let call = Call::post("/vendor/items", "x").header("wharf-timeout", "100ms");
            let answer = gateway.call(call).await;
            if answer.text() == "new" {
                Ok(())
            } else {
                Err(answer)
            }
        })
        .await;
        gate.open();
    };
    let (answer, ()) = tokio::join!(old, new);
    answer.assert_vendor(200, 1);
    assert_eq!(answer.text(), "old");
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

#[tokio::test]
async fn events_flow_over_http2_and_a_caller_that_leaves_ends_its_stream_only() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let (gate, reset) = (Gate::new(), Gate::new());
    let (passed, ended) = (gate.clone(), reset.clone());
    let vendor = TlsVendor::http2(authority.loopback(H2), move |request, mut answer| {
        let (gate, reset) = (passed.clone(), ended.clone());
        async move {
            if request.uri().path() != "/events" {
                return respond(request, answer, 200, "beside it").await;
            }
            let mut stream = answer.send_response(Response::new(()), false).unwrap();
            for number in 0..2 {
                gate.wait().await;
                let event = Bytes::from(format!("data: {number}\n\n"));
                stream.send_data(event, false).unwrap();
            }
            let reason = std::future::poll_fn(|cx| stream.poll_reset(cx)).await;
            assert_eq!(reason.unwrap(), Reason::CANCEL);
            reset.open();
        }
    })
    .await;
    let gateway = Gateway::start(document(&vendor));
    let mut open = gateway.open(Call::get("/vendor/events")).await;
    for number in 0..2 {
        gate.open();
        assert_eq!(open.next_text().await, format!("data: {number}\n\n"));
    }
    drop(open);
    tokio::time::timeout(Duration::from_secs(10), reset.wait())
        .await
        .unwrap();
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 1);
    assert_eq!(vendor.secured(), 1);
    finish(gateway, &vendor, 1).await;
}

#[tokio::test]
async fn a_stream_that_is_reset_in_the_middle_of_an_answer_is_cut() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    for reason in [Reason::NO_ERROR, Reason::CANCEL, Reason::INTERNAL_ERROR] {
        let gate = Gate::new();
        let passed = gate.clone();
        let vendor = TlsVendor::http2(authority.loopback(H2), move |_, mut answer| {
            let gate = passed.clone();
            async move {
                let mut stream = answer.send_response(Response::new(()), false).unwrap();
                stream
                    .send_data(Bytes::from_static(b"half"), false)
                    .unwrap();
                gate.wait().await;
                stream.send_reset(reason);
            }
        })
        .await;
        let gateway = Gateway::start(document(&vendor));
        let mut open = gateway.open(Call::get("/vendor/items")).await;
        assert_eq!(open.next_text().await, "half");
        gate.open();
        assert!(
            open.next().await.is_some_and(|piece| piece.is_err()),
            "it looks whole"
        );
        drop(open);
        gateway
            .until_metric("wharf_calls_total", &["outcome=\"vendor\""], 1)
            .await;
        finish(gateway, &vendor, 1).await;
    }
}

#[tokio::test]
async fn half_an_answer_over_http2_is_no_answer() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = TlsVendor::http2(authority.loopback(H2), |_, mut answer| async move {
        let mut head = Response::new(());
        head.headers_mut().insert("content-length", 100.into());
        let mut stream = answer.send_response(head, false).unwrap();
        stream.send_data(Bytes::from_static(b"half"), true).unwrap();
    })
    .await;
    let gateway = Gateway::start(document(&vendor).retries(1, "5ms"));
    let truncated = Problem {
        code: "vendor_truncated",
        fault: "vendor",
        ..CLOSED
    };
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_problem(&truncated);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_problem(&Problem {
        attempts: 2,
        retry_safe: true,
        ..truncated
    });
    assert_eq!(vendor.requests().len(), 3);
    finish(gateway, &vendor, 1).await;
}

#[tokio::test]
async fn a_call_that_times_out_leaves_the_http2_connection_to_others() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = TlsVendor::http2(authority.loopback(H2), |request, answer| async move {
        if request.uri().path() == "/slow" {
            std::future::pending::<()>().await;
        }
        respond(request, answer, 200, "quick").await;
    })
    .await;
    let gateway = Gateway::start(document(&vendor).timeout("1s"));
    let answer = gateway.call(Call::post("/vendor/slow", "once")).await;
    answer.assert_problem(&Problem {
        status: 504,
        code: "attempt_timeout",
        fault: "vendor",
        ..CLOSED
    });
    // Calls may go elsewhere until the connection has answered a ping.
    crate::support::eventually_async("a call over the first connection", async || {
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer.assert_vendor(200, 1);
        let (connection, _) = vendor.requests().pop().unwrap();
        (connection == 0).then_some(()).ok_or(connection)
    })
    .await;
    let connections = vendor.secured();
    assert!(connections <= 2, "{connections}");
    finish(gateway, &vendor, connections).await;
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let Some(_trusted) = Authority::trusted() else {
        return;
    };
    let vendor = TlsVendor::start(Authority::new("another").loopback(H2), serve_http1).await;
    let gateway = Gateway::start(document(&vendor).retries(1, "5ms"));
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_problem(&Problem {
        attempts: 2,
        ..UNREACHABLE
    });
    let detail = answer.detail();
    assert!(
        detail.contains("TLS") && detail.contains("UnknownIssuer"),
        "{detail}"
    );
    assert_eq!(vendor.requests().len(), 0);
    finish(gateway, &vendor, 0).await;
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let config = authority.server(&["other.test", "localhost"], H2);
    let vendor =
        TlsVendor::http2(config, |request, answer| respond(request, answer, 200, "x")).await;
    let gateway = Gateway::start(document(&vendor));
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_problem(&UNREACHABLE);
    let detail = answer.detail();
    assert!(
        detail.contains("certificate") && detail.contains("127.0.0.1"),
        "{detail}"
    );
    assert_eq!(vendor.secured(), 0);
    // The same vendor under the name that stands in its certificate.
    let named = Document::with_endpoint(&format!("https://localhost:{}", vendor.port()));
    gateway.replace(&named).await;
    gateway
        .call(Call::post("/vendor/items", "once"))
        .await
        .assert_vendor(200, 1);
    finish(gateway, &vendor, 1).await;
}

#[tokio::test]
async fn a_vendor_without_tls_is_unreachable_behind_https() {
    let Some(_authority) = Authority::trusted() else {
        return;
    };
    let vendor = crate::support::vendor::Vendor::start(|mut connection| async move {
        connection.send("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    })
    .await;
    let endpoint = format!("https://{}", vendor.address());
    let gateway = Gateway::start(Document::with_endpoint(&endpoint));
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_problem(&UNREACHABLE);
    assert!(answer.detail().contains("TLS"), "{}", answer.detail());
    gateway.finish(&vendor, 0).await;
}

// rustls/webpki#205, seanmonstar/reqwest#1554
#[tokio::test]
async fn an_authoritys_own_certificate_is_refused_with_a_remedy() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = TlsVendor::start(authority.as_server(), serve_http1).await;
    let gateway = Gateway::start(document(&vendor));
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_problem(&UNREACHABLE);
    let detail = answer.detail();
    assert!(detail.contains("CA:FALSE"), "{detail}");
    finish(gateway, &vendor, 0).await;
}

#[test]
fn a_named_file_of_certificates_that_is_not_there_is_told_of() {
    let nowhere = [
        ("SSL_CERT_FILE", "/nowhere/authorities.pem"),
        ("SSL_CERT_DIR", "/nowhere"),
    ];
    if crate::support::child::runs_elsewhere(&nowhere) {
        return;
    }
    let connector = wharf_net::Connector::new();
    let unreadable = connector.unreadable_certificates().join("; ");
    assert!(
        unreadable.contains("/nowhere/authorities.pem"),
        "{unreadable}"
    );
    let error = connector.trust_error().unwrap().to_string();
    assert!(error.contains("SSL_CERT_FILE"), "{error}");
}
