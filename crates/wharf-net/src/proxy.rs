//! Proxies that the environment names, which the client does not use.

use std::ffi::OsString;

/// Variables by which other programs find a proxy, in both spellings.
const VARIABLES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "HTTP_PROXY",
    "http_proxy",
];

/// Names of the set variables that would lead other programs through a proxy.
///
/// The client connects to vendors directly, so whoever sets one should be told. Values are not
/// given: they may hold a password.
pub fn proxy_variables_set() -> Vec<&'static str> {
    set_among(|name| std::env::var_os(name))
}

fn set_among(value: impl Fn(&str) -> Option<OsString>) -> Vec<&'static str> {
    // Empty is how a proxy is switched off.
    let is_set = |name: &&str| value(name).is_some_and(|value| !value.is_empty());
    VARIABLES.into_iter().filter(is_set).collect()
}

#[cfg(test)]
mod tests;
