//! Backups of folders that are written to, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tempfile::TempDir;
use wharf_policy::caller::{CallerName, TokenHash};

use super::manifest::{About, read_sums, sums_to_text};
use super::{Backup, BackupError, FileError, RestoreError, backup, restore};
use crate::check::{FindingKind, check};
use crate::dedupe::check as keys;
use crate::log::segment;
use crate::{
    Actor, Batch, CallerRecord, Exception, LaneId, LogLock, Name, NewEvent, OwnedLane, Position,
    ReadLimit, Reason, Retention, State, Step, Store,
};

const VERSION: &str = "1.2.3";

const ALL: ReadLimit = ReadLimit {
    count: 100_000,
    bytes: usize::MAX,
};

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// A state folder and a place for backups.
struct Bench {
    folder: TempDir,
}

impl Bench {
    /// With a state folder that has something of all, and that nobody has open.
    fn filled() -> Self {
        let bench = Self::new();
        block_on(async {
            let store = open(&bench.state()).await;
            let lane = own(&store).await;
            fill(&store, &lane).await;
            store.close().await;
        });
        bench
    }

    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn state(&self) -> PathBuf {
        self.at("state")
    }

    fn backup_to(&self, name: &str) -> Result<Backup, BackupError> {
        backup(
            &self.state(),
            &self.at(name),
            VERSION,
            Timestamp::UNIX_EPOCH,
            &mut |_| {},
        )
    }

    fn restore_to(&self, backup: &str, state: &str) -> Result<super::Restored, RestoreError> {
        restore(&self.at(backup), &self.at(state), &mut |_| {})
    }
}

async fn open(folder: &Path) -> Store {
    let store = Store::open(folder).await.unwrap();
    let lock = LogLock::take(folder).unwrap().unwrap();
    store.own_log(lock).await.unwrap();
    store
}

async fn own(store: &Store) -> OwnedLane {
    let name = Name::new("lane").unwrap();
    let lease = store.leases().acquire(&name, Duration::from_secs(60)).await;
    let lease = lease.unwrap().unwrap();
    store
        .events()
        .own(LaneId::own(0).unwrap(), &lease)
        .await
        .unwrap()
}

fn keyed(key: &str, bytes: usize) -> NewEvent {
    NewEvent {
        source: Name::new("source").unwrap(),
        key: Some(Bytes::copy_from_slice(key.as_bytes())),
        order: None,
        at: Timestamp::from_second(1_000).unwrap(),
        kind: Name::new("kind").unwrap(),
        meta: Bytes::new(),
        body: Bytes::from(vec![7; bytes]),
    }
}

async fn append(store: &Store, lane: &OwnedLane, key: &str, bytes: usize) -> crate::Appended {
    let batch = Batch::new(vec![keyed(key, bytes)]).unwrap();
    let appended = store.events().append(lane, batch).await.unwrap();
    appended[0]
}

fn caller(name: &str) -> CallerRecord {
    CallerRecord {
        name: CallerName::new(name).unwrap(),
        token_hash: TokenHash::hash(name),
        created: Timestamp::UNIX_EPOCH,
    }
}

/// Fills a folder with something of everything.
async fn fill(store: &Store, lane: &OwnedLane) {
    let by = Actor {
        at: Timestamp::UNIX_EPOCH,
        who: "test".to_owned(),
        from: "here".to_owned(),
    };
    let records = store.records().by(by);
    records.add_caller(&caller("shop")).await.unwrap();
    for number in 0..20 {
        append(store, lane, &format!("key {number}"), 100).await;
    }
    let step = Step {
        cursor: Some(Position::new(12)),
        exceptions: vec![Exception {
            position: Position::new(3),
            state: State::Dead,
            attempts: 9,
            reason: Reason::new("gone"),
        }],
        ..Step::default()
    };
    let handler = Name::new("handler").unwrap();
    store.events().advance(lane, &handler, step).await.unwrap();
    assert!(
        store
            .calls()
            .record(Timestamp::UNIX_EPOCH, Bytes::from_static(b"a call"))
    );
    store.calls().flush().await;
}

