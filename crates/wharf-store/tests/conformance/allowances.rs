//! Allowances: what is taken counts as spent until it is settled.

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use wharf_store::{Allowance, AllowanceKey, Allowances, Name, Store, UNIT_LIMIT};

use super::engines::{Ending, on_each, on_each_engine, on_model};

fn key(period: i64) -> AllowanceKey {
    AllowanceKey {
        name: Name::new("stripe/monthly").unwrap(),
        period,
    }
}

async fn stands(store: &Store, period: i64) -> (u64, u64, u64) {
    let Allowance {
        cap,
        taken,
        settled,
    } = store
        .allowances()
        .look(&key(period))
        .await
        .unwrap()
        .unwrap();
    (cap, taken, settled)
}

async fn units(allowances: &Allowances, cap: u64, want: u64) -> Option<u64> {
    let chunk = allowances.take(&key(1), cap, want).await.unwrap();
    chunk.map(|chunk| chunk.units())
}

#[test]
fn no_more_is_taken_than_the_cap() {
    on_each(async |store| {
        let allowances = store.allowances();
        assert_eq!(allowances.look(&key(1)).await.unwrap(), None);
        assert_eq!(units(&allowances, 100, 60).await, Some(60));
        assert_eq!(units(&allowances, 100, 60).await, Some(40));
        assert_eq!(units(&allowances, 100, 60).await, None);
        assert_eq!(stands(&store, 1).await, (100, 100, 0));
    });
}

#[test]
fn settling_gives_back_what_was_not_spent() {
    on_each(async |store| {
        let allowances = store.allowances();
        let chunk = allowances.take(&key(1), 100, 60).await.unwrap().unwrap();
        allowances.settle(chunk, 25).await.unwrap();
        assert_eq!(stands(&store, 1).await, (100, 25, 25));
        assert_eq!(units(&allowances, 100, 100).await, Some(75));
    });
}

#[test]
fn more_than_was_granted_counts_as_all_of_it() {
    on_each(async |store| {
        let allowances = store.allowances();
        let chunk = allowances.take(&key(1), 100, 60).await.unwrap().unwrap();
        allowances.settle(chunk, u64::MAX).await.unwrap();
        assert_eq!(stands(&store, 1).await, (100, 60, 60));
    });
}

#[test]
fn a_cap_that_is_lowered_below_what_was_taken_leaves_nothing() {
    on_each(async |store| {
        let allowances = store.allowances();
        let chunk = allowances.take(&key(1), 100, 60).await.unwrap().unwrap();
        assert_eq!(units(&allowances, 50, 1).await, None);
        assert_eq!(stands(&store, 1).await, (50, 60, 0));
        allowances.settle(chunk, 0).await.unwrap();
        assert_eq!(units(&allowances, 50, 60).await, Some(50));
        // And one that is raised leaves more.
        assert_eq!(units(&allowances, 70, 60).await, Some(20));
    });
}

#[test]
fn wanting_nothing_takes_nothing_and_says_the_cap() {
    on_each(async |store| {
        let allowances = store.allowances();
        assert_eq!(units(&allowances, 100, 0).await, None);
        assert_eq!(stands(&store, 1).await, (100, 0, 0));
        assert_eq!(units(&allowances, 0, 10).await, None);
        assert_eq!(stands(&store, 1).await, (0, 0, 0));
    });
}

#[test]
fn periods_and_names_are_apart() {
    on_each(async |store| {
        let allowances = store.allowances();
        let other = AllowanceKey {
            name: Name::new("other").unwrap(),
            period: 1,
        };
        for key in [key(1), key(2), key(i64::MIN), key(i64::MAX), other] {
            let chunk = allowances.take(&key, 10, 100).await.unwrap().unwrap();
            assert_eq!(chunk.units(), 10);
        }
    });
}

