//! Which answer a described operation gives.

use std::rc::Rc;

use serde_json::{Value, json};
use wharf_openapi::{Dialect, Tree};

use super::prepare;
use crate::answer::{Plain, Prepared};

fn prepared(dialect: Dialect, root: &Value, operation: Value) -> Prepared {
    let text = root.to_string();
    let tree = Tree::parse(&text).unwrap();
    prepare(&tree, dialect, &Rc::new(operation))
}

/// Status, media type and body in one line.
fn shown(prepared: &Prepared) -> String {
    let status = prepared.status.map_or(0, |status| status.as_u16());
    let body = match &prepared.plain {
        None => "nothing".to_owned(),
        Some(Plain::Empty) => "empty".to_owned(),
        Some(Plain::Json {
            content_type,
            value,
        }) => format!("{} {value}", content_type.to_str().unwrap()),
        Some(Plain::Bytes {
            content_type,
            bytes,
        }) => format!(
            "{} {}",
            content_type.to_str().unwrap(),
            String::from_utf8_lossy(bytes)
        ),
    };
    let events = prepared
        .stream
        .as_ref()
        .map_or(0, |stream| stream.events.len());
    format!("{status} {body}, {events} events")
}

fn openapi(responses: &Value) -> String {
    let root = json!({"components": {
        "responses": {"Made": {"content": {"application/json": {"schema": {"const": "made"}}}}},
        "examples": {"one": {"value": {"from": "ref"}}}
    }});
    shown(&prepared(
        Dialect::OpenApi3,
        &root,
        json!({"responses": responses.clone()}),
    ))
}

fn json_content(media: &Value) -> Value {
    json!({"200": {"content": {"application/json": media}}})
}

#[test]
fn the_lowest_status_of_success_is_taken() {
    let empty = json!({"description": ""});
    for (responses, expected) in [
        (
            json!({"404": empty, "202": empty, "201": empty}),
            "201 empty, 0 events",
        ),
        (json!({"204": empty}), "204 empty, 0 events"),
        (
            json!({"2XX": empty, "default": empty}),
            "200 empty, 0 events",
        ),
        (
            json!({"default": empty, "400": empty}),
            "200 empty, 0 events",
        ),
        (json!({"302": empty, "404": empty}), "0 nothing, 0 events"),
        (
            json!({"201": {"$ref": "#/components/responses/Made"}}),
            "201 application/json \"made\", 0 events",
        ),
        (
            json!({"201": {"$ref": "#/components/responses/Gone"}}),
            "0 nothing, 0 events",
        ),
    ] {
        assert_eq!(openapi(&responses), expected, "{responses}");
    }
}

#[test]
fn examples_come_before_schemas() {
    let schema = json!({"type": "string", "example": "from schema"});
    for (media, expected) in [
        (json!({"schema": schema, "example": {"a": 1}}), "{\"a\":1}"),
        (
            json!({"schema": schema, "examples": {"x": {"value": [1]}, "y": {"value": 2}}}),
            "[1]",
        ),
        (
            json!({"examples": {"x": {"$ref": "#/components/examples/one"}}}),
            "{\"from\":\"ref\"}",
        ),
        (
            json!({"schema": schema, "examples": {"x": {"externalValue": "x.json"}}}),
            "\"from schema\"",
        ),
        (json!({"schema": schema}), "\"from schema\""),
        (
            json!({"example": "{\"written\": \"as text\"}"}),
            "{\"written\":\"as text\"}",
        ),
    ] {
        let shown = openapi(&json_content(&media));
        assert_eq!(
            shown,
            format!("200 application/json {expected}, 0 events"),
            "{media}"
        );
    }
}

#[test]
fn json_is_preferred_among_media_types() {
    let content = |types: &[&str]| {
        let mut all = json!({});
        for name in types {
            all[*name] = json!({"schema": {"const": name}});
        }
        openapi(&json!({"200": {"content": all}}))
    };
    assert_eq!(
        content(&[
            "text/csv",
            "application/vnd.x+json",
            "application/json; charset=utf-8"
        ]),
        "200 application/json \"application/json; charset=utf-8\", 0 events"
    );
    assert_eq!(
        content(&["text/csv", "application/vnd.x+json"]),
        "200 application/vnd.x+json \"application/vnd.x+json\", 0 events"
    );
    assert_eq!(content(&["*/*"]), "200 application/json \"*/*\", 0 events");
    assert_eq!(content(&["text/csv"]), "200 text/csv text/csv, 0 events");
    assert_eq!(
        openapi(
            &json!({"200": {"content": {"audio/mpeg": {"schema": {"type": "string", "format": "binary"}}}}})
        ),
        "200 audio/mpeg simulated, 0 events"
    );
}

#[test]
fn streams_stand_beside_or_alone() {
    let events = json!({"schema": {"const": "x"}});
    let both = json!({"200": {"content": {
        "application/json": {"example": 1}, "text/event-stream": events
    }}});
    assert_eq!(openapi(&both), "200 application/json 1, 3 events");
    let alone = json!({"200": {"content": {"text/event-stream": events}}});
    assert_eq!(openapi(&alone), "200 nothing, 3 events");
    let text =
        json!({"200": {"content": {"text/event-stream": {"example": "data: 1\n\ndata: 2\n\n"}}}});
    assert_eq!(openapi(&text), "200 nothing, 2 events");
}

#[test]
fn swagger_has_examples_and_schemas_of_its_own_form() {
    let root = json!({
        "produces": ["application/xml", "application/json"],
        "definitions": {"Image": {"type": "object", "example": {"Id": "sha256:0"}}}
    });
    let answer = |operation: Value| shown(&prepared(Dialect::Swagger2, &root, operation));
    for (operation, expected) in [
        (
            json!({"responses": {"200": {"schema": {"$ref": "#/definitions/Image"}}}}),
            "200 application/json {\"Id\":\"sha256:0\"}, 0 events",
        ),
        (
            json!({"responses": {"200": {
                "examples": {"application/json": {"ok": true}}, "schema": {"type": "object"}
            }}}),
            "200 application/json {\"ok\":true}, 0 events",
        ),
        (
            json!({"produces": ["text/plain"], "responses": {"200": {"schema": {"type": "string", "example": "OK"}}}}),
            "200 text/plain OK, 0 events",
        ),
        (
            json!({"responses": {"204": {"description": ""}}}),
            "204 empty, 0 events",
        ),
        (
            json!({"responses": {"default": {"schema": {"type": "boolean"}}}}),
            "200 application/json true, 0 events",
        ),
    ] {
        assert_eq!(answer(operation.clone()), expected, "{operation}");
    }
}
