//! Finding what somebody writes in another way.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Found, Locator, Wanted};
use crate::{Description, Method};

/// An operation of a row `Name | METHOD | /path`, called at an endpoint.
fn wanted(endpoint: &str, row: &str) -> (Wanted, Method) {
    let [name, method, path] = row
        .split(" | ")
        .collect::<Vec<_>>()
        .try_into()
        .expect("a row has three cells");
    let base = endpoint.find('/').map(|at| &endpoint[at..]);
    let name = name.to_lowercase().replace(' ', "-");
    let method = Method::of_key(&method.to_lowercase()).expect("a row has a method");
    (Wanted::new(path, base, &name), method)
}

/// What a row leads to, in a description with these paths: path, method, `operationId`.
fn found(head: &Value, paths: &[(&str, &str, &str)], endpoint: &str, row: &str) -> String {
    let mut description = head.clone();
    for (path, method, id) in paths {
        description["paths"][*path][*method] = json!({"operationId": id});
    }
    let description = Description::of_value(&description).unwrap();
    let (wanted, method) = wanted(endpoint, row);
    let locator = Locator::new(&description);
    match locator.locate(&wanted, method) {
        Found::Operation(_, operation) => operation.id.clone().unwrap(),
        Found::OtherMethods(path, methods) => {
            let methods: Vec<_> = methods.into_iter().map(Method::as_str).collect();
            format!("{} only {}", path.template, methods.join(", "))
        }
        Found::Elsewhere(path) => format!("{} elsewhere", path.template),
        Found::Nothing => {
            let mut text = "nothing".to_owned();
            if let Some(path) = locator.nearest(&wanted, method) {
                let _ = write!(text, " near {}", path.template);
            }
            text
        }
    }
}

fn openapi(server: &str) -> Value {
    json!({"openapi": "3.0.3", "servers": [{"url": server}], "paths": {}})
}

#[test]
fn base_urls_may_be_split_in_different_places() {
    let paths = [
        ("/chat/completions", "post", "chat"),
        ("/models", "get", "models"),
    ];
    let head = openapi("https://api.example.com/v1");
    for (endpoint, row) in [
        ("api.example.com", "Chat | POST | /v1/chat/completions"),
        ("api.example.com/v1", "Chat | POST | /chat/completions"),
        ("proxy.example.net/v1", "Chat | POST | /chat/completions"),
        ("proxy.example.net", "Chat | POST | /chat/completions/"),
    ] {
        assert_eq!(
            found(&head, &paths, endpoint, row),
            "chat",
            "{endpoint} {row}"
        );
    }
}

#[test]
fn a_description_without_servers_is_found() {
    let head = json!({"openapi": "3.1.0", "paths": {}});
    let paths = [("/v1/projects/{ref}/", "get", "project")];
    let row = "Get | GET | /v1/projects/{id}";
    assert_eq!(found(&head, &paths, "api.example.com", row), "project");
}

#[test]
fn the_base_path_of_swagger_counts() {
    let head = json!({"swagger": "2.0", "basePath": "/api", "paths": {}});
    let paths = [("/chat.postMessage", "post", "post")];
    for (endpoint, row) in [
        ("slack.example.com/api", "Post | POST | /chat.postMessage"),
        ("slack.example.com", "Post | POST | /api/chat.postMessage"),
    ] {
        assert_eq!(
            found(&head, &paths, endpoint, row),
            "post",
            "{endpoint} {row}"
        );
    }
}

#[test]
fn a_server_of_a_path_stands_in_for_the_common_one() {
    let mut head = openapi("https://api.example.com/v1");
    head["paths"]["/files"]["servers"] = json!([{"url": "https://files.example.com/upload"}]);
    let paths = [("/files", "post", "upload"), ("/models", "get", "models")];
    let id = |row| found(&head, &paths, "example.com", row);
    assert_eq!(id("Upload | POST | /upload/files"), "upload");
    assert_eq!(id("Models | GET | /v1/models"), "models");
    assert_eq!(id("Models | GET | /upload/models"), "nothing near /models");
}

#[test]
fn variables_of_a_server_take_their_defaults() {
    let head = json!({"openapi": "3.0.0", "paths": {}, "servers": [{
        "url": "https://{subdomain}.{site}/{version}/",
        "variables": {
            "subdomain": {"default": "api"}, "site": {"default": "example.com"},
            "version": {"default": "v2"}
        }
    }]});
    let paths = [("/logs", "get", "short"), ("/v2/logs", "get", "long")];
    let row = "Logs | GET | /logs";
    assert_eq!(found(&head, &paths, "api.example.com/v2", row), "short");
}

