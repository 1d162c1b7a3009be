//! Keys by their first bytes.

use super::super::Kind;
use super::super::samples::{base64, found, is_not_found};
use super::is_public;

/// The start of a structure, and bytes without an order behind it.
fn written(start: &[u8], length: usize) -> String {
    let rest = (0_u8..).map(|at| at.wrapping_mul(97).wrapping_add(at >> 2) ^ 0x5A);
    let bytes: Vec<u8> = start.iter().copied().chain(rest.take(length)).collect();
    base64(&bytes)
}

const P256: [u8; 15] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08,
];
const RSA: [u8; 15] = [
    0x30, 0x82, 0x01, 0x22, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01,
];
const CERTIFICATE: [u8; 13] = [
    0x30, 0x82, 0x03, 0x07, 0x30, 0x82, 0x01, 0xEF, 0xA0, 0x03, 0x02, 0x01, 0x02,
];
const PKCS8: [u8; 12] = [
    0x30, 0x41, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
];

#[test]
fn a_public_key_is_told_from_a_private_one() {
    for start in [&P256[..], &RSA, &CERTIFICATE] {
        let value = written(start, 76);
        assert!(is_public(&value), "{value}");
        is_not_found(&format!("Webhook verification key: {value}"));
        is_not_found(&format!("signing key = \"{value}\""));
    }
    let private = written(&PKCS8, 55);
    assert!(!is_public(&private));
    let text = format!("signing key = \"{private}\"");
    assert_eq!(found(&text), [(Kind::Assigned, private.as_str())]);
}

#[test]
fn what_is_no_structure_is_not_public() {
    for value in [
        "",
        "M",
        "MMMMMMMMMMMMMMMMMMMMMMMMMMMM",
        "MFkwEwYHKoZIzj0",
        "Möööööööööööööööööööö",
    ] {
        assert!(!is_public(value), "{value}");
    }
}
