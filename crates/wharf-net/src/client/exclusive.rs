//! An HTTP/1.1 connection: one request at a time, driven by whoever has it.
//!
//! hyper takes a connection apart into a sender and a future that reads and writes. The call that
//! has the connection polls that future itself, so that neither wakes the other through a task in
//! between. At rest nobody polls it: what happened meanwhile shows when it is next looked at.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1};
use hyper_util::rt::TokioIo;
use tokio::task::{AbortHandle, unconstrained};
use tokio_util::task::TaskTracker;

use super::connect::Stream;
use super::counted::{Counted, Traffic};
use super::head;
use super::origin::Origin;

/// An HTTP/1.1 connection. Dropping it closes it.
pub(crate) struct Exclusive<B> {
    sender: http1::SendRequest<Upload<B>>,
    driver: Driver,
    /// Tells when the body that was sent last is let go of; `None`: there was none.
    uploaded: Option<Arc<AtomicBool>>,
    pub(super) traffic: Traffic,
    pub(super) opened: Instant,
    /// How long it may rest, as the other side says.
    pub(super) rests: Option<Duration>,
}

/// What reads and writes. It says itself how it ended.
enum Driver {
    /// Polled by the call, for which its bell rings.
    Own(Pin<Box<dyn Future<Output = ()> + Send>>, Bell),
    /// A task of its own, because a request is still sent while nobody asks for more of its
    /// answer.
    Task(AbortHandle),
    Ended,
}

impl<B> Exclusive<B>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// Makes a byte stream one. Errors: none that is known of; hyper reserves them.
    pub(super) async fn open(
        io: Counted<Box<dyn Stream>>,
        traffic: Traffic,
        origin: &Origin,
    ) -> Result<Self, hyper::Error> {
        let (sender, driver) = http1::Builder::new()
            .max_headers(head::MOST_HEADERS)
            .max_header_size(head::MOST_BYTES)
            .handshake(TokioIo::new(io))
            .await?;
        let origin = origin.clone();
        let driver = async move {
            if let Err(error) = driver.await {
                tracing::debug!(%origin, %error, "connection to vendor ended");
            }
        };
        Ok(Self {
            sender,
            driver: Driver::Own(Box::pin(driver), Bell::default()),
            uploaded: None,
            traffic,
            opened: Instant::now(),
            rests: None,
        })
    }

    /// Sends a request, and waits for the head of its answer.
    pub(super) async fn send(
        &mut self,
        request: Request<B>,
        tasks: &TaskTracker,
    ) -> Result<Response<Incoming>, TrySendError<Request<Upload<B>>>> {
        let uploaded = (!request.body().is_end_stream()).then(Arc::default);
        self.uploaded = uploaded.as_ref().map(Arc::clone);
        let request = request.map(|body| Upload::new(body, uploaded));
        // Its share of the task's budget would be asked of a waker that wakes nobody.
        let mut answer = pin!(unconstrained(self.sender.try_send_request(request)));
        let driver = &mut self.driver;
        let answered = poll_fn(|cx| {
            driver.drive();
            let polled = answer.as_mut().poll(&mut driver.context(cx));
            driver.wait(&polled, cx);
            polled
        })
        .await;
        if answered.is_ok() && self.is_uploading() {
            // The caller may read its answer only when it has sent all, and until then nobody
            // polls the answer's body.
            self.leave_to(tasks);
        }
        answered
    }
}

impl<B> Exclusive<B> {
    fn is_uploading(&self) -> bool {
        let uploaded = self.uploaded.as_ref();
        uploaded.is_some_and(|uploaded| !uploaded.load(Ordering::Acquire))
    }

    /// The next piece of the answer, whose body is `incoming`.
    pub(super) fn poll_answer(
        &mut self,
        incoming: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let mut incoming = Pin::new(incoming);
        // Nearly always the driver has read it with the head.
        let mut piece = incoming.as_mut().poll_frame(&mut self.driver.context(cx));
        if piece.is_pending() {
            self.driver.drive();
            piece = incoming.poll_frame(&mut self.driver.context(cx));
            self.driver.wait(&piece, cx);
        }
        piece
    }

    /// Its answer was read: it comes to rest. What is still to be sent of its request goes on in a
    /// task.
    pub(super) fn settle(&mut self, tasks: &TaskTracker) {
        // Nearly always it came to rest when the end of the answer was read.
        if !self.is_ready() {
            self.look();
            if !self.is_ready() && !self.is_closed() {
                self.leave_to(tasks);
            }
        }
    }

