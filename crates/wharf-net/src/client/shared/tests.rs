//! One HTTP/2 connection, against an other end that is written frame by frame.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Request;
use http_body::{Body, Frame};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio_util::task::TaskTracker;

use super::super::counted::{Counted, OpenConnections};
use super::super::tests::eventually;
use super::queue::MOST_PIECES;
use super::{Patience, Shared, exchange};

/// Holds so many bytes on their way.
const PIPE_BYTES: usize = 16 * 1024;

const HURRIED: Patience = Patience {
    quiet: Duration::from_millis(100),
    shortest_pause: Duration::from_millis(10),
    pong: Duration::from_millis(150),
};

/// The other end. Frames are those of RFC 9113, 6.
#[derive(Clone, Default)]
struct Peer {
    /// It says nothing to a ping.
    is_deaf: bool,
    pings: Arc<AtomicUsize>,
}

const PING: u8 = 6;
const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
const SETTINGS_ACK: [u8; 9] = [0, 0, 0, 4, 1, 0, 0, 0, 0];

impl Peer {
    fn deaf() -> Self {
        Self {
            is_deaf: true,
            pings: Arc::default(),
        }
    }

    fn pings(&self) -> usize {
        self.pings.load(Ordering::SeqCst)
    }

    /// Reads to the end; what is asked is answered, requests are not.
    async fn run(self, mut pipe: DuplexStream) -> std::io::Result<()> {
        pipe.read_exact(&mut [0; 24]).await?;
        pipe.write_all(&SETTINGS).await?;
        pipe.write_all(&SETTINGS_ACK).await?;
        loop {
            let mut head = [0; 9];
            pipe.read_exact(&mut head).await?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            pipe.read_exact(&mut payload).await?;
            if head[3] == PING && head[4] == 0 {
                self.pings.fetch_add(1, Ordering::SeqCst);
                if !self.is_deaf {
                    head[4] = 1;
                    pipe.write_all(&head).await?;
                    pipe.write_all(&payload).await?;
                }
            }
        }
    }
}

async fn open(patience: Patience) -> (Shared, DuplexStream) {
    let (ours, theirs) = duplex(PIPE_BYTES);
    let (io, traffic) = Counted::new(ours, OpenConnections::default().one_more(), true);
    let (tasks, bell) = (TaskTracker::new(), Arc::default());
    let shared = Shared::open(patience, io, traffic, &tasks, &bell).await;
    (shared.unwrap(), theirs)
}

async fn open_to(peer: &Peer) -> Shared {
    let (shared, theirs) = open(HURRIED).await;
    tokio::spawn(peer.clone().run(theirs));
    shared
}

#[tokio::test]
async fn a_silent_connection_is_given_up_when_answers_are_due_and_only_then() {
    let (idle, busy) = (Peer::deaf(), Peer::deaf());
    let started = Instant::now();
    let resting = open_to(&idle).await;
    let waiting = open_to(&busy).await;
    let stream = waiting.stream().unwrap();
    eventually("the end of the silent one", || waiting.is_closed()).await;
    assert!(started.elapsed() >= HURRIED.quiet + HURRIED.pong);
    assert_eq!(busy.pings(), 1);
    drop(stream);
    // It was as silent for as long.
    assert!(!resting.is_closed());
    assert_eq!(idle.pings(), 0);
}

#[tokio::test]
async fn a_slow_vendor_that_answers_pings_keeps_its_connection() {
    let peer = Peer::default();
    let shared = open_to(&peer).await;
    let _stream = shared.stream().unwrap();
    let started = Instant::now();
    eventually("more pings than a silent one gets", || peer.pings() == 3).await;
    assert!(started.elapsed() >= HURRIED.quiet * 2);
    assert!(!shared.is_closed() && shared.is_trusted());
}

#[tokio::test]
async fn a_connection_in_doubt_is_asked_at_once_and_trusted_again_by_its_answer() {
    let peer = Peer::default();
    let (shared, theirs) = open(Patience::default()).await;
    let stream = shared.stream().unwrap();
    // Times are told apart by the millisecond.
    eventually("doubt", || {
        stream.doubt().cast(Instant::now());
        !shared.is_trusted()
    })
    .await;
    tokio::spawn(peer.clone().run(theirs));
    // Far below the 20 s after which silence alone is asked about.
    eventually("trust", || shared.is_trusted()).await;
    assert_eq!(peer.pings(), 1);
}

