//! Several handles, threads and processes on one state folder.

use std::path::Path;
use std::process::Command;
use std::sync::Barrier;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use tempfile::TempDir;
use wharf_policy::caller::{CallerName, TokenHash};
use wharf_policy::sealed::SecretName;

use super::open::DATABASE_FILE_NAME;
use crate::{Actor, CallerRecord, Change, Changes, Store, Unavailable};

/// Tells a test that it runs as the second process, and in which folder.
const FOLDER_VARIABLE: &str = "WHARF_STORE_TEST_FOLDER";
const CALLERS_EACH: usize = 20;
const DEADLINE: Duration = Duration::from_secs(20);

pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

/// A caller whose token is hashed from its name.
pub(super) fn caller(name: &str) -> CallerRecord {
    CallerRecord {
        name: CallerName::new(name).unwrap(),
        created: Timestamp::UNIX_EPOCH,
        token_hash: TokenHash::hash(name),
    }
}

pub(super) async fn add(store: &Store, name: &str) {
    store.records().add_caller(&caller(name)).await.unwrap();
}

async fn names(store: &Store) -> Vec<String> {
    let records = store.records().callers().await.unwrap();
    records.into_iter().map(|r| r.name.to_string()).collect()
}

async fn next(changes: &mut Changes) -> Result<Change, Unavailable> {
    tokio::time::timeout(DEADLINE, changes.next())
        .await
        .expect("word of a change")
}

async fn add_many(folder: &Path, prefix: &str) {
    let store = Store::open(folder).await.unwrap();
    for n in 0..CALLERS_EACH {
        add(&store, &format!("{prefix}-{n}")).await;
    }
}

#[tokio::test]
async fn what_was_added_is_there_after_closing() {
    let folder = TempDir::new().unwrap();
    assert!(Store::is_absent(folder.path()));
    let store = Store::open(folder.path()).await.unwrap();
    assert!(!Store::is_absent(folder.path()));
    add(&store, "billing").await;
    store.close().await;
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "its log is put away: {left:?}");
    let store = Store::open(folder.path()).await.unwrap();
    assert_eq!(names(&store).await, ["billing"]);
}

#[tokio::test]
async fn what_another_handle_writes_is_told() {
    let folder = TempDir::new().unwrap();
    let one = Store::open(folder.path()).await.unwrap();
    let two = Store::open(folder.path()).await.unwrap();
    let mut changes = one.changes();
    for n in 0..3 {
        add(&two, &format!("other-{n}")).await;
        assert_eq!(next(&mut changes).await.unwrap(), Change::Content);
        assert_eq!(names(&one).await.len(), n + 1);
    }
}

#[test]
fn threads_that_open_a_new_folder_together_all_get_it() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("not/yet/there");
    let together = Barrier::new(8);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (state, together) = (&state, &together);
            scope.spawn(move || {
                together.wait();
                block_on(async {
                    let store = Store::open(state).await.unwrap();
                    add(&store, &format!("thread-{n}")).await;
                });
            });
        }
    });
    block_on(async {
        let store = Store::open(&state).await.unwrap();
        assert_eq!(names(&store).await.len(), 8);
    });
}

#[test]
fn two_processes_write_at_once_and_lose_nothing() {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE) {
        block_on(add_many(folder.as_ref(), "child"));
        return;
    }
    let folder = TempDir::new().unwrap();
    let (store, mut changes) = block_on(async {
        let store = Store::open(folder.path()).await.unwrap();
        let changes = store.changes();
        (store, changes)
    });
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "sqlite::tests::two_processes_write_at_once_and_lose_nothing",
            "--exact",
        ])
        .env(FOLDER_VARIABLE, folder.path())
        .spawn()
        .unwrap();
    block_on(add_many(folder.path(), "parent"));
    assert!(child.wait().unwrap().success());
    block_on(async {
        assert_eq!(next(&mut changes).await.unwrap(), Change::Content);
        let names = names(&store).await;
        assert_eq!(names.len(), 2 * CALLERS_EACH);
        let of_child = names.iter().filter(|name| name.starts_with("child-"));
        assert_eq!(of_child.count(), CALLERS_EACH);
    });
}

