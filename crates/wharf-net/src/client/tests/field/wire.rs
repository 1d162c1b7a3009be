//! Vendors behind TLS that a test plays itself, frame by frame (RFC 9113, 4.1 and 6).

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::server::TlsStream;

use super::super::super::{Client, Limits};
use super::super::TestClient;
use super::super::identity::{HOST, acceptor, trust};
use crate::{Connector, Origin};

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const WINDOW_UPDATE: u8 = 8;

const ACK: u8 = 1;
pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;
pub(super) const PADDED: u8 = 8;

const PREFACE_BYTES: usize = 24;

/// `:status: 200`, by its number in HPACK's static table (RFC 7541, appendix A).
const STATUS_200: u8 = 0x88;

/// A vendor; it stops with its runtime.
pub(super) struct Vendor {
    pub(super) origin: Origin,
    connections: Arc<AtomicUsize>,
}

/// A connection after its handshake.
pub(super) type Secured = TlsStream<TcpStream>;

type Running = Pin<Box<dyn Future<Output = Option<()>> + Send>>;

impl Vendor {
    /// Runs `script` for each connection, with its number. It ends where it gives `None` as well.
    pub(super) async fn start(
        protocols: &[&str],
        script: impl Fn(usize, Secured) -> Running + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(AtomicUsize::new(0));
        let (counter, script) = (Arc::clone(&connections), Arc::new(script));
        let acceptor = acceptor(protocols);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tcp.set_nodelay(true).unwrap();
                let (acceptor, script) = (acceptor.clone(), Arc::clone(&script));
                let number = counter.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    // A client may give up meanwhile.
                    if let Ok(tls) = acceptor.accept(tcp).await {
                        script(number, tls).await;
                    }
                });
            }
        });
        Self {
            origin: Origin::new(true, HOST, port).unwrap(),
            connections,
        }
    }

    /// Connections that were ever made.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// A client that trusts these vendors.
pub(super) fn client(limits: Limits) -> TestClient {
    client_by(Connector::new().with_trust(trust()), limits)
}

pub(super) fn client_by(connector: Connector, limits: Limits) -> Client<Full<Bytes>> {
    Client::new(connector, limits)
}

/// A frame that came.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) kind: u8,
    pub(super) flags: u8,
    pub(super) stream: u32,
    pub(super) payload: Vec<u8>,
}

/// A connection over HTTP/2.
pub(super) struct Wire {
    frames: UnboundedReceiver<Frame>,
    writing: WriteHalf<Secured>,
}

impl Wire {
    /// Reads the preface and says hello with these settings (RFC 9113, 6.5.2).
    pub(super) async fn greet(stream: Secured, settings: &[(u8, u32)]) -> Option<Self> {
        let (mut reading, writing) = tokio::io::split(stream);
        reading.read_exact(&mut [0; PREFACE_BYTES]).await.ok()?;
        let (came, frames) = unbounded_channel();
        tokio::spawn(async move { while read(&mut reading, &came).await.is_some() {} });
        let mut wire = Self { frames, writing };
        wire.send(self::settings(settings)).await?;
        Some(wire)
    }

    pub(super) async fn send(&mut self, bytes: impl AsRef<[u8]>) -> Option<()> {
        self.writing.write_all(bytes.as_ref()).await.ok()?;
        self.writing.flush().await.ok()
    }

    /// The next frame. Settings and pings are answered on the way. Dropping it loses none.
    pub(super) async fn frame(&mut self) -> Option<Frame> {
        loop {
            let frame = self.frames.recv().await?;
            match (frame.kind, frame.flags & ACK) {
                (SETTINGS, 0) => self.send(self::frame(SETTINGS, ACK, 0, &[])).await?,
                (PING, 0) => self.send(self::frame(PING, ACK, 0, &frame.payload)).await?,
                (SETTINGS | PING, _) => {}
                _ => return Some(frame),
            }
        }
    }

    /// The next frame of this kind; others are passed over.
    pub(super) async fn next(&mut self, kind: u8) -> Option<Frame> {
        loop {
            let frame = self.frame().await?;
            if frame.kind == kind {
                return Some(frame);
            }
        }
    }

    /// The stream of the next request.
    pub(super) async fn request(&mut self) -> Option<u32> {
        Some(self.next(HEADERS).await?.stream)
    }

    /// Answers a request with this text.
    pub(super) async fn answer(&mut self, stream: u32, text: &str) -> Option<()> {
        let data = frame(DATA, END_STREAM, stream, text.as_bytes());
        self.send([head(stream), data].concat()).await
    }

    /// Answers all requests to come with this text.
    pub(super) async fn serve(mut self, text: &str) -> Option<()> {
        loop {
            let stream = self.request().await?;
            self.answer(stream, text).await?;
        }
    }

    /// Reads on, and answers pings, for so long.
    pub(super) async fn idle(&mut self, time: Duration) {
        let reading = async { while self.frame().await.is_some() {} };
        let _ = tokio::time::timeout(time, reading).await;
    }
}

async fn read(reading: &mut ReadHalf<Secured>, came: &UnboundedSender<Frame>) -> Option<()> {
    let mut head = [0; 9];
    reading.read_exact(&mut head).await.ok()?;
    let [a, b, c, kind, flags, stream @ ..] = head;
    let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
    reading.read_exact(&mut payload).await.ok()?;
    let stream = u32::from_be_bytes(stream);
    let frame = Frame {
        kind,
        flags,
        stream,
        payload,
    };
    came.send(frame).ok()
}

/// The head of a `200`, behind which its body comes.
pub(super) fn head(stream: u32) -> Vec<u8> {
    frame(HEADERS, END_HEADERS, stream, &[STATUS_200])
}

/// The head of an answer with this status and a length.
pub(super) fn head_with_length(stream: u32, status: u8, length: &str) -> Vec<u8> {
    // The name by its number in the static table, the value as it is (RFC 7541, 6.2.2).
    let mut block = vec![status, 0x0f, 0x0d];
    block.push(u8::try_from(length.len()).unwrap());
    block.extend(length.as_bytes());
    frame(HEADERS, END_HEADERS, stream, &block)
}

pub(super) fn settings(settings: &[(u8, u32)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (name, value) in settings {
        payload.extend([0, *name]);
        payload.extend(value.to_be_bytes());
    }
    frame(SETTINGS, 0, 0, &payload)
}

pub(super) fn reset(stream: u32, reason: u8) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &[0, 0, 0, reason])
}

pub(super) fn goodbye(last: u32, reason: u8) -> Vec<u8> {
    let mut payload = last.to_be_bytes().to_vec();
    payload.extend([0, 0, 0, reason]);
    frame(GOAWAY, 0, 0, &payload)
}

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}
