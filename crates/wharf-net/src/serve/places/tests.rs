//! Who goes to make room, and that a drain reaches all.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::oneshot::Receiver;
use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Phase, Place, Places, Signal};

struct House {
    places: Arc<Places>,
    permits: Arc<Semaphore>,
    open: Arc<AtomicI64>,
}

impl House {
    fn new() -> Self {
        Self::with_arrival(Duration::ZERO)
    }

    fn with_arrival(arrival: Duration) -> Self {
        let open = Arc::new(AtomicI64::new(0));
        let counted = Arc::clone(&open);
        Self {
            places: Places::with_arrival(
                Arc::new(move |change| {
                    counted.fetch_add(change, Ordering::Relaxed);
                }),
                arrival,
            ),
            permits: Arc::new(Semaphore::new(16)),
            open,
        }
    }

    fn permit(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.permits).try_acquire_owned().unwrap()
    }

    fn take(&self, peer: u8) -> (Place, Receiver<Signal>) {
        let peer = SocketAddr::from(([10, 0, 0, peer], 1));
        self.places.take(peer, self.permit())
    }
}

#[test]
fn the_oldest_without_a_request_of_the_peer_with_most_goes_first() {
    let house = House::new();
    let (_lonely, mut lonely_signal) = house.take(1);
    let (busy, mut busy_signal) = house.take(2);
    let (_old, mut old_signal) = house.take(2);
    let (_young, mut young_signal) = house.take(2);
    busy.state.set(Phase::Busy);
    house.places.evict();
    assert_eq!(old_signal.try_recv(), Ok(Signal::Evict));
    for other in [&mut lonely_signal, &mut busy_signal, &mut young_signal] {
        assert_eq!(other.try_recv(), Err(TryRecvError::Empty));
    }
}

#[test]
fn who_has_a_request_keeps_its_place() {
    let house = House::new();
    let (place, mut signal) = house.take(1);
    for phase in [Phase::Busy, Phase::Answered] {
        place.state.set(phase);
        house.places.evict();
        assert_eq!(signal.try_recv(), Err(TryRecvError::Empty), "{phase:?}");
    }
    place.state.set(Phase::Lingering);
    house.places.evict();
    assert_eq!(signal.try_recv(), Ok(Signal::Evict));
    // One that did not go can be told again.
    place.state.set(Phase::Busy);
    let mut again = place.listen_again();
    place.state.rest(Instant::now());
    house.places.evict();
    assert_eq!(again.try_recv(), Ok(Signal::Evict));
}

#[test]
fn a_new_connection_keeps_its_place_until_its_request_had_time_to_come() {
    let house = House::with_arrival(Duration::from_secs(3_600));
    let (place, mut signal) = house.take(1);
    let (_other, mut other_signal) = house.take(1);
    house.places.evict();
    for signal in [&mut signal, &mut other_signal] {
        assert_eq!(signal.try_recv(), Err(TryRecvError::Empty));
    }
    place.state.begin();
    place.state.rest(Instant::now());
    house.places.evict();
    assert_eq!(signal.try_recv(), Ok(Signal::Evict));
    assert_eq!(other_signal.try_recv(), Err(TryRecvError::Empty));
}

#[test]
fn who_is_answered_at_once_is_counted_with_its_address() {
    let house = House::with_arrival(Duration::from_secs(3_600));
    let mut many: Vec<_> = (0..3).map(|_| house.take(1)).collect();
    let (modest, mut modest_signal) = house.take(2);
    let opened: Vec<_> = many
        .iter()
        .map(|(place, _)| place.state.since.load(Ordering::Relaxed))
        .collect();
    for ((place, _), opened) in many.iter().zip(opened) {
        place.state.begin();
        // In the millisecond in which the connection was opened.
        let at = house.places.started + Duration::from_millis(opened);
        place.state.rest(at);
    }
    modest.state.begin();
    let later = Instant::now() + Duration::from_millis(5);
    modest.state.rest(later);
    for (_, signal) in &mut many {
        house.places.evict();
        assert_eq!(signal.try_recv(), Ok(Signal::Evict));
        assert_eq!(modest_signal.try_recv(), Err(TryRecvError::Empty));
    }
}

#[test]
fn a_drain_tells_those_that_come_later_too() {
    let house = House::new();
    let (_before, mut early) = house.take(1);
    let until = tokio::time::Instant::now();
    house.places.drain(until);
    assert_eq!(early.try_recv(), Ok(Signal::Drain(until)));
    let (after, mut late) = house.take(1);
    assert_eq!(late.try_recv(), Ok(Signal::Drain(until)));
    assert_eq!(after.listen_again().try_recv(), Ok(Signal::Drain(until)));
}

#[test]
fn a_place_is_free_when_it_is_dropped() {
    let house = House::new();
    let taken: Vec<_> = (0..4).map(|peer| house.take(peer)).collect();
    assert_eq!(house.open.load(Ordering::Relaxed), 4);
    assert_eq!(house.permits.available_permits(), 12);
    drop(taken);
    assert_eq!(house.open.load(Ordering::Relaxed), 0);
    assert_eq!(house.permits.available_permits(), 16);
    // Nobody is left to be told.
    house.places.evict();
}
