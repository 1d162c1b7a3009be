//! Answers that come before the request is sent, and heads at their bounds.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::gateway::{Gateway, LONGEST_CALL, TOKEN};
use crate::support::tls::{Authority, TlsVendor};
use crate::support::vendor::{Vendor, answer};

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
        let said = put_whatever_comes(gateway.connect().await).await;
        assert!(said.starts_with("HTTP/1.1 413"), "round {round}: {said}");
        assert!(said.contains("wharf-source: vendor"), "{said}");
        assert!(said.ends_with("too much"), "{said}");
        gateway.finish(&vendor, 0).await;
    }
}

/// Sends 8 MiB and reads what is answered, at the same time, as curl does; a write that fails
/// does not end the reading.
async fn put_whatever_comes(stream: TcpStream) -> String {
    let (mut reading, mut writing) = stream.into_split();
    let sending = tokio::spawn(async move {
        let head = format!(
            "PUT /vendor/items HTTP/1.1\r\nHost: wharf\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Length: {}\r\n\r\n",
            8 << 20
        );
        let _ = writing.write_all(head.as_bytes()).await;
        let _ = writing.write_all(&vec![b'x'; 8 << 20]).await;
        writing
    });
    let mut said = Vec::new();
    while !said.ends_with(b"too much") {
        match reading.read_buf(&mut said).await {
            Ok(read) if read > 0 => {}
            _ => break,
        }
    }
    sending.abort();
    String::from_utf8(said).unwrap()
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

const TOO_LARGE: Problem = Problem::VENDOR_INVALID;

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

/// Of both directions. More than the buffers between them hold.
const MUCH_BYTES: usize = 24 << 20;

/// A vendor that answers at once with much, while it reads the request with another hand, and a
/// caller that reads its answer when it has sent all: each waits for what only the gateway moves.
#[tokio::test]
async fn an_upload_goes_on_while_nobody_takes_its_early_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let vendor = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (mut reading, mut writing) = stream.into_split();
        // What comes before the request is no answer to it.
        let mut request = Vec::new();
        assert!(reading.read_buf(&mut request).await.unwrap() > 0);
        let answering = tokio::spawn(async move {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {MUCH_BYTES}\r\n\r\n");
            writing.write_all(head.as_bytes()).await.unwrap();
            writing.write_all(&vec![b'v'; MUCH_BYTES]).await.unwrap();
            writing
        });
        while !request.ends_with(b"the end") {
            assert!(reading.read_buf(&mut request).await.unwrap() > 0);
        }
        drop((answering.await.unwrap(), reading));
    });
    let gateway = Gateway::start(Document::at(address));
    let mut caller = gateway.connect().await;
    let exchange = async {
        let head = format!(
            "PUT /vendor/items HTTP/1.1\r\nHost: wharf\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            MUCH_BYTES + 7
        );
        caller.write_all(head.as_bytes()).await.unwrap();
        caller.write_all(&vec![b'c'; MUCH_BYTES]).await.unwrap();
        caller.write_all(b"the end").await.unwrap();
        let mut answer = Vec::new();
        caller.read_to_end(&mut answer).await.unwrap();
        answer
    };
    let answer = tokio::time::timeout(LONGEST_CALL, exchange).await;
    let answer = answer.expect("the upload stands still");
    let shown = String::from_utf8_lossy(&answer[..answer.len().min(500)]);
    assert!(
        answer.starts_with(b"HTTP/1.1 200") && answer.ends_with(b"vvv"),
        "{} bytes: {shown}",
        answer.len()
    );
    assert!(answer.len() > MUCH_BYTES, "{} bytes: {shown}", answer.len());
    vendor.await.unwrap();
}