/// Opens a folder and looks whether all that [`fill`] has done is there.
async fn assert_filled(folder: &Path) {
    let store = open(folder).await;
    let callers = store.records().callers().await.unwrap();
    assert_eq!(callers, [caller("shop")]);
    let lane = own(&store).await;
    let events = store
        .events()
        .read(&lane, Position::FIRST, ALL)
        .await
        .unwrap();
    assert!(events.len() >= 20, "{}", events.len());
    let handler = Name::new("handler").unwrap();
    let cursor = store
        .events()
        .cursor(lane.id(), &handler)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (
            cursor.position.number(),
            cursor.open_count,
            cursor.dead_count
        ),
        (12, 0, 1)
    );
    for number in 0..20 {
        let again = append(&store, &lane, &format!("key {number}"), 100).await;
        assert!(again.is_duplicate, "key {number}");
    }
    let new = append(&store, &lane, "a new key", 100).await;
    assert!(!new.is_duplicate);
    let calls = store
        .calls()
        .read(crate::CallPlace::START, 10)
        .await
        .unwrap();
    assert_eq!(calls.len(), 1);
    let status = store.log_status().await.unwrap().unwrap();
    assert!(
        status.damages.is_empty() && status.missing.is_empty(),
        "{status:?}"
    );
    store.close().await;
}

/// All names below a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                found.push(
                    path.strip_prefix(folder)
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                );
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_backup_of_a_folder_in_use_is_restored_whole_and_without_keys() {
    let bench = Bench::new();
    block_on(async {
        let store = open(&bench.state()).await;
        let lane = own(&store).await;
        fill(&store, &lane).await;
        for foreign in ["store.key", "control.json", "log/notes.txt", "calls/x"] {
            fs::write(bench.state().join(foreign), "a secret of this machine").unwrap();
        }
        let made = bench.backup_to("backup").unwrap();
        assert!(made.report.is_whole(), "{made:?}");
        // What came behind is not in it.
        append(&store, &lane, "later", 100).await;
        store.close().await;
    });
    let expected = [
        "SHA256SUMS",
        "calls/00000000000000000001.calls",
        "log/00000000000000000001.segment",
        "wharf-backup",
        "wharf.sqlite3",
    ];
    assert_eq!(names(&bench.at("backup")), expected);
    let restored = bench.restore_to("backup", "other").unwrap();
    assert_eq!(
        (restored.version.as_str(), restored.file_count),
        (VERSION, 3)
    );
    assert!(restored.report.is_whole(), "{restored:?}");
    assert_eq!(restored.report.events.item_count, 20);
    block_on(assert_filled(&bench.at("other")));
    assert!(check(&bench.at("other"), &mut |_| {}).unwrap().is_whole());
}

#[test]
fn what_a_crash_left_is_backed_up_as_far_as_it_was_acknowledged() {
    let bench = Bench::new();
    block_on(async {
        let store = open(&bench.state()).await;
        let lane = own(&store).await;
        fill(&store, &lane).await;
        // Like a kill: the log of the database and the room of the segment stay.
        let from = bench.state();
        for name in names(&from) {
            let to = bench.at("killed").join(&name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from.join(&name), to).unwrap();
        }
        store.close().await;
    });
    let killed = bench.at("killed");
    let path = killed.join("log/00000000000000000001.segment");
    let before = fs::metadata(&path).unwrap().len();
    let wal = fs::read(killed.join("wharf.sqlite3-wal")).unwrap();
    let made = backup(
        &killed,
        &bench.at("backup"),
        VERSION,
        Timestamp::UNIX_EPOCH,
        &mut |_| {},
    );
    assert!(made.unwrap().report.is_whole());
    let copied = bench.at("backup/log/00000000000000000001.segment");
    assert!(fs::metadata(copied).unwrap().len() < before / 100);
    assert_eq!(fs::read(killed.join("wharf.sqlite3-wal")).unwrap(), wal);
    bench.restore_to("backup", "other").unwrap();
    block_on(assert_filled(&bench.at("other")));
}

