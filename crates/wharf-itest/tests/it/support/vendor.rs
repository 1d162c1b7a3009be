//! A vendor that does what a test tells it, byte by byte, and keeps what it received.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::eventually;

/// One request as it came over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    /// Which connection it came over, from 0.
    pub(crate) connection: usize,
    /// When its head was complete.
    pub(crate) at: Instant,
    /// Request line and header lines.
    pub(crate) head: String,
    /// The body without its framing.
    pub(crate) body: Vec<u8>,
    /// The lines behind the last chunk.
    pub(crate) trailers: String,
    /// The whole body was read.
    pub(crate) complete: bool,
}

impl Received {
    /// For example `GET`.
    pub(crate) fn method(&self) -> &str {
        self.head.split(' ').next().unwrap()
    }

    /// Path and query.
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    /// The value of a header; several are joined.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(':'))
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

#[derive(Default)]
struct State {
    received: Mutex<Vec<Received>>,
    accepted: AtomicUsize,
    open: AtomicUsize,
    written_bytes: AtomicU64,
}

impl State {
    fn received(&self) -> MutexGuard<'_, Vec<Received>> {
        self.received.lock().unwrap()
    }
}

/// A running vendor; it stops when it is dropped.
pub(crate) struct Vendor {
    address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Vendor {
    /// A vendor that runs `script` for each connection.
    pub(crate) async fn start<Script, Running>(script: Script) -> Self
    where
        Script: Fn(Connection) -> Running + Send + 'static,
        Running: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self::on(listener, script)
    }

    /// The same, on a listener that is there already.
    pub(crate) fn on<Script, Running>(listener: TcpListener, script: Script) -> Self
    where
        Script: Fn(Connection) -> Running + Send + 'static,
        Running: Future<Output = ()> + Send + 'static,
    {
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let accepting = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                shared.open.fetch_add(1, Ordering::SeqCst);
                let connection = Connection {
                    number: shared.accepted.fetch_add(1, Ordering::SeqCst),
                    stream: Some(stream),
                    buffer: Vec::new(),
                    state: Arc::clone(&shared),
                };
                tokio::spawn(script(connection));
            }
        });
        Self {
            address,
            state,
            accepting,
        }
    }

    /// A vendor that answers each request with `answer`, once the gate is opened for it.
    pub(crate) async fn gated(gate: &Gate, answer: Vec<u8>) -> Self {
        let gate = gate.clone();
        Self::start(move |mut connection| {
            let (gate, answer) = (gate.clone(), answer.clone());
            async move {
                while connection.request().await.is_some() {
                    gate.wait().await;
                    connection.send(&answer).await;
                }
            }
        })
        .await
    }

    /// A vendor that answers each request with `beginning` at once, with one of `pieces` each time
    /// the gate is opened, and with the last chunk behind them.
    pub(crate) async fn in_steps(gate: &Gate, beginning: String, pieces: Vec<String>) -> Self {
        let gate = gate.clone();
        let script = Arc::new((beginning, pieces));
        Self::start(move |mut connection| {
            let (gate, script) = (gate.clone(), Arc::clone(&script));
            async move {
                let (beginning, pieces) = &*script;
                while connection.request().await.is_some() {
                    connection.send(beginning).await;
                    for piece in pieces {
                        gate.wait().await;
                        connection.send(chunk(piece)).await;
                    }
                    connection.send(LAST_CHUNK).await;
                }
            }
        })
        .await
    }

    /// A vendor that reads each request to its end and answers with what `answer` gives;
    /// its first argument counts all requests from 0.
    pub(crate) async fn answering(
        answer: impl Fn(usize, &Received) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let (answer, count) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
        Self::start(move |mut connection| {
            let (answer, count) = (Arc::clone(&answer), Arc::clone(&count));
            async move {
                while let Some(request) = connection.request().await {
                    let bytes = answer(count.fetch_add(1, Ordering::SeqCst), &request);
                    if !connection.send(&bytes).await {
                        return;
                    }
                }
            }
        })
        .await
    }

    /// A vendor that answers everything with `200` and a small JSON body.
    pub(crate) async fn fine() -> Self {
        Self::answering(|_, _| ok("{\"ok\":true}")).await
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request so far, also those that broke off in their body.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.state.received().clone()
    }

    /// Forgets the requests so far.
    pub(crate) fn forget_requests(&self) {
        self.state.received().clear();
    }

    /// How many requests came so far.
    pub(crate) fn count(&self) -> usize {
        self.state.received().len()
    }

    /// The only request.
    pub(crate) fn only_request(&self) -> Received {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:#?}");
        requests.into_iter().next().unwrap()
    }

    /// Connections that were ever made.
    pub(crate) fn accepted(&self) -> usize {
        self.state.accepted.load(Ordering::SeqCst)
    }

    /// Connections that are open now.
    pub(crate) fn open(&self) -> usize {
        self.state.open.load(Ordering::SeqCst)
    }

    /// Bytes that the system took from all scripts.
    pub(crate) fn written_bytes(&self) -> u64 {
        self.state.written_bytes.load(Ordering::SeqCst)
    }

    /// Waits until so many connections are open.
    pub(crate) async fn until_open(&self, connections: usize) {
        let what = format!("{connections} open connections at the vendor");
        eventually(&what, || {
            let open = self.open();
            (open == connections).then_some(()).ok_or(open)
        })
        .await;
    }

    /// Waits until so many requests have come.
    pub(crate) async fn until_count(&self, requests: usize) {
        eventually(&format!("{requests} requests at the vendor"), || {
            let count = self.count();
            (count >= requests).then_some(()).ok_or(count)
        })
        .await;
    }
}

