//! UUIDs behind names.

use super::super::Kind;
use super::super::samples::{found, is_not_found};

const ID: &str = "3f9c07b2-61ad-4e58-9b3e-d27045f8a1c6";

#[test]
fn a_uuid_is_a_key_behind_the_name_of_who_issues_such() {
    for line in [
        "X-Postmark-Server-Token: @",
        "HEROKU_API_KEY=@",
        "//npm.example.org/:_authToken=@",
        "export SNYK_TOKEN='@'",
        "The Codecov token is `@`.",
        "Authorization: GenieKey @",
    ] {
        let text = line.replace('@', ID);
        assert_eq!(found(&text), [(Kind::Assigned, ID)], "{text}");
    }
    for line in [
        "token: @",
        "Postmark message id: @",
        "api_key_id: @",
        "Heroku app @",
    ] {
        is_not_found(&line.replace('@', ID));
    }
}
