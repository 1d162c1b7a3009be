//! The vendor's own codes: read through content codings, and without holding what flows.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::eventually;
use crate::support::gateway::Gateway;
use crate::support::vendor::{Gate, LAST_CHUNK, Vendor, answer, chunk, ok};

fn gzip(body: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn coded(status: u16, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!(
        "HTTP/1.1 {status} Test\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

// router-for-me/CLIProxyAPI#1763, #1895, envoyproxy/ai-gateway#1189,
// confluentinc/terraform-provider-confluent#839: error bodies that are compressed are not read.
#[tokio::test]
async fn rows_of_the_vendors_code_hold_for_compressed_errors() {
    let body = gzip(r#"{"error":{"code":"insufficient_quota"}}"#);
    let sent = body.clone();
    let vendor = Vendor::answering(move |_, _| coded(429, &sent)).await;
    let document = Document::at(vendor.address())
        .error("429 insufficient_quota", "Alert + Fail")
        .retries(2, "10ms")
        .retry_on(&[429]);
    let gateway = Gateway::start(document);
    let call = Call::get("/vendor/items").header("Accept-Encoding", "gzip");
    let answer = gateway.call(call).await;
    answer.assert_vendor(429, 1);
    assert_eq!(answer.body, body, "the body passes as it came");
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    gateway.until_metric("wharf_alerts_total", &[], 1).await;
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn an_error_in_a_compressed_success_is_an_error() {
    let body = gzip(r#"{"ok":false,"error":"invalid_auth"}"#);
    let vendor = Vendor::answering(move |_, _| coded(200, &body)).await;
    let document = Document::at(vendor.address()).error("invalid_auth", "Fail");
    let gateway = Gateway::start(document);
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 1);
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"caller\""], 1)
        .await;
    gateway.finish(&vendor, 1).await;
}

const JSON: &str =
    "HTTP/1.1 200 Test\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

// basecamp/kamal-proxy#164, freedomofpress/securedrop-client#3734: JSON that is streamed is held
// because it is JSON.
#[tokio::test]
async fn json_that_flows_is_not_held_for_the_sake_of_a_row_without_status() {
    let gate = Gate::new();
    let pieces = (0..4).map(|number| format!("{number}\n"));
    let vendor = Vendor::in_steps(&gate, JSON.to_owned(), pieces.collect()).await;
    let document = Document::at(vendor.address()).error("invalid_auth", "Fail");
    let gateway = Gateway::start(document.timeout("2s"));
    let mut open = gateway.open(Call::get("/vendor/events")).await;
    assert_eq!(open.status(), 200, "the head does not wait for a piece");
    for number in 0..4 {
        gate.open();
        assert_eq!(open.next_text().await, format!("{number}\n"));
    }
    assert!(open.next().await.is_none());
    drop(open);
    gateway
        .until_metric("wharf_calls_total", &["outcome=\"success\""], 1)
        .await;
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_code_in_a_success_that_comes_in_pieces_is_found() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        connection.send(JSON).await;
        for piece in ["{\"ok\":false,", "\"error\":", "\"invalid_auth\"}"] {
            connection.send(chunk(piece)).await;
            tokio::task::yield_now().await;
        }
        connection.send(LAST_CHUNK).await;
        connection.until_closed().await;
    })
    .await;
    let document = Document::at(vendor.address()).error("invalid_auth", "Alert + Fail");
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(200, 1);
    assert_eq!(answer.text(), "{\"ok\":false,\"error\":\"invalid_auth\"}");
    gateway.until_metric("wharf_alerts_total", &[], 1).await;
    gateway.finish(&vendor, 1).await;
}

/// A vendor whose head takes a while and whose error then comes without end.
async fn slow_error_vendor() -> Vendor {
    Vendor::start(|mut connection| async move {
        connection.request().await;
        // This stands for a vendor that computes.
        tokio::time::sleep(Duration::from_millis(600)).await;
        let head = JSON.replace("200", "500");
        connection.send(head).await;
        while connection.send(chunk(" ")).await
            && !connection.closed_within(Duration::from_millis(50)).await
        {}
    })
    .await
}

// One attempt lasts at most its timeout, whatever of its answer is looked at, and the time is
// booked as the vendor's.
#[tokio::test]
async fn an_attempt_ends_at_its_timeout_also_while_an_error_is_looked_at() {
    let vendor = slow_error_vendor().await;
    let document = Document::at(vendor.address()).error("500 overloaded", "Retry");
    let gateway = Gateway::start(document.timeout("1s"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer
        .assert_problem(&Problem {
            status: 504,
            code: "attempt_timeout",
            fault: "vendor",
            sent: "maybe",
            retry_safe: true,
            attempts: 1,
        })
        .assert_within(Duration::from_secs(1), Duration::from_millis(1_500));
    let timing = answer.header("server-timing").unwrap();
    let of = |name: &str| {
        let entry = timing.split(", ").find(|entry| entry.starts_with(name));
        let milliseconds = entry.unwrap().split("dur=").nth(1).unwrap();
        milliseconds.parse::<f64>().unwrap()
    };
    assert!(of("dispatch") >= 990.0, "{timing}");
    assert!(of("wharf") < 300.0, "{timing}");
    gateway.until_metric("wharf_calls_in_flight", &[], 0).await;
    gateway.finish(&vendor, 0).await;
}

// xorbitsai/xllamacpp#155, smithy-lang/smithy-rs#4800: a date is read by a clock that is not the
// vendor's.
#[tokio::test]
async fn a_date_in_retry_after_is_read_by_the_vendors_own_clock() {
    for (vendor_date, expected) in [
        (
            "Mon, 01 Jan 2024 00:00:00 GMT",
            "Mon, 01 Jan 2024 00:00:01 GMT",
        ),
        (
            "Fri, 01 Jan 2094 00:00:00 GMT",
            "Fri, 01 Jan 2094 00:00:01 GMT",
        ),
    ] {
        let vendor = Vendor::answering(move |number, _| {
            if number > 0 {
                return ok("done");
            }
            let headers = [("Date", vendor_date), ("Retry-After", expected)];
            answer(503, &headers, "")
        })
        .await;
        let document = Document::at(vendor.address()).timeout("5s");
        let gateway = Gateway::start(document.retries(1, "10ms").retry_on(&[503]));
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer
            .assert_vendor(200, 2)
            .assert_within(Duration::from_secs(1), Duration::from_secs(4));
        gateway.finish(&vendor, 1).await;
    }
}

// What is counted for callers and for operations is the same calls.
#[tokio::test]
async fn calls_of_callers_and_of_operations_have_one_sum() {
    let gate = Gate::new();
    let vendor = Vendor::gated(&gate, ok("done")).await;
    let gateway = Gateway::start(Document::at(vendor.address()));
    let arrived = eventually("the whole request", || {
        let request = vendor.requests().pop();
        request
            .as_ref()
            .is_some_and(|request| request.complete)
            .then_some(())
            .ok_or(request)
    });
    // It is abandoned then.
    tokio::select! {
        answer = gateway.call(Call::post("/vendor/items", "12345")) => panic!("{answer:#?}"),
        () = arrived => {}
    }
    gateway.until_metric("wharf_calls_in_flight", &[], 0).await;
    gate.open();
    gate.open();
    gateway
        .call(Call::post("/vendor/items", "12345"))
        .await
        .assert_vendor(200, 1);
    gateway.until_metric("wharf_calls_in_flight", &[], 0).await;
    assert_eq!(gateway.metric("wharf_calls_total", &[]).to_string(), "2");
    assert_eq!(
        gateway.metric("wharf_caller_calls_total", &[]).to_string(),
        "2"
    );
    assert_eq!(
        gateway
            .metric("wharf_request_body_bytes_total", &[])
            .to_string(),
        "10"
    );
    drop(gateway);
}
