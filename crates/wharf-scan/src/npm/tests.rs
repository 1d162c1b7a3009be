//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;
use super::super::github::tests::sum;

#[test]
fn a_token_needs_its_checksum() {
    let body = drawn(BASE62, 30);
    is_found(Kind::Npm, &format!("npm_{body}{}", sum(&body)));
    is_not_found(&format!("npm_{body}AAAAAA"));
}
