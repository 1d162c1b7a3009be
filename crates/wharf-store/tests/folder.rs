//! A state folder that is moved, deleted or made read-only while a process keeps events in it: no event
//! is acknowledged that is not there, and with the folder back all goes on.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail and report like the tests themselves"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tempfile::TempDir;
use wharf_policy::caller::{CallerName, TokenHash};
use wharf_store::{
    Actor, AdvanceError, AppendError, Batch, CallPlace, CallerRecord, Filter, LaneId, LogLock,
    Name, NewEvent, OwnedLane, Paging, Position, ReadLimit, Step, Store, Unavailable,
};

const DEADLINE: Duration = Duration::from_secs(60);

/// Small, so that one is full soon.
const SEGMENT_BYTES: u64 = 64 * 1024;

/// The folder of a process that runs as a user who may not write everywhere.
const FOLDER_VARIABLE: &str = "WHARF_TEST_FOLDER";

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// A process that keeps events, and what it was told.
struct Keeper {
    store: Store,
    lane: OwnedLane,
    acknowledged: Vec<String>,
    tries: usize,
}

impl Keeper {
    async fn open(state: &Path) -> Self {
        let store = Store::open(state).await.unwrap();
        let started = Instant::now();
        let lock = loop {
            if let Some(lock) = LogLock::take(state).unwrap() {
                break lock;
            }
            assert!(started.elapsed() < DEADLINE, "the log is still locked");
            tokio::time::sleep(Duration::from_millis(1)).await;
        };
        store.own_log_of(lock, SEGMENT_BYTES).await.unwrap();
        let term = Duration::from_secs(600);
        let lease = store.leases().acquire(&name("lane"), term).await;
        let lease = lease.unwrap().unwrap();
        let lane = LaneId::own(0).unwrap();
        let lane = store.events().own(lane, &lease).await.unwrap();
        Self {
            store,
            lane,
            acknowledged: Vec::new(),
            tries: 0,
        }
    }

    /// Appends an event of this length at least.
    async fn append(&mut self, bytes: usize) -> Result<(), AppendError> {
        self.tries += 1;
        let body = format!("{:0bytes$}", self.tries);
        let event = NewEvent {
            source: name("source"),
            kind: name("kind"),
            key: Some(self.tries.to_string().into()),
            order: None,
            at: Timestamp::UNIX_EPOCH,
            meta: Vec::new().into(),
            body: body.clone().into(),
        };
        let batch = Batch::new(vec![event]).unwrap();
        let appended = self.store.events().append(&self.lane, batch).await?;
        assert_eq!(
            appended[0].place.position.number(),
            self.acknowledged.len() as u64
        );
        self.acknowledged.push(body);
        Ok(())
    }

