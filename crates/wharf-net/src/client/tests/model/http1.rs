//! HTTP/1.1, without TLS: a connection is lent to one request at a time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use proptest::prelude::*;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::super::{TestClient, body, client, eventually, read_head, send};
use crate::client::{Limits, Reply};
use crate::{Origin, SendError};

/// The longest rest of a connection that is not used.
const REST: Duration = Duration::from_millis(50);

#[derive(Clone, Debug)]
enum Step {
    /// So many requests at once to one of the vendors.
    Lease { vendor: usize, requests: usize },
    /// An answer is read to its end.
    GiveBack(usize),
    /// An answer is not wanted any more.
    Drop(usize),
    /// A vendor closes one of its connections, in use or not.
    Close(usize),
    /// Nothing happens for longer than a connection may rest; then the pool is swept.
    Rest,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..2_usize, 1..5_usize).prop_map(|(vendor, requests)| Step::Lease { vendor, requests }),
        6 => any::<usize>().prop_map(Step::GiveBack),
        2 => any::<usize>().prop_map(Step::Drop),
        2 => any::<usize>().prop_map(Step::Close),
        1 => Just(Step::Rest),
    ]
}

/// Both vendors. Numbers of connections are unique over both.
#[derive(Clone, Default)]
struct Vendors(Arc<Mutex<Vec<Connection>>>);

struct Connection {
    vendor: usize,
    is_open: bool,
    close: Arc<Notify>,
}

impl Vendors {
    async fn start(&self, vendor: usize) -> Origin {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let vendors = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(vendors.clone().serve(vendor, stream));
            }
        });
        Origin::new(false, "127.0.0.1", port).unwrap()
    }

    /// Answers each request with the number of its connection.
    async fn serve(self, vendor: usize, mut stream: TcpStream) {
        let close = Arc::new(Notify::new());
        let number = {
            let mut connections = self.0.lock().unwrap();
            connections.push(Connection {
                vendor,
                is_open: true,
                close: Arc::clone(&close),
            });
            connections.len() - 1
        };
        let answer =
            format!("HTTP/1.1 200 OK\r\nx-connection: {number}\r\ncontent-length: 2\r\n\r\nok");
        let serving = async {
            while read_head(&mut stream).await && stream.write_all(answer.as_bytes()).await.is_ok()
            {
            }
        };
        tokio::select! { () = serving => {}, () = close.notified() => {} }
        drop(stream);
        self.0.lock().unwrap()[number].is_open = false;
    }

    /// Open connections of which `counts` says so.
    fn open(&self, counts: impl Fn(usize, &Connection) -> bool) -> Vec<usize> {
        let connections = self.0.lock().unwrap();
        let open = connections.iter().enumerate();
        open.filter(|(number, connection)| connection.is_open && counts(*number, connection))
            .map(|(number, _)| number)
            .collect()
    }
}

struct Held {
    connection: usize,
    reply: Reply<Full<Bytes>>,
}

struct World {
    client: TestClient,
    limits: Limits,
    vendors: Vendors,
    origins: Vec<Origin>,
    held: Vec<Held>,
    /// Connections that must not be lent again.
    gone: BTreeSet<usize>,
}

impl World {
    async fn new(limits: Limits) -> Self {
        let vendors = Vendors::default();
        let origins = vec![vendors.start(0).await, vendors.start(1).await];
        Self {
            client: client(limits),
            limits,
            vendors,
            origins,
            held: Vec::new(),
            gone: BTreeSet::new(),
        }
    }

