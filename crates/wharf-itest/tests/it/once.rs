//! A POST without an idempotency key is never sent twice once any byte of it was written.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Method;

use crate::support::caller::{Call, KeptConnection, Problem};
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup};
use crate::support::vendor::{CHUNKED, Connection, Next, Vendor, answer, chunk, ok};

/// Everything in the document asks for retries; that the request may have been processed weighs
/// more.
fn eager(vendor: &Vendor) -> Document {
    Document::at(vendor.address())
        .retries(3, "5ms")
        .retry_on(&[429, 500, 503])
        .error("5xx", "Backoff + Retry")
}

const MAYBE: Problem = Problem {
    status: 502,
    code: "vendor_closed",
    fault: "network",
    sent: "maybe",
    retry_safe: false,
    attempts: 1,
};

const BODY: &str = "{\"amount\": 100, \"currency\": \"eur\"}";

/// Sends one POST to a vendor that fails like this; it comes once and its caller is told.
async fn assert_once<Running>(
    failure: impl Fn(Connection) -> Running + Send + 'static,
    expected: Problem,
) where
    Running: Future<Output = ()> + Send + 'static,
{
    let vendor = Vendor::start(failure).await;
    let document = match expected.status {
        504 => eager(&vendor).timeout("500ms"),
        _ => eager(&vendor),
    };
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::post("/vendor/items", BODY)).await;
    answer
        .assert_problem(&expected)
        .assert_within(Duration::ZERO, Duration::from_secs(5));
    gateway.finish(&vendor, 0).await;
    assert_eq!(vendor.accepted(), 1);
    assert_eq!(vendor.count(), 1);
}

#[tokio::test]
async fn a_reset_after_the_head_is_not_retried() {
    let failure = |mut connection: Connection| async move {
        connection.head().await;
        connection.reset();
    };
    assert_once(failure, MAYBE).await;
}

#[tokio::test]
async fn a_close_after_the_head_is_not_retried() {
    let failure = |mut connection: Connection| async move {
        connection.head().await;
    };
    assert_once(failure, MAYBE).await;
}

#[tokio::test]
async fn a_reset_within_the_request_body_is_not_retried() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.head().await;
        connection.chunks(1).await;
        connection.reset();
    })
    .await;
    let gateway = Gateway::start(eager(&vendor));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    body.send_data(Bytes::from_static(b"half")).await.unwrap();
    let answer = gateway.call(call).await;
    answer.assert_problem(&MAYBE);
    assert_eq!(vendor.only_request().body, b"half");
    drop(body);
    gateway.finish(&vendor, 0).await;
    assert_eq!(vendor.accepted(), 1);
}

#[tokio::test]
async fn a_reset_instead_of_the_answer_is_not_retried() {
    let failure = |mut connection: Connection| async move {
        connection.request().await;
        connection.reset();
    };
    assert_once(failure, MAYBE).await;
}

#[tokio::test]
async fn a_close_instead_of_the_answer_is_not_retried() {
    let failure = |mut connection: Connection| async move {
        connection.request().await;
    };
    assert_once(failure, MAYBE).await;
}

#[tokio::test]
async fn silence_instead_of_the_answer_is_not_retried() {
    let expected = Problem {
        status: 504,
        code: "attempt_timeout",
        fault: "vendor",
        ..MAYBE
    };
    let failure = |mut connection: Connection| async move {
        connection.request().await;
        connection.until_closed().await;
    };
    assert_once(failure, expected).await;
}

#[tokio::test]
async fn nonsense_instead_of_the_answer_is_not_retried() {
    let failure = |mut connection: Connection| async move {
        connection.request().await;
        connection.send("nonsense\r\n\r\n").await;
    };
    let expected = Problem {
        code: "vendor_invalid",
        fault: "vendor",
        ..MAYBE
    };
    assert_once(failure, expected).await;
}

#[tokio::test]
async fn half_an_answer_is_not_retried() {
    let expected = Problem {
        code: "vendor_truncated",
        fault: "vendor",
        ..MAYBE
    };
    for half in [
        "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nhalf".to_owned(),
        format!("{CHUNKED}nonsense\r\n"),
    ] {
        let failure = move |mut connection: Connection| {
            let half = half.clone();
            async move {
                connection.request().await;
                connection.send(half).await;
            }
        };
        assert_once(failure, expected).await;
    }
}

#[tokio::test]
async fn half_a_flowing_answer_is_cut_and_not_retried() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        connection.send(format!("{CHUNKED}{}", chunk("half"))).await;
    })
    .await;
    let gateway = Gateway::start(eager(&vendor));
    let answer = gateway.call(Call::post("/vendor/items", BODY)).await;
    assert!(answer.broke_off, "{answer:#?}");
    gateway.finish(&vendor, 0).await;
    assert_eq!(vendor.count(), 1);
}

