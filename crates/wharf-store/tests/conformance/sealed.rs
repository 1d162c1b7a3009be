//! Sealed secrets: one wins, what is stored is what was sealed, and another key changes nothing else.

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;
use wharf_policy::sealed::{KeyId, Sealed, SecretName, SecretVersion};
use wharf_store::{
    Change, KeyUse, PutSealedError, RESEAL_COUNT_LIMIT, Records, Resealed, SEALED_COUNT_LIMIT,
    SealedRecord, Store,
};

use super::{DEADLINE, block_on, on_each, second};

const fn key(number: u8) -> KeyId {
    KeyId::from_bytes([number; 8])
}

fn name(text: &str) -> SecretName {
    SecretName::new(text).unwrap()
}

fn version(number: u64) -> SecretVersion {
    SecretVersion::new(number).unwrap()
}

/// Bytes in the form; `content` stands for what was sealed.
fn sealed(by: KeyId, content: &str) -> Sealed {
    let encrypted = [content.as_bytes(), &[0; 16]].concat();
    Sealed::from_parts(by, &[0x5a; 12], &encrypted).unwrap()
}

fn record(of: &str, number: u64, by: u8, content: &str) -> SealedRecord {
    SealedRecord {
        name: name(of),
        version: version(number),
        put: second(1_700_000_000),
        sealed: sealed(key(by), content),
    }
}

async fn put(records: &Records, of: &str, number: u64, by: u8) -> SealedRecord {
    let record = record(of, number, by, &format!("{of} {number}"));
    records.put_sealed(&record).await.unwrap();
    record
}

/// The same secret under another key.
fn under(record: &SealedRecord, by: u8) -> Resealed {
    let after = sealed(key(by), &format!("{} {}", record.name, record.version));
    Resealed {
        before: record.clone(),
        after,
    }
}

#[test]
fn what_was_put_is_read_again() {
    on_each(async |store| {
        let records = store.records();
        let mut put = record("paypal/production/refresh-token", 1, 1, "one");
        put.put = "2026-01-05T10:00:00.123456789Z".parse().unwrap();
        assert_eq!(records.sealed(&put.name).await.unwrap(), None);
        records.put_sealed(&put).await.unwrap();
        let read = records.sealed(&put.name).await.unwrap().unwrap();
        let at: Timestamp = "2026-01-05T10:00:00.123456Z".parse().unwrap();
        assert_eq!(read, SealedRecord { put: at, ..put });
        let other = name("paypal/production/refresh-token2");
        assert_eq!(records.sealed(&other).await.unwrap(), None);
    });
}

#[test]
fn a_put_replaces_the_version_before_its_own_and_no_other() {
    on_each(async |store| {
        let records = store.records();
        for number in [2, 7] {
            let refused = records.put_sealed(&record("a", number, 1, "early")).await;
            assert_eq!(
                refused.unwrap_err().to_string(),
                format!(
                    "version {number} of the stored secret a was not put, since there is no such \
                     secret any more; read it again, and replace what is there only if it is still \
                     needed"
                )
            );
        }
        put(&records, "a", 1, 1).await;
        let kept = put(&records, "a", 2, 1).await;
        for number in [1, 2, 4, 9] {
            let refused = records.put_sealed(&record("a", number, 1, "late")).await;
            assert!(
                matches!(
                    &refused,
                    Err(PutSealedError::Conflict { found: Some(found), .. })
                        if *found == version(2)
                ),
                "{refused:?}"
            );
        }
        assert_eq!(records.sealed(&kept.name).await.unwrap(), Some(kept));
    });
}

#[test]
fn of_many_that_put_the_same_version_one_wins() {
    on_each(async |store| {
        let records = store.records();
        for number in 1..=20 {
            let all: Vec<_> = (0..8)
                .map(|who| record("a", number, 1, &format!("by {who}")))
                .collect();
            let puts = join_all(all.iter().map(|one| records.put_sealed(one))).await;
            let won: Vec<_> = puts.iter().map(Result::is_ok).collect();
            assert_eq!(won.iter().filter(|won| **won).count(), 1, "{puts:?}");
            let winner = won.iter().position(|won| *won).unwrap();
            let read = records.sealed(&name("a")).await.unwrap().unwrap();
            assert_eq!(read.sealed, all[winner].sealed);
        }
    });
}

#[test]
fn the_last_version_that_there_can_be_is_refused_by_what_is_there_alone() {
    on_each(async |store| {
        let records = store.records();
        let last = version(i64::MAX.cast_unsigned());
        assert_eq!(last.next(), None);
        // A put of it is refused by what is there, and by nothing else.
        let refused = records
            .put_sealed(&record("a", last.number(), 1, "last"))
            .await;
        assert!(
            matches!(refused, Err(PutSealedError::Conflict { version, found: None, .. }) if version == last)
        );
    });
}

