//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;

#[test]
fn keys_secrets_and_tokens_are_told_apart() {
    is_found(Kind::GoogleApiKey, &["AIza", &drawn(BASE62, 35)].concat());
    is_found(
        Kind::GoogleClientSecret,
        &["GOCSPX-", &drawn(BASE62, 28)].concat(),
    );
    is_found(Kind::GoogleToken, &["ya29.", &drawn(BASE62, 120)].concat());
    is_not_found(&["AIza", &drawn(BASE62, 34)].concat());
    is_not_found("ya29.");
}
