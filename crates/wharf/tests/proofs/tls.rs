//! A vendor behind TLS whose handshakes, streams and answers a proof sets.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use h2::server::SendResponse;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::support::tls::TlsServer;

/// Bytes of an answer to a path that ends in `large`: more than all buffers on the way hold.
const LARGE_BYTES: usize = 32 * 1024 * 1024;

/// Bytes of an answer to a path that ends in `medium`: no window is left with so much by chance.
const MEDIUM_BYTES: usize = 256 * 1024;

/// How the vendor behaves.
#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// HTTP/2, else HTTP/1.1.
    pub(crate) http2: bool,
    /// Time before a handshake is begun.
    pub(crate) handshake: Duration,
    /// Time before an answer.
    pub(crate) answer: Duration,
    /// Streams of one HTTP/2 connection.
    pub(crate) streams: u32,
    /// The first connection answers one request and then nothing, and is not closed.
    pub(crate) first_dies: bool,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            http2: true,
            handshake: Duration::ZERO,
            answer: Duration::ZERO,
            streams: 100,
            first_dies: false,
        }
    }
}

/// What the vendor counts.
#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    requests: AtomicUsize,
    sent_bytes: AtomicU64,
}

/// A running vendor; it stops when it is dropped.
pub(crate) struct TlsVendor {
    server: TlsServer,
    counts: Arc<Counts>,
}

impl TlsVendor {
    pub(crate) fn start(manner: Manner) -> Self {
        let protocol: &[u8] = if manner.http2 { b"h2" } else { b"http/1.1" };
        let counts = Arc::new(Counts::default());
        let shared = Arc::clone(&counts);
        let server = TlsServer::start(protocol, move |stream, acceptor| {
            serve(stream, acceptor, manner, Arc::clone(&shared))
        });
        Self { server, counts }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("https://localhost:{}", self.server.address().port())
    }

    /// The certificate to trust, as PEM.
    pub(crate) fn certificate(&self) -> &str {
        self.server.certificate()
    }

    /// Connections after their handshake.
    pub(crate) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> usize {
        self.counts.requests.load(Ordering::SeqCst)
    }

    /// Bytes of bodies that the other side made room for.
    pub(crate) fn sent_bytes(&self) -> u64 {
        self.counts.sent_bytes.load(Ordering::SeqCst)
    }
}

async fn serve(stream: TcpStream, acceptor: TlsAcceptor, manner: Manner, counts: Arc<Counts>) {
    stream.set_nodelay(true).unwrap();
    tokio::time::sleep(manner.handshake).await;
    let Ok(stream) = acceptor.accept(stream).await else {
        return;
    };
    let number = counts.connections.fetch_add(1, Ordering::SeqCst);
    // How the other side ends the connection is judged elsewhere.
    if manner.http2 {
        let _ = http2(stream, number, manner, counts).await;
    } else {
        let _ = http1(stream, manner, &counts).await;
    }
}

async fn http1(
    mut stream: TlsStream<TcpStream>,
    manner: Manner,
    counts: &Counts,
) -> io::Result<()> {
    let mut read = Vec::new();
    loop {
        // The calls of a crowd have no bodies.
        while !read.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
        }
        read.clear();
        counts.requests.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(manner.answer).await;
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(answer).await?;
        stream.flush().await?;
    }
}

async fn http2(
    stream: TlsStream<TcpStream>,
    number: usize,
    manner: Manner,
    counts: Arc<Counts>,
) -> Result<(), h2::Error> {
    let mut connection = h2::server::Builder::new()
        .max_concurrent_streams(manner.streams)
        .handshake::<_, Bytes>(stream)
        .await?;
    let mut accepted = 0;
    while let Some(next) = connection.accept().await {
        let (request, respond) = next?;
        counts.requests.fetch_add(1, Ordering::SeqCst);
        accepted += 1;
        if manner.first_dies && number == 0 && accepted > 1 {
            // Neither read nor closed from here on.
            std::future::pending::<()>().await;
        }
        let length = match request.uri().path().rsplit('/').next() {
            Some("large") => LARGE_BYTES,
            Some("medium") => MEDIUM_BYTES,
            _ => 2,
        };
        let counts = Arc::clone(&counts);
        tokio::spawn(async move {
            tokio::time::sleep(manner.answer).await;
            let _ = answer(respond, length, &counts).await;
        });
    }
    Ok(())
}

async fn answer(
    mut respond: SendResponse<Bytes>,
    length: usize,
    counts: &Counts,
) -> Result<(), h2::Error> {
    let head = http::Response::new(());
    let mut body = respond.send_response(head, false)?;
    let mut missing = length;
    while missing > 0 {
        body.reserve_capacity(missing.min(64 * 1024));
        let Some(room) = std::future::poll_fn(|context| body.poll_capacity(context)).await else {
            return Ok(());
        };
        let piece = room?.min(missing);
        missing -= piece;
        body.send_data(Bytes::from(vec![b'x'; piece]), missing == 0)?;
        counts
            .sent_bytes
            .fetch_add(u64::try_from(piece).unwrap(), Ordering::SeqCst);
    }
    Ok(())
}
