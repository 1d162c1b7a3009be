//! From an origin to a connection: name lookup, TCP, TLS, one typed step after the other.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout_at;

use super::error::{SendError, SendErrorKind};
use super::origin::Origin;
use super::resolve::{self, Lookups, Resolve, ResolveError, SystemResolver};
use super::shortage::is_shortage;
use super::tcp::{self, Reached, TcpError};
use super::tls::{Offer, Secured, TlsError, Trust, TrustError, TrustFileError};
use crate::turn::Corked;

/// Makes connections. Cheap to clone; clones share certificates, TLS sessions and
/// lookups under way.
#[derive(Clone)]
pub struct Connector {
    resolver: Arc<dyn Resolve>,
    lookups: Arc<Lookups>,
    trust: Arc<Trust>,
    /// How often no descriptor was left for a connection.
    pub(super) shortages: Arc<AtomicU64>,
}

/// A byte stream to an origin, and whether it speaks HTTP/2.
pub(crate) struct Connection {
    pub(crate) io: Box<dyn Stream>,
    pub(crate) http2: bool,
    pub(crate) times: Times,
}

/// How long each step took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    pub(crate) resolve: Duration,
    pub(crate) tcp: Duration,
    /// Zero where there is no TLS.
    pub(crate) tls: Duration,
}

