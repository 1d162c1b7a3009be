//! Paths below a mount, as documents write them and as they are sent.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Longest path, in bytes.
const LONGEST: usize = 1_024;

/// All but the unreserved characters of RFC 3986, 2.3.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Why a path leads to no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathProblem {
    /// Nothing in it.
    Empty,
    /// More than 1,024 bytes.
    TooLong,
    /// Two slashes beside each other.
    EmptySegment,
    /// `.` or `..`.
    Dots,
    /// A control character.
    ControlCharacter,
    /// It names a mount, and no secret in it.
    MountAlone,
}

impl fmt::Display for PathProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::TooLong => "is longer than 1,024 bytes",
            Self::EmptySegment => "has two slashes beside each other",
            Self::Dots => "has `.` or `..` between its slashes",
            Self::ControlCharacter => "has a control character in it",
            Self::MountAlone => "names a mount, and no secret in it",
        })
    }
}

/// The path without slashes around it.
pub(super) fn read(written: &str) -> Result<String, PathProblem> {
    let path = written.strip_prefix('/').unwrap_or(written);
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Err(PathProblem::Empty);
    }
    if path.len() > LONGEST {
        return Err(PathProblem::TooLong);
    }
    if path.chars().any(char::is_control) {
        return Err(PathProblem::ControlCharacter);
    }
    for segment in path.split('/') {
        match segment {
            "" => return Err(PathProblem::EmptySegment),
            "." | ".." => return Err(PathProblem::Dots),
            _ => {}
        }
    }
    Ok(path.to_owned())
}

/// A path as it stands in an address.
pub(super) fn encoded(path: &str) -> String {
    let segments = path.split('/');
    let segments = segments.map(|segment| utf8_percent_encode(segment, ENCODED).to_string());
    segments.collect::<Vec<_>>().join("/")
}

/// What of a path lies below a mount. `None`: it is not in that mount.
pub(super) fn below<'path>(path: &'path str, mount: &str) -> Option<&'path str> {
    let rest = path.strip_prefix(mount)?;
    match rest.strip_prefix('/') {
        Some(rest) => Some(rest),
        None if rest.is_empty() => Some(rest),
        None => None,
    }
}
