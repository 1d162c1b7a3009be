//! What each step does, and what everybody it concerns must see of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::steps::Step;
use super::{Asked, Held, IMPATIENT, LONGEST, PATIENT, REST, Running, World, hears};
use crate::client::tests::eventually;
use crate::client::tests::model::vendor::{
    Connection, INTERNAL_ERROR, Place, Protocol, REFUSED_STREAM,
};
use crate::client::{Reply, TELLING};
use crate::{ReplyError, SendErrorKind};

impl World {
    pub(super) async fn take(&mut self, step: Step) {
        match step {
            Step::Ask {
                requests,
                is_patient,
            } => (0..requests).for_each(|_| self.ask(is_patient)),
            Step::Answer(index) => self.answer(index).await,
            Step::Finish(index) => self.finish(index).await,
            Step::Drop(index) => {
                let all = self.held.len();
                if let Some(index) = nth(index, all) {
                    let Held { place, reply } = self.held.swap_remove(index);
                    drop(reply);
                    self.ended(place).await;
                }
            }
            Step::GiveUp(index) => self.give_up(index).await,
            Step::Refuse(index) => {
                if let Some((running, place)) = self.unanswered(index, Some(Protocol::Http2)) {
                    self.vendor.state().reset(place, REFUSED_STREAM);
                    self.fails(running, SendErrorKind::Refused).await;
                }
            }
            Step::Reset(index) => self.reset(index).await,
            Step::GoAway {
                connection,
                answers,
            } => self.say_goodbye(connection, answers).await,
            Step::Allow {
                connection,
                streams,
            } => {
                let speaks = self.pick(connection, |it| hears(it) && it.goodbye.is_none());
                if let Some(number) = speaks {
                    self.allow(number, streams).await;
                }
            }
            Step::Close(connection) => self.close(connection).await,
            Step::Deafen(connection) => {
                if self.case.deafens
                    && let Some(number) = self.pick(connection, hears)
                {
                    self.vendor.state().connections[number].is_deaf = true;
                }
            }
            Step::Change => {
                if self.case.changes {
                    let mut state = self.vendor.state();
                    state.protocol = match state.protocol {
                        Protocol::Http1 => Protocol::Http2,
                        Protocol::Http2 => Protocol::Http1,
                    };
                }
            }
            Step::Rest => self.rest().await,
        }
    }

