//! Vendors that are gone, hang, break off or talk nonsense.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::gateway::Gateway;
use crate::support::vendor::{CHUNKED, Connection, Gate, Vendor, chunk, ok};

/// The vendor's fault, with bytes sent.
const INVALID: Problem = Problem::VENDOR_INVALID;

const CLOSED: Problem = Problem {
    code: "vendor_closed",
    fault: "network",
    ..INVALID
};

const TRUNCATED: Problem = Problem {
    code: "vendor_truncated",
    ..INVALID
};

const TIMEOUT: Problem = Problem {
    status: 504,
    code: "attempt_timeout",
    ..INVALID
};

const UNREACHABLE: Problem = Problem {
    code: "vendor_unreachable",
    fault: "network",
    sent: "nothing",
    ..INVALID
};

/// Well below any timeout of the documents that do not set one.
const SOON: Duration = Duration::from_secs(5);

/// A loopback address where nobody listens.
async fn free_address() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    listener.local_addr().unwrap()
}

/// A vendor that reads a request, sends `bytes`, and closes.
async fn says_and_closes(bytes: impl AsRef<[u8]> + Send + Sync + Clone + 'static) -> Vendor {
    Vendor::start(move |mut connection| {
        let bytes = bytes.clone();
        async move {
            if connection.request().await.is_some() {
                connection.send(&bytes).await;
            }
        }
    })
    .await
}

/// A vendor that reads a request, sends `bytes`, and then nothing more.
async fn says_and_hangs(bytes: impl AsRef<[u8]> + Send + Sync + Clone + 'static) -> Vendor {
    Vendor::start(move |mut connection| {
        let bytes = bytes.clone();
        async move {
            if connection.request().await.is_some() {
                connection.send(&bytes).await;
                connection.until_closed().await;
            }
        }
    })
    .await
}

/// The first call to a vendor that behaves like this ends so, and leaves no connection behind.
async fn assert_ends(vendor: Vendor, expected: Problem) {
    let gateway = Gateway::start(Document::at(vendor.address()));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer
        .assert_problem(&expected)
        .assert_within(Duration::ZERO, SOON);
    let outcome = format!("outcome=\"{}\"", expected.fault);
    assert_eq!(
        gateway.metric("wharf_calls_total", &[&outcome]).to_string(),
        "1"
    );
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_vendor_that_is_not_there_is_unreachable_and_every_retry_is_made() {
    let address = free_address().await;
    let gateway = Gateway::start(Document::at(address).retries(2, "10ms"));
    for call in [Call::get("/vendor/items"), Call::post("/vendor/items", "x")] {
        let answer = gateway.call(call).await;
        answer
            .assert_problem(&Problem {
                attempts: 3,
                ..UNREACHABLE
            })
            .assert_within(Duration::from_millis(16), SOON);
        let detail = answer.detail();
        assert!(detail.contains(&address.to_string()), "{detail}");
        assert!(detail.contains("refused"), "{detail}");
    }
    gateway.begin_stop().wait().await;
}

#[tokio::test]
async fn a_vendor_killed_in_mid_call_is_reported_and_the_next_call_finds_it_gone() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.head().await;
        connection.reset();
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer
        .assert_problem(&CLOSED)
        .assert_within(Duration::ZERO, SOON);
    assert_eq!(vendor.count(), 1);
    let address = vendor.address();
    vendor.until_open(0).await;
    drop(vendor);
    let answer = crate::support::eventually_async("the vendor's port to refuse", async || {
        let answer = gateway.call(Call::get("/vendor/items")).await;
        if answer.problem()["code"] == "vendor_unreachable" {
            Ok(answer)
        } else {
            Err(answer)
        }
    })
    .await;
    answer.assert_problem(&UNREACHABLE);
    assert!(answer.detail().contains(&address.to_string()));
    gateway.begin_stop().wait().await;
}

#[tokio::test]
async fn a_vendor_that_closes_without_a_word_is_reported() {
    assert_ends(says_and_closes("").await, CLOSED).await;
}

