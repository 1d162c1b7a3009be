//! Values made from schemas.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{MAX_VALUES, count, generate};
use crate::Tree;

/// The value of `schema` beside these named schemas.
fn made_with(schemas: &Value, schema: Value) -> Option<Value> {
    let text = json!({"components": {"schemas": schemas}}).to_string();
    let tree = Tree::parse(&text).unwrap();
    let first = generate(&tree, &Rc::new(schema.clone()));
    let again = generate(&tree, &Rc::new(schema));
    assert_eq!(first, again, "the same schema gives the same value");
    first
}

fn made(schema: Value) -> Value {
    made_with(&json!({}), schema).unwrap()
}

#[test]
fn types_and_formats() {
    let schema = json!({"type": "object", "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer"},
        "rate": {"type": "number"},
        "open": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "created_at": {"type": "string", "format": "date-time"},
        "id": {"type": "string", "format": "uuid"},
        "html_url": {"type": "string"},
        "any": {},
        "nothing": {"type": "null"},
        "secret": {"type": "string", "writeOnly": true},
        "never": false
    }});
    assert_eq!(
        made(schema),
        json!({
            "name": "name", "count": 1, "rate": 1.5, "open": true, "tags": ["tags"],
            "created_at": "2026-01-15T10:00:00Z", "id": "6f1c1a0e-2b7d-4c55-9a3e-0d5b8f7a4c21",
            "html_url": "https://example.com/html_url", "any": {}, "nothing": null
        })
    );
}

#[test]
fn what_the_schema_shows_comes_first() {
    for (schema, value) in [
        (
            json!({"type": "string", "const": "c", "example": "e"}),
            json!("c"),
        ),
        (
            json!({"type": "string", "example": "e", "default": "d"}),
            json!("e"),
        ),
        (
            json!({"type": "string", "examples": ["e1", "e2"], "default": "d"}),
            json!("e1"),
        ),
        (
            json!({"type": "string", "default": "d", "enum": ["a", "d"]}),
            json!("d"),
        ),
        (json!({"type": "string", "enum": ["a", "b"]}), json!("a")),
        (
            json!({"type": "string", "enum": ["a"], "example": "not one of them"}),
            json!("a"),
        ),
        (json!({"type": "integer", "example": "7"}), json!(1)),
        (json!({"type": "string", "default": null}), json!("text")),
        (json!({"enum": [null]}), json!(null)),
        (
            json!({"type": "object", "example": {"a": 1}, "properties": {"b": {}}}),
            json!({"a": 1}),
        ),
    ] {
        assert_eq!(made(schema.clone()), value, "{schema}");
    }
}

#[test]
fn types_may_be_lists_or_left_out() {
    for (schema, value) in [
        (json!({"type": ["null", "string"]}), json!("text")),
        (json!({"type": ["null"]}), json!(null)),
        (
            json!({"properties": {"a": {"type": "boolean"}}}),
            json!({"a": true}),
        ),
        (json!({"items": {"type": "integer"}}), json!([1])),
        (json!({"minimum": 3}), json!(4.0)),
        (json!({"format": "date"}), json!("2026-01-15")),
        (json!(true), json!({})),
    ] {
        assert_eq!(made(schema.clone()), value, "{schema}");
    }
    assert_eq!(made_with(&json!({}), json!(false)), None);
}

#[test]
fn composed_schemas_are_joined() {
    let schemas = json!({
        "Base": {"type": "object", "properties": {"id": {"type": "integer"}}},
        "Kind": {"type": "string", "enum": ["cat", "dog"]},
        "Cat": {"type": "object", "properties": {"type": {"type": "string"}, "meows": {"type": "boolean"}}}
    });
    let joined = json!({
        "allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"properties": {"kind": {"allOf": [{"$ref": "#/components/schemas/Kind"}, {"description": "x"}]}}}
        ],
        "properties": {"own": {"type": "string"}}
    });
    assert_eq!(
        made_with(&schemas, joined),
        Some(json!({"id": 1, "kind": "cat", "own": "own"}))
    );
    let union = json!({
        "oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Cat"}],
        "discriminator": {"propertyName": "type", "mapping": {"small-cat": "#/components/schemas/Cat"}}
    });
    assert_eq!(
        made_with(&schemas, union),
        Some(json!({"type": "small-cat", "meows": true}))
    );
    let expandable = json!({"anyOf": [{"type": "string"}, {"$ref": "#/components/schemas/Cat"}]});
    assert_eq!(made_with(&schemas, expandable), Some(json!("text")));
}

