//! What a URL of ours says of where a call goes.

use http::Uri;

/// The first segment of a path, taken apart: `/{integration}[@{environment}]/{rest}`.
pub(crate) struct Address<'a> {
    pub(crate) integration: &'a str,
    pub(crate) environment: Option<&'a str>,
    /// With its leading slash; empty where the path ends with the first segment.
    pub(crate) rest: &'a str,
}

impl<'a> Address<'a> {
    pub(crate) fn of(uri: &'a Uri) -> Self {
        let path = uri.path().strip_prefix('/').unwrap_or_else(|| uri.path());
        let slash = memchr::memchr(b'/', path.as_bytes());
        let (first, rest) = path.split_at(slash.unwrap_or(path.len()));
        let at = memchr::memchr(b'@', first.as_bytes());
        let (integration, environment) = first.split_at(at.unwrap_or(first.len()));
        Self {
            integration,
            environment: environment.strip_prefix('@'),
            rest,
        }
    }
}