/// What came of one step of connecting, and how long it took, whatever came of it.
#[derive(Debug)]
pub struct Step<T> {
    /// What came of it.
    pub result: Result<T, ConnectError>,
    /// How long it took.
    pub took: Duration,
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A step that failed.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The host has no address.
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    /// No address took the connection.
    #[error(transparent)]
    Tcp(#[from] TcpError),
    /// No TLS session came about.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The time for all steps was over in this one, which is told in words.
    #[error("{0}")]
    Timeout(&'static str),
}

impl ConnectError {
    /// Whether it failed since this process or the machine had no file descriptor left.
    pub fn is_shortage(&self) -> bool {
        match self {
            Self::Resolve(ResolveError::Lookup { source, .. }) => is_shortage(source),
            Self::Tcp(error) => error.failures().iter().any(|(_, error)| is_shortage(error)),
            Self::Resolve(_) | Self::Tls(_) | Self::Timeout(_) => false,
        }
    }
}

impl From<ConnectError> for SendError {
    fn from(error: ConnectError) -> Self {
        let kind = match error {
            _ if error.is_shortage() => SendErrorKind::Descriptors,
            ConnectError::Resolve(_) => SendErrorKind::Dns,
            ConnectError::Tcp(_) => SendErrorKind::Connect,
            ConnectError::Tls(_) => SendErrorKind::Tls,
            ConnectError::Timeout(_) => SendErrorKind::ConnectTimeout,
        };
        Self::unsent(kind, error)
    }
}

impl Default for Connector {
    fn default() -> Self {
        Self::new()
    }
}

impl Connector {
    /// A connector that trusts the machine's certificates (`SSL_CERT_FILE` and `SSL_CERT_DIR` are
    /// obeyed), which are read now: it waits for the file system. Make one at start and clone it.
    pub fn new() -> Self {
        Self {
            resolver: Arc::new(SystemResolver),
            lookups: Arc::default(),
            trust: Arc::new(Trust::read()),
            shortages: Arc::default(),
        }
    }

    #[cfg(test)]
    pub(crate) fn trusting(trust: Trust) -> Self {
        Self {
            resolver: Arc::new(SystemResolver),
            lookups: Arc::default(),
            trust: Arc::new(trust),
            shortages: Arc::default(),
        }
    }

    /// The same with other means to find addresses.
    pub fn with_resolver(mut self, resolver: impl Resolve) -> Self {
        self.resolver = Arc::new(resolver);
        self.lookups = Arc::default();
        self
    }

    /// The same, which also trusts the authorities in a file of certificates in PEM.
    pub fn trusting_file(path: &Path) -> Result<Self, TrustFileError> {
        Ok(Self {
            resolver: Arc::new(SystemResolver),
            lookups: Arc::default(),
            trust: Arc::new(Trust::with_file(path)?),
            shortages: Arc::default(),
        })
    }

    /// The same with other certificates to trust.
    #[cfg(test)]
    pub(crate) fn with_trust(mut self, trust: Trust) -> Self {
        self.trust = Arc::new(trust);
        self
    }

    /// Why no TLS origin can be reached, where that is so.
    pub fn trust_error(&self) -> Option<&TrustError> {
        self.trust.config.as_ref().err().map(AsRef::as_ref)
    }

    /// Files of certificates that could not be read, at most three, with the reason.
    pub fn unreadable_certificates(&self) -> &[String] {
        &self.trust.unreadable
    }

    /// The first step: the addresses of an origin, in the order in which they are to be tried. The
    /// deadline of this and the other steps is that of all of them; dropping a step gives it up, though
    /// the system may go on with its lookup in a thread.
    pub async fn resolve(&self, origin: &Origin, deadline: Instant) -> Step<Vec<SocketAddr>> {
        let resolving = resolve::addresses(&self.lookups, &self.resolver, origin);
        step(resolving, deadline, "the name lookup gave no answer").await
    }

    /// The second step: a connection to one of these addresses.
    pub async fn reach(&self, addresses: &[SocketAddr], deadline: Instant) -> Step<Reached> {
        let mut tried = 0;
        self.reach_counting(addresses, deadline, &mut tried).await
    }

    /// The same; `tried` is how many of the addresses were tried by its end, whatever came of it.
    pub(crate) async fn reach_counting(
        &self,
        addresses: &[SocketAddr],
        deadline: Instant,
        tried: &mut usize,
    ) -> Step<Reached> {
        let connecting = tcp::connect(addresses, tried);
        step(connecting, deadline, "no address took the connection").await
    }

    /// The third step: a TLS session with `origin`, where it has one.
    pub async fn secure(
        &self,
        origin: &Origin,
        reached: Reached,
        deadline: Instant,
    ) -> Step<Secured> {
        self.secure_offering(Offer::Both, origin, reached, deadline)
            .await
    }

    async fn secure_offering(
        &self,
        offer: Offer,
        origin: &Origin,
        reached: Reached,
        deadline: Instant,
    ) -> Step<Secured> {
        let handshake = self
            .trust
            .handshake(origin, Corked::new(reached.stream), offer);
        step(handshake, deadline, "the TLS handshake did not end").await
    }

    /// Connects before `deadline`, which covers lookup, TCP and TLS. Dropping the future gives
    /// the connection up.
    pub(crate) async fn connect(
        &self,
        origin: &Origin,
        offer: Offer,
        deadline: Instant,
    ) -> Result<Connection, ConnectError> {
        let mut times = Times::default();
        let resolved = self.resolve(origin, deadline).await;
        times.resolve = resolved.took;
        let addresses = resolved.result?;
        let reached = self.reach(&addresses, deadline).await;
        times.tcp = reached.took;
        let tcp = reached.result?;
        if !origin.is_tls() {
            return Ok(Connection {
                io: Box::new(Corked::new(tcp.stream)),
                http2: false,
                times,
            });
        }
        let secured = self.secure_offering(offer, origin, tcp, deadline).await;
        let tls = secured.result?;
        times.tls = secured.took;
        Ok(Connection {
            http2: tls.is_http2(),
            io: Box::new(tls.stream),
            times,
        })
    }
}

/// Does a step before the time for all of them is over.
async fn step<T, E: Into<ConnectError>>(
    doing: impl Future<Output = Result<T, E>>,
    deadline: Instant,
    late: &'static str,
) -> Step<T> {
    let started = Instant::now();
    let done = timeout_at(deadline.into(), doing).await;
    Step {
        result: match done {
            Ok(result) => result.map_err(Into::into),
            Err(_) => Err(ConnectError::Timeout(late)),
        },
        took: started.elapsed(),
    }
}
