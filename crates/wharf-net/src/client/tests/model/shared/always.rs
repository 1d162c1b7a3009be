//! What always holds, and what does at the end.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{IMPATIENT, LONGEST, Running, World, hears};
use crate::SendErrorKind;
use crate::client::tests::eventually;
use crate::client::tests::model::vendor::{Connection, Place, Protocol};

/// Streams that the vendor allows when all is to come to its end.
const ENOUGH_STREAMS: u32 = 4;

impl World {
    /// Requests and answers that hold a connection.
    pub(super) fn in_use(&self, seen: &HashMap<u64, Place>, number: usize) -> usize {
        let running = self.running.iter().filter_map(|it| seen.get(&it.number));
        let places = running.chain(self.held.iter().map(|held| &held.place));
        places.filter(|place| place.connection == number).count()
    }

    /// Takes in requests that ended with no step to blame: those whose time was over, and those
    /// whose connection brings nothing any more.
    async fn reap(&mut self) {
        let is_over = |running: &mut Running| running.task.is_finished();
        let over: Vec<_> = self.running.extract_if(.., is_over).collect();
        for running in over {
            let (is_handed_over, took) = (running.is_handed_over(), running.since.elapsed());
            let Err(error) = running.task.await.unwrap() else {
                panic!("request {} has an answer from nobody", running.number);
            };
            let state = self.vendor.state();
            let place = state.seen.get(&running.number);
            let is_deaf = |place: &Place| state.connections[place.connection].is_deaf;
            let is_right = match error.kind {
                SendErrorKind::Busy | SendErrorKind::ConnectTimeout => {
                    let is_unsent = !error.wrote && !is_handed_over && place.is_none();
                    is_unsent && !running.is_patient && took >= IMPATIENT
                }
                SendErrorKind::Refused => place.is_none() && state.left_out > 0,
                SendErrorKind::Closed => match place {
                    Some(place) => is_deaf(place) && error.wrote && is_handed_over,
                    // It met the end of one.
                    None => state.connections.iter().any(|it| it.is_deaf),
                },
                _ => false,
            };
            assert!(
                is_right,
                "request {} at {place:?}: {error:?}",
                running.number
            );
        }
    }

    /// What always holds, as soon as everybody has seen what happened.
    pub(super) async fn settle(&mut self) {
        let deadline = Instant::now() + LONGEST;
        loop {
            self.reap().await;
            let Some(what) = self.is_unsettled() else {
                break;
            };
            assert!(Instant::now() < deadline, "{what}, and stays so: {self:?}");
            // What a vendor does to an HTTP/1.1 connection at rest is seen when somebody looks. Over
            // HTTP/2 it has to be seen without.
            let is_looked_at = {
                let state = self.vendor.state();
                let mut connections = state.connections.iter();
                connections.any(|it| it.protocol == Protocol::Http1)
            };
            if is_looked_at {
                self.client.sweep();
            }
            sleep(Duration::from_millis(1)).await;
        }
        let state = self.vendor.state();
        assert!(state.wrong.is_empty(), "{:?}", state.wrong);
    }

    fn is_unsettled(&self) -> Option<&'static str> {
        let state = self.vendor.state();
        let mut waiting = 0;
        for running in &self.running {
            match (
                state.seen.contains_key(&running.number),
                running.is_handed_over(),
            ) {
                (true, true) => {}
                (false, false) => waiting += 1,
                (true, false) => panic!("request {} was written", running.number),
                (false, true) => return Some("a request is on its way"),
            }
        }
        if state.open_ones(|_, _| true).len() != self.client.open_connections() {
            return Some("one side has more open connections than the other");
        }
        let in_use = |number| self.in_use(&state.seen, number);
        let left = state.open_ones(|number, it| it.goodbye.is_some() && in_use(number) == 0);
        if !left.is_empty() {
            return Some("a connection without requests that said good-bye is open");
        }
        let shared = state.open_ones(|_, it| {
            it.protocol == Protocol::Http2 && it.goodbye.is_none() && !self.case.ages
        });
        if !self.case.changes && shared.len() > self.case.connections {
            return Some("there are too many connections");
        }
        let is_full =
            |number: &usize| in_use(*number) >= state.connections[*number].allowed as usize;
        let are_all_full = shared.len() >= self.case.connections && shared.iter().all(is_full);
        let is_in_doubt = shared
            .iter()
            .any(|number| state.connections[*number].is_deaf);
        (waiting > 0 && !are_all_full && !is_in_doubt).then_some("a request waits beside room")
    }

    /// Lets everything come to its end, and looks whether something is left.
    pub(super) async fn end(mut self) {
        self.held.clear();
        let deadline = Instant::now() + LONGEST;
        while !self.running.is_empty() {
            assert!(Instant::now() < deadline, "requests never end: {self:?}");
            let narrow = |it: &Connection| hears(it) && it.goodbye.is_none() && it.allowed == 0;
            while let Some(number) = self.pick(0, narrow) {
                self.allow(number, ENOUGH_STREAMS).await;
            }
            self.answer(0).await;
            self.finish(0).await;
            self.settle().await;
            // Others may have to act first.
            sleep(Duration::from_millis(1)).await;
        }
        self.held.clear();
        self.rest().await;
        eventually("everything to end", || {
            self.client.open_connections() == 0 && self.client.pool.tasks.is_empty()
        })
        .await;
        let state = self.vendor.state();
        let sent = |number| state.seen.contains_key(number);
        assert!(!self.unsent.iter().any(sent), "what was not sent came");
        assert!(state.wrong.is_empty(), "{:?}", state.wrong);
    }
}
