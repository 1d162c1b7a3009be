//! The life of one connection, from its first byte to its end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderValue};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::serve::accept::Accepted;
use crate::serve::date;
use crate::serve::linger::linger;
use crate::serve::patient::Patient;
use crate::serve::places::{Phase, Place, Places, Signal};
use crate::serve::refusal::Refusal;
use crate::serve::watched::{Answer, End, Left, Slot, Watched};
use crate::serve::{Bounds, Peer, Service};
use crate::turn::Corked;

/// The stream below the parser.
type Stream = Patient<Corked>;

/// A connection that has its place and is not served yet.
pub(crate) struct Connection {
    stream: std::net::TcpStream,
    peer: Peer,
    place: Place,
    signal: oneshot::Receiver<Signal>,
}

/// Why serving stopped.
enum Stop {
    /// The parser came to an end, well or not.
    Ended(Result<(), hyper::Error>),
    /// Nothing was under way, and it was told to end.
    Quiet,
    /// Its answer was not taken within the drain.
    Overdue,
}

impl Connection {
    /// Takes the socket off this runtime. Errors: the system refuses.
    pub(crate) fn new(accepted: Accepted, places: &Arc<Places>) -> std::io::Result<Self> {
        let (place, signal) = places.take(accepted.peer, accepted.permit);
        let stream = accepted.stream.into_std()?;
        Ok(Self {
            peer: Peer::new(accepted.peer, stream.local_addr().ok()),
            stream,
            place,
            signal,
        })
    }

    /// Serves until the connection ends. Dropping the future cuts it.
    pub(crate) async fn serve<S: Service>(self, service: S, bounds: Bounds) {
        let Self {
            stream,
            peer,
            place,
            mut signal,
        } = self;
        let Ok(stream) = TcpStream::from_std(stream) else {
            return;
        };
        // Failing to set it costs latency and nothing else.
        let _ = stream.set_nodelay(true);
        let slot = Slot::default();
        let stream = Watched::new(
            Patient::new(Corked::new(stream), peer.deadline.clone()),
            Arc::clone(&place.state),
            &bounds,
            Arc::clone(&slot),
        );
        let stop = run(stream, &service, &peer, &place, &mut signal, &bounds).await;
        let Some(left) = slot.lock().ok().and_then(|mut slot| slot.take()) else {
            return;
        };
        if peer.wants_reset() {
            // Without it the connection closes in order, which a client takes as cut off too.
            let _ = left.stream.get_ref().reset_at_close();
            return;
        }
        place.state.set(Phase::Lingering);
        tokio::select! {
            biased;
            // The place is needed, or all ends: what was said is said.
            _ = &mut signal, if !signal.is_terminated() => {}
            () = finish(stop, left, &service, &peer, &bounds) => {}
        }
    }
}

/// Runs the parser until it ends, or has to. The stream is in its slot afterwards.
async fn run<S: Service>(
    stream: Watched<Stream>,
    service: &S,
    peer: &Peer,
    place: &Place,
    signal: &mut oneshot::Receiver<Signal>,
    bounds: &Bounds,
) -> Stop {
    let state = &place.state;
    let answer = service_fn(|request: Request<Incoming>| {
        state.begin();
        async move {
            let mut response = service.call(request, peer).await?;
            date::ensure(response.headers_mut());
            if place.is_finishing() {
                // The parser closes behind it.
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, S::Error>(response.map(|body| Answer::new(body, Arc::clone(state))))
        }
    });
    let connection = http1::Builder::new()
        // `Watched` times heads, with one time for a head and another between two.
        .header_read_timeout(None)
        // The room of the buffer alone lets a head pass that comes in one piece and is larger.
        .max_buf_size(bounds.head_bytes)
        .max_header_size(bounds.head_bytes)
        // `date` sets it.
        .auto_date_header(false)
        // The end of the caller's direction looks the same whether it waits or is gone. It is
        // taken as gone, so that nobody pays for an answer that nobody reads.
        .half_close(false)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = pin!(connection);
    let mut lifetime = pin!(lasting(bounds.lifetime));
    let until = loop {
        tokio::select! {
            biased;
            // The connection first, so that a request that is here is begun before the connection
            // is told to go.
            ended = connection.as_mut() => return Stop::Ended(ended),
            told = &mut *signal => {
                match told {
                    Ok(Signal::Evict) => {}
                    Ok(Signal::Drain(until)) => break until,
                    // Nobody can tell it anything more.
                    Err(_) => break Instant::now() + bounds.drain,
                }
                if state.can_go() {
                    // What has arrived shows only when the sockets were looked at once more, and
                    // nobody may lose a request that is here already.
                    let looked = tokio::select! {
                        biased;
                        ended = connection.as_mut() => Some(ended),
                        () = tokio::task::yield_now() => None,
                    };
                    if let Some(ended) = looked {
                        return Stop::Ended(ended);
                    }
                    if state.can_go() {
                        return Stop::Quiet;
                    }
                }
                // A request came in the same moment; it goes first.
                *signal = place.listen_again();
            }
            () = &mut lifetime => break Instant::now() + bounds.drain,
        }
    };
    let was_quiet = state.is(Phase::Quiet);
    connection.as_mut().graceful_shutdown();
    match tokio::time::timeout_at(until, connection).await {
        Err(_) => Stop::Overdue,
        Ok(Ok(())) if was_quiet => Stop::Quiet,
        Ok(ended) => Stop::Ended(ended),
    }
}

async fn lasting(lifetime: Option<Duration>) {
    match lifetime {
        Some(lifetime) => tokio::time::sleep(lifetime).await,
        None => std::future::pending().await,
    }
}

/// What is still to be said, and the caller's time to hear it.
async fn finish<S: Service>(
    stop: Stop,
    left: Left<Stream>,
    service: &S,
    peer: &Peer,
    bounds: &Bounds,
) {
    let mut stream = left.stream;
    let refusal = match &stop {
        Stop::Quiet | Stop::Overdue => return,
        Stop::Ended(_) if left.end == Some(End::Unfinished) => {
            Some(Refusal::timeout(bounds.head.as_secs_f64()))
        }
        Stop::Ended(Ok(())) => None,
        Stop::Ended(Err(error)) => {
            tracing::debug!(%error, peer = %peer.address(), "connection of a caller ended");
            match Refusal::of(error, &left.line, bounds.head_bytes) {
                Some(refusal) => Some(refusal),
                None => return,
            }
        }
    };
    let last_words = match &refusal {
        Some(refusal) => bytes_of(service.refuse(refusal, peer.address())),
        None => left.held,
    };
    let is_said = stream.write_all(&last_words).await.is_ok();
    if is_said && !matches!(left.end, Some(End::Caller | End::Idle)) {
        linger(&mut stream).await;
    }
}

/// An answer as it goes on the wire (RFC 9112), the last one of its connection.
fn bytes_of(mut response: Response<Bytes>) -> Vec<u8> {
    let length = response.body().len();
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    date::ensure(headers);
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
    for (name, value) in response.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(response.body());
    bytes
}
