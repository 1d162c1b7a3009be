//! Tokens with a mark inside.

use super::super::Kind;
use super::super::samples::{BASE62, HEX, base64, drawn, found, is_not_found};

fn is_found_as(name: &'static str, before: &str, value: &str) {
    let text = format!("see {before}{value}.");
    assert_eq!(found(&text), [(Kind::Vendor(name), value)], "{text}");
}

#[test]
fn both_sides_of_a_mark_belong_to_the_token() {
    let signs = drawn(BASE62, 64);
    is_found_as(
        "Terraform Cloud token",
        "",
        &[&signs[..14], ".atlasv1.", &signs[..63]].concat(),
    );
    is_found_as(
        "Telegram bot token",
        "https://api.example.org/bot",
        &["9734082174:AA", &signs[..33]].concat(),
    );
    is_found_as(
        "Microsoft Entra client secret",
        "",
        &["k~D8Q~", &signs[..34]].concat(),
    );
    is_found_as(
        "New Relic license key",
        "",
        &[&drawn(HEX, 36), "NRAL"].concat(),
    );
}

#[test]
fn sides_of_another_length_are_none() {
    let signs = drawn(BASE62, 64);
    is_not_found(&["see ", &signs[..9], ".atlasv1.", &signs[..63]].concat());
    is_not_found(&["at 12:AA", &signs[..33]].concat());
    is_not_found(&["see abcdQ~", &signs[..34]].concat());
    is_not_found(&["see x8Q~", &signs[..34]].concat());
}

#[test]
fn a_tunnel_names_its_account_and_secret() {
    let hex = drawn(HEX, 32);
    let json = format!("{{\"a\":\"{hex}\",\"t\":\"{hex}\",\"s\":\"{hex}\"}}");
    let token = base64(json.as_bytes());
    is_found_as("Cloudflare tunnel token", "run --token ", &token);
    let json = format!("{{\"a\":\"{hex}\",\"id\":\"{hex}\",\"page\":\"{hex}\"}}");
    is_not_found(&["cursor: ", &base64(json.as_bytes())].concat());
}
