//! Answers that come before the request is sent, and heads at their bounds.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response};

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::gateway::Gateway;
use crate::support::tls::{Authority, TlsVendor};
use crate::support::vendor::{Vendor, answer};

/// What a vendor that refuses has not read when it closes.
const PIECES: usize = 32;

// villadora/express-http-proxy#546, psf/requests#2422
#[tokio::test]
async fn an_answer_that_comes_before_the_body_is_sent_is_passed_on() {
    for round in 0..6 {
        let vendor = Vendor::start(|mut connection| async move {
            if connection.head().await.is_some() {
                let close = [("Connection", "close")];
                connection.send(answer(413, &close, "too much")).await;
            }
        })
        .await;
        let gateway = Gateway::start(Document::at(vendor.address()));
        let (call, mut body) = Call::new(Method::PUT, "/vendor/items").streamed();
        let sending = async move {
            for _ in 0..PIECES {
                if body.send_data(vec![b'x'; 256 * 1024].into()).await.is_err() {
                    break;
                }
            }
            body
        };
        let (answer, _body) = tokio::join!(gateway.call(call), sending);
        answer.assert_vendor(413, 1);
        assert_eq!(answer.text(), "too much", "round {round}");
        gateway.finish(&vendor, 0).await;
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_during_the_body_may_have_been_read() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.head().await;
        connection.body_bytes(1).await;
        connection.reset();
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let body = vec![b'x'; 8 << 20];
    let answer = gateway.call(Call::post("/vendor/items", body)).await;
    answer.assert_problem(&Problem {
        status: 502,
        code: "vendor_closed",
        fault: "network",
        sent: "maybe",
        retry_safe: false,
        attempts: 1,
    });
    gateway.finish(&vendor, 0).await;
}

const TOO_LARGE: Problem = Problem {
    status: 502,
    code: "vendor_invalid",
    fault: "vendor",
    sent: "maybe",
    retry_safe: true,
    attempts: 1,
};

/// Numbers of headers and the bytes of each, and whether such a head is taken.
const HEADS: [(usize, usize, bool); 4] = [
    (250, 10, true),
    (16, 15 * 1024, true),
    (258, 10, false),
    (18, 16 * 1024, false),
];

// hyperium/hyper#3622, seanmonstar/reqwest#2465, seanmonstar/reqwest#3065, hyperium/hyper#3283
#[tokio::test]
async fn heads_have_one_bound_over_http1() {
    for (headers, bytes, taken) in HEADS {
        let mut head = String::from("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n");
        for number in 0..headers {
            let _ = write!(head, "x-{number}: {}\r\n", "v".repeat(bytes));
        }
        head.push_str("\r\n");
        let vendor = Vendor::answering(move |_, _| head.clone().into_bytes()).await;
        let gateway = Gateway::start(Document::at(vendor.address()).retries(1, "5ms"));
        assert_head(&gateway, headers, taken).await;
    }
}

#[tokio::test]
async fn heads_have_the_same_bound_over_http2() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    for (headers, bytes, taken) in HEADS {
        let config = authority.loopback(&["h2"]);
        let vendor = TlsVendor::http2(config, move |_, mut answer| async move {
            let mut head = Response::new(());
            for number in 0..headers {
                let name = HeaderName::try_from(format!("x-{number}")).unwrap();
                let value = HeaderValue::try_from("v".repeat(bytes)).unwrap();
                head.headers_mut().insert(name, value);
            }
            let mut stream = answer.send_response(head, false).unwrap();
            let _ = stream.send_data(Bytes::new(), true);
        })
        .await;
        let document = Document::with_endpoint(&vendor.endpoint()).retries(1, "5ms");
        let gateway = Gateway::start(document);
        assert_head(&gateway, headers, taken).await;
    }
}

async fn assert_head(gateway: &Gateway, headers: usize, taken: bool) {
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    if taken {
        answer.assert_vendor(200, 1);
        let last = format!("x-{}", headers - 1);
        assert!(answer.header(&last).is_some());
    } else {
        answer.assert_problem(&Problem {
            retry_safe: false,
            ..TOO_LARGE
        });
        let detail = answer.detail();
        assert!(detail.contains("256 headers and 256 KiB"), "{detail}");
    }
}

// hyperium/hyper#2083, hyperium/hyper#2569
#[tokio::test]
async fn a_malformed_header_line_is_named() {
    let bad = "HTTP/1.1 200 OK\r\nX-F(oo): 1\r\nContent-Length: 0\r\n\r\n";
    let vendor = Vendor::answering(move |_, _| bad.into()).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_problem(&TOO_LARGE);
    let detail = answer.detail();
    assert!(detail.contains("invalid HTTP header"), "{detail}");
}
