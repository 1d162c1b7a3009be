//! Which operation of a document a path and a method mean.

use percent_encoding::percent_decode_str;
use wharf_document::model::{Method, Operation, PathPattern, Specificity};

/// The outcome of a search.
#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    /// A row of the API Endpoints table.
    Operation {
        /// Its place in the table.
        index: usize,
        /// Values of the path's parameters.
        parameters: Parameters,
    },
    /// Rows have this path, but with these methods only.
    OtherMethods(Vec<&'static str>),
    /// No row has this path.
    Nothing,
}

/// Finds the row for a path below the environment's base URL.
///
/// At the first segment in which two rows differ, a literal beats text with parameters, which
/// beats a parameter. `HEAD` goes to the row of `GET` where it has none of its own.
pub(crate) fn find(operations: &[Operation], method: &http::Method, path: &str) -> Found {
    let path = path.strip_prefix('/').unwrap_or(path);
    let mut best: Option<Candidate> = None;
    let mut methods: Vec<&'static str> = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        let Some((shape, parameters)) = match_path(&operation.path.value, path) else {
            continue;
        };
        let own = || operation.methods().flat_map(served);
        for name in own() {
            if !methods.contains(name) {
                methods.push(name);
            }
        }
        let exact = operation
            .methods()
            .any(|own| own.as_str() == method.as_str());
        if !exact && !own().any(|name| *name == method.as_str()) {
            continue;
        }
        let candidate = Candidate {
            rank: (exact, shape),
            index,
            parameters,
        };
        if best.as_ref().is_none_or(|best| candidate.rank > best.rank) {
            best = Some(candidate);
        }
    }
    match best {
        Some(Candidate {
            index, parameters, ..
        }) => Found::Operation { index, parameters },
        None if methods.is_empty() => Found::Nothing,
        None => Found::OtherMethods(methods),
    }
}

struct Candidate {
    /// Exact method first, then the more specific segments from the left.
    rank: (bool, Vec<Specificity>),
    index: usize,
    parameters: Parameters,
}

fn served(method: Method) -> &'static [&'static str] {
    match method {
        Method::Get => &["GET", "HEAD"],
        Method::Head => &["HEAD"],
        Method::Post => &["POST"],
        Method::Put => &["PUT"],
        Method::Patch => &["PATCH"],
        Method::Delete => &["DELETE"],
        Method::Options => &["OPTIONS"],
    }
}

/// Parameters of a path by name, decoded, in the order of the path.
pub(crate) type Parameters = Vec<(String, String)>;

/// How specific each segment is, and the parameters.
fn match_path(pattern: &PathPattern, path: &str) -> Option<(Vec<Specificity>, Parameters)> {
    let mut shape = Vec::with_capacity(pattern.segments.len());
    let mut parameters = Vec::new();
    // The base URL itself: `…/production` and `…/production/` are the same request.
    let is_root = path.is_empty() && pattern.segments.is_empty();
    let mut rest = (!is_root).then_some(path);
    for expected in &pattern.segments {
        let (raw, behind) = expected.take(rest?);
        rest = behind;
        let known = parameters.len();
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let as_sent = expected.capture(raw, |name, value| {
            parameters.push((name.to_owned(), decoded(value)));
        });
        if !as_sent {
            // The text of a row may come encoded, too.
            parameters.truncate(known);
            let segment = decoded(raw);
            let fits = expected.capture(&segment, |name, value| {
                parameters.push((name.to_owned(), value.to_owned()));
            });
            if !fits {
                return None;
            }
        }
        shape.push(expected.specificity());
    }
    rest.is_none().then_some((shape, parameters))
}

#[cfg(test)]
mod tests;