    fn ask(&mut self, is_patient: bool) {
        let number = self.requests;
        self.requests += 1;
        let (client, origin) = (self.client.clone(), self.vendor.origin.clone());
        let handed_over = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&handed_over);
        let time = if is_patient { PATIENT } else { IMPATIENT };
        let task = tokio::spawn(async move {
            let body = Full::from(number.to_string());
            let request = Request::post("/x").body(body).unwrap();
            client.send(&origin, request, time, &flag).await
        });
        self.running.push(Running {
            number,
            is_patient,
            since: Instant::now(),
            handed_over,
            task,
        });
    }

    pub(super) async fn answer(&mut self, index: usize) {
        let Some((running, place)) = self.unanswered(index, None) else {
            return;
        };
        self.vendor.state().answer(place);
        let reply = ended(running.task, running.number).await.unwrap();
        assert!(running.handed_over.load(Ordering::Relaxed));
        let connection = &reply.headers()["x-connection"];
        assert_eq!(connection, &place.connection.to_string());
        self.held.push(Held { place, reply });
    }

    pub(super) async fn finish(&mut self, index: usize) {
        let Some(Held { place, reply }) = self.answered(index, None) else {
            return;
        };
        self.vendor.state().finish(place);
        assert_eq!(read(reply).await.unwrap(), "ok");
    }

    async fn give_up(&mut self, index: usize) {
        let Some(index) = nth(index, self.running.len()) else {
            return;
        };
        let running = self.running.swap_remove(index);
        running.task.abort();
        let _ = running.task.await;
        let place = self.vendor.state().seen.get(&running.number).copied();
        let is_handed_over = running.handed_over.load(Ordering::Relaxed);
        match place {
            Some(place) => {
                assert!(is_handed_over, "request {} was written", running.number);
                self.ended(place).await;
            }
            None if !is_handed_over => drop(self.unsent.insert(running.number)),
            None => {}
        }
    }

    async fn reset(&mut self, index: usize) {
        let http2 = Some(Protocol::Http2);
        if index.is_multiple_of(2) {
            if let Some((running, place)) = self.unanswered(index / 2, http2) {
                self.vendor.state().reset(place, INTERNAL_ERROR);
                self.fails(running, SendErrorKind::Closed).await;
            }
        } else if let Some(Held { place, reply }) = self.answered(index / 2, http2) {
            self.vendor.state().reset(place, INTERNAL_ERROR);
            let error = read(reply).await.unwrap_err();
            assert!(matches!(error, ReplyError::Reset), "{error:?}");
        }
    }

    async fn say_goodbye(&mut self, index: usize, answers: usize) {
        let Some(number) = self.pick(index, |it| hears(it) && it.goodbye.is_none()) else {
            return;
        };
        let last = {
            let mut state = self.vendor.state();
            let streams = &state.connections[number].streams;
            let answered = streams.iter().rev().find(|(_, is_answered)| **is_answered);
            let answered = answered.map_or(0, |(stream, _)| *stream);
            let above = streams.range(answered + 1..).take(answers).last();
            let last = above.map_or(answered, |(stream, _)| *stream);
            state.say_goodbye(number, last);
            last
        };
        eventually("the client to know of the good-bye", || {
            let connection = &self.vendor.state().connections[number];
            connection.knows_goodbye || !connection.is_open
        })
        .await;
        let out = |place: Place| place.connection == number && place.stream > last;
        for running in self.extract(out) {
            self.fails(running, SendErrorKind::Refused).await;
        }
    }

    pub(super) async fn allow(&self, number: usize, streams: u32) {
        self.vendor.state().allow(number, streams);
        eventually("the client to know how many streams there are", || {
            let connection = &self.vendor.state().connections[number];
            connection.confirmed == streams || !connection.is_open
        })
        .await;
    }

    async fn close(&mut self, index: usize) {
        let Some(number) = self.pick(index, |_| true) else {
            return;
        };
        self.vendor.state().close(number);
        eventually("the vendor to close", || {
            !self.vendor.state().connections[number].is_open
        })
        .await;
        for running in self.extract(|place| place.connection == number) {
            self.fails(running, SendErrorKind::Closed).await;
        }
        let is_there = |held: &mut Held| held.place.connection == number;
        for Held { reply, .. } in self.held.extract_if(.., is_there) {
            let error = read(reply).await.unwrap_err();
            assert!(matches!(error, ReplyError::Broken(_)), "{error:?}");
        }
    }

    pub(super) async fn rest(&self) {
        // Whoever gives up behind this rest tells something.
        sleep(REST.max(TELLING) + Duration::from_millis(5)).await;
        self.client.sweep();
        eventually("connections at rest to end", || {
            let state = self.vendor.state();
            let idle = state.open_ones(|number, _| self.in_use(&state.seen, number) == 0);
            idle.is_empty()
        })
        .await;
    }

    /// An open connection of which `counts` says so.
    pub(super) fn pick(&self, index: usize, counts: impl Fn(&Connection) -> bool) -> Option<usize> {
        let open = self.vendor.state().open_ones(|_, it| counts(it));
        Some(open[nth(index, open.len())?])
    }

    /// Takes out a request that the vendor can answer.
    fn unanswered(&mut self, index: usize, over: Option<Protocol>) -> Option<(Running, Place)> {
        let state = self.vendor.state();
        let place = |running: &Running| state.seen.get(&running.number).copied();
        let all = self.running.iter().enumerate();
        let all: Vec<_> = all
            .filter_map(|(index, running)| Some((index, place(running)?)))
            .filter(|(_, place)| speaks(&state.connections[place.connection], over))
            .collect();
        let (index, place) = all[nth(index, all.len())?];
        drop(state);
        Some((self.running.swap_remove(index), place))
    }

    /// Takes out an answer of which the vendor can send the rest.
    fn answered(&mut self, index: usize, over: Option<Protocol>) -> Option<Held> {
        let state = self.vendor.state();
        let all = self.held.iter().enumerate();
        let all: Vec<_> = all
            .filter(|(_, held)| speaks(&state.connections[held.place.connection], over))
            .collect();
        let (index, _) = all[nth(index, all.len())?];
        drop(state);
        Some(self.held.swap_remove(index))
    }

    /// Takes out the requests without an answer that came to such places.
    fn extract(&mut self, counts: impl Fn(Place) -> bool) -> Vec<Running> {
        let state = self.vendor.state();
        let is_one = |running: &mut Running| {
            let place = state.seen.get(&running.number);
            place.is_some_and(|place| counts(*place))
        };
        self.running.extract_if(.., is_one).collect()
    }

    /// A request that reached the vendor ends with this error.
    async fn fails(&self, running: Running, kind: SendErrorKind) {
        let number = running.number;
        let error = ended(running.task, number).await.err().unwrap();
        let is_handed_over = running.handed_over.load(Ordering::Relaxed);
        let told = (error.kind, error.wrote, is_handed_over);
        assert_eq!(told, (kind, true, true), "request {number}: {error:?}");
    }

    /// Waits until the vendor has seen that nobody wants what it does here.
    async fn ended(&self, Place { connection, stream }: Place) {
        eventually("the vendor to be told", || {
            let connection = &self.vendor.state().connections[connection];
            !connection.is_open || !connection.streams.contains_key(&stream)
        })
        .await;
    }
}

/// Whether a request of this connection can be answered.
fn speaks(connection: &Connection, over: Option<Protocol>) -> bool {
    let is_asked = over.is_none_or(|protocol| protocol == connection.protocol);
    connection.is_open && !connection.is_deaf && is_asked
}

/// One of so many, if there is any.
fn nth(index: usize, count: usize) -> Option<usize> {
    (count > 0).then(|| index % count)
}

async fn ended(task: JoinHandle<Asked>, number: u64) -> Asked {
    let ended = timeout(LONGEST, task).await;
    ended
        .unwrap_or_else(|_| panic!("request {number} does not end"))
        .unwrap()
}

async fn read(reply: Reply<Full<Bytes>>) -> Result<Bytes, ReplyError> {
    let read = timeout(LONGEST, reply.into_body().collect()).await;
    Ok(read.unwrap()?.to_bytes())
}
