//! Streams made from schemas.

use std::rc::Rc;

use serde_json::{Value, json};
use wharf_openapi::Tree;

use super::from_schema;
use crate::echo::Written;

fn texts(schemas: &Value, operation: Value, schema: Value) -> Vec<String> {
    let text = json!({"components": {"schemas": schemas}}).to_string();
    let tree = Tree::parse(&text).unwrap();
    from_schema(&tree, &Rc::new(operation), &Rc::new(schema))
        .events
        .iter()
        .map(|event| String::from_utf8(event.finish(&Written::default(), &[]).to_vec()).unwrap())
        .collect()
}

#[test]
fn one_schema_gives_the_same_event_several_times() {
    let schemas = json!({"Chunk": {"type": "object", "properties": {"delta": {"type": "string"}}}});
    let chunk = "data: {\"delta\":\"delta\"}\n\n";
    assert_eq!(
        texts(
            &schemas,
            json!({}),
            json!({"$ref": "#/components/schemas/Chunk"})
        ),
        [chunk, chunk, chunk]
    );
}

#[test]
fn a_union_gives_its_first_members_and_nested_unions_count() {
    let schemas = json!({
        "Inner": {"oneOf": [{"const": "b"}, {"const": "c"}]},
        "Event": {"anyOf": [{"const": "a"}, {"$ref": "#/components/schemas/Inner"}, {"const": "d"}]}
    });
    assert_eq!(
        texts(
            &schemas,
            json!({}),
            json!({"$ref": "#/components/schemas/Event"})
        ),
        ["data: a\n\n", "data: b\n\n", "data: c\n\n"]
    );
}

#[test]
fn event_and_data_become_the_fields_of_an_event() {
    let done = json!({"type": "object", "properties": {
        "event": {"type": "string", "enum": ["done"]}, "data": {"type": "string", "enum": ["[DONE]"]}
    }});
    let started = json!({"type": "object", "properties": {
        "event": {"type": "string", "enum": ["started"]}, "data": {"type": "object"}
    }});
    assert_eq!(
        texts(&json!({}), json!({}), json!({"oneOf": [started, done]})),
        [
            "event: started\ndata: {}\n\n",
            "event: started\ndata: {}\n\n",
            "event: started\ndata: {}\n\n",
            "data: [DONE]\n\n"
        ]
    );
}

#[test]
fn the_end_mark_comes_only_where_the_description_shows_it() {
    let schemas = json!({
        "Request": {"allOf": [{"$ref": "#/components/schemas/Options"}]},
        "Options": {"properties": {"stream": {"description": "ended by a `data: [DONE]` message"}}}
    });
    let operation = json!({"requestBody": {"content": {"application/json": {
        "schema": {"$ref": "#/components/schemas/Request"}
    }}}});
    let chunk = json!({"oneOf": [{"const": "w"}, {"const": "x"}]});
    let with = texts(&schemas, operation, chunk.clone());
    assert_eq!(with.last().map(String::as_str), Some("data: [DONE]\n\n"));
    let without = texts(&schemas, json!({"summary": "a stream"}), chunk);
    assert_eq!(without.last().map(String::as_str), Some("data: x\n\n"));
}

#[test]
fn a_stream_of_equal_chunks_takes_the_mark_of_the_whole_description() {
    let schemas = json!({"Elsewhere": {"description": "a `data: [DONE]` message ends it"}});
    let chunk = texts(&schemas, json!({}), json!({"const": "x"}));
    assert_eq!(chunk.last().map(String::as_str), Some("data: [DONE]\n\n"));
    let union = json!({"oneOf": [{"const": "a"}, {"const": "b"}]});
    let typed = texts(&schemas, json!({}), union);
    assert_eq!(typed, ["data: a\n\n", "data: b\n\n"]);
}

#[test]
fn endless_unions_end() {
    let schemas = json!({"Loop": {"oneOf": [{"$ref": "#/components/schemas/Loop"}]}});
    assert!(
        texts(
            &schemas,
            json!({}),
            json!({"$ref": "#/components/schemas/Loop"})
        )
        .is_empty()
    );
}
