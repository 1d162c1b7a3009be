use std::sync::Arc;

use http::{Method, Request};
use wharf_diag::SourceText;
use wharf_document::IntegrationId;
use wharf_plan::CompiledIntegration;

use super::{Input, build};

fn integration(format: &str) -> CompiledIntegration {
    let text = format!(
        "---\ntype: tool\nsubtype: integration\n---\n\n# T\n\n## Service Details\n\n### Environments\n\n\
         | Environment | Endpoint | Status | Notes |\n|---|---|---|---|\n| Production | http://127.0.0.1:1 | Active | |\n| Staging | http://127.0.0.1:2 | Active | |\n\n\
         ## Configuration\n\n### Required Settings\n```json\n{{\"body_format\": \"{format}\"}}\n```\n\n\
         ## API Endpoints\n\n| Operation | Method | Endpoint | Rate Limit |\n|---|---|---|---|\n\
         | Get item | GET | /items/{{id}} | |\n| Compare | GET | /compare/{{base}}...{{head}} | |\n| Create item | POST | /items | |\n"
    );
    let id = IntegrationId::new("t").unwrap();
    let loaded = wharf_document::load(&id, &Arc::new(SourceText::new("t.md", text)));
    wharf_plan::compile(&loaded.integration.unwrap())
}

fn request(
    format: &str,
    operation: &str,
    parameters: &[&str],
) -> anyhow::Result<Request<bytes::Bytes>> {
    with(format, operation, parameters, "X-Extra: 1", "2s")
}

fn with(
    format: &str,
    operation: &str,
    parameters: &[&str],
    header: &str,
    timeout: &str,
) -> anyhow::Result<Request<bytes::Bytes>> {
    let parameters: Vec<String> = parameters.iter().map(|text| (*text).to_owned()).collect();
    build(
        &integration(format),
        &Input {
            address: "t@staging",
            operation,
            parameters: &parameters,
            data: None,
            headers: &[header.to_owned()],
            timeout: Some(timeout),
            token: "wharf_x",
            option: "",
        },
    )
}

#[test]
fn parameters_fill_the_path_and_then_the_query() {
    let request = request("json", "get-item", &["id=a/b c", "page=2", "q==x&y"]).unwrap();
    assert_eq!(request.method(), Method::GET);
    assert_eq!(request.uri(), "/t@staging/items/a%2Fb%20c?page=2&q=x%26y");
    assert_eq!(request.headers()["x-extra"], "1");
    assert_eq!(request.headers()["wharf-timeout"], "2s");
    assert!(request.body().is_empty());
}

#[test]
fn parameters_inside_a_segment_are_filled() {
    let request = request("json", "compare", &["head=b/c", "base=a", "page=2"]).unwrap();
    assert_eq!(request.uri(), "/t@staging/compare/a...b%2Fc?page=2");
}

#[test]
fn fields_become_a_body_in_the_vendors_format() {
    let fields = [
        "name=Ada",
        "tags:=[\"a\",\"b\"]",
        "meta:={\"n\":1}",
        "dry==1",
    ];
    let json = request("json", "create-item", &fields).unwrap();
    assert_eq!(json.uri(), "/t@staging/items?dry=1");
    assert_eq!(
        json.body(),
        r#"{"name":"Ada","tags":["a","b"],"meta":{"n":1}}"#
    );
    let form = request("form", "create-item", &fields).unwrap();
    assert_eq!(
        form.headers()["content-type"],
        "application/x-www-form-urlencoded"
    );
    assert_eq!(
        form.body(),
        "name=Ada&tags%5B0%5D=a&tags%5B1%5D=b&meta%5Bn%5D=1"
    );
}

#[test]
fn mistakes_are_named() {
    for (operation, parameters, expected) in [
        ("get-item", &[][..], "id=…"),
        ("get-item", &["id="][..], "id=…"),
        ("compare", &["base=a"][..], "also needs head=…"),
        ("get-items", &[][..], "`get-item`"),
        ("create-item", &["n:=x"][..], "`n` is not JSON"),
        ("create-item", &["name"][..], "key=value"),
        ("create-item", &["=x"][..], "key=value"),
    ] {
        let message = format!("{:#}", request("json", operation, parameters).unwrap_err());
        assert!(
            message.contains(expected),
            "{operation} {parameters:?}: {message}"
        );
    }
}

/// A wrong flag is told by its name and before anything is called.
#[test]
fn wrong_flags_are_told_by_their_names() {
    let message = |header, timeout| {
        let error = with("json", "get-item", &["id=1"], header, timeout).unwrap_err();
        error.to_string()
    };
    for timeout in ["0", "abc", "2h", "", "-1"] {
        let said = message("A: b", timeout);
        assert!(said.starts_with("--timeout is a time above zero"), "{said}");
    }
    for (header, words) in [
        ("no colon", "`no colon` is not `Name: value`"),
        (": x", "`` cannot be the name of a header"),
        ("a b: x", "`a b` cannot be the name of a header"),
        (
            "A: canary\nb",
            "the value of the header `A` has a character",
        ),
    ] {
        let said = message(header, "2s");
        assert!(
            said.starts_with(words) && !said.contains("canary"),
            "{said}"
        );
    }
}
