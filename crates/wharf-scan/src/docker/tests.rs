//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;

#[test]
fn both_types_are_found() {
    is_found(Kind::Docker, &["dckr_pat_", &drawn(BASE62, 27)].concat());
    is_found(Kind::Docker, &["dckr_oat_", &drawn(BASE62, 32)].concat());
    is_not_found("dckr_pat_xxxxxxxxxxxxxxxxxxxxxxxxxxx");
}
