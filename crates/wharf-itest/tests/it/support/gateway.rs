//! A gateway on loopback, made from documents, that is stopped and looked over at the end.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::registry::Registry;
use secrecy::SecretString;
use tokio::net::TcpStream;
use tokio::runtime::RuntimeFlavor;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wharf_gateway::{CallerDirectory, Handle, Options, Requests, Server};
use wharf_plan::Plan;
use wharf_policy::caller::TokenHash;
use wharf_secrets::{FixedVariables, Resolver};

use super::caller::{Answer, Call, Open};
use super::document::Document;
use super::eventually;
use super::vendor::Vendor;

/// The token of the caller `shop`, the only one there is.
pub(crate) const TOKEN: &str = "wharf_token-of-the-shop";

/// The vendor's key in the variable `VENDOR_API_KEY`.
pub(crate) const VENDOR_KEY: &str = "key-of-the-vendor";

/// No call of a test takes longer; a call without an answer by then fails the test.
pub(crate) const LONGEST_CALL: Duration = Duration::from_secs(30);

/// What a gateway starts from.
pub(crate) struct Setup {
    documents: Vec<Document>,
    variables: FixedVariables,
    root: PathBuf,
    workers: usize,
    max_connections: usize,
    drain_timeout: Duration,
}

impl Setup {
    /// One document, one worker, and the variables that the template names.
    pub(crate) fn of(document: Document) -> Self {
        let variables = [("VENDOR_API_KEY", SecretString::from(VENDOR_KEY))];
        Self {
            documents: vec![document],
            variables: variables.into_iter().collect(),
            root: PathBuf::from("/"),
            workers: 1,
            max_connections: 1_024,
            drain_timeout: Duration::from_secs(10),
        }
    }

    /// One more document.
    pub(crate) fn and(mut self, document: Document) -> Self {
        self.documents.push(document);
        self
    }

    /// Sets a variable that credentials may come from.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.set(name, value.into());
        self
    }

    /// The folder that relative paths of credential files start at.
    pub(crate) fn root(mut self, root: PathBuf) -> Self {
        self.root = root;
        self
    }

    pub(crate) const fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    pub(crate) const fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    pub(crate) const fn drain_timeout(mut self, timeout: Duration) -> Self {
        self.drain_timeout = timeout;
        self
    }

    /// Everything of a gateway but its listener.
    pub(crate) fn handle(self) -> (Handle, Registry) {
        let mut registry = Registry::default();
        let callers = CallerDirectory::new([(TokenHash::hash(TOKEN), "shop".to_owned())]);
        let resolver = Resolver::new(Arc::new(self.variables), self.root);
        let resolver = resolver.through(Arc::new(Requests::default()));
        let plan = Plan::new(self.documents.iter().map(Document::load));
        let make = Handle::new(&plan, callers, resolver, &mut registry);
        let handle = on_another_thread(make);
        (handle, registry)
    }

    /// Starts it on a free port.
    pub(crate) fn start(self) -> Gateway {
        let listener = wharf_net::listen::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = listener.local_addr().unwrap();
        let options = Options {
            listener,
            workers: self.workers,
            max_connections: self.max_connections,
            drain_timeout: self.drain_timeout,
        };
        let (handle, registry) = self.handle();
        let (shutdown, asked) = oneshot::channel();
        let server = Server::new(options, handle.clone());
        let running = tokio::spawn(server.run(async {
            let _ = asked.await;
        }));
        Gateway {
            address,
            handle,
            registry,
            shutdown,
            running,
        }
    }
}

/// A running gateway.
pub(crate) struct Gateway {
    address: SocketAddr,
    handle: Handle,
    registry: Registry,
    shutdown: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
}

/// What is left of a gateway that was told to stop.
pub(crate) struct Stopping {
    running: JoinHandle<std::io::Result<()>>,
    registry: Registry,
}

