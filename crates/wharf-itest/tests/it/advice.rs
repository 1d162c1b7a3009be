//! What a vendor says about its errors: which of them a row is for, how long to wait, whether to
//! try again at all.

use std::net::SocketAddr;
use std::time::Duration;

use crate::support::caller::Call;
use crate::support::document::Document;
use crate::support::gateway::Gateway;
use crate::support::vendor::{Vendor, answer, ok};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A vendor that fails once in this way and then succeeds.
async fn failing_once(
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
) -> Vendor {
    Vendor::answering(move |number, _| match number {
        0 => answer(status, headers, body),
        _ => ok("done"),
    })
    .await
}

/// What a first failure leads to: how many attempts.
struct Case {
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    document: fn(SocketAddr) -> Document,
    attempts: u32,
}

const fn case(
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    document: fn(SocketAddr) -> Document,
    attempts: u32,
) -> Case {
    Case {
        status,
        headers,
        body,
        document,
        attempts,
    }
}

fn retrying(address: SocketAddr) -> Document {
    Document::at(address).retries(2, "10ms")
}

async fn assert_attempts(cases: &[Case]) {
    for (index, case) in cases.iter().enumerate() {
        let vendor = failing_once(case.status, case.headers, case.body).await;
        let gateway = Gateway::start((case.document)(vendor.address()));
        let answer = gateway.call(Call::get("/vendor/items")).await;
        let status = if case.attempts > 1 { 200 } else { case.status };
        assert_eq!(answer.status, status, "case {index}: {}", answer.text());
        answer.assert_vendor(status, case.attempts);
        gateway.finish(&vendor, 1).await;
    }
}

// GitHub answers 403 both for a limit that is used up and for a right that is missing; Shopify
// answers 200 where the points are used up; PayPal tells its errors apart in the body only.
#[tokio::test]
async fn a_row_with_a_condition_is_for_the_answers_that_meet_it() {
    fn github(address: SocketAddr) -> Document {
        retrying(address)
            .error("403", "Fail")
            .error_when("403", "header x-ratelimit-remaining = 0", "Backoff + Retry")
            .error_when("403", "header x-wait", "Backoff + Retry")
    }
    fn shopify(address: SocketAddr) -> Document {
        let when = "/errors/0/extensions/code = THROTTLED";
        retrying(address).error_when("200", when, "Backoff + Retry")
    }
    fn paypal(address: SocketAddr) -> Document {
        let both = "/details/0/issue = BUSY and header x-try = \"again\"";
        retrying(address)
            .error_when("422", both, "Retry")
            .error("422", "Fail")
    }
    let throttled = r#"{"errors":[{"extensions":{"code":"THROTTLED"}}]}"#;
    let busy = r#"{"details":[{"issue":"BUSY"}]}"#;
    assert_attempts(&[
        case(403, &[("X-RateLimit-Remaining", "0")], "", github, 2),
        case(403, &[("X-RateLimit-Remaining", "10")], "", github, 1),
        case(403, &[("X-Wait", "")], "", github, 2),
        case(403, &[], "", github, 1),
        case(200, &[JSON], throttled, shopify, 2),
        case(200, &[JSON], r#"{"data":{}}"#, shopify, 1),
        // Only JSON is looked at.
        case(
            200,
            &[("Content-Type", "text/plain")],
            throttled,
            shopify,
            1,
        ),
        case(422, &[JSON, ("X-Try", "again")], busy, paypal, 2),
        case(422, &[JSON], busy, paypal, 1),
        case(422, &[JSON, ("X-Try", "again")], "{}", paypal, 1),
    ])
    .await;
}

// Stripe says `Stripe-Should-Retry: false` on a 500 whose result it keeps under the key, and
// OpenAI `x-should-retry`: both libraries obey before they look at the status.
#[tokio::test]
async fn the_vendors_advice_goes_before_the_list_of_statuses() {
    fn advised(address: SocketAddr) -> Document {
        retrying(address).limit_header("x-should-retry: should retry")
    }
    fn forbidden(address: SocketAddr) -> Document {
        advised(address).error("409 taken", "Fail")
    }
    assert_attempts(&[
        case(503, &[("X-Should-Retry", "false")], "", advised, 1),
        case(503, &[], "", advised, 2),
        case(409, &[("X-Should-Retry", "true")], "", advised, 2),
        case(409, &[], "", advised, 1),
        // A row that knows the error better than the advice does.
        case(
            409,
            &[JSON, ("X-Should-Retry", "true")],
            r#"{"code":"taken"}"#,
            forbidden,
            1,
        ),
        // Advice that nobody asked for is not heard.
        case(503, &[("X-Should-Retry", "false")], "", retrying, 2),
    ])
    .await;
}

#[tokio::test]
async fn advice_to_try_again_makes_no_unsafe_request_safe() {
    let vendor = failing_once(503, &[("X-Should-Retry", "true")], "").await;
    let document = retrying(vendor.address()).limit_header("x-should-retry: should retry");
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::post("/vendor/items", "{}")).await;
    answer.assert_vendor(503, 1);
    gateway.finish(&vendor, 1).await;
}

