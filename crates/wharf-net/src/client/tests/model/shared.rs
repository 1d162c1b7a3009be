//! HTTP/2, and a vendor that changes its protocol: requests share connections.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use proptest::prelude::*;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::super::super::pool::Pool;
use super::super::super::shared::Patience;
use super::super::super::{Client, Limits, Reply, TELLING};
use super::super::identity::trust;
use super::super::{TestClient, eventually};
use super::vendor::{Connection, INTERNAL_ERROR, Place, Protocol, REFUSED_STREAM, Vendor};
use crate::{Connector, ReplyError, SendError, SendErrorKind};

/// The longest rest of a connection that is not used.
const REST: Duration = Duration::from_millis(50);

/// How long a request waits for a connection or a stream.
const PATIENT: Duration = Duration::from_secs(30);
const IMPATIENT: Duration = Duration::from_millis(30);

/// Within this time everybody has seen what happened.
const LONGEST: Duration = Duration::from_secs(10);

/// A vendor that answers is never as slow as this, also where the machine is busy.
const PONG: Duration = Duration::from_millis(400);

/// Requests, answers and connections are numbered up to this, and from the start where there are fewer.
const MOST_INDEX: usize = 24;

/// Streams that the vendor allows when all is to come to its end.
const ENOUGH_STREAMS: u32 = 4;

#[derive(Clone, Debug)]
enum Step {
    /// So many requests at once.
    Ask { requests: usize, is_patient: bool },
    /// The vendor sends the head of an answer.
    Answer(usize),
    /// The vendor sends the rest of one, and it is read to its end.
    Finish(usize),
    /// An answer is not wanted any more.
    Drop(usize),
    /// A request is not, before it has an answer.
    GiveUp(usize),
    /// The vendor says that it did not process a request.
    Refuse(usize),
    /// The vendor gives one up, answered or not.
    Reset(usize),
    /// The vendor says good-bye, and answers only so many of those without an answer.
    GoAway { connection: usize, answers: usize },
    /// The vendor allows another number of streams.
    Allow { connection: usize, streams: u32 },
    /// The vendor closes a connection.
    Close(usize),
    /// A connection brings nothing any more, pongs included.
    Deafen(usize),
    /// Connections to come speak the other protocol.
    Change,
    /// Nothing happens for longer than a connection may rest; then the pool is swept.
    Rest,
}

fn step() -> impl Strategy<Value = Step> {
    let index = || 0..MOST_INDEX;
    prop_oneof![
        5 => (1..5_usize, prop::bool::weighted(0.7))
            .prop_map(|(requests, is_patient)| Step::Ask { requests, is_patient }),
        5 => index().prop_map(Step::Answer),
        4 => index().prop_map(Step::Finish),
        2 => index().prop_map(Step::Drop),
        2 => index().prop_map(Step::GiveUp),
        2 => index().prop_map(Step::Refuse),
        2 => index().prop_map(Step::Reset),
        2 => (index(), 0..3_usize)
            .prop_map(|(connection, answers)| Step::GoAway { connection, answers }),
        1 => (index(), 0..4_u32)
            .prop_map(|(connection, streams)| Step::Allow { connection, streams }),
        1 => index().prop_map(Step::Close),
        1 => index().prop_map(Step::Deafen),
        1 => Just(Step::Change),
        1 => Just(Step::Rest),
    ]
}

/// What stays as it is during a sequence.
#[derive(Clone, Copy, Debug)]
struct Case {
    connections: usize,
    streams: u32,
    /// A connection is too old as soon as it is there.
    ages: bool,
    /// [`Step::Change`] happens.
    changes: bool,
    /// [`Step::Deafen`] happens. It takes its time.
    deafens: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let rarely = || prop::bool::weighted(0.2);
    (1..4_usize, 1..4_u32, rarely(), rarely(), rarely()).prop_map(
        |(connections, streams, ages, changes, deafens)| Case {
            connections,
            streams,
            ages,
            changes,
            deafens,
        },
    )
}

type Asked = Result<Reply<Full<Bytes>>, SendError>;

