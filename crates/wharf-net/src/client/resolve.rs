//! The first step of connecting: from a host to its addresses.

mod lookups;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use super::origin::Origin;
use super::shortage;
pub(crate) use lookups::Lookups;

/// A lookup under way.
pub type Resolving<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'a>>;

/// Finds the addresses of host names.
///
/// All requests that wait for one name share a lookup. It goes on when their time to connect is
/// over, for those that come after them, for a minute at most; then the future is dropped.
/// The system's own lookup runs on in a thread even so, and nobody hears what it finds.
pub trait Resolve: Send + Sync + 'static {
    /// All addresses of `host`, the best first. Hosts that are addresses are never asked for.
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolving<'a>;
}

/// What the system knows: its hosts file, its name servers.
pub(crate) struct SystemResolver;

impl Resolve for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str, port: u16) -> Resolving<'a> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, port)).await;
            Ok(found.map_err(shortage::behind)?.collect())
        })
    }
}

/// A host has no address.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The lookup failed.
    #[error("cannot look up `{host}`")]
    Lookup {
        /// The host.
        host: String,
        /// What the resolver said.
        #[source]
        source: io::Error,
    },
    /// The lookup went well and found nothing.
    #[error("`{host}` has no address")]
    NoAddress {
        /// The host.
        host: String,
    },
}

/// The addresses of an origin, in the order in which they are to be tried.
pub(crate) async fn addresses(
    lookups: &Arc<Lookups>,
    resolver: &Arc<dyn Resolve>,
    origin: &Origin,
) -> Result<Vec<SocketAddr>, ResolveError> {
    let host = bare(origin.host());
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, origin.port())]);
    }
    let found = lookups.find(resolver, host, origin.port()).await;
    let found = found.map_err(|source| ResolveError::Lookup {
        host: host.to_owned(),
        source,
    })?;
    if found.is_empty() {
        return Err(ResolveError::NoAddress {
            host: host.to_owned(),
        });
    }
    Ok(interleaved(found))
}

/// A host without the brackets that URLs put around addresses of IPv6.
pub(crate) fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Families take turns, so that one that is broken here costs one wait and not many (RFC 8305,
/// section 4). The resolver's first address stays the first.
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_ipv6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (leading, other): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| address.is_ipv6() == first_is_ipv6);
    let (mut leading, mut other) = (leading.into_iter(), other.into_iter());
    let mut ordered = Vec::with_capacity(leading.len() + other.len());
    loop {
        let before = ordered.len();
        ordered.extend(leading.next());
        ordered.extend(other.next());
        if ordered.len() == before {
            return ordered;
        }
    }
}

#[cfg(test)]
mod tests;