#[tokio::test]
async fn what_becomes_of_the_file_is_told_and_the_new_one_is_read() {
    let folder = TempDir::new().unwrap();
    let state = folder.path().join("state");
    let path = state.join(DATABASE_FILE_NAME);
    let store = Store::open(&state).await.unwrap();
    add(&store, "old").await;
    let mut changes = store.changes();

    std::fs::rename(&state, folder.path().join("aside")).unwrap();
    let gone = loop {
        if let Err(problem) = next(&mut changes).await {
            break problem;
        }
    };
    assert!(gone.to_string().contains("no longer the file"), "{gone}");
    let refused = store.records().add_caller(&caller("lost")).await;
    assert!(refused.unwrap_err().to_string().contains("no longer"));
    let refused = store.records().callers().await;
    assert!(refused.unwrap_err().to_string().contains("no longer"));

    let other = Store::open(&state).await.unwrap();
    add(&other, "new").await;
    assert_eq!(next(&mut changes).await.unwrap(), Change::Replaced);
    while names(&store).await != ["new"] {
        next(&mut changes).await.unwrap();
    }
    // Both connections are to the new file.
    add(&store, "newer").await;
    assert_eq!(names(&other).await, ["new", "newer"]);
    other.close().await;
    drop(changes);
    store.close().await;

    let store = Store::open(&state).await.unwrap();
    let mut changes = store.changes();
    let good = std::fs::read(&path).unwrap();
    let mut bytes = good.clone();
    bytes[..4096].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    loop {
        let told = next(&mut changes).await;
        if told.is_err_and(|problem| problem.to_string().contains("is damaged")) {
            break;
        }
    }
    let refused = store.records().add_caller(&caller("more")).await;
    assert!(refused.unwrap_err().to_string().contains("is damaged"));
    let error = Store::open(&state).await.unwrap_err().to_string();
    assert!(error.contains("is damaged"), "{error}");
    std::fs::write(&path, good).unwrap();
    while next(&mut changes).await.is_err() {}
    assert_eq!(names(&store).await, ["new", "newer"]);
}

#[tokio::test]
async fn a_row_of_another_hand_is_an_error_with_its_table() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let connection = rusqlite::Connection::open(folder.path().join(DATABASE_FILE_NAME)).unwrap();
    connection
        .execute(
            "INSERT INTO callers VALUES ('Not A Name', zeroblob(32), 0)",
            [],
        )
        .unwrap();
    let error = store.records().callers().await.unwrap_err();
    assert!(
        matches!(error, Unavailable::Row { table, .. } if table == "callers"),
        "{error:?}"
    );
}

#[tokio::test]
async fn clear_text_has_no_row_and_a_row_of_another_hand_is_told() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let connection = rusqlite::Connection::open(folder.path().join(DATABASE_FILE_NAME)).unwrap();
    let insert = |name: &str, bytes: &[u8]| {
        connection.execute(
            "INSERT INTO sealed (name, version, put_microseconds, bytes) VALUES (?1, 1, 0, ?2)",
            rusqlite::params![name, bytes],
        )
    };
    let clear = insert("a", b"a refresh token in clear, and long enough for a row");
    assert!(clear.unwrap_err().to_string().contains("CHECK"));
    let mut of_a_later_form = b"WHS\x02".to_vec();
    of_a_later_form.resize(64, 0);
    insert("a", &of_a_later_form).unwrap();
    let name = SecretName::new("a").unwrap();
    let error = store.records().sealed(&name).await.unwrap_err();
    assert!(
        matches!(error, Unavailable::Row { table, .. } if table == "sealed"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_change_that_cannot_be_told_of_is_not_made() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let database = rusqlite::Connection::open(folder.path().join(DATABASE_FILE_NAME)).unwrap();
    database.execute_batch("DROP TABLE audit").unwrap();
    let records = store.records().by(Actor {
        at: Timestamp::UNIX_EPOCH,
        who: "ada".to_owned(),
        from: "here".to_owned(),
    });
    records.add_caller(&caller("billing")).await.unwrap_err();
    assert_eq!(records.callers().await.unwrap(), []);
    // Without a record to leave, it goes on.
    add(&store, "billing").await;
    records
        .remove_caller(&caller("billing").name)
        .await
        .unwrap_err();
    assert_eq!(names(&store).await, ["billing"]);
}

#[tokio::test]
async fn what_waits_for_a_disk_that_hangs_has_a_bound_also_when_who_asked_has_left() {
    let folder = TempDir::new().unwrap();
    let sqlite = super::Sqlite::open(folder.path()).await.unwrap();
    let (go_on, gate) = std::sync::mpsc::channel::<()>();
    let mut held = Box::pin(sqlite.write(move |_| {
        let _ = gate.recv_timeout(DEADLINE);
        Ok(())
    }));
    assert!((&mut held).now_or_never().is_none());
    // It has its place back once it is under way.
    let deadline = std::time::Instant::now() + DEADLINE;
    while sqlite.change_places.available_permits() < super::WAITING_LIMIT {
        assert!(std::time::Instant::now() < deadline, "it does not begin");
        tokio::task::yield_now().await;
    }
    for _ in 0..super::WAITING_LIMIT {
        assert!(sqlite.write(|_| Ok(())).now_or_never().is_none());
    }
    let refused = sqlite.write(|_| Ok(())).await.unwrap_err();
    let told = refused.to_string();
    assert!(
        matches!(refused, Unavailable::DatabaseBehind { .. }),
        "{told}"
    );
    // Questions have places of their own.
    sqlite.read(|_| Ok(())).await.unwrap();
    go_on.send(()).unwrap();
    held.await.unwrap();
    while sqlite.write(|_| Ok(())).await.is_err() {
        assert!(
            std::time::Instant::now() < deadline,
            "it takes nothing more"
        );
        tokio::task::yield_now().await;
    }
}
