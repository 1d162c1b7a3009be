//! Keys in armour.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, found, is_not_found};

/// A block in armour, put together so that none stands here.
fn block(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----")
}

#[test]
fn a_key_is_one_place_up_to_its_last_line() {
    let body = format!("{}\n{}", drawn(BASE62, 64), drawn(BASE62, 40));
    for label in [
        "RSA PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
    ] {
        let key = block(label, &body);
        let text = format!("before\n{key}\nafter");
        assert_eq!(found(&text), [(Kind::PrivateKey, key.as_str())]);
    }
}

#[test]
fn a_key_in_json_is_that_of_a_service_account() {
    let key = block("PRIVATE KEY", &drawn(BASE62, 128)).replace('\n', "\\n");
    let text = format!("{{\"private_key\": \"{key}\\n\"}}");
    assert_eq!(found(&text), [(Kind::GoogleServiceAccount, key.as_str())]);
}

#[test]
fn a_key_that_is_cut_off_is_found() {
    let key = format!("-----BEGIN PRIVATE KEY-----\n{}", drawn(BASE62, 64));
    assert_eq!(
        found(&format!("{key}\n")),
        [(Kind::PrivateKey, key.as_str())]
    );
}

#[test]
fn public_keys_and_sketches_are_left_alone() {
    is_not_found(&block("PUBLIC KEY", &drawn(BASE62, 200)));
    is_not_found(&block("CERTIFICATE", &drawn(BASE62, 200)));
    is_not_found(&block("PRIVATE KEY", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC..."));
    is_not_found(
        "A file that starts with `-----BEGIN PRIVATE KEY-----` is a key, and so on. -----END",
    );
    is_not_found("-----BEGIN ");
}
