//! The data plane's listener and its workers.
//!
//! One thread accepts connections and deals them out; each worker is one thread with one
//! single-threaded runtime and one pool of connections to vendors. Nothing on the path of a
//! call is shared between workers but read-only snapshots and counters.

use std::io;
use std::net::TcpStream as StdStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wharf_net::{Client, Connector, Limits};

use crate::body::CallerBody;
use crate::patience::{AnswerDeadline, Patient};
use crate::pipeline::Engine;
use crate::snapshot::Handle;
use crate::trace::Trace;

/// A caller's connection that is idle, or slow with the head of a request, is closed after this.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);

/// How often unused connections to vendors are looked for.
///
/// Also the longest sleep of a worker: a timer that is due later than the sleep's end costs no
/// system call to set, and timeouts of attempts are set for every call.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// What the data plane needs to start.
pub struct Options {
    /// Already bound and non-blocking.
    pub listener: std::net::TcpListener,
    /// Threads that serve calls; at least one.
    pub workers: usize,
    /// Connections from callers at the same time. Further ones wait in the system's queue.
    pub max_connections: usize,
    /// How long calls under way may go on after shutdown has begun.
    pub drain_timeout: Duration,
}

/// The data plane, ready to run.
pub struct Server {
    options: Options,
    handle: Handle,
}

struct Worker {
    thread: JoinHandle<()>,
    connections: mpsc::UnboundedSender<Connection>,
    open: Arc<AtomicUsize>,
}

struct Connection {
    stream: StdStream,
    open: OpenConnection,
}

/// Counts a connection while it lives.
struct OpenConnection {
    _permit: OwnedSemaphorePermit,
    handle: Handle,
    worker: Arc<AtomicUsize>,
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.worker.fetch_sub(1, Ordering::Relaxed);
        self.handle.shared.metrics.connections.dec();
    }
}

impl Server {
    /// A server that answers from what `handle` holds.
    pub const fn new(options: Options, handle: Handle) -> Self {
        Self { options, handle }
    }

    /// Serves until `shutdown` completes, then lets calls under way finish within the drain
    /// timeout, and returns. Errors: the listener or a worker cannot be set up.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> io::Result<()> {
        let Options {
            listener,
            workers,
            max_connections,
            drain_timeout,
        } = self.options;
        let listener = TcpListener::from_std(listener)?;
        let permits = Arc::new(Semaphore::new(max_connections));
        let drain = CancellationToken::new();
        let connector = connector();
        let workers: Vec<Worker> = (0..workers.max(1))
            .map(|index| {
                let client = Client::new(connector.clone(), Limits::default());
                let engine = Engine::new(&self.handle, client);
                Worker::start(index, engine, &self.handle, drain.clone(), drain_timeout)
            })
            .collect::<io::Result<_>>()?;
        let accepting = accept(&listener, &permits, &workers, &self.handle);
        tokio::select! {
            () = accepting => {}
            () = shutdown => {}
        }
        // From here on the port refuses, so that callers turn to another instance at once.
        drop(listener);
        drain.cancel();
        let threads: Vec<JoinHandle<()>> =
            workers.into_iter().map(|worker| worker.thread).collect();
        let joined = tokio::task::spawn_blocking(move || {
            let failed = threads
                .into_iter()
                .filter_map(|thread| thread.join().err())
                .count();
            (failed == 0).then_some(())
        });
        match joined.await {
            Ok(Some(())) => Ok(()),
            _ => Err(io::Error::other("a worker of the data plane failed")),
        }
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
    workers: &[Worker],
    handle: &Handle,
) {
    loop {
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else {
            return;
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely; connections that end will free some.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let Ok(stream) = stream.into_std() else {
            continue;
        };
        let Some(worker) = workers
            .iter()
            .min_by_key(|worker| worker.open.load(Ordering::Relaxed))
        else {
            return;
        };
        worker.open.fetch_add(1, Ordering::Relaxed);
        handle.shared.metrics.connections.inc();
        let open = OpenConnection {
            _permit: permit,
            handle: handle.clone(),
            worker: Arc::clone(&worker.open),
        };
        if worker
            .connections
            .send(Connection { stream, open })
            .is_err()
        {
            tracing::error!("a worker of the data plane is gone");
            return;
        }
    }
}

/// Reads the machine's certificates, once for all workers, and says what is wrong with them before
/// a call finds out.
fn connector() -> Connector {
    let connector = Connector::new();
    for problem in connector.unreadable_certificates() {
        tracing::warn!("trusted certificates cannot be read: {problem}");
    }
    if let Some(error) = connector.trust_error() {
        tracing::warn!("no vendor can be reached over https: {error}");
    }
    connector
}

impl Worker {
    fn start(
        index: usize,
        engine: Engine,
        handle: &Handle,
        drain: CancellationToken,
        drain_timeout: Duration,
    ) -> io::Result<Self> {
        // At most `max_connections` can wait in it.
        let (connections, incoming) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let handle = handle.clone();
        let thread = std::thread::Builder::new()
            .name(format!("gateway-{index}"))
            .spawn(move || {
                runtime.block_on(work(engine, &handle, incoming, drain, drain_timeout));
                // A name lookup that hangs must not hold up the end.
                runtime.shutdown_background();
            })?;
        Ok(Self {
            thread,
            connections,
            open: Arc::default(),
        })
    }
}

async fn work(
    engine: Engine,
    handle: &Handle,
    mut incoming: mpsc::UnboundedReceiver<Connection>,
    drain: CancellationToken,
    drain_timeout: Duration,
) {
    let tasks = TaskTracker::new();
    let mut sweep = tokio::time::interval(SWEEP_INTERVAL);
    let upstream = &handle.shared.metrics.upstream_connections;
    let mut counted = 0;
    loop {
        tokio::select! {
            biased;
            () = drain.cancelled() => break,
            connection = incoming.recv() => match connection {
                Some(connection) => {
                    tasks.spawn(serve(connection, engine.clone(), drain.clone()));
                }
                None => break,
            },
            _ = sweep.tick() => {
                engine.client().sweep();
                let open = i64::try_from(engine.client().open_connections()).unwrap_or(i64::MAX);
                upstream.inc_by(open - std::mem::replace(&mut counted, open));
            }
        }
    }
    tasks.close();
    if tokio::time::timeout(drain_timeout, tasks.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            calls = tasks.len(),
            "drain timeout passed; remaining connections are closed"
        );
    }
    upstream.dec_by(counted);
}

async fn serve(connection: Connection, engine: Engine, drain: CancellationToken) {
    let Connection { stream, open } = connection;
    let Ok(stream) = TcpStream::from_std(stream) else {
        return;
    };
    // Failing to set it costs latency and nothing else.
    let _ = stream.set_nodelay(true);
    let deadline = AnswerDeadline::default();
    let stream = Patient::new(stream, deadline.clone());
    let service = service_fn(move |request: Request<Incoming>| {
        let (engine, deadline) = (engine.clone(), deadline.clone());
        async move {
            let mut trace = Trace::off();
            let response = engine
                .call(request.map(CallerBody::Incoming), &mut trace)
                .await;
            deadline.set(response.body().deadline());
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = drain.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection of a caller ended");
    }
    drop(open);
}
