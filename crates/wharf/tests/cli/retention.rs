//! What a start takes away, by what `wharf.toml` says, and that it is told.

use std::fs;
use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use wharf_policy::bounded::{Name as Kind, Text};
use wharf_policy::notice::{DedupeKey, Notice, Severity, Subject};
use wharf_store::{Batch, LaneId, LogLock, Name, NewEvent, Position, Step, Store};

use crate::support::program::{up, wharf};
use crate::support::soon;
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

fn hours_ago(hours: i64) -> Timestamp {
    Timestamp::now() - SignedDuration::from_hours(hours)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// Files in a folder of the state with this ending.
fn count(workspace: &Workspace, folder: &str, ending: &str) -> usize {
    let entries = fs::read_dir(workspace.state().join(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    let names = names.filter(|name| name.to_str().unwrap().ends_with(ending));
    names.count()
}

async fn open(workspace: &Workspace) -> Store {
    let store = Store::open(&workspace.state()).await.unwrap();
    let lock = LogLock::take(&workspace.state()).unwrap().unwrap();
    store.own_log_of(lock, 1 << 20).await.unwrap();
    store
}

/// More than half of a segment of 1 MiB each.
async fn append(store: &Store, hours: &[i64]) {
    for &hours in hours {
        let event = NewEvent {
            source: Name::new("stripe").unwrap(),
            kind: Name::new("invoice.paid").unwrap(),
            key: None,
            order: None,
            at: hours_ago(hours),
            meta: Bytes::new(),
            body: Bytes::from(vec![7; 600 * 1024]),
        };
        let batch = Batch::new(vec![event]).unwrap();
        let appended = store.events().append_shared(LaneId::shared(0), batch).await;
        appended.unwrap();
    }
}

fn old_notice() -> Notice {
    let kind = Kind::new("row-alert").unwrap();
    Notice {
        key: DedupeKey::of(&kind, &["old"]),
        kind,
        severity: Severity::Info,
        subject: Subject::installation(),
        title: Text::new("an old thing"),
        text: Text::new(""),
        at: hours_ago(100 * 24),
        same_within: Duration::from_secs(60),
        evidence: None,
    }
}

#[test]
fn a_start_takes_away_what_is_too_old() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    workspace.write(
        "wharf.toml",
        "[store]\nevents_days = 2\ncalls_days = 1\ncalls_bytes = 16777216\n",
    );
    block_on(async {
        for hours in [60, 50, 2] {
            // A file of its own each.
            let store = Store::open(&workspace.state()).await.unwrap();
            assert!(
                store
                    .calls()
                    .record(hours_ago(hours), Bytes::from_static(b"{}"))
            );
            store.calls().flush().await;
            store.close().await;
        }
        let store = open(&workspace).await;
        append(&store, &[90, 80, 70, 1]).await;
        store.records().tell(&[old_notice()]).await.unwrap();
        store.close().await;
    });
    let before = count(&workspace, "log", ".segment");
    assert!(before >= 3, "{before}");
    assert_eq!(count(&workspace, "calls", ".calls"), 3);
    let gateway = workspace.serve();
    // The second file of calls may hold what came until the third began.
    soon("old calls to be gone", || {
        count(&workspace, "calls", ".calls") == 2
    });
    soon("old events to be gone", || {
        count(&workspace, "log", ".segment") < before
    });
    soon("old notices to be gone", || {
        let arguments = ["notices", "list", "--dir", workspace.argument()];
        wharf(&arguments).finish().stderr.contains("No notice.")
    });
    drop(gateway);
}

#[test]
fn who_never_gets_an_event_is_told_by_the_log_and_a_notice() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    workspace.write("wharf.toml", "[store]\nevents_bytes = 268435456\n");
    block_on(async {
        let store = Store::open(&workspace.state()).await.unwrap();
        let lock = LogLock::take(&workspace.state()).unwrap().unwrap();
        store.own_log_of(lock, 64 << 20).await.unwrap();
        let (leases, lanes) = (store.leases(), Name::new("lanes").unwrap());
        let lease = leases.acquire(&lanes, Duration::from_secs(60));
        let lease = lease.await.unwrap().unwrap();
        let lane = store.events().own(LaneId::shared(0), &lease).await.unwrap();
        let step = Step {
            cursor: Some(Position::FIRST),
            ..Step::default()
        };
        let slow = Name::new("slow").unwrap();
        store.events().advance(&lane, &slow, step).await.unwrap();
        append(&store, &[1; 600]).await;
        store.close().await;
    });
    let gateway = workspace.serve();
    gateway.process.until_logged("handler slow never gets ");
    soon("the notice", || {
        let arguments = ["notices", "list", "--dir", workspace.argument()];
        let listed = wharf(&arguments).finish().stdout;
        listed.contains("critical") && listed.contains("handler slow never gets some events")
    });
}

#[test]
fn numbers_that_are_wrong_are_refused_with_their_place() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    workspace.write("wharf.toml", "[store]\nevents_days = 0\n");
    let refused = up(&[workspace.argument()]).finish();
    assert_eq!(refused.code, Some(2), "{refused:?}");
    for words in [
        "line 2, column 15",
        "events_days is a number of days from 1 to 3650",
    ] {
        assert!(refused.stderr.contains(words), "{refused:?}");
    }
}
