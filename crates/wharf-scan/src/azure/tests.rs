//! Signed addresses, and what only looks like them.

use super::super::Kind;
use super::super::samples::{BASE62, HEX, drawn, found, is_not_found};

#[test]
fn a_signature_is_found_in_its_address() {
    let signs = drawn(BASE62, 40);
    for signature in [
        format!("{signs}abc%3D"),
        format!("%2B{}%2Fx%3d", &signs[..40]),
        format!("{signs}a-_"),
    ] {
        for text in [
            format!("https://a.blob.core.windows.net/b?sv=2022-11-02&sp=r&sig={signature}"),
            format!(
                "https://prod-1.westeurope.logic.azure.com:443/workflows/x/triggers/manual/paths/invoke?api-version=2016-10-01&sp=%2Ftriggers&sv=1.0&sig={signature}"
            ),
            format!(
                "SharedAccessSignature sr=x.servicebus.windows.net&sig={signature}&se=1700000000&skn=send"
            ),
        ] {
            assert_eq!(
                found(&text),
                [(Kind::AzureSignature, signature.as_str())],
                "{text}"
            );
        }
        is_not_found(&format!("?sig={signature}"));
        is_not_found(&format!("?sv=1&mysig={signature}"));
    }
    is_not_found("https://a.blob.core.windows.net/b?sv=2022-11-02&sig=<signature>");
    is_not_found(&format!("?sv=1&sig={}", drawn(BASE62, 30)));
}

#[test]
fn the_path_of_a_webhook_of_teams_is_the_secret() {
    let id = "5f0c954e-9d1b-4d2c-8a3e-0b1c2d3e4f5a";
    let path = format!("{id}@{id}/IncomingWebhook/{}/{id}", drawn(HEX, 32));
    let text = format!("[post](https://acme.webhook.office.com/webhookb2/{path}) there");
    assert_eq!(found(&text), [(Kind::TeamsWebhook, path.as_str())]);
    is_not_found(&format!(
        "https://acme.webhook.office.com/webhookb2/{id}@{id}/IncomingWebhook/x/{id}"
    ));
}
