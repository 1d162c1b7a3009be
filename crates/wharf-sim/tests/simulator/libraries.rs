//! What vendors' client libraries insist on, each as one of them was seen to fail.

use http::StatusCode;
use serde_json::{Value, json};

use crate::support::{authorised, document, start, vendor};

const BODY: &str = r#"
## Service Details

### Environments

| Environment | Endpoint | Status | Notes |
|---|---|---|---|
| Production | api.example.com | Active | |

## Authentication

### Method
- Type: API Key
- Header: Authorization: Bearer {api_key}

## API Endpoints

| Operation | Method | Endpoint | Rate Limit |
|---|---|---|---|
| Ping | GET | /_ping | |
| Delete message | DELETE | /messages/{id} | |
| Create embeddings | POST | /embeddings | |
| GraphQL | POST | /graphql | |
| List pods | GET | /pods | |
| Read rows | GET | /rows | |
| Insert rows | POST | /rows | |
| Update rows | PATCH | /rows | |
| List no rows | GET | /none | |
| Send mail | POST | /mail | |
| Chat | POST | /chat | |

### Examples

```text ping
OK
```

```json read-rows
[{"id": 7}, {"id": 8}]
```

```json insert-rows 201
[{"id": 7}]
```

```json update-rows
[{"id": 7}]
```

```json list-no-rows
[]
```

```text send-mail 202
```

```json chat
{"answer": "whole"}
```

```sse chat
data: {"answer": "a piece"}
```

```json delete-message 204
{}
```

```json create-embeddings
{"data": [{"index": 0, "embedding": [0.5, -2]}, {"index": 1, "embedding": ["no"]}]}
```

```json graphql
{"data": {"shop": {"name": "Quay"}}}
```

```json graphql
{"data": {"productCreate": {"product": {"id": "gid://1"}, "userErrors": []}}}
```

```json list-pods
{"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "7"},
 "items": [{"metadata": {"name": "crane-1"}}, {"kind": "Pod", "metadata": {"name": "crane-2"}}]}
```
"#;

/// `@discordjs/rest` reads JSON wherever the content type says so.
#[tokio::test]
async fn no_content_has_no_type_and_no_body() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    let answer = running
        .call("DELETE", "/lib/production/messages/1", "")
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("content-type"), "");
    assert_eq!(answer.header("content-length"), "");
    assert!(answer.body.is_empty());
}

/// `ping()` of docker for Python compares the body with `OK`.
#[tokio::test]
async fn text_is_sent_as_it_is() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    let answer = running.call("GET", "/lib/production/_ping", "").await;
    assert_eq!(answer.text(), "OK");
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
}

/// openai for Node asks for base64 by default and decodes whatever comes.
#[tokio::test]
async fn embeddings_come_in_the_form_that_is_asked_for() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    let ask = async |body: &str| {
        let answer = running
            .call("POST", "/lib/production/embeddings", body)
            .await;
        answer.json()["data"].clone()
    };
    // 0.5 and -2.0 as IEEE 754 singles, little-endian: 0000003f 000000c0.
    let encoded = ask(r#"{"encoding_format": "base64"}"#).await;
    assert_eq!(encoded[0]["embedding"], "AAAAPwAAAMA=");
    assert_eq!(encoded[1]["embedding"], json!(["no"]), "no numbers");
    for body in [r#"{"encoding_format": "float"}"#, "{}"] {
        assert_eq!(ask(body).await[0]["embedding"], json!([0.5, -2]));
    }
}

/// The admin client of Shopify got the answer of `shop` for every mutation.
#[tokio::test]
async fn graphql_answers_with_the_fields_that_were_asked_for() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    let ask = async |query: &str| {
        let body = json!({"query": query, "variables": {"name": "x"}}).to_string();
        running
            .call("POST", "/lib/production/graphql", &body)
            .await
            .json()
    };
    let create = "mutation($name: String!) { productCreate(product: {title: $name}) { userErrors { message } } }";
    let created = json!({"product": {"id": "gid://1"}, "userErrors": []});
    assert_eq!(
        ask(create).await,
        json!({"data": {"productCreate": created}})
    );
    assert_eq!(
        ask("{ shop { name } }").await,
        json!({"data": {"shop": {"name": "Quay"}}})
    );
    assert_eq!(
        ask("{ orders { id } }").await["data"],
        json!({"orders": null})
    );
}

/// `watch.Watch().stream(…)` of kubernetes for Python ended in `KeyError: 'object'`.
#[tokio::test]
async fn a_watch_is_answered_with_events() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    let pods = async |query: &str| {
        let path = format!("/lib/production/pods{query}");
        let answer = running.call("GET", &path, "").await;
        assert_eq!(answer.header("content-type"), "application/json", "{query}");
        answer.text().to_owned()
    };
    let text = pods("?watch=true&resourceVersion=0").await;
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let pod = |name: &str| {
        let object = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name}});
        json!({"type": "ADDED", "object": object})
    };
    assert_eq!(events, [pod("crane-1"), pod("crane-2")]);
    assert_eq!(
        pods("?watch=True&resourceVersion=7&timeoutSeconds=0").await,
        ""
    );
    assert!(pods("?watch=false").await.contains("PodList"));
}

