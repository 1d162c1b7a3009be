//! `kill -9` of `wharf store backup` and `wharf store restore`, at each of their steps.
//!
//! What they do shows in their folders: which files are copied, which have their place. This program
//! looks at that all the time, and kills at a step that it chose, or at a random moment.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use wharf_policy::caller::{CallerName, TokenHash};
use wharf_store::{
    Actor, Batch, CallPlace, CallerRecord, Exception, LaneId, LogLock, Name, NewEvent, OwnedLane,
    Position, ReadLimit, Reason, State, Step, Store,
};

use super::run::Run;
use super::support::PATIENCE;
use super::support::program::{Output, PROGRAM, wharf};

/// Lives of the state folder, each of which leaves a file of events, of keys and of calls.
const LIFE_COUNT: usize = 24;

const EVENTS_OF_A_LIFE: usize = 8;

/// Small, so that a folder of many files is one of few bytes.
const SEGMENT_BYTES: u64 = 64 * 1024;

const DATABASE: &str = "wharf.sqlite3";
const RESTORING: &str = "restore.unfinished";

/// Folders of files that are copied.
const FOLDERS: [&str; 3] = ["calls", "dedupe", "log"];

/// Where a command is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So long after its start.
    After(Duration),
    /// When so many files are copied.
    Copied(usize),
    /// When so many files have their place.
    Placed(usize),
    /// So long after the last file got its place.
    Whole(Duration),
}

/// What was found after kills, and how often.
#[derive(Default)]
struct Found(BTreeMap<&'static str, u64>);

impl Found {
    fn add(&mut self, what: &'static str) {
        *self.0.entry(what).or_default() += 1;
    }

    fn summary(&self) -> String {
        let all: Vec<_> = self
            .0
            .iter()
            .map(|(of, count)| format!("{count} {of}"))
            .collect();
        all.join(", ")
    }
}

/// Each round kills one of both.
pub(crate) fn run(run: &mut Run) {
    let bench = Bench::new();
    let (mut backups, mut restores) = (Found::default(), Found::default());
    run.each(|run, _| {
        let moment = bench.moment(run, bench.backup_time);
        backups.add(bench.kill_backup(moment));
        let moment = bench.moment(run, bench.restore_time);
        restores.add(bench.kill_restore(moment));
    });
    run.attempt(|_| {
        assert_eq!(
            tell(&bench.state()),
            bench.told,
            "the state that was backed up"
        );
    });
    run.note(format!("of backups {}", backups.summary()));
    run.note(format!("of restores {}", restores.summary()));
}

/// A state folder, a backup of it, and what both hold.
struct Bench {
    folder: tempfile::TempDir,
    told: Vec<String>,
    file_count: usize,
    backup_time: Duration,
    restore_time: Duration,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut bench = Self {
            folder,
            told: Vec::new(),
            file_count: 0,
            backup_time: Duration::ZERO,
            restore_time: Duration::ZERO,
        };
        for life in 0..LIFE_COUNT {
            block_on(live(&bench.state(), life));
        }
        bench.told = tell(&bench.state());
        assert_eq!(bench.told.len(), LIFE_COUNT * (EVENTS_OF_A_LIFE + 3) + 1);
        let started = Instant::now();
        assert_done(&bench.back_up("backup").finish());
        bench.backup_time = started.elapsed();
        bench.file_count = files(&bench.at("backup"));
        assert!(bench.file_count > 2 * LIFE_COUNT, "{}", bench.file_count);
        let started = Instant::now();
        assert_done(&bench.restore("whole").finish());
        bench.restore_time = started.elapsed();
        assert_eq!(tell(&bench.at("whole")), bench.told);
        bench
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn state(&self) -> PathBuf {
        self.at("state")
    }

    fn back_up(&self, target: &str) -> Command {
        Command(["store", "backup"], self.at(target), self.state())
    }

    fn restore(&self, state: &str) -> Command {
        Command(["store", "restore"], self.at("backup"), self.at(state))
    }

    fn moment(&self, run: &mut Run, whole: Duration) -> Moment {
        let random = &mut run.random;
        match random.u8(..6) {
            0 => Moment::After(whole.mul_f64(random.f64())),
            1 => Moment::Copied(random.usize(..self.file_count)),
            2 => Moment::Copied(self.file_count - 1),
            3 => Moment::Placed(random.usize(1..self.file_count)),
            4 => Moment::Placed(self.file_count - 2),
            _ => Moment::Whole(Duration::from_micros(random.u64(..1_500))),
        }
    }

    /// Takes away what the round before made, also where it failed.
    fn clear(&self) {
        for name in ["new", "new.wharf-unfinished", "other", "none"] {
            let path = self.at(name);
            if path.exists() {
                fs::remove_dir_all(path).unwrap();
            }
        }
    }

    /// The backup is whole, or the next one says what to remove.
    fn kill_backup(&self, moment: Moment) -> &'static str {
        let (target, unfinished) = (self.at("new"), self.at("new.wharf-unfinished"));
        self.clear();
        kill(self.back_up("new").start(), moment, &unfinished, &target);
        let found = if target.exists() {
            assert!(!unfinished.exists(), "{moment:?}");
            "whole"
        } else if unfinished.exists() {
            let refused = self.back_up("new").finish();
            assert_refused(&refused, &[unfinished.to_str().unwrap(), "rm -r"]);
            fs::remove_dir_all(&unfinished).unwrap();
            "unfinished"
        } else {
            "not begun"
        };
        if found != "whole" {
            assert_done(&self.back_up("new").finish());
        }
        let restored = Command(["store", "restore"], target.clone(), self.at("other"));
        assert_done(&restored.finish());
        assert_eq!(tell(&self.at("other")), self.told, "{moment:?}: {found}");
        found
    }

    /// The folder has no state, or says what to remove, or has all of it.
    fn kill_restore(&self, moment: Moment) -> &'static str {
        let state = self.at("other");
        let unfinished = state.join(RESTORING);
        self.clear();
        kill(self.restore("other").start(), moment, &unfinished, &state);
        let is_in_place = state.join(DATABASE).exists();
        let found = if unfinished.exists() {
            self.assert_refused_everywhere(&state);
            if is_in_place {
                "with all in its place but its end"
            } else {
                "unfinished"
            }
        } else if is_in_place {
            "whole"
        } else {
            "not begun"
        };
        if found != "whole" {
            assert_done(&self.restore("other").finish());
        }
        assert_eq!(tell(&state), self.told, "{moment:?}: {found}");
        found
    }

    /// No command takes a folder that is restored in part for one with state, and with all taken away
    /// that is named it can be restored.
    fn assert_refused_everywhere(&self, state: &Path) {
        let refused = self.restore("other").finish();
        assert_refused(&refused, &[RESTORING, "rm -rf"]);
        for words in [["store", "status"], ["store", "check"], ["callers", "list"]] {
            let command = wharf(&words).arguments(&["--state", state.to_str().unwrap()]);
            assert_refused(&command.finish(), &[RESTORING, "rm -rf"]);
        }
        let backup = Command(["store", "backup"], self.at("none"), state.to_owned());
        assert_refused(&backup.finish(), &[RESTORING]);
        assert!(!self.at("none").exists());
        let opened = block_on(Store::open(state));
        assert!(opened.is_err_and(|error| error.to_string().contains(RESTORING)));
        for entry in fs::read_dir(state).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(
                refused.stderr.contains(name),
                "{name} is not named: {refused:?}"
            );
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
            } else {
                fs::remove_file(path).unwrap();
            }
        }
    }
}

