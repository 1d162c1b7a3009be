//! HTTP/2, and a vendor that changes its protocol: requests share connections.

mod acts;
mod always;
mod steps;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use proptest::prelude::*;
use tokio::task::JoinHandle;

use super::super::super::pool::Pool;
use super::super::super::shared::Patience;
use super::super::super::{Client, Limits, Reply};
use super::super::TestClient;
use super::super::identity::trust;
use super::vendor::{Connection, Place, Protocol, Vendor};
use crate::{Connector, SendError};

use self::steps::{Case, Step, case, step};

/// The longest rest of a connection that is not used.
const REST: Duration = Duration::from_millis(50);

/// How long a request waits for a connection or a stream.
const PATIENT: Duration = Duration::from_secs(30);
const IMPATIENT: Duration = Duration::from_millis(30);

/// Within this time everybody has seen what happened.
const LONGEST: Duration = Duration::from_secs(10);

/// A vendor that answers is never as slow as this, also where the machine is busy.
const PONG: Duration = Duration::from_millis(400);

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
}

/// Whether a connection takes what is said over HTTP/2, and answers.
fn hears(connection: &Connection) -> bool {
    connection.protocol == Protocol::Http2 && !connection.is_deaf
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

// No stream is in use, and none ever will be: who waits for one has it asked whether it lives.
#[test]
fn a_connection_that_allows_nothing_and_falls_silent_is_found_by_those_who_wait() {
    let case = Case {
        connections: 1,
        streams: 1,
        ages: false,
        changes: false,
        deafens: true,
    };
    let ask = Step::Ask {
        requests: 3,
        is_patient: true,
    };
    let nothing = Step::Allow {
        connection: 4,
        streams: 0,
    };
    run(case, vec![ask, nothing, Step::GiveUp(12), Step::Deafen(14)]);
}
