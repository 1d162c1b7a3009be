//! What waits together is committed together; what fails leaves nothing.

use std::fs;
use std::path::Path;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::task::unconstrained;

use super::GROUP_LIMIT;
use crate::sqlite::Sqlite;
use crate::sqlite::error::Failure;
use crate::sqlite::open::DATABASE_FILE_NAME;
use crate::sqlite::tests::caller;
use crate::{Store, Unavailable};

/// Commits in the log of a database: a frame that ends one holds the size of the database then
/// (<https://www.sqlite.org/fileformat2.html#walformat>).
fn commits_in_log(folder: &Path) -> usize {
    let log = fs::read(folder.join(format!("{DATABASE_FILE_NAME}-wal"))).unwrap();
    let Some((header, frames)) = log.split_at_checked(32) else {
        return 0;
    };
    let salt = &header[16..24];
    frames
        .chunks_exact(24 + 4_096)
        .filter(|frame| frame[8..16] == *salt && frame[4..8] != [0; 4])
        .count()
}

#[tokio::test]
async fn many_who_wait_together_share_a_commit() {
    const WRITERS: usize = 200;
    const { assert!(WRITERS < GROUP_LIMIT) };
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let records = store.records();
    // As long as another one writes, the first group waits and the others gather behind it.
    let other = Connection::open(folder.path().join(DATABASE_FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = commits_in_log(folder.path());
    let all: Vec<_> = (0..WRITERS).map(|n| caller(&format!("c{n}"))).collect();
    let adding = all.iter().map(|one| records.add_caller(one));
    let mut adding = Box::pin(unconstrained(join_all(adding)));
    assert!((&mut adding).now_or_never().is_none());
    other.execute_batch("ROLLBACK").unwrap();
    for added in adding.await {
        added.unwrap();
    }
    let commits = store.commit_count();
    assert!((1..=2).contains(&commits), "{commits} commits");
    let in_log = commits_in_log(folder.path()) - before;
    assert_eq!(in_log as u64, commits);
    assert_eq!(records.callers().await.unwrap().len(), WRITERS);
}

#[tokio::test]
async fn one_after_the_other_is_one_commit_each() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    for n in 0..5 {
        let added = caller(&format!("c{n}"));
        store.records().add_caller(&added).await.unwrap();
        assert_eq!(store.commit_count(), n + 1);
    }
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_begun() {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).await.unwrap();
    let records = store.records();
    let other = Connection::open(folder.path().join(DATABASE_FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let all: Vec<_> = (0..50).map(|n| caller(&format!("c{n}"))).collect();
    let adding = all.iter().map(|one| records.add_caller(one));
    let mut adding = Box::pin(unconstrained(join_all(adding)));
    assert!((&mut adding).now_or_never().is_none());
    drop(adding);
    other.execute_batch("ROLLBACK").unwrap();
    records.add_caller(&caller("last")).await.unwrap();
    let made = records.callers().await.unwrap();
    assert!(made.iter().any(|of| of.name.as_str() == "last"));
    // Those that the first group held by then are made, and no group came of the others.
    assert!(store.commit_count() <= 2, "{}", store.commit_count());
}

#[tokio::test]
async fn a_full_disk_fails_the_group_and_leaves_nothing_of_it() {
    let folder = TempDir::new().unwrap();
    let sqlite = Sqlite::open(folder.path()).await.unwrap();
    let limit = |pages: i64| {
        sqlite.write(move |connection| {
            let set = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            let query = format!("PRAGMA max_page_count = {pages}");
            Ok(connection.query_row(&query, [], set)?)
        })
    };
    // It cannot be set below what is there.
    let pages = limit(1).await.unwrap();
    let fill = |connection: &Connection| -> Result<(), Failure> {
        connection.execute_batch("CREATE TABLE filler AS SELECT zeroblob(100000) AS bytes")?;
        Ok(())
    };
    let refused = sqlite.write(fill).await.unwrap_err();
    assert!(
        matches!(refused, Unavailable::DiskFull { .. }),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("no room left on disk"));
    assert_eq!(sqlite.callers().await.unwrap(), []);
    // It is tried anew, and there is room again.
    limit(pages + 1_000).await.unwrap();
    sqlite.write(fill).await.unwrap();
    sqlite
        .put_caller(caller("billing"), false, None)
        .await
        .unwrap();
    assert_eq!(sqlite.callers().await.unwrap(), [caller("billing")]);
}

#[tokio::test]
async fn a_statement_that_fails_takes_no_other_change_with_it() {
    let folder = TempDir::new().unwrap();
    let sqlite = Sqlite::open(folder.path()).await.unwrap();
    let half = |connection: &Connection| -> Result<(), Failure> {
        connection.execute("DELETE FROM callers", [])?;
        connection.execute("INSERT INTO callers VALUES ('a', zeroblob(1), 0)", [])?;
        Ok(())
    };
    let (first, failed, last) = tokio::join!(
        sqlite.put_caller(caller("first"), false, None),
        sqlite.write(half),
        sqlite.put_caller(caller("last"), false, None),
    );
    assert!(first.is_ok() && last.is_ok());
    let failed = failed.unwrap_err();
    assert!(matches!(failed, Unavailable::Failed { .. }), "{failed:?}");
    let callers = sqlite.callers().await.unwrap();
    assert_eq!(callers, [caller("first"), caller("last")]);
}
