//! Headers that speak for a whole origin, which here is not the vendor's but Wharf's, or to the
//! server before it.

use http::header::{HeaderMap, HeaderName};

/// Each name with what it would do to the other integrations.
const FOR_WHOLE_ORIGIN: [(&str, &str); 25] = [
    ("accept-ch", "asks for hints with every later request"),
    ("alt-svc", "sends later requests to another server"),
    ("cache-group-invalidation", "drops cached answers of others"),
    ("clear-site-data", "drops cookies and storage of others"),
    ("critical-ch", "asks for hints, and for the request again"),
    ("expect-ct", "sets a policy for certificates"),
    (
        "nel",
        "reports all network errors to an address of the vendor's",
    ),
    ("origin-agent-cluster", "decides how pages are kept apart"),
    (
        "public-key-pins",
        "locks clients out when Wharf's key changes",
    ),
    ("public-key-pins-report-only", "reports on Wharf's own key"),
    ("report-to", "names where reports of all pages go"),
    ("reporting-endpoints", "names where reports go, by paths"),
    (
        "service-worker-allowed",
        "widens a script's reach to others' paths",
    ),
    (
        "set-cookie2",
        "sets cookies in a form whose paths are not mapped",
    ),
    ("set-login", "says for all that somebody is signed in"),
    ("speculation-rules", "makes clients fetch paths of others"),
    ("strict-transport-security", "forbids plain HTTP to Wharf"),
    ("use-as-dictionary", "offers itself for paths of others"),
    ("proxy-authentication-info", "speaks for Wharf as the proxy"),
    (
        "content-base",
        "changes what every relative reference means",
    ),
    // What servers before an application take from it as orders: Apache, lighttpd, Perlbal.
    ("x-sendfile", "makes a proxy send a file of its own"),
    ("x-sendfile2", "makes a proxy send parts of its files"),
    ("x-lighttpd-send-file", "makes a proxy send a file"),
    ("x-reproxy-url", "makes a proxy ask another address"),
    ("x-reproxy-file", "makes a proxy send a file"),
];

/// Starts of names with which an application gives orders to the server before it: nginx (ask for
/// a path of others, as the caller; keep the answer for others; how fast to send), `LiteSpeed` (the
/// same, and drop what it keeps).
const ORDERS: [&str; 2] = ["x-accel-", "x-litespeed-"];

/// The one order that is about this answer alone: event streams say by it that they are not to be
/// held up.
const BUFFERING: &str = "x-accel-buffering";

/// Whether a header speaks for more than the integration it comes from.
pub(crate) fn is_for_whole_origin(name: &HeaderName) -> bool {
    let name = name.as_str();
    FOR_WHOLE_ORIGIN.iter().any(|(listed, _)| *listed == name)
        || (ORDERS.iter().any(|start| name.starts_with(start)) && name != BUFFERING)
}

/// Removes those headers.
pub(crate) fn remove_for_whole_origin(headers: &mut HeaderMap) {
    let found: Vec<HeaderName> = headers
        .keys()
        .filter(|name| is_for_whole_origin(name))
        .cloned()
        .collect();
    for name in found {
        headers.remove(name);
    }
}
