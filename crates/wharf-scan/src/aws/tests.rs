//! Values of the documented form are found; what only looks like one is not.

use super::super::Kind;
use super::super::samples::{BASE32, drawn, is_found, is_not_found};

#[test]
fn an_id_holds_an_account_of_twelve_digits() {
    let end = drawn(BASE32, 15);
    // Q: a new id of a low account. J: an old one.
    for start in ["AKIAQ", "ASIAQ", "AKIAJ"] {
        is_found(Kind::AwsAccessKeyId, &[start, &end].concat());
    }
    // 7777…: the highest number of 40 bits, which has thirteen digits. A to H: neither new nor old.
    is_not_found(&["AKIA777777777", &end[8..]].concat());
    is_not_found(&["AKIAB", &end].concat());
    is_not_found("AKIAIOSFODNN7EXAMPLE");
}