/// A command of the store with a backup and a state folder.
struct Command([&'static str; 2], PathBuf, PathBuf);

impl Command {
    fn start(&self) -> Child {
        let Self(words, backup, state) = self;
        process::Command::new(PROGRAM)
            .args(words)
            .arg(backup)
            .arg("--state")
            .arg(state)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn finish(&self) -> Output {
        let Self(words, backup, state) = self;
        let paths = [backup, state].map(|path| path.to_str().unwrap());
        wharf(words)
            .arguments(&[paths[0], "--state", paths[1]])
            .finish()
    }
}

/// Kills a command at a step; one that ends before it came there was too quick for that.
fn kill(mut child: Child, moment: Moment, copies: &Path, place: &Path) {
    let started = Instant::now();
    let in_place = || place.join(DATABASE).exists();
    let is_there = || match moment {
        Moment::After(time) => started.elapsed() >= time,
        Moment::Copied(count) => files(copies) >= count || in_place(),
        Moment::Placed(count) => files(place) >= count || in_place(),
        Moment::Whole(_) => in_place(),
    };
    let has_ended = |child: &mut Child| child.try_wait().unwrap().is_some();
    while !is_there() && !has_ended(&mut child) {
        assert!(started.elapsed() < PATIENCE, "{moment:?} does not come");
    }
    if let Moment::Whole(time) = moment {
        // Too short for a sleep to end in time.
        let since = Instant::now();
        while since.elapsed() < time {}
    }
    // Not with the command for it, which takes longer than what is to be hit.
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(
        matches!(status.code(), None | Some(0)),
        "{moment:?}: {status}"
    );
}

/// How many files there are in a folder and in those of the store in it, without those of a lock.
fn files(folder: &Path) -> usize {
    let in_folder = |folder: PathBuf| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name());
        names
            .filter(|name| !FOLDERS.iter().any(|of| name == of) && name != "lock")
            .count()
    };
    let below = FOLDERS.iter().map(|of| in_folder(folder.join(of)));
    below.sum::<usize>() + in_folder(folder.to_owned())
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

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

async fn own(store: &Store) -> OwnedLane {
    let name = Name::new("lane").unwrap();
    let lease = store.leases().acquire(&name, Duration::from_secs(60)).await;
    let lane = LaneId::own(0).unwrap();
    let lease = lease.unwrap().unwrap();
    store.events().own(lane, &lease).await.unwrap()
}

/// Opens a state folder, whose lock may be of a process that is ending.
async fn open(state: &Path) -> Store {
    let store = Store::open(state).await.unwrap();
    let deadline = Instant::now() + PATIENCE;
    let lock = loop {
        if let Some(lock) = LogLock::take(state).unwrap() {
            break lock;
        }
        assert!(Instant::now() < deadline, "the lock is not free");
        thread::sleep(Duration::from_millis(2));
    };
    store.own_log_of(lock, SEGMENT_BYTES).await.unwrap();
    store
}

/// Something of everything.
async fn live(state: &Path, life: usize) {
    let store = open(state).await;
    let lane = own(&store).await;
    let by = Actor {
        at: Timestamp::UNIX_EPOCH,
        who: "proof".to_owned(),
        from: "here".to_owned(),
    };
    let caller = CallerRecord {
        name: CallerName::new(&format!("caller-{life}")).unwrap(),
        token_hash: TokenHash::hash(&life.to_string()),
        created: Timestamp::UNIX_EPOCH,
    };
    store.records().by(by).add_caller(&caller).await.unwrap();
    let event = |number: usize| NewEvent {
        source: Name::new("proof").unwrap(),
        kind: Name::new("made").unwrap(),
        key: Some(format!("{life} {number}").into()),
        order: None,
        at: Timestamp::from_second(1_000).unwrap(),
        meta: Vec::new().into(),
        body: vec![b'x'; 900 + number * life].into(),
    };
    let batch = Batch::new((0..EVENTS_OF_A_LIFE).map(event).collect()).unwrap();
    let appended = store.events().append(&lane, batch).await.unwrap();
    let position = appended[0].place.position;
    let step = Step {
        cursor: Some(position.next()),
        exceptions: vec![Exception {
            position,
            state: State::Dead,
            attempts: 9,
            reason: Reason::new("gone"),
        }],
        ..Step::default()
    };
    let handler = Name::new("handler").unwrap();
    store.events().advance(&lane, &handler, step).await.unwrap();
    let call = format!("call {life}").into_bytes();
    assert!(store.calls().record(Timestamp::UNIX_EPOCH, call.into()));
    store.calls().flush().await;
    store.close().await;
}

/// All that is in a state folder.
fn tell(state: &Path) -> Vec<String> {
    block_on(async {
        let store = open(state).await;
        let lane = own(&store).await;
        let all = ReadLimit {
            count: usize::MAX,
            bytes: usize::MAX,
        };
        let handler = Name::new("handler").unwrap();
        // While a handle is left, closing the store ends nothing.
        let events = store.events();
        let read = events.read(&lane, Position::FIRST, all).await.unwrap();
        let cursor = events.cursor(lane.id(), &handler).await.unwrap();
        let first = Position::FIRST;
        let beside = events.exceptions(lane.id(), &handler, first, usize::MAX);
        let beside = beside.await.unwrap();
        drop(events);
        let calls = store.calls().read(CallPlace::START, usize::MAX).await;
        let callers = store.records().callers().await.unwrap();
        let mut told = vec![format!("{cursor:?}")];
        told.extend(read.iter().map(|event| format!("{event:?}")));
        told.extend(beside.iter().map(|exception| format!("{exception:?}")));
        told.extend(calls.unwrap().iter().map(|call| format!("{call:?}")));
        told.extend(callers.iter().map(|caller| format!("{caller:?}")));
        let status = store.log_status().await.unwrap().unwrap();
        let whole = status.damages.is_empty() && status.missing.is_empty();
        assert!(whole, "{status:?}");
        store.close().await;
        told
    })
}
