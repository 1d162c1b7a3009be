//! Leases: epochs rise, and a holder stops before its term ends.

use std::time::Duration;

use tokio::time::{Instant, timeout};
use wharf_store::{Leases, Name, OwnError, TERM_LIMITS};

use super::DEADLINE;
use super::engines::{Ending, on_each, on_each_engine, on_model};
use super::events::lane;

const TERM: Duration = Duration::from_secs(600);

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// Asks until it is granted.
async fn acquired(leases: &Leases, name: &Name, term: Duration) -> wharf_store::Lease {
    let asking = async {
        loop {
            if let Some(lease) = leases.acquire(name, term).await.unwrap() {
                return lease;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(DEADLINE, asking).await.unwrap()
}

#[test]
fn each_holder_has_a_higher_epoch() {
    on_each(async |store| {
        let leases = store.leases();
        let first = leases
            .acquire(&name("probes"), TERM)
            .await
            .unwrap()
            .unwrap();
        let old = first.epoch();
        leases.release(first).await.unwrap();
        let second = leases
            .acquire(&name("probes"), TERM)
            .await
            .unwrap()
            .unwrap();
        assert!(second.epoch() > old);
        assert_eq!(second.name(), &name("probes"));
        // Another lease has nothing to do with it.
        let other = leases.acquire(&name("other"), TERM).await.unwrap();
        assert!(other.is_some());
    });
}

#[test]
fn a_holder_stops_after_two_thirds_of_the_term() {
    on_each(async |store| {
        let before = Instant::now();
        let leases = store.leases();
        let lease = leases
            .acquire(&name("probes"), TERM)
            .await
            .unwrap()
            .unwrap();
        let after = Instant::now();
        assert_eq!(lease.term(), TERM);
        let two_thirds = TERM * 2 / 3;
        assert!(lease.valid_until() >= before + two_thirds);
        assert!(lease.valid_until() <= after + two_thirds);
        assert!(lease.is_valid());
    });
}

#[test]
fn renewing_keeps_the_epoch_and_begins_another_term() {
    on_each(async |store| {
        let leases = store.leases();
        let lease = leases
            .acquire(&name("probes"), TERM)
            .await
            .unwrap()
            .unwrap();
        let renewed = leases.renew(&lease).await.unwrap().unwrap();
        assert_eq!(renewed.epoch(), lease.epoch());
        assert!(renewed.valid_until() >= lease.valid_until());
    });
}

#[test]
fn a_lease_that_was_given_back_is_not_renewed() {
    on_each(async |store| {
        let leases = store.leases();
        let lease = leases
            .acquire(&name("probes"), TERM)
            .await
            .unwrap()
            .unwrap();
        leases.release(lease.clone()).await.unwrap();
        assert!(leases.renew(&lease).await.unwrap().is_none());
        // Nor given back again, from whoever has it by then.
        let next = leases
            .acquire(&name("probes"), TERM)
            .await
            .unwrap()
            .unwrap();
        leases.release(lease).await.unwrap();
        assert!(leases.renew(&next).await.unwrap().is_some());
    });
}

#[test]
fn a_lease_that_has_ended_is_not_renewed_and_makes_nobody_an_owner() {
    on_each(async |store| {
        let leases = store.leases();
        let short = TERM_LIMITS.0;
        let lease = leases
            .acquire(&name("probes"), short)
            .await
            .unwrap()
            .unwrap();
        tokio::time::sleep_until(lease.valid_until()).await;
        assert!(!lease.is_valid());
        let refused = store.events().own(lane(), &lease).await;
        assert!(
            matches!(refused, Err(OwnError::LeaseEnded { .. })),
            "{refused:?}"
        );
        tokio::time::sleep_until(lease.valid_until() + short / 3).await;
        assert!(leases.renew(&lease).await.unwrap().is_none());
        let next = acquired(&leases, &name("probes"), TERM).await;
        assert!(next.epoch() > lease.epoch());
    });
}

#[test]
fn terms_are_kept_within_their_bounds() {
    on_each(async |store| {
        let leases = store.leases();
        let short = leases
            .acquire(&name("short"), Duration::ZERO)
            .await
            .unwrap();
        assert_eq!(short.unwrap().term(), TERM_LIMITS.0);
        let long = leases.acquire(&name("long"), Duration::MAX).await.unwrap();
        assert_eq!(long.unwrap().term(), TERM_LIMITS.1);
    });
}

#[test]
fn epochs_go_on_rising_when_the_store_is_opened_again() {
    for ending in [Ending::Closed, Ending::Dropped] {
        on_each_engine(async |engine| {
            let leases = engine.store().leases();
            let lease = leases
                .acquire(&name("probes"), TERM)
                .await
                .unwrap()
                .unwrap();
            leases.release(lease.clone()).await.unwrap();
            drop(leases);
            engine.reopen(ending).await;
            let leases = engine.store().leases();
            let next = leases
                .acquire(&name("probes"), TERM)
                .await
                .unwrap()
                .unwrap();
            assert!(next.epoch() > lease.epoch());
        });
    }
}

#[test]
fn names_go_up_to_their_bound() {
    on_each(async |store| {
        let leases = store.leases();
        let longest = name(&"é".repeat(127));
        let lease = leases.acquire(&longest, TERM).await.unwrap().unwrap();
        assert_eq!(lease.name(), &longest);
        assert!(leases.renew(&lease).await.unwrap().is_some());
    });
}

#[test]
fn a_lease_that_another_node_has_is_lost_and_comes_back_with_a_higher_epoch() {
    on_model(async |engine| {
        let (store, model) = (engine.store(), engine.model());
        let leases = store.leases();
        let lease = leases
            .acquire(&name("probes"), TERM)
            .await
            .unwrap()
            .unwrap();
        assert!(
            leases
                .acquire(&name("probes"), TERM)
                .await
                .unwrap()
                .is_none()
        );
        model.take_lease(&name("probes"));
        assert!(leases.renew(&lease).await.unwrap().is_none());
        assert!(
            leases
                .acquire(&name("probes"), TERM)
                .await
                .unwrap()
                .is_none()
        );
        // What is late ends nobody else's.
        leases.release(lease.clone()).await.unwrap();
        assert!(
            leases
                .acquire(&name("probes"), TERM)
                .await
                .unwrap()
                .is_none()
        );
        model.give_back(&name("probes"));
        let next = leases
            .acquire(&name("probes"), TERM)
            .await
            .unwrap()
            .unwrap();
        assert!(next.epoch().number() > lease.epoch().number() + 1);
        // Only another node's is given back so.
        model.give_back(&name("probes"));
        assert!(leases.renew(&next).await.unwrap().is_some());
    });
}
