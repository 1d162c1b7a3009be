//! Bodies that flow while they are made, both ways.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;

use crate::support::caller::Call;
use crate::support::document::Document;
use crate::support::eventually;
use crate::support::gateway::Gateway;
use crate::support::vendor::{CHUNKED, Gate, LAST_CHUNK, Vendor, chunk, ok};

/// A vendor that sends one event each time the gate is opened, `events` times.
async fn events_vendor(gate: &Gate, events: usize) -> Vendor {
    let events = (0..events).map(|number| format!("data: {number}\n\n"));
    Vendor::in_steps(gate, CHUNKED.to_owned(), events.collect()).await
}

/// A vendor that sends an event every 20 ms without end.
async fn ticking_vendor() -> Vendor {
    Vendor::start(|mut connection| async move {
        connection.request().await;
        connection.send(CHUNKED).await;
        while connection.send(chunk("data: tick\n\n")).await
            && !connection.closed_within(Duration::from_millis(20)).await
        {}
    })
    .await
}

#[tokio::test]
async fn events_arrive_one_by_one_before_the_vendor_has_finished() {
    let gate = Gate::new();
    let vendor = events_vendor(&gate, 5).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut open = gateway.open(Call::get("/vendor/events")).await;
    assert_eq!(open.status(), 200);
    assert_eq!(open.headers()["content-type"], "text/event-stream");
    for number in 0..5 {
        gate.open();
        assert_eq!(open.next_text().await, format!("data: {number}\n\n"));
    }
    assert!(open.next().await.is_none());
    drop(open);
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"success\""], 1)
        .await;
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn the_head_arrives_before_the_first_event() {
    let gate = Gate::new();
    let vendor = events_vendor(&gate, 1).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut open = gateway
        .open(Call::post("/vendor/events", "{\"stream\":true}"))
        .await;
    assert_eq!(open.status(), 200);
    assert_eq!(
        gateway.metric("wharf_calls_in_flight", &[]).to_string(),
        "1"
    );
    gate.open();
    assert_eq!(open.next_text().await, "data: 0\n\n");
    // Who leaves before the end takes the vendor's connection along.
    assert!(open.next().await.is_none());
    drop(open);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn an_upload_reaches_the_vendor_before_its_end() {
    let vendor = Vendor::fine().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    let uploading = async {
        for (number, piece) in ["one ", "two ", "three"].into_iter().enumerate() {
            body.send_data(Bytes::from_static(piece.as_bytes()))
                .await
                .unwrap();
            let so_far = ["one ", "one two ", "one two three"][number];
            eventually(&format!("{so_far:?} at the vendor"), || {
                let body = vendor.requests().pop().map(|request| request.body);
                (body.as_deref() == Some(so_far.as_bytes()))
                    .then_some(())
                    .ok_or(body)
            })
            .await;
        }
        assert!(!vendor.only_request().complete);
        drop(body);
    };
    let (answer, ()) = tokio::join!(gateway.call(call), uploading);
    answer.assert_vendor(200, 1);
    let request = vendor.only_request();
    assert!(request.complete);
    assert_eq!(request.header("transfer-encoding").unwrap(), "chunked");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn both_directions_flow_at_the_same_time() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.head().await;
        connection.send(CHUNKED).await;
        for number in 0..3 {
            connection.chunks(1).await;
            connection.send(chunk(&format!("echo {number}"))).await;
        }
        connection.chunks(1).await;
        connection.send(LAST_CHUNK).await;
        connection.until_closed().await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    let mut open = gateway.open(call).await;
    for number in 0..3 {
        body.send_data(Bytes::from_static(b"ping")).await.unwrap();
        assert_eq!(open.next_text().await, format!("echo {number}"));
    }
    drop(body);
    assert!(open.next().await.is_none());
    drop(open);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_request_that_is_cut_behind_its_answers_head_is_its_callers_fault() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.head().await;
        connection.send(CHUNKED).await;
        connection.send(chunk("early")).await;
        connection.until_closed().await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).setting("max_body", "8B"));
    let (call, mut body) = Call::new(Method::POST, "/vendor/items").streamed();
    let mut open = gateway.open(call).await;
    assert_eq!(open.next_text().await, "early");
    body.send_data(Bytes::from_static(b"more than eight"))
        .await
        .unwrap();
    let rest = open.finish(Instant::now()).await;
    assert!(rest.broke_off, "{rest:#?}");
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"caller\""], 1)
        .await;
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_caller_that_goes_away_in_mid_stream_closes_the_vendors_connection() {
    let vendor = ticking_vendor().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut open = gateway.open(Call::get("/vendor/events")).await;
    assert!(open.next_text().await.starts_with("data: tick"));
    assert_eq!(vendor.open(), 1);
    let left = Instant::now();
    drop(open);
    vendor.until_open(0).await;
    assert!(
        left.elapsed() < Duration::from_secs(5),
        "{:?}",
        left.elapsed()
    );
    gateway
        .until_metric(
            "wharf_calls_total",
            &["source=\"vendor\"", "outcome=\"caller\""],
            1,
        )
        .await;
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_caller_that_goes_away_before_the_answer_closes_the_vendors_connection() {
    let gate = Gate::new();
    let passed = gate.clone();
    let vendor = Vendor::start(move |mut connection| {
        let gate = passed.clone();
        async move {
            connection.request().await;
            gate.open();
            connection.until_closed().await;
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(3, "5ms"));
    tokio::select! {
        answer = gateway.call(Call::get("/vendor/items")) => panic!("{answer:#?}"),
        () = gate.wait() => {}
    }
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"caller\""], 1)
        .await;
    vendor.until_open(0).await;
    assert_eq!(vendor.count(), 1);
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_vendor_that_falls_silent_in_mid_stream_is_cut() {
    let gate = Gate::new();
    let vendor = events_vendor(&gate, 2).await;
    let gateway = Gateway::start(Document::at(vendor.address()).timeout("500ms"));
    let started = Instant::now();
    gate.open();
    let open = gateway.open(Call::get("/vendor/events")).await;
    let answer = open.finish(started).await;
    assert_eq!((answer.text(), answer.broke_off), ("data: 0\n\n", true));
    answer.assert_within(Duration::from_millis(500), Duration::from_secs(5));
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"vendor\""], 1)
        .await;
    // The script still waits at its gate; once let on, it finds the connection closed.
    gate.open();
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn a_stream_that_goes_on_may_outlive_the_calls_timeout() {
    let vendor = ticking_vendor().await;
    let gateway = Gateway::start(Document::at(vendor.address()).timeout("1s"));
    let started = Instant::now();
    let mut open = gateway.open(Call::get("/vendor/events")).await;
    while started.elapsed() < Duration::from_millis(1_500) {
        open.next_text().await;
    }
    drop(open);
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn the_callers_deadline_bounds_the_whole_body() {
    let vendor = ticking_vendor().await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let call = Call::get("/vendor/events").header("wharf-timeout", "400ms");
    let answer = gateway.call(call).await;
    assert!(
        answer.broke_off && answer.text().contains("tick"),
        "{answer:#?}"
    );
    answer.assert_within(Duration::from_millis(400), Duration::from_secs(5));
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"caller\""], 1)
        .await;
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn the_callers_deadline_holds_also_when_the_caller_does_not_read() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        connection.send(CHUNKED).await;
        let piece = chunk(&"x".repeat(64 * 1024));
        while connection.send(&piece).await {}
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let call = Call::get("/vendor/events").header("wharf-timeout", "400ms");
    let open = gateway.open(call).await;
    // Not a byte of the body is read, so the way to the caller is full.
    vendor.until_open(0).await;
    gateway.until_metric("wharf_calls_in_flight", &[], 0).await;
    drop(open);
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn one_slow_stream_does_not_hold_up_other_calls() {
    let gate = Gate::new();
    let slow = gate.clone();
    let vendor = Vendor::start(move |mut connection| {
        let gate = slow.clone();
        async move {
            while let Some(request) = connection.request().await {
                if request.target() == "/slow" {
                    connection.send(CHUNKED).await;
                    gate.wait().await;
                    connection.send(LAST_CHUNK).await;
                } else {
                    connection.send(ok("quick")).await;
                }
            }
        }
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let mut slow = gateway.open(Call::get("/vendor/slow")).await;
    for _ in 0..20 {
        gateway
            .call(Call::get("/vendor/items"))
            .await
            .assert_vendor(200, 1);
    }
    gate.open();
    assert!(slow.next().await.is_none());
    drop(slow);
    gateway.finish(&vendor, 2).await;
}
