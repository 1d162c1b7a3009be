//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;

#[test]
fn names_of_apps_are_no_keys() {
    let body = drawn(BASE62, 24);
    is_found(Kind::Dify, &["app-", &body].concat());
    is_found(Kind::Dify, &["dataset-", &body].concat());
    is_not_found(&["my-app-", &body].concat());
    is_not_found(&["app-", &body.to_lowercase()].concat());
    is_not_found("app-registrationservice2024");
}
