//! Paths and methods: what the table has, and what it has not.

use http::StatusCode;
use serde_json::json;

use crate::support::{small_document, start, vendor};

const ROWS: &[&str] = &[
    "List | GET | /items",
    "Create | POST | /items",
    "Get | GET | /items/{id}",
];

#[tokio::test]
async fn what_is_not_in_the_table_says_so() {
    let running = start(vec![vendor(&small_document(
        "alpha",
        "api.example.com",
        ROWS,
    ))])
    .await;

    let unknown = running.call("GET", "/alpha/production/folders", "").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(unknown.json()["documented"], json!(false));
    assert_eq!(unknown.json()["error"]["type"], "unknown_path");

    let other = running.call("DELETE", "/alpha/production/items", "").await;
    assert_eq!(other.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(other.header("allow"), "GET, HEAD, POST");
    assert_eq!(other.json()["documented"], json!(false));

    let counters = running.handle.operation("alpha", wharf_sim::UNDOCUMENTED);
    assert_eq!(counters.calls, 2);
}

#[tokio::test]
async fn an_unknown_vendor_is_told_the_known_ones() {
    let running = start(vec![vendor(&small_document(
        "alpha",
        "api.example.com",
        ROWS,
    ))])
    .await;
    for path in [
        "/",
        "/alpha",
        "/alpha/nowhere/items",
        "/beta/production/items",
    ] {
        let answer = running.send(http::Request::builder().uri(path), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            answer.json()["error"]["message"],
            "no such integration and environment here; known are `/alpha/production`, \
             `/alpha/staging`"
        );
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let running = start(vec![vendor(&small_document(
        "alpha",
        "api.example.com",
        ROWS,
    ))])
    .await;
    let get = running.call("GET", "/alpha/production/items/i_1", "").await;
    let head = running
        .call("HEAD", "/alpha/production/items/i_1", "")
        .await;
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(head.header("content-length"), get.body.len().to_string());
    assert_eq!(head.header("content-type"), get.header("content-type"));
    assert!(head.body.is_empty());
    assert_eq!(running.handle.operation("alpha", "get").calls, 2);
}

#[tokio::test]
async fn base_paths_are_given_for_names_in_any_case() {
    let running = start(vec![vendor(&small_document(
        "alpha",
        "api.example.com",
        ROWS,
    ))])
    .await;
    let path = |id, environment| running.handle.base_path(id, environment);
    assert_eq!(
        path("alpha", "Production").as_deref(),
        Some("/alpha/production")
    );
    assert_eq!(path("alpha", "STAGING").as_deref(), Some("/alpha/staging"));
    assert_eq!(path("alpha", "nowhere"), None);
    assert_eq!(path("beta", "Production"), None);
}
