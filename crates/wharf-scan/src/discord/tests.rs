//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;
use super::super::samples::found;

#[test]
fn the_first_word_of_a_token_is_a_number() {
    let end = [".", &drawn(BASE62, 6), ".", &drawn(BASE62, 38)].concat();
    // 837462910583746291 in base64.
    is_found(Kind::Discord, &["ODM3NDYyOTEwNTgzNzQ2Mjkx", &end].concat());
    is_not_found(
        &[
            "MDM3NDYyOTEwNTgzNzQ2Mjkz"[..20].to_owned(),
            "abcd".to_owned(),
            end,
        ]
        .concat(),
    );
}

#[test]
fn the_end_of_a_webhook_is_the_secret() {
    let secret = drawn(BASE62, 68);
    let text = [
        "https://discord.com/api/webhooks/837462910583746291/",
        &secret,
    ]
    .concat();
    assert_eq!(found(&text), [(Kind::Discord, secret.as_str())]);
    is_not_found("https://discord.com/api/webhooks/837462910583746291/messages");
}
