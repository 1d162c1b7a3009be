//! What is taken out of a file, in each form a vendor publishes.

use proptest::prelude::*;

use super::{Description, Locator, NotRead};

/// One line for each operation: method, path, id, `deprecated`.
fn shown(text: &str) -> Vec<String> {
    let description = Description::read(text).unwrap();
    let mut lines = Vec::new();
    for path in &description.paths {
        for operation in &path.operations {
            let id = operation.id.as_deref().unwrap_or("-");
            let mark = if operation.deprecated {
                " deprecated"
            } else {
                ""
            };
            lines.push(format!("{} {} {id}{mark}", operation.method, path.template));
        }
        if let Some(reference) = &path.elsewhere {
            lines.push(format!("elsewhere {} {reference}", path.template));
        }
    }
    lines
}

const OPENAPI: &str = r#"{
  "openapi": "3.1.0",
  "servers": [{"url": "/v1"}, 7],
  "paths": {
    "/items": {
      "parameters": [{"name": "deprecated"}],
      "get": {"operationId": "list", "responses": {"200": {"get": {}}}, "deprecated": true},
      "post": {"operationId": 7, "deprecated": "yes"},
      "trace": {},
      "x-get": {}
    },
    "x-items": {"get": {}},
    "/odd": [1, {"get": {}}],
    "/none": null
  },
  "webhooks": {"/hook": {"post": {}}}
}"#;

#[test]
fn openapi_as_json() {
    assert_eq!(
        shown(OPENAPI),
        ["GET /items list deprecated", "POST /items 7"]
    );
    let description = Description::read(OPENAPI).unwrap();
    assert_eq!(description.bases, ["/v1"]);
    let operations = description.paths.iter().map(|path| path.operations.len());
    let paths = operations.clone().count();
    assert_eq!((paths, operations.sum::<usize>()), (3, 2));
}

#[test]
fn a_value_that_was_read_already_gives_the_same() {
    let value = serde_json::from_str(OPENAPI).unwrap();
    let read = format!("{:?}", Description::read(OPENAPI));
    assert_eq!(format!("{:?}", Description::of_value(&value)), read);
}

#[test]
fn openapi_as_yaml() {
    let text = "\u{feff}# a comment\nopenapi: 3.0.3\nservers:\n- url: 'https://{host}{path}'\n  \
                variables:\n    host: {default: api.example.org}\n    path: {default: /v2/}\n\
                x-common: &common\n  deprecated: true\n  operationId: shared\n\
                paths:\n  /a:\n    get: *common\n    200: x\n    ? [b]\n    : c\n  \
                '/b/{id}':\n    delete:\n      operationId: remove\n";
    assert_eq!(
        shown(text),
        ["GET /a shared deprecated", "DELETE /b/{id} remove"]
    );
    assert_eq!(Description::read(text).unwrap().bases, ["/v2"]);
}

#[test]
fn swagger() {
    let text = "swagger: 2.0\nbasePath: /api/\npaths:\n  /chat.post:\n    post: {}\n";
    assert_eq!(shown(text), ["POST /chat.post -"]);
    assert_eq!(Description::read(text).unwrap().bases, ["/api"]);
}

#[test]
fn google_discovery() {
    let text = r#"{
      "kind": "discovery#restDescription", "servicePath": "data/",
      "resources": {"properties": {
        "methods": {
          "run": {"id": "x.run", "httpMethod": "POST", "path": "v1/{+property}:run",
                  "flatPath": "v1/properties/{propertiesId}:run"},
          "get": {"id": "x.get", "httpMethod": "GET", "path": "v1/{+name}",
                  "flatPath": "v1/properties/{propertiesId}", "deprecated": true},
          "odd": {"httpMethod": "CONNECT", "path": "v1"}
        },
        "resources": {"streams": {"methods": {
          "patch": {"httpMethod": "PATCH", "path": "v1/streams"}}}}
      }}
    }"#;
    assert_eq!(
        shown(text),
        [
            "POST /v1/properties/{propertiesId}:run x.run",
            "GET /v1/properties/{propertiesId} x.get deprecated",
            "PATCH /v1/streams -",
        ]
    );
}

