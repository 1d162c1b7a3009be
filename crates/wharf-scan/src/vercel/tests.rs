//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;
use super::super::github::tests::sum;

#[test]
fn a_token_needs_its_checksum() {
    let body = drawn(BASE62, 50);
    for start in super::STARTS {
        is_found(Kind::Vercel, &format!("{start}{body}{}", sum(&body)));
        is_not_found(&format!("{start}{body}AAAAAA"));
    }
}
