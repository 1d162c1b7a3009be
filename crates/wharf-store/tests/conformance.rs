//! What every engine keeps: each case runs on all of them, and random ones compare them.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail and report like the tests themselves"
)]

#[path = "conformance/allowances.rs"]
mod allowances;
#[path = "conformance/audit.rs"]
mod audit;
#[path = "conformance/engines.rs"]
mod engines;
#[path = "conformance/events.rs"]
mod events;
#[path = "conformance/faults.rs"]
mod faults;
#[path = "conformance/journal.rs"]
mod journal;
#[path = "conformance/leases.rs"]
mod leases;
#[path = "conformance/list.rs"]
mod list;
#[path = "conformance/notices.rs"]
mod notices;
#[path = "conformance/random.rs"]
mod random;
#[path = "conformance/retention.rs"]
mod retention;
#[path = "conformance/sealed.rs"]
mod sealed;

use std::collections::HashSet;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::Timestamp;
use proptest::prelude::*;
use tempfile::TempDir;
use tokio::time::timeout;
use wharf_policy::caller::{CallerName, TokenHash};
use wharf_store::{AddError, CALLER_COUNT_LIMIT, CallerRecord, Change, Records, Store};

use self::engines::on_each;

const DEADLINE: Duration = Duration::from_secs(20);

fn name(text: &str) -> CallerName {
    CallerName::new(text).unwrap()
}

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