/// A request without an answer.
struct Running {
    number: u64,
    is_patient: bool,
    since: Instant,
    handed_over: Arc<AtomicBool>,
    task: JoinHandle<Asked>,
}

impl Running {
    fn is_handed_over(&self) -> bool {
        self.handed_over.load(Ordering::Relaxed)
    }
}

/// An answer that is not read yet.
struct Held {
    place: Place,
    reply: Reply<Full<Bytes>>,
}

struct World {
    case: Case,
    client: TestClient,
    vendor: Vendor,
    requests: u64,
    running: Vec<Running>,
    held: Vec<Held>,
    /// Requests that must never reach the vendor.
    unsent: BTreeSet<u64>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held: Vec<_> = self.held.iter().map(|held| held.place).collect();
        let running: Vec<_> = self.running.iter().map(|it| it.number).collect();
        write!(
            f,
            "{} open, running {running:?}, held {held:?}, ",
            self.client.open_connections()
        )?;
        self.vendor.state().fmt(f)
    }
}

impl World {
    async fn new(case: Case) -> Self {
        let limits = Limits {
            shared_per_origin: case.connections,
            idle_timeout: REST,
            max_age: if case.ages {
                Duration::ZERO
            } else {
                Limits::default().max_age
            },
            ..Limits::default()
        };
        let patience = Patience {
            quiet: Duration::from_millis(100),
            shortest_pause: Duration::from_millis(10),
            pong: PONG,
        };
        let connector = Connector::new().with_trust(trust());
        Self {
            case,
            client: Client {
                pool: Arc::new(Pool::new(connector, limits, patience)),
            },
            vendor: Vendor::start(case.streams, case.ages).await,
            requests: 0,
            running: Vec::new(),
            held: Vec::new(),
            unsent: BTreeSet::new(),
        }
    }

    async fn take(&mut self, step: Step) {
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

    async fn answer(&mut self, index: usize) {
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

    async fn finish(&mut self, index: usize) {
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

    async fn allow(&self, number: usize, streams: u32) {
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

    async fn rest(&self) {
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
    fn pick(&self, index: usize, counts: impl Fn(&Connection) -> bool) -> Option<usize> {
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

    /// Requests and answers that hold a connection.
    fn in_use(&self, seen: &std::collections::HashMap<u64, Place>, number: usize) -> usize {
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
    async fn settle(&mut self) {
        let deadline = Instant::now() + LONGEST;
        loop {
            self.reap().await;
            let Some(what) = self.is_unsettled() else {
                break;
            };
            assert!(Instant::now() < deadline, "{what}, and stays so: {self:?}");
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
    async fn end(mut self) {
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

/// Whether a connection takes what is said over HTTP/2, and answers.
fn hears(connection: &Connection) -> bool {
    connection.protocol == Protocol::Http2 && !connection.is_deaf
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

fn run(case: Case, steps: Vec<Step>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut world = World::new(case).await;
        for step in steps {
            world.take(step).await;
            world.settle().await;
        }
        world.end().await;
    });
}

proptest! {
    #![proptest_config(super::config())]

    // akka/akka-http#774, molnarg/node-http2#149, kazu-yamamoto/http2#71, kaazing/http2.js#24:
    // never more requests at once over a connection than it allows, none over one that said
    // good-bye, is closed or is too old, and none twice. What the vendor did not process is told as
    // such, every request ends, and what is counted as open is open.
    #[test]
    fn requests_share_connections_while_they_are_good(
        case in case(),
        steps in prop::collection::vec(step(), 0..40),
    ) {
        run(case, steps);
    }
}

// Nothing rings for it: its streams go on.
#[test]
fn a_full_connection_that_says_goodbye_makes_room_for_another() {
    let case = Case {
        connections: 1,
        streams: 1,
        ages: false,
        changes: false,
        deafens: false,
    };
    let ask = Step::Ask {
        requests: 1,
        is_patient: true,
    };
    let goodbye = Step::GoAway {
        connection: 0,
        answers: 0,
    };
    run(case, vec![ask.clone(), Step::Answer(0), ask, goodbye]);
}
