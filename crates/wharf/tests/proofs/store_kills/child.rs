//! The process that is killed: it takes events, and tells all that is acknowledged.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::thread;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use fastrand::Rng;
use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio::time::interval;
use wharf_store::{
    AdvanceError, Batch, Events, Exception, LaneId, LogLock, Name, NewEvent, Outcome, OwnedLane,
    Position, ReadLimit, Reason, Retention, State, Step, Store,
};

/// The word that makes this program take events.
pub(crate) const TAKE: &str = "take";

pub(super) const WRITER_COUNT: usize = 32;

/// Small, so that some are begun each second.
pub(super) const SEGMENT_BYTES: u64 = 256 * 1024;

/// Most bytes of events that are kept.
pub(super) const RETAINED_BYTES: u64 = 3 * 1024 * 1024;

/// Between two events of a writer: 2,000 a second of all.
const PACE: Duration = Duration::from_millis(16);

/// Between two times that old events are taken away.
const RETAINING: Duration = Duration::from_millis(300);

/// Handlers, how long they take for a window, and how many events it has. One falls behind until old
/// events are taken away before it has seen them.
const HANDLERS: [(&str, Duration, usize); 2] = [
    ("quick", Duration::from_millis(12), 64),
    ("slow", Duration::from_millis(40), 16),
];

/// One of so many events is an exception.
const EXCEPTION_OF: u64 = 17;

/// Exceptions of a handler above which some are settled.
const MOST_BESIDE: usize = 120;

/// What an event of a writer has in it, by its index.
pub(super) fn event_bytes(writer: usize, index: usize) -> Vec<u8> {
    let (writer, index) = (writer as u64, index as u64);
    let mut random = Rng::with_seed((writer << 48) | index);
    let mut bytes = vec![0; random.usize(200..400)];
    random.fill(&mut bytes);
    bytes[..8].copy_from_slice(&writer.to_be_bytes());
    bytes[8..16].copy_from_slice(&index.to_be_bytes());
    bytes
}

/// FNV-1a, 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>.
pub(super) fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Tells a line, whole: one write to a pipe that is short enough is not cut by a kill.
fn tell(line: &str) {
    let line = format!("{line}\n");
    std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
}

/// The child: goes on in a folder until it is killed. Behind the folder stands how many events of
/// each writer are known to be taken.
pub(crate) fn take(words: &[String]) {
    let (folder, counts) = words.split_first().unwrap();
    let counts: Vec<usize> = counts.iter().map(|count| count.parse().unwrap()).collect();
    // Nobody is left to kill this process.
    thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(3);
    });
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(async {
        let store = open(Path::new(folder)).await;
        let lanes = own(&store).await;
        tell_found(&store, &lanes).await;
        let mut work = JoinSet::new();
        for (writer, &count) in counts.iter().enumerate() {
            let lane = lanes[writer % lanes.len()].clone();
            work.spawn(write(store.events(), lane, writer, count));
        }
        for lane in lanes {
            for (handler, pace, count) in HANDLERS {
                let handler = Name::new(handler).unwrap();
                work.spawn(handle(store.events(), lane.clone(), handler, pace, count));
            }
        }
        work.spawn(retain(store.clone()));
        // None of it ends.
        work.join_next().await.unwrap().unwrap();
    });
}

async fn open(folder: &Path) -> Store {
    let store = Store::open(folder).await.unwrap();
    let lock = LogLock::take(folder).unwrap().unwrap();
    store.own_log_of(lock, SEGMENT_BYTES).await.unwrap();
    store
}

/// A lane of one owner, and one that everybody may append to.
async fn own(store: &Store) -> [OwnedLane; 2] {
    let leases = store.leases();
    let term = Duration::from_secs(3600);
    let name = Name::new("lanes").unwrap();
    let lease = leases.acquire(&name, term).await.unwrap().unwrap();
    let events = store.events();
    let lane = LaneId::own(0).unwrap();
    let own = events.own(lane, &lease).await.unwrap();
    let shared = events.own(LaneId::shared(7), &lease).await.unwrap();
    [own, shared]
}

/// Tells all events, cursors and exceptions that are there.
async fn tell_found(store: &Store, lanes: &[OwnedLane]) {
    let events = store.events();
    let limit = ReadLimit {
        count: 256,
        bytes: 1024 * 1024,
    };
    for lane in lanes {
        let mut next = Position::FIRST;
        loop {
            let read = events.read(lane, next, limit).await.unwrap();
            let Some(last) = read.last() else { break };
            next = last.place.position.next();
            for event in &read {
                let (lane, position) = (event.place.lane, event.place.position);
                let (mut start, is) = (&event.body[..], digest(&event.body));
                let (writer, index) = (start.get_u64(), start.get_u64());
                tell(&format!("event {lane} {position} {writer} {index} {is}"));
            }
        }
        for (handler, ..) in HANDLERS {
            let name = Name::new(handler).unwrap();
            let lane = lane.id();
            let beside = events.exceptions(lane, &name, Position::FIRST, usize::MAX);
            for exception in beside.await.unwrap() {
                tell(&format!("beside {lane} {handler} {}", exception.position));
            }
        }
    }
    let status = store.log_status().await.unwrap().unwrap();
    for of in &status.lanes {
        tell(&format!("lane {} {} {}", of.lane, of.first, of.head));
        for (handler, cursor) in &of.handlers {
            tell(&format!(
                "handler {} {handler} {}",
                of.lane, cursor.position
            ));
        }
    }
    let keys = status.keys;
    tell(&format!(
        "found {} {} {}",
        status.bytes, keys.count, keys.file_count
    ));
}