/// A body without an end, one byte a piece, each at once.
struct Crumbs(Arc<AtomicUsize>);

impl Body for Crumbs {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }
}

// What a caller sends in small pieces waits as entries that are 300 times as large, and h2 bounds
// the bytes only.
#[tokio::test]
async fn a_body_of_crumbs_waits_at_its_caller_when_nobody_takes_it() {
    let (shared, mut theirs) = open(Patience::default()).await;
    let taken = Arc::new(AtomicUsize::new(0));
    let body = Crumbs(Arc::clone(&taken));
    let request = Request::put("http://vendor.test/").body(body).unwrap();
    let stream = shared.stream().unwrap();
    let sending = tokio::spawn(async move {
        let (handed_over, tasks) = (AtomicBool::new(false), TaskTracker::new());
        exchange(stream, request, &handed_over, &tasks)
            .await
            .is_ok()
    });
    // A window of 16 MiB for the stream and the connection (RFC 9113, 6.5.2 and 6.9).
    let settings = [0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0];
    let update = [0, 0, 4, 8, 0, 0, 0, 0, 0, 1, 0, 0, 0];
    theirs.write_all(&settings).await.unwrap();
    theirs.write_all(&update).await.unwrap();
    // Whatever is written is 10 bytes long; h2 gathers a few kilobytes of it behind the pipe.
    let written = 4 * PIPE_BYTES / 10;
    let mut last = (0, Instant::now());
    eventually("the body to stand still", || {
        let now = taken.load(Ordering::SeqCst);
        if now != last.0 {
            last = (now, Instant::now());
        }
        now > 0 && last.1.elapsed() > Duration::from_millis(200)
    })
    .await;
    assert!(last.0 <= MOST_PIECES + written, "{} pieces", last.0);
    // It goes on as soon as it is taken.
    let mut read = vec![0; 1 << 20];
    theirs.read_exact(&mut read).await.unwrap();
    assert!(taken.load(Ordering::SeqCst) > 100_000);
    sending.abort();
}

/// One byte after each of the pauses, and then nothing more.
struct Paced {
    pauses: Vec<Duration>,
    pause: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Body for Paced {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.pause.is_none() {
            let next = self.pauses.pop();
            self.pause = next.map(|pause| Box::pin(tokio::time::sleep(pause)));
        }
        let Some(pause) = &mut self.pause else {
            return Poll::Pending;
        };
        ready!(pause.as_mut().poll(cx));
        self.pause = None;
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_stops_behind_its_answer_is_given_up_5_s_after_its_last_byte() {
    for (pauses, lasts) in [(vec![], 5), (vec![3], 8), (vec![4, 4], 13)] {
        let (shared, mut theirs) = open(Patience::default()).await;
        let pauses = pauses.into_iter().map(Duration::from_secs).collect();
        let body = Paced {
            pauses,
            pause: None,
        };
        let request = Request::put("http://vendor.test/").body(body).unwrap();
        // The head of an answer with 204, which ends its stream.
        let answer = [0, 0, 1, 1, 5, 0, 0, 0, 1, 0x89];
        theirs.write_all(&SETTINGS).await.unwrap();
        let stream = shared.stream().unwrap();
        let (handed_over, tasks) = (AtomicBool::new(false), TaskTracker::new());
        let (answered, ()) = tokio::join!(exchange(stream, request, &handed_over, &tasks), async {
            // So that the request has its number.
            tokio::time::sleep(Duration::from_millis(1)).await;
            theirs.write_all(&answer).await.unwrap();
        });
        let started = tokio::time::Instant::now();
        drop(answered.ok().unwrap());
        tasks.close();
        tasks.wait().await;
        let lasted = started.elapsed().as_secs_f64();
        assert!((lasted - f64::from(lasts)).abs() < 0.1, "{lasted} s");
    }
}