#[test]
fn references_within_the_file_are_followed_and_others_are_told() {
    let text = r##"{
      "components": {"pathItems": {
        "First": {"$ref": "#/components/pathItems/Second"},
        "Second": {"get": {"operationId": "second"}, "put": {"operationId": "put"}},
        "Circle": {"$ref": "#/components/pathItems/Circle"}
      }},
      "openapi": "3.1.0",
      "paths": {
        "/a": {"$ref": "#/components/pathItems/First", "get": {"operationId": "own"}},
        "/b": {"$ref": "#/paths/~1a~0b"},
        "/a~b": {"patch": {}},
        "/circle": {"$ref": "#/components/pathItems/Circle"},
        "/nowhere": {"$ref": "#/components/pathItems/None"},
        "/file": {"$ref": "items.yaml#/a", "head": {}}
      }
    }"##;
    assert_eq!(
        shown(text),
        [
            "GET /a own",
            "PUT /a put",
            "PATCH /b -",
            "PATCH /a~b -",
            "elsewhere /circle #/components/pathItems/Circle",
            "elsewhere /nowhere #/components/pathItems/None",
            "HEAD /file -",
            "elsewhere /file items.yaml#/a",
        ]
    );
}

#[test]
fn what_is_no_description_says_why() {
    let why = |text| Description::read(text).unwrap_err();
    for text in [
        "",
        "null",
        "[]",
        "hello",
        "<html></html>",
        "{}",
        r#"{"asyncapi": "1.2.0"}"#,
    ] {
        assert_eq!(why(text), NotRead::UnknownForm, "{text}");
    }
    for text in [
        "openapi: 3.1.0",
        "openapi: 3.1.0\npaths: []",
        r#"{"swagger":"2.0","paths":{}}"#,
    ] {
        assert_eq!(why(text), NotRead::NoPath, "{text}");
    }
    assert!(matches!(why(r#"{"openapi": "3.1.0","#), NotRead::Json(_)));
    assert!(matches!(why("{} x"), NotRead::Json(_)));
    assert!(matches!(why("a: [b"), NotRead::Yaml(_)));
}

#[test]
fn deep_nesting_and_anchors_that_multiply_are_survived() {
    let deep = format!(
        "{{\"openapi\": \"3.0.0\", \"resources\": {}1{}}}",
        "{\"a\": {\"resources\": ".repeat(100_000),
        "}}".repeat(100_000)
    );
    assert!(matches!(Description::read(&deep), Err(NotRead::Json(_))));
    let skipped = format!(
        "{{\"openapi\": \"3.0.0\", \"paths\": {{\"/a\": {{}}}}, \"x\": {}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let _ = Description::read(&skipped);
    for levels in ["[".repeat(100_000), "{a: ".repeat(100_000)] {
        let yaml = format!("openapi: 3.0.0\npaths: {levels}");
        assert!(matches!(Description::read(&yaml), Err(NotRead::Yaml(_))));
    }
    let mut bomb = "openapi: 3.0.0\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("a{level}: &a{level} [{items}]\n");
    }
    assert!(matches!(Description::read(&bomb), Err(NotRead::Yaml(_))));
}

/// Pieces of files in every form.
fn piece() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\n",
        "\n  ",
        "\n    ",
        "- ",
        "\"",
        "'",
        "&a ",
        "*a",
        "? ",
        "null",
        "true",
        "1e999",
        "\"openapi\": \"3.1.0\"",
        "openapi: 3.0.0\n",
        "swagger: 2.0\n",
        "\"paths\": {",
        "paths:\n",
        "  /a/{b}:\n",
        "    get:\n",
        "\"/a\": {\"get\": {}}",
        "\"$ref\": \"#/paths/~1a\"",
        "$ref: '#/paths'",
        "$ref: '#/'",
        "servers:\n",
        "url: '{x}/'",
        "\"kind\": \"discovery#restDescription\"",
        "\"resources\": {",
        "\"methods\": {",
        "\"flatPath\": \"/{+x}\"",
        "\u{feff}",
        "é🙂",
        "!!binary ",
        "<<: ",
    ];
    proptest::sample::select(PIECES).prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn any_text_is_survived(pieces in proptest::collection::vec(piece(), 0..40), cut in 0..200_usize) {
        let text = pieces.concat();
        let mut cut_off = OPENAPI.to_owned();
        cut_off.truncate(OPENAPI.len().saturating_sub(cut));
        for text in [text.clone(), format!("openapi: 3.1.0\npaths:\n  /a: {{}}\n{text}"), cut_off] {
            if let Ok(description) = Description::read(&text) {
                prop_assert!(!description.paths.is_empty());
                let _ = Locator::new(&description);
            }
        }
    }
}
