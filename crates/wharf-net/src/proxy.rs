//! Proxies that the environment names, which the client does not use.

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
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    VARIABLES.into_iter().filter(is_set).collect()
}
