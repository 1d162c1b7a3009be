//! What waits for a writer that is held up, as by a disk that hangs.

use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use super::hand::{event, lane};
use super::{ALL, block_on, exception, open, own, step_with};
use crate::disk::simulated::SimulatedDisk;
use crate::error::Unavailable;
use crate::events::{AppendError, Batch, NewEvent, WAITING_LIMIT_BYTES};
use crate::log::Log;
use crate::names::Position;

const MIB: usize = 1024 * 1024;

fn large() -> Batch {
    let body = Bytes::from(vec![7; MIB]);
    Batch::new(vec![NewEvent { body, ..event(b"") }]).unwrap()
}

fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Holds the writer up until what it gives is dropped.
fn hold(log: &Log) -> mpsc::Sender<()> {
    let (held, end) = mpsc::channel();
    let (entered, is_in) = mpsc::channel();
    let asked = poll(log.ask(move |_| {
        entered.send(()).unwrap();
        // Its end is the end of the wait.
        let _ = end.recv();
    }));
    assert!(asked.is_pending());
    is_in.recv().unwrap();
    held
}

#[test]
fn those_who_go_away_while_the_disk_hangs_do_not_fill_the_memory() {
    let log = open(SimulatedDisk::default());
    let lane = lane();
    block_on(async {
        let owned = own(&log, lane).await;
        let append = || log.append(lane, Some(owned.epoch), large());
        append().await.unwrap();
        let held_up = hold(&log);
        let left = (0..1_000).take_while(|_| poll(append()).is_pending());
        let left = left.count();
        assert!((1..=WAITING_LIMIT_BYTES / MIB).contains(&left), "{left}");
        let Poll::Ready(Err(AppendError::Unavailable(refused))) = poll(append()) else {
            panic!("there is room for more");
        };
        assert!(matches!(refused, Unavailable::LogBehind { .. }));
        assert!(refused.to_string().contains("64 MiB"), "{refused}");
        let mut context = Context::from_waker(Waker::noop());
        let mut status = pin!(log.status());
        assert!(status.as_mut().poll(&mut context).is_pending());
        // What is done with events is not refused for the sake of those that come.
        let name = super::name("crm");
        let mut step = pin!(log.advance(&owned, &name, step_with(Some(1), vec![exception(0)])));
        assert!(step.as_mut().poll(&mut context).is_pending());
        drop(held_up);
        let told = status.await.unwrap().refusal;
        assert!(matches!(told, Some(Unavailable::LogBehind { .. })));
        step.await.unwrap();
        assert!(log.status().await.unwrap().refusal.is_none());
        // The others had gone, and nothing of theirs was written.
        append().await.unwrap();
        assert_eq!(log.head(lane), Position::new(2));
        assert_eq!(log.read(lane, Position::FIRST, ALL).await.unwrap().len(), 2);
    });
}

#[test]
fn a_question_does_not_wait_for_all_that_is_to_be_written() {
    let log = open(SimulatedDisk::default());
    let lane = lane();
    block_on(async {
        let owned = own(&log, lane).await;
        let held_up = hold(&log);
        // A group each.
        let mut appends: Vec<_> = (0..20)
            .map(|_| Box::pin(log.append(lane, Some(owned.epoch), large())))
            .collect();
        let mut context = Context::from_waker(Waker::noop());
        for append in &mut appends {
            assert!(append.as_mut().poll(&mut context).is_pending());
        }
        let head = log.ask(move |view| view.state.head(lane.number()));
        let mut head = pin!(head);
        assert!(head.as_mut().poll(&mut context).is_pending());
        drop(held_up);
        assert!(head.await.unwrap() < 20);
        for append in appends {
            append.await.unwrap();
        }
    });
}
