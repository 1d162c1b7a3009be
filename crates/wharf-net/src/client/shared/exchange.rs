//! One request and its answer over a stream of HTTP/2 (RFC 9113, section 8.1).

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use h2::client::ResponseFuture;
use h2::{RecvStream, SendStream};
use http::header::{CONNECTION, CONTENT_LENGTH, HOST, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, Method, Request, Response, StatusCode, Version};
use http_body::{Body, Frame, SizeHint};
use tokio::sync::Notify;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};
use tokio_util::task::TaskTracker;

use super::super::error::{ReplyError, SendError, is_flood};
use super::super::{UNTAKEN, head, interim};
use super::inbox::Inbox;
use super::queue::{Piece, Queue};
use super::{State, Stream, ready_now};

/// Why there is no answer.
pub(in crate::client) enum Failed<B> {
    /// The connection took nothing, and the request is as it was.
    Unsent(Box<Request<B>>, SendError),
    /// The request is gone.
    Lost(SendError),
}

/// The body of an answer, and what its stream still holds.
pub(in crate::client) struct Incoming {
    inbox: Arc<Inbox>,
    /// What is left of the length that its head declares.
    length: Option<u64>,
    /// By its status. h2 looks at the length alone, and takes an end without the bytes for a fault.
    has_no_content: bool,
    data_ended: bool,
    upload: Option<Upload>,
    /// Holds the stream's place in our count.
    right: Stream,
}

/// The rest of a request whose answer has begun.
struct Upload {
    task: AbortHandle,
    /// Rings when the answer has ended.
    answered: Arc<Notify>,
}

impl Drop for Incoming {
    /// An answer that is not wanted any more ends its stream, both ways. Behind one that has
    /// ended the caller may go on sending, as long as it is taken.
    fn drop(&mut self) {
        let has_ended = self.inbox.is_end_stream();
        self.right.is_under_way &= !has_ended;
        if let Some(upload) = &self.upload {
            if has_ended {
                upload.answered.notify_one();
            } else {
                upload.task.abort();
            }
        }
        self.inbox.close();
    }
}

/// Sends a request and waits for the head of its answer; the rest of the body goes on beside it.
///
/// Dropping the future resets the stream. `handed_over` is set just before bytes can have been
/// written.
pub(in crate::client) async fn exchange<B>(
    mut right: Stream,
    request: Request<B>,
    handed_over: &AtomicBool,
    tasks: &TaskTracker,
) -> Result<Response<Incoming>, Failed<B>>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if let Err(error) = ready_now(&mut right.sender) {
        let error = SendError::from_h2(error, false);
        return Err(Failed::Unsent(Box::new(request), error));
    }
    let (head, body) = into_head(request);
    let written_before = right.state.traffic.written_bytes();
    handed_over.store(true, Ordering::Relaxed);
    let ended = body.is_end_stream();
    let (mut answer, stream) = match right.sender.send_request(head, ended) {
        Ok(both) => both,
        // The head is gone, so the request cannot be tried elsewhere; h2 refuses before it queues.
        Err(error) => {
            handed_over.store(false, Ordering::Relaxed);
            return Err(Failed::Lost(SendError::from_h2(error, false)));
        }
    };
    right.is_under_way = true;
    let mut upload = (!ended).then_some(Sending {
        stream,
        queue: Queue::default(),
        body,
        sent_bytes: 0,
    });
    let response = match head_of(&mut answer, &mut upload).await {
        Ok(response) => response,
        Err(broken) => {
            right.is_under_way = !matches!(broken, Broken::Stream(_));
            let error = broken.into_error(&right.state, written_before);
            return Err(Failed::Lost(error));
        }
    };
    // The inbox notes what comes from now on; the head has not gone through it.
    right.state.arrivals.last().now();
    if head::is_too_large(response.headers()) {
        return Err(Failed::Lost(SendError::head_too_large()));
    }
    let upload = upload.map(|sending| {
        let answered = Arc::new(Notify::new());
        let rest = sending.rest(Arc::clone(&answered));
        Upload {
            task: tasks.spawn(rest).abort_handle(),
            answered,
        }
    });
    let status = response.status();
    let has_no_content = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    let length = if has_no_content {
        Some(0)
    } else {
        declared_length(response.headers())
    };
    Ok(response.map(|stream| Incoming {
        has_no_content,
        data_ended: false,
        length,
        inbox: Inbox::new(stream, &right.state.arrivals),
        upload,
        right,
    }))
}

