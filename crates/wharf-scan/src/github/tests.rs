//! Values of the documented form are found; what only looks like one is not.

use super::super::Kind;
use super::super::checksum::crc32;
use super::super::samples::{BASE62, drawn, is_found, is_not_found};

/// The checksum in base 62, six places wide.
pub(in super::super) fn sum(body: &str) -> String {
    let mut number = crc32(body.as_bytes());
    let mut digits = Vec::new();
    for _ in 0..6 {
        digits.push(char::from(BASE62.as_bytes()[(number % 62) as usize]));
        number /= 62;
    }
    digits.iter().rev().collect()
}

#[test]
fn a_classic_token_needs_its_checksum() {
    for (start, length) in [("ghp_", 30), ("gho_", 30), ("ghr_", 70)] {
        let body = drawn(BASE62, length);
        let token = format!("{start}{body}{}", sum(&body));
        is_found(Kind::GitHub, &token);
        is_not_found(&token.to_uppercase());
        is_not_found(&format!("{start}{body}{}", sum(&body[1..])));
    }
}

#[test]
fn a_fine_grained_token_has_two_parts() {
    let token = format!("github_pat_{}_{}", drawn(BASE62, 22), drawn(BASE62, 59));
    is_found(Kind::GitHub, &token);
    is_not_found(&token[..token.len() - 1]);
    is_not_found(&format!("github_pat_{}", drawn(BASE62, 82)));
}
