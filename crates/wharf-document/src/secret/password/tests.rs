//! Passwords and the words that stand for one.

use super::super::operator::Join;
use super::{is_chosen, is_placeholder, is_set};

#[test]
fn words_that_stand_for_a_password_are_told() {
    for value in [
        "password",
        "my-secret-password",
        "P@ssw0rd123",
        "your_password_here",
        "changeme!",
        "$DB_PASS",
        "${PASSWORD}",
        "<password>",
        "{password}",
        "[YOUR-PASSWORD]",
        "DB_PASSWORD",
        "%PASSWORD%",
        "********",
        "xxxxxxxx",
        "process.env.PASSWORD",
        "s3cr3t",
        "root",
        "Test1234",
    ] {
        assert!(is_placeholder(value), "{value}");
    }
    for value in [
        "Kestrel4!dune",
        "tr7Qz-91kLm",
        "correct-horse-battery-staple",
        "V8[x]{q}1<z",
    ] {
        assert!(!is_placeholder(value), "{value}");
    }
}

#[test]
fn a_password_of_an_address_is_not_its_user() {
    assert!(is_set("Kestrel4!dune", "app"));
    assert!(!is_set("Kestrel4!dune", "Kestrel4!dune"));
    assert!(!is_set("abc", "app"));
    assert!(!is_set("abababababab", "app"), "too little entropy");
}

#[test]
fn a_word_of_a_sentence_is_no_password() {
    for value in [
        "Kestrel4!dune",
        "aZ7qP2mX9kLw4",
        "ZWJBMFohbqFQnx",
        "Sommer2024",
        "Kestrel-Marble-Quartz42",
    ] {
        assert!(is_chosen(value, Join::Sign), "{value}");
    }
    for value in [
        "required",
        "argon2id",
        "24h",
        "ops@example1.org",
        "/run/secrets/db1",
        "2026-01-31T10:00:00Z",
        "BasicAuthProvider",
        "Kestrel4!dune()",
        "two words",
        "Argon2idV13WithPepper",
        "MinLength12Upper1Lower1",
        "RotateDbPassword-Prod1",
        "UserPasswordResetV2Handler",
        "SHA-256/Base64",
        "LegacyStreamRetry2",
        "CronReportV2",
        "Token__Invoice__0",
        "localhost:22",
        "PBKDF2WithHmacSHA256",
        "sha256-hashed",
    ] {
        assert!(!is_chosen(value, Join::Sign), "{value}");
    }
}
