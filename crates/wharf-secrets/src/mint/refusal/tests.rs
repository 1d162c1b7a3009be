//! Errors of other forms than that of the RFC.

use serde_json::{Value, json};

use super::{Refusal, is_error};
use crate::mint::veil::Veil;

fn read(body: &Value) -> (Option<String>, Option<String>) {
    let refusal = Refusal::read(body, &Veil::default());
    (refusal.code, refusal.description)
}

#[test]
fn forms_of_errors() {
    let some = |text: &str| Some(text.to_owned());
    for (body, code, description) in [
        (
            json!({"error": "a_b", "error_description": "c"}),
            some("a_b"),
            some("c"),
        ),
        (
            json!({"message": "Not Found", "status": "404"}),
            some("404"),
            some("Not Found"),
        ),
        (
            json!({"error": {"type": "t", "message": "m"}}),
            some("t"),
            some("m"),
        ),
        // A sentence where the code should stand.
        (
            json!({"error": "The client is not known"}),
            None,
            some("The client is not known"),
        ),
        (
            json!({"error": "x".repeat(65)}),
            None,
            some(&"x".repeat(65)),
        ),
        (json!({"error": 7, "error_description": ["x"]}), None, None),
        (json!([1]), None, None),
        (json!("text"), None, None),
        (Value::Null, None, None),
    ] {
        assert_eq!(read(&body), (code, description), "{body}");
    }
}

#[test]
fn errors_with_a_status_of_success() {
    for (body, expected) in [
        (json!({"error": "x"}), true),
        (json!({"error": {}}), true),
        (json!({"ok": false}), true),
        (json!({"ok": true}), false),
        (json!({"error": ""}), false),
        (json!({"error": null}), false),
        (json!({}), false),
    ] {
        assert_eq!(is_error(&body), expected, "{body}");
    }
}