#[tokio::test]
async fn a_vendor_that_closes_within_the_head_is_reported() {
    let half = "HTTP/1.1 200 OK\r\nContent-Ty";
    assert_ends(says_and_closes(half).await, CLOSED).await;
}

#[tokio::test]
async fn a_vendor_that_never_answers_costs_one_attempt_timeout() {
    for said in ["", "HTTP/1.1 200 OK\r\nContent-Type: text/pl"] {
        let vendor = says_and_hangs(said).await;
        let gateway = Gateway::start(Document::at(vendor.address()).timeout("200ms"));
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer
            .assert_problem(&TIMEOUT)
            .assert_within(Duration::from_millis(200), SOON);
        assert!(answer.detail().contains("0.200 s"), "{}", answer.detail());
        gateway.finish(&vendor, 0).await;
    }
}

#[tokio::test]
async fn a_vendor_that_never_answers_is_asked_again_while_retries_are_left() {
    let vendor = says_and_hangs("").await;
    let gateway = Gateway::start(
        Document::at(vendor.address())
            .timeout("100ms")
            .retries(2, "10ms"),
    );
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer
        .assert_problem(&Problem {
            attempts: 3,
            ..TIMEOUT
        })
        .assert_within(Duration::from_millis(300), SOON);
    assert_eq!(vendor.count(), 3);
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_vendor_that_accepts_no_tls_within_the_connect_timeout_is_unreachable() {
    let vendor = Vendor::start(Connection::until_closed).await;
    let endpoint = format!("https://{}", vendor.address());
    let document = Document::with_endpoint(&endpoint).setting("connect_timeout", "200ms");
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::post("/vendor/items", "x")).await;
    answer.assert_problem(&UNREACHABLE);
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn half_a_small_body_is_no_answer() {
    let half = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":";
    assert_ends(says_and_closes(half).await, TRUNCATED).await;
}

#[tokio::test]
async fn half_a_small_body_is_asked_for_again() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        if connection.number() == 0 {
            connection
                .send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":")
                .await;
        } else {
            connection.send(ok("whole")).await;
            connection.until_closed().await;
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(1, "10ms"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(200, 2);
    assert_eq!(answer.text(), "whole");
    assert_eq!(vendor.count(), 2);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_small_body_that_stalls_costs_one_attempt_timeout() {
    let vendor = says_and_hangs("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":").await;
    let gateway = Gateway::start(Document::at(vendor.address()).timeout("200ms"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer
        .assert_problem(&TIMEOUT)
        .assert_within(Duration::from_millis(200), SOON);
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_small_body_that_flows_has_one_attempts_time_for_the_whole_of_it() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        connection
            .send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            .await;
        while connection.send("x").await
            && !connection.closed_within(Duration::from_millis(20)).await
        {}
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).timeout("200ms"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer
        .assert_problem(&TIMEOUT)
        .assert_within(Duration::from_millis(200), SOON);
    assert_eq!(
        answer.problem()["title"],
        "The vendor's answer did not come in time"
    );
    let detail = answer.detail();
    assert!(
        detail.contains("no whole answer within 0.200 s"),
        "{detail}"
    );
    gateway.finish(&vendor, 0).await;
}

/// The caller must not take what came for the whole: its connection breaks.
async fn assert_is_cut(vendor: Vendor) {
    let gateway = Gateway::start(
        Document::at(vendor.address())
            .timeout("1s")
            .retries(2, "10ms"),
    );
    let answer = gateway.call(Call::get("/vendor/items")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.broke_off, "{} bytes look whole", answer.body.len());
    assert_eq!(vendor.count(), 1, "what has begun is not asked for again");
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"vendor\""], 1)
        .await;
    assert_eq!(gateway.metric("wharf_calls_total", &[]).to_string(), "1");
    gateway.finish(&vendor, 0).await;
}

fn half_of_a_large_body() -> Vec<u8> {
    let mut half = b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n".to_vec();
    half.extend(vec![b'x'; 100_000]);
    half
}

#[tokio::test]
async fn half_a_large_body_breaks_the_callers_connection() {
    assert_is_cut(says_and_closes(half_of_a_large_body()).await).await;
    assert_is_cut(says_and_hangs(half_of_a_large_body()).await).await;
}

#[tokio::test]
async fn a_chunked_body_without_its_end_breaks_the_callers_connection() {
    let half = format!("{CHUNKED}{}", chunk("half"));
    assert_is_cut(says_and_closes(half.clone()).await).await;
    assert_is_cut(says_and_hangs(half).await).await;
}

/// What is wrong in the framing of a chunked body.
const BAD_CHUNKS: [&str; 4] = [
    "zz\r\nhalf\r\n0\r\n\r\n",
    "4\r\nhalf, and more\r\n0\r\n\r\n",
    "-4\r\nhalf\r\n",
    "fffffffffffffffff\r\nhalf\r\n",
];

#[tokio::test]
async fn malformed_chunks_that_come_with_the_head_are_no_answer() {
    for bad in BAD_CHUNKS.into_iter().filter(|bad| !bad.starts_with('4')) {
        assert_ends(says_and_hangs(format!("{CHUNKED}{bad}")).await, TRUNCATED).await;
    }
}

#[tokio::test]
async fn malformed_chunks_that_come_later_break_the_callers_connection() {
    for bad in BAD_CHUNKS {
        let gate = Gate::new();
        let passed = gate.clone();
        let vendor = Vendor::start(move |mut connection| {
            let gate = passed.clone();
            async move {
                connection.request().await;
                connection.send(format!("{CHUNKED}{}", chunk("good"))).await;
                gate.wait().await;
                connection.send(bad).await;
                connection.until_closed().await;
            }
        })
        .await;
        let gateway = Gateway::start(Document::at(vendor.address()));
        let mut open = gateway.open(Call::get("/vendor/items")).await;
        assert_eq!(open.status(), 200);
        assert_eq!(open.next_text().await, "good");
        gate.open();
        let rest = open.finish(Instant::now()).await;
        assert!(rest.broke_off, "{rest:#?}");
        gateway.finish(&vendor, 0).await;
    }
}

#[tokio::test]
async fn what_came_before_a_break_reaches_the_caller() {
    let part = format!("{CHUNKED}{}{}", chunk("one,"), chunk("two"));
    for end in ["", BAD_CHUNKS[0]] {
        let vendor = says_and_closes(format!("{part}{end}")).await;
        let gateway = Gateway::start(Document::at(vendor.address()));
        let answer = gateway.call(Call::get("/vendor/items")).await;
        assert_eq!(answer.status, 200);
        assert_eq!((answer.text(), answer.broke_off), ("one,two", true));
        gateway.finish(&vendor, 0).await;
    }
}

#[tokio::test]
async fn an_old_vendors_body_that_breaks_breaks_the_callers_connection() {
    // Only the end of the connection ends such a body, so a reset and a timeout are all that
    // tells a part from the whole.
    let part = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\npart";
    assert_is_cut(says_and_hangs(part).await).await;
    let reset = Vendor::start(move |mut connection| async move {
        connection.request().await;
        connection.send(part).await;
        connection.reset();
    })
    .await;
    assert_is_cut(reset).await;
}

#[tokio::test]
async fn an_old_vendors_body_ends_with_its_connection() {
    let whole = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nwhole";
    let vendor = says_and_closes(whole).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(200, 1);
    assert_eq!(answer.text(), "whole");
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn heads_that_are_no_http_are_invalid() {
    let huge = format!("HTTP/1.1 200 OK\r\nX-Huge: {}\r\n\r\n", "x".repeat(4 << 20));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X-Many: 1\r\n".repeat(10_000));
    let heads = [
        "HTTP/1.1 999999 Odd\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nBad\0Name: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nx",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "HTTP/9.9 200 OK\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "\u{1}\u{2}\u{3}\u{4} garbage, and then more of it \r\n\r\n",
        &huge,
        &many,
    ];
    for head in heads {
        assert_ends(says_and_hangs(head.to_owned()).await, INVALID).await;
    }
}

#[tokio::test]
async fn an_upgrade_nobody_asked_for_is_invalid() {
    let upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: odd\r\n\r\n";
    assert_ends(says_and_hangs(upgrade).await, INVALID).await;
}
