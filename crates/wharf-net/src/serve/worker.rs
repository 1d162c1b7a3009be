//! Serving on several threads, each with a runtime of its own.
//!
//! One task takes connections and deals them out; a connection stays with its worker, so that
//! nothing on the path of a call is shared but what the service shares.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::serve::accept::Acceptor;
use crate::serve::connection::Connection;
use crate::serve::places::{OnChange, Places};
use crate::serve::{Bounds, CLOSING, Service, Shutdown};
use crate::turn;

/// Longest sleep of a worker.
///
/// A timer that is due before the end of the sleep costs a system call to set, and timeouts are set
/// for every call: so none that every call sets is shorter than this.
const LONGEST_SLEEP: Duration = Duration::from_millis(250);

/// So many sleeps later, a service's [`Service::tick`] is called.
const SLEEPS_PER_TICK: u32 = 4;

/// Threads that serve.
pub struct Workers {
    /// At least one.
    pub count: usize,
    /// Their names, followed by a number.
    pub name: &'static str,
    /// Sees connections open and close: `1` and `-1`. Called on any thread; it must not block.
    pub on_change: OnChange,
}

struct Worker {
    thread: JoinHandle<()>,
    connections: mpsc::UnboundedSender<Dealt>,
    open: Arc<AtomicUsize>,
}

/// A connection that counts for its worker while it lives.
struct Dealt {
    connection: Connection,
    load: Load,
}

/// How a worker hears that all is to end, and until when.
struct Drain {
    begun: CancellationToken,
    places: Arc<Places>,
}

struct Load(Arc<AtomicUsize>);

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves until `shutdown` ends, then lets answers under way finish within [`Bounds::drain`] in the
/// way that it asks for, and returns. `make` is called on each worker's thread, inside its runtime.
/// `shutdown` is polled for the first time when every worker is at work, so it may begin with
/// telling that; no connection is taken before that poll has returned.
///
/// Dropping the future takes no more connections; the threads end by themselves, with what is under
/// way, within [`Bounds::drain`].
///
/// `listener` is bound and non-blocking. Errors: the listener or a worker cannot be set up, or a
/// worker panicked.
pub async fn serve_with_workers<S: Service>(
    listener: std::net::TcpListener,
    bounds: Bounds,
    workers: Workers,
    make: impl Fn() -> S + Clone + Send + 'static,
    shutdown: impl Future<Output: Into<Shutdown>>,
) -> io::Result<()> {
    let places = Places::new(workers.on_change);
    let stop = CancellationToken::new();
    let acceptor = Acceptor::new(
        listener,
        bounds.connections,
        Arc::clone(&places),
        stop.clone(),
    )?;
    let drain = CancellationToken::new();
    // Nothing is sent: it ends when each worker has dropped its share.
    let (not_begun, mut begun) = mpsc::channel(1);
    let workers: Vec<Worker> = (0..workers.count.max(1))
        .map(|index| {
            let name = format!("{}-{index}", workers.name);
            // Its own token: one for all would be locked by every worker at every wake-up.
            let not_begun = not_begun.clone();
            let drain = Drain {
                begun: drain.child_token(),
                places: Arc::clone(&places),
            };
            Worker::start(name, make.clone(), drain, bounds, not_begun)
        })
        .collect::<io::Result<_>>()?;
    // The last share that is no worker's: with it, nobody would ever hear that all have begun.
    drop(not_begun);
    begun.recv().await;
    let mut dealing = Box::pin(deal(acceptor, &places, &workers));
    let shutdown = tokio::select! {
        biased;
        // First, since its first poll may tell that all are at work, and no connection may be taken
        // before.
        shutdown = shutdown => shutdown.into(),
        () = dealing.as_mut() => Shutdown::Close,
    };
    let until = Instant::now() + bounds.drain;
    if shutdown == Shutdown::HandOver {
        places.finish();
        stop.cancel();
        let ended = async {
            dealing.as_mut().await;
            places.until_empty().await;
        };
        // What is left then is told to end.
        let _ = tokio::time::timeout(bounds.drain.saturating_sub(CLOSING), ended).await;
    }
    drop(dealing);
    places.drain(until);
    drain.cancel();
    let threads: Vec<JoinHandle<()>> = workers.into_iter().map(|worker| worker.thread).collect();
    // A join blocks, and what shares this runtime, such as the control plane, goes on.
    let joined = tokio::task::spawn_blocking(move || {
        let failed = threads
            .into_iter()
            .filter_map(|thread| thread.join().err())
            .count();
        (failed == 0).then_some(())
    });
    match joined.await {
        Ok(Some(())) => Ok(()),
        _ => Err(io::Error::other("a worker failed")),
    }
}

