//! `wharf up DIR` against a vendor: which credential arrives there, and what does not.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::document::{Document, file, variables};
use crate::support::http::Request;
use crate::support::program::up;
use crate::support::soon;
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

#[test]
fn credentials_from_variables_and_files_replace_the_callers_token() {
    let vendor = Vendor::fine();
    let plain = Document::before("plain", vendor.address()).credential(&variables(&["SHOP_KEY"]));
    let filed = Document::before("filed", vendor.address())
        .method("- Type: API Key\n- Header: X-Api-Key: {api_key}")
        .credential(&file("keys/filed.json"));
    let basic = Document::before("basic", vendor.address())
        .method("- Type: Basic\n- Username: {username}\n- Password: {password}")
        .credential(&variables(&["SHOP_USERNAME", "SHOP_PASSWORD"]));
    let workspace = Workspace::of([&plain, &filed, &basic]);
    workspace.write("keys/filed.json", "{ \"api_key\": \"from-the-file\" }");
    let token = workspace.caller("shop");
    let gateway = up(&[workspace.argument()])
        .variable("SHOP_KEY", "from-the-environment")
        .variable("SHOP_USERNAME", "ada")
        .variable("SHOP_PASSWORD", "lovelace")
        .ready();

    assert_eq!(gateway.get("/plain/pets", &token).status, 200);
    assert_eq!(
        vendor.last().header("authorization"),
        Some("Bearer from-the-environment")
    );

    // The token may stand where the vendor's own library puts its key.
    let named = Request::get("/filed/pets?limit=3").header("X-Api-Key", &token);
    assert_eq!(gateway.call(&named).status, 200);
    assert_eq!(vendor.last().header("x-api-key"), Some("from-the-file"));
    assert_eq!(vendor.last().header("authorization"), None);
    assert_eq!(vendor.last().target, "/pets?limit=3");

    assert_eq!(gateway.get("/basic/pets", &token).status, 200);
    // base64 of `ada:lovelace`
    assert_eq!(
        vendor.last().header("authorization"),
        Some("Basic YWRhOmxvdmVsYWNl")
    );

    assert!(gateway.ready["caller_token"].is_null());
    let sent = format!("{:?}", vendor.requests());
    assert!(
        !sent.contains(&token),
        "the caller's token went to the vendor: {sent}"
    );
}

#[test]
fn a_changed_credential_file_is_used_within_a_second() {
    let vendor = Vendor::fine();
    let workspace =
        Workspace::of([&Document::before("petshop", vendor.address()).credential(&file("key"))]);
    workspace.write("key", "before\n");
    let token = workspace.caller("shop");
    let gateway = up(&[workspace.argument()]).ready();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!(vendor.last().header("authorization"), Some("Bearer before"));

    workspace.write("key", "after\n");
    soon("a changed credential file", || {
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        vendor.last().header("authorization") == Some("Bearer after")
    });
    // Who reads the log knows which value is in use, without seeing it.
    let line = gateway
        .process
        .until_logged("credential file key has changed");
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    let print = line["fingerprint"].as_str().unwrap();
    assert!(
        print.len() == 16 && print.chars().all(|c| c.is_ascii_hexdigit()),
        "{line}"
    );
    assert_eq!(line["level"], "INFO");
    workspace.remove("key");
    gateway.process.until_logged("so its last value is used");
    workspace.write("key", "after\n");
    let line = gateway
        .process
        .until_logged("credential file key can be fetched again");
    assert!(line.contains(print), "{line}");
    let log = gateway.process.stderr();
    assert!(
        !log.contains("Bearer after") && !log.contains("\"after\""),
        "{log}"
    );
    assert_eq!(log.matches("has changed").count(), 1, "{log}");
}

