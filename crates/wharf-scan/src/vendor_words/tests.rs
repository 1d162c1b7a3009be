//! Long words with a form of their own.

use super::super::Kind;
use super::super::samples::{BASE62, HEX, drawn, found, is_not_found};

#[test]
fn a_token_is_told_by_its_form() {
    let hex = drawn(HEX, 64);
    let short = &hex[..32];
    for (name, token) in [
        ("Mailgun key", format!("key-{short}")),
        (
            "Mailgun key",
            format!("{short}-{}-{}", &hex[32..40], &hex[40..48]),
        ),
        ("Mailchimp API key", format!("{short}-us14")),
        ("Airtable token", format!("pat{}.{hex}", &drawn(BASE62, 14))),
        ("Asana token", format!("1/1204417329853:{short}")),
        ("Asana token", format!("2/1204417329853/1208841:{short}")),
    ] {
        let text = format!("It was {token} before.");
        assert_eq!(
            found(&text),
            [(Kind::Vendor(name), token.as_str())],
            "{text}"
        );
    }
    is_not_found(&format!("release 4/17:{short}"));
    is_not_found(&format!("bucket {short}-eu1, digest {hex}"));
}
