//! Which hosts a request may be for.
//!
//! A web page can make a browser send requests to a name of its own that it has pointed at
//! this machine (DNS rebinding), and read the answers. The page's name then stands in the
//! `Host` header, so a name that is not ours is refused. An IP address cannot be pointed.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::header::HOST;
use axum::http::{HeaderMap, Uri, Version};

use crate::problem::Problem;

/// Checks the host of a request: a loopback name or an IP address.
///
/// A client of HTTP/1.0 need not name one: it is no browser.
pub(crate) fn check(version: Version, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    let mut named = headers.get_all(HOST).iter();
    match (named.next(), named.next()) {
        (None, _) if version <= Version::HTTP_10 => {}
        (None, _) | (Some(_), Some(_)) => return Err(Problem::HostMissing),
        (Some(value), None) => {
            let value = value.to_str().map_err(|_| Problem::HostNotAllowed)?;
            allow(value)?;
        }
    }
    match uri.authority() {
        Some(authority) => allow(authority.as_str()),
        None => Ok(()),
    }
}

fn allow(authority: &str) -> Result<(), Problem> {
    let host = without_port(authority).ok_or(Problem::HostNotAllowed)?;
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_ours = host == "localhost" || host.ends_with(".localhost");
    if is_ours && is_name(&host) || is_address(&host) {
        Ok(())
    } else {
        Err(Problem::HostNotAllowed)
    }
}

/// The host of `host` or `host:port`; `None` where the port is no number.
fn without_port(authority: &str) -> Option<&str> {
    let end_of_host = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    match authority[end_of_host..].find(':') {
        None => Some(authority),
        Some(colon) => {
            let (host, port) = authority.split_at(end_of_host + colon);
            let digits = &port[1..];
            (digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(host)
        }
    }
}

/// Whether a host can be a name: with other characters in it, a URL of the same text may lead
/// elsewhere.
fn is_name(host: &str) -> bool {
    host.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

fn is_address(host: &str) -> bool {
    match host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().is_ok(),
        None => host.parse::<Ipv4Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests;