#[test]
fn what_another_version_has_is_not_removed() {
    on_each(async |store| {
        let records = store.records();
        put(&records, "a", 1, 1).await;
        put(&records, "a", 2, 1).await;
        let a = name("a");
        assert!(!records.remove_sealed(&a, version(1)).await.unwrap());
        assert!(!records.remove_sealed(&name("b"), version(2)).await.unwrap());
        assert!(records.remove_sealed(&a, version(2)).await.unwrap());
        assert!(!records.remove_sealed(&a, version(2)).await.unwrap());
        assert_eq!(records.sealed(&a).await.unwrap(), None);
        put(&records, "a", 1, 1).await;
    });
}

#[test]
fn the_limit_refuses_new_names_only() {
    on_each(async |store| {
        let records = store.records();
        let all: Vec<_> = (0..SEALED_COUNT_LIMIT)
            .map(|n| record(&format!("n{n}"), 1, 1, "x"))
            .collect();
        for put in join_all(all.iter().map(|one| records.put_sealed(one))).await {
            put.unwrap();
        }
        let more = record("one-more", 1, 1, "x");
        let refused = records.put_sealed(&more).await;
        assert!(
            matches!(refused, Err(PutSealedError::TooMany)),
            "{refused:?}"
        );
        put(&records, "n7", 2, 1).await;
        assert!(
            records
                .remove_sealed(&name("n7"), version(2))
                .await
                .unwrap()
        );
        records.put_sealed(&more).await.unwrap();
    });
}

#[test]
fn keys_are_counted_by_what_they_seal() {
    on_each(async |store| {
        let records = store.records();
        assert_eq!(records.sealing_keys().await.unwrap(), []);
        for (of, by) in [("a", 2), ("b", 1), ("c", 2)] {
            put(&records, of, 1, by).await;
        }
        put(&records, "b", 2, 3).await;
        let counted = records.sealing_keys().await.unwrap();
        let expected = [(2, 2), (3, 1)].map(|(by, secrets)| KeyUse {
            key: key(by),
            secrets,
        });
        assert_eq!(counted, expected);
    });
}

#[test]
fn secrets_of_other_keys_are_found_a_piece_at_a_time() {
    on_each(async |store| {
        let records = store.records();
        let most = RESEAL_COUNT_LIMIT as usize;
        for n in 0..2 * most + 3 {
            put(&records, &format!("old/{n:04}"), 1, 1).await;
            put(&records, &format!("new/{n:04}"), 1, 2).await;
        }
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let piece = records.not_sealed_with(key(2), after.as_ref()).await;
            let piece = piece.unwrap();
            assert!(piece.len() <= most);
            let Some(last) = piece.last() else { break };
            after = Some(last.name.clone());
            seen.extend(piece.into_iter().map(|of| of.name.to_string()));
        }
        let all: Vec<_> = (0..2 * most + 3).map(|n| format!("old/{n:04}")).collect();
        assert_eq!(seen, all);
    });
}

#[test]
fn another_key_changes_the_bytes_and_nothing_else() {
    on_each(async |store| {
        let records = store.records();
        let (a, b) = (
            put(&records, "a", 1, 1).await,
            put(&records, "b", 1, 1).await,
        );
        let all = vec![under(&a, 2), under(&b, 2)];
        assert_eq!(records.reseal(all.clone()).await.unwrap(), 2);
        for (before, resealed) in [&a, &b].into_iter().zip(&all) {
            let read = records.sealed(&before.name).await.unwrap().unwrap();
            let sealed = resealed.after.clone();
            assert_eq!(
                read,
                SealedRecord {
                    sealed,
                    ..before.clone()
                }
            );
        }
        // Again, it finds nothing to change.
        assert_eq!(records.reseal(all).await.unwrap(), 0);
        // A refresh that began before goes through, since the version is the same.
        put(&records, "a", 2, 1).await;
    });
}

#[test]
fn what_was_put_or_removed_meanwhile_is_not_resealed() {
    on_each(async |store| {
        let records = store.records();
        let (a, b, c) = (
            put(&records, "a", 1, 1).await,
            put(&records, "b", 1, 1).await,
            put(&records, "c", 1, 1).await,
        );
        let newer = put(&records, "a", 2, 1).await;
        records.remove_sealed(&b.name, b.version).await.unwrap();
        let all = [&a, &b, &c].map(|of| under(of, 2)).to_vec();
        assert_eq!(records.reseal(all).await.unwrap(), 1);
        assert_eq!(records.sealed(&a.name).await.unwrap(), Some(newer));
        assert_eq!(records.sealed(&b.name).await.unwrap(), None);
    });
}

