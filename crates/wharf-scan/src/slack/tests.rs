//! Values of the documented form are found; what only looks like one is not.

use super::super::samples::{BASE62, drawn, is_found, is_not_found};

use super::super::Kind;
use super::super::samples::{HEX, found};

#[test]
fn a_token_has_numbers_and_a_random_end() {
    let (end, numbers) = (drawn(BASE62, 24), "270415938264-851936274810");
    is_found(Kind::SlackToken, &["xoxb-", numbers, "-", &end].concat());
    is_found(
        Kind::SlackToken,
        &["xoxa-2-", numbers, "-", &drawn(HEX, 32)].concat(),
    );
    is_found(
        Kind::SlackToken,
        &["xapp-1-A0X7K2QP9R3-270415938264-", &drawn(HEX, 64)].concat(),
    );
    is_found(
        Kind::SlackToken,
        &["xoxe.xoxp-1-", &drawn(BASE62, 160)].concat(),
    );
    is_found(
        Kind::SlackToken,
        &["xoxs-", numbers, "-270415938264-", &drawn(HEX, 10)].concat(),
    );
    is_found(Kind::SlackToken, &["xoxa-2-", &drawn(BASE62, 32)].concat());
    is_not_found(&["xoxb-your-token-", &end].concat());
    is_not_found(&["xoxb-270415938264-", &drawn(HEX, 10)].concat());
    is_not_found(&["xoxb-1234567890-851936274810-", &end].concat());
}

#[test]
fn the_path_of_a_webhook_is_the_secret() {
    let path = ["T8K2QP9R3/B7X1M4ZD6/", &drawn(BASE62, 24)].concat();
    let text = ["https://hooks.slack.com/services/", &path].concat();
    assert_eq!(found(&text), [(Kind::SlackWebhook, path.as_str())]);
    for (kind, path) in [
        (
            "workflows",
            format!("T8K2QP9R3/A7X1M4ZD6B2/270415938264/{}", drawn(BASE62, 24)),
        ),
        (
            "triggers",
            format!("E8K2QP9R3/2704159382641/{}", drawn(HEX, 32)),
        ),
    ] {
        let text = format!("<https://hooks.slack.com/{kind}/{path}>");
        assert_eq!(found(&text), [(Kind::SlackWebhook, path.as_str())]);
    }
    is_not_found(
        "https://hooks.slack.com/workflows/T00000000/A00000000/000000000000/XXXXXXXXXXXXXXXXXXXXXXXX",
    );
    is_not_found("https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX");
}
