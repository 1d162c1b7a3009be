//! Pairs in base64.

use super::super::Kind;
use super::super::samples::{base64, found, is_not_found};

#[test]
fn a_pair_is_found_where_it_opens_something() {
    let pair = base64(b"reports:Kestrel4!dune");
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
        is_not_found(&format!("Authorization: Basic {}", base64(pair.as_bytes())));
    }
    is_not_found("Basic authentication is used with Basic Authentication/Realm headers");
    is_not_found("Authorization: Basic <base64 of name:password>");
}
