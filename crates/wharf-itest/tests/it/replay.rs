//! What makes a POST safe to repeat, and that a repeat is the same to the last byte.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::gateway::Gateway;
use crate::support::vendor::{Connection, Vendor, answer, ok};

fn document(vendor: &Vendor) -> Document {
    Document::at(vendor.address())
        .setting("idempotency_header", "Idempotency-Key")
        .retries(2, "5ms")
}

/// A vendor that answers 503 to the first two requests.
async fn twice_down() -> Vendor {
    Vendor::answering(|number, _| match number {
        0 | 1 => answer(503, &[], "down"),
        _ => ok("up"),
    })
    .await
}

fn keyed(body: impl Into<Bytes>) -> Call {
    Call::post("/vendor/items", body).header("idempotency-key", "order-7")
}

#[tokio::test]
async fn an_idempotency_key_makes_a_post_repeatable() {
    let vendor = twice_down().await;
    let gateway = Gateway::start(document(&vendor));
    let answer = gateway.call(keyed("the body")).await;
    answer.assert_vendor(200, 3);
    let requests = vendor.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!(request.body, b"the body");
        assert_eq!(request.header("idempotency-key").unwrap(), "order-7");
        assert_eq!(request.header("content-length").unwrap(), "8");
    }
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_key_that_the_vendor_does_not_honour_changes_nothing() {
    let vendor = twice_down().await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(2, "5ms"));
    let answer = gateway.call(keyed("the body")).await;
    answer.assert_vendor(503, 1);
    gateway.finish(&vendor, 1).await;
}

fn paypal(vendor: &Vendor) -> Document {
    Document::at(vendor.address()).retries(2, "5ms").operation(
        "Pay",
        "POST, PUT",
        "/pay",
        "with PayPal-Request-Id",
    )
}

// PayPal keeps request ids for some operations only.
#[tokio::test]
async fn a_key_that_one_operation_honours_makes_that_one_repeatable() {
    for (path, attempts) in [("/vendor/pay", 3), ("/vendor/items", 1)] {
        let vendor = twice_down().await;
        let gateway = Gateway::start(paypal(&vendor));
        let call = Call::post(path, "the body").header("paypal-request-id", "order-7");
        let answer = gateway.call(call).await;
        let status = if attempts == 3 { 200 } else { 503 };
        answer.assert_vendor(status, attempts);
        gateway.finish(&vendor, 1).await;
        let bare = Call::post(path, "the body");
        let vendor = twice_down().await;
        let gateway = Gateway::start(paypal(&vendor));
        gateway.call(bare).await.assert_vendor(503, 1);
        gateway.finish(&vendor, 1).await;
    }
}

#[tokio::test]
async fn an_operation_marked_idempotent_is_repeated() {
    let vendor = twice_down().await;
    let gateway = Gateway::start(document(&vendor));
    let answer = gateway
        .call(Call::post("/vendor/safe-items", "the body"))
        .await;
    answer.assert_vendor(200, 3);
    assert!(
        vendor
            .requests()
            .iter()
            .all(|request| request.body == b"the body")
    );
    gateway.finish(&vendor, 1).await;
}

