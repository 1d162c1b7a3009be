//! How long a head has, on a new connection and on one that is kept.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::{End, Slot, Watched};
use crate::serve::Bounds;
use crate::serve::places::{Phase, Place, Places};

const HEAD: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(75);

/// A connection, seen from both ends.
struct Connection {
    caller: DuplexStream,
    watched: Watched<DuplexStream>,
    slot: Slot<DuplexStream>,
    place: Place,
}

impl Connection {
    fn new() -> Self {
        let (caller, stream) = tokio::io::duplex(1_024);
        let places = Places::new(Arc::new(|_| {}));
        let permit = Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap();
        let (place, _) = places.take(SocketAddr::from(([127, 0, 0, 1], 1)), permit);
        let bounds = Bounds {
            connections: 1,
            head: HEAD,
            idle: IDLE,
            lifetime: None,
            head_bytes: 8_192,
            drain: HEAD,
        };
        let slot = Slot::default();
        let watched = Watched::new(stream, Arc::clone(&place.state), &bounds, Arc::clone(&slot));
        Self {
            caller,
            watched,
            slot,
            place,
        }
    }

    /// Sends one byte of a head, which is read.
    async fn say(&mut self) {
        self.caller.write_all(b"G").await.unwrap();
        self.watched.read_u8().await.unwrap();
    }

    /// A request, and its whole answer.
    async fn exchange(&mut self) {
        self.say().await;
        self.place.state.set(Phase::Busy);
        self.watched
            .write_all(b"HTTP/1.1 200 OK\r\n\r\n")
            .await
            .unwrap();
        self.place.state.set(Phase::Answered);
        self.watched.flush().await.unwrap();
    }

    /// How the reading ends when nothing more comes, and after how long.
    async fn end(mut self) -> (Option<End>, Duration) {
        let started = Instant::now();
        assert_eq!(self.watched.read(&mut [0; 8]).await.unwrap(), 0);
        let took = started.elapsed();
        drop(self.watched);
        let left = self.slot.lock().unwrap().take().unwrap();
        (left.end, took)
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_head_has_its_time_from_the_connections_start() {
    let silent = Connection::new();
    assert_eq!(silent.end().await, (Some(End::Idle), HEAD));
    let mut late = Connection::new();
    sleep(Duration::from_secs(9)).await;
    late.say().await;
    let end = (Some(End::Unfinished), Duration::from_secs(1));
    assert_eq!(late.end().await, end);
}

#[tokio::test(start_paused = true)]
async fn a_later_head_has_all_of_its_time_from_its_first_byte() {
    let mut silent = Connection::new();
    silent.exchange().await;
    assert_eq!(silent.end().await, (Some(End::Idle), IDLE));
    let mut late = Connection::new();
    late.exchange().await;
    sleep(Duration::from_secs(74)).await;
    late.say().await;
    assert_eq!(late.end().await, (Some(End::Unfinished), HEAD));
}
