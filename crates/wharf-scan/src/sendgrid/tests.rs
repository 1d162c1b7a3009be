//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;

#[test]
fn a_key_has_two_parts() {
    let (id, secret) = (drawn(BASE62, 22), drawn(BASE62, 43));
    is_found(Kind::SendGrid, &format!("SG.{id}.{secret}"));
    is_not_found(&format!("SG.{id}.{}", &secret[1..]));
    is_not_found(&format!("SG.{id}"));
}
