//! A vendor behind TLS that does with each of its connections and requests what it is told.
//!
//! It speaks HTTP/2 frame by frame (RFC 9113, 6), since what a server may do to a client is more
//! than a library for servers offers. A request's body is its number.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_rustls::TlsAcceptor;

use super::super::identity;
use crate::Origin;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const MAX_CONCURRENT_STREAMS: u8 = 3;
const PREFACE_BYTES: usize = 24;

pub(super) const INTERNAL_ERROR: u8 = 2;
pub(super) const REFUSED_STREAM: u8 = 7;

/// The ping behind a good-bye; its answer tells that the good-bye was read.
const BEHIND_GOODBYE: [u8; 8] = *b"good-bye";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

/// Where a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) connection: usize,
    /// Over HTTP/1.1, as if each request had a stream.
    pub(super) stream: u32,
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) protocol: Protocol,
    pub(super) is_open: bool,
    /// It reads and says nothing any more.
    pub(super) is_deaf: bool,
    /// The last stream that it still answers, once it said good-bye.
    pub(super) goodbye: Option<u32>,
    /// Whether the client has read that.
    pub(super) knows_goodbye: bool,
    /// Streams that it allows: as the client has confirmed it last, and as it was told last.
    pub(super) confirmed: u32,
    pub(super) allowed: u32,
    /// Streams that have not ended, and whether they have the head of an answer.
    pub(super) streams: BTreeMap<u32, bool>,
    /// Requests that it has had.
    requests: u32,
    /// Bytes to write; none ends the connection.
    orders: UnboundedSender<Option<Vec<u8>>>,
}

/// What the vendor does with connections to come, and what it saw.
#[derive(Debug)]
pub(super) struct State {
    pub(super) protocol: Protocol,
    /// Streams of an HTTP/2 connection.
    pub(super) streams: u32,
    /// No connection may get a second request.
    is_for_one: bool,
    pub(super) connections: Vec<Connection>,
    /// Requests by their numbers.
    pub(super) seen: HashMap<u64, Place>,
    /// Requests that came behind a good-bye, before the client knew of it.
    pub(super) left_out: usize,
    /// What no client may do.
    pub(super) wrong: Vec<String>,
}

#[derive(Clone)]
pub(super) struct Vendor {
    pub(super) origin: Origin,
    state: Arc<Mutex<State>>,
}

/// As HTTP/1.1 and as HTTP/2.
static ACCEPTORS: LazyLock<[TlsAcceptor; 2]> = LazyLock::new(|| {
    [
        identity::acceptor(&["http/1.1"]),
        identity::acceptor(&["h2"]),
    ]
});

impl Vendor {
    pub(super) async fn start(streams: u32, is_for_one: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let vendor = Self {
            origin: Origin::new(true, identity::HOST, port).unwrap(),
            state: Arc::new(Mutex::new(State {
                protocol: Protocol::Http2,
                streams,
                is_for_one,
                connections: Vec::new(),
                seen: HashMap::new(),
                left_out: 0,
                wrong: Vec::new(),
            })),
        };
        let accepting = vendor.clone();
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                tokio::spawn(accepting.clone().serve(tcp));
            }
        });
        vendor
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn serve(self, tcp: TcpStream) {
        tcp.set_nodelay(true).unwrap();
        let protocol = self.state().protocol;
        let acceptor = &ACCEPTORS[usize::from(protocol == Protocol::Http2)];
        // A client may give up meanwhile.
        let Ok(tls) = acceptor.accept(tcp).await else {
            return;
        };
        let (orders, ordered) = unbounded_channel();
        let number = self.state().add(protocol, orders);
        let (reader, mut writer) = tokio::io::split(tls);
        let reading = async {
            match protocol {
                Protocol::Http1 => self.read_requests(number, reader).await,
                Protocol::Http2 => self.read_frames(number, reader).await,
            }
        };
        tokio::select! { _ = reading => {}, _ = write(&mut writer, ordered) => {} }
        self.state().connections[number].is_open = false;
    }

    async fn read_frames(
        &self,
        number: usize,
        mut reader: impl AsyncRead + Unpin,
    ) -> io::Result<()> {
        reader.read_exact(&mut [0; PREFACE_BYTES]).await?;
        loop {
            let mut head = [0; 9];
            reader.read_exact(&mut head).await?;
            let [a, b, c, kind, flags, stream @ ..] = head;
            let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
            reader.read_exact(&mut payload).await?;
            let stream = u32::from_be_bytes(stream);
            self.state().frame(number, (kind, flags, stream), &payload);
        }
    }

    async fn read_requests(
        &self,
        number: usize,
        mut reader: impl AsyncRead + Unpin,
    ) -> io::Result<()> {
        loop {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(reader.read_u8().await?);
            }
            let head = String::from_utf8(head).unwrap().to_lowercase();
            let length = head.split("content-length: ").nth(1).unwrap();
            let length = length.split("\r\n").next().unwrap().parse().unwrap();
            let mut body = vec![0; length];
            reader.read_exact(&mut body).await?;
            let mut state = self.state();
            let stream = 2 * state.connections[number].requests + 1;
            state.open(number, stream);
            state.see(number, stream, &body);
        }
    }
}