#[tokio::test]
async fn statuses_that_ask_for_a_retry_are_returned() {
    for status in [429, 500, 503] {
        let vendor = Vendor::answering(move |_, _| answer(status, &[], "later")).await;
        let gateway = Gateway::start(eager(&vendor));
        let answer = gateway.call(Call::post("/vendor/items", BODY)).await;
        answer.assert_vendor(status, 1);
        gateway.finish(&vendor, 1).await;
        assert_eq!(vendor.count(), 1);
    }
}

#[tokio::test]
async fn a_method_nobody_knows_is_not_retried() {
    let vendor = Vendor::answering(|_, _| answer(503, &[], "later")).await;
    let gateway = Gateway::start(eager(&vendor));
    for (method, attempts) in [("PATCH", 1), ("CHARGE", 1), ("PUT", 4), ("DELETE", 4)] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = gateway
            .call(Call::new(method.clone(), "/vendor/items").body(BODY))
            .await;
        assert_eq!(
            answer.header("wharf-attempts"),
            Some(attempts.to_string().as_str()),
            "{method}"
        );
    }
    gateway.finish(&vendor, 1).await;
}

/// A vendor that keeps connections open and closes them at random moments: at rest, after the
/// first bytes of a request, and instead of an answer. What was on its way to a connection that it
/// closed is read and counted all the same.
async fn restless_vendor() -> Vendor {
    Vendor::start(|mut connection| async move {
        loop {
            if fastrand::u8(0..16) == 0 {
                return connection.close_after_head().await;
            }
            let patience = Duration::from_micros(fastrand::u64(0..3_000));
            match connection.next_within(patience).await {
                Next::Request => connection.send(ok("done")).await,
                Next::Closed => return,
                // At rest, most likely at the very moment of the next use.
                Next::Nothing if fastrand::u8(0..4) == 0 => return connection.reset(),
                Next::Nothing => return connection.close_and_drain().await,
            };
        }
    })
    .await
}

#[tokio::test]
async fn connections_that_close_at_the_moment_of_reuse_send_nothing_twice() {
    const CALLERS: usize = 4;
    const CALLS: usize = 150;
    let vendor = restless_vendor().await;
    let gateway = Arc::new(Setup::of(eager(&vendor)).workers(2).start());
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let gateway = Arc::clone(&gateway);
            tokio::spawn(async move {
                let stream = gateway.connect().await;
                let mut connection = KeptConnection::new(stream, gateway.address()).await;
                let mut told = HashMap::new();
                for number in 0..CALLS {
                    let id = format!("{caller}-{number}");
                    let call = Call::post("/vendor/items", BODY).header("x-id", &id);
                    told.insert(id, connection.call(call).await);
                }
                told
            })
        })
        .collect();
    let mut told = HashMap::new();
    for caller in callers {
        told.extend(caller.await.unwrap());
    }
    let mut came: HashMap<String, usize> = HashMap::new();
    for request in vendor.requests() {
        *came.entry(request.header("x-id").unwrap()).or_default() += 1;
    }
    let mut done = 0;
    for (id, answer) in &told {
        let count = came.get(id).copied().unwrap_or_default();
        assert!(count <= 1, "{id} came {count} times: {answer:#?}");
        if answer.status == 200 {
            assert_eq!(count, 1, "{id}");
            done += 1;
        } else {
            answer.assert_problem(&Problem {
                attempts: answer.problem()["attempts"]
                    .as_u64()
                    .unwrap()
                    .try_into()
                    .unwrap(),
                ..MAYBE
            });
        }
    }
    let reused = vendor.count() - vendor.accepted().min(vendor.count());
    assert!(
        reused > CALLS / 4,
        "only {reused} requests on a used connection"
    );
    assert!(done > CALLERS * CALLS / 4, "only {done} calls went well");
    assert!(done < CALLERS * CALLS, "the vendor never closed in time");
    let gateway = Arc::into_inner(gateway).unwrap();
    gateway.until_metric("wharf_calls_in_flight", &[], 0).await;
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

#[tokio::test]
async fn a_connection_closed_at_rest_is_replaced_for_a_post_too() {
    let closing = Arc::new(AtomicBool::new(true));
    let close = Arc::clone(&closing);
    let vendor = Vendor::start(move |mut connection| {
        let close = Arc::clone(&close);
        async move {
            while connection.request().await.is_some() {
                connection.send(ok("done")).await;
                if close.load(Ordering::SeqCst) {
                    return;
                }
            }
        }
    })
    .await;
    let gateway = Gateway::start(eager(&vendor).retries(0, "5ms"));
    for number in 1..=20 {
        let answer = gateway.call(Call::post("/vendor/items", BODY)).await;
        answer.assert_vendor(200, 1);
        assert_eq!(vendor.count(), number);
        vendor.until_open(0).await;
    }
    closing.store(false, Ordering::SeqCst);
    let answer = gateway.call(Call::post("/vendor/items", BODY)).await;
    answer.assert_vendor(200, 1);
    gateway.finish(&vendor, 1).await;
}