/// How long the second attempt waits at least, in milliseconds.
async fn assert_wait(
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    lines: &[&str],
    wait_ms: (u64, u64),
) {
    let vendor = failing_once(429, headers, body).await;
    let mut document = retrying(vendor.address()).retry_on(&[429]);
    for line in lines {
        document = document.limit_header(line);
    }
    let gateway = Gateway::start(document);
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(200, 2);
    let requests = vendor.requests();
    let gap = requests[1].at - requests[0].at;
    let (least, most) = wait_ms;
    let expected = Duration::from_millis(least)..Duration::from_millis(most);
    assert!(expected.contains(&gap), "{headers:?}: {gap:?}");
    gateway.finish(&vendor, 1).await;
}

// Datadog, Sentry and SendGrid send no `Retry-After`: the reset of the limit is the wait.
#[tokio::test]
async fn without_retry_after_the_reset_of_the_limit_is_the_wait() {
    let quotas = [
        "x-left-requests: remaining",
        "x-reset-requests: reset: seconds from now",
        "x-left-tokens: remaining, tokens",
        "x-reset-tokens: reset: duration, tokens",
    ];
    let used_up = (400, 4_000);
    assert_wait(
        &[
            ("X-Left-Requests", "99"),
            ("X-Reset-Requests", "60"),
            ("X-Left-Tokens", "0"),
            ("X-Reset-Tokens", "400ms"),
        ],
        "",
        &quotas,
        used_up,
    )
    .await;
    let in_the_body = [
        "/error/limit/left: remaining",
        "/error/limit/reset: reset: milliseconds from now",
    ];
    assert_wait(
        &[JSON],
        r#"{"error":{"limit":{"left":0,"reset":400}}}"#,
        &in_the_body,
        used_up,
    )
    .await;
    // A finer wait than whole seconds goes before `Retry-After`.
    assert_wait(
        &[("Retry-After", "60"), ("Retry-After-Ms", "400")],
        "",
        &["retry-after-ms: retry after: milliseconds"],
        used_up,
    )
    .await;
    // A reset that is not asked about is no wait.
    assert_wait(&[("X-Reset", "60")], "", &[], (0, 400)).await;
}

#[tokio::test]
async fn a_reset_behind_the_deadline_ends_the_call_at_once() {
    let vendor = failing_once(429, &[("X-Reset", "60")], "slow down").await;
    let document = retrying(vendor.address())
        .retry_on(&[429])
        .limit_header("x-reset: reset: seconds from now");
    let gateway = Gateway::start(document);
    let call = Call::get("/vendor/items").header("Wharf-Timeout", "5s");
    let answer = gateway.call(call).await;
    answer
        .assert_vendor(429, 1)
        .assert_within(Duration::ZERO, Duration::from_secs(4));
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn what_has_no_status_has_a_row_too() {
    // Nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    for (response, attempts) in [("Alert + Fail", "1"), ("Retry", "3")] {
        let document = retrying(address).error("unreachable", response);
        let gateway = Gateway::start(document);
        let answer = gateway.call(Call::get("/vendor/items")).await;
        assert_eq!(answer.status, 502, "{}", answer.text());
        assert_eq!(
            answer.header("wharf-attempts"),
            Some(attempts),
            "{response}"
        );
        let alerts = u64::from(response.contains("Alert"));
        gateway
            .until_metric("wharf_alerts_total", &[], alerts)
            .await;
    }
    for (response, attempts) in [("Fail", "1"), ("Retry", "3")] {
        let vendor = Vendor::start(|mut connection| async move {
            connection.request().await;
            connection.until_closed().await;
        })
        .await;
        let document = retrying(vendor.address())
            .timeout("100ms")
            .error("timeout", response);
        let gateway = Gateway::start(document);
        let answer = gateway.call(Call::get("/vendor/items")).await;
        assert_eq!(answer.status, 504, "{}", answer.text());
        assert_eq!(
            answer.header("wharf-attempts"),
            Some(attempts),
            "{response}"
        );
    }
}