async fn write(
    writer: &mut (impl AsyncWriteExt + Unpin),
    mut ordered: UnboundedReceiver<Option<Vec<u8>>>,
) -> io::Result<()> {
    while let Some(Some(bytes)) = ordered.recv().await {
        writer.write_all(&bytes).await?;
        writer.flush().await?;
    }
    Ok(())
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = length[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

fn bound(streams: u32) -> Vec<u8> {
    let mut payload = vec![0, MAX_CONCURRENT_STREAMS];
    payload.extend(streams.to_be_bytes());
    frame(SETTINGS, 0, 0, &payload)
}

impl State {
    fn add(&mut self, protocol: Protocol, orders: UnboundedSender<Option<Vec<u8>>>) -> usize {
        let is_shared = protocol == Protocol::Http2;
        if is_shared {
            orders.send(Some(bound(self.streams))).unwrap();
        }
        self.connections.push(Connection {
            protocol,
            is_open: true,
            is_deaf: false,
            goodbye: None,
            knows_goodbye: false,
            // A client that was told nothing yet takes one stream and no more.
            confirmed: 1,
            allowed: if is_shared { self.streams } else { 1 },
            streams: BTreeMap::new(),
            requests: 0,
            orders,
        });
        self.connections.len() - 1
    }

    /// What a client sent.
    fn frame(&mut self, number: usize, (kind, flags, stream): (u8, u8, u32), payload: &[u8]) {
        let connection = &mut self.connections[number];
        match (kind, flags & ACK) {
            (HEADERS, _) => self.open(number, stream),
            (DATA, _) if !payload.is_empty() => self.see(number, stream, payload),
            (RST_STREAM, _) => drop(connection.streams.remove(&stream)),
            (SETTINGS, ACK) => connection.confirmed = connection.allowed,
            (PING, ACK) => connection.knows_goodbye |= payload == BEHIND_GOODBYE,
            (SETTINGS, _) => self.say(number, frame(SETTINGS, ACK, 0, &[])),
            (PING, _) => self.say(number, frame(PING, ACK, 0, payload)),
            _ => {}
        }
    }

    fn open(&mut self, number: usize, stream: u32) {
        let connection = &mut self.connections[number];
        let bound = connection.confirmed.max(connection.allowed) as usize;
        let wrong = if connection.streams.len() >= bound {
            Some("more requests at once than are allowed")
        } else if connection.knows_goodbye {
            Some("a request behind a good-bye")
        } else if self.is_for_one && connection.requests > 0 {
            Some("a request over what is too old")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            self.wrong.push(format!("connection {number}: {wrong}"));
        }
        connection.requests += 1;
        if connection.goodbye.is_some_and(|last| stream > last) {
            self.left_out += 1;
        } else {
            connection.streams.insert(stream, false);
        }
    }

    fn see(&mut self, number: usize, stream: u32, body: &[u8]) {
        if !self.connections[number].streams.contains_key(&stream) {
            return;
        }
        let request = std::str::from_utf8(body).unwrap().parse().unwrap();
        let place = Place {
            connection: number,
            stream,
        };
        if let Some(before) = self.seen.insert(request, place) {
            let twice = format!("request {request} came at {before:?} and at {place:?}");
            self.wrong.push(twice);
        }
    }

    fn say(&self, number: usize, bytes: Vec<u8>) {
        let connection = &self.connections[number];
        if !connection.is_deaf {
            // One that has ended hears nothing.
            let _ = connection.orders.send(Some(bytes));
        }
    }

    /// Sends the head of an answer, which names the connection, and half of its body.
    pub(super) fn answer(&mut self, Place { connection, stream }: Place) {
        let name = connection.to_string();
        let bytes = match self.connections[connection].protocol {
            Protocol::Http1 => {
                format!("HTTP/1.1 200 OK\r\nx-connection: {name}\r\ncontent-length: 2\r\n\r\no")
                    .into_bytes()
            }
            Protocol::Http2 => {
                // `:status: 200`, then a name and a value as they are (RFC 7541, 6.1 and 6.2.2).
                let mut block = vec![0x88, 0, 12];
                block.extend(b"x-connection");
                block.push(u8::try_from(name.len()).unwrap());
                block.extend(name.as_bytes());
                let head = frame(HEADERS, END_HEADERS, stream, &block);
                [head, frame(DATA, 0, stream, b"o")].concat()
            }
        };
        self.connections[connection].streams.insert(stream, true);
        self.say(connection, bytes);
    }

    /// Sends the rest of an answer.
    pub(super) fn finish(&mut self, Place { connection, stream }: Place) {
        let bytes = match self.connections[connection].protocol {
            Protocol::Http1 => b"k".to_vec(),
            Protocol::Http2 => frame(DATA, END_STREAM, stream, b"k"),
        };
        self.connections[connection].streams.remove(&stream);
        self.say(connection, bytes);
    }

    pub(super) fn reset(&mut self, Place { connection, stream }: Place, reason: u8) {
        self.connections[connection].streams.remove(&stream);
        self.say(connection, frame(RST_STREAM, 0, stream, &[0, 0, 0, reason]));
    }

    /// Says good-bye; streams above `last` are not processed.
    pub(super) fn say_goodbye(&mut self, number: usize, last: u32) {
        let connection = &mut self.connections[number];
        connection.goodbye = Some(last);
        connection.streams.retain(|stream, _| *stream <= last);
        let mut payload = last.to_be_bytes().to_vec();
        payload.extend([0; 4]);
        let goodbye = frame(GOAWAY, 0, 0, &payload);
        let behind = frame(PING, 0, 0, &BEHIND_GOODBYE);
        self.say(number, [goodbye, behind].concat());
    }

    pub(super) fn allow(&mut self, number: usize, streams: u32) {
        self.connections[number].allowed = streams;
        self.say(number, bound(streams));
    }

    pub(super) fn close(&mut self, number: usize) {
        let _ = self.connections[number].orders.send(None);
    }

    /// Connections of which `counts` says so, and which are open.
    pub(super) fn open_ones(&self, counts: impl Fn(usize, &Connection) -> bool) -> Vec<usize> {
        let connections = self.connections.iter().enumerate();
        let open = connections.filter(|(number, it)| it.is_open && counts(*number, it));
        open.map(|(number, _)| number).collect()
    }
}
