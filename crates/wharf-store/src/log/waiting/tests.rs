//! Everybody who waits is woken, by whomever.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::*;

/// How often a task was woken.
#[derive(Default)]
struct Task(AtomicUsize);

impl std::task::Wake for Task {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Task {
    fn woken(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

struct Waits {
    task: Arc<Task>,
    answered: Pin<Box<Answered<u8>>>,
}

impl Waits {
    fn new() -> (Self, oneshot::Sender<u8>, Wake) {
        let (sender, receiver) = oneshot::channel();
        let (answered, wake) = answered(receiver);
        let task = Arc::<Task>::default();
        let answered = Box::pin(answered);
        (Self { task, answered }, sender, wake)
    }

    fn poll(&mut self) -> Poll<Result<u8, TryRecvError>> {
        let waker = Waker::from(Arc::clone(&self.task));
        self.answered
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
    }
}

/// Some who wait and have looked once, all answered, and one of them woken.
fn woken(count: u8) -> (Vec<Waits>, Waking) {
    let mut all = Vec::new();
    let mut wakes = Vec::new();
    for number in 0..count {
        let (mut waits, sender, wake) = Waits::new();
        assert!(waits.poll().is_pending());
        sender.send(number).unwrap();
        all.push(waits);
        wakes.push(wake);
    }
    let mut waking = Waking::default();
    waking.wake(wakes);
    let count: usize = all.iter().map(|waits| waits.task.woken()).sum();
    assert_eq!(count, 1);
    (all, waking)
}

fn first(all: &[Waits]) -> usize {
    all.iter()
        .position(|waits| waits.task.woken() == 1)
        .unwrap()
}

fn assert_all_woken(all: &[Waits]) {
    assert!(all.iter().all(|waits| waits.task.woken() == 1));
}

#[test]
fn the_first_one_wakes_the_others() {
    let (mut all, _waking) = woken(5);
    let at = first(&all);
    assert!(all[at].poll().is_ready());
    assert_all_woken(&all);
    for (waits, number) in all
        .iter_mut()
        .zip(0..5)
        .filter(|(_, number)| usize::from(*number) != at)
    {
        assert_eq!(waits.poll(), Poll::Ready(Ok(number)));
    }
}

#[test]
fn a_first_one_that_went_away_wakes_the_others() {
    let (mut all, _waking) = woken(5);
    let at = first(&all);
    drop(all.remove(at));
    assert_all_woken(&all);
}

#[test]
fn one_that_looks_unasked_wakes_the_others() {
    let (mut all, _waking) = woken(5);
    let other = (first(&all) + 1) % all.len();
    assert!(all[other].poll().is_ready());
    assert_all_woken(&all);
}

#[test]
fn an_idle_writer_wakes_those_whom_the_first_one_forgot() {
    let (all, mut waking) = woken(5);
    let (sender, inbox) = mpsc::channel();
    let writer = thread::spawn(move || waking.next::<u8>(&inbox));
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while all.iter().any(|waits| waits.task.woken() == 0) {
        assert!(std::time::Instant::now() < deadline);
        thread::yield_now();
    }
    drop(sender);
    assert_eq!(writer.join().unwrap(), None);
}

#[test]
fn the_next_group_and_the_end_wake_who_is_left() {
    let (all, mut waking) = woken(5);
    waking.wake(Vec::new());
    assert_all_woken(&all);
    let (all, waking) = woken(5);
    drop(waking);
    assert_all_woken(&all);
}

#[test]
fn who_is_not_answered_is_told_so() {
    let (mut waits, sender, wake) = Waits::new();
    assert!(waits.poll().is_pending());
    drop(sender);
    drop(wake);
    assert_eq!(waits.task.woken(), 1);
    assert!(matches!(waits.poll(), Poll::Ready(Err(_))));
}

#[test]
fn an_answer_before_the_first_look_is_found() {
    let (mut waits, sender, wake) = Waits::new();
    sender.send(7).unwrap();
    Waking::default().wake(vec![wake]);
    assert_eq!(waits.poll(), Poll::Ready(Ok(7)));
}