/// Many small segments are ended, sealed and taken away while backups are made: each one is whole,
/// has all that was acknowledged before it, and takes no event for a duplicate that it has not.
#[test]
fn backups_under_load_and_retention_are_each_consistent() {
    let bench = Bench::new();
    let is_over = Arc::new(AtomicBool::new(false));
    block_on(async {
        let store = open(&bench.state()).await;
        let lane = own(&store).await;
        fill(&store, &lane).await;
        let (writer, of_writer, end) = (store.clone(), lane.clone(), Arc::clone(&is_over));
        let writing = tokio::spawn(async move {
            let mut number = 0_u64;
            while !end.load(Ordering::Relaxed) {
                append(&writer, &of_writer, &format!("load {number}"), 600_000).await;
                number += 1;
                if number.is_multiple_of(50) {
                    let most = Retention {
                        age: Duration::from_secs(1_000_000_000),
                        bytes: 150 * 1024 * 1024,
                    };
                    writer.retain(most, Timestamp::now()).await.unwrap();
                }
            }
            number
        });
        for round in 0..4 {
            let (state, to) = (bench.state(), bench.at(&format!("backup{round}")));
            let head = store.events().head(lane.id()).await.unwrap();
            let made = tokio::task::spawn_blocking(move || {
                backup(&state, &to, VERSION, Timestamp::UNIX_EPOCH, &mut |_| {})
            });
            let made = made.await.unwrap().unwrap();
            assert!(made.report.is_whole(), "round {round}: {:?}", made.report);
            let restored = bench.restore_to(&format!("backup{round}"), &format!("other{round}"));
            assert!(restored.unwrap().report.is_whole());
            let other = open(&bench.at(&format!("other{round}"))).await;
            let there = other.events().head(lane.id()).await.unwrap();
            assert!(there >= head, "{there:?} {head:?}");
            let mine = own(&other).await;
            for number in there.number() - 20..there.number() + 20 {
                let again = append(&other, &mine, &format!("load {number}"), 1).await;
                let is_there = again.place.position < there;
                assert_eq!(again.is_duplicate, is_there, "{number} {again:?} {there:?}");
            }
            other.close().await;
            fs::remove_dir_all(bench.at(&format!("other{round}"))).unwrap();
            fs::remove_dir_all(bench.at(&format!("backup{round}"))).unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(writing.await.unwrap() > 100);
        store.close().await;
    });
}

#[test]
fn a_backup_goes_to_a_new_folder_outside_of_the_state_alone() {
    let bench = Bench::new();
    assert!(matches!(
        bench.backup_to("backup"),
        Err(BackupError::File(FileError::Read { .. }) | BackupError::NoState { .. })
    ));
    fs::create_dir(bench.state()).unwrap();
    assert!(matches!(
        bench.backup_to("backup"),
        Err(BackupError::NoState { .. })
    ));
    block_on(async { Store::open(&bench.state()).await.unwrap().close().await });
    let before = names(&bench.state());
    fs::create_dir(bench.at("there")).unwrap();
    assert!(matches!(
        bench.backup_to("there"),
        Err(BackupError::Exists { .. })
    ));
    assert!(matches!(
        bench.backup_to("state/inside"),
        Err(BackupError::Inside { .. })
    ));
    assert!(matches!(
        bench.backup_to("no/parent"),
        Err(BackupError::File(FileError::Write { .. }))
    ));
    std::os::unix::fs::symlink(bench.state(), bench.at("way")).unwrap();
    assert!(matches!(
        bench.backup_to("way/inside"),
        Err(BackupError::Inside { .. })
    ));
    // What a killed one leaves.
    fs::create_dir(bench.at("backup.wharf-unfinished")).unwrap();
    let refused = bench.backup_to("backup").unwrap_err();
    assert!(matches!(refused, BackupError::Unfinished { .. }));
    assert!(refused.to_string().contains("rm -r"), "{refused}");
    fs::remove_dir(bench.at("backup.wharf-unfinished")).unwrap();
    bench.backup_to("backup").unwrap();
    assert_eq!(names(&bench.state()), before);
}

#[test]
fn nothing_is_restored_of_a_backup_that_is_not_as_it_was_made() {
    let bench = Bench::filled();
    bench.backup_to("backup").unwrap();
    let sums = bench.at("backup/SHA256SUMS");
    let listed = fs::read_to_string(&sums).unwrap();
    let segment = bench.at("backup/log/00000000000000000001.segment");
    let whole = fs::read(&segment).unwrap();
    let refused = |words: &str| {
        let error = bench.restore_to("backup", "other").unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        let left = if bench.at("other").exists() {
            names(&bench.at("other"))
        } else {
            Vec::new()
        };
        assert!(left.iter().all(|name| name == "log/lock"), "{left:?}");
    };
    for at in [0, 5_000, whole.len() - 1] {
        let mut other = whole.clone();
        other[at] ^= 1;
        fs::write(&segment, other).unwrap();
        refused("is not what was backed up");
    }
    fs::write(&segment, &whole[..whole.len() - 1]).unwrap();
    refused("is not what was backed up");
    fs::remove_file(&segment).unwrap();
    refused("is missing from the backup");
    fs::write(&segment, &whole).unwrap();
    fs::write(bench.at("backup/log/00000000000000000002.segment"), "").unwrap();
    refused("does not belong to the backup");
    fs::remove_file(bench.at("backup/log/00000000000000000002.segment")).unwrap();
    for line in ["../evil", "store.key", "log/../../evil", "/etc/passwd"] {
        let digits = "0".repeat(64);
        fs::write(&sums, format!("{listed}{digits}  {line}\n")).unwrap();
        refused("is no checksum and name of a backup");
    }
    fs::write(&sums, &listed).unwrap();
    fs::write(bench.at("backup/wharf-backup"), "format 2\n").unwrap();
    refused("backup format 2, which is newer");
    fs::write(bench.at("backup/wharf-backup"), "format x\n").unwrap();
    refused("is no backup");
}

#[test]
fn a_folder_with_state_is_left_as_it_is() {
    let bench = Bench::filled();
    bench.backup_to("backup").unwrap();
    let before = names(&bench.state());
    let error = bench.restore_to("backup", "state").unwrap_err();
    assert!(matches!(error, RestoreError::HasState { .. }), "{error}");
    assert_eq!(names(&bench.state()), before);
    // A key may be there, and a lock that a process has says that it is used.
    let other = bench.at("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("store.key"), "key").unwrap();
    let lock = LogLock::take(&other).unwrap().unwrap();
    let error = bench.restore_to("backup", "other").unwrap_err();
    assert!(matches!(error, RestoreError::InUse { .. }), "{error}");
    drop(lock);
    fs::create_dir(other.join("restore.unfinished")).unwrap();
    let error = bench.restore_to("backup", "other").unwrap_err();
    assert!(matches!(error, RestoreError::Unfinished { .. }), "{error}");
    fs::remove_dir(other.join("restore.unfinished")).unwrap();
    bench.restore_to("backup", "other").unwrap();
    assert_eq!(fs::read_to_string(other.join("store.key")).unwrap(), "key");
    block_on(assert_filled(&other));
}

#[test]
fn a_check_tells_each_kind_of_damage_with_its_file() {
    let bench = Bench::new();
    let state = bench.state();
    block_on(async {
        let store = open(&state).await;
        let lane = own(&store).await;
        fill(&store, &lane).await;
        store.close().await;
    });
    assert!(check(&state, &mut |_| {}).unwrap().is_whole());
    let found = |change: &dyn Fn(&Path)| {
        let copy = bench.at("copy");
        for name in names(&state) {
            let to = copy.join(&name);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(state.join(&name), to).unwrap();
        }
        change(&copy);
        let before: Vec<_> = names(&copy);
        let report = check(&copy, &mut |_| {}).unwrap();
        assert_eq!(names(&copy), before);
        fs::remove_dir_all(&copy).unwrap();
        report.findings
    };
    let flip = |path: PathBuf, at: usize| {
        let mut bytes = fs::read(&path).unwrap();
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let segment = "log/00000000000000000001.segment";
    let all = found(&|copy| flip(copy.join(segment), 5_000));
    assert_eq!(
        (all.len(), all[0].kind, all[0].file.as_str()),
        (1, FindingKind::Damaged, segment)
    );
    let (from, to) = all[0].bytes.unwrap();
    assert!(from <= 5_000 && 5_000 < to, "{from} {to}");
    let all = found(&|copy| flip(copy.join(segment), 20));
    assert_eq!(all[0].kind, FindingKind::Damaged);
    let all = found(&|copy| fs::remove_file(copy.join("wharf.sqlite3")).unwrap());
    assert_eq!(
        (all[0].kind, all[0].file.as_str()),
        (FindingKind::Missing, "wharf.sqlite3")
    );
    let all = found(&|copy| fs::write(copy.join("wharf.sqlite3"), [7; 8192]).unwrap());
    assert_eq!(
        (all[0].kind, all[0].file.as_str()),
        (FindingKind::Damaged, "wharf.sqlite3")
    );
    let all = found(&|copy| flip(copy.join("calls/00000000000000000001.calls"), 4_100));
    assert!(
        all.iter().all(|one| one.file.starts_with("calls/")),
        "{all:?}"
    );
    let all = found(&|copy| fs::write(copy.join("log/notes.txt"), "x").unwrap());
    assert_eq!((all.len(), all[0].kind), (1, FindingKind::Foreign));
    assert!(!all[0].is_damage());
}

#[test]
fn runs_without_their_segments_are_told_and_numbers_are_not_given_again() {
    let bench = Bench::new();
    let state = bench.state();
    block_on(async {
        let store = open(&state).await;
        let lane = own(&store).await;
        fill(&store, &lane).await;
        // Enough to go on to another segment, so that keys are put into a file.
        for number in 0..120 {
            append(&store, &lane, &format!("big {number}"), 600_000).await;
        }
        store.close().await;
    });
    let runs = keys::names(&crate::disk::RealDisk::new(&state)).unwrap();
    assert!(!runs.is_empty());
    bench.backup_to("backup").unwrap();
    bench.restore_to("backup", "other").unwrap();
    block_on(assert_filled(&bench.at("other")));
    fs::remove_dir_all(state.join("log")).unwrap();
    let report = check(&state, &mut |_| {}).unwrap();
    assert!(!report.is_whole());
    let gone = report
        .findings
        .iter()
        .find(|one| one.kind == FindingKind::Missing)
        .unwrap();
    assert_eq!(gone.file, segment::name(1));
    block_on(async {
        let store = open(&state).await;
        let missing = store.log_status().await.unwrap().unwrap().missing;
        assert_eq!(missing[0].0, 1);
        let lane = own(&store).await;
        append(&store, &lane, "a new key", 10).await;
        store.close().await;
    });
    let first = fs::read_dir(state.join("log"))
        .unwrap()
        .filter_map(|entry| segment::number(entry.unwrap().file_name().to_str().unwrap()));
    assert!(first.min().unwrap() > 1);
    block_on(async {
        let store = open(&state).await;
        let lane = own(&store).await;
        assert!(append(&store, &lane, "a new key", 10).await.is_duplicate);
        store.close().await;
    });
}

#[test]
fn what_a_backup_says_of_itself_is_read_as_it_was_written() {
    let about = About {
        format: 1,
        time: Timestamp::UNIX_EPOCH,
        version: VERSION.to_owned(),
    };
    assert_eq!(About::read(&about.to_text()), Some(Ok(about)));
    for none in [
        "",
        "format",
        "format 0\n",
        "format 1\n",
        "format 1\ntime x\nversion 1\n",
    ] {
        assert_eq!(About::read(none), None, "{none:?}");
    }
    assert_eq!(About::read("format 7\nanything"), Some(Err(7)));
    let sums = [("wharf.sqlite3".to_owned(), [0xab; 32])]
        .into_iter()
        .collect();
    let text = sums_to_text(&sums);
    assert_eq!(read_sums(&text), Ok(sums));
    assert_eq!(read_sums(&format!("{text}{text}")), Err(2));
    assert_eq!(read_sums(&text.to_uppercase()), Err(1));
}
