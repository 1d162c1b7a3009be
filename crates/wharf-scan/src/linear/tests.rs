//! Values of the documented form are found; what only looks like one is not.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, is_found, is_not_found};

#[test]
fn a_token_is_its_start_and_chance() {
    is_found(Kind::Linear, &["lin_api_", &drawn(BASE62, 40)].concat());
    is_not_found(&["lin_api_", &drawn(BASE62, 12)].concat());
    is_not_found("lin_api_your_key_goes_here_0123456789_0123456789");
}
