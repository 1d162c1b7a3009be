//! Rotate key: the credential is fetched again, and the call replayed once.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use futures_util::future::join_all;

use crate::support::caller::Call;
use crate::support::document::Document;
use crate::support::gateway::Gateway;
use crate::support::key_file::KeyFile;
use crate::support::vendor::{Vendor, answer, ok};

/// A vendor that takes the key `new` and nothing else.
async fn vendor() -> Vendor {
    Vendor::answering(
        |_, request| match request.header("authorization").as_deref() {
            Some("Bearer new") => ok("welcome"),
            _ => answer(401, &[], "who is this?"),
        },
    )
    .await
}

/// A gateway whose credential is in a file that holds `old`.
fn gateway(vendor: &Vendor) -> (Gateway, PathBuf, KeyFile) {
    let key = KeyFile::holding("old\n");
    let document = Document::at(vendor.address())
        .error("401", "Rotate key")
        .retries(3, "5ms");
    (key.gateway(document), key.path(), key)
}

/// Puts a file in the place of another, as rotation does.
fn replace(file: &Path, content: &str) {
    let fresh = file.with_extension("new");
    fs::write(&fresh, content).unwrap();
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(fresh, file).unwrap();
}

fn keys(vendor: &Vendor) -> Vec<String> {
    let requests = vendor.requests();
    let keys = requests
        .iter()
        .map(|request| request.header("authorization").unwrap());
    keys.collect()
}

#[tokio::test]
async fn a_rotated_key_is_fetched_and_a_get_replayed_once() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    replace(&file, "new\n");
    let answer = gateway.call(Call::get("/vendor/items")).await;
    answer.assert_vendor(200, 2);
    assert_eq!(answer.text(), "welcome");
    assert_eq!(keys(&vendor), ["Bearer old", "Bearer new"]);
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 1);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_post_is_not_replayed_but_the_next_call_has_the_new_key() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    replace(&file, "new\n");
    let answer = gateway.call(Call::post("/vendor/items", "once")).await;
    answer.assert_vendor(401, 1);
    assert_eq!(answer.text(), "who is this?");
    gateway
        .call(Call::post("/vendor/items", "again"))
        .await
        .assert_vendor(200, 1);
    assert_eq!(keys(&vendor), ["Bearer old", "Bearer new"]);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_key_that_did_not_change_is_not_replayed() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(401, 1);
    // Written again with the same key: another file, the same credential.
    replace(&file, "old\n");
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(401, 1);
    assert_eq!(keys(&vendor), ["Bearer old", "Bearer old"]);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_new_key_that_is_refused_too_is_not_replayed_again() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    replace(&file, "wrong\n");
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(401, 2);
    assert_eq!(keys(&vendor), ["Bearer old", "Bearer wrong"]);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_file_that_is_gone_takes_no_credential_away() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    fs::remove_file(&file).unwrap();
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(401, 1);
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(401, 1);
    assert_eq!(keys(&vendor), ["Bearer old", "Bearer old"]);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn calls_that_meet_a_rotation_together_all_get_through() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    replace(&file, "new\n");
    let calls = (0..32).map(|_| gateway.call(Call::get("/vendor/items")));
    for answer in join_all(calls).await {
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (200, "welcome"),
            "{answer:#?}"
        );
    }
    let requests = vendor.requests();
    assert!(requests.len() <= 64, "{} requests", requests.len());
    gateway.until_metric("wharf_calls_in_flight", &[], 0).await;
    gateway.begin_stop().wait().await;
    vendor.until_open(0).await;
}

#[tokio::test]
async fn a_changed_file_is_noticed_before_the_vendor_refuses() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    replace(&file, "new\n");
    gateway.handle().refresh_credentials().await;
    gateway
        .call(Call::post("/vendor/items", "once"))
        .await
        .assert_vendor(200, 1);
    assert_eq!(keys(&vendor), ["Bearer new"]);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_file_that_is_away_for_a_moment_stops_no_call() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    replace(&file, "new\n");
    gateway.handle().refresh_credentials().await;
    fs::remove_file(&file).unwrap();
    gateway.handle().refresh_credentials().await;
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 1);
    assert_eq!(gateway.handle().credential_problems(), []);
    let warnings = gateway.handle().credential_warnings();
    let [warning] = warnings.as_slice() else {
        panic!("{warnings:#?}");
    };
    assert!(
        warning.message.contains("last value is used") && warning.message.contains("exist"),
        "{warning:#?}"
    );

    replace(&file, "new\n");
    gateway.handle().refresh_credentials().await;
    assert_eq!(gateway.handle().credential_warnings(), []);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_half_written_file_takes_no_credential_away() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    replace(&file, "new\n");
    gateway.handle().refresh_credentials().await;
    fs::write(&file, "").unwrap();
    gateway.handle().refresh_credentials().await;
    gateway
        .call(Call::get("/vendor/items"))
        .await
        .assert_vendor(200, 1);
    gateway.finish(&vendor, 1).await;
}

#[tokio::test]
async fn a_file_that_everyone_can_read_is_warned_about() {
    let vendor = vendor().await;
    let (gateway, file, _folder) = gateway(&vendor);
    let set_mode = async |mode| {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        gateway.handle().refresh_credentials().await;
        gateway.handle().credential_warnings()
    };
    let warnings = set_mode(0o666).await;
    assert!(
        warnings.len() == 1 && warnings[0].message.contains("chmod 600"),
        "{warnings:#?}"
    );
    assert_eq!(set_mode(0o600).await, []);
    gateway.finish(&vendor, 0).await;
}
