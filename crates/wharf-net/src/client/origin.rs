//! Where requests go: scheme, host and port.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use http::HeaderValue;
use http::uri::{Authority, Scheme};

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

    /// The host as a URL has it: an address of IPv6 stands in brackets.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
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
