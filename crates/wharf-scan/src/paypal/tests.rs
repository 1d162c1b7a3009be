//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;

#[test]
fn an_access_token_is_long() {
    is_found(Kind::PayPal, &["A21AA", &drawn(BASE62, 92)].concat());
    is_not_found(&["A21AA", &drawn(BASE62, 40)].concat());
}
