//! Access to parts of a description, the same for JSON and YAML.

use std::rc::Rc;

use serde_json::{Value, json};

use super::Tree;
use crate::SyntaxError;

const JSON: &str = r##"
{
  "openapi": "3.0.0",
  "paths": {"/a/{id}": {"get": {"tags": ["x", {"deep": 1}]}}, "/b": {"$ref": "#/paths/~1a~1{id}"}},
  "components": {"schemas": {
    "A": {"$ref": "#/components/schemas/B"},
    "B": {"type": "string"},
    "loop": {"$ref": "#/components/schemas/loop"},
    "odd name": true
  }}
}"##;

const YAML: &str = r##"
openapi: 3.0.0
paths:
  /a/{id}:
    get:
      tags: [x, {deep: 1}]
  /b:
    $ref: "#/paths/~1a~1{id}"
components:
  schemas:
    A: {$ref: "#/components/schemas/B"}
    B: {type: string}
    loop: {$ref: "#/components/schemas/loop"}
    odd name: true
"##;

fn each(check: impl Fn(&Tree<'_>)) {
    for text in [JSON, YAML] {
        check(&Tree::parse(text).unwrap());
    }
}

fn value(part: Option<Rc<Value>>) -> Option<Value> {
    part.map(|part| (*part).clone())
}

#[test]
fn parts_are_found_by_path() {
    each(|tree| {
        assert_eq!(value(tree.get(&["openapi"])), Some(json!("3.0.0")));
        assert_eq!(
            value(tree.get(&["paths", "/a/{id}", "get"])),
            Some(json!({"tags": ["x", {"deep": 1}]}))
        );
        assert_eq!(
            value(tree.get(&["paths", "/a/{id}", "get", "tags", "1", "deep"])),
            Some(json!(1))
        );
        for missing in [["paths", "/c"], ["openapi", "x"], ["nothing", "x"]] {
            assert_eq!(tree.get(&missing), None, "{missing:?}");
        }
    });
}

#[test]
fn operations_are_listed() {
    each(|tree| {
        let description = tree.description().unwrap();
        let paths: Vec<_> = description
            .paths
            .iter()
            .map(|path| &path.template)
            .collect();
        assert_eq!(paths, ["/a/{id}", "/b"]);
    });
}

#[test]
fn references_are_followed_to_their_end() {
    each(|tree| {
        let start = tree.follow("#/components/schemas/A").unwrap();
        assert_eq!(value(tree.resolve(&start)), Some(json!({"type": "string"})));
        let path = tree.get(&["paths", "/b"]).unwrap();
        assert!(tree.resolve(&path).unwrap().get("get").is_some());
        assert_eq!(
            value(tree.follow("#/components/schemas/odd%20name")),
            Some(json!(true))
        );
    });
}

#[test]
fn references_that_lead_nowhere_end() {
    each(|tree| {
        let start = tree.follow("#/components/schemas/loop").unwrap();
        assert_eq!(tree.resolve(&start), None);
        assert_eq!(tree.follow("other.yaml#/components/schemas/A"), None);
        assert_eq!(tree.follow("#/components/schemas/Z"), None);
    });
}

#[test]
fn yaml_as_vendors_write_it_is_read() {
    let tree = Tree::parse(
        "responses:\n  200: {a: 1, a: 2}\n  '404': {n: null}\nbase: &base {x: 1}\nuse: *base\n\
         example: {\n  \"k\": 1\n}\ndate: 2020-01-31\nanswer: no\n",
    )
    .unwrap();
    assert_eq!(
        value(tree.get(&["responses"])),
        Some(json!({"200": {"a": 2}, "404": {"n": null}}))
    );
    assert_eq!(value(tree.get(&["use"])), Some(json!({"x": 1})));
    assert_eq!(value(tree.get(&["date"])), Some(json!("2020-01-31")));
}

#[test]
fn text_that_cannot_be_read_is_an_error() {
    for text in [
        "{\"a\": }",
        "a: [1\nb: 2",
        "{",
        "\"just text\": [",
        "a: *unknown",
    ] {
        assert!(matches!(Tree::parse(text), Err(SyntaxError(_))), "{text:?}");
    }
}

#[test]
fn anchors_that_multiply_are_refused() {
    let lines: Vec<String> = (0..12)
        .map(|level: usize| {
            let item = level
                .checked_sub(1)
                .map_or("x".to_owned(), |below| format!("*a{below}"));
            format!("a{level}: &a{level} [{}]", vec![item; 10].join(", "))
        })
        .collect();
    let text = lines.join("\n");
    assert!(matches!(Tree::parse(&text), Err(SyntaxError(_))));
}

#[test]
fn an_anchor_may_be_used_often() {
    let uses = "  - *shared\n".repeat(500);
    let text = format!("shared: &shared {{a: 1}}\nuses:\n{uses}");
    let tree = Tree::parse(&text).unwrap();
    assert_eq!(value(tree.get(&["uses", "499", "a"])), Some(json!(1)));
}

#[test]
fn nesting_without_end_is_refused() {
    let deep = "[".repeat(100_000);
    assert!(Tree::parse(&format!("a: {deep}")).is_err());
    let closed = format!("{{\"a\": {}{}}}", deep, "]".repeat(100_000));
    // JSON is read on demand: what nests too deep is not there.
    assert_eq!(Tree::parse(&closed).unwrap().get(&["a"]), None);
}