#[test]
fn forgetting_takes_earlier_periods_of_a_name_with_their_chunks() {
    on_each(async |store| {
        let allowances = store.allowances();
        let mut chunks = Vec::new();
        for period in 1..=3 {
            chunks.push(allowances.take(&key(period), 10, 4).await.unwrap().unwrap());
        }
        let other = AllowanceKey {
            name: Name::new("other").unwrap(),
            period: 1,
        };
        let of_other = allowances.take(&other, 10, 4).await.unwrap().unwrap();
        assert_eq!(allowances.forget(&key(0).name, 3).await.unwrap(), 2);
        assert_eq!(allowances.forget(&key(0).name, 3).await.unwrap(), 0);
        assert_eq!(allowances.look(&key(2)).await.unwrap(), None);
        // A period that begins anew has nothing to do with chunks of the one that was forgotten.
        assert!(allowances.take(&key(2), 10, 7).await.unwrap().is_some());
        for chunk in chunks {
            allowances.settle(chunk, 1).await.unwrap();
        }
        allowances.settle(of_other, 4).await.unwrap();
        assert_eq!(stands(&store, 2).await, (10, 7, 0));
        assert_eq!(stands(&store, 3).await, (10, 1, 1));
        assert!(allowances.look(&other).await.unwrap().is_some());
    });
}

#[test]
fn a_chunk_that_nobody_settles_stays_spent() {
    for ending in [Ending::Closed, Ending::Dropped] {
        on_each_engine(async |engine| {
            {
                let allowances = engine.store().allowances();
                let kept = allowances.take(&key(1), 100, 30).await.unwrap().unwrap();
                let lost = allowances.take(&key(1), 100, 50).await.unwrap();
                assert_eq!(lost.map(|chunk| chunk.units()), Some(50));
                allowances.settle(kept, 10).await.unwrap();
            }
            engine.reopen(ending).await;
            let store = engine.store();
            assert_eq!(stands(&store, 1).await, (100, 60, 10));
            assert_eq!(units(&store.allowances(), 100, 100).await, Some(40));
        });
    }
}

#[test]
fn units_above_the_bound_count_as_the_bound() {
    on_each(async |store| {
        let allowances = store.allowances();
        let all = units(&allowances, u64::MAX, u64::MAX).await;
        assert_eq!(all, Some(UNIT_LIMIT));
        assert_eq!(stands(&store, 1).await, (UNIT_LIMIT, UNIT_LIMIT, 0));
        assert_eq!(units(&allowances, u64::MAX, 1).await, None);
    });
}

#[test]
fn many_who_take_at_once_stay_within_the_cap() {
    on_each(async |store| {
        let allowances = store.allowances();
        let taken = join_all((0..100).map(|_| units(&allowances, 250, 7))).await;
        let sum: u64 = taken.into_iter().flatten().sum();
        assert_eq!(sum, 250);
    });
}

#[test]
fn a_take_that_is_dropped_counts_as_spent_or_was_not_made() {
    on_each(async |store| {
        let allowances = store.allowances();
        let allowance = key(1);
        for _ in 0..20 {
            let mut taking = Box::pin(allowances.take(&allowance, 100, 3));
            let _ = (&mut taking).now_or_never();
        }
        let rest = units(&allowances, 100, 100).await.unwrap();
        assert!(
            (40..=100).contains(&rest) && (100 - rest) % 3 == 0,
            "{rest}"
        );
        assert_eq!(stands(&store, 1).await, (100, 100, 0));
    });
}

#[test]
fn a_chunk_that_could_not_be_settled_is_given_back_and_settled_once() {
    on_model(async |engine| {
        let (store, model) = (engine.store(), engine.model());
        let allowances = store.allowances();
        let chunk = allowances.take(&key(1), 100, 60).await.unwrap().unwrap();
        model.away(true);
        let error = allowances.settle(chunk, 20).await.unwrap_err();
        assert!(error.to_string().contains("all of it counts as spent"));
        model.away(false);
        assert_eq!(stands(&store, 1).await, (100, 60, 0));
        allowances.settle(error.chunk, 20).await.unwrap();
        assert_eq!(stands(&store, 1).await, (100, 20, 20));
    });
}
