//! What is taken away, told, and left alone; on a real disk, with small files.

use std::fs;
use std::future::pending;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use wharf_policy::notice::Severity;
use wharf_store::{
    Batch, LaneId, LogLock, Name, NewEvent, NoticeFilter, NoticePage, NoticeRecord, OwnedLane,
    Position, Step, Store,
};
use wharf_workspace::settings::Kept;

use super::{Bounds, LOOK, Retention, unless_late};
use crate::notices::{self, Teller};

const MIB: u64 = 1 << 20;

/// Small, so that many are full soon.
const SEGMENT_BYTES: u64 = MIB;

const DEADLINE: Duration = Duration::from_secs(60);

fn bounds(bytes: u64) -> Bounds {
    let age = Duration::from_secs(30 * 24 * 60 * 60);
    Bounds {
        events: Kept { age, bytes },
        calls: Kept { age, bytes },
    }
}

async fn open(folder: &Path) -> Store {
    let store = Store::open(folder).await.unwrap();
    let lock = LogLock::take(folder).unwrap().unwrap();
    store.own_log_of(lock, SEGMENT_BYTES).await.unwrap();
    store
}

/// A lane with a handler that takes no event.
async fn lane_with_a_handler(store: &Store) -> OwnedLane {
    let name = Name::new("lanes").unwrap();
    let lease = store.leases().acquire(&name, Duration::from_secs(60)).await;
    let lease = lease.unwrap().unwrap();
    let id = LaneId::own(0).unwrap();
    let lane = store.events().own(id, &lease).await.unwrap();
    let handler = Name::new("slow").unwrap();
    let step = Step {
        cursor: Some(Position::FIRST),
        ..Step::default()
    };
    let begun = store.events().advance(&lane, &handler, step).await;
    begun.unwrap();
    lane
}

/// A quarter of a segment.
async fn append(store: &Store, lane: &OwnedLane, at: Timestamp) {
    let event = NewEvent {
        source: Name::new("stripe").unwrap(),
        kind: Name::new("invoice.paid").unwrap(),
        key: None,
        order: None,
        at,
        meta: Bytes::new(),
        body: Bytes::from(vec![7; 256 * 1024]),
    };
    let batch = Batch::new(vec![event]).unwrap();
    store.events().append(lane, batch).await.unwrap();
}

async fn event_bytes(store: &Store) -> u64 {
    store.log_status().await.unwrap().unwrap().bytes
}

async fn told(store: &Store) -> Vec<NoticeRecord> {
    let page = NoticePage {
        before: None,
        limit: 100,
    };
    let records = store.records();
    let told = records.notices(&NoticeFilter::default(), page).await;
    told.unwrap()
}

#[tokio::test]
async fn what_is_too_much_goes_while_it_comes_and_who_never_gets_it_is_told() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let lane = lane_with_a_handler(&store).await;
    let (desk, teller) = notices::desk(&store).unwrap();
    let (stop, written) = (CancellationToken::new(), CancellationToken::new());
    let desk = tokio::spawn(desk.run(written.clone()));
    let retention = Retention::new(store.clone(), bounds(4 * MIB), teller);
    let retention = tokio::spawn(retention.run(stop.clone()));
    for _ in 0..64 {
        append(&store, &lane, Timestamp::now()).await;
    }
    // Within the time between two looks, and then there is nothing to do.
    let deadline = std::time::Instant::now() + DEADLINE;
    while event_bytes(&store).await > 4 * MIB + SEGMENT_BYTES {
        assert!(std::time::Instant::now() < deadline);
        tokio::time::sleep(LOOK / 20).await;
    }
    stop.cancel();
    retention.await.unwrap();
    written.cancel();
    desk.await.unwrap();
    let told = told(&store).await;
    let notice = &told[0].notice;
    assert_eq!(notice.kind.as_str(), "events-undelivered");
    assert_eq!(notice.severity, Severity::Critical);
    let text = notice.text.as_str();
    assert!(text.starts_with("handler slow never gets "), "{text}");
    assert!(text.contains("4194304 bytes that `events_bytes`"), "{text}");
}

#[tokio::test]
async fn a_handler_is_told_of_once_a_day() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let lane = lane_with_a_handler(&store).await;
    let (desk, teller) = notices::desk(&store).unwrap();
    let mut retention = Retention::new(store.clone(), bounds(2 * MIB), teller);
    let now: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
    for hours in [0, 1, 2, 15] {
        let now = now + SignedDuration::from_hours(hours);
        for _ in 0..12 {
            append(&store, &lane, now).await;
        }
        retention.look(false, now).await;
        assert!(event_bytes(&store).await <= 2 * MIB + SEGMENT_BYTES);
        // Nothing came since, so nothing is asked.
        retention.look(false, now).await;
    }
    let stop = CancellationToken::new();
    stop.cancel();
    desk.run(stop).await;
    let counts = told(&store).await;
    let counts: Vec<_> = counts.iter().map(|told| told.count).collect();
    assert_eq!(counts, [1, 3]);
}

#[tokio::test]
async fn a_clock_that_is_wrong_does_not_take_everything_away() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let lane = lane_with_a_handler(&store).await;
    let handler = Name::new("slow").unwrap();
    let gone = store.events().forget(&lane, &handler).await;
    assert!(gone.unwrap());
    let start: Timestamp = "2026-01-05T10:00:00Z".parse().unwrap();
    let day = |number: i64| start + SignedDuration::from_hours(24 * number);
    for number in 0..40 {
        append(&store, &lane, day(number)).await;
    }
    let before = event_bytes(&store).await;
    let mut retention = Retention::new(store.clone(), bounds(1 << 40), Teller::default());
    for now in [Timestamp::MIN, day(-1_000)] {
        retention.look(true, now).await;
        assert_eq!(event_bytes(&store).await, before);
    }
    for now in [Timestamp::MAX, day(1_000)] {
        retention.look(true, now).await;
    }
    // A run takes a segment, which has four days here.
    let after = event_bytes(&store).await;
    assert!(after < before, "{after}");
    assert!(after + 3 * SEGMENT_BYTES > before, "{after} of {before}");
}

#[tokio::test]
async fn where_nothing_was_ever_stored_nothing_is_made() {
    let folder = TempDir::new().unwrap();
    let store = open(folder.path()).await;
    let mut retention = Retention::new(store.clone(), bounds(MIB), Teller::default());
    for is_by_age in [true, false] {
        retention.look(is_by_age, Timestamp::MAX).await;
    }
    store.close().await;
    let mut names: Vec<_> = fs::read_dir(folder.path().join("log")).unwrap().collect();
    names.retain(|entry| entry.as_ref().unwrap().file_name() != "lock");
    assert!(names.is_empty(), "{names:?}");
    assert!(!folder.path().join("calls").exists());
}

#[tokio::test]
async fn who_does_not_have_the_log_leaves_it_alone() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let mut retention = Retention::new(store.clone(), bounds(MIB), Teller::default());
    retention.look(true, Timestamp::now()).await;
    assert!(retention.problems.is_empty());
    assert!(!folder.path().join("log").exists());
}

#[tokio::test]
async fn the_end_of_the_process_waits_for_what_is_quick_alone() {
    let stop = CancellationToken::new();
    stop.cancel();
    assert_eq!(unless_late(async { 7 }, &stop).await, Some(7));
    assert_eq!(unless_late(pending::<()>(), &stop).await, None);
    let retention = Retention::new(Store::in_memory(), bounds(MIB), Teller::default());
    tokio::time::timeout(DEADLINE, retention.run(stop))
        .await
        .unwrap();
}
