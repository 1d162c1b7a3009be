//! Addresses of services that do not speak HTTP: `postgres://db.internal:5432/app`.

use wharf_diag::closest;

use super::url;
use crate::model::Connection;

/// Longest scheme that is taken for one.
const LONGEST_SCHEME_BYTES: usize = 32;

/// Whether a text names a scheme other than those of HTTP.
pub(crate) fn is_connection(text: &str) -> bool {
    let Some((scheme, _)) = text.split_once("://") else {
        return false;
    };
    let is_scheme = scheme.len() <= LONGEST_SCHEME_BYTES
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    is_scheme && !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https")
}

/// Reads an address. What it complains about never shows a password.
pub(crate) fn parse(text: &str) -> Result<Connection, String> {
    let (scheme, rest) = text.split_once("://").ok_or("it has no scheme")?;
    let scheme = scheme.to_ascii_lowercase();
    if let Some(meant) = closest(&scheme, ["https", "http"]) {
        return Err(format!(
            "`{scheme}` is not a scheme, did you mean `{meant}`?"
        ));
    }
    if rest
        .rsplit_once('@')
        .is_some_and(|(before, _)| before.contains(':'))
    {
        return Err("it holds a password; credentials belong into Credential Storage".into());
    }
    if let Some(sign) = rest.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Err(format!("{sign:?} is not allowed in an address"));
    }
    if rest.contains('?') {
        return Err("it holds a query; options of the connection belong into the notes".into());
    }
    if rest.contains('#') {
        return Err("it holds a fragment, which means nothing here".into());
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if path.contains(['\\', '{', '}', '<', '>', '"', '|', '^', '`', '@']) {
        return Err("its path holds a sign that is not allowed in an address".into());
    }
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        return Err("`.` and `..` are not allowed in its path".into());
    }
    if scheme == Connection::SOCKET {
        return socket(scheme, authority, path);
    }
    let (user, authority) = authority.rsplit_once('@').unwrap_or(("", authority));
    if authority.contains(',') {
        return Err("it names several hosts; name the one that is connected first".into());
    }
    let (host, port) = url::host_and_port(authority)?;
    Ok(Connection {
        scheme,
        user: (!user.is_empty()).then(|| user.to_owned()),
        host: Some(host.to_ascii_lowercase()),
        port,
        path: path.trim_end_matches('/').to_owned(),
    })
}

fn socket(scheme: String, authority: &str, path: &str) -> Result<Connection, String> {
    let path = path.trim_end_matches('/');
    if !authority.is_empty() || path.is_empty() {
        return Err("a socket is a file: `unix:///var/run/name.sock`, with three slashes".into());
    }
    Ok(Connection {
        scheme,
        user: None,
        host: None,
        port: None,
        path: path.to_owned(),
    })
}
