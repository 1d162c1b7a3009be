//! Answers from API descriptions in each form, read from disk.

use std::fs::{self, File};
use std::path::Path;

use http::StatusCode;
use serde_json::json;
use wharf_diag::Severity;
use wharf_sim::{MAX_DESCRIPTION_BYTES, Vendor};

use crate::support::{Running, authorised, small_document, start, vendor};

const OPENAPI_30: &str = r##"
openapi: 3.0.3
info: {title: Shop, version: "1"}
servers:
  - url: https://{region}.shop.example/v1
    variables: {region: {default: eu}}
paths:
  /orders:
    get:
      responses:
        "200":
          description: All orders.
          content:
            application/json:
              examples:
                two: {value: {orders: [{number: 7}, {number: 8}]}}
    post:
      responses:
        201:
          description: The order.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
  /orders/{number}:
    get:
      responses:
        default:
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
    delete:
      responses: {"204": {description: Gone.}}
components:
  schemas:
    Order:
      type: object
      required: [number, note]
      properties:
        number: {type: integer, example: 7}
        note: {type: string, nullable: true}
        customer: {$ref: "#/components/schemas/Customer"}
    Customer:
      type: object
      properties:
        email: {type: string, format: email}
        orders: {type: array, items: {$ref: "#/components/schemas/Order"}}
"##;

const OPENAPI_31: &str = r##"{
  "openapi": "3.1.0",
  "servers": [{"url": "/v1"}],
  "paths": {
    "/answers": {"post": {
      "requestBody": {"content": {"application/json": {"schema": {
        "properties": {"stream": {"type": "boolean", "description": "Ends with `data: [DONE]`."}}
      }}}},
      "responses": {"200": {"content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/Answer"}},
        "text/event-stream": {"schema": {"$ref": "#/components/schemas/Chunk"}}
      }}}
    }}
  },
  "components": {"schemas": {
    "Answer": {"type": "object", "properties": {
      "object": {"const": "answer"}, "model": {"type": ["string", "null"]}, "usage": {"anyOf": [{"type": "null"}, {"type": "integer", "minimum": 5}]}
    }},
    "Chunk": {"type": "object", "properties": {
      "object": {"const": "chunk"}, "model": {"type": "string", "examples": ["m0"]}
    }}
  }}
}"##;

const SWAGGER_2: &str = r##"
swagger: "2.0"
basePath: /api
produces: [application/json]
paths:
  /ping:
    get:
      produces: [text/plain]
      responses: {200: {description: OK, schema: {type: string, example: pong}}}
  /messages:
    post:
      responses:
        200:
          schema: {$ref: "#/definitions/Message"}
          examples: {application/json: {ok: true, channel: C1, ts: "1.2"}}
  /messages/{id}:
    get:
      responses: {200: {schema: {$ref: "#/definitions/Message"}}}
definitions:
  Message:
    type: object
    properties:
      ok: {type: boolean}
      text: {type: string, x-nullable: true}
"##;

fn described(endpoint: &str, rows: &[&str], file: &Path) -> Vendor {
    Vendor {
        api_description: Some(file.to_owned()),
        ..vendor(&small_document("shop", endpoint, rows))
    }
}

async fn with_text(name: &str, text: &str, endpoint: &str, rows: &[&str]) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    fs::write(&file, text).unwrap();
    let running = start(vec![described(endpoint, rows, &file)]).await;
    let warning = running.warnings.first().expect("the reading is reported");
    assert_eq!(warning.severity, Severity::Info, "{warning}");
    let message = &warning.message;
    assert!(
        message.contains(name) && message.contains(" ms; "),
        "{message}"
    );
    running
}

#[tokio::test]
async fn openapi_30_in_yaml() {
    let running = with_text(
        "shop.yaml",
        OPENAPI_30,
        "eu.shop.example",
        &[
            "List | GET | /v1/orders",
            "Create | POST | /v1/orders",
            "Get | GET | /v1/orders/{number}",
            "Delete | DELETE | /v1/orders/{number}",
        ],
    )
    .await;
    assert_eq!(running.warnings.len(), 1);

    let list = running.call("GET", "/shop/production/v1/orders", "").await;
    assert_eq!(
        list.json(),
        json!({"orders": [{"number": 7}, {"number": 8}]})
    );

    let create = running
        .call(
            "POST",
            "/shop/production/v1/orders",
            r#"{"note": "ring twice"}"#,
        )
        .await;
    assert_eq!(create.status, StatusCode::CREATED);
    assert_eq!(
        create.json(),
        json!({
            "number": 7, "note": "ring twice",
            "customer": {"email": "someone@example.com", "orders": []}
        })
    );

    let get = running
        .call("GET", "/shop/production/v1/orders/12", "")
        .await;
    assert_eq!(get.json()["number"], json!(12));

    let delete = running
        .call("DELETE", "/shop/production/v1/orders/12", "")
        .await;
    assert_eq!(delete.status, StatusCode::NO_CONTENT);
    assert!(delete.body.is_empty());
    assert_eq!(delete.header("content-type"), "");
}

