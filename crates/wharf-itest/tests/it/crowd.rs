//! Many calls at once to a vendor that is well, and callers that do not read.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::caller::Call;
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup};
use crate::support::tls::{Authority, Notes, Secured, Streamed, TlsVendor, respond, serve_http2};
use crate::support::until_still;
use crate::support::vendor::{Vendor, ok};

const HANDSHAKE: Duration = Duration::from_millis(200);
/// A vendor computes so long before it answers; sleeps stand for that.
const THINKING: Duration = Duration::from_secs(3);

/// What 40 calls may take together: two handshakes, one answer, and room for a busy machine.
const TOGETHER: Duration = Duration::from_millis(3_800);

async fn assert_all_served(gateway: &Gateway, calls: usize, within: Duration) {
    let started = Instant::now();
    let calls = (0..calls).map(|_| gateway.call(Call::post("/vendor/items", "x")));
    for answer in join_all(calls).await {
        answer.assert_vendor(200, 1);
    }
    let took = started.elapsed();
    assert!(took < within, "{took:?}");
}

/// Answers each head late, over HTTP/1.1.
async fn thinks(mut stream: Secured, notes: Notes) {
    let mut said = Vec::new();
    while stream.read_buf(&mut said).await.is_ok_and(|read| read > 0) {
        if said.ends_with(b"\r\n\r\nx") {
            notes.request(&http::Request::new(()));
            said.clear();
            tokio::time::sleep(THINKING).await;
            let _ = stream.write_all(&ok("well considered")).await;
        }
    }
}

// oven-sh/bun#29766, hyperium/hyper#1485
#[tokio::test]
async fn cold_connections_to_a_vendor_without_http2_are_made_side_by_side() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let config = authority.loopback(&["http/1.1"]);
    let vendor = TlsVendor::slow(config, HANDSHAKE, thinks).await;
    let document = Document::with_endpoint(&vendor.endpoint());
    let gateway = Setup::of(document).workers(2).start();
    assert_all_served(&gateway, 40, TOGETHER).await;
    assert_eq!(vendor.secured(), 40);
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

#[tokio::test]
async fn cold_calls_to_a_vendor_with_http2_share_one_connection_a_worker() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let config = authority.loopback(&["h2", "http/1.1"]);
    let vendor = TlsVendor::slow(config, HANDSHAKE, |stream, notes| {
        serve_http2(stream, notes, |request, answer| async move {
            tokio::time::sleep(THINKING).await;
            respond(request, answer, 200, "well considered").await;
        })
    })
    .await;
    let document = Document::with_endpoint(&vendor.endpoint());
    let gateway = Setup::of(document).workers(2).start();
    assert_all_served(&gateway, 40, TOGETHER).await;
    assert_eq!(vendor.secured(), 2);
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

/// Each call on a connection of its own, as cold clients make them: who finds no place waits, and
/// nobody's place is taken before its request was read.
#[tokio::test]
async fn a_burst_of_new_connections_above_the_bound_is_served_whole() {
    const CALLS: usize = 200;
    let vendor = Vendor::fine().await;
    let gateway = Setup::of(Document::at(vendor.address()))
        .max_connections(16)
        .start();
    let calls = (0..CALLS).map(|_| gateway.call(Call::post("/vendor/items", "x")));
    for answer in join_all(calls).await {
        answer.assert_vendor(200, 1);
    }
    assert_eq!(vendor.count(), CALLS);
    gateway.until_metric("wharf_connections", &[], 0).await;
    gateway.begin_stop().wait().await;
}

