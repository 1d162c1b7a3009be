//! All keys are read, and what may be a secret is never shown.

use std::path::Path;

use crate::settings::{Aws, Error, FILE_NAME, Settings};

fn load(text: &str) -> Result<Aws, Error> {
    let settings = Settings::parse(text, Path::new(FILE_NAME))?;
    Ok(settings.aws().clone())
}

#[test]
fn every_key_is_read() {
    let text = "[secrets.aws]\nregion = \"eu-west-1\"\nprofile = \"team a\"\n\
                endpoint = \"https://vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com\"\n\
                timeout_seconds = 9\nrole_arn = \"arn:aws-cn:iam::123456789012:role/x/wharf\"\n";
    assert_eq!(
        load(text).unwrap(),
        Aws {
            region: Some("eu-west-1".to_owned()),
            profile: Some("team a".to_owned()),
            endpoint: Some("https://vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com".to_owned()),
            timeout_seconds: Some(9),
            role_arn: Some("arn:aws-cn:iam::123456789012:role/x/wharf".to_owned()),
        }
    );
    for text in ["", "[secrets]\n", "[secrets.aws]\n"] {
        assert_eq!(load(text).unwrap(), Aws::default(), "{text}");
    }
}

#[test]
fn what_is_wrong_has_its_line_and_its_column() {
    // Made up, in the form of a secret access key.
    let key = "profile = \"aB3dEfGhIjKlMnOpQrStUvWxYz0123456789+/aB\"";
    for (written, words) in [
        (
            "region = \"EU\"",
            ":2:10: `region` of `[secrets.aws]` is the name of a region",
        ),
        ("region = \"eu.evil.example/\"", ":2:10: `region`"),
        (
            "region = 7",
            ":2:10: `region` of `[secrets.aws]` is a text in quotes, not a number",
        ),
        ("region = \"\"", ":2:10: `region`"),
        (key, "is not shown"),
        (
            "endpoint = \"secrets.internal\"",
            ":2:12: `endpoint` of `[secrets.aws]` is an address",
        ),
        ("endpoint = \"https://me:canary9q@x\"", ":2:12: `endpoint`"),
        ("endpoint = \"https://x/?canary9q\"", ":2:12: `endpoint`"),
        (
            "role_arn = \"canary9q\"",
            ":2:12: `role_arn` of `[secrets.aws]` is the ARN",
        ),
        (
            "role_arn = \"arn:aws:iam::1:user/canary9q\"",
            ":2:12: `role_arn`",
        ),
        (
            "timeout_seconds = 0",
            ":2:19: `timeout_seconds` of `[secrets.aws]` is a number of seconds from 1 to 60",
        ),
        ("timeout_seconds = \"5\"", ":2:19: `timeout_seconds`"),
        (
            "access_key = \"canary9q\"",
            "unknown field `access_key` of `[secrets.aws]`",
        ),
        ("AKIACANARY9Q = \"a\"", "that is not shown"),
    ] {
        let text = format!("[secrets.aws]\n{written}\n");
        let said = load(&text).unwrap_err().in_one_line();
        assert!(said.contains(words), "{written}: {said}");
        for secret in ["canary9q", "CANARY9Q", "aB3dEf"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
    let said = load("[secrets]\naws = 1\n").unwrap_err().in_one_line();
    assert!(
        said.contains("`[secrets.aws]` is a table with `region`"),
        "{said}"
    );
    let said = load("[secrets.aws]\nregion = \"eu\nprofile = canary9q\n").unwrap_err();
    assert!(!said.in_one_line().contains("canary9q"), "{said}");
}
