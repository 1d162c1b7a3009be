//! Retries: when they are made, how long they wait, and what stands when they are spent.

use std::time::{Duration, SystemTime};

use crate::support::caller::{Call, Problem};
use crate::support::document::Document;
use crate::support::eventually;
use crate::support::gateway::Gateway;
use crate::support::vendor::{Connection, LAST_CHUNK, Vendor, answer, chunk, ok};

/// Time between two requests at the vendor.
fn gap(vendor: &Vendor) -> Duration {
    let requests = vendor.requests();
    requests[1].at - requests[0].at
}

#[tokio::test]
async fn a_503_and_then_a_success_is_a_success_with_two_attempts() {
    let vendor = Vendor::answering(|number, _| match number {
        0 => answer(503, &[], "down"),
        _ => ok("up"),
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(3, "20ms"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(200, 2);
    assert_eq!(answer.text(), "up");
    let timing = answer.header("server-timing").unwrap();
    assert!(timing.contains("recover;dur="), "{timing}");
    // A delay is spread over 80 % to 120 % of itself.
    assert!(gap(&vendor) >= Duration::from_millis(16));
    assert_eq!(vendor.accepted(), 1, "the connection is used again");
    assert_eq!(gateway.metric("wharf_attempts_total", &[]).to_string(), "2");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn delays_follow_the_list_and_the_last_repeats() {
    let vendor = Vendor::answering(|_, _| answer(503, &[], "down")).await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(2, "100ms"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer
        .assert_vendor(503, 3)
        .assert_within(Duration::from_millis(160), Duration::from_secs(5));
    assert_eq!(answer.text(), "down");
    let requests = vendor.requests();
    for pair in requests.windows(2) {
        assert!(pair[1].at - pair[0].at >= Duration::from_millis(80));
    }
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_status_outside_retry_on_is_returned_as_it_came() {
    let vendor = Vendor::answering(|_, _| answer(500, &[("X-Odd", "1")], "broken")).await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(3, "10ms"));
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(500, 1);
    assert_eq!(
        (answer.text(), answer.header("x-odd")),
        ("broken", Some("1"))
    );
    assert_eq!(vendor.count(), 1);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn retry_after_in_seconds_is_a_floor() {
    let vendor = Vendor::answering(|number, _| match number {
        0 => answer(429, &[("Retry-After", "1")], "slow down"),
        _ => ok("done"),
    })
    .await;
    let document = Document::at(vendor.address())
        .retries(1, "10ms")
        .retry_on(&[429]);
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer
        .assert_vendor(200, 2)
        .assert_within(Duration::from_secs(1), Duration::from_secs(10));
    assert!(gap(&vendor) >= Duration::from_secs(1), "{:?}", gap(&vendor));
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn retry_after_as_a_date_is_a_floor() {
    // A date has whole seconds, so it is between one and two seconds away.
    let date = SystemTime::now() + Duration::from_secs(2);
    let text = httpdate::fmt_http_date(date);
    let date = httpdate::parse_http_date(&text).unwrap();
    let vendor = Vendor::answering(move |number, _| match number {
        0 => answer(429, &[("Retry-After", &text)], "slow down"),
        _ => ok(if SystemTime::now() < date {
            "too soon"
        } else {
            "in time"
        }),
    })
    .await;
    let document = Document::at(vendor.address())
        .retries(1, "10ms")
        .retry_on(&[429]);
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(200, 2);
    assert_eq!(answer.text(), "in time");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn retry_after_beyond_the_deadline_is_returned_at_once() {
    let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3_600));
    for wait in ["3600".to_owned(), in_an_hour] {
        let sent = wait.clone();
        let vendor =
            Vendor::answering(move |_, _| answer(429, &[("Retry-After", &sent)], "later")).await;
        let document = Document::at(vendor.address())
            .retries(3, "10ms")
            .retry_on(&[429]);
        let gateway = Gateway::start(document);
        let answer = gateway.call(Call::get("/vendor/items")).await;
        answer
            .assert_vendor(429, 1)
            .assert_within(Duration::ZERO, Duration::from_secs(5));
        assert_eq!(answer.header("retry-after"), Some(wait.as_str()));
        assert_eq!(vendor.count(), 1);
        gateway.finish(&vendor, 1).await;
    }
}

#[tokio::test]
async fn a_short_deadline_of_the_caller_forbids_a_long_wait() {
    let vendor = Vendor::answering(|_, _| answer(429, &[("Retry-After", "20")], "later")).await;
    let document = Document::at(vendor.address())
        .retries(3, "10ms")
        .retry_on(&[429]);
    let gateway = Gateway::start(document);
    let call = Call::get("/vendor/items").header("wharf-timeout", "15s");
    let answer = gateway.call(call).await;
    answer
        .assert_vendor(429, 1)
        .assert_within(Duration::ZERO, Duration::from_secs(5));
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn the_callers_deadline_ends_the_wait_for_the_vendor() {
    let vendor = Vendor::start(Connection::until_closed).await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(3, "10ms"));
    let call = Call::get("/vendor/items").header("wharf-timeout", "300ms");
    let answer = gateway.call(call).await;
    answer
        .assert_problem(&Problem {
            status: 504,
            code: "deadline_exceeded",
            fault: "caller",
            sent: "maybe",
            retry_safe: true,
            attempts: 1,
        })
        .assert_within(Duration::from_millis(300), Duration::from_secs(5));
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn retries_that_are_spent_leave_the_answer_to_its_row() {
    let vendor = Vendor::answering(|_, _| answer(503, &[], "down")).await;
    let document = Document::at(vendor.address())
        .retries(2, "10ms")
        .error("503", "Backoff + Alert");
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(503, 3);
    assert_eq!(vendor.count(), 3);
    let operation = ["integration=\"vendor\"", "operation=\"list-items\""];
    let count = |name| gateway.metric(name, &operation).to_string();
    assert_eq!(count("wharf_alerts_total"), "1");
    assert_eq!(count("wharf_attempts_total"), "3");
    assert_eq!(count("wharf_calls_total"), "1");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_row_alone_can_ask_for_a_retry() {
    let vendor = Vendor::answering(|number, _| match number {
        0 => answer(500, &[], "broken"),
        _ => ok("well"),
    })
    .await;
    let document = Document::at(vendor.address())
        .retries(1, "10ms")
        .error("5xx", "Backoff + Retry");
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(200, 2);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_row_with_the_vendors_own_code_forbids_the_retry_of_its_status() {
    let vendor = Vendor::answering(|_, request| {
        let code = match request.target() {
            "/items" => "rate_limited",
            _ => "insufficient_quota",
        };
        let json = [("Content-Type", "application/json")];
        answer(
            429,
            &json,
            &format!("{{\"error\":{{\"code\":\"{code}\"}}}}"),
        )
    })
    .await;
    let document = Document::at(vendor.address())
        .retries(2, "10ms")
        .retry_on(&[429])
        .error("429 insufficient_quota", "Alert + Fail");
    let gateway = Gateway::start(document);
    let spent = gateway.call(Call::get("/vendor/quota")).await;
    spent.assert_vendor(429, 1);
    assert_eq!(
        spent.text(),
        "{\"error\":{\"code\":\"insufficient_quota\"}}"
    );
    assert_eq!(gateway.metric("wharf_alerts_total", &[]).to_string(), "1");
    let limited = gateway.call(Call::get("/vendor/items")).await;
    limited.assert_vendor(429, 3);
    assert_eq!(vendor.count(), 4);
    assert_eq!(gateway.metric("wharf_alerts_total", &[]).to_string(), "1");
    gateway.finish(&vendor, 1).await;
}

const QUOTA_HEAD: &str = "HTTP/1.1 429 Test\r\nContent-Type: application/json\r\n\
    Transfer-Encoding: chunked\r\n\r\n";

#[tokio::test]
async fn the_vendors_own_code_is_found_in_a_chunked_body_too() {
    let vendor = Vendor::answering(|_, _| {
        let body = [
            chunk("{\"error\":{\"code\":"),
            chunk("\"insufficient_quota\"}}"),
        ];
        format!("{QUOTA_HEAD}{}{LAST_CHUNK}", body.concat()).into_bytes()
    })
    .await;
    let document = Document::at(vendor.address())
        .retries(2, "10ms")
        .retry_on(&[429])
        .error("429 insufficient_quota", "Fail");
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(429, 1);
    assert_eq!(
        answer.text(),
        "{\"error\":{\"code\":\"insufficient_quota\"}}"
    );
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn an_error_body_that_stalls_costs_one_attempt_timeout() {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        connection
            .send(format!("{QUOTA_HEAD}{}", chunk("{\"error\"")))
            .await;
        connection.until_closed().await;
    })
    .await;
    let document = Document::at(vendor.address())
        .timeout("200ms")
        .retries(0, "10ms")
        .error("429 insufficient_quota", "Fail");
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::post("/vendor/items", "x")).await;
    answer
        .assert_problem(&Problem {
            status: 504,
            code: "attempt_timeout",
            fault: "vendor",
            sent: "maybe",
            retry_safe: false,
            attempts: 1,
        })
        .assert_within(Duration::from_millis(200), Duration::from_secs(5));
    gateway.finish(&vendor, 0).await;
}

#[tokio::test]
async fn an_ignored_status_is_a_success() {
    let vendor = Vendor::answering(|_, _| answer(404, &[], "none")).await;
    let document = Document::at(vendor.address())
        .retries(2, "10ms")
        .retry_on(&[404]);
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(404, 1);
    assert_eq!(answer.text(), "none");
    let success = ["source=\"vendor\"", "outcome=\"success\""];
    assert_eq!(
        gateway.metric("wharf_calls_total", &success).to_string(),
        "1"
    );
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn retries_stay_within_the_budget_when_a_vendor_is_down() {
    let vendor = Vendor::answering(|_, _| answer(503, &[], "down")).await;
    let gateway = Gateway::start(Document::at(vendor.address()).retries(4, "1ms"));
    for _ in 0..200 {
        gateway.call(Call::get("/vendor/items")).await;
    }
    // A reserve of 100, and 20 for each 100 calls; without the budget there were 800.
    let retries = vendor.count() - 200;
    assert!((100..=140).contains(&retries), "{retries} retries");
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_post_finds_a_vendor_that_comes_up_while_it_waits() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    let gateway = Gateway::start(Document::at(address).retries(5, "200ms"));
    let gateway = &gateway;
    // Bound, and not listening: connections are refused.
    let comes_up = async {
        eventually("the call to be under way", || {
            let calls = gateway.metric("wharf_calls_in_flight", &[]);
            (calls > 0.0).then_some(()).ok_or(calls)
        })
        .await;
        let listener = socket.listen(16).unwrap();
        Vendor::on(listener, |mut connection| async move {
            while connection.request().await.is_some() {
                connection.send(ok("created")).await;
            }
        })
    };
    let (answer, vendor) =
        tokio::join!(gateway.call(Call::post("/vendor/items", "once")), comes_up);
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "created"));
    assert_eq!(vendor.only_request().body, b"once");
}
