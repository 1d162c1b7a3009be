//! Finding a document's row in a description.

use serde_json::{Value, json};

use super::Locator;
use crate::description::{Dialect, Error, dialect, tree::Tree};
use crate::testing::integration;

/// The `operationId` found for a row, in a description with these servers and paths.
fn found(head: &Value, paths: &[(&str, &str, &str)], endpoint: &str, row: &str) -> Option<String> {
    let mut description = head.clone();
    for (path, method, id) in paths {
        description["paths"][*path][*method] = json!({"operationId": id});
    }
    let text = description.to_string();
    let tree = Tree::parse(&text).unwrap();
    let dialect = dialect(&tree).unwrap();
    let locator = Locator::new(&tree, dialect).unwrap();
    let document = integration(
        &format!("| Production | {endpoint} | Active | |"),
        &format!("| {row} | |"),
    );
    let operation = document.operations.first().expect("the row is read");
    let found = locator.locate(operation, &document.environments)?;
    Some(found["operationId"].as_str().unwrap().to_owned())
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
        ("proxy.example.net", "Chat | POST | /chat/completions"),
    ] {
        let id = found(&head, &paths, endpoint, row);
        assert_eq!(id.as_deref(), Some("chat"), "{endpoint} {row}");
    }
}

#[test]
fn a_description_without_servers_is_found() {
    let head = json!({"openapi": "3.1.0", "paths": {}});
    let paths = [("/v1/projects/{ref}", "get", "project")];
    let row = "Get | GET | /v1/projects/:id";
    assert_eq!(
        found(&head, &paths, "api.example.com", row).as_deref(),
        Some("project")
    );
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
            found(&head, &paths, endpoint, row).as_deref(),
            Some("post"),
            "{endpoint} {row}"
        );
    }
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
    assert_eq!(
        found(&head, &paths, "api.example.com/v2", "Logs | GET | /logs").as_deref(),
        Some("short")
    );
}

#[test]
fn a_literal_in_the_description_is_closer_than_a_parameter() {
    let paths = [
        ("/files/{id}", "get", "one"),
        ("/files/newest", "get", "newest"),
        ("/files/{id}/content", "get", "content"),
    ];
    let head = openapi("https://api.example.com");
    let id = |row| found(&head, &paths, "api.example.com", row);
    assert_eq!(id("New | GET | /files/newest").as_deref(), Some("newest"));
    assert_eq!(id("One | GET | /files/{file}").as_deref(), Some("one"));
    assert_eq!(id("Fixed | GET | /files/terms").as_deref(), Some("one"));
    assert_eq!(id("Other | DELETE | /files/{file}"), None);
    assert_eq!(id("Other | GET | /folders/{file}"), None);
}

#[test]
fn the_end_of_a_longer_path_is_not_enough() {
    let paths = [
        ("/orgs/{org}/users/{id}", "get", "org user"),
        ("/user/emails", "get", "emails"),
    ];
    let head = openapi("https://api.example.com");
    let id = |row| found(&head, &paths, "api.example.com", row);
    assert_eq!(id("User | GET | /users/{id}"), None);
    assert_eq!(id("Emails | GET | /emails"), None);
    assert_eq!(
        id("Emails | GET | /api/v3/user/emails").as_deref(),
        Some("emails")
    );
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
    assert_eq!(
        id("Union to list | POST | /engage").as_deref(),
        Some("user-profile-union")
    );
}

#[test]
fn head_is_answered_by_get() {
    let paths = [("/files", "get", "files")];
    let head = openapi("https://api.example.com");
    assert_eq!(
        found(&head, &paths, "api.example.com", "Probe | HEAD | /files").as_deref(),
        Some("files")
    );
}

#[test]
fn a_description_without_paths_is_an_error() {
    let text = json!({"openapi": "3.1.0", "paths": {}, "webhooks": {}}).to_string();
    let tree = Tree::parse(&text).unwrap();
    assert!(matches!(
        Locator::new(&tree, Dialect::OpenApi3).err(),
        Some(Error::NoPaths)
    ));
}
