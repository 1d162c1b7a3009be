//! Paths without the names of their parameters, cut into segments.

use super::form::Server;

/// What stands for every parameter.
pub(super) const PARAMETER: &str = "{}";

/// The segments of a path without query, fragment and slash at the end.
pub(super) fn segments(path: &str) -> Vec<String> {
    // Some vendors tell variants of one URL apart by a fragment or a query.
    let path = path.split(['#', '?']).next().unwrap_or(path);
    let path = path.trim_start_matches('/').trim_end_matches('/');
    if path.is_empty() {
        return Vec::new();
    }
    path.split('/').map(without_names).collect()
}

/// `{Sid}.json` to `{}.json`.
fn without_names(segment: &str) -> String {
    let mut bare = String::new();
    let mut rest = segment;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, behind)) = after.split_once('}') else {
            break;
        };
        bare.push_str(before);
        bare.push_str(PARAMETER);
        rest = behind;
    }
    bare.push_str(rest);
    bare
}

/// The path of a base URL or a server, where it has one.
pub(super) fn base(path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    (path.starts_with('/') && path.len() > 1).then(|| path.to_owned())
}

/// The path of a server's URL with the defaults of its variables.
pub(super) fn of_server(server: &Server) -> Option<String> {
    let mut url = server.url.as_str().to_owned();
    for (name, variable) in &server.variables.0 {
        if let Some(default) = &variable.default.0 {
            url = url.replace(&format!("{{{name}}}"), default);
        }
    }
    let behind_scheme = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let slash = behind_scheme.find('/')?;
    base(behind_scheme.get(slash..)?)
}