/// A caller with the token of this number.
fn caller(text: &str, token: u32, seconds: i64) -> CallerRecord {
    CallerRecord {
        name: name(text),
        created: second(seconds),
        token_hash: TokenHash::hash(&token.to_string()),
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

async fn names(records: &Records) -> Vec<String> {
    let callers = records.callers().await.unwrap();
    callers.into_iter().map(|of| of.name.to_string()).collect()
}

#[test]
fn what_was_added_is_listed_by_name() {
    on_each(async |store| {
        let records = store.records();
        assert_eq!(records.callers().await.unwrap(), []);
        let (billing, audit) = (caller("billing", 1, 1_700_000_000), caller("audit", 2, -5));
        records.add_caller(&billing).await.unwrap();
        records.add_caller(&audit).await.unwrap();
        assert_eq!(records.callers().await.unwrap(), [audit, billing]);
    });
}

#[test]
fn a_time_is_kept_to_the_microsecond() {
    on_each(async |store| {
        let records = store.records();
        let mut exact = caller("billing", 1, 0);
        exact.created = "2026-01-05T10:00:00.123456789Z".parse().unwrap();
        records.add_caller(&exact).await.unwrap();
        let kept = records.callers().await.unwrap();
        assert_eq!(
            kept[0].created,
            "2026-01-05T10:00:00.123456Z".parse().unwrap()
        );
        // What was added is known again by who added it.
        assert!(records.restore_caller(&exact, None).await.unwrap());
    });
}

#[test]
fn a_second_add_is_refused_and_changes_nothing() {
    on_each(async |store| {
        let records = store.records();
        records.add_caller(&caller("billing", 1, 0)).await.unwrap();
        let before = records.callers().await.unwrap();
        let error = records.add_caller(&caller("billing", 2, 60)).await;
        assert_eq!(
            error.unwrap_err().to_string(),
            "caller billing exists since 1970-01-01T00:00:00Z"
        );
        assert_eq!(records.callers().await.unwrap(), before);
    });
}

#[test]
fn a_token_has_one_caller() {
    on_each(async |store| {
        let records = store.records();
        records.add_caller(&caller("billing", 1, 0)).await.unwrap();
        records.add_caller(&caller("audit", 2, 0)).await.unwrap();
        for refused in [
            records.add_caller(&caller("other", 1, 0)).await,
            records
                .replace_caller(&caller("audit", 1, 0))
                .await
                .map(drop),
        ] {
            assert!(
                matches!(&refused, Err(AddError::TokenInUse { by, .. }) if *by == name("billing")),
                "{refused:?}"
            );
        }
        records
            .replace_caller(&caller("billing", 1, 9))
            .await
            .unwrap();
        assert_eq!(names(&records).await, ["audit", "billing"]);
    });
}

#[test]
fn replacing_ends_the_old_token_and_gives_it_back() {
    on_each(async |store| {
        let records = store.records();
        let (old, new) = (caller("billing", 1, 0), caller("billing", 2, 60));
        records.add_caller(&old).await.unwrap();
        assert_eq!(records.replace_caller(&new).await.unwrap(), Some(old));
        let audit = caller("audit", 3, 61);
        assert_eq!(records.replace_caller(&audit).await.unwrap(), None);
        assert_eq!(records.callers().await.unwrap(), [audit, new]);
    });
}

#[test]
fn what_was_taken_back_is_as_it_was() {
    on_each(async |store| {
        let records = store.records();
        let (old, new) = (caller("billing", 1, 0), caller("billing", 2, 60));
        records.add_caller(&old).await.unwrap();
        let before = records.replace_caller(&new).await.unwrap();
        assert!(records.restore_caller(&new, before.as_ref()).await.unwrap());
        assert_eq!(records.callers().await.unwrap(), std::slice::from_ref(&old));
        // Somebody else has changed it since.
        assert!(!records.restore_caller(&new, None).await.unwrap());
        assert_eq!(records.callers().await.unwrap(), std::slice::from_ref(&old));
        assert!(records.restore_caller(&old, None).await.unwrap());
        assert_eq!(records.callers().await.unwrap(), []);
        assert!(!records.restore_caller(&old, Some(&new)).await.unwrap());
    });
}

#[test]
fn a_token_that_another_has_by_now_is_not_given_back() {
    on_each(async |store| {
        let records = store.records();
        let (old, new) = (caller("billing", 1, 0), caller("billing", 2, 60));
        records.add_caller(&old).await.unwrap();
        let before = records.replace_caller(&new).await.unwrap();
        let other = caller("other", 1, 70);
        records.add_caller(&other).await.unwrap();
        assert!(!records.restore_caller(&new, before.as_ref()).await.unwrap());
        assert_eq!(records.callers().await.unwrap(), [new, other]);
    });
}

#[test]
fn removing_says_whether_there_was_one() {
    on_each(async |store| {
        let records = store.records();
        records.add_caller(&caller("billing", 1, 0)).await.unwrap();
        assert!(records.remove_caller(&name("billing")).await.unwrap());
        assert!(!records.remove_caller(&name("billing")).await.unwrap());
        assert_eq!(records.callers().await.unwrap(), []);
        records.add_caller(&caller("billing", 1, 1)).await.unwrap();
    });
}

#[test]
fn the_limit_refuses_new_names_only() {
    on_each(async |store| {
        let records = store.records();
        let all: Vec<_> = (0..CALLER_COUNT_LIMIT)
            .map(|n| caller(&format!("c{n}"), n, 0))
            .collect();
        for added in join_all(all.iter().map(|one| records.add_caller(one))).await {
            added.unwrap();
        }
        let more = caller("one-more", CALLER_COUNT_LIMIT, 0);
        for refused in [
            records.add_caller(&more).await,
            records.replace_caller(&more).await.map(drop),
        ] {
            assert!(matches!(refused, Err(AddError::TooMany)), "{refused:?}");
        }
        let another_token = caller("c7", CALLER_COUNT_LIMIT + 1, 0);
        records.replace_caller(&another_token).await.unwrap();
        assert!(records.remove_caller(&name("c7")).await.unwrap());
        records.add_caller(&more).await.unwrap();
    });
}

#[test]
fn changes_take_effect_in_the_order_in_which_they_were_asked_for() {
    on_each(async |store| {
        let records = store.records();
        for round in 0..50 {
            let added = caller("billing", round, 0);
            let (name, read) = (name("billing"), records.clone());
            let (added, removed, again) = tokio::join!(
                records.add_caller(&added),
                records.remove_caller(&name),
                records.remove_caller(&name),
            );
            added.unwrap();
            assert!(removed.unwrap() && !again.unwrap(), "round {round}");
            assert_eq!(read.callers().await.unwrap(), []);
        }
    });
}

#[test]
fn a_refused_change_takes_no_other_with_it() {
    on_each(async |store| {
        let records = store.records();
        let all: Vec<_> = (0..100)
            .map(|n| caller(&format!("c{}", n / 2), n, 0))
            .collect();
        let added = join_all(all.iter().map(|one| records.add_caller(one))).await;
        let outcomes: Vec<bool> = added.iter().map(Result::is_ok).collect();
        let one_of_two: Vec<bool> = (0..100).map(|n| n % 2 == 0).collect();
        assert_eq!(outcomes, one_of_two);
        assert_eq!(records.callers().await.unwrap().len(), 50);
    });
}

#[test]
fn a_call_that_is_dropped_leaves_a_change_made_or_not_and_the_store_usable() {
    on_each(async |store| {
        let records = store.records();
        for n in 0..100 {
            let added = caller(&format!("dropped-{n}"), n, 0);
            let mut adding = Box::pin(records.add_caller(&added));
            // Polled once, and gone.
            let _ = (&mut adding).now_or_never();
            drop(adding);
        }
        records.add_caller(&caller("kept", 1_000, 0)).await.unwrap();
        let callers = records.callers().await.unwrap();
        let hashes: HashSet<_> = callers.iter().map(|of| of.token_hash).collect();
        assert_eq!(hashes.len(), callers.len());
        assert!(callers.iter().any(|of| of.name == name("kept")));
    });
}

#[test]
fn every_handle_is_told_of_a_change_and_of_nothing_else() {
    on_each(async |store| {
        let records = store.records();
        let (mut one, mut two) = (store.changes(), store.clone().changes());
        let quiet = timeout(Duration::from_millis(600), one.next()).await;
        assert!(quiet.is_err(), "{quiet:?}");
        records.add_caller(&caller("billing", 1, 0)).await.unwrap();
        records.add_caller(&caller("audit", 2, 0)).await.unwrap();
        for changes in [&mut one, &mut two] {
            let mut seen = Vec::new();
            // What comes close together may be told as one, and is seen by who looks then.
            while seen != ["audit", "billing"] {
                let change = timeout(DEADLINE, changes.next()).await.unwrap();
                assert_eq!(change.unwrap(), Change::Content);
                seen = names(&records).await;
            }
        }
        // A subscription tells of what comes after it.
        let mut late = store.changes();
        let _ = timeout(Duration::from_millis(600), late.next()).await;
        records.remove_caller(&name("audit")).await.unwrap();
        let change = timeout(DEADLINE, late.next()).await.unwrap();
        assert_eq!(change.unwrap(), Change::Content);
    });
}

#[test]
fn no_hash_is_shown_by_a_handle() {
    on_each(async |store| {
        let records = store.records();
        records.add_caller(&caller("billing", 1, 0)).await.unwrap();
        let shown = format!("{store:?} {records:?}");
        assert!(!shown.contains("TokenHash"), "{shown}");
    });
}

/// Something that a caller of the store does.
#[derive(Clone, Debug)]
enum Step {
    Add(u8, u8),
    Replace(u8, u8),
    /// Replaces, and takes it back.
    ReplaceInVain(u8, u8),
    Remove(u8),
}

fn step() -> impl Strategy<Value = Step> {
    let (who, token) = (0..4_u8, 0..6_u8);
    prop_oneof![
        (who.clone(), token.clone()).prop_map(|(who, token)| Step::Add(who, token)),
        (who.clone(), token.clone()).prop_map(|(who, token)| Step::Replace(who, token)),
        (who.clone(), token).prop_map(|(who, token)| Step::ReplaceInVain(who, token)),
        who.prop_map(Step::Remove),
    ]
}

/// What a step came to, in words that compare.
async fn taken(records: &Records, step: &Step, at: i64) -> String {
    let of = |who: u8, token: u8| caller(&format!("c{who}"), token.into(), at);
    match *step {
        Step::Add(who, token) => format!("{:?}", records.add_caller(&of(who, token)).await),
        Step::Replace(who, token) => format!("{:?}", records.replace_caller(&of(who, token)).await),
        Step::ReplaceInVain(who, token) => {
            let new = of(who, token);
            match records.replace_caller(&new).await {
                Ok(before) => {
                    let restored = records.restore_caller(&new, before.as_ref()).await;
                    format!("{before:?} {restored:?}")
                }
                refused => format!("{refused:?}"),
            }
        }
        Step::Remove(who) => {
            format!(
                "{:?}",
                records.remove_caller(&name(&format!("c{who}"))).await
            )
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
            for (at, step) in (0..).zip(&steps) {
                let outcome = taken(&store.records(), step, at).await;
                prop_assert_eq!(outcome, taken(&model.records(), step, at).await, "{:?}", step);
            }
            let expected = model.records().callers().await.unwrap();
            prop_assert_eq!(store.records().callers().await.unwrap(), expected.clone());
            store.close().await;
            let again = Store::open(folder.path()).await.unwrap();
            prop_assert_eq!(again.records().callers().await.unwrap(), expected);
            Ok(())
        })?;
    }
}
