//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;
use super::super::samples::HEX;

#[test]
fn facts_must_be_readable() {
    // {"iat":1,"org":"a"} in base64.
    let facts = "eyJpYXQiOjEsIm9yZyI6ImEifQ==";
    is_found(
        Kind::Sentry,
        &["sntrys_", facts, "_", &drawn(BASE62, 43)].concat(),
    );
    is_found(Kind::Sentry, &["sntryu_", &drawn(HEX, 64)].concat());
    is_not_found(&["sntrys_", &drawn(BASE62, 28), "_", &drawn(BASE62, 43)].concat());
    is_not_found(&["sntryu_", &drawn(HEX, 63)].concat());
}