#[test]
fn a_literal_in_the_description_is_closer_than_a_parameter() {
    let paths = [
        ("/files/{id}", "get", "one"),
        ("/files/newest", "get", "newest"),
        ("/files/{id}/content", "get", "content"),
        ("/files/{id}.json", "get", "json"),
    ];
    let head = openapi("https://api.example.com");
    let id = |row| found(&head, &paths, "api.example.com", row);
    assert_eq!(id("New | GET | /files/newest"), "newest");
    assert_eq!(id("One | GET | /files/{file}"), "one");
    assert_eq!(id("JSON | GET | /files/{file}.json"), "json");
    assert_eq!(id("Fixed | GET | /files/terms"), "one");
    assert_eq!(id("Other | DELETE | /files/{file}"), "/files/{id} only GET");
    assert_eq!(id("Other | GET | /folders/{file}"), "nothing");
}

#[test]
fn the_end_of_a_longer_path_is_not_enough() {
    let paths = [
        ("/orgs/{org}/users/{id}", "get", "org user"),
        ("/user/emails", "get", "emails"),
    ];
    let head = openapi("https://api.example.com");
    let id = |row| found(&head, &paths, "api.example.com", row);
    assert_eq!(id("User | GET | /users/{id}"), "nothing");
    assert_eq!(id("Emails | GET | /emails"), "nothing near /user/emails");
    assert_eq!(id("Emails | GET | /api/v3/user/emails"), "emails");
}

#[test]
fn both_ways_to_write_a_google_path_are_found() {
    let head = json!({"kind": "discovery#restDescription", "resources": {"x": {"methods": {
        "run": {"id": "run", "httpMethod": "POST", "path": "v1beta/{+property}:runReport",
                "flatPath": "v1beta/properties/{propertiesId}:runReport"}}}}});
    let id = |row| found(&head, &[], "data.example.com", row);
    assert_eq!(id("Run | POST | /v1beta/{property}:runReport"), "run");
    assert_eq!(id("Run | POST | /v1beta/properties/{id}:runReport"), "run");
    let near = "nothing near /v1beta/properties/{propertiesId}:runReport";
    assert_eq!(id("Run | POST | /v1beta/properties/{id}:runReports"), near);
}

#[test]
fn variants_of_one_url_are_told_apart_by_name() {
    let paths = [
        ("/engage#profile-set", "post", "profile-set"),
        ("/engage#profile-union", "post", "user-profile-union"),
        ("/engage#profile-unset", "post", "profile-unset"),
    ];
    let head = openapi("https://api.example.com");
    let id = |row| found(&head, &paths, "api.example.com", row);
    assert_eq!(id("Union to list | POST | /engage"), "user-profile-union");
    assert_eq!(
        id("Union to list | GET | /engage"),
        "/engage#profile-set only POST"
    );
}

#[test]
fn head_is_answered_by_get() {
    let paths = [("/files", "get", "files")];
    let head = openapi("https://api.example.com");
    let row = "Probe | HEAD | /files";
    assert_eq!(found(&head, &paths, "api.example.com", row), "files");
}

#[test]
fn the_nearest_path_is_told() {
    let paths = [
        ("/v1/customers", "get", "a"),
        ("/v1/customers/{id}", "get", "b"),
        ("/v1/charges/{id}/refunds", "post", "c"),
        ("/repos/{owner}/{repo}/issues", "get", "d"),
    ];
    let head = openapi("https://api.example.com");
    let near = |row| found(&head, &paths, "api.example.com", row);
    assert_eq!(near("A | GET | /v1/customer"), "nothing near /v1/customers");
    assert_eq!(
        near("B | GET | /v1/customer/{id}"),
        "nothing near /v1/customers/{id}"
    );
    assert_eq!(
        near("C | POST | /v1/charge/{id}/refunds"),
        "nothing near /v1/charges/{id}/refunds"
    );
    assert_eq!(
        near("D | GET | /repos/{owner}/issues"),
        "nothing near /repos/{owner}/{repo}/issues"
    );
    assert_eq!(near("E | GET | /v1/orders"), "nothing");
    assert_eq!(near("F | GET | /v1/charges/{id}/disputes"), "nothing");
}

#[test]
fn paths_in_other_files_are_told_apart_from_none() {
    let mut head = openapi("https://api.example.com");
    head["paths"]["/items"] = json!({"$ref": "items.json", "get": {"operationId": "list"}});
    let id = |row| found(&head, &[], "api.example.com", row);
    assert_eq!(id("List | GET | /items"), "list");
    assert_eq!(id("Add | POST | /items"), "/items elsewhere");
}

#[test]
fn several_files_are_searched_as_one() {
    let read = |server: &str, path: &str| {
        let mut head = openapi(server);
        head["paths"][path]["get"] = json!({"operationId": path});
        Description::of_value(&head).unwrap()
    };
    let all = [
        read("https://api.example.com/v1", "/mail"),
        read("https://api.example.com/v3", "/stats"),
    ];
    let together = Description::together(&all);
    let locator = Locator::new(&together);
    for (row, expected) in [("/v1/mail", true), ("/v3/stats", true), ("/mailbox", false)] {
        let (wanted, method) = wanted("api.example.com", &format!("A | GET | {row}"));
        let found = locator.locate(&wanted, method);
        assert_eq!(matches!(found, Found::Operation(..)), expected, "{row}");
    }
}
