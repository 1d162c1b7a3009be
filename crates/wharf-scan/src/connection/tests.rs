//! Passwords inside of addresses and settings.

use super::super::Kind;
use super::super::samples::{found, is_not_found};

const PASSWORD: &str = "Kestrel4!dune";

#[test]
fn the_password_alone_is_the_place() {
    for text in [
        format!("postgres://app:{PASSWORD}@db.internal:5432/app"),
        format!("\"redis://:{PASSWORD}@cache:6379/0\""),
        format!("[status](https://ops:{PASSWORD}@status.example.net/x)"),
        format!("Server=db;Database=app;User Id=app;Password={PASSWORD};"),
        format!("host=db dbname=app user=app password={PASSWORD} sslmode=require"),
    ] {
        assert_eq!(found(&text), [(Kind::ConnectionString, PASSWORD)], "{text}");
    }
}

/// RFC 3986 wants `%23`; people and many clients do not.
#[test]
fn a_password_may_have_signs_that_an_address_would_escape() {
    for password in ["Kestrel4#dune", "Kestrel?4#dune"] {
        let text = format!("postgres://app:{password}@db.internal:5432/app");
        assert_eq!(found(&text), [(Kind::ConnectionString, password)], "{text}");
    }
    is_not_found("https://api.example.org:8443?owner=Kestrel4!dune@example.org");
    is_not_found("https://api.example.org#at:Kestrel4!dune@example.org");
}

#[test]
fn addresses_without_a_set_password_are_left_alone() {
    for text in [
        "https://example.org:8443/a@b",
        "https://key@o1.ingest.example.io/42",
        "postgres://postgres:postgres@localhost/app",
        "mongodb://user:<password>@host",
        "amqp://guest:guest@localhost",
        "://a:Kestrel4!dune@host",
        "https://app:Kestrel4!dune@",
    ] {
        is_not_found(text);
    }
}