impl Gateway {
    /// A gateway with one document and one worker.
    pub(crate) fn start(document: Document) -> Self {
        Setup::of(document).start()
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) const fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Takes over other documents.
    pub(crate) async fn replace(&self, document: &Document) {
        let plan = Plan::new([document.load()]);
        self.handle.replace_plan(&plan).await;
    }

    /// Makes a call over a connection of its own and reads the answer to its end.
    pub(crate) async fn call(&self, call: Call) -> Answer {
        let started = Instant::now();
        let answering = async {
            let open = self.open(call).await;
            open.finish(started).await
        };
        tokio::time::timeout(LONGEST_CALL, answering)
            .await
            .expect("no answer came")
    }

    /// Makes a call over a connection of its own and waits for the head of the answer.
    pub(crate) async fn open(&self, call: Call) -> Open {
        let opening = Open::new(self.connect().await, call, self.address);
        tokio::time::timeout(LONGEST_CALL, opening)
            .await
            .expect("no head of an answer came")
    }

    /// A connection to the data plane.
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// What `/metrics` shows.
    pub(crate) fn metrics(&self) -> String {
        metrics(&self.registry)
    }

    /// The sum of all samples of a metric whose labels hold each of `labels`, such as
    /// `outcome="caller"`.
    pub(crate) fn metric(&self, name: &str, labels: &[&str]) -> f64 {
        metric(&self.registry, name, labels)
    }

    /// Waits until a metric has a value.
    pub(crate) async fn until_metric(&self, name: &str, labels: &[&str], value: impl fmt::Display) {
        let value = value.to_string();
        eventually(&format!("{name}{labels:?} to be {value}"), || {
            let now = self.metric(name, labels).to_string();
            (now == value).then_some(()).ok_or(now)
        })
        .await;
    }

    /// Begins to stop, and comes back at once.
    pub(crate) fn begin_stop(self) -> Stopping {
        let _ = self.shutdown.send(());
        Stopping {
            running: self.running,
            registry: self.registry,
        }
    }

    /// Checks that nothing is left of any call but `idle` pooled connections to the vendor, then
    /// stops, and checks that those are gone too.
    pub(crate) async fn finish(self, vendor: &Vendor, idle: usize) {
        self.until_metric("wharf_calls_in_flight", &[], 0).await;
        self.until_metric("wharf_connections", &[], 0).await;
        vendor.until_open(idle).await;
        self.begin_stop().wait().await;
        vendor.until_open(0).await;
    }
}

impl Stopping {
    /// Waits for the end; nothing may be left behind.
    pub(crate) async fn wait(self) {
        let joined = tokio::time::timeout(LONGEST_CALL, self.running)
            .await
            .expect("the server did not return");
        joined.unwrap().unwrap();
        for gauge in [
            "wharf_calls_in_flight",
            "wharf_connections",
            "wharf_upstream_connections",
        ] {
            let left = metric(&self.registry, gauge, &[]).to_string();
            assert_eq!(left, "0", "{gauge}");
        }
    }

    /// Whether the end has come.
    pub(crate) fn is_over(&self) -> bool {
        self.running.is_finished()
    }
}

/// What a future gives, made by a runtime of its own, so that no test has to wait for a gateway.
fn on_another_thread<T: Send>(future: impl Future<Output = T> + Send) -> T {
    let here = tokio::runtime::Handle::try_current().ok();
    // What is fetched at the start may be asked of a vendor that this runtime serves.
    let here = here.filter(|here| here.runtime_flavor() != RuntimeFlavor::CurrentThread);
    let make = || {
        if let Some(runtime) = here {
            return runtime.block_on(future);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(future)
    };
    std::thread::scope(|scope| scope.spawn(make).join().unwrap())
}

fn metrics(registry: &Registry) -> String {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, registry).unwrap();
    text
}

fn metric(registry: &Registry, name: &str, labels: &[&str]) -> f64 {
    metrics(registry)
        .lines()
        .filter(|line| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(['{', ' ']))
                && labels.iter().all(|label| line.contains(label))
        })
        .map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap())
        .fold(0.0, |sum, sample| sum + sample)
}
