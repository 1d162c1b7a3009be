//! Which row a path and a method lead to.

use http::Method;

use super::{Found, find};
use crate::testing::integration;

const ROWS: &str = "\
| List files | GET | /v1/files | |
| Get file | GET | /v1/files/{id} | |
| Newest file | GET | /v1/files/newest | |
| Delete file | DELETE | /v1/files/{id} | |
| Probe file | HEAD | /v1/files/{id}/content | |
| Get content | GET | /v1/files/{id}/content | |
| File as | GET | /v1/files/{id}.{format} | |
| File as JSON | GET | /v1/files/{id}.json | |
| Run | POST | /v1/{property}:run | |
| Contents | GET, PUT | /v1/files/{id}/tree/{path...} | |
| Tree root | GET | /v1/files/{id}/tree/root | |
| Folder | GET | /v1/folders/ | |
| Root | GET | / | |";

fn found(method: &str, path: &str) -> String {
    let document = integration("| Production | api.example.com | Active | |", ROWS);
    match find(
        &document.operations,
        &method.parse::<Method>().unwrap(),
        path,
    ) {
        Found::Operation { index, parameters } => {
            let id = &document.operations[index].id;
            parameters.iter().fold(id.clone(), |text, (name, value)| {
                format!("{text} {name}={value}")
            })
        }
        Found::OtherMethods(methods) => format!("only {}", methods.join(", ")),
        Found::Nothing => "nothing".to_owned(),
    }
}

#[test]
fn literals_beat_parameters() {
    assert_eq!(found("GET", "/v1/files/newest"), "newest-file");
    assert_eq!(found("GET", "/v1/files/f_1"), "get-file id=f_1");
    assert_eq!(found("DELETE", "/v1/files/newest"), "delete-file id=newest");
}

#[test]
fn more_text_beats_less() {
    assert_eq!(found("GET", "/v1/files/7.json"), "file-as-json id=7");
    assert_eq!(found("GET", "/v1/files/7.xml"), "file-as id=7 format=xml");
    assert_eq!(found("GET", "/v1/files/.json"), "get-file id=.json");
    assert_eq!(found("POST", "/v1/a%2Fb:run"), "run property=a/b");
    assert_eq!(found("POST", "/v1/7%3Arun"), "run property=7");
    assert_eq!(found("POST", "/v1/:run"), "nothing");
}

#[test]
fn the_rest_of_a_path_is_one_parameter() {
    let tree = |path: &str| found("PUT", &format!("/v1/files/f/tree/{path}"));
    assert_eq!(tree("a"), "contents id=f path=a");
    assert_eq!(tree("a/b%2Fc/d.txt"), "contents id=f path=a/b/c/d.txt");
    assert_eq!(tree("a/"), "contents id=f path=a/");
    assert_eq!(tree(""), "nothing");
    assert_eq!(found("PUT", "/v1/files/f/tree"), "nothing");
    assert_eq!(found("HEAD", "/v1/files/f/tree/a"), "contents id=f path=a");
    assert_eq!(found("GET", "/v1/files/f/tree/root"), "tree-root id=f");
    assert_eq!(found("POST", "/v1/files/f/tree/a"), "only GET, HEAD, PUT");
}

#[test]
fn parameters_are_decoded_and_never_empty() {
    assert_eq!(found("GET", "/v1/files/a%2Fb%20c"), "get-file id=a/b c");
    assert_eq!(found("GET", "/v1/files/"), "nothing");
}

#[test]
fn a_literal_may_come_encoded() {
    assert_eq!(found("GET", "/v1/fil%65s"), "list-files");
}

#[test]
fn a_trailing_slash_is_part_of_the_path() {
    assert_eq!(found("GET", "/v1/folders/"), "folder");
    assert_eq!(found("GET", "/v1/folders"), "nothing");
    assert_eq!(found("GET", "/v1/files/f_1/"), "nothing");
}

#[test]
fn the_base_url_itself_has_one_row() {
    assert_eq!(found("GET", "/"), "root");
    assert_eq!(found("GET", ""), "root");
}

#[test]
fn head_goes_to_its_own_row_else_to_get() {
    assert_eq!(found("HEAD", "/v1/files/f_1/content"), "probe-file id=f_1");
    assert_eq!(found("HEAD", "/v1/files"), "list-files");
}

#[test]
fn other_methods_are_listed() {
    assert_eq!(found("POST", "/v1/files"), "only GET, HEAD");
    assert_eq!(found("PUT", "/v1/files/newest"), "only GET, HEAD, DELETE");
    assert_eq!(found("POST", "/v2/files"), "nothing");
}