    /// Looks at what happened to it while nobody had it.
    pub(super) fn look(&mut self) {
        self.driver.drive();
    }

    /// Whether it can take no request any more.
    pub(super) fn is_closed(&self) -> bool {
        self.sender.is_closed() || matches!(self.driver, Driver::Ended)
    }

    /// Whether it can take a request now.
    pub(super) fn is_ready(&self) -> bool {
        self.sender.is_ready() && !matches!(self.driver, Driver::Ended)
    }

    /// It goes on in a task of its own.
    pub(super) fn leave_to(&mut self, tasks: &TaskTracker) {
        match std::mem::replace(&mut self.driver, Driver::Ended) {
            Driver::Own(driver, _) => {
                let task = tasks.spawn(driver);
                self.driver = Driver::Task(task.abort_handle());
            }
            other => self.driver = other,
        }
    }

    /// Closes it at rest, and says so to the other side where TLS has words for it.
    pub(super) fn close(mut self, tasks: &TaskTracker) {
        if self.is_ready() {
            // Its driver ends when the sender is gone.
            self.leave_to(tasks);
        }
    }
}

impl<B> Drop for Exclusive<B> {
    fn drop(&mut self) {
        self.traffic.give_up();
        // One that still has something to send would wait for the other side to take it.
        if let Driver::Task(task) = &self.driver
            && !self.sender.is_ready()
        {
            task.abort();
        }
    }
}

impl Driver {
    fn drive(&mut self) {
        if let Self::Own(driver, bell) = self {
            bell.muffle();
            if driver.as_mut().poll(&mut bell.context()).is_ready() {
                // What it held is let go of, and whoever waits for it told.
                *self = Self::Ended;
            }
        }
    }

    /// Lets its bell ring for the call, where that has to wait.
    fn wait<T>(&self, polled: &Poll<T>, cx: &Context<'_>) {
        if let Self::Own(_, bell) = self
            && polled.is_pending()
        {
            bell.ring_for(cx);
        }
    }

    /// With whom to leave word that something came of the driver. What it does, it does while the
    /// call polls it: nobody need be woken for that.
    fn context<'a>(&self, cx: &Context<'a>) -> Context<'a> {
        Context::from_waker(match self {
            Self::Task(_) => cx.waker(),
            Self::Own(..) | Self::Ended => Waker::noop(),
        })
    }
}

/// What the sockets of a connection wake: the call that has it, and only while it waits. hyper
/// also wakes when it lets go of an answer, and that would be one more look for every call.
struct Bell(Waker, Arc<Ringing>);

#[derive(Default)]
struct Ringing(Mutex<Ring>);

#[derive(Default)]
struct Ring {
    /// It was rung since the driver was polled last.
    rung: bool,
    call: Option<Waker>,
}

impl Default for Bell {
    fn default() -> Self {
        let ringing = Arc::<Ringing>::default();
        Self(Waker::from(Arc::clone(&ringing)), ringing)
    }
}

impl Bell {
    fn context(&self) -> Context<'_> {
        Context::from_waker(&self.0)
    }

    /// The driver is looked at now, so what rang before is seen to.
    fn muffle(&self) {
        *self.1.lock() = Ring::default();
    }

    fn ring_for(&self, cx: &Context<'_>) {
        let mut ring = self.1.lock();
        if ring.rung {
            // The driver wants to be polled once more, for example because its share of the
            // task's time is used up.
            cx.waker().wake_by_ref();
        } else {
            ring.call = Some(cx.waker().clone());
        }
    }
}

impl Ringing {
    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Ringing {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut ring = self.lock();
        ring.rung = true;
        let call = ring.call.take();
        drop(ring);
        if let Some(call) = call {
            call.wake();
        }
    }
}

/// A request's body that tells when it is let go of, which is when all of it was sent or its
/// connection is gone.
pub(super) struct Upload<B> {
    pub(super) body: B,
    _ending: Ending,
}

struct Ending(Option<Arc<AtomicBool>>);

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(uploaded) = &self.0 {
            uploaded.store(true, Ordering::Release);
        }
    }
}

impl<B> Upload<B> {
    const fn new(body: B, uploaded: Option<Arc<AtomicBool>>) -> Self {
        Self {
            body,
            _ending: Ending(uploaded),
        }
    }
}

impl<B: Body + Unpin> Body for Upload<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