    /// Tries until an event is taken.
    async fn append_again(&mut self) {
        let started = Instant::now();
        while let Err(refused) = self.append(10).await {
            assert!(started.elapsed() < DEADLINE, "it does not go on: {refused}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn step(&self) -> Result<(), AdvanceError> {
        let step = Step {
            cursor: Some(Position::new(1)),
            ..Step::default()
        };
        let events = self.store.events();
        events.advance(&self.lane, &name("handler"), step).await
    }

    async fn assert_all_there(&self) {
        let all = ReadLimit {
            count: usize::MAX,
            bytes: usize::MAX,
        };
        let events = self.store.events();
        let read = events.read(&self.lane, Position::FIRST, all).await.unwrap();
        let bodies: Vec<_> = read.iter().map(|event| &event.body[..]).collect();
        assert!(
            bodies.iter().eq(self
                .acknowledged
                .iter()
                .map(String::as_bytes)
                .collect::<Vec<_>>()
                .iter()),
            "{} of {}",
            bodies.len(),
            self.acknowledged.len()
        );
    }

    /// Whether lists say that they have all that was acknowledged.
    async fn has_whole_list(&self) -> bool {
        let whole = Paging {
            behind: None,
            limit: 10,
        };
        let listed = self.store.events().listed().await.unwrap();
        let page = self.store.events().list(&Filter::default(), whole).await;
        listed && page.unwrap().is_complete
    }

    /// Waits until lists say so.
    async fn until_listed(&self) {
        let started = Instant::now();
        while !self.has_whole_list().await {
            assert!(started.elapsed() < DEADLINE, "the list is not whole again");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn add_caller(&self) {
        let by = Actor {
            at: Timestamp::UNIX_EPOCH,
            who: "test".to_owned(),
            from: "here".to_owned(),
        };
        let caller = CallerRecord {
            name: CallerName::new("shop").unwrap(),
            token_hash: TokenHash::hash("shop"),
            created: Timestamp::UNIX_EPOCH,
        };
        let records = self.store.records().by(by);
        records.add_caller(&caller).await.unwrap();
    }

    /// Whether a record of a call is on disk, as far as that is told.
    async fn keeps_a_call(&self) -> bool {
        let calls = self.store.calls();
        let kept = calls.counts().kept;
        calls.record(Timestamp::UNIX_EPOCH, "a call".into());
        calls.flush().await;
        calls.counts().kept > kept
    }

    /// The next process finds what was acknowledged, and nothing else.
    async fn assert_next_finds_all(self, state: &Path) {
        let Self {
            store,
            acknowledged,
            ..
        } = self;
        store.close().await;
        let mut next = Self::open(state).await;
        next.acknowledged = acknowledged;
        next.assert_all_there().await;
        let callers = next.store.records().callers().await.unwrap();
        assert_eq!(callers.len(), 1);
        let status = next.store.log_status().await.unwrap().unwrap();
        assert_eq!((status.damages, status.missing), (vec![], vec![]));
        next.store.close().await;
        let report = wharf_store::check(state, &mut |_| {}).unwrap();
        assert!(report.is_whole(), "{report:?}");
    }
}

fn assert_moved(refused: &AppendError) {
    let moved = matches!(
        refused,
        AppendError::Unavailable(Unavailable::LogMoved { .. } | Unavailable::LogUnlocked { .. })
    );
    assert!(moved, "{refused}");
}

/// A folder with a state folder in it that a process uses.
async fn used() -> (TempDir, PathBuf, Keeper) {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state");
    let mut keeper = Keeper::open(&state).await;
    keeper.add_caller().await;
    for _ in 0..3 {
        keeper.append(10).await.unwrap();
    }
    assert!(keeper.keeps_a_call().await);
    keeper.until_listed().await;
    (folder, state, keeper)
}

#[test]
fn nothing_is_acknowledged_in_a_folder_that_was_moved_and_all_goes_on_when_it_is_back() {
    block_on(async {
        // The whole folder, and the log alone.
        for part in ["", "log"] {
            let (folder, state, mut keeper) = used().await;
            let (place, away) = (state.join(part), folder.path().join("away"));
            fs::rename(&place, &away).unwrap();
            for _ in 0..3 {
                assert_moved(&keeper.append(10).await.unwrap_err());
                assert!(keeper.step().await.is_err());
            }
            // Files are written until the end of one; then none is begun elsewhere.
            for _ in 0..3 {
                assert_moved(&keeper.append(40_000).await.unwrap_err());
            }
            keeper.assert_all_there().await;
            let is_kept = keeper.keeps_a_call().await;
            assert_eq!(is_kept, part == "log", "a call in a folder that is away");
            assert!(part == "log" || !state.exists(), "it was made anew");
            fs::rename(&away, &place).unwrap();
            keeper.append_again().await;
            keeper.step().await.unwrap();
            keeper.until_listed().await;
            keeper.assert_all_there().await;
            keeper.assert_next_finds_all(&state).await;
        }
    });
}

#[test]
fn in_a_folder_that_took_the_place_nothing_is_written() {
    block_on(async {
        let (folder, state, mut keeper) = used().await;
        let away = folder.path().join("away");
        fs::rename(&state, &away).unwrap();
        let other = Keeper::open(&state).await;
        other.store.close().await;
        let before = files(&state);
        for bytes in [10, 40_000, 40_000, 10] {
            assert_moved(&keeper.append(bytes).await.unwrap_err());
        }
        assert!(!keeper.keeps_a_call().await);
        assert_eq!(files(&state), before);
        fs::remove_dir_all(&state).unwrap();
        fs::rename(&away, &state).unwrap();
        keeper.append_again().await;
        keeper.until_listed().await;
        keeper.assert_next_finds_all(&state).await;
    });
}

#[test]
fn nothing_is_acknowledged_in_a_folder_that_was_deleted_and_it_is_not_made_anew() {
    block_on(async {
        let (_folder, state, mut keeper) = used().await;
        fs::remove_dir_all(&state).unwrap();
        for bytes in [10, 10, 40_000, 40_000, 10] {
            assert_moved(&keeper.append(bytes).await.unwrap_err());
        }
        assert!(keeper.step().await.is_err());
        for _ in 0..3 {
            assert!(!keeper.keeps_a_call().await);
        }
        assert!(!state.exists());
        // Lists have lost what they told of, and say so.
        assert!(!keeper.has_whole_list().await);
        keeper.store.close().await;
        assert!(!state.exists());
    });
}

/// Without the right to make files the file that is written is filled, and then nothing is taken.
#[test]
fn a_folder_that_becomes_read_only_takes_what_has_room_and_goes_on_when_it_may_be_written() {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        block_on(become_read_only(&PathBuf::from(folder).join("state")));
        return;
    }
    let folder = TempDir::new().unwrap();
    if fs::metadata(folder.path()).unwrap().uid() != 0 {
        block_on(become_read_only(&folder.path().join("state")));
        return;
    }
    // Root may write everywhere, so somebody else has to try.
    let owned = folder.path().join("owned");
    fs::create_dir(&owned).unwrap();
    chown(&owned, Some(65_534), Some(65_534)).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = folder.path().join("program");
    let this = std::env::current_exe().unwrap();
    if fs::hard_link(&this, &program).is_err() {
        fs::copy(&this, &program).unwrap();
    }
    let ran = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&program)
        .arg("--exact")
        .arg("a_folder_that_becomes_read_only_takes_what_has_room_and_goes_on_when_it_may_be_written")
        .env(FOLDER_VARIABLE, &owned)
        .output();
    let Ok(output) = ran else {
        println!("skipped: root may write everywhere, and there is no setpriv to become nobody");
        return;
    };
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}"
    );
}

