//! `wharf store key`: keys are made, exchanged and told apart, and no secret is lost or shown.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretSlice};
use serde_json::Value;
use wharf_policy::sealed::{KeyId, SecretName, SecretVersion};
use wharf_secrets::{FixedVariables, KeyPlace, KeyPlaces, LoadedKeys};
use wharf_store::{SealedRecord, Store};

use crate::support::eventually;
use crate::support::program::{CommandLine, Output, wharf};
use crate::support::workspace::Workspace;

/// What every secret has in clear.
const CLEAR: &str = "clear-text-of-a-refresh-token";

fn command(workspace: &Workspace, arguments: &[&str]) -> CommandLine {
    wharf(&["store", "key"])
        .arguments(arguments)
        .arguments(&["--dir", workspace.argument()])
}

fn key(workspace: &Workspace, arguments: &[&str]) -> Output {
    command(workspace, arguments).finish()
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

fn name(number: usize) -> SecretName {
    SecretName::new(&format!("vendor-{number:05}/production/refresh-token")).unwrap()
}

/// The keys of these files, the first of which seals; without any, that of the state folder.
async fn keys(workspace: &Workspace, files: &[PathBuf], used: &[KeyId]) -> LoadedKeys {
    let mut places = files.iter().cloned().map(KeyPlace::File);
    let places = KeyPlaces {
        variables: Arc::new(FixedVariables::new()),
        key: places.next(),
        old_keys: places.collect(),
        state_folder: workspace.state(),
    };
    places.load_or_make(used).await.unwrap()
}

/// Stores secrets as a service does. Gives the key that they are sealed with.
fn put(workspace: &Workspace, files: &[PathBuf], numbers: std::ops::Range<usize>) -> KeyId {
    block_on(async {
        let store = Store::open(&workspace.state()).await.unwrap();
        let keyring = keys(workspace, files, &[]).await.keyring;
        let records: Vec<_> = numbers
            .map(|number| {
                let secret = SecretSlice::from(format!("{CLEAR} {number}").into_bytes());
                let (name, version) = (name(number), SecretVersion::FIRST);
                let sealed = keyring.seal(&name, version, &secret).unwrap();
                SealedRecord {
                    name,
                    version,
                    put: Timestamp::UNIX_EPOCH,
                    sealed,
                }
            })
            .collect();
        {
            // A handle that is left keeps the store from closing.
            let kept = store.records();
            let puts = records.iter().map(|one| kept.put_sealed(one));
            for put in futures_util::future::join_all(puts).await {
                put.unwrap();
            }
        }
        store.close().await;
        keyring.sealing_key().unwrap()
    })
}

/// Opens every secret with these keys alone.
fn assert_all_open(workspace: &Workspace, files: &[PathBuf], count: usize) {
    block_on(async {
        let store = Store::open(&workspace.state()).await.unwrap();
        let keyring = keys(workspace, files, &[]).await.keyring;
        for number in 0..count {
            let name = name(number);
            let row = store.records().sealed(&name).await.unwrap().unwrap();
            let secret = keyring.open(&name, row.version, &row.sealed).unwrap();
            let expected = format!("{CLEAR} {number}");
            assert_eq!(secret.expose_secret(), expected.as_bytes());
        }
        store.close().await;
    });
}

/// A file with a new key.
fn new_key(workspace: &Workspace, file: &str) -> PathBuf {
    let path = workspace.file(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let made = key(workspace, &["new", "--out", path.to_str().unwrap()]);
    assert_eq!(made.code, Some(0), "{made:?}");
    path
}

#[test]
fn a_key_is_exchanged_and_the_old_one_is_told_to_be_free() {
    let workspace = Workspace::empty();
    let old = put(&workspace, &[], 0..200);
    workspace.write("wharf.toml", "");
    let status = key(&workspace, &["status"]);
    let line = format!("{old}  seals  200 secrets");
    assert!(status.stdout.starts_with(&line), "{status:?}");

    let file = new_key(&workspace, "keys/new");
    workspace.write("wharf.toml", "[store]\nkey = \"keys/new\"\n");
    let before = json(&key(&workspace, &["status", "--format", "json"]));
    assert_eq!(before["version"], 1);
    assert_eq!(before["missing"], serde_json::json!([]));
    let of = |status: &Value, at: usize| {
        let key = &status["keys"][at];
        let words = ["role", "seals", "secrets", "removable"].map(|name| key[name].to_string());
        words.join(" ")
    };
    assert_eq!(of(&before, 0), "\"key\" true 0 false");
    assert_eq!(of(&before, 1), "\"state_folder\" false 200 false");
    let advice = key(&workspace, &["status"]).stderr;
    let command = format!(
        "`wharf store key rotate --dir {}` seals 200 secrets",
        workspace.argument()
    );
    assert!(advice.contains(&command), "{advice}");

    let rotated = key(&workspace, &["rotate", "--format", "json"]);
    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    assert_eq!(json(&rotated)["resealed"], 200);
    let audit = wharf(&["audit", "list", "--dir", workspace.argument()]).finish();
    let of_rotation = format!(
        "store.key.rotate {}  done",
        json(&rotated)["key"].as_str().unwrap()
    );
    assert_eq!(audit.stdout.matches(&of_rotation).count(), 4, "{audit:?}");
    let again = key(&workspace, &["rotate", "--format", "json"]);
    assert_eq!(json(&again)["resealed"], 0, "{again:?}");
    let after = json(&key(&workspace, &["status", "--format", "json"]));
    assert_eq!(of(&after, 0), "\"key\" true 200 false");
    assert_eq!(of(&after, 1), "\"state_folder\" false 0 true");
    let text = key(&workspace, &["status"]).stdout;
    assert!(text.contains("the file may be deleted"), "{text}");

    fs::remove_file(workspace.state().join("store.key")).unwrap();
    assert_all_open(&workspace, &[file], 200);
}

#[test]
fn a_rotation_that_is_killed_loses_nothing_and_is_taken_up_again() {
    // On a busy machine each may have ended by the time that its kill comes.
    let mut rounds = (0..5).map(|_| kills_in_a_rotation());
    assert!(rounds.any(|killed| killed > 0), "none was killed");
}

/// How many kills came before their rotation had ended.
fn kills_in_a_rotation() -> u32 {
    const COUNT: usize = 3_000;
    let workspace = Workspace::empty();
    put(&workspace, &[], 0..COUNT);
    let file = new_key(&workspace, "keys/new");
    workspace.write("wharf.toml", "[store]\nkey = \"keys/new\"\n");
    let state_key = workspace.state().join("store.key");
    let store = block_on(Store::open(&workspace.state())).unwrap();
    let new = block_on(keys(&workspace, std::slice::from_ref(&file), &[]));
    let new = new.keyring.sealing_key().unwrap();
    let resealed = || {
        let uses = block_on(store.records().sealing_keys()).unwrap();
        let found = uses.iter().find(|one| one.key == new);
        found.map_or(0, |one| one.secrets)
    };
    let mut killed = 0;
    for most in [1, 400, 900, 1_500, 2_400] {
        let before = resealed();
        let mut process = command(&workspace, &["rotate"]).start();
        eventually("some secrets under the new key", || {
            let is_enough = resealed() >= most.max(before + 1);
            (is_enough || process.has_ended()).then_some(())
        });
        if !process.has_ended() {
            process.signal("KILL");
            killed += 1;
        }
        process.finish();
        assert_all_open(&workspace, &[file.clone(), state_key.clone()], COUNT);
    }
    let done = key(&workspace, &["rotate"]);
    assert_eq!(done.code, Some(0), "{done:?}");
    fs::remove_file(state_key).unwrap();
    assert_all_open(&workspace, &[file], COUNT);
    killed
}

#[test]
fn no_file_but_that_of_the_key_has_anything_in_clear() {
    let workspace = Workspace::empty();
    put(&workspace, &[], 0..50);
    // Open, so that the log of the database is there too.
    let store = block_on(Store::open(&workspace.state())).unwrap();
    put(&workspace, &[], 50..100);
    let text = fs::read_to_string(workspace.state().join("store.key")).unwrap();
    let key_text = text.trim_end();
    let mut looked = 0;
    for entry in fs::read_dir(workspace.state()).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("store.key") {
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        for hidden in [CLEAR, key_text] {
            let mut pieces = bytes.windows(hidden.len());
            let is_there = pieces.any(|piece| piece == hidden.as_bytes());
            assert!(!is_there, "{}", path.display());
        }
        looked += 1;
    }
    assert!(looked >= 2, "database and log");
    block_on(store.close());
    for arguments in [
        &["status"][..],
        &["rotate"],
        &["status", "--format", "json"],
    ] {
        let output = key(&workspace, arguments);
        assert!(!format!("{output:?}").contains(key_text), "{arguments:?}");
    }
}

#[test]
fn without_their_key_secrets_are_named_and_left_alone() {
    let workspace = Workspace::empty();
    workspace.write("wharf.toml", "");
    let lost = put(&workspace, &[], 0..3);
    let state_key = workspace.state().join("store.key");
    let aside = workspace.file("aside.key");
    fs::rename(&state_key, &aside).unwrap();

    // A backup that was put back elsewhere: nothing takes the place of the key.
    let refused = key(&workspace, &["rotate"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    for words in [&lost.to_string(), "put the file back", "store.key"] {
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
    assert!(!state_key.exists());

    // A key of another store.
    new_key(&workspace, "keys/other");
    workspace.write("wharf.toml", "[store]\nkey = \"keys/other\"\n");
    let status = key(&workspace, &["status"]);
    assert_eq!(status.code, Some(1), "{status:?}");
    let line = format!("{lost}  is missing  3 secrets cannot be opened");
    assert!(status.stdout.contains(&line), "{status:?}");
    let rotated = key(&workspace, &["rotate"]);
    assert_eq!(rotated.code, Some(1), "{rotated:?}");
    let words = format!("is sealed with key {lost}, which is not configured");
    assert_eq!(rotated.stderr.matches(&words).count(), 3, "{rotated:?}");
    assert!(!rotated.stderr.contains(CLEAR), "{rotated:?}");

    // The key comes back by a variable, and all is well.
    let text = fs::read_to_string(aside).unwrap();
    let settings = "[store]\nkey = \"keys/other\"\nold_keys = [\"OLD_STORE_KEY\"]\n";
    workspace.write("wharf.toml", settings);
    let rotated = command(&workspace, &["rotate", "--format", "json"])
        .variable("OLD_STORE_KEY", text.trim_end())
        .finish();
    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    assert_eq!(json(&rotated)["resealed"], 3);
    workspace.write("wharf.toml", "[store]\nkey = \"keys/other\"\n");
    assert_eq!(key(&workspace, &["status"]).code, Some(0));
}

#[test]
fn a_key_is_made_for_its_owner_alone_and_takes_no_files_place() {
    let workspace = Workspace::empty();
    let path = new_key(&workspace, "store.key");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read_to_string(&path).unwrap();
    let again = key(&workspace, &["new", "--out", path.to_str().unwrap()]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(
        again.stderr.contains("exists, and a key in it"),
        "{again:?}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), before);

    let printed = key(&workspace, &["new", "--format", "json"]);
    let printed = json(&printed);
    let text = printed["key"].as_str().unwrap();
    workspace.write("wharf.toml", "[store]\nkey = \"STORE_KEY\"\n");
    let status = command(&workspace, &["status", "--format", "json"])
        .variable("STORE_KEY", text)
        .finish();
    let status = json(&status);
    assert_eq!(status["keys"][0]["id"], printed["id"]);
    assert_eq!(status["keys"][0]["place"], "environment variable STORE_KEY");
    assert!(
        !workspace.state().exists(),
        "who looks makes no state folder"
    );
}

#[test]
fn a_key_that_cannot_be_used_is_told_with_its_place_and_never_shown() {
    let workspace = Workspace::empty();
    let refused = |settings: &str| {
        workspace.write("wharf.toml", settings);
        let output = key(&workspace, &["status"]);
        assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""));
        assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
        output.stderr
    };
    let path = new_key(&workspace, "keys/open");
    let text = fs::read_to_string(&path).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let open = refused("[store]\nkey = \"keys/open\"\n");
    assert!(open.contains("(mode 0644); run `chmod 600`"), "{open}");
    let gone = refused("[store]\nkey = \"keys/gone\"\n");
    assert!(gone.contains("keys/gone, which `[store]`"), "{gone}");
    let written = refused(&format!("[store]\nkey = \"{}\"\n", text.trim_end()));
    assert!(
        written.contains("wharf.toml:2:7: `key` of `[store]`"),
        "{written}"
    );
    assert!(!written.contains(text.trim_end()), "{written}");
    let unset = refused("[store]\nkey = \"NO_SUCH_KEY\"\n");
    assert!(unset.contains("NO_SUCH_KEY"), "{unset}");
}
