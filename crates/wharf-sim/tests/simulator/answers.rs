//! What a call is answered: the document's example, or an account of what arrived.

use std::collections::BTreeSet;

use http::StatusCode;
use serde_json::json;

use crate::support::{authorised, document, small_document, start, vendor};

const PAYMENTS: &str = r#"
## Service Details

### Environments

| Environment | Endpoint | Status | Notes |
|---|---|---|---|
| Production | api.example.com | Active | |

## Authentication

### Method
- Type: API Key
- Header: Authorization: Bearer {api_key}

## Configuration

### Required Settings
```json
{"idempotency_header": "Idempotency-Key"}
```

## API Endpoints

| Operation | Method | Endpoint | Rate Limit |
|---|---|---|---|
| Create intent | POST | /v1/intents | |
| Get intent | GET | /v1/intents/{id} | |
| Delete intent | DELETE | /v1/intents/{id} | |

### Examples

```json create-intent
{"id": "pi_example", "amount": 1099, "currency": "eur", "metadata": {}, "livemode": false}
```

```json get-intent
{"id": "pi_example", "amount": 1099}
```
"#;

#[tokio::test]
async fn a_write_reads_back_what_was_written() {
    let running = start(vec![vendor(&document("payments", PAYMENTS))]).await;
    let expected = json!({
        "id": "pi_example", "amount": 2000, "currency": "usd",
        "metadata": {"order_id": "6735"}, "livemode": false
    });

    let body = r#"{"amount": 2000, "currency": "usd", "metadata": {"order_id": "6735"}, "x": 1}"#;
    let answer = running
        .call("POST", "/payments/production/v1/intents", body)
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json(), expected);

    let form = http::Request::builder()
        .method("POST")
        .uri("/payments/production/v1/intents")
        .header("authorization", "Bearer sim-payments-production-key")
        .header(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        );
    let answer = running
        .send(form, "amount=2000&currency=usd&metadata[order_id]=6735&x=1")
        .await;
    assert_eq!(answer.json(), expected);

    let answer = running
        .call("GET", "/payments/production/v1/intents/pi_7", "")
        .await;
    assert_eq!(answer.json(), json!({"id": "pi_7", "amount": 1099}));
}

#[tokio::test]
async fn without_an_example_the_call_is_accounted_for() {
    let running = start(vec![vendor(&document("payments", PAYMENTS))]).await;
    let path = "/payments/production/v1/intents/pi%207?expand=a&expand2=b+c";
    let answer = running.call("DELETE", path, r#"{"why": [1, 2]}"#).await;
    assert_eq!(
        answer.json(),
        json!({
            "simulated": true,
            "integration": "payments",
            "environment": "production",
            "operation": "delete-intent",
            "parameters": {"id": "pi 7"},
            "query": {"expand": "a", "expand2": "b c"},
            "received": {"why": [1, 2]}
        })
    );

    let upload = http::Request::builder()
        .method("DELETE")
        .uri("/payments/production/v1/intents/pi_7")
        .header("authorization", "Bearer sim-payments-production-key")
        .header("content-type", "image/png");
    let answer = running.send(upload, "12345").await;
    assert_eq!(
        answer.json()["received"],
        json!({"content_type": "image/png", "bytes": 5})
    );
}

#[tokio::test]
async fn every_answer_is_marked() {
    let running = start(vec![vendor(&document("payments", PAYMENTS))]).await;
    let mut ids = BTreeSet::new();
    for path in [
        "/payments/production/v1/intents/a",
        "/payments/production/no",
        "/other",
    ] {
        let request = http::Request::builder().uri(path);
        let answer = running.send(request, "").await;
        assert_eq!(answer.header("wharf-simulated"), "true", "{path}");
        assert!(answer.header("date").ends_with(" GMT"), "{path}");
        assert!(ids.insert(answer.header("request-id").to_owned()), "{path}");
    }
}

#[tokio::test]
async fn a_body_that_says_json_has_to_be_json() {
    let running = start(vec![vendor(&document("payments", PAYMENTS))]).await;
    let path = "/payments/production/v1/intents";
    let answer = running.call("POST", path, "{\"amount\": }").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        answer.json()["error"],
        json!({
            "type": "invalid_json",
            "code": "invalid_json",
            "message": "the body says `application/json` but is not JSON: line 1, column 12"
        })
    );
}

#[tokio::test]
async fn a_repeated_key_replays_the_first_answer() {
    let running = start(vec![vendor(&document("payments", PAYMENTS))]).await;
    let path = "/payments/production/v1/intents";
    let create = async |key: &str, body: &str| {
        let request = authorised("POST", path).header("idempotency-key", key);
        let answer = running.send(request, body).await;
        let replayed = answer.header("idempotent-replayed").to_owned();
        (answer.json()["amount"].clone(), replayed)
    };
    assert_eq!(
        create("a", r#"{"amount": 1}"#).await,
        (json!(1), String::new())
    );
    assert_eq!(
        create("a", r#"{"amount": 2}"#).await,
        (json!(1), "true".to_owned())
    );
    assert_eq!(
        create("b", r#"{"amount": 3}"#).await,
        (json!(3), String::new())
    );
    let counters = running.handle.operation("payments", "create-intent");
    assert_eq!((counters.calls, counters.replayed), (3, 1));

    let get = async |id: &str| {
        let path = format!("/payments/production/v1/intents/{id}");
        let request = authorised("GET", &path).header("idempotency-key", "a");
        running.send(request, "").await.json()["id"].clone()
    };
    assert_eq!(get("one").await, json!("one"));
    assert_eq!(get("two").await, json!("two"), "reading is never replayed");
}

#[tokio::test]
async fn keys_of_other_environments_are_other_keys() {
    let rows = ["Create | POST | /items"];
    let running = start(vec![vendor(&small_document(
        "alpha",
        "api.example.com",
        &rows,
    ))])
    .await;
    let create = async |environment: &str, body: &str| {
        let path = format!("/alpha/{environment}/items");
        let request = authorised("POST", &path).header("idempotency-key", "same");
        running.send(request, body).await.json()["received"].clone()
    };
    assert_eq!(create("production", "1").await, json!(1));
    assert_eq!(create("staging", "2").await, json!(2));
    assert_eq!(create("production", "3").await, json!(1));
}
