//! Addresses of hooks.

use super::super::Kind;
use super::super::samples::{BASE62, HEX, drawn, found, is_not_found};

#[test]
fn the_secret_of_a_hook_is_its_path() {
    let signs = drawn(BASE62, 48);
    let small = drawn("abcdefghijkmnopqrstuwxyz13456789", 32);
    let hex = drawn(HEX, 32);
    let uuid = [
        &hex[..8],
        "-",
        &hex[8..12],
        "-",
        &hex[12..16],
        "-",
        &hex[16..20],
        "-",
        &hex[20..],
    ]
    .concat();
    for (host, secret) in [
        ("https://chat.example.org/hooks/", small[..26].to_owned()),
        (
            "https://chat.example.org/hooks/",
            [&signs[..17], "/", &signs].concat(),
        ),
        ("https://hook.eu1.make.com/", small.clone()),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/", uuid),
        ("https://events.pagerduty.com/integration/", hex.clone()),
        (
            "https://maker.ifttt.com/trigger/a/with/key/",
            signs[..22].to_owned(),
        ),
        (
            "https://hooks.zapier.com/hooks/catch/",
            "4172953/b3x8q1z".to_owned(),
        ),
    ] {
        let text = format!("Post to <{host}{secret}>.");
        assert_eq!(found(&text), [(Kind::Webhook, secret.as_str())], "{text}");
    }
    is_not_found("https://docs.example.org/hooks/useeffectandusereducer42");
    is_not_found("https://www.make.com/en/integrations");
    is_not_found("https://chat.example.org/hooks/xxxxxxxxxxxxxxxxxxxxxxxxxx");
}
