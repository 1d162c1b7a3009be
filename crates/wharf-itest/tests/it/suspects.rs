//! Connections that died without a word, or that the vendor was told to leave.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use h2::Reason;
use h2::server::SendResponse;
use http::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::caller::Call;
use crate::support::document::Document;
use crate::support::gateway::Gateway;
use crate::support::tls::{Authority, Notes, Secured, TlsVendor, respond, serve_http2};
use crate::support::vendor::{Gate, Vendor, ok};

const ATTEMPT: &str = "400ms";

/// One attempt that waits in vain, one that does not, and room for a busy machine.
const ONE_LOST: Duration = Duration::from_millis(790);

/// Answers one request over HTTP/2. From then on it reads, and says nothing.
async fn answers_once(stream: Secured, notes: Notes) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    let (request, mut answer) = connection.accept().await.unwrap().unwrap();
    notes.request(&request);
    let mut stream = answer.send_response(Response::new(()), false).unwrap();
    stream.send_data(Bytes::from_static(b"x"), true).unwrap();
    // The connection runs until the answer is out, and is then held without being read.
    let _ = tokio::time::timeout(Duration::from_millis(200), connection.accept()).await;
    std::future::pending::<()>().await;
}

// hyperium/hyper#4186, agentgateway/agentgateway#3231, dfinity/ic#10455, reactor/reactor-netty#4255
#[tokio::test]
async fn a_dead_http2_connection_costs_one_attempt() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let vendor = TlsVendor::start(authority.loopback(&["h2"]), |stream, notes| async move {
        if notes.connection == 0 {
            return answers_once(stream, notes).await;
        }
        serve_http2(stream, notes, |request, answer| {
            respond(request, answer, 200, "alive")
        })
        .await;
    })
    .await;
    let document = Document::with_endpoint(&vendor.endpoint());
    let gateway = Gateway::start(document.timeout(ATTEMPT).retries(2, "5ms"));
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 1);
    // What the vendor still says to the first call is read by then.
    tokio::time::sleep(Duration::from_millis(250)).await;
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 2)
        .assert_within(Duration::from_millis(400), ONE_LOST);
    for _ in 0..3 {
        gateway
            .call(Call::get("/vendor/items"))
            .await
            .assert_vendor(200, 1);
    }
    assert_eq!(vendor.secured(), 2);
}

#[tokio::test]
async fn five_dead_idle_connections_cost_one_attempt() {
    // No call is answered before all are asked, so each has a connection of its own.
    let gate = Gate::new();
    let passed = gate.clone();
    let vendor = Vendor::start(move |mut connection| {
        let gate = passed.clone();
        async move {
            if connection.number() >= 5 {
                return connection.serve().await;
            }
            connection.request().await;
            gate.wait().await;
            connection.send(ok("alive")).await;
            connection.until_closed().await;
        }
    })
    .await;
    let document = Document::at(vendor.address()).timeout(ATTEMPT);
    let gateway = Gateway::start(document.retries(2, "5ms"));
    let calls = (0..5).map(|_| gateway.call(Call::get("/vendor/items")));
    let answering = async {
        vendor.until_count(5).await;
        (0..5).for_each(|_| gate.open());
    };
    let (answers, ()) = tokio::join!(join_all(calls), answering);
    for answer in answers {
        answer.assert_vendor(200, 1);
    }
    assert_eq!(vendor.open(), 5);
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 2)
        .assert_within(Duration::from_millis(400), ONE_LOST);
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 1);
}

// lysine-dev/okhttp#5100, hyperium/hyper#2469
#[tokio::test]
async fn a_call_that_is_wanted_over_http1_is_made_again_over_http1() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    let config = authority.loopback(&["h2", "http/1.1"]);
    let vendor = TlsVendor::start(config, |mut stream, notes| async move {
        if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
            let wants_http1 = |_, mut answer: SendResponse<Bytes>| async move {
                answer.send_reset(Reason::HTTP_1_1_REQUIRED);
            };
            return serve_http2(stream, notes, wants_http1).await;
        }
        let mut said = Vec::new();
        while stream.read_buf(&mut said).await.is_ok_and(|read| read > 0) {
            if said.ends_with(b"\r\n\r\nonce") {
                said.clear();
                let _ = stream.write_all(&ok("over HTTP/1.1")).await;
            }
        }
    })
    .await;
    let document = Document::with_endpoint(&vendor.endpoint());
    let gateway = Gateway::start(document.retries(1, "5ms"));
    for attempts in [2, 1, 1] {
        let answer = gateway.call(Call::post("/vendor/items", "once")).await;
        answer.assert_vendor(200, attempts);
        assert_eq!(answer.text(), "over HTTP/1.1");
    }
    assert_eq!((vendor.secured(), vendor.requests().len()), (2, 1));
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

/// Frames of HTTP/2 that ask for an answer each (RFC 9113, 6.5 and 6.7).
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
const PING: [u8; 17] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

/// What a flooding vendor does beside it.
#[derive(Clone, Copy)]
enum Flood {
    /// It takes the answers, and closes in the end.
    Closes,
    /// It takes nothing, so that neither side can go on.
    Jams,
}

#[tokio::test]
async fn a_call_after_a_flood_of_frames_goes_over_another_connection() {
    let Some(authority) = Authority::trusted() else {
        return;
    };
    for frame in [&SETTINGS[..], &PING[..]] {
        for flood in [Flood::Closes, Flood::Jams] {
            assert_next_call_is_served(&authority, frame, flood).await;
        }
    }
}

async fn assert_next_call_is_served(authority: &Authority, frame: &'static [u8], flood: Flood) {
    let vendor = TlsVendor::start(
        authority.loopback(&["h2"]),
        move |stream, notes| async move {
            if notes.connection > 0 {
                let fine = |request, answer| respond(request, answer, 200, "well");
                return serve_http2(stream, notes, fine).await;
            }
            send_flood(stream, frame, flood).await;
        },
    )
    .await;
    let document = Document::with_endpoint(&vendor.endpoint());
    let gateway = Gateway::start(document.timeout("1s"));
    // The first call meets the flood itself.
    let answer = gateway.call(Call::post("/vendor/items", "x")).await;
    assert!([502, 504].contains(&answer.status.as_u16()), "{answer:?}");
    let answer = gateway.call(Call::post("/vendor/items", "x")).await;
    answer.assert_vendor(200, 1);
}

async fn send_flood(stream: Secured, frame: &[u8], flood: Flood) {
    let (mut reading, mut writing) = tokio::io::split(stream);
    let taking = async {
        match flood {
            Flood::Jams => std::future::pending().await,
            Flood::Closes => tokio::io::copy(&mut reading, &mut tokio::io::sink()).await,
        }
    };
    let sending = async {
        let _ = writing.write_all(&SETTINGS).await;
        let many = frame.repeat(1_000);
        let pieces = match flood {
            Flood::Closes => 20,
            Flood::Jams => 2_000,
        };
        for _ in 0..pieces {
            if writing.write_all(&many).await.is_err() {
                return;
            }
        }
    };
    tokio::select! { _ = taking => {}, () = sending => {} }
}
