//! A file system without room: a small one of its own, where this machine lets a test mount one.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use wharf_store::{
    AppendError, Batch, CallPlace, LaneId, LogLock, Name, NewEvent, OwnedLane, Position, ReadLimit,
    Store,
};

use crate::support::program::{Output, up, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;
use crate::support::{PATIENCE, eventually};

const BLOCK_BYTES: usize = 4096;

/// A file system in memory, which is gone when this is dropped.
struct Small {
    folder: tempfile::TempDir,
}

impl Small {
    /// One with room for so many bytes; `None`, and a word about it, where none can be mounted.
    fn of(bytes: usize) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args([
                "-t",
                "tmpfs",
                "-o",
                &format!("size={bytes},mode=755"),
                "tmpfs",
            ])
            .arg(folder.path())
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { folder });
        }
        println!("skipped: no file system can be mounted here");
        None
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Takes all room but so many blocks.
    fn fill(&self, blocks_left: usize) {
        let mut file = File::create(self.at("filler")).unwrap();
        let block = [7; BLOCK_BYTES];
        let mut count = 0_u64;
        while file.write_all(&block).is_ok() {
            count += 1;
        }
        let left = u64::try_from(blocks_left * BLOCK_BYTES).unwrap();
        file.set_len((count * BLOCK_BYTES as u64).saturating_sub(left))
            .unwrap();
    }

    fn give_room(&self) {
        fs::remove_file(self.at("filler")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        // A process that is ending may have files of it open still.
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.folder.path())
            .status();
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

fn assert_refused(output: &Output, words: &[&str]) {
    assert_eq!(output.code, Some(2), "{output:?}");
    assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
    for words in words {
        assert!(output.stderr.contains(words), "no `{words}` in {output:?}");
    }
}

fn assert_whole(workspace: &Workspace, state: &Path) {
    let arguments = [
        "--dir",
        workspace.argument(),
        "--state",
        state.to_str().unwrap(),
    ];
    let checked = wharf(&["store", "check"]).arguments(&arguments).finish();
    assert_eq!(checked.code, Some(0), "{checked:?}");
}

#[test]
fn callers_are_refused_on_a_full_disk_calls_go_on_and_so_does_all_with_room_again() {
    let Some(small) = Small::of(8 * 1024 * 1024) else {
        return;
    };
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let state = small.at("state");
    let state_argument = ["--state", state.to_str().unwrap()];
    let callers = |words: &[&str]| {
        wharf(&["callers", "--dir", workspace.argument()])
            .arguments(&state_argument)
            .arguments(words)
            .finish()
    };
    let first = callers(&["add", "first"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    let mut acknowledged = vec![("first".to_owned(), first.stdout.trim_end().to_owned())];
    let gateway = up(&[workspace.argument()])
        .arguments(&state_argument)
        .variable("PET_KEY", "key")
        .ready();
    for blocks in [0, 1, 2, 3, 5, 9, 17] {
        small.fill(blocks);
        let mut refused = None;
        for number in 0..200 {
            let name = format!("caller-{blocks}-{number}");
            let added = callers(&["add", &name]);
            if added.code != Some(0) {
                refused = Some(added);
                break;
            }
            acknowledged.push((name, added.stdout.trim_end().to_owned()));
        }
        let refused = refused.expect("room for 200 callers in a few blocks");
        assert_refused(&refused, &["no room left on disk for"]);
        assert!(refused.stdout.is_empty(), "{refused:?}");
        for (name, token) in &acknowledged {
            let answer = gateway.get("/petshop/pets", token);
            assert_eq!(answer.status, 200, "{name}, {blocks} blocks");
        }
        assert_whole(&workspace, &state);
        small.give_room();
        let name = format!("after-{blocks}");
        let added = callers(&["add", &name]);
        assert_eq!(added.code, Some(0), "{added:?}");
        acknowledged.push((name, added.stdout.trim_end().to_owned()));
    }
    assert_eq!(gateway.stop().code, Some(0));
    assert_whole(&workspace, &state);
    let listed = callers(&["list", "--format", "json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let mut listed: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|caller| caller["name"].as_str().unwrap())
        .collect();
    listed.sort_unstable();
    let mut expected: Vec<_> = acknowledged.iter().map(|(name, _)| name.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(listed, expected);
}

async fn keep(state: &Path) -> (Store, OwnedLane) {
    let store = Store::open(state).await.unwrap();
    let lock = eventually("the lock of the log", || LogLock::take(state).unwrap());
    store.own_log_of(lock, 64 * 1024).await.unwrap();
    let name = Name::new("lane").unwrap();
    let lease = store
        .leases()
        .acquire(&name, Duration::from_secs(600))
        .await;
    let lease = lease.unwrap().unwrap();
    let lane = store.events().own(LaneId::own(0).unwrap(), &lease).await;
    (store, lane.unwrap())
}

async fn append(store: &Store, lane: &OwnedLane, number: usize) -> Result<(), AppendError> {
    let batch = Batch::new(vec![NewEvent {
        source: Name::new("source").unwrap(),
        kind: Name::new("kind").unwrap(),
        key: Some(number.to_string().into()),
        order: None,
        at: Timestamp::UNIX_EPOCH,
        meta: Vec::new().into(),
        body: format!("{number:01000}").into(),
    }]);
    store.events().append(lane, batch.unwrap()).await.map(drop)
}

#[test]
fn events_and_calls_are_refused_on_a_full_disk_and_taken_with_room_again() {
    let Some(small) = Small::of(4 * 1024 * 1024) else {
        return;
    };
    let state = small.at("state");
    block_on(async {
        let (store, lane) = keep(&state).await;
        let (mut acknowledged, mut number) = (Vec::new(), 0);
        let mut calls = 0;
        for blocks in [0, 1, 3, 16, 17, 33] {
            small.fill(blocks);
            let refused = loop {
                number += 1;
                match append(&store, &lane, number).await {
                    Ok(()) => acknowledged.push(number),
                    Err(refused) => break refused,
                }
            };
            let words = "no room left on disk for events in";
            assert!(matches!(refused, AppendError::Full { .. }), "{refused}");
            assert!(refused.to_string().contains(words), "{refused}");
            // Of calls each that does not fit is counted.
            loop {
                let dropped = store.calls().counts().dropped;
                store
                    .calls()
                    .record(Timestamp::UNIX_EPOCH, vec![b'c'; 3_000].into());
                store.calls().flush().await;
                if store.calls().counts().dropped > dropped {
                    break;
                }
                calls += 1;
            }
            small.give_room();
            let started = Instant::now();
            loop {
                number += 1;
                match append(&store, &lane, number).await {
                    Ok(()) => break,
                    Err(refused) => assert!(started.elapsed() < PATIENCE, "{refused}"),
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            acknowledged.push(number);
            loop {
                let kept = store.calls().counts().kept;
                store.calls().record(Timestamp::UNIX_EPOCH, "call".into());
                store.calls().flush().await;
                if store.calls().counts().kept > kept {
                    break;
                }
                assert!(started.elapsed() < PATIENCE, "no call is kept again");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            calls += 1;
        }
        store.close().await;
        let (store, lane) = keep(&state).await;
        let all = ReadLimit {
            count: usize::MAX,
            bytes: usize::MAX,
        };
        let read = store.events().read(&lane, Position::FIRST, all).await;
        let read: Vec<usize> = read
            .unwrap()
            .iter()
            .map(|event| std::str::from_utf8(&event.body).unwrap().parse().unwrap())
            .collect();
        assert_eq!(read, acknowledged);
        let kept = store.calls().read(CallPlace::START, 100_000).await.unwrap();
        assert_eq!(kept.len(), calls);
        store.close().await;
        let report = wharf_store::check(&state, &mut |_| {}).unwrap();
        assert!(report.is_whole(), "{report:?}");
    });
}

#[test]
fn a_backup_or_a_restore_that_has_no_room_is_refused_before_anything_is_copied() {
    // Less than what file systems take beside the files.
    let Some(small) = Small::of(512 * 1024) else {
        return;
    };
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let backup = |target: &Path| {
        wharf(&["store", "--dir", workspace.argument(), "backup"])
            .arguments(&[target.to_str().unwrap()])
            .finish()
    };
    let refused = backup(&small.at("backup"));
    let words = [
        "the backup needs ",
        " bytes, and there is room for ",
        small.folder.path().to_str().unwrap(),
        "free some",
    ];
    assert_refused(&refused, &words);
    assert_eq!(fs::read_dir(small.folder.path()).unwrap().count(), 0);
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    let target = workspace.file("backup");
    let made = backup(&target);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert_eq!(gateway.stop().code, Some(0));

    let state = small.at("state");
    let restore = |state: &Path| {
        wharf(&["store", "restore", target.to_str().unwrap()])
            .arguments(&["--state", state.to_str().unwrap()])
            .finish()
    };
    let refused = restore(&state);
    let words = [
        "the state needs ",
        " bytes, and there is room for ",
        state.to_str().unwrap(),
        "free some",
    ];
    assert_refused(&refused, &words);
    let left = fs::read_dir(&state).map_or(0, Iterator::count);
    assert_eq!(left, 0, "something was copied");
    let done = restore(&workspace.file("other"));
    assert_eq!(done.code, Some(0), "{done:?}");
}
