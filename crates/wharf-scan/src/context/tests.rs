//! Values that the words around them explain.

use super::super::Kind;
use super::super::samples::{BASE62, HEX, drawn, found, is_not_found};

#[test]
fn the_vendor_and_a_name_tell_what_a_value_is() {
    let (hex, mixed) = (drawn(HEX, 32), drawn(BASE62, 40));
    for (kind, text, value) in [
        (Kind::Twilio, format!("The Twilio auth token: {hex}"), &hex),
        (Kind::Twilio, format!("auth token {hex} of Twilio"), &hex),
        (Kind::Datadog, format!("DD_API_KEY={hex}"), &hex),
        (
            Kind::Datadog,
            format!("datadog:\n  site: eu\n  api_key: {hex}"),
            &hex,
        ),
        (
            Kind::AwsSecretAccessKey,
            format!("secret_access_key = {mixed}"),
            &mixed,
        ),
    ] {
        assert_eq!(found(&text), [(kind, value.as_str())], "{text}");
    }
}

#[test]
fn the_last_word_before_the_value_decides() {
    let hex = drawn(HEX, 40);
    is_not_found(&format!("The Datadog API key was leaked in commit {hex}."));
    let text = format!("Commit 17 of the Datadog repository: app key {hex}");
    assert_eq!(found(&text), [(Kind::Datadog, hex.as_str())]);
}

#[test]
fn the_key_of_another_vendor_is_not_that_of_the_one_who_is_named() {
    let hex = drawn(HEX, 32);
    for line in [
        "Metrics go to Datadog.\n\nACME_API_KEY=@",
        "Metrics go to Datadog. The Acme API key is `@`.",
        "datadog:\n  site: eu\nacme_api_key: @",
        "Datadog forwards to Acme, whose Acme-API-Key: @",
    ] {
        let text = line.replace('@', &hex);
        assert_eq!(found(&text), [(Kind::Assigned, hex.as_str())], "{text}");
    }
}

#[test]
fn without_a_vendor_or_a_name_there_is_nothing() {
    let (hex, mixed) = (drawn(HEX, 32), drawn(BASE62, 40));
    for text in [
        format!("Twilio {hex}"),
        format!("trace {hex} in Datadog, found by its key"),
        format!("the laws of keys {mixed}"),
        format!("Mixpanel project token {hex}"),
        format!("datadog\n{}api key\n{hex}", "word ".repeat(60)),
        format!("Twilio account {}", &hex[1..]),
    ] {
        is_not_found(&text);
    }
}
