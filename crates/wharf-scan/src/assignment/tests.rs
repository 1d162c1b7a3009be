//! Names of secrets, and what stands behind them.

use super::super::Kind;
use super::super::samples::{BASE62, HEX, drawn, found, is_not_found};

#[test]
fn a_value_follows_the_name_of_a_secret() {
    let value = drawn(BASE62, 28);
    for line in [
        "API key: @",
        "API_KEY=@",
        "api_key = \"@\"",
        "\"clientSecret\": \"@\",",
        "access_token_prod: '@'",
        "**Token**: `@`",
        "| API key | @ |",
        "| Token | Use |\n|---|---|\n| @ | all |",
        "The token for staging is @.",
        "The secret of the app: @",
        "Authorization: Bearer @",
        "acme --api-key @",
        "secret => @",
        "https://api.example.org/?api_key=@&page=2",
    ] {
        let text = line.replace('@', &value);
        assert_eq!(found(&text), [(Kind::Assigned, value.as_str())], "{text}");
    }
}

#[test]
fn names_of_public_things_are_no_names_of_secrets() {
    let value = drawn(BASE62, 28);
    for line in [
        "public_key: @",
        "nextPageToken: @",
        "Idempotency-Key: @",
        "cache key: @",
        "token_id: @",
        "secret_name: @",
        "tokenizer: @",
        "keyboard = @",
        "key_hash=@",
        "token == @",
        "monkeys love @",
        "project token: @",
    ] {
        is_not_found(&line.replace('@', &value));
    }
}

#[test]
fn values_that_nobody_drew_are_left_alone() {
    for value in [
        "STRIPE_API_KEY_2",
        "your-api-key-2024-here",
        "5f0c954e-9d1b-4d2c-8a3e-0b1c2d3e4f5a",
        "cus_9s6XKzkNRiz8i3aB2",
        "/etc/keys/server-2024-x1.pem",
        "abcdef0123456789abcdef",
        "production-eu-west-1-2024",
        "${TOKEN}",
        "12345678901234567890",
        "https://example.org/x1y2z3",
    ] {
        is_not_found(&format!("api_key: {value}"));
    }
    is_not_found(&format!("key: {}", drawn(HEX, 40)));
}

#[test]
fn a_password_needs_three_kinds_of_signs() {
    assert_eq!(
        found("Password: Kestrel4!dune"),
        [(Kind::Password, "Kestrel4!dune")]
    );
    assert_eq!(
        found("acme -password Kestrel4!dune"),
        [(Kind::Password, "Kestrel4!dune")]
    );
    is_not_found("Password: at least 12 characters, see PolicyDocument");
    is_not_found("password: changeme123!");
}

#[test]
fn rows_of_a_table_are_no_headings() {
    let value = drawn(BASE62, 28);
    let text = format!("| Token |\n|---|\n| key |\n|---|\n| {value} |\n");
    assert_eq!(found(&text), [(Kind::Assigned, value.as_str())]);
}

#[test]
fn a_quote_that_is_escaped_ends_no_value_that_is_hidden() {
    let value = "Tr0ub4dor\\\"Kxq7!mZp";
    for text in [
        format!("password = \"{value}\""),
        format!("$db = new PDO(\"mysql:host=db\", \"shop\", \"{value}\");"),
        format!("auth=(\"shop\", \"{value}\")"),
    ] {
        let all = found(&text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
        assert_eq!(all[0].1, value, "{text}");
    }
    let inner = r#"{"body": "{\"password\": \"Tr0ub4dorKxq7!mZp\", \"user\": \"shop\"}"}"#;
    assert_eq!(found(inner)[0].1, "Tr0ub4dorKxq7!mZp");
}
