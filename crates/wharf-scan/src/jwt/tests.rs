//! Signed tokens, and what only looks like one.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, is_found, is_not_found};

const HEADER: &str = "eyJhbGciOiJIUzI1NiJ9";
/// {"sub":"1"}
const CLAIMS: &str = "eyJzdWIiOiIxIn0";
/// {"role":"anon"}
const ANONYMOUS: &str = "eyJyb2xlIjoiYW5vbiJ9";
/// {"alg":"none"}
const UNSIGNED: &str = "eyJhbGciOiJub25lIn0";
/// {"typ":"JWT"}
const NO_ALGORITHM: &str = "eyJ0eXAiOiJKV1QifQ";

#[test]
fn a_signed_token_is_found() {
    let signature = drawn(BASE62, 43);
    is_found(Kind::Jwt, &format!("{HEADER}.{CLAIMS}.{signature}"));
}

#[test]
fn what_opens_nothing_is_left_alone() {
    let signature = drawn(BASE62, 43);
    for text in [
        format!("{HEADER}.{CLAIMS}."),
        format!("{HEADER}.{CLAIMS}"),
        format!("{HEADER}.{ANONYMOUS}.{signature}"),
        format!("{UNSIGNED}.{CLAIMS}.{signature}"),
        format!("{NO_ALGORITHM}.{CLAIMS}.{signature}"),
        format!("{HEADER}.eyJ{}.{signature}", drawn(BASE62, 40)),
        format!("eyJ{}.{CLAIMS}.{signature}", drawn(BASE62, 40)),
    ] {
        is_not_found(&text);
    }
}
