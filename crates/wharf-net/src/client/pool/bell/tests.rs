use std::pin::pin;
use std::task::Context;

use proptest::prelude::*;

use super::*;

/// Whether it was rung for since it looked. Looks.
fn was_rung(place: &Place) -> bool {
    let mut cx = Context::from_waker(Waker::noop());
    pin!(place.rung()).poll(&mut cx).is_ready()
}

#[test]
fn who_finds_nothing_keeps_its_place() {
    let bell = Arc::new(Bell::default());
    let (first, second) = (bell.queue_up(), bell.queue_up());
    for _ in 0..3 {
        bell.ring();
        assert!(was_rung(&first));
        assert!(
            !was_rung(&second),
            "the first is before it, however often it looked"
        );
    }
    bell.ring();
    bell.ring();
    assert!(was_rung(&second), "two rings are for two");
    assert!(was_rung(&first));
    drop(first);
    assert!(!was_rung(&second), "who has looked has nothing to pass on");
}

#[test]
fn a_ring_for_one_that_leaves_is_for_the_next() {
    let bell = Arc::new(Bell::default());
    let (first, second) = (bell.queue_up(), bell.queue_up());
    bell.ring();
    drop(first);
    assert!(was_rung(&second));
    assert_eq!(bell.waiting(), 1);
}

#[test]
fn a_ring_that_nobody_hears_is_for_the_next_that_comes_and_no_other() {
    let bell = Arc::new(Bell::default());
    bell.ring();
    bell.ring();
    let (first, second) = (bell.queue_up(), bell.queue_up());
    assert!(was_rung(&first));
    assert!(!was_rung(&second) && !was_rung(&first));
}

#[tokio::test]
async fn who_waits_is_woken_in_order() {
    let bell = Arc::new(Bell::default());
    let served = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for number in 0..10 {
        let (place, served) = (bell.queue_up(), Arc::clone(&served));
        tasks.push(tokio::spawn(async move {
            place.rung().await;
            served.lock().unwrap().push(number);
        }));
    }
    tokio::task::yield_now().await;
    for _ in 0..4 {
        bell.ring();
    }
    tokio::task::yield_now().await;
    assert_eq!(*served.lock().unwrap(), [0, 1, 2, 3]);
    bell.ring_for_all();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*served.lock().unwrap(), (0..10).collect::<Vec<_>>());
    assert_eq!(bell.waiting(), 0);
}

/// What can happen to a bell.
#[derive(Clone, Copy, Debug)]
enum Step {
    Come,
    Ring,
    RingForAll,
    /// Of those that wait, the one at this place, counted round.
    Look(usize),
    Leave(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Come),
        4 => Just(Step::Ring),
        1 => Just(Step::RingForAll),
        4 => (0..8_usize).prop_map(Step::Look),
        2 => (0..8_usize).prop_map(Step::Leave),
    ]
}

proptest! {
    // The model: rings go to the first without one, those of who leaves to the next, and one that
    // nobody can have waits for who comes.
    #[test]
    fn no_ring_is_lost_and_none_is_heard_twice(steps in proptest::collection::vec(step(), 0..60)) {
        let bell = Arc::new(Bell::default());
        let mut places: Vec<(Place, bool)> = Vec::new();
        let mut unheard = false;
        let ring = |places: &mut Vec<(Place, bool)>, unheard: &mut bool| {
            match places.iter_mut().find(|(_, rung)| !*rung) {
                Some((_, rung)) => *rung = true,
                None => *unheard = true,
            }
        };
        for step in steps {
            match step {
                Step::Come => places.push((bell.queue_up(), std::mem::take(&mut unheard))),
                Step::Ring => {
                    bell.ring();
                    ring(&mut places, &mut unheard);
                }
                Step::RingForAll => {
                    bell.ring_for_all();
                    for (_, rung) in &mut places {
 *rung = true;
 }
                }
                Step::Look(at) if !places.is_empty() => {
                    let at = at % places.len();
                    let (place, rung) = &mut places[at];
                    prop_assert_eq!(was_rung(place), std::mem::take(rung));
                }
                Step::Leave(at) if !places.is_empty() => {
                    let at = at % places.len();
                    let (place, rung) = places.remove(at);
                    drop(place);
                    if rung {
                        ring(&mut places, &mut unheard);
                    }
                }
                Step::Look(_) | Step::Leave(_) => {}
            }
            prop_assert_eq!(bell.waiting(), places.len());
        }
    }
}