#[test]
fn a_file_outside_the_folders_that_settings_list_is_refused_in_a_call() {
    let vendor = Vendor::fine();
    let outside = Workspace::empty();
    outside.write("allowed/key", "allowed-value\n");
    outside.write("elsewhere/key", "elsewhere-value\n");
    let path = |folder: &str| {
        let path = outside.file(folder).join("key");
        file(path.to_str().unwrap())
    };
    let document =
        |id: &str, credential: &str| Document::before(id, vendor.address()).credential(credential);
    let workspace = Workspace::of([
        &document("inside", &file("keys/own")),
        &document("allowed", &path("allowed")),
        &document("elsewhere", &path("elsewhere")),
        &document("linked", &file("keys/linked")),
    ]);
    workspace.write("keys/own", "own-value\n");
    std::os::unix::fs::symlink(outside.file("elsewhere/key"), workspace.file("keys/linked"))
        .unwrap();
    let allowed = outside.file("allowed");
    let settings = format!("[secrets]\nfolders = [{:?}]\n", allowed.to_str().unwrap());
    workspace.write("wharf.toml", &settings);
    let token = workspace.caller("shop");
    let gateway = up(&[workspace.argument()]).ready();
    for (id, value) in [("inside", "own-value"), ("allowed", "allowed-value")] {
        assert_eq!(gateway.get(&format!("/{id}/pets"), &token).status, 200);
        let expected = format!("Bearer {value}");
        assert_eq!(vendor.last().header("authorization"), Some(&*expected));
    }
    let sent = vendor.requests().len();
    for id in ["elsewhere", "linked"] {
        let refused = gateway.get(&format!("/{id}/pets"), &token);
        let problem = refused.json();
        assert_eq!(
            (refused.status, &problem["code"], &problem["sent"]),
            (503, &"credential_unavailable".into(), &"nothing".into())
        );
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains("outside the workspace") && detail.contains("`[secrets] folders`"),
            "{detail}"
        );
    }
    assert_eq!(vendor.requests().len(), sent);
    assert!(!gateway.process.stderr().contains("elsewhere-value"));
}

#[test]
fn a_missing_credential_is_named_everywhere_and_taken_when_it_comes() {
    let vendor = Vendor::fine();
    let filed = Document::before("filed", vendor.address()).credential(&file("key"));
    let workspace = Workspace::of([&filed, &Document::before("petshop", vendor.address())]);
    let token = workspace.caller("shop");
    let gateway = up(&[workspace.argument()]).ready();

    let refused = gateway.get("/petshop/pets", &token);
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (503, &"credential_unavailable".into())
    );
    assert!(
        refused.text().contains("PET_KEY") && refused.text().contains("set"),
        "{refused:?}"
    );
    let readiness = gateway.control("/readyz");
    assert_eq!(readiness.status, 200, "other integrations can be called");
    let missing = readiness.json()["credentials_missing"].clone();
    assert_eq!(missing.as_array().unwrap().len(), 2, "{missing}");
    let warning = gateway
        .process
        .until_logged("calls cannot be authorised: environment");
    assert!(warning.contains("PET_KEY"), "{warning}");

    workspace.write("key", "late");
    soon("a credential file that came late", || {
        gateway.get("/filed/pets", &token).status == 200
    });
    assert_eq!(vendor.last().header("authorization"), Some("Bearer late"));
    let missing = gateway.control("/readyz").json()["credentials_missing"].clone();
    assert_eq!(missing.as_array().unwrap().len(), 1, "{missing}");
}

#[test]
fn a_credential_file_open_to_everyone_is_logged_and_named() {
    let vendor = Vendor::fine();
    let workspace =
        Workspace::of([&Document::before("petshop", vendor.address()).credential(&file("key"))]);
    workspace.write("key", "before\n");
    let set_mode = |mode| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(workspace.file("key"), permissions).unwrap();
    };
    set_mode(0o600);
    let gateway = up(&[workspace.argument()]).ready();
    let warnings = || gateway.control("/readyz").json()["credential_warnings"].clone();
    assert_eq!(warnings(), serde_json::json!([]));

    set_mode(0o666);
    gateway.process.until_logged("is open to every user");
    let told = warnings();
    assert_eq!(told[0]["integration"], "petshop", "{told}");
    assert!(told.to_string().contains("chmod 600"), "{told}");

    set_mode(0o600);
    soon("a warning that is over", || {
        warnings() == serde_json::json!([])
    });
}