/// One machine of many behind one name hangs in TLS: it costs nobody more than the second after
/// which one more connection is made, not even the call that met it.
#[tokio::test]
async fn a_connection_that_hangs_holds_up_neither_its_own_call_nor_the_crowd() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    for (protocol, hanging, calls) in [
        ("http/1.1", 0, 40),
        ("h2", 0, 40),
        ("http/1.1", 0, 1),
        ("h2", 0, 1),
        // What the vendor speaks is known by then.
        ("http/1.1", 1, 2),
    ] {
        let config = authority.loopback(&[protocol]);
        let delay = move |number| Duration::from_secs(if number == hanging { 3_600 } else { 0 });
        let vendor = TlsVendor::delayed(config, delay, move |stream, notes| async move {
            if protocol == "h2" {
                serve_http2(stream, notes, |request, answer| {
                    respond(request, answer, 200, "well considered")
                })
                .await;
            } else {
                thinks(stream, notes).await;
            }
        })
        .await;
        let document = Document::with_endpoint(&vendor.endpoint());
        let document = document.setting("connect_timeout", 8);
        let gateway = Setup::of(document).workers(1).start();
        assert_all_served(&gateway, calls, Duration::from_secs(7)).await;
        gateway.begin_stop().wait().await;
    }
}

#[tokio::test]
async fn calls_above_a_small_bound_on_streams_do_not_wait_until_they_time_out() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let config = authority.loopback(&["h2"]);
    let vendor = TlsVendor::start(config, |stream, notes| async move {
        let mut builder = h2::server::Builder::new();
        builder.max_concurrent_streams(4);
        let mut connection = builder.handshake::<_, Bytes>(stream).await.unwrap();
        while let Some(Ok((request, answer))) = connection.accept().await {
            notes.request(&request);
            tokio::spawn(async move {
                // This stands for a vendor that computes, two calls in the time of one.
                tokio::time::sleep(Duration::from_secs(1)).await;
                respond(request, answer, 200, "in time").await;
            });
        }
    })
    .await;
    let document = Document::with_endpoint(&vendor.endpoint()).timeout("2s");
    let gateway = Setup::of(document).workers(2).start();
    assert_all_served(&gateway, 24, Duration::from_secs(2)).await;
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

/// Gives 50 MB for `/big`, as fast as they are taken, and counts them.
async fn big_or_small(
    request: Streamed,
    mut answer: h2::server::SendResponse<Bytes>,
    given_bytes: Arc<AtomicUsize>,
) {
    if request.uri().path() != "/big" {
        return respond(request, answer, 200, "small").await;
    }
    let mut stream = answer.send_response(Response::new(()), false).unwrap();
    let piece = Bytes::from(vec![b'x'; 16 * 1024]);
    for _ in 0..50 * 64 {
        stream.reserve_capacity(piece.len());
        while stream.capacity() < piece.len() {
            match std::future::poll_fn(|cx| stream.poll_capacity(cx)).await {
                Some(Ok(_)) => {}
                _ => return,
            }
        }
        if stream.send_data(piece.clone(), false).is_err() {
            return;
        }
        given_bytes.fetch_add(piece.len(), Ordering::SeqCst);
    }
}

// hyperium/hyper#2899, linkerd/linkerd2-proxy#400, golang/go#16510
#[tokio::test]
async fn callers_that_do_not_read_hold_up_nobody_else() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let given_bytes = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&given_bytes);
    let vendor = TlsVendor::http2(authority.loopback(&["h2"]), move |request, answer| {
        big_or_small(request, answer, Arc::clone(&counter))
    })
    .await;
    let document = Document::with_endpoint(&vendor.endpoint()).timeout("5s");
    let gateway = Arc::new(Gateway::start(document));
    for readers in [4, 46] {
        let opening = (0..readers).map(|_| gateway.open(Call::get("/vendor/big")));
        let unread = join_all(opening).await;
        // Once nothing moves any more, all windows that can be full are full.
        until_still("the big answers to stand", || {
            given_bytes.load(Ordering::SeqCst)
        })
        .await;
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer
            .assert_vendor(200, 1)
            .assert_within(Duration::ZERO, Duration::from_secs(1));
        assert_eq!(vendor.secured(), 1);
        drop(unread);
    }
}