/// Sends one event after the other; a tenth are repeats of earlier ones.
async fn write(events: Events, lane: OwnedLane, writer: usize, mut count: usize) {
    let mut random = Rng::new();
    let mut pace = interval(PACE);
    loop {
        pace.tick().await;
        let is_repeat = count > 0 && random.u8(..10) == 0;
        let index = if is_repeat {
            random.usize(..count)
        } else {
            count
        };
        let batch = Batch::new(vec![NewEvent {
            source: Name::new("proof").unwrap(),
            kind: Name::new("made").unwrap(),
            key: Some(format!("{writer} {index}").into()),
            order: None,
            at: Timestamp::now(),
            meta: Bytes::new(),
            body: event_bytes(writer, index).into(),
        }]);
        let appended = if lane.id().is_shared() {
            events.append_shared(lane.id(), batch.unwrap()).await
        } else {
            events.append(&lane, batch.unwrap()).await
        };
        let appended = appended.unwrap()[0];
        let (at, is_duplicate) = (appended.place, appended.is_duplicate);
        tell(&format!(
            "taken {writer} {index} {} {} {is_duplicate}",
            at.lane, at.position
        ));
        if !is_repeat {
            count += 1;
        }
    }
}

/// Reads events and says what came of them.
async fn handle(events: Events, lane: OwnedLane, handler: Name, pace: Duration, count: usize) {
    let mut pace = interval(pace);
    let limit = ReadLimit {
        count,
        bytes: 1024 * 1024,
    };
    loop {
        pace.tick().await;
        let cursor = events.cursor(lane.id(), &handler).await.unwrap();
        let position = cursor.map(|cursor| cursor.position).unwrap_or_default();
        let read = events.read(&lane, position, limit).await.unwrap();
        let Some(last) = read.last() else { continue };
        let positions = || read.iter().map(|event| event.place.position);
        let is_exception = |position: &Position| position.number().is_multiple_of(EXCEPTION_OF);
        let mut settled = Vec::new();
        if cursor.is_some_and(|cursor| cursor.open_count > MOST_BESIDE) {
            let beside = events.exceptions(lane.id(), &handler, Position::FIRST, MOST_BESIDE / 2);
            settled.extend(beside.await.unwrap().iter().map(|one| one.position));
        }
        let step = Step {
            cursor: Some(last.place.position.next()),
            outcomes: positions()
                .map(|at| outcome(at, !is_exception(&at)))
                .collect(),
            exceptions: positions().filter(is_exception).map(exception).collect(),
            settled: settled.clone(),
        };
        let tell_all = |word: &str, all: &mut dyn Iterator<Item = Position>| {
            all.for_each(|at| tell(&format!("{word} {} {handler} {at}", lane.id())));
        };
        tell_all("ask", &mut positions().filter(is_exception));
        tell_all("settle", &mut settled.iter().copied());
        match events.advance(&lane, &handler, step).await {
            Ok(()) => {}
            // Old events were taken away meanwhile, and it was passed over them.
            Err(AdvanceError::Backwards { .. }) => continue,
            Err(error) => panic!("{error}"),
        }
        tell_all("there", &mut positions().filter(is_exception));
        tell_all("settled", &mut settled.iter().copied());
        let cursor = last.place.position.next();
        tell(&format!("cursor {} {handler} {cursor}", lane.id()));
    }
}

fn outcome(position: Position, is_done: bool) -> Outcome {
    Outcome {
        position,
        attempt: 1,
        is_done,
        at: Timestamp::now(),
        took: Duration::from_millis(3),
        reason: Reason::new(if is_done { "200" } else { "503" }),
    }
}

fn exception(position: Position) -> Exception {
    Exception {
        position,
        state: State::Due(Timestamp::now()),
        attempts: 1,
        reason: Reason::new("503"),
    }
}

async fn retain(store: Store) {
    let mut pace = interval(RETAINING);
    let retention = Retention {
        age: Duration::from_secs(24 * 60 * 60),
        bytes: RETAINED_BYTES,
    };
    loop {
        pace.tick().await;
        tell("retain");
        let retained = store.retain(retention, Timestamp::now()).await.unwrap();
        let status = store.log_status().await.unwrap().unwrap();
        let firsts = status
            .lanes
            .iter()
            .map(|of| format!(" {} {}", of.lane, of.first));
        let firsts: String = firsts.collect();
        tell(&format!("retained {}{firsts}", retained.segment_count));
    }
}