#[tokio::test]
async fn openapi_31_in_json_with_a_stream() {
    let rows = ["Answer | POST | /v1/answers"];
    let running = with_text("api.json", OPENAPI_31, "api.example.com", &rows).await;
    let path = "/shop/production/v1/answers";

    let plain = running.call("POST", path, r#"{"model": "m1"}"#).await;
    assert_eq!(
        plain.json(),
        json!({"object": "answer", "model": "m1", "usage": 5})
    );

    let stream = running
        .call("POST", path, r#"{"model": "m1", "stream": true}"#)
        .await;
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let event = "data: {\"object\":\"chunk\",\"model\":\"m1\"}\n\n";
    assert_eq!(
        stream.text(),
        format!("{event}{event}{event}data: [DONE]\n\n")
    );
}

#[tokio::test]
async fn swagger_2_with_a_base_path() {
    let running = with_text(
        "api.yml",
        SWAGGER_2,
        "api.example.com/api",
        &[
            "Ping | GET | /ping",
            "Send | POST | /messages",
            "Read | GET | /messages/{id}",
        ],
    )
    .await;
    let ping = running.call("GET", "/shop/production/ping", "").await;
    assert_eq!(
        (ping.header("content-type"), ping.text()),
        ("text/plain", "pong")
    );
    let send = running
        .call("POST", "/shop/production/messages", r#"{"channel": "C2"}"#)
        .await;
    assert_eq!(
        send.json(),
        json!({"ok": true, "channel": "C2", "ts": "1.2"})
    );
    let read = running.call("GET", "/shop/production/messages/1", "").await;
    assert_eq!(read.json(), json!({"ok": true, "text": "text"}));
}

#[tokio::test]
async fn rows_that_are_not_described_are_reported_and_accounted_for() {
    let rows = ["List | GET | /v1/orders", "Refund | POST | /v1/refunds"];
    let running = with_text("shop.yaml", OPENAPI_30, "eu.shop.example", &rows).await;
    let messages: Vec<_> = running.warnings.iter().map(ToString::to_string).collect();
    assert!(
        messages[0].ends_with("it describes 1 of 2 operations"),
        "{messages:?}"
    );
    assert_eq!(
        messages[1],
        "shop: the API description has no operation with method and path of `refund`"
    );
    let answer = running
        .call("POST", "/shop/production/v1/refunds", r#"{"order": 7}"#)
        .await;
    assert_eq!(answer.json()["simulated"], json!(true));
    assert_eq!(answer.json()["received"], json!({"order": 7}));
}

#[tokio::test]
async fn the_documents_own_example_comes_before_the_description() {
    let document = crate::support::document(
        "shop",
        "## Service Details\n\n### Environments\n\n| Environment | Endpoint | Status | Notes |\n\
         |---|---|---|---|\n| Production | eu.shop.example | Active | |\n\n## API Endpoints\n\n\
         | Operation | Method | Endpoint | Rate Limit |\n|---|---|---|---|\n\
         | Create | POST | /v1/orders | |\n| Delete | DELETE | /v1/orders/{number} | |\n\n\
         ### Examples\n\n```json create\n{\"own\": true}\n```\n\n\
         ```json delete\n{\"deleted\": true}\n```\n",
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.yaml");
    fs::write(&file, OPENAPI_30).unwrap();
    let running = start(vec![Vendor {
        api_description: Some(file),
        ..vendor(&document)
    }])
    .await;

    let create = running.call("POST", "/shop/production/v1/orders", "").await;
    assert_eq!(
        create.status,
        StatusCode::CREATED,
        "the description tells the status"
    );
    assert_eq!(create.json(), json!({"own": true}));
    let delete = running
        .call("DELETE", "/shop/production/v1/orders/1", "")
        .await;
    assert_eq!(
        delete.status,
        StatusCode::OK,
        "204 has no room for the example"
    );
    assert_eq!(delete.json(), json!({"deleted": true}));
}

#[tokio::test]
async fn a_description_that_cannot_be_used_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        file
    };
    let huge = folder.path().join("huge.json");
    File::create(&huge)
        .unwrap()
        .set_len(MAX_DESCRIPTION_BYTES + 1)
        .unwrap();
    let latin = folder.path().join("latin.yaml");
    fs::write(&latin, b"openapi: 3.0.0\ninfo: {title: caf\xe9}\n").unwrap();

    for (file, reason) in [
        (
            folder.path().join("missing.yaml"),
            "No such file or directory",
        ),
        (folder.path().to_owned(), "it is not a file"),
        (huge, "it is larger than 67108864 bytes"),
        (latin, "stream did not contain valid UTF-8"),
        (
            write("broken.json", "{\"openapi\": "),
            "it is neither valid JSON nor valid YAML",
        ),
        (
            write("broken.yaml", "openapi: [3.0.0"),
            "it is neither valid JSON nor valid YAML",
        ),
        (
            write("empty.yaml", ""),
            "it has neither `openapi: 3.x` nor `swagger: \"2.0\"` at its top",
        ),
        (
            write(
                "discovery.json",
                "{\"kind\": \"discovery#restDescription\", \"paths\": {}}",
            ),
            "it has neither `openapi: 3.x` nor `swagger: \"2.0\"` at its top",
        ),
        (
            write("old.json", "{\"swaggerVersion\": \"1.2\"}"),
            "it has neither",
        ),
        (
            write("hooks.json", "{\"openapi\": \"3.1.0\", \"webhooks\": {}}"),
            "it describes no paths",
        ),
    ] {
        let running = start(vec![described(
            "shop.example",
            &["List | GET | /orders"],
            &file,
        )])
        .await;
        let [warning] = running.warnings.as_slice() else {
            panic!("one warning expected: {:?}", running.warnings);
        };
        assert_eq!(warning.severity, Severity::Warning);
        assert!(warning.message.contains(reason), "{warning}");
        let answer = running.call("GET", "/shop/production/orders", "").await;
        assert_eq!(answer.json()["simulated"], json!(true), "{reason}");
    }
}

#[tokio::test]
async fn a_reader_that_accepts_anything_gets_the_plain_answer() {
    let rows = ["Answer | POST | /v1/answers"];
    let running = with_text("api.json", OPENAPI_31, "api.example.com", &rows).await;
    let request = authorised("POST", "/shop/production/v1/answers").header("accept", "*/*");
    let answer = running.send(request, "{}").await;
    assert_eq!(answer.header("content-type"), "application/json");
}
