use crate::Kind;
use crate::samples::{base64, drawn, found, is_not_found};

const SIGNS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn key() -> String {
    let body = drawn(SIGNS, 128);
    format!("-----BEGIN PRIVATE KEY-----\\n{body}\\n-----END PRIVATE KEY-----")
}

#[test]
fn a_service_account_in_base64_is_found() {
    for json in [
        format!(
            "{{\"type\":\"service_account\",\"private_key\":\"{}\"}}",
            key()
        ),
        format!(
            "{{\"type\": \"service_account\", \"private_key\": \"{}\"}}",
            key()
        ),
        format!(
            "{{\n  \"type\": \"service_account\",\n  \"private_key\": \"{}\"\n}}",
            key()
        ),
        format!(
            "{{\n    \"type\": \"service_account\",\n    \"private_key\": \"{}\"\n}}",
            key()
        ),
    ] {
        let value = base64(json.as_bytes());
        for text in [
            format!("GCP_SA_KEY_B64={value}"),
            format!("credentials: \"{value}\""),
        ] {
            assert_eq!(
                found(&text),
                [(Kind::GoogleServiceAccount, value.as_str())],
                "{text}"
            );
        }
    }
}

#[test]
fn a_private_key_in_base64_is_found() {
    let value = base64(key().replace("\\n", "\n").as_bytes());
    assert_eq!(
        found(&format!("tls.key: {value}")),
        [(Kind::PrivateKey, value.as_str())]
    );
}

#[test]
fn json_and_armour_without_a_key_are_left_alone() {
    let public = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----",
        drawn(SIGNS, 128)
    );
    is_not_found(&format!("tls.crt: {}", base64(public.as_bytes())));
    let json = format!(
        "{{\"type\":\"service_account\",\"project\":\"{}\"}}",
        "a name ".repeat(20)
    );
    is_not_found(&format!("data: {}", base64(json.as_bytes())));
    let cut = "{\"type\":\"service_account\",\"private_key\":\"-----BEGIN PRIVATE KEY-----\\n…\\n-----END PRIVATE KEY-----\",\"client_email\":\"ci@acme.example\"}";
    is_not_found(&format!("data: {}", base64(cut.as_bytes())));
}