/// docker for Python ends in `KeyError: 'message'`, mixpanel for Python in `KeyError: 'error'`,
/// Octokit and discord.js show `message`, openai and Stripe `error.message`.
#[tokio::test]
async fn errors_have_their_words_wherever_libraries_look() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    let too_large = http::Request::builder()
        .method("POST")
        .uri("/lib/production/embeddings");
    let unknown_key = http::Request::builder().uri("/lib/production/_ping");
    let answers = [
        (
            404,
            "unknown_path",
            running.call("GET", "/lib/production/no", "").await,
        ),
        (
            405,
            "method_not_allowed",
            running.call("POST", "/lib/production/_ping", "").await,
        ),
        (
            413,
            "body_too_large",
            running.send(too_large, &"x".repeat((16 << 20) + 1)).await,
        ),
        (
            401,
            "invalid_credential",
            running.send(unknown_key, "").await,
        ),
    ];
    for (status, code, answer) in answers {
        assert_eq!(answer.status.as_u16(), status);
        let document = answer.json();
        let message = document["message"].as_str().unwrap();
        assert!(!message.is_empty());
        assert_eq!(document["status"], status, "{code}");
        assert_eq!(document["code"], code);
        let error = json!({"message": message, "type": code, "code": code});
        assert_eq!(document["error"], error);
    }
}

/// `send()` of sendgrid for Python gets an empty body with 202 from the vendor.
#[tokio::test]
async fn an_empty_text_is_an_answer_without_a_body() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    let answer = running.call("POST", "/lib/production/mail", "{}").await;
    assert_eq!(answer.status, StatusCode::ACCEPTED);
    assert_eq!(answer.header("content-type"), "");
    assert!(answer.body.is_empty());
}

/// Dify's clients ask for a stream by a word of its own.
#[tokio::test]
async fn the_response_mode_asks_for_a_stream() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    for (body, content_type) in [
        (r#"{"response_mode": "streaming"}"#, "text/event-stream"),
        (r#"{"response_mode": "blocking"}"#, "application/json"),
    ] {
        let answer = running.call("POST", "/lib/production/chat", body).await;
        assert_eq!(answer.header("content-type"), content_type, "{body}");
    }
}

const ONE_OBJECT: &str = "application/vnd.pgrst.object+json";

/// `.single()` of Supabase's libraries, which then read an object.
#[tokio::test]
async fn one_row_comes_without_its_list() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    for (method, path) in [("GET", "rows"), ("POST", "rows"), ("PATCH", "rows")] {
        let request = authorised(method, &format!("/lib/production/{path}"));
        let answer = running.send(request.header("accept", ONE_OBJECT), "").await;
        assert_eq!(answer.json(), json!({"id": 7}), "{method}");
        let content_type = answer.header("content-type");
        assert!(content_type.starts_with(ONE_OBJECT), "{content_type}");
    }
}

/// `.insert(…, returning="minimal")`: RFC 7240, 4.2.
#[tokio::test]
async fn a_change_that_wants_no_rows_back_gets_none() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    for (method, status) in [
        ("POST", StatusCode::CREATED),
        ("PATCH", StatusCode::NO_CONTENT),
    ] {
        let request = authorised(method, "/lib/production/rows");
        let request = request.header("prefer", "missing=default, return=minimal");
        let answer = running.send(request, "").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), "");
        assert!(answer.body.is_empty(), "{method}");
    }
    let request = authorised("GET", "/lib/production/rows").header("prefer", "return=minimal");
    let answer = running.send(request, "").await;
    assert_eq!(answer.json(), json!([{"id": 7}, {"id": 8}]));
}

/// `.select(count="exact")` reads the count behind the slash.
#[tokio::test]
async fn rows_are_counted_where_a_count_is_wanted() {
    let running = start(vec![vendor(&document("lib", BODY))]).await;
    for (method, path, preference, range) in [
        ("GET", "rows", "count=exact", "0-1/2"),
        ("HEAD", "rows", "count=exact", "0-1/2"),
        ("GET", "none", "count=planned", "*/0"),
        ("POST", "rows", "return=minimal,count=exact", "*/1"),
        ("GET", "rows", "return=representation", ""),
    ] {
        let request = authorised(method, &format!("/lib/production/{path}"));
        let answer = running.send(request.header("prefer", preference), "").await;
        assert_eq!(answer.header("content-range"), range, "{method} {path}");
    }
}
