//! Bounds of texts and numbers.

use serde_json::{Map, Value, json};

use super::{integer, number, string};

fn fields(schema: &Value) -> Map<String, Value> {
    schema.as_object().unwrap().clone()
}

#[test]
fn texts_keep_their_length() {
    for (schema, text) in [
        (json!({"minLength": 6}), "namexx"),
        (json!({"maxLength": 2}), "na"),
        (json!({"maxLength": 0}), ""),
        (json!({"format": "date", "maxLength": 4}), "2026"),
        (json!({"format": "email"}), "someone@example.com"),
        (json!({"format": "unknown"}), "name"),
    ] {
        assert_eq!(string(&fields(&schema), "name"), text, "{schema}");
    }
    let endless = fields(&json!({"minLength": 18_000_000_000_000_000_000_u64}));
    assert_eq!(string(&endless, "name").len(), 1_024);
}

#[test]
fn integers_keep_their_bounds() {
    for (schema, value) in [
        (json!({}), 1),
        (json!({"minimum": 5}), 5),
        (json!({"minimum": 5, "exclusiveMinimum": true}), 6),
        (json!({"exclusiveMinimum": 5}), 6),
        (json!({"maximum": -3}), -3),
        (json!({"maximum": 0, "exclusiveMaximum": true}), -1),
        (json!({"exclusiveMaximum": 0}), -1),
        (json!({"minimum": 5, "multipleOf": 4}), 8),
        (json!({"maximum": 7, "minimum": 5, "multipleOf": 4}), 4),
        (
            json!({"minimum": i64::MAX, "multipleOf": 2, "exclusiveMinimum": true}),
            i64::MAX - 1,
        ),
        (json!({"format": "unix-time"}), 1_768_471_200),
    ] {
        assert_eq!(integer(&fields(&schema), "count"), json!(value), "{schema}");
    }
    assert_eq!(integer(&Map::new(), "created"), json!(1_768_471_200));
}

#[test]
fn numbers_keep_their_bounds() {
    for (schema, value) in [
        (json!({}), 1.5),
        (json!({"minimum": 10}), 11.0),
        (json!({"minimum": 0, "maximum": 1}), 0.5),
        (json!({"exclusiveMinimum": 0, "exclusiveMaximum": 1}), 0.5),
        (json!({"maximum": 0}), -1.0),
        (json!({"minimum": 2, "maximum": 2}), 2.0),
        (json!({"multipleOf": 0.5, "minimum": 1.6}), 3.0),
        (json!({"multipleOf": 0}), 1.5),
    ] {
        assert_eq!(number(&fields(&schema)), json!(value), "{schema}");
    }
}