async fn become_read_only(state: &Path) {
    let mut keeper = Keeper::open(state).await;
    keeper.add_caller().await;
    keeper.append(10).await.unwrap();
    keeper.until_listed().await;
    let set = |mode| {
        for part in ["log", "index", "dedupe", ""] {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(state.join(part), permissions).unwrap();
        }
    };
    set(0o555);
    let started = Instant::now();
    // A file may have been made ahead, which cannot get its name now.
    let refused = loop {
        match keeper.append(10_000).await {
            Ok(()) => assert!(started.elapsed() < DEADLINE, "it writes where it may not"),
            Err(refused) => break refused,
        }
    };
    assert!(
        matches!(
            refused,
            AppendError::Unavailable(Unavailable::Disk { .. } | Unavailable::Log { .. })
        ),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("log"), "{refused}");
    assert_eq!(keeper.store.records().callers().await.unwrap().len(), 1);
    keeper.assert_all_there().await;
    set(0o755);
    keeper.append_again().await;
    keeper.until_listed().await;
    keeper.assert_next_finds_all(state).await;
}

/// All files below a folder with their bytes.
fn files(folder: &Path) -> Vec<(PathBuf, u64)> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            if metadata.is_dir() {
                todo.push(entry.path());
            } else {
                found.push((entry.path(), metadata.len()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn calls_are_read_again_behind_a_start() {
    block_on(async {
        let (_folder, state, keeper) = used().await;
        keeper.store.close().await;
        let store = Store::open(&state).await.unwrap();
        let read = store.calls().read(CallPlace::START, 10).await.unwrap();
        assert_eq!(read.len(), 1);
    });
}
