//! Values with units that appear in several sections.

use std::fmt;
use std::time::Duration;

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// Clear text, for local services.
    Http,
    /// TLS. The default where a cell names no scheme.
    Https,
}

/// Scheme, host, port and path that every call of an environment starts with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// `https` unless the cell says `http://`.
    pub scheme: Scheme,
    /// Host name or address in lower case; IPv6 addresses keep their brackets.
    pub host: String,
    /// Port; the scheme's own where the cell names none.
    pub port: u16,
    /// Path without a slash at the end: empty, or `/` and segments.
    pub path: String,
}

impl BaseUrl {
    /// Whether the port is the one the scheme implies.
    pub const fn has_default_port(&self) -> bool {
        matches!(
            (self.scheme, self.port),
            (Scheme::Http, 80) | (Scheme::Https, 443)
        )
    }

    /// `host` or `host:port`, as in the `Host` header.
    pub fn authority(&self) -> String {
        if self.has_default_port() {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// So many calls per so much time, for example `100/min`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rate {
    /// Calls; at least 1.
    pub count: u64,
    /// The period; longer than zero.
    pub period: Duration,
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.period.as_secs();
        match seconds {
            1 => write!(f, "{}/s", self.count),
            60 => write!(f, "{}/min", self.count),
            3_600 => write!(f, "{}/hour", self.count),
            86_400 => write!(f, "{}/day", self.count),
            _ if seconds.is_multiple_of(3_600) => write!(f, "{}/{}h", self.count, seconds / 3_600),
            _ if seconds.is_multiple_of(60) => write!(f, "{}/{}min", self.count, seconds / 60),
            _ => write!(f, "{}/{seconds}s", self.count),
        }
    }
}

/// A size in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ByteCount(pub u64);
