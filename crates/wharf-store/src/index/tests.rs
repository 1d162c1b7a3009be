//! The index of a log on a real disk: it tells what a model tells that was given the same, whatever
//! became of its files.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use fastrand::Rng;
use jiff::Timestamp;
use tempfile::TempDir;

use super::Index;
use crate::disk::RealDisk;
use crate::events::{
    Batch, Exception, Filter, Listed, Match, NewEvent, Outcome, OwnedLane, Paging, Reason,
    Standing, State, Step,
};
use crate::log::Log;
use crate::log::retain::Retention;
use crate::names::{LaneId, Name, Position};
use crate::{Events, Store};

const DEADLINE: Duration = Duration::from_secs(60);
const SEGMENT_BYTES: u64 = 64 * 1024;
const DAY: i64 = 24 * 60 * 60;

const STANDINGS: [Standing; 5] = [
    Standing::Delivered,
    Standing::Failed,
    Standing::Retrying,
    Standing::Dead,
    Standing::Open,
];

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn event(body: &[u8]) -> NewEvent {
    NewEvent {
        source: name("stripe"),
        kind: name("invoice.paid"),
        key: None,
        order: None,
        at: Timestamp::from_second(1_700_000_000).unwrap(),
        meta: Bytes::from_static(b"meta"),
        body: Bytes::copy_from_slice(body),
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

async fn own(log: &Log, id: LaneId) -> OwnedLane {
    let epoch = log.own(id).await.unwrap();
    OwnedLane { id, epoch }
}

/// A log with its index, and a model of both.
struct Both {
    folder: TempDir,
    log: Log,
    index: Option<Index>,
    lanes: Vec<OwnedLane>,
    model: Events,
    random: Rng,
    /// Times go on from here, and now and then back.
    seconds: i64,
}

impl Both {
    async fn new(seed: u64) -> Self {
        let folder = TempDir::new().unwrap();
        let (log, index) = open(folder.path());
        let model = Store::in_memory();
        let mut lanes = Vec::new();
        for node in 0..2 {
            let lane = own(&log, LaneId::own(node).unwrap()).await;
            let lease = model
                .leases()
                .acquire(&name(&format!("{node}")), Duration::from_secs(600))
                .await;
            let same = model.events().own(lane.id, &lease.unwrap().unwrap()).await;
            assert_eq!(same.unwrap(), lane);
            lanes.push(lane);
        }
        Self {
            folder,
            log,
            index: Some(index),
            lanes,
            model: model.events(),
            random: Rng::with_seed(seed),
            seconds: 1_700_000_000,
        }
    }

    fn lane(&mut self) -> OwnedLane {
        let at = self.random.usize(..self.lanes.len());
        self.lanes[at].clone()
    }

    async fn append(&mut self) {
        let lane = self.lane();
        let new: Vec<NewEvent> = (0..self.random.usize(1..9))
            .map(|_| {
                self.seconds += self.random.i64(-20..100) * self.random.i64(0..20);
                if self.random.u8(..) < 3 {
                    self.seconds += DAY * self.random.i64(-2..3);
                }
                NewEvent {
                    kind: name(&format!("kind-{}", self.random.u8(..3))),
                    at: Timestamp::from_second(self.seconds).unwrap(),
                    body: Bytes::from(vec![b'x'; self.random.usize(..1_500)]),
                    ..event(b"")
                }
            })
            .collect();
        let batch = || Batch::new(new.clone()).unwrap();
        let appended = self.log.append(lane.id, Some(lane.epoch), batch());
        let appended = appended.await.unwrap();
        assert_eq!(self.model.append(&lane, batch()).await.unwrap(), appended);
    }

    async fn step(&mut self) {
        let lane = self.lane();
        let head = self.log.head(lane.id).number();
        if head == 0 {
            return;
        }
        let handler = name(&format!("h{}", self.random.u8(..3)));
        let at = self.log.cursor(lane.id, &handler).await.unwrap();
        let at = at.map_or(0, |cursor| cursor.position.number());
        let to = (at + self.random.u64(..12)).min(head);
        let mut step = Step {
            cursor: (to > at).then(|| Position::new(to)),
            ..Step::default()
        };
        for _ in 0..self.random.usize(..5) {
            // Mostly of late, now and then long ago.
            let back = if self.random.bool() { 30 } else { head };
            let position = Position::new(head - 1 - self.random.u64(..back.min(head)));
            let state = match self.random.u8(..6) {
                0 => State::Dead,
                1 => State::Behind,
                2 => State::Due(Timestamp::from_second(self.seconds + 60).unwrap()),
                3 => {
                    step.settled.push(position);
                    continue;
                }
                of => {
                    step.outcomes.push(Outcome {
                        position,
                        attempt: self.random.u32(1..5),
                        is_done: of == 4,
                        at: Timestamp::from_second(self.seconds).unwrap(),
                        took: Duration::from_millis(self.random.u64(..900)),
                        reason: Reason::new("503"),
                    });
                    continue;
                }
            };
            step.exceptions.push(Exception {
                position,
                state,
                attempts: self.random.u32(..5),
                reason: Reason::new("said so"),
            });
        }
        self.log
            .advance(&lane, &handler, step.clone())
            .await
            .unwrap();
        self.model.advance(&lane, &handler, step).await.unwrap();
    }

    /// Ends the index: in order, or as if nobody were left. Then it begins again.
    /// A file must not be opened by others of the process while `SQLite` has it open: closing it drops
    /// the locks on it. So what is done to files is done when the thread has ended, in any way.
    async fn restart(&mut self, between: impl FnOnce(&mut Rng, &Path)) {
        let index = self.index.take().unwrap();
        let others = || Arc::strong_count(self.log.shared());
        let before = others();
        if self.random.bool() {
            index.close().await;
        }
        drop(index);
        let deadline = Instant::now() + DEADLINE;
        while others() >= before {
            assert!(Instant::now() < deadline, "the thread does not end");
            tokio::task::yield_now().await;
        }
        self.begin(between);
    }

    fn begin(&mut self, between: impl FnOnce(&mut Rng, &Path)) {
        let folder = self.index();
        between(&mut self.random, &folder);
        let shared = Arc::clone(self.log.shared());
        self.index = Some(Index::start(self.folder.path(), shared, None).unwrap());
    }

    /// Compares all that is told.
    async fn compare(&self) {
        let first: Vec<_> = self.log.status().await.unwrap().lanes;
        let is_there = |event: &Listed| {
            let mut lanes = first.iter();
            lanes.any(|of| of.lane == event.place.lane && of.first <= event.place.position)
        };
        let mut filters = vec![
            Filter::default(),
            Filter {
                kind: Some(Match::Is(name("kind-1"))),
                ..Filter::default()
            },
        ];
        for standing in STANDINGS {
            filters.push(Filter {
                standing: Some((name("h1"), standing)),
                ..Filter::default()
            });
        }
        for filter in filters {
            let expected = pages(async |paging| self.model.list(&filter, paging).await.unwrap());
            let expected = expected.await.into_iter().filter(is_there);
            let found = pages(async |paging| self.lists().list(&filter, paging).await);
            let found = found.await;
            assert_eq!(found, expected.collect::<Vec<_>>(), "{filter:?}");
            for event in found.iter().take(20) {
                let told = self.lists().attempts(event.place).await;
                assert_eq!(told, self.model.attempts(event.place).await.unwrap());
            }
        }
    }

    async fn is_complete(&self) {
        let deadline = Instant::now() + DEADLINE;
        // What only reading finds is told by who reads.
        while !(self.lists().listed().await && self.all().await) {
            assert!(Instant::now() < deadline, "the list is never complete");
            tokio::task::yield_now().await;
        }
    }

    async fn all(&self) -> bool {
        let whole = Paging {
            behind: None,
            limit: 1_000,
        };
        let page = self.lists().list(&Filter::default(), whole).await;
        page.is_complete
    }

    fn lists(&self) -> &Index {
        self.index.as_ref().unwrap()
    }

    fn index(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    fn books(&self) -> Vec<PathBuf> {
        files(&self.index())
    }
}

fn open(folder: &Path) -> (Log, Index) {
    let disk = Arc::new(RealDisk::new(folder));
    let log = Log::with_segments_of(disk, SEGMENT_BYTES, None).unwrap();
    let index = Index::start(folder, Arc::clone(log.shared()), None).unwrap();
    (log, index)
}

async fn pages(list: impl AsyncFn(Paging) -> crate::Page) -> Vec<Listed> {
    let mut all = Vec::new();
    let mut behind = None;
    loop {
        let page = list(Paging { behind, limit: 37 }).await;
        assert!(page.is_complete);
        all.extend(page.events);
        behind = page.next;
        if behind.is_none() {
            return all;
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// By another process, because the files may be in use. What is not there is none.
fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    let mut copy = Command::new("cp");
    let _ = copy
        .arg("-r")
        .arg(from)
        .arg(to)
        .stderr(Stdio::null())
        .status();
}

fn flip(random: &mut Rng, folder: &Path) {
    for _ in 0..random.usize(1..4) {
        let files = files(folder);
        let Some(file) = random.choice(files) else {
            return;
        };
        let file = fs::OpenOptions::new().read(true).write(true).open(file);
        let Ok(file) = file else { continue };
        let bytes = file.metadata().unwrap().len();
        if bytes > 0 {
            // Half of them where all of the structure is.
            let most = if random.bool() { bytes.min(120) } else { bytes };
            let offset = random.u64(..most);
            let mut byte = [0];
            file.read_exact_at(&mut byte, offset).unwrap();
            byte[0] ^= 1 << random.u8(..8);
            file.write_all_at(&byte, offset).unwrap();
        }
    }
}

fn delete(random: &mut Rng, folder: &Path) {
    if random.bool() {
        // Its thread may be making files in it.
        let _ = fs::remove_dir_all(folder);
        return;
    }
    if let Some(file) = random.choice(files(folder)) {
        // Its thread may be taking it away.
        let _ = fs::remove_file(file);
    }
}

fn replace(random: &mut Rng, folder: &Path) {
    if let Some(file) = random.choice(files(folder)) {
        let other = match random.u8(..3) {
            0 => Vec::new(),
            1 => b"a shopping list".to_vec(),
            _ => {
                let whole = fs::read(&file).unwrap_or_default();
                whole[..whole.len() / 2].to_vec()
            }
        };
        let _ = fs::write(file, other);
    }
}

fn run(seed: u64) {
    block_on(async {
        let mut both = Both::new(seed).await;
        let kept = TempDir::new().unwrap();
        for _ in 0..50 {
            for _ in 0..both.random.usize(..6) {
                both.append().await;
                both.step().await;
            }
            match both.random.u8(..12) {
                0 => both.restart(|_, _| ()).await,
                1 => both.restart(flip).await,
                2 => both.restart(delete).await,
                3 => both.restart(replace).await,
                // Files as they were once, taken while they were written.
                4 => copy(&both.index(), &kept.path().join("index")),
                5 => {
                    let back = |_: &mut Rng, folder: &Path| {
                        let _ = fs::remove_dir_all(folder);
                        copy(&kept.path().join("index"), folder);
                    };
                    both.restart(back).await;
                }
                // While it is used.
                6 => delete(&mut both.random.clone(), &both.index()),
                7 => {
                    let retention = Retention {
                        age: Duration::MAX,
                        bytes: 4 * SEGMENT_BYTES,
                    };
                    let now = Timestamp::from_second(both.seconds).unwrap();
                    let retained = both.log.retain(retention, now).await.unwrap();
                    // The model keeps all: it is told what was passed over.
                    for lane in &both.lanes {
                        both.follow(lane).await;
                    }
                    drop(retained);
                }
                _ => {}
            }
        }
        both.is_complete().await;
        both.compare().await;
        let before = both.books().len();
        assert!(before > 0);
        both.log.close().await;
        both.lists().close().await;
    });
}

impl Both {
    /// Takes the steps in the model that retention took in the log.
    async fn follow(&self, lane: &OwnedLane) {
        let status = self.log.status().await.unwrap();
        let Some(of) = status.lanes.iter().find(|of| of.lane == lane.id) else {
            return;
        };
        for (handler, cursor) in &of.handlers {
            let all = self
                .model
                .exceptions(lane.id, handler, Position::FIRST, usize::MAX)
                .await
                .unwrap();
            let gone = all.iter().map(|of| of.position);
            let settled: Vec<_> = gone.filter(|at| *at < of.first).collect();
            let step = Step {
                cursor: Some(cursor.position),
                settled,
                ..Step::default()
            };
            self.model.advance(lane, handler, step).await.unwrap();
        }
    }
}

#[test]
fn an_index_tells_what_the_log_says_whatever_became_of_it() {
    for seed in 0..6 {
        run(seed);
    }
}

#[test]
fn books_go_with_their_segments() {
    block_on(async {
        let mut both = Both::new(1).await;
        for _ in 0..400 {
            both.append().await;
        }
        both.is_complete().await;
        let before = both.books().len();
        let retention = Retention {
            age: Duration::MAX,
            bytes: 0,
        };
        let now = Timestamp::from_second(both.seconds).unwrap();
        let retained = both.log.retain(retention, now).await.unwrap();
        assert!(retained.segment_count > 5);
        both.is_complete().await;
        both.compare().await;
        assert!(both.books().len() < before);
        both.log.close().await;
        both.lists().close().await;
    });
}

#[test]
fn a_folder_that_cannot_be_written_stops_lists_and_nothing_else() {
    block_on(async {
        let folder = TempDir::new().unwrap();
        // A file where the folder is to be.
        fs::write(folder.path().join("index"), b"in the way").unwrap();
        let (log, index) = open(folder.path());
        let mine = own(&log, LaneId::own(0).unwrap()).await;
        let batch = || Batch::new(vec![event(b"body")]).unwrap();
        log.append(mine.id, Some(mine.epoch), batch())
            .await
            .unwrap();
        assert!(!index.listed().await);
        let whole = Paging {
            behind: None,
            limit: 10,
        };
        let page = index.list(&Filter::default(), whole).await;
        assert!(page.events.is_empty() && !page.is_complete);
        fs::remove_file(folder.path().join("index")).unwrap();
        let deadline = Instant::now() + DEADLINE;
        while !index.listed().await {
            assert!(Instant::now() < deadline, "it does not go on");
            tokio::task::yield_now().await;
        }
        let page = index.list(&Filter::default(), whole).await;
        assert!(page.events.len() == 1 && page.is_complete);
        log.close().await;
        index.close().await;
    });
}
