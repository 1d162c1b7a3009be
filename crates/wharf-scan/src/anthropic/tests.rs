//! Values of the documented form are found; what only looks like one is not.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, is_found, is_not_found};

#[test]
fn a_token_is_its_start_and_chance() {
    is_found(
        Kind::Anthropic,
        &["sk-ant-api03-", &drawn(BASE62, 94)].concat(),
    );
    is_not_found(&["sk-ant-api03-", &drawn(BASE62, 12)].concat());
    is_not_found("sk-ant-your-key-goes-here-as-it-is-issued-to-you-0001");
}
