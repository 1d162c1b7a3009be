//! Pairs in base64.

use super::super::Kind;
use super::super::samples::{found, is_not_found};

/// Base64 with its padding.
fn base64(text: &str) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let mut block = [0; 4];
        block[1..=chunk.len()].copy_from_slice(chunk);
        let number = u32::from_be_bytes(block);
        for place in 0..4 {
            let sign = SIGNS[((number >> (18 - 6 * place)) & 63) as usize];
            out.push(if place > chunk.len() {
                '='
            } else {
                char::from(sign)
            });
        }
    }
    out
}

#[test]
fn a_pair_is_found_where_it_opens_something() {
    let pair = base64("reports:Kestrel4!dune");
    for text in [
        format!("Authorization: Basic {pair}"),
        format!("curl -H 'Authorization: Basic {pair}' https://api.example.org"),
        format!("//npm.example.org/:_auth={pair}"),
        format!("{{\"auths\": {{\"reg.example.org\": {{\"auth\": \"{pair}\"}}}}}}"),
    ] {
        assert_eq!(found(&text), [(Kind::Password, pair.as_str())], "{text}");
    }
}

#[test]
fn examples_and_words_are_none() {
    for pair in [
        "username:password",
        "Aladdin:open sesame",
        "user:${TOKEN}",
        "client_id:client_secret",
    ] {
        is_not_found(&format!("Authorization: Basic {}", base64(pair)));
    }
    is_not_found("Basic authentication is used with Basic Authentication/Realm headers");
    is_not_found("Authorization: Basic <base64 of name:password>");
}