/// One connection to the vendor, in the hands of a script. Dropping it closes it.
pub(crate) struct Connection {
    number: usize,
    stream: Option<TcpStream>,
    /// Bytes that were read and not used yet.
    buffer: Vec<u8>,
    state: Arc<State>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        drop(self.stream.take());
        self.state.open.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What came of waiting for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// One came and was read whole.
    Request,
    /// The connection ended.
    Closed,
    /// Nothing came in time.
    Nothing,
}

/// How the length of a body is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length(usize),
    Chunked,
}

impl Connection {
    /// Its number, from 0.
    pub(crate) const fn number(&self) -> usize {
        self.number
    }

    /// Reads a head and records the request. `None` when the connection ends before one.
    pub(crate) async fn head(&mut self) -> Option<Received> {
        let end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n\r\n") {
                break at + 4;
            }
            self.read().await?;
        };
        let head: Vec<u8> = self.buffer.drain(..end).collect();
        let received = Received {
            connection: self.number,
            at: Instant::now(),
            head: String::from_utf8(head).unwrap(),
            body: Vec::new(),
            trailers: String::new(),
            complete: false,
        };
        self.state.received().push(received.clone());
        Some(received)
    }

    /// Reads a head and the whole body behind it. `None` when the connection ends before that.
    pub(crate) async fn request(&mut self) -> Option<Received> {
        let request = self.head().await?;
        self.rest_of(&request).await
    }

    /// Waits at most so long for the next request to begin, and reads it.
    pub(crate) async fn next_within(&mut self, patience: Duration) -> Next {
        if self.buffer.is_empty() {
            match tokio::time::timeout(patience, self.read()).await {
                Err(_) => return Next::Nothing,
                Ok(None) => return Next::Closed,
                Ok(Some(())) => {}
            }
        }
        self.request().await.map_or(Next::Closed, |_| Next::Request)
    }

    /// Reads the body behind a head that was read last.
    async fn rest_of(&mut self, request: &Received) -> Option<Received> {
        match framing(request) {
            Framing::Length(length) => self.body_bytes(length).await?,
            Framing::Chunked => self.chunks(usize::MAX).await?,
        }
        let index = self.index();
        let mut received = self.state.received();
        received[index].complete = true;
        Some(received[index].clone())
    }

    /// Reads `length` bytes of a body that is not chunked, behind [`Self::head`].
    pub(crate) async fn body_bytes(&mut self, length: usize) -> Option<()> {
        let index = self.index();
        let mut missing = length;
        while missing > 0 {
            if self.buffer.is_empty() {
                self.read().await?;
            }
            let part: Vec<u8> = self
                .buffer
                .drain(..missing.min(self.buffer.len()))
                .collect();
            missing -= part.len();
            self.state.received()[index].body.extend(part);
        }
        Some(())
    }

    /// Reads up to `count` chunks of a chunked body, or to its end, trailers included.
    pub(crate) async fn chunks(&mut self, count: usize) -> Option<()> {
        let index = self.index();
        for _ in 0..count {
            let size = usize::from_str_radix(self.line().await?.trim(), 16).unwrap();
            if size == 0 {
                loop {
                    let line = self.line().await?;
                    if line == "\r\n" {
                        return Some(());
                    }
                    self.state.received()[index].trailers.push_str(&line);
                }
            }
            while self.buffer.len() < size + 2 {
                self.read().await?;
            }
            let part: Vec<u8> = self.buffer.drain(..size + 2).collect();
            self.state.received()[index].body.extend(&part[..size]);
        }
        Some(())
    }

    /// Writes; `false` when the other side is gone.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        let stream = self.stream.as_mut().unwrap();
        for part in bytes.as_ref().chunks(64 * 1024) {
            if stream.write_all(part).await.is_err() {
                return false;
            }
            let length = u64::try_from(part.len()).unwrap();
            self.state.written_bytes.fetch_add(length, Ordering::SeqCst);
        }
        true
    }

    /// Reads, and forgets, until these bytes have come.
    pub(crate) async fn until_bytes(&mut self, end: &[u8]) -> Option<()> {
        while find(&self.buffer, end).is_none() {
            let keep = self.buffer.len().saturating_sub(end.len());
            self.buffer.drain(..keep);
            self.read().await?;
        }
        self.buffer.clear();
        Some(())
    }

    /// Does nothing until the other side closes the connection.
    pub(crate) async fn until_closed(mut self) {
        while self.read().await.is_some() {
            self.buffer.clear();
        }
    }

    /// Waits for the other side's close, but at most so long; says whether it came.
    pub(crate) async fn closed_within(&mut self, time: Duration) -> bool {
        tokio::time::timeout(time, async { while self.read().await.is_some() {} })
            .await
            .is_ok()
    }

    /// Breaks the connection off, so that the other side gets an error instead of an end.
    pub(crate) fn reset(mut self) {
        let stream = self.stream.take().unwrap();
        stream.set_zero_linger().unwrap();
    }

    /// Says that nothing more will be sent, and records every request that still comes.
    pub(crate) async fn close_and_drain(mut self) {
        self.shut_down().await;
        while self.request().await.is_some() {}
    }

    /// The same as soon as the head of a request has come.
    pub(crate) async fn close_after_head(mut self) {
        if let Some(request) = self.head().await {
            self.shut_down().await;
            if self.rest_of(&request).await.is_some() {
                self.close_and_drain().await;
            }
        }
    }

    /// Answers every request with `200`.
    pub(crate) async fn serve(mut self) {
        while self.request().await.is_some() && self.send(ok("done")).await {}
    }

    async fn shut_down(&mut self) {
        // An error means that the other side is gone already.
        let _ = self.stream.as_mut().unwrap().shutdown().await;
    }

    /// The place of the request that was begun last on this connection.
    fn index(&self) -> usize {
        let received = self.state.received();
        let of_this = |request: &Received| request.connection == self.number;
        received.iter().rposition(of_this).unwrap()
    }

    async fn line(&mut self) -> Option<String> {
        let end = loop {
            if let Some(at) = find(&self.buffer, b"\r\n") {
                break at + 2;
            }
            self.read().await?;
        };
        let line: Vec<u8> = self.buffer.drain(..end).collect();
        Some(String::from_utf8(line).unwrap())
    }

    /// Reads what is there. `None` at the end, however it came.
    async fn read(&mut self) -> Option<()> {
        let mut piece = vec![0; 64 * 1024];
        let length = self.stream.as_mut()?.read(&mut piece).await.ok()?;
        self.buffer.extend_from_slice(&piece[..length]);
        (length > 0).then_some(())
    }
}

fn framing(request: &Received) -> Framing {
    if request.header("transfer-encoding").is_some() {
        return Framing::Chunked;
    }
    let length = request.header("content-length");
    Framing::Length(length.map_or(0, |length| length.parse().unwrap()))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// The bytes of a `200` with a body.
pub(crate) fn ok(body: &str) -> Vec<u8> {
    answer(200, &[], body)
}

/// The bytes of an answer with a declared length.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let length = body.len();
    format!("HTTP/1.1 {status} Test\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// The bytes of the head of a `200` with a chunked body.
pub(crate) const CHUNKED: &str =
    "HTTP/1.1 200 Test\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/// The bytes of one chunk.
pub(crate) fn chunk(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// The bytes behind the last chunk.
pub(crate) const LAST_CHUNK: &str = "0\r\n\r\n";

/// What a script waits for until the test lets it go on, step by step.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    /// Lets one wait pass, now or later.
    pub(crate) fn open(&self) {
        self.0.add_permits(1);
    }

    /// Waits for one [`Self::open`].
    pub(crate) async fn wait(&self) {
        self.0.acquire().await.unwrap().forget();
    }
}