/// How a vendor fails the first attempt of a call, and the second is fine.
async fn fails_first<Running>(failure: impl Fn(Connection) -> Running + Send + 'static) -> Vendor
where
    Running: Future<Output = ()> + Send + 'static,
{
    let script = move |connection: Connection| -> Pin<Box<dyn Future<Output = ()> + Send>> {
        match connection.number() {
            0 => Box::pin(failure(connection)),
            _ => Box::pin(connection.serve()),
        }
    };
    Vendor::start(script).await
}

/// A keyed POST whose body comes in pieces reaches the second attempt whole.
async fn assert_replayed<Running>(
    timeout: &str,
    failure: impl Fn(Connection) -> Running + Send + 'static,
) where
    Running: Future<Output = ()> + Send + 'static,
{
    let vendor = fails_first(failure).await;
    let gateway = Gateway::start(document(&vendor).timeout(timeout));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items")
        .header("idempotency-key", "order-8")
        .header("trailer", "X-Checksum")
        .streamed();
    let pieces = ["first, ", "second, ", "third"];
    let sending = async move {
        for piece in pieces {
            // A vendor that broke off early ends the first attempt, never the sending.
            body.send_data(Bytes::from_static(piece.as_bytes()))
                .await
                .unwrap();
        }
        let checksum = (
            HeaderName::from_static("x-checksum"),
            HeaderValue::from_static("abc"),
        );
        body.send_trailers(HeaderMap::from_iter([checksum]))
            .await
            .unwrap();
    };
    let (answer, ()) = tokio::join!(gateway.call(call), sending);
    answer.assert_vendor(200, 2);
    let requests = vendor.requests();
    assert_eq!(requests.len(), 2);
    let last = requests.last().unwrap();
    assert_eq!(last.body, pieces.concat().as_bytes());
    assert_eq!(last.trailers.to_lowercase(), "x-checksum: abc\r\n");
    assert_eq!(last.header("idempotency-key").unwrap(), "order-8");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_streamed_body_is_sent_again_after_a_reset_at_its_head() {
    assert_replayed("10s", |mut connection: Connection| async move {
        connection.head().await;
        connection.reset();
    })
    .await;
}

#[tokio::test]
async fn a_streamed_body_is_sent_again_after_a_reset_in_its_middle() {
    assert_replayed("10s", |mut connection: Connection| async move {
        connection.head().await;
        connection.chunks(2).await;
        connection.reset();
    })
    .await;
}

#[tokio::test]
async fn a_streamed_body_is_sent_again_after_its_end() {
    assert_replayed("10s", |mut connection: Connection| async move {
        connection.request().await;
        connection
            .send(answer(503, &[("Connection", "close")], "down"))
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_streamed_body_is_sent_again_after_a_timeout() {
    assert_replayed("1s", |mut connection: Connection| async move {
        connection.head().await;
        connection.chunks(1).await;
        connection.until_closed().await;
    })
    .await;
}

#[tokio::test]
async fn a_large_body_arrives_unchanged_and_is_not_retried() {
    let body: Vec<u8> = (0..5 << 20).map(|_| fastrand::u8(..)).collect();
    for streamed in [false, true] {
        let vendor = twice_down().await;
        let gateway = Gateway::start(document(&vendor));
        let answer = if streamed {
            let (call, mut sender) = keyed("").streamed();
            let sending = async {
                for piece in body.chunks(100_000) {
                    sender
                        .send_data(Bytes::copy_from_slice(piece))
                        .await
                        .unwrap();
                }
                drop(sender);
            };
            tokio::join!(gateway.call(call), sending).0
        } else {
            gateway.call(keyed(body.clone())).await
        };
        answer.assert_vendor(503, 1);
        let request = vendor.only_request();
        assert!(
            request.complete && request.body == body,
            "the body was changed"
        );
        gateway
            .until_metric("wharf_request_body_bytes_total", &[], body.len())
            .await;
        gateway.finish(&vendor, 1).await;
    }
}

#[tokio::test]
async fn a_large_body_that_was_not_read_yet_is_retried() {
    // The first vendor is not there, so nothing of the body was taken from the caller.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    let gateway = Gateway::start(Document::at(address).retries(2, "5ms"));
    let answer = gateway
        .call(Call::post("/vendor/items", vec![b'x'; 2 << 20]))
        .await;
    answer.assert_problem(&Problem {
        status: 502,
        code: "vendor_unreachable",
        fault: "network",
        sent: "nothing",
        retry_safe: true,
        attempts: 3,
    });
    gateway.begin_stop().wait().await;
}

#[tokio::test]
async fn a_body_of_a_megabyte_is_kept_and_one_byte_more_is_not() {
    for (length, attempts) in [(1 << 20, 3), ((1 << 20) + 1, 1)] {
        let vendor = Vendor::answering(|_, _| answer(503, &[], "down")).await;
        let gateway = Gateway::start(document(&vendor));
        let answer = gateway.call(keyed(vec![b'x'; length])).await;
        answer.assert_vendor(503, attempts);
        assert!(
            vendor
                .requests()
                .iter()
                .all(|request| request.body.len() == length)
        );
        gateway.finish(&vendor, 1).await;
    }
}

#[tokio::test]
async fn a_caller_that_breaks_off_its_body_ends_the_call() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        connection.until_closed().await;
    })
    .await;
    let gateway = Gateway::start(document(&vendor));
    let (call, mut body) = keyed("").streamed();
    body.send_data(Bytes::from_static(b"first")).await.unwrap();
    let calling = gateway.call(call);
    tokio::select! {
        answer = calling => panic!("{answer:#?}"),
        () = vendor.until_count(1) => {}
    }
    drop(body);
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"caller\""], 1)
        .await;
    tokio::time::timeout(Duration::from_secs(10), gateway.finish(&vendor, 0))
        .await
        .unwrap();
    let request = vendor.only_request();
    assert!(!request.complete, "the vendor took a part for the whole");
}
