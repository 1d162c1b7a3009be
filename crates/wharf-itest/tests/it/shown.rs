//! What is shown is what runs: for each setting that `wharf show` and the editor name, two
//! documents that differ in it alone, and calls that end differently.
//!
//! Where a credential is shown to be sent, there it is, and nowhere else.
//!
//! The rest of a document is held elsewhere: error rows in `recovery.rs`, `advice.rs` and
//! `credentials.rs`, odd placements in `headers.rs`, settings of one environment in `bodies.rs`, the
//! warning of a deprecated document in `refusals.rs`.

use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wharf_plan::effective;

use crate::support::caller::{Answer, Call};
use crate::support::document::Document;
use crate::support::gateway::{Gateway, Setup, VENDOR_KEY};
use crate::support::vendor::{Connection, Vendor, answer, ok};

/// Settings that calls obey, by the names they are shown under.
const ENFORCED: [&str; 10] = [
    "environment",
    "timeout of an attempt",
    "timeout of connecting",
    "retries",
    "delays before retries",
    "longest possible call",
    "largest body",
    "idempotency header",
    "API version",
    "may be repeated",
];

/// Settings that only `wharf call` obeys: its own tests hold them.
const OF_THE_COMMAND: [&str; 1] = ["body of `wharf call`"];

/// Settings that nothing obeys yet, and that are shown as such.
const NOT_IN_FORCE: [&str; 4] = [
    "cache",
    "calls at one time",
    "rate limit",
    "wait for a limit",
];

const WITH_VERSION: &str =
    "- Type: API Key\n- Header: Authorization: Bearer {api_key}\n- Version header: X-Version";

/// A document that says something about every setting.
fn with_everything() -> Document {
    Document::with_endpoint("http://127.0.0.1:9")
        .method(WITH_VERSION)
        .setting("rate_limit", "5/s")
        .setting("max_wait", "2s")
        .setting("max_concurrency", 3)
        .setting("cache_ttl", "1min")
        .setting("max_body", "1 kB")
        .setting("idempotency_header", "X-Once")
        .setting("api_version", "v1")
        .setting("body_format", "form")
}

#[test]
fn every_setting_that_is_shown_in_force_has_a_call_that_obeys_it() {
    let shown = effective(&with_everything().load());
    let operations = shown.operations.iter().flat_map(|one| &one.settings);
    let all: Vec<_> = shown.integration.iter().chain(operations).collect();
    let in_force: BTreeSet<_> = all
        .iter()
        .filter(|setting| setting.not_in_force.is_none())
        .map(|setting| setting.name)
        .collect();
    let held: BTreeSet<_> = ENFORCED.into_iter().chain(OF_THE_COMMAND).collect();
    assert_eq!(in_force, held);
    let others = all.iter().map(|setting| setting.name);
    let others: BTreeSet<_> = others.filter(|name| !held.contains(name)).collect();
    assert_eq!(others, BTreeSet::from(NOT_IN_FORCE));
}

#[tokio::test]
async fn a_call_obeys_each_setting() {
    for setting in ENFORCED {
        let ends = ends(setting).await;
        assert_ne!(ends[0], ends[1], "nothing obeys `{setting}`");
    }
}

/// How a call ends with one value of a setting, and with another.
async fn ends(setting: &str) -> [String; 2] {
    match setting {
        "environment" => [
            environment("production").await,
            environment("staging").await,
        ],
        "timeout of an attempt" => [timeout("200ms").await, timeout("5s").await],
        "timeout of connecting" => [connecting("100ms").await, connecting("700ms").await],
        "retries" => {
            let of = async |retries| {
                let vendor = busy_once(&[]).await;
                let document = Document::at(vendor.address()).retries(retries, "10ms");
                end(&call(&Gateway::start(document), Call::get("/vendor/items")).await)
            };
            [of(0).await, of(1).await]
        }
        "delays before retries" => [delay("10ms").await, delay("500ms").await],
        "longest possible call" => [longest("100ms").await, longest("10s").await],
        "largest body" => [largest_body("1 kB").await, largest_body("1 MB").await],
        "idempotency header" => [
            repeated("X-Once", "/items").await,
            repeated("X-Other", "/items").await,
        ],
        "may be repeated" => [
            repeated("X-Other", "/items").await,
            repeated("X-Other", "/safe-items").await,
        ],
        "API version" => [version("v1").await, version("v2").await],
        other => unreachable!("`{other}` has no call"),
    }
}

async fn call(gateway: &Gateway, call: Call) -> Answer {
    gateway.call(call).await
}

/// Status and number of attempts.
fn end(answer: &Answer) -> String {
    let attempts = answer.header("wharf-attempts").unwrap();
    format!("{} after {attempts}", answer.status)
}

/// Answers `503` with these headers the first time, and then `200`.
async fn busy_once(headers: &'static [(&'static str, &'static str)]) -> Vendor {
    Vendor::answering(move |number, _| match number {
        0 => answer(503, headers, "busy"),
        _ => ok("done"),
    })
    .await
}

async fn environment(default: &str) -> String {
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address())
        .and_environment("Staging", &format!("http://{}", vendor.address()))
        .environment(default);
    let gateway = Setup::of(document)
        .variable("STAGING_API_KEY", "key-of-staging")
        .start();
    call(&gateway, Call::get("/vendor/items")).await;
    vendor.only_request().header("authorization").unwrap()
}