/// Waits for the head of an answer, and sends what it can of the request meanwhile.
async fn head_of<B>(
    answer: &mut ResponseFuture,
    upload: &mut Option<Sending<B>>,
) -> Result<Response<RecvStream>, Broken>
where
    B: Body + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut interim_answers = None;
    std::future::poll_fn(|cx| {
        if has_too_many_interim(answer, &mut interim_answers, cx) {
            return Poll::Ready(Err(Broken::Interim));
        }
        // An answer counts also where the body could not be sent to its end.
        if let Poll::Ready(answer) = Pin::new(&mut *answer).poll(cx) {
            return Poll::Ready(answer.map_err(Broken::Stream));
        }
        if let Some(sending) = upload
            && let Poll::Ready(sent) = sending.poll(cx)
        {
            *upload = None;
            if let Err(error) = sent {
                return Poll::Ready(Err(Broken::Body(error)));
            }
        }
        Poll::Pending
    })
    .await
}

/// Why no answer came.
enum Broken {
    /// Interim answers without end.
    Interim,
    Stream(h2::Error),
    Body(Box<dyn std::error::Error + Send + Sync>),
}

impl Broken {
    fn into_error(self, state: &Arc<State>, written_before: u64) -> SendError {
        match self {
            Self::Interim => SendError::too_many_interim(),
            Self::Body(error) => SendError::request_body(error),
            Self::Stream(error) => {
                state.count_fault(&error);
                // Streams share the count, so only its standing still proves anything.
                let wrote = state.traffic.written_bytes() > written_before;
                SendError::from_h2(error, wrote)
            }
        }
    }
}

/// Counts the interim answers that came, which the answer's own future passes over. Nothing can
/// have come before the first look, at which `count` is `None`.
fn has_too_many_interim(
    answer: &mut ResponseFuture,
    count: &mut Option<u32>,
    cx: &mut Context<'_>,
) -> bool {
    let Some(count) = count else {
        *count = Some(0);
        return false;
    };
    while let Poll::Ready(Some(Ok(_))) = answer.poll_informational(cx) {
        *count += 1;
        if *count > interim::MOST {
            return true;
        }
    }
    false
}

/// The head as HTTP/2 has it: what belongs to one connection is left out (RFC 9113, 8.2.2).
fn into_head<B: Body>(request: Request<B>) -> (Request<()>, B) {
    let (mut head, body) = request.into_parts();
    head.version = Version::HTTP_2;
    for name in [HOST, CONNECTION, TRANSFER_ENCODING, UPGRADE] {
        head.headers.remove(name);
    }
    for name in ["keep-alive", "proxy-connection"] {
        head.headers.remove(name);
    }
    if head
        .headers
        .get(TE)
        .is_some_and(|value| value != "trailers")
    {
        head.headers.remove(TE);
    }
    if let Some(length) = body.size_hint().exact()
        && (length > 0 || expects_body(&head.method))
        && !head.headers.contains_key(CONTENT_LENGTH)
    {
        head.headers.insert(CONTENT_LENGTH, length.into());
    }
    (Request::from_parts(head, ()), body)
}

/// Methods with which servers ask for a length, be it zero (RFC 9110, 8.6).
fn expects_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A request body on its way.
struct Sending<B> {
    stream: SendStream<Piece>,
    queue: Queue,
    body: B,
    sent_bytes: u64,
}

