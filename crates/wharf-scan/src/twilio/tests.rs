//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;
use super::super::samples::HEX;

#[test]
fn the_id_of_an_account_is_no_secret() {
    let body = drawn(HEX, 32);
    is_found(Kind::Twilio, &["SK", &body].concat());
    is_not_found(&["AC", &body].concat());
    is_not_found(&["SK", &drawn(BASE62, 32)].concat());
}