/// The vendor needs 600 ms.
async fn timeout(timeout: &str) -> String {
    let vendor = Vendor::start(|mut connection| async move {
        connection.request().await;
        tokio::time::sleep(Duration::from_millis(600)).await;
        connection.send(ok("late")).await;
        connection.until_closed().await;
    })
    .await;
    let gateway = Gateway::start(Document::at(vendor.address()).timeout(timeout));
    end(&call(&gateway, Call::get("/vendor/items")).await)
}

/// The vendor takes the connection and says nothing of TLS.
async fn connecting(timeout: &str) -> String {
    let vendor = Vendor::start(Connection::until_closed).await;
    let endpoint = format!("https://{}", vendor.address());
    let document = Document::with_endpoint(&endpoint).setting("connect_timeout", timeout);
    let answer = call(&Gateway::start(document), Call::get("/vendor/items")).await;
    assert_eq!(answer.problem()["code"], "vendor_unreachable");
    (answer.took >= Duration::from_millis(700)).to_string()
}

async fn delay(delay: &str) -> String {
    let vendor = busy_once(&[]).await;
    let document = Document::at(vendor.address()).retries(1, delay);
    call(&Gateway::start(document), Call::get("/vendor/items")).await;
    let [first, second] = <[_; 2]>::try_from(vendor.requests()).unwrap();
    // A delay is spread over 80 % to 120 %.
    (second.at - first.at >= Duration::from_millis(400)).to_string()
}

/// The vendor asks for a second, which a short call has no room for.
async fn longest(timeout: &str) -> String {
    let vendor = busy_once(&[("Retry-After", "1")]).await;
    let document = Document::at(vendor.address())
        .retries(1, "10ms")
        .timeout(timeout);
    end(&call(&Gateway::start(document), Call::get("/vendor/items")).await)
}

async fn largest_body(bound: &str) -> String {
    let vendor = Vendor::answering(|_, _| ok(&"x".repeat(2_000))).await;
    let document = Document::at(vendor.address()).setting("max_body", bound);
    end(&call(&Gateway::start(document), Call::get("/vendor/items")).await)
}

/// A POST with a key in `X-Once`, where the document names `header`.
async fn repeated(header: &str, path: &str) -> String {
    let vendor = busy_once(&[]).await;
    let document = Document::at(vendor.address())
        .retries(1, "10ms")
        .setting("idempotency_header", header);
    let post = Call::post(&format!("/vendor{path}"), "x").header("X-Once", "1");
    end(&call(&Gateway::start(document), post).await)
}

async fn version(version: &str) -> String {
    let vendor = Vendor::fine().await;
    let document = Document::at(vendor.address())
        .method(WITH_VERSION)
        .setting("api_version", version);
    call(&Gateway::start(document), Call::get("/vendor/items")).await;
    vendor.only_request().header("x-version").unwrap()
}

#[tokio::test]
async fn a_credential_is_sent_where_it_is_shown_and_nowhere_else() {
    for (method, places) in [
        ("- Type: API Key", 1),
        ("- Type: API Key\n- Header: X-Key: Token {api_key}", 1),
        ("- Type: API Key\n- Query: key={api_key}", 1),
        (
            "- Type: API Key\n- Header: X-Key: {api_key}\n- Header: X-Again: {api_key}\n\
             - Query: key={api_key}",
            3,
        ),
        ("- Type: OAuth2", 1),
        ("- Type: JWT", 1),
        ("- Type: Basic\n- Username: {api_key}\n- Password: x", 1),
        ("- Type: Basic\n- Username: x\n- Password: {api_key}", 1),
        ("- Type: None", 0),
    ] {
        let vendor = Vendor::fine().await;
        let document = Document::at(vendor.address()).method(method);
        let shown = effective(&document.load()).sent_as;
        call(&Gateway::start(document), Call::get("/vendor/items")).await;
        let request = vendor.only_request();
        let sent: Vec<_> = request
            .head
            .lines()
            .filter(|line| is_secret(line))
            .collect();
        // The parameter of a query stands in the first line.
        assert_eq!(
            (shown.len(), sent.len()),
            (places, places),
            "{method}\n{}",
            request.head
        );
        for place in shown {
            let filled = fill(&place.words);
            let stands = match filled.split_once(": ") {
                Some((name, value)) => request.header(name).is_some_and(|sent| sent == value),
                None => request.target().ends_with(&format!("?{filled}")),
            };
            assert!(stands, "{method}\n{filled}\n{}", request.head);
        }
    }
}

/// Whether a line of a head holds the key, as it is or in a pair.
fn is_secret(line: &str) -> bool {
    let decoded = line.split_once("Basic ").map(|(_, pair)| {
        let pair = STANDARD.decode(pair.trim()).unwrap();
        String::from_utf8(pair).unwrap()
    });
    line.contains(VENDOR_KEY)
        || line.contains(&VENDOR_KEY.replace('-', "%2D"))
        || decoded.is_some_and(|pair| pair.contains(VENDOR_KEY))
}

/// A place as it is shown, with the key in it, as a request has it.
fn fill(words: &str) -> String {
    let (before, rest) = words.split_once('{').unwrap();
    let (_, after) = rest.split_once('}').unwrap();
    match before.strip_prefix("Authorization: Basic ") {
        Some(before) => {
            let pair = STANDARD.encode(format!("{before}{VENDOR_KEY}{after}"));
            format!("Authorization: Basic {pair}")
        }
        None if words.contains(": ") => format!("{before}{VENDOR_KEY}{after}"),
        // A query is encoded to the last sign.
        None => format!("{before}{}{after}", VENDOR_KEY.replace('-', "%2D")),
    }
}