#[test]
fn a_union_of_nothing_but_null_is_null() {
    assert_eq!(made(json!({"anyOf": [{"type": "null"}]})), json!(null));
    let dangling = json!({"anyOf": [{"$ref": "#/components/schemas/Gone"}, {"type": "null"}]});
    assert_eq!(made(dangling), json!(null));
}

#[test]
fn cycles_end() {
    let schemas = json!({
        "Node": {
            "type": "object",
            "required": ["value", "parent", "children", "owner"],
            "properties": {
                "value": {"type": "string"},
                "parent": {"$ref": "#/components/schemas/Node"},
                "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
                "owner": {"nullable": true, "allOf": [{"$ref": "#/components/schemas/Node"}]},
                "optional": {"$ref": "#/components/schemas/Node"}
            }
        }
    });
    assert_eq!(
        made_with(&schemas, json!({"$ref": "#/components/schemas/Node"})),
        Some(json!({"value": "value", "parent": {}, "children": [], "owner": null}))
    );
}

#[test]
fn a_schema_that_nests_without_end_stays_small() {
    // Each level names the next one ten times, and no reference repeats on the way down.
    let mut schemas = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
        let names: Vec<String> = (0..10).map(|number| format!("p{number}")).collect();
        let properties: serde_json::Map<String, Value> = names
            .iter()
            .map(|name| (name.clone(), next.clone()))
            .collect();
        schemas.insert(
            format!("L{level}"),
            json!({"type": "object", "required": names, "properties": properties}),
        );
    }
    let value = made_with(
        &Value::Object(schemas),
        json!({"$ref": "#/components/schemas/L0"}),
    );
    let values = count(&value.unwrap());
    assert!(values <= 11 * MAX_VALUES, "{values}");
}

#[test]
fn optional_properties_are_left_out_where_it_gets_deep() {
    let mut schema = json!({"type": "string"});
    for _ in 0..8 {
        schema = json!({"type": "object", "required": ["must"], "properties": {
            "may": {"type": "string"}, "must": schema
        }});
    }
    let value = made(schema);
    assert_eq!(value.pointer("/must/must/must/may"), Some(&json!("may")));
    assert_eq!(value.pointer("/must/must/must/must/may"), None);
    assert_eq!(
        value.pointer("/must/must/must/must/must/must/must/must"),
        Some(&json!("must"))
    );
}

#[test]
fn lists_keep_their_bounds() {
    let item = json!({"type": "integer"});
    for (bounds, length) in [
        (json!({}), 1),
        (json!({"minItems": 3}), 3),
        (json!({"minItems": 4_000_000_000_u64}), 16),
        (json!({"maxItems": 0}), 0),
    ] {
        let mut schema = json!({"type": "array", "items": item});
        schema
            .as_object_mut()
            .unwrap()
            .extend(bounds.as_object().unwrap().clone());
        assert_eq!(made(schema).as_array().unwrap().len(), length, "{bounds}");
    }
    let tuple = json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false});
    assert_eq!(made(tuple), json!(["text", 1]));
}

#[test]
fn maps_have_one_entry() {
    let map = json!({"type": "object", "additionalProperties": {"type": "string"}});
    assert_eq!(made(map), json!({"key": "key"}));
    let open = json!({"type": "object", "additionalProperties": true});
    assert_eq!(made(open), json!({}));
}

#[test]
fn a_long_chain_of_references_ends() {
    let schemas: serde_json::Map<String, Value> = (0..50_000)
        .map(|link| {
            let next = format!("#/components/schemas/S{}", link + 1);
            (format!("S{link}"), json!({"allOf": [{"$ref": next}]}))
        })
        .collect();
    let first = json!({"$ref": "#/components/schemas/S0"});
    assert_eq!(made_with(&Value::Object(schemas), first), Some(json!({})));
}
