//! Passwords and the words that stand for one.

use super::super::operator::Join;
use super::{is_chosen, is_placeholder, is_set, may_follow};

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

#[test]
fn words_that_have_nothing_to_do_with_each_other_are_a_password() {
    for value in ["walnut-otter-granite-90", "cobalt-harbor-pebble-21"] {
        assert!(is_chosen(value, Join::Words), "{value}");
    }
    for value in [
        "checkout-worker-cluster-02",
        "prod-database-password-01",
        "walnut-otter-granite",
        "walnut-granite-90",
        "kv-prod-db-01",
        "2026-11-29-10",
    ] {
        assert!(!is_chosen(value, Join::Words), "{value}");
    }
}

#[test]
fn resources_patterns_and_hosts_are_none() {
    for value in [
        "arn:aws:iam::182680421861:user/backup2",
        "^(?=.*[A-Z])(?=.*\\d)[A-Za-z\\d@$!%*?&]{12,}$",
        "db1.internal:5432",
        "localhost1:5432",
    ] {
        assert!(!is_chosen(value, Join::Sign), "{value}");
    }
    let of_a_password = ["wEia4yxb", "mV6:1"].concat();
    assert!(is_chosen(&of_a_password, Join::Sign));
}

#[test]
fn a_password_may_follow_its_word_where_it_is_drawn() {
    let drawn = ["hBJVN4oW", "2zg-foDedJ"].concat();
    assert!(may_follow(&drawn));
    assert!(may_follow(&format!("{drawn}, until Friday")));
    for words in [
        "policy",
        "MinLength12Upper1Lower1 holds",
        "of the account",
        "",
    ] {
        assert!(!may_follow(words), "{words}");
    }
}
