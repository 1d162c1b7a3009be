//! Where requests go: scheme, host and port.

use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use http::HeaderValue;
use http::uri::{Authority, Scheme};

/// Scheme, host and port of an upstream.
///
/// Equal when scheme, host and port are. Clones share it: each call makes some.
#[derive(Clone, Debug)]
pub struct Origin(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    tls: bool,
    host: String,
    port: u16,
    authority: Authority,
    host_header: HeaderValue,
    /// Of scheme, host and port, so that a look-up reads no text.
    hash: u64,
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
        let mut hasher = DefaultHasher::new();
        (tls, host, port).hash(&mut hasher);
        Ok(Self(Arc::new(Parts {
            tls,
            host: host.to_owned(),
            port,
            authority: Authority::try_from(text.as_str()).map_err(|_| invalid())?,
            host_header: HeaderValue::try_from(text).map_err(|_| invalid())?,
            hash: hasher.finish(),
        })))
    }

    pub(crate) fn scheme(&self) -> Scheme {
        if self.0.tls {
            Scheme::HTTPS
        } else {
            Scheme::HTTP
        }
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.0.authority
    }

    pub(crate) fn host_header(&self) -> &HeaderValue {
        &self.0.host_header
    }

    /// The host as a URL has it: an address of IPv6 stands in brackets.
    pub(crate) fn host(&self) -> &str {
        &self.0.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.port
    }

    /// Whether connections use TLS.
    pub fn is_tls(&self) -> bool {
        self.0.tls
    }
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.0, &other.0);
        Arc::ptr_eq(a, b) || (a.tls, a.port) == (b.tls, b.port) && a.host == b.host
    }
}

impl Eq for Origin {}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.hash);
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_tls() { "https" } else { "http" };
        write!(f, "{scheme}://{}:{}", self.host(), self.port())
    }
}