impl<B> Sending<B>
where
    B: Body + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Sends what is left while the answer flows, and behind its end for as long as something
    /// of it is taken: a server may answer and never look at the rest (RFC 9113, 8.1).
    async fn rest(mut self, answered: Arc<Notify>) {
        tokio::select! {
            // Its failure shows in the answer, or does not matter any more.
            _ = std::future::poll_fn(|cx| self.poll(cx)) => return,
            () = answered.notified() => {}
        }
        let mut moved_at = Instant::now();
        loop {
            let until = moved_at + UNTAKEN;
            let on_its_way = std::future::poll_fn(|cx| {
                let before = self.sent_bytes;
                let polled = self.poll(cx);
                if self.sent_bytes != before {
                    moved_at = Instant::now();
                }
                polled
            });
            if timeout_at(until, on_its_way).await.is_ok() {
                return;
            }
            if moved_at.elapsed() >= UNTAKEN {
                self.stream.send_reset(h2::Reason::CANCEL);
                return;
            }
        }
    }

    /// Ready when the body is sent, or when nobody takes it any more. An error is the body's own.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Box<dyn std::error::Error + Send + Sync>>> {
        loop {
            // Asked for at every turn: a body that has nothing to send must hear of it too.
            if self.stream.poll_reset(cx).is_ready() {
                return Poll::Ready(Ok(()));
            }
            // The body is only read when there is room for what it gives.
            ready!(self.queue.poll_room(cx));
            self.stream.reserve_capacity(1);
            while self.stream.capacity() == 0 {
                match ready!(self.stream.poll_capacity(cx)) {
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Poll::Ready(Ok(())),
                }
            }
            let Some(frame) = ready!(Pin::new(&mut self.body).poll_frame(cx)) else {
                // It fails where the stream has ended already, and then nothing is to be said.
                let _ = self.stream.send_data(self.queue.piece(Bytes::new()), true);
                return Poll::Ready(Ok(()));
            };
            match frame.map(Frame::into_data) {
                Ok(Ok(mut data)) => {
                    let data = data.copy_to_bytes(data.remaining());
                    let last = self.body.is_end_stream();
                    self.sent_bytes += data.len() as u64;
                    let piece = self.queue.piece(data);
                    if self.stream.send_data(piece, last).is_err() || last {
                        return Poll::Ready(Ok(()));
                    }
                }
                Ok(Err(other)) => {
                    if let Ok(trailers) = other.into_trailers() {
                        // Room was reserved and is not needed.
                        self.stream.reserve_capacity(0);
                        let _ = self.stream.send_trailers(trailers);
                        return Poll::Ready(Ok(()));
                    }
                }
                Err(error) => {
                    self.stream.send_reset(h2::Reason::CANCEL);
                    return Poll::Ready(Err(error.into()));
                }
            }
        }
    }
}

impl Incoming {
    /// Only `END_STREAM` ends a message: also a reset without an error breaks it (RFC 9113, 8.1).
    /// `None`: nothing is missing.
    fn broken(&mut self, error: h2::Error) -> Option<ReplyError> {
        self.right.is_under_way = false;
        self.right.state.count_fault(&error);
        if error.is_reset() && error.is_remote() {
            Some(ReplyError::Reset)
        } else if is_flood(&error) {
            Some(ReplyError::Flood)
        } else if self.has_no_content && error.is_reset() {
            None
        } else {
            Some(ReplyError::Broken(Box::new(error)))
        }
    }
}

impl Body for Incoming {
    type Data = Bytes;
    type Error = ReplyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ReplyError>>> {
        if !self.data_ended {
            match ready!(self.inbox.poll_data(cx)) {
                Some(Ok(data)) => {
                    if let Some(left) = &mut self.length {
                        *left = left.saturating_sub(data.len() as u64);
                    }
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
                Some(Err(error)) => return Poll::Ready(self.broken(error).map(Err)),
                None => self.data_ended = true,
            }
        }
        Poll::Ready(match ready!(self.inbox.poll_trailers(cx)) {
            Ok(trailers) => trailers.map(|trailers| Ok(Frame::trailers(trailers))),
            Err(error) => self.broken(error).map(Err),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.inbox.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.inbox.is_end_stream() {
            return SizeHint::with_exact(0);
        }
        self.length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}
