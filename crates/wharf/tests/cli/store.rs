//! `wharf store status|check|backup|restore`, and state folders that are not as they should be: one
//! clear message each, and calls go on.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretSlice;
use serde_json::Value;
use wharf_policy::sealed::{SecretName, SecretVersion};
use wharf_secrets::{FixedVariables, KeyPlaces};
use wharf_store::{
    Batch, LaneId, LogLock, Name, NewEvent, OwnedLane, Position, ReadLimit, SealedRecord, Step,
    Store,
};

use crate::support::program::{CommandLine, Gateway, Output, PROGRAM, up, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;
use crate::support::{eventually, soon};

const SEGMENT: &str = "log/00000000000000000001.segment";

/// What a stored secret has in clear.
const CLEAR: &str = "clear-text-of-a-refresh-token";

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

fn store(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(&["store", "--dir", workspace.argument()])
        .arguments(arguments)
        .finish()
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn assert_done(output: &Output) {
    assert_eq!(output.code, Some(0), "{output:?}");
}

fn assert_refused(output: &Output, words: &[&str]) {
    assert_eq!(output.code, Some(2), "{output:?}");
    assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
    for words in words {
        assert!(output.stderr.contains(words), "no `{words}` in {output:?}");
    }
}

/// The right to the log. Whoever had it last may still be writing.
fn lock(folder: &Path) -> LogLock {
    eventually("the lock of the log", || LogLock::take(folder).unwrap())
}

async fn own(store: &Store) -> OwnedLane {
    let name = Name::new("lane").unwrap();
    let lease = store.leases().acquire(&name, Duration::from_secs(60)).await;
    let lease = lease.unwrap().unwrap();
    let lane = LaneId::own(0).unwrap();
    store.events().own(lane, &lease).await.unwrap()
}

fn event(key: &str) -> NewEvent {
    NewEvent {
        source: Name::new("petshop").unwrap(),
        kind: Name::new("order.paid").unwrap(),
        key: Some(key.to_owned().into()),
        order: None,
        at: Timestamp::UNIX_EPOCH,
        meta: Vec::new().into(),
        body: vec![b'x'; 1_000].into(),
    }
}

/// Ten events with keys, four of which a handler has done, and a sealed secret.
fn fill(folder: &Path) {
    block_on(async {
        let store = Store::open(folder).await.unwrap();
        store.own_log(lock(folder)).await.unwrap();
        {
            let lane = own(&store).await;
            let batch = (0..10).map(|number| event(&format!("key {number}")));
            let batch = Batch::new(batch.collect()).unwrap();
            store.events().append(&lane, batch).await.unwrap();
            let step = Step {
                cursor: Some(Position::new(4)),
                ..Step::default()
            };
            let handler = Name::new("books").unwrap();
            store.events().advance(&lane, &handler, step).await.unwrap();
            let places = KeyPlaces {
                variables: Arc::new(FixedVariables::new()),
                key: None,
                old_keys: Vec::new(),
                state_folder: folder.to_owned(),
            };
            let keyring = places.load_or_make(&[]).await.unwrap().keyring;
            let (name, version) = (
                SecretName::new("petshop/token").unwrap(),
                SecretVersion::FIRST,
            );
            let secret = SecretSlice::from(CLEAR.as_bytes().to_vec());
            let sealed = keyring.seal(&name, version, &secret).unwrap();
            let record = SealedRecord {
                name,
                version,
                put: Timestamp::UNIX_EPOCH,
                sealed,
            };
            store.records().put_sealed(&record).await.unwrap();
        }
        store.close().await;
    });
}

/// Looks whether what [`fill`] has done is there, and a new event is taken.
fn assert_filled(folder: &Path) {
    block_on(async {
        let store = Store::open(folder).await.unwrap();
        store.own_log(lock(folder)).await.unwrap();
        {
            let lane = own(&store).await;
            let all = ReadLimit {
                count: 100,
                bytes: usize::MAX,
            };
            let events = store
                .events()
                .read(&lane, Position::FIRST, all)
                .await
                .unwrap();
            assert_eq!(events.len(), 10);
            let handler = Name::new("books").unwrap();
            let cursor = store.events().cursor(lane.id(), &handler).await.unwrap();
            assert_eq!(cursor.unwrap().position, Position::new(4));
            for (key, is_duplicate) in [("key 3", true), ("key 10", false)] {
                let batch = Batch::new(vec![event(key)]).unwrap();
                let appended = store.events().append(&lane, batch).await.unwrap();
                assert_eq!(appended[0].is_duplicate, is_duplicate, "{key}");
            }
        }
        store.close().await;
    });
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A workspace with state, and a process that serves it.
fn served() -> (Vendor, Workspace, String, Gateway) {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let token = workspace.caller("shop");
    fill(&workspace.state());
    let gateway = workspace.serve();
    (vendor, workspace, token, gateway)
}

fn assert_serves(gateway: &Gateway, token: &str) {
    assert_eq!(gateway.get("/petshop/pets", token).status, 200);
}

#[test]
fn a_backup_of_a_process_that_serves_is_another_one_and_holds_no_secret() {
    let (_vendor, workspace, token, gateway) = served();
    let backup = workspace.file("backup");
    let made = store(
        &workspace,
        &["backup", backup.to_str().unwrap(), "--format", "json"],
    );
    assert_done(&made);
    assert!(made.stderr.contains("store.key"), "{made:?}");
    let told = json(&made);
    assert_eq!(
        (&told["whole"], &told["areas"]["events"]["items"]),
        (&true.into(), &10.into())
    );
    assert_serves(&gateway, &token);

    // Nothing of the machine is in it, and nothing in clear.
    let state = workspace.state();
    let control: Value =
        serde_json::from_slice(&fs::read(state.join("control.json")).unwrap()).unwrap();
    let key = fs::read_to_string(state.join("store.key")).unwrap();
    let secrets = [
        CLEAR,
        &token,
        control["token"].as_str().unwrap(),
        key.trim(),
    ];
    for path in files(&backup) {
        let bytes = fs::read(&path).unwrap();
        for secret in secrets {
            let is_there = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!is_there, "{}", path.display());
        }
        assert_eq!(
            fs::metadata(&path).unwrap().mode() & 0o077,
            0,
            "{}",
            path.display()
        );
    }
    let summed = Command::new("sha256sum")
        .args(["--check", "--strict", "--quiet", "SHA256SUMS"])
        .current_dir(&backup)
        .status();
    assert!(summed.unwrap().success());
    let checked = wharf(&["store", "check", "--state", backup.to_str().unwrap()]).finish();
    assert_done(&checked);
    assert!(gateway.stop().code == Some(0));

    // What was there is there again, and callers call with their tokens.
    fs::rename(&state, workspace.file("lost")).unwrap();
    let restored = store(&workspace, &["restore", backup.to_str().unwrap()]);
    assert_done(&restored);
    for words in [
        "back in",
        "1 secret is sealed",
        "store.key before the next start",
    ] {
        assert!(restored.stderr.contains(words), "{restored:?}");
    }
    fs::copy(workspace.file("lost/store.key"), state.join("store.key")).unwrap();
    let keys = store(&workspace, &["key", "status", "--format", "json"]);
    assert_done(&keys);
    assert_eq!(json(&keys)["keys"][0]["secrets"], 1);
    let gateway = workspace.serve();
    assert_serves(&gateway, &token);
    assert!(gateway.stop().code == Some(0));
    assert_filled(&state);
    assert_refused(
        &store(&workspace, &["restore", backup.to_str().unwrap()]),
        &["has state already", "nothing was changed"],
    );
    assert_refused(
        &store(&workspace, &["backup", backup.to_str().unwrap()]),
        &["is there already"],
    );
    assert_refused(
        &store(&workspace, &["backup", state.join("x").to_str().unwrap()]),
        &["is inside the state folder"],
    );
}

#[test]
fn the_same_is_told_of_a_store_whether_a_process_serves_or_not() {
    let (_vendor, workspace, _, gateway) = served();
    let of_process = store(&workspace, &["status", "--format", "json"]);
    assert_done(&of_process);
    let of_process = json(&of_process);
    assert_eq!(of_process["running"], true);
    assert!(gateway.stop().code == Some(0));
    let before = files(&workspace.state());
    let of_files = store(&workspace, &["status", "--format", "json"]);
    assert_done(&of_files);
    let of_files = json(&of_files);
    assert_eq!(of_files["running"], false);
    assert_eq!(files(&workspace.state()), before);
    for status in [&of_process, &of_files] {
        let lane = &status["events"]["lanes"][0];
        assert_eq!(
            (&lane["lane"], &lane["head"]),
            (&64.into(), &10.into()),
            "{status}"
        );
        let handler = &lane["handlers"][0];
        assert_eq!(
            (&handler["name"], &handler["cursor"], &handler["behind"]),
            (&"books".into(), &4.into(), &6.into())
        );
        assert_eq!(status["events"]["keys"]["count"], 10);
        assert_eq!(status["sealing_keys"][0]["secrets"], 1);
        assert_eq!(status["events_problem"], Value::Null);
        let tables = status["records"]["tables"].as_array().unwrap();
        let callers = tables.iter().find(|table| table["name"] == "callers");
        assert_eq!(callers.unwrap()["rows"], 1);
    }
    let text = store(&workspace, &["status"]);
    assert_done(&text);
    let mut lines = text.stdout.lines();
    // A path may be as long as it is.
    assert!(lines.next().unwrap().starts_with("state"), "{text:?}");
    let lines: Vec<_> = lines.skip_while(|line| line.starts_with(' ')).collect();
    assert!(lines.iter().all(|line| line.len() <= 80), "{text:?}");
    assert!(
        text.stdout
            .contains("books in lane 64: 6 behind, 0 open, 0 dead"),
        "{text:?}"
    );
    let empty = Workspace::empty();
    empty.write("wharf.toml", "");
    for command in ["status", "check"] {
        assert_refused(&store(&empty, &[command]), &["there is no state in"]);
    }
    assert!(!empty.state().exists());
}

#[test]
fn damage_is_told_with_its_place_and_what_to_do() {
    let (_vendor, workspace, token, gateway) = served();
    assert_done(&store(&workspace, &["check"]));
    let path = workspace.state().join(SEGMENT);
    let mut bytes = fs::read(&path).unwrap();
    bytes[6_000] ^= 1;
    fs::write(&path, bytes).unwrap();
    fs::write(workspace.state().join("log/notes.txt"), "mine").unwrap();
    let checked = store(&workspace, &["check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    let said = checked
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for words in [
        "damaged log/00000000000000000001.segment, bytes",
        "Events that were stored there are lost",
        "Check the disk.",
        "foreign log/notes.txt: it is none of wharf's files",
    ] {
        assert!(said.contains(words), "no `{words}` in {said}");
    }
    let told = json(&store(&workspace, &["check", "--format", "json"]));
    assert_eq!(told["whole"], false);
    let found = &told["findings"][0];
    assert!(found["from"].as_u64() <= Some(6_000) && Some(6_000) < found["to"].as_u64());
    assert_serves(&gateway, &token);
    let backup = workspace.file("backup");
    let made = store(&workspace, &["backup", backup.to_str().unwrap()]);
    assert_eq!(made.code, Some(1), "{made:?}");
    assert!(made.stderr.contains("was damaged before"), "{made:?}");
    assert!(backup.join("SHA256SUMS").exists());
}

/// CRC-32C, bit by bit.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0x82f6_3b78 & (sum & 1).wrapping_neg());
        }
    }
    (!sum).to_le_bytes()
}

/// Makes a segment one of the next format.
fn newer_segment(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[8] = 2;
    bytes[12..16].fill(0);
    let sum = checksum(&bytes[..80]);
    bytes[12..16].copy_from_slice(&sum);
    fs::write(path, bytes).unwrap();
}

/// Puts a file of keys of the next format into a state folder.
fn newer_run(state: &Path) {
    let mut bytes = wharf_store::opening::run_file(10).unwrap();
    bytes[12] = 2;
    let sum = checksum(&bytes[12..4_096]);
    bytes[8..12].copy_from_slice(&sum);
    let name = format!("dedupe/{:016x}-{:016x}.run", 1, 1);
    fs::create_dir_all(state.join("dedupe")).unwrap();
    fs::write(state.join(name), bytes).unwrap();
}

/// A file of events or keys of another version: no event is taken, the file stays, calls go on.
#[test]
fn events_of_a_newer_version_are_left_alone_and_calls_go_on() {
    let of_log: fn(&Path) = |state| newer_segment(&state.join(SEGMENT));
    for (change, words) in [
        (
            of_log,
            "has format 2, but this version of wharf knows formats up to 1",
        ),
        (newer_run, "has format 2, which is newer than this program"),
    ] {
        let (_vendor, workspace, token, gateway) = served();
        assert!(gateway.stop().code == Some(0));
        change(&workspace.state());
        let before = files(&workspace.state());
        let gateway = workspace.serve();
        let line = gateway
            .process
            .until_logged("no events are kept until the next start");
        assert!(
            line.contains(words) && line.contains("calls go on"),
            "{line}"
        );
        assert_serves(&gateway, &token);
        let told = json(&store(&workspace, &["status", "--format", "json"]));
        assert_eq!(told["events"], Value::Null);
        assert!(told["events_problem"].is_string(), "{told}");
        let checked = store(&workspace, &["check"]);
        assert_eq!(checked.code, Some(1), "{checked:?}");
        assert!(checked.stdout.contains("newer"), "{checked:?}");
        assert!(gateway.stop().code == Some(0));
        let left = files(&workspace.state());
        let is_there = |path: &&PathBuf| left.contains(path);
        let segments = |path: &&PathBuf| path.extension().is_some_and(|one| one == "segment");
        assert!(
            before.iter().filter(segments).all(|path| is_there(&path)),
            "{left:?}"
        );
        assert_refused(&store(&workspace, &["status"]), &["format 2"]);
    }
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let (_vendor, workspace, _, gateway) = served();
    assert!(gateway.stop().code == Some(0));
    let path = workspace.state().join("wharf.sqlite3");
    let mut bytes = fs::read(&path).unwrap();
    // `user_version`, big-endian.
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&path, &bytes).unwrap();
    let refused = up(&[workspace.argument()])
        .variable("PET_KEY", "key")
        .finish();
    assert_refused(&refused, &["has schema 99"]);
    for arguments in [
        &["status"][..],
        &["backup", workspace.file("b").to_str().unwrap()],
    ] {
        assert_refused(&store(&workspace, arguments), &["has schema 99"]);
    }
    let checked = store(&workspace, &["check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(checked.stdout.contains("schema 99"), "{checked:?}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
    assert!(!workspace.file("b").exists() && !workspace.file("b.wharf-unfinished").exists());
}

#[test]
fn half_a_folder_is_told_and_what_is_there_is_used() {
    let (_vendor, workspace, token, gateway) = served();
    assert!(gateway.stop().code == Some(0));
    let state = workspace.state();
    // A segment is gone: what follows it says so.
    block_on(async {
        let store = Store::open(&state).await.unwrap();
        for number in 0..2 {
            store.own_log(lock(&state)).await.unwrap();
            let lane = own(&store).await;
            let batch = Batch::new(vec![event(&format!("more {number}"))]).unwrap();
            store.events().append(&lane, batch).await.unwrap();
            store.leave_log().await;
        }
        store.close().await;
    });
    let second = state.join("log/00000000000000000002.segment");
    assert!(second.exists() && state.join("log/00000000000000000003.segment").exists());
    fs::rename(&second, workspace.file("second")).unwrap();
    let checked = store(&workspace, &["check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(
        checked
            .stdout
            .contains("missing    log/00000000000000000002.segment"),
        "{checked:?}"
    );
    let gateway = workspace.serve();
    gateway
        .process
        .until_logged("00000000000000000002.segment and what follows it up to number 2");
    assert_serves(&gateway, &token);
    assert!(gateway.stop().code == Some(0));
    fs::rename(workspace.file("second"), &second).unwrap();
    assert_done(&store(&workspace, &["check"]));

    // The database is gone: events stay, and it is told that callers do not.
    fs::rename(state.join("wharf.sqlite3"), workspace.file("database")).unwrap();
    let checked = store(&workspace, &["check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(
        checked.stdout.contains("missing    wharf.sqlite3"),
        "{checked:?}"
    );
    assert_refused(
        &store(&workspace, &["status"]),
        &["holds events but no database"],
    );
    assert!(!state.join("wharf.sqlite3").exists());
    let gateway = workspace.serve();
    gateway.process.until_logged("holds events but no database");
    assert_eq!(gateway.get("/petshop/pets", &token).status, 401);
    let told = json(&store(&workspace, &["status", "--format", "json"]));
    assert_eq!(told["events"]["lanes"][0]["head"], 12);
    assert!(gateway.stop().code == Some(0));
    fs::rename(workspace.file("database"), state.join("wharf.sqlite3")).unwrap();

    // The log is gone: callers stay.
    fs::remove_dir_all(state.join("log")).unwrap();
    let gateway = workspace.serve();
    assert_serves(&gateway, &token);
    let told = json(&store(&workspace, &["status", "--format", "json"]));
    assert_eq!(
        (&told["events"]["segments"], &told["events"]["refusal"]),
        (&0.into(), &Value::Null)
    );
    assert!(gateway.stop().code == Some(0));
}

#[test]
fn a_second_process_is_refused_and_the_first_one_goes_on() {
    let (_vendor, workspace, token, gateway) = served();
    let second = up(&[workspace.argument()])
        .variable("PET_KEY", "key")
        .finish();
    assert_eq!(second.code, Some(1), "{second:?}");
    let words = "another `wharf up` uses the state folder";
    assert!(second.stderr.contains(words), "{second:?}");
    assert_serves(&gateway, &token);
    assert_done(&store(&workspace, &["status"]));
}

/// The process has what it opened, and says what is wrong until the folder is back.
#[test]
fn a_state_folder_that_is_swapped_is_told_and_calls_go_on() {
    let (_vendor, workspace, token, gateway) = served();
    let state = workspace.state();
    fs::rename(&state, workspace.file("away")).unwrap();
    eventually("the swap to be told", || gateway.state_problem());
    assert_serves(&gateway, &token);
    fs::rename(workspace.file("away"), &state).unwrap();
    soon("the folder to be used again", || {
        gateway.state_problem().is_none()
    });
    assert_serves(&gateway, &token);
    assert_done(&store(&workspace, &["check"]));
    let told = json(&store(&workspace, &["status", "--format", "json"]));
    assert_eq!(told["events"]["lanes"][0]["head"], 10);
}

#[test]
fn a_read_only_folder_is_checked_and_nothing_else() {
    let (_vendor, workspace, _, gateway) = served();
    assert!(gateway.stop().code == Some(0));
    let is_root = fs::metadata(workspace.path()).unwrap().uid() == 0;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let state = folder.path().join("state");
    for path in files(&workspace.state()) {
        let to = state.join(path.strip_prefix(workspace.state()).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        if path.extension().is_none_or(|ending| ending != "sock") {
            fs::copy(&path, &to).unwrap();
            fs::set_permissions(&to, fs::Permissions::from_mode(0o444)).unwrap();
        }
    }
    for name in ["log", ""] {
        let path = state.join(name);
        if is_root {
            chown(&path, Some(65_534), Some(65_534)).unwrap();
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o555)).unwrap();
    }
    let program = folder.path().join("wharf");
    if fs::hard_link(PROGRAM, &program).is_err() {
        fs::copy(PROGRAM, &program).unwrap();
    }
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        if is_root {
            command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
            command.arg(&program);
        }
        command
            .args(["store", "--state"])
            .arg(&state)
            .args(arguments);
        CommandLine::new(command)
            .variable("PATH", std::env::var("PATH").unwrap())
            .finish()
    };
    let checked = run(&["check", "--format", "json"]);
    assert_done(&checked);
    let told = json(&checked);
    assert_eq!(told["areas"]["events"]["items"], 10);
    assert!(
        told["areas"]["records"]["items"].as_u64() > Some(0),
        "{told}"
    );
    assert_refused(&run(&["status"]), &["state"]);
    assert_refused(
        &run(&["backup", state.join("x").to_str().unwrap()]),
        &["is inside the state folder"],
    );
    fs::set_permissions(&state, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The limit of a file's size stands for a full disk: writes fail in the middle.
#[test]
fn a_backup_that_does_not_fit_leaves_nothing() {
    let (_vendor, workspace, token, gateway) = served();
    let backup = workspace.file("backup");
    let mut command = Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    command.args([
        "-c",
        script,
        PROGRAM,
        "store",
        "--dir",
        workspace.argument(),
        "backup",
    ]);
    command.arg(&backup);
    let refused = CommandLine::new(command).finish();
    assert_refused(&refused, &["wharf.sqlite3"]);
    assert!(!backup.exists() && !workspace.file("backup.wharf-unfinished").exists());
    assert_serves(&gateway, &token);
    assert_done(&store(&workspace, &["backup", backup.to_str().unwrap()]));
}

#[test]
fn what_a_kill_leaves_is_told_with_how_to_remove_it() {
    let (_vendor, workspace, _, gateway) = served();
    assert!(gateway.stop().code == Some(0));
    // Enough for the kill to come in the middle.
    block_on(async {
        let store = Store::open(&workspace.state()).await.unwrap();
        for number in 0..4_000 {
            let record = vec![7; 16_000];
            if !store.calls().record(Timestamp::UNIX_EPOCH, record.into()) || number % 100 == 99 {
                store.calls().flush().await;
            }
        }
        store.calls().flush().await;
        store.close().await;
    });
    let backup = workspace.file("backup");
    let unfinished = workspace.file("backup.wharf-unfinished");
    let arguments = ["store", "--dir", workspace.argument(), "backup"];
    let killed = wharf(&arguments)
        .arguments(&[backup.to_str().unwrap()])
        .start();
    eventually("the backup to be under way", || {
        unfinished.join("wharf.sqlite3").exists().then_some(())
    });
    killed.signal("KILL");
    assert_eq!(killed.finish().code, None);
    assert!(!backup.exists());
    let refused = store(&workspace, &["backup", backup.to_str().unwrap()]);
    assert_refused(&refused, &["backup.wharf-unfinished", "rm -r"]);
    fs::remove_dir_all(&unfinished).unwrap();
    assert_done(&store(&workspace, &["backup", backup.to_str().unwrap()]));

    // The same of a restore: nothing uses the folder until it is done.
    let other = workspace.file("other");
    fs::create_dir_all(other.join("restore.unfinished")).unwrap();
    let state = ["--state", other.to_str().unwrap()];
    let refused = wharf(&["store", "restore", backup.to_str().unwrap()]).arguments(&state);
    assert_refused(&refused.finish(), &["restore.unfinished", "rm -r"]);
    let refused = up(&[workspace.argument()])
        .arguments(&state)
        .variable("PET_KEY", "key");
    assert_refused(&refused.finish(), &["restore the backup again"]);
    fs::remove_dir_all(&other).unwrap();
    let restored = wharf(&["store", "restore", backup.to_str().unwrap()]).arguments(&state);
    assert_done(&restored.finish());
    assert_filled(&other);
}

/// A file of calls of another version: it is told, left alone, and calls are kept beside it.
#[test]
fn calls_of_a_newer_version_are_left_alone_and_more_are_kept() {
    let workspace = Workspace::empty();
    let state = workspace.state();
    let record = |number: i64| {
        block_on(async {
            let store = Store::open(&state).await.unwrap();
            let at = Timestamp::from_second(number).unwrap();
            assert!(store.calls().record(at, "a call".into()));
            store.calls().flush().await;
            let read = store.calls().read(wharf_store::CallPlace::START, 10).await;
            store.close().await;
            let times = read.unwrap().into_iter().map(|call| call.at.as_second());
            times.collect::<Vec<_>>()
        })
    };
    assert_eq!(record(1), [1]);
    let path = state.join("calls/00000000000000000001.calls");
    newer_segment(&path);
    let before = fs::read(&path).unwrap();
    assert_eq!(record(2), [2]);
    assert_eq!(fs::read(&path).unwrap(), before);
    let checked = store(&workspace, &["check"]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    let words = "newer      calls/00000000000000000001.calls";
    assert!(checked.stdout.contains(words), "{checked:?}");
    // What no restore of this version would take is told when it is made.
    let backup = workspace.file("backup");
    let made = store(&workspace, &["backup", backup.to_str().unwrap()]);
    assert_eq!(made.code, Some(1), "{made:?}");
    let restored = wharf(&["store", "restore", backup.to_str().unwrap()])
        .arguments(&["--state", workspace.file("other").to_str().unwrap()]);
    assert_refused(&restored.finish(), &["00000000000000000001.calls", "newer"]);
}

#[test]
fn foreign_files_are_told_where_it_matters_and_left_alone_everywhere() {
    let (_vendor, workspace, token, gateway) = served();
    assert!(gateway.stop().code == Some(0));
    let state = workspace.state();
    let folders = ["", "log", "dedupe", "calls", "index", "quarantine"];
    let paths = folders.map(|folder| state.join(folder).join("notes.txt"));
    for path in &paths {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "mine").unwrap();
        // A folder in the place of a file of ours is none of ours either.
        fs::create_dir_all(path.with_file_name("notes")).unwrap();
    }
    let gateway = workspace.serve();
    assert_serves(&gateway, &token);
    let checked = store(&workspace, &["check"]);
    assert_done(&checked);
    for folder in ["log", "dedupe", "calls"] {
        let words = format!("foreign    {folder}/notes.txt");
        assert!(checked.stdout.contains(&words), "{checked:?}");
    }
    let backup = workspace.file("backup");
    assert_done(&store(&workspace, &["backup", backup.to_str().unwrap()]));
    let copied = files(&backup);
    let is_foreign = |path: &PathBuf| path.to_string_lossy().contains("notes");
    assert!(!copied.iter().any(is_foreign), "{copied:?}");
    assert!(gateway.stop().code == Some(0));
    for path in &paths {
        assert_eq!(fs::read(path).unwrap(), b"mine");
    }
    assert_filled(&state);
}
