//! From an origin to a connection: name lookup, TCP, TLS, protocol.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::uri::{Authority, Scheme};
use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::error::{SendError, SendErrorKind};

/// Scheme, host and port of an upstream.
///
/// Equal when scheme, host and port are.
#[derive(Clone, Debug)]
pub struct Origin {
    tls: bool,
    host: Arc<str>,
    port: u16,
    authority: Authority,
    host_header: HeaderValue,
}

/// A host that cannot stand in a URL.
#[derive(Debug, thiserror::Error)]
#[error("`{host}` is not a host name or address")]
pub struct OriginError {
    host: String,
}

impl Origin {
    /// An origin; `host` is a name or an address, IPv6 in brackets.
    pub fn new(tls: bool, host: &str, port: u16) -> Result<Self, OriginError> {
        let text = match (tls, port) {
            (true, 443) | (false, 80) => host.to_owned(),
            _ => format!("{host}:{port}"),
        };
        let invalid = || OriginError {
            host: host.to_owned(),
        };
        Ok(Self {
            tls,
            host: host.into(),
            port,
            authority: Authority::try_from(text.as_str()).map_err(|_| invalid())?,
            host_header: HeaderValue::try_from(text).map_err(|_| invalid())?,
        })
    }

    pub(crate) fn scheme(&self) -> Scheme {
        if self.tls {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        }
    }

    pub(crate) const fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) const fn host_header(&self) -> &HeaderValue {
        &self.host_header
    }

    /// Whether connections use TLS.
    pub const fn is_tls(&self) -> bool {
        self.tls
    }
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        (self.tls, self.port) == (other.tls, other.port) && self.host == other.host
    }
}

impl Eq for Origin {}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.tls, self.port).hash(state);
        self.host.hash(state);
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

/// The machine's trusted certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// No certificate was found at all.
    #[error(
        "no trusted certificates were found: install the package ca-certificates, or set SSL_CERT_FILE"
    )]
    Empty,
    /// The TLS library refused its own defaults.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
}

/// Makes connections. Cheap to clone; certificates are read when the first TLS origin is used.
#[derive(Clone)]
pub struct Connector {
    http: HttpConnector,
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

/// A byte stream to an origin, and whether it speaks HTTP/2.
pub(crate) struct Connection {
    pub(crate) io: TokioIo<Box<dyn Stream>>,
    pub(crate) http2: bool,
}

pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Default for Connector {
    fn default() -> Self {
        Self::new()
    }
}

impl Connector {
    /// A connector that trusts the machine's certificates (`SSL_CERT_FILE` is obeyed).
    pub fn new() -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_keepalive(Some(Duration::from_secs(60)));
        Self {
            http,
            tls: Arc::default(),
        }
    }

    /// Connects within `timeout`, which covers lookup, TCP and TLS.
    pub(crate) async fn connect(
        &self,
        origin: &Origin,
        timeout: Duration,
    ) -> Result<Connection, SendError> {
        tokio::time::timeout(timeout, self.connect_unbounded(origin))
            .await
            .unwrap_or_else(|_| Err(SendError::timeout()))
    }

    async fn connect_unbounded(&self, origin: &Origin) -> Result<Connection, SendError> {
        let tcp = self.tcp(origin).await?;
        if !origin.tls {
            return Ok(Connection {
                io: TokioIo::new(Box::new(tcp)),
                http2: false,
            });
        }
        let config = self
            .tls_config()
            .map_err(|error| SendError::unsent(SendErrorKind::Tls, error))?;
        let host = origin
            .host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        let name = ServerName::try_from(host)
            .map_err(|error| SendError::unsent(SendErrorKind::Tls, error))?;
        let stream = TlsConnector::from(config)
            .connect(name, tcp)
            .await
            .map_err(|error| SendError::unsent(SendErrorKind::Tls, error))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Ok(Connection {
            io: TokioIo::new(Box::new(stream)),
            http2,
        })
    }

    async fn tcp(&self, origin: &Origin) -> Result<TcpStream, SendError> {
        let uri = Uri::builder()
            .scheme("http")
            .authority(format!("{}:{}", origin.host, origin.port))
            .path_and_query("/")
            .build()
            .map_err(|error| SendError::unsent(SendErrorKind::Connect, error))?;
        let connected = self.http.clone().call(uri).await;
        connected.map(TokioIo::into_inner).map_err(|error| {
            let kind = if error.to_string().starts_with("dns") {
                SendErrorKind::Dns
            } else {
                SendErrorKind::Connect
            };
            SendError::unsent(kind, error)
        })
    }

    fn tls_config(&self) -> Result<Arc<ClientConfig>, TrustError> {
        if let Some(config) = self.tls.get() {
            return Ok(Arc::clone(config));
        }
        let config = Arc::new(client_config()?);
        Ok(Arc::clone(self.tls.get_or_init(|| config)))
    }
}

fn client_config() -> Result<ClientConfig, TrustError> {
    let mut roots = RootCertStore::empty();
    // A broken file among many must not make all vendors unreachable.
    let (added, _ignored) =
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        return Err(TrustError::Empty);
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(TrustError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
