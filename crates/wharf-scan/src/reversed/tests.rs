//! Values before their names.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, found, is_not_found};

#[test]
fn a_marked_value_before_its_name_is_found() {
    for line in [
        "use \"@\" (password) to open it",
        "Open it with `@` (admin password).",
        "Use **@** as the password.",
        "`@` is the password of the lab",
        "„@“ (Passwort)",
        "'@' als wachtwoord",
    ] {
        let text = line.replace('@', "Uwie%576BADGez");
        assert_eq!(found(&text), [(Kind::Password, "Uwie%576BADGez")], "{text}");
    }
    let key = drawn(BASE62, 32);
    assert_eq!(
        found(&format!("`{key}` is the API key")),
        [(Kind::Assigned, key.as_str())]
    );
}

#[test]
fn other_words_before_a_name_are_no_values() {
    for line in [
        "Use `LoginHandlerV2` as the password reset handler.",
        "call \"resetPassword2\" (password reset)",
        "A link (password) to Uwie%576BADGez",
        "Uwie%576BADGez (no password)",
        "`vault kv get` (password)",
    ] {
        is_not_found(line);
    }
}