/// Deals connections to the worker that has the fewest; ends when a worker is gone, or no more are
/// taken.
async fn deal(acceptor: Acceptor, places: &Arc<Places>, workers: &[Worker]) {
    let mut acceptor = Some(acceptor);
    while let Some(taking) = acceptor.take() {
        let Some((accepted, more)) = taking.next().await else {
            return;
        };
        acceptor = more;
        let Ok(connection) = Connection::new(accepted, places) else {
            continue;
        };
        let Some(worker) = workers
            .iter()
            // A number that is a moment old costs the second best worker, no more.
            .min_by_key(|worker| worker.open.load(Ordering::Relaxed))
        else {
            return;
        };
        worker.open.fetch_add(1, Ordering::Relaxed);
        let load = Load(Arc::clone(&worker.open));
        let dealt = Dealt { connection, load };
        if worker.connections.send(dealt).is_err() {
            tracing::error!("a worker is gone");
            return;
        }
    }
}

impl Worker {
    fn start<S: Service>(
        name: String,
        make: impl Fn() -> S + Send + 'static,
        drain: Drain,
        bounds: Bounds,
        not_begun: mpsc::Sender<()>,
    ) -> io::Result<Self> {
        // At most as many as the bound on connections can wait in it.
        let (connections, incoming) = mpsc::unbounded_channel();
        // On its own thread: a runtime that no thread could be had for cannot be dropped by one that
        // belongs to another runtime.
        let (told, begun) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let (runtime, outcome) = match runtime {
                Ok(runtime) => (Some(runtime), Ok(())),
                Err(error) => (None, Err(error)),
            };
            // Who started it waits for this word.
            let _ = told.send(outcome);
            let Some(runtime) = runtime else { return };
            runtime.block_on(async {
                let service = make();
                drop(not_begun);
                work(service, incoming, drain, bounds).await;
            });
            // A name lookup that hangs must not hold up the end.
            runtime.shutdown_background();
        })?;
        begun.recv().map_err(io::Error::other)??;
        Ok(Self {
            thread,
            connections,
            open: Arc::default(),
        })
    }
}

async fn work<S: Service>(
    service: S,
    mut incoming: mpsc::UnboundedReceiver<Dealt>,
    drain: Drain,
    bounds: Bounds,
) {
    let tasks = TaskTracker::new();
    tokio::spawn(turn::send_at_the_end_of_each());
    let mut sleep = tokio::time::interval(LONGEST_SLEEP);
    let mut sleeps = 0;
    loop {
        tokio::select! {
            biased;
            // The end first: connections that come on would else put it off.
            () = drain.begun.cancelled() => break,
            dealt = incoming.recv() => match dealt {
                Some(Dealt { connection, load }) => {
                    let service = service.clone();
                    tasks.spawn(async move {
                        let _load = load;
                        connection.serve(service, bounds).await;
                    });
                }
                None => break,
            },
            _ = sleep.tick() => {
                if sleeps % SLEEPS_PER_TICK == 0 {
                    service.tick();
                }
                sleeps = (sleeps + 1) % SLEEPS_PER_TICK;
            }
        }
    }
    // Connections that were dealt in this moment are closed, as all that have no request under way,
    // and not held until the last call has ended.
    drop(incoming);
    tasks.close();
    let calls = tasks.len();
    let until = drain.places.draining_until();
    let until = until.unwrap_or_else(|| Instant::now() + bounds.drain);
    let ended = tokio::time::timeout_at(until, tasks.wait()).await;
    // A connection has the same time, and may give up in the same moment.
    if ended.is_err() || Instant::now() >= until {
        tracing::warn!(
            calls = if ended.is_err() { tasks.len() } else { calls },
            "drain timeout passed; remaining connections are closed"
        );
    }
}

#[cfg(test)]
mod tests;