#[test]
fn one_reseal_is_bounded() {
    on_each(async |store| {
        let records = store.records();
        let mut all = Vec::new();
        for n in 0..=RESEAL_COUNT_LIMIT {
            all.push(under(&put(&records, &format!("n{n:04}"), 1, 1).await, 2));
        }
        let changed = records.reseal(all).await.unwrap();
        assert_eq!(changed, u64::from(RESEAL_COUNT_LIMIT));
        let left = records.not_sealed_with(key(2), None).await.unwrap();
        assert_eq!(left.len(), 1);
    });
}

#[test]
fn a_put_that_is_dropped_is_made_or_not() {
    on_each(async |store| {
        let records = store.records();
        for n in 0..50 {
            let one = record(&format!("n{n}"), 1, 1, "x");
            let mut putting = Box::pin(records.put_sealed(&one));
            let _ = (&mut putting).now_or_never();
            drop(putting);
        }
        let kept = put(&records, "kept", 1, 1).await;
        assert_eq!(records.sealed(&kept.name).await.unwrap(), Some(kept));
        for n in 0..50 {
            let found = records.sealed(&name(&format!("n{n}"))).await.unwrap();
            assert!(found.is_none_or(|found| found.sealed == sealed(key(1), "x")));
        }
    });
}

#[test]
fn a_put_is_told_as_a_change() {
    on_each(async |store| {
        let mut changes = store.changes();
        put(&store.records(), "a", 1, 1).await;
        let change = tokio::time::timeout(DEADLINE, changes.next()).await;
        assert_eq!(change.unwrap().unwrap(), Change::Content);
    });
}

#[test]
fn no_bytes_are_shown() {
    let shown = format!("{:?}", record("a", 1, 1, "zzzz"));
    assert!(shown.contains("KeyId(0101010101010101)"), "{shown}");
    for bytes in ["122", "7a", "5a", "zz", "90"] {
        let behind = shown.split("sealed: Sealed").nth(1).unwrap();
        assert!(!behind.contains(bytes), "{bytes}: {shown}");
    }
}

/// Something that a caller of the store does.
#[derive(Clone, Debug)]
enum Step {
    Put(u8, u64, u8),
    Remove(u8, u64),
    /// Reseals what was read, or what was there when it was read before.
    Reseal(u8, u8, bool),
    List(u8, u8),
}

fn step() -> impl Strategy<Value = Step> {
    let (who, number, by) = (0..3_u8, 1..5_u64, 1..4_u8);
    prop_oneof![
        4 => (who.clone(), number.clone(), by.clone())
            .prop_map(|(who, number, by)| Step::Put(who, number, by)),
        1 => (who.clone(), number).prop_map(|(who, number)| Step::Remove(who, number)),
        2 => (who.clone(), by.clone(), any::<bool>())
            .prop_map(|(who, by, is_old)| Step::Reseal(who, by, is_old)),
        1 => (who, by).prop_map(|(who, by)| Step::List(who, by)),
    ]
}

/// What a step came to, in words that compare. `old` holds what was read last of each.
async fn taken(records: &Records, step: &Step, old: &mut [Option<SealedRecord>; 3]) -> String {
    match *step {
        Step::Put(who, number, by) => {
            let put = record(&format!("n{who}"), number, by, &format!("{who} {number}"));
            format!("{:?}", records.put_sealed(&put).await)
        }
        Step::Remove(who, number) => {
            let of = name(&format!("n{who}"));
            format!("{:?}", records.remove_sealed(&of, version(number)).await)
        }
        Step::Reseal(who, by, is_old) => {
            let now = records.sealed(&name(&format!("n{who}"))).await.unwrap();
            let before = std::mem::replace(&mut old[usize::from(who)], now.clone());
            match if is_old { before } else { now } {
                Some(read) => format!("{:?}", records.reseal(vec![under(&read, by)]).await),
                None => "nothing".to_owned(),
            }
        }
        Step::List(who, by) => {
            let after = name(&format!("n{who}"));
            let found = records.not_sealed_with(key(by), Some(&after)).await;
            format!("{found:?} {:?}", records.sealing_keys().await)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn engines_agree_on_whatever_is_done(steps in prop::collection::vec(step(), 1..60)) {
        let folder = TempDir::new().unwrap();
        block_on(async {
            let (store, model) = (Store::open(folder.path()).await.unwrap(), Store::in_memory());
            let mut old = <[[Option<SealedRecord>; 3]; 2]>::default();
            for step in &steps {
                let outcome = taken(&store.records(), step, &mut old[0]).await;
                let expected = taken(&model.records(), step, &mut old[1]).await;
                prop_assert_eq!(outcome, expected, "{:?}", step);
            }
            store.close().await;
            let again = Store::open(folder.path()).await.unwrap();
            for who in 0..3 {
                let of = name(&format!("n{who}"));
                let kept = again.records().sealed(&of).await.unwrap();
                prop_assert_eq!(kept, model.records().sealed(&of).await.unwrap());
            }
            Ok(())
        })?;
    }
}