    async fn take(&mut self, step: Step) {
        match step {
            Step::Lease { vendor, requests } => {
                let (client, origin) = (self.client.clone(), self.origins[vendor].clone());
                let asking: Vec<_> = (0..requests)
                    .map(|_| {
                        let (client, origin) = (client.clone(), origin.clone());
                        tokio::spawn(async move { send(&client, &origin).await.0 })
                    })
                    .collect();
                for asked in asking {
                    self.hold(vendor, asked.await.unwrap());
                }
            }
            Step::GiveBack(index) => {
                let Some(held) = self.pick(index) else { return };
                if self.limits.max_age.is_zero() {
                    self.gone.insert(held.connection);
                }
                assert_eq!(body(Ok(held.reply)).await, "ok");
            }
            Step::Drop(index) => {
                let Some(held) = self.pick(index) else { return };
                self.gone.insert(held.connection);
                drop(held.reply);
            }
            Step::Close(index) => {
                let open = self.vendors.open(|_, _| true);
                let Some(number) = open.get(index % open.len().max(1)) else {
                    return;
                };
                self.vendors.0.lock().unwrap()[*number].close.notify_one();
                eventually("the vendor to close", || {
                    !self.vendors.0.lock().unwrap()[*number].is_open
                })
                .await;
                self.gone.insert(*number);
            }
            Step::Rest => {
                let idle = self.vendors.open(|number, _| !self.holds(number));
                tokio::time::sleep(REST + Duration::from_millis(1)).await;
                self.client.sweep();
                self.gone.extend(idle);
            }
        }
    }

    fn hold(&mut self, vendor: usize, asked: Result<Reply<Full<Bytes>>, SendError>) {
        let reply = asked.expect("no vendor refuses, and none closed is lent");
        let number = reply.headers()["x-connection"].to_str().unwrap();
        let number = number.parse().unwrap();
        assert!(!self.holds(number), "connection {number} is lent twice");
        assert!(!self.gone.contains(&number), "connection {number} is gone");
        assert_eq!(self.vendors.0.lock().unwrap()[number].vendor, vendor);
        self.held.push(Held {
            connection: number,
            reply,
        });
    }

    fn pick(&mut self, index: usize) -> Option<Held> {
        let count = self.held.len();
        (count > 0).then(|| self.held.swap_remove(index % count))
    }

    fn holds(&self, number: usize) -> bool {
        self.held.iter().any(|held| held.connection == number)
    }

    /// What always holds, as soon as everybody has seen what happened.
    async fn settle(&self) {
        // An answer that came whole can be read when its vendor has closed behind it.
        let open_at_vendor = |held: &&Held| self.vendors.0.lock().unwrap()[held.connection].is_open;
        let alive = self.held.iter().filter(open_at_vendor).count();
        let closed = self.held.len() - alive;
        eventually("both sides to agree", || {
            // What a vendor closed while it was at rest is seen when somebody looks.
            self.client.sweep();
            let (ours, theirs) = (
                self.client.open_connections(),
                self.vendors.open(|_, _| true).len(),
            );
            let idle = |vendor| {
                let rests = |number, connection: &Connection| {
                    connection.vendor == vendor && !self.holds(number)
                };
                self.vendors.open(rests).len()
            };
            let condemned = self
                .vendors
                .open(|number, _| self.gone.contains(&number))
                .len();
            (theirs..=theirs + closed).contains(&ours)
                && (0..2).all(|vendor| idle(vendor) <= self.limits.idle_per_origin)
                && condemned == 0
        })
        .await;
    }
}

proptest! {
    #![proptest_config(super::config())]

    // Never two at once on one connection, never one that is closed, dropped or too old, never
    // more at rest than the bound allows, and what is counted as open is open.
    #[test]
    fn a_connection_is_lent_to_one_at_a_time_while_it_is_good(
        idle_per_origin in 0..4_usize,
        ages in any::<bool>(),
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let limits = Limits {
            idle_per_origin,
            idle_timeout: REST,
            max_age: if ages { Duration::ZERO } else { Limits::default().max_age },
            ..Limits::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new(limits).await;
            for step in steps {
                world.take(step).await;
                world.settle().await;
            }
            // Nothing outlives those who used it and the sweep.
            world.held.clear();
            world.take(Step::Rest).await;
            eventually("connections to end", || world.client.open_connections() == 0).await;
        });
    }
}
