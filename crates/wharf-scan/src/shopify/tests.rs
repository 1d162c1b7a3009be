//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;
use super::super::samples::HEX;

#[test]
fn a_token_is_hex() {
    is_found(Kind::Shopify, &["shpat_", &drawn(HEX, 32)].concat());
    is_found(Kind::Shopify, &["shptka_", &drawn(HEX, 32)].concat());
    is_not_found(&["shpat_", &drawn(HEX, 31)].concat());
    is_not_found(&["shpss_", &drawn(BASE62, 32)].concat());
}
