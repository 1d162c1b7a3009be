//! A vendor or a caller that means harm reaches no other integration.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use wharf_net::{Client, Connector, Limits, Origin, SendErrorKind};

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup, TOKEN};
use crate::support::raw;
use crate::support::tls::{Authority, Secured, TlsVendor};
use crate::support::vendor::{Vendor, answer};

/// What a call to a vendor beside it may take meanwhile, on a machine that is busy with tests.
const SOON: Duration = Duration::from_secs(2);

// golang/go#65035
#[tokio::test]
async fn interim_answers_without_end_hold_up_no_other_integration() {
    let endless = Vendor::start(|mut connection| async move {
        if connection.request().await.is_some() {
            let interim = "HTTP/1.1 103 \r\n\r\n".repeat(4_096);
            while connection.send(&interim).await {}
        }
    })
    .await;
    let other = Vendor::fine().await;
    let gateway = Setup::of(Document::at(endless.address()).timeout("3s"))
        .and(Document::at(other.address()).id("other"))
        .start();
    let beside = async {
        for _ in 0..20 {
            let answer = gateway.call(Call::get("/other/items")).await;
            answer.assert_vendor(200, 1);
            answer.assert_within(Duration::ZERO, SOON);
        }
    };
    let started = Instant::now();
    let call = || gateway.call(Call::get("/vendor/items"));
    let (first, second, ()) = tokio::join!(call(), call(), beside);
    for answer in [first, second] {
        answer
            .assert_problem(&Problem::VENDOR_INVALID)
            .assert_within(Duration::ZERO, SOON);
    }
    assert!(started.elapsed() < SOON * 4);
    gateway.begin_stop().wait().await;
}

/// Each part is too short to be looked for, and what is sent is not.
#[tokio::test]
async fn a_credential_of_short_parts_that_is_echoed_does_not_come_out() {
    const SAID: [(&str, &str); 5] = [
        ("X-Echo", "you sent Token kid4567:sec+5/7"),
        ("X-Bare", "kid4567:sec+5/7"),
        ("X-Json", r"kid4567:sec+5\/7"),
        ("X-Html", "kid4567:sec&#43;5/7"),
        ("X-Base64", "a2lkNDU2NzpzZWMrNS83"),
    ];
    for method in [
        "- Type: API Key\n- Header: Authorization: Token {kid}:{sec}",
        "- Type: Basic\n- Username: {kid}\n- Password: {sec}",
    ] {
        let vendor = Vendor::answering(|_, _| answer(200, &SAID, "")).await;
        let credentials =
            "production:\n  location: ENV_VARIABLES\n  variables: [VENDOR_KID, VENDOR_SEC]";
        let document = Document::at(vendor.address())
            .method(method)
            .credentials(credentials);
        let gateway = Setup::of(document)
            .variable("VENDOR_KID", "kid4567")
            .variable("VENDOR_SEC", "sec+5/7")
            .start();
        let came = gateway.call(Call::get("/vendor/a")).await;
        came.assert_vendor(200, 1);
        for (name, _) in SAID {
            assert_eq!(came.header(&name.to_lowercase()), None, "{name}");
        }
        gateway.finish(&vendor, 1).await;
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_by_what_it_is() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let length = format!(
        "POST /vendor/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\nContent-Length: {}\r\n\r\n",
        u64::MAX
    );
    let refused = raw::send(&gateway, &length).await;
    let problem = refused.assert_refusal(400, "request_invalid");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("Content-Length")
    );
    let lines = "\r\n".repeat(40_000);
    let refused = raw::send(&gateway, &lines).await;
    let problem = refused.assert_refusal(400, "request_invalid");
    assert!(problem["detail"].as_str().unwrap().contains("empty lines"));
    // What is too large is still told as that.
    let many = "a: 1\r\n".repeat(300);
    let refused = raw::send(&gateway, &format!("GET /vendor/x HTTP/1.1\r\n{many}\r\n")).await;
    refused.assert_refusal(431, "head_too_large");
    assert_eq!(vendor.accepted(), 0);
    gateway.finish(&vendor, 0).await;
}

/// A frame of HTTP/2 (RFC 9113, 4.1).
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap();
    let head = [0, 0, length, kind, flags, 0, 0, 0, stream];
    [&head, payload].concat()
}

/// Answers the first request with interim answers for as long as they are taken; where `count`
/// is given, with so many, and then an answer.
async fn interim_in_frames(mut stream: Secured, count: Option<usize>) -> std::io::Result<()> {
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const END_STREAM: u8 = 1;
    const END_HEADERS: u8 = 4;
    stream.read_exact(&mut [0; 24]).await?;
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await?;
    stream.write_all(&frame(SETTINGS, 1, 0, &[])).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        stream.read_exact(&mut vec![0; length as usize]).await?;
        if head[3] == HEADERS {
            break;
        }
    }
    // `:status` by its number in HPACK's static table, and its value as it stands.
    let interim = frame(HEADERS, END_HEADERS, 1, b"\x08\x03103");
    let answer = frame(HEADERS, END_HEADERS | END_STREAM, 1, b"\x88");
    match count {
        Some(count) => {
            stream.write_all(&interim.repeat(count)).await?;
            stream.write_all(&answer).await?;
            stream.read_to_end(&mut Vec::new()).await?;
        }
        None => loop {
            stream.write_all(&interim.repeat(1_000)).await?;
        },
    }
    Ok(())
}

#[tokio::test]
async fn interim_answers_over_http2_are_counted_too() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    for count in [Some(100), Some(101), None] {
        let config = authority.loopback(&["h2"]);
        let vendor = TlsVendor::start(config, move |stream, _| async move {
            // Its end is the client's affair.
            let _ = interim_in_frames(stream, count).await;
        })
        .await;
        let client = Client::<Full<Bytes>>::new(Connector::new(), Limits::default());
        let origin = Origin::new(true, "127.0.0.1", vendor.port()).unwrap();
        let request = Request::get("/").body(Full::default()).unwrap();
        let handed_over = AtomicBool::new(false);
        let patience = Duration::from_secs(10);
        let sent = client.send(&origin, request, patience, &handed_over);
        let sent = tokio::time::timeout(SOON * 2, sent).await.expect("an end");
        match sent {
            Ok(_) => assert_eq!(count, Some(100)),
            Err(error) => {
                assert_eq!((error.kind, error.wrote), (SendErrorKind::Protocol, true));
                assert_ne!(count, Some(100));
            }
        }
    }
}
