//! Values of the documented form are found; what only looks like one is not.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, is_found, is_not_found};

#[test]
fn a_token_is_its_start_and_chance() {
    is_found(Kind::Notion, &["ntn_", &drawn(BASE62, 46)].concat());
    is_not_found(&["ntn_", &drawn(BASE62, 12)].concat());
    is_not_found("ntn_your_integration_token_goes_here_0123456789abcd");
}
