//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;
use super::super::samples::HEX;

#[test]
fn publishable_keys_are_no_secrets() {
    let key = format!("{}_{}", drawn(BASE62, 22), drawn(BASE62, 8));
    is_found(Kind::Supabase, &["sb_secret_", &key].concat());
    is_found(Kind::Supabase, &["sbp_", &drawn(HEX, 40)].concat());
    is_not_found(&["sb_publishable_", &key].concat());
    is_not_found(&["sbp_", &drawn(BASE62, 40)].concat());
}
