//! Values of the documented form are found; what only looks like one is not.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, is_found, is_not_found};

#[test]
fn a_token_is_its_start_and_chance() {
    is_found(Kind::HuggingFace, &["hf_", &drawn(BASE62, 34)].concat());
    is_not_found(&["hf_", &drawn(BASE62, 12)].concat());
    is_not_found("hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}
