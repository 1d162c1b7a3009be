//! Credentials in a store over a network: from `wharf.toml` to the vendor.

use crate::support::document::Document;
use crate::support::program::{Output, wharf};
use crate::support::vendor::{Vendor, json};
use crate::support::workspace::Workspace;

const KEY: &str = "canary-5a0c1e7f93b2";
const TOKEN: &str = "canary-70c3a11d4e55";
const SECRET_ID: &str = "canary-1d5ec4e7b0a9";

/// Vault, as far as one secret needs it.
fn vault() -> Vendor {
    Vendor::answering(|received| {
        let has = |name: &str, value: &str| received.header(name) == Some(value);
        let body = String::from_utf8_lossy(&received.body);
        let is_known = has("X-Vault-Token", TOKEN) && has("X-Vault-Namespace", "team");
        match received.target.as_str() {
            "/v1/auth/apps/login" if body.contains(SECRET_ID) && body.contains("\"billing\"") => {
                let auth = format!("{{\"client_token\":\"{TOKEN}\",\"lease_duration\":60}}");
                json(200, &format!("{{\"auth\":{auth}}}"))
            }
            "/v1/sys/internal/ui/mounts/kv/staging/shop" if is_known => json(
                200,
                r#"{"data":{"path":"kv/","type":"kv","options":{"version":"2"}}}"#,
            ),
            "/v1/kv/data/staging/shop" if is_known => {
                let data = format!("{{\"api_key\":\"{KEY}\"}}");
                json(
                    200,
                    &format!("{{\"data\":{{\"data\":{data},\"metadata\":{{\"version\":1}}}}}}"),
                )
            }
            _ => json(403, r#"{"errors":["permission denied"]}"#),
        }
    })
}

fn call(workspace: &Workspace) -> Output {
    wharf(&[
        "call",
        "--dir",
        workspace.argument(),
        "petshop",
        "list-pets",
    ])
    .variable("APPROLE_SECRET_ID", SECRET_ID)
    .finish()
}

#[test]
fn a_credential_in_vault_reaches_the_vendor_and_nobody_else() {
    let (vault, vendor) = (vault(), Vendor::fine());
    let document = Document::before("petshop", vendor.address())
        .credential("location: HASHICORP_VAULT\npath: /staging/shop");
    let workspace = Workspace::of([&document]);
    let settings = |address: &str| {
        format!(
            "[secrets.vault]\naddress = \"{address}\"\nnamespace = \"team\"\nmount = \"kv\"\n\
             timeout_seconds = 3\n\
             [secrets.vault.approle]\nrole_id = \"billing\"\n\
             secret_id = \"APPROLE_SECRET_ID\"\nmount = \"apps\"\n"
        )
    };
    workspace.write(
        "wharf.toml",
        &settings(&format!("http://{}", vault.address())),
    );
    let output = call(&workspace);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(vendor.last().headers.contains(KEY), "{:?}", vendor.last());
    assert!(!format!("{output:?}").contains("canary-"), "{output:?}");

    // Another namespace: Vault refuses, and nothing reaches the vendor.
    let other = settings(&format!("http://{}", vault.address())).replace("team", "other");
    workspace.write("wharf.toml", &other);
    let output = call(&workspace);
    assert_ne!(output.code, Some(0), "{output:?}");
    let told = format!("{output:?}");
    assert!(told.contains("namespace `other`"), "{told}");
    assert!(told.contains("data/staging/shop"), "{told}");
    assert!(!told.contains("canary-"), "{told}");
    assert_eq!(vendor.requests().len(), 1);
}
