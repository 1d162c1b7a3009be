//! From an origin to a connection: name lookup, TCP, TLS, one typed step after the other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout_at;

use super::error::{SendError, SendErrorKind};
use super::origin::Origin;
use super::resolve::{self, Resolve, ResolveError, SystemResolver};
use super::tcp::{self, TcpError};
use super::tls::{TlsError, Trust, TrustError};

/// Makes connections. Cheap to clone; clones share certificates and TLS sessions.
#[derive(Clone)]
pub struct Connector {
    resolver: Arc<dyn Resolve>,
    trust: Arc<Trust>,
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

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A step that failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error(transparent)]
    Resolve(#[from] ResolveError),
    #[error(transparent)]
    Tcp(#[from] TcpError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The time for all steps was over in this one.
    #[error("{0}")]
    Timeout(&'static str),
}

impl From<ConnectError> for SendError {
    fn from(error: ConnectError) -> Self {
        let kind = match error {
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
            trust: Arc::new(Trust::read()),
        }
    }

    /// The same with other means to find addresses.
    pub fn with_resolver(mut self, resolver: impl Resolve) -> Self {
        self.resolver = Arc::new(resolver);
        self
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

    /// Connects before `deadline`, which covers lookup, TCP and TLS. Dropping the future gives
    /// the connection up.
    pub(crate) async fn connect(
        &self,
        origin: &Origin,
        deadline: Instant,
    ) -> Result<Connection, ConnectError> {
        let until = tokio::time::Instant::from_std(deadline);
        let (mut times, mut started) = (Times::default(), Instant::now());

        let resolving = resolve::addresses(self.resolver.as_ref(), origin);
        let addresses = timeout_at(until, resolving)
            .await
            .map_err(|_| ConnectError::Timeout("the name lookup gave no answer"))??;
        times.resolve = lap(&mut started);

        let connecting = tcp::connect(addresses);
        let tcp = timeout_at(until, connecting)
            .await
            .map_err(|_| ConnectError::Timeout("no address took the connection"))??;
        times.tcp = lap(&mut started);

        if !origin.is_tls() {
            return Ok(Connection {
                io: Box::new(tcp),
                http2: false,
                times,
            });
        }
        let handshake = self.trust.handshake(origin, tcp);
        let tls = timeout_at(until, handshake)
            .await
            .map_err(|_| ConnectError::Timeout("the TLS handshake did not end"))??;
        times.tls = lap(&mut started);
        Ok(Connection {
            http2: tls.get_ref().1.alpn_protocol() == Some(b"h2"),
            io: Box::new(tls),
            times,
        })
    }
}

/// The time since `started`, which becomes now.
fn lap(started: &mut Instant) -> Duration {
    let now = Instant::now();
    now.duration_since(std::mem::replace(started, now))
}
