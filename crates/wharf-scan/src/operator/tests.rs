//! Ways to give a name a value.

use super::super::Kind;
use super::super::samples::{BASE62, drawn, found, is_not_found};

#[test]
fn every_syntax_is_read() {
    let value = drawn(BASE62, 28);
    for text in [
        "API_TOKEN ::= @",
        "API_TOKEN :::= @",
        "API_TOKEN ?= @",
        "API_TOKEN := @",
        "$apiToken .= \"@\";",
        "setProperty(\"api.token\", \"@\");",
        "('API_TOKEN', '@')",
        "<apiToken>@</apiToken>",
        "<string name=\"api_token\">@</string>",
        "<add key=\"ApiToken\" value=\"@\" />",
        "- name: API_TOKEN\n  value: \"@\"",
        "{ \"name\": \"API_TOKEN\", \"value\": \"@\" }",
        "{ \"env\": \"A=1\\nAPI_TOKEN=@\\nB=2\" }",
        "\"{\\\"token\\\": \\\"@\\\"}\"",
        "api_token: >-\n  @\nother: 1",
        "API token:\n\n```text\n@\n```",
        "API token – @",
        "API token (staging): @",
        "ENV API_TOKEN @",
        "machine api.example.org login app password @",
        "API token\u{a0}: @",
        "key « @ »: api_token = « @ »",
        "Authorization: Token @",
        "let api_token: string = \"@\";",
        "const API_TOKEN: &'static str = \"@\";",
        "client.setToken(\"@\");",
        "aws ssm put-parameter --name /acme/token --value @",
        "gh secret set API_TOKEN --body \"@\"",
        "SECRET_KEY_BASE=@",
        "API-Schlüssel: @",
        "clé API : @",
        "The production API key is @.",
        "kubectl create secret generic acme --from-literal=token=@",
        "https://api.example.org/?api_key=key-@",
        "https://api.example.org/?token=@&amp;page=2",
    ] {
        let is_long = text.contains("key-@");
        let text = text.replace('@', &value);
        let value = if is_long {
            format!("key-{value}")
        } else {
            value.clone()
        };
        let found = found(&text);
        assert!(!found.is_empty(), "{text}");
        let is_value = |found: &(Kind, &str)| found.1 == value;
        assert!(found.iter().all(is_value), "{text}: {found:?}");
    }
}

#[test]
fn comparisons_and_other_lines_are_no_values() {
    let value = drawn(BASE62, 28);
    for text in [
        "token == @",
        "token != @",
        "token =~ @",
        "Token::@",
        "<token>@ and more",
        "token:\n  @ and more",
        "{ \"name\": \"token\", \"size\": \"@\" }",
        "f(token, @)",
    ] {
        is_not_found(&text.replace('@', &value));
    }
}
