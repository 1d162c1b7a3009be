//! Which row of the API Endpoints table a request belongs to.

use http::Method;
use wharf_document::model::{PathPattern, PathSegment, Specificity};

use super::CompiledOperation;

pub(crate) fn find(operations: &[CompiledOperation], method: &Method, path: &str) -> Option<usize> {
    best(operations, method, path).or_else(|| {
        (method == Method::HEAD)
            .then(|| best(operations, &Method::GET, path))
            .flatten()
    })
}

fn best(operations: &[CompiledOperation], method: &Method, path: &str) -> Option<usize> {
    operations
        .iter()
        .enumerate()
        .filter(|(_, operation)| {
            operation.methods.contains(method) && fits(&operation.pattern, path)
        })
        // Of equals the first, in the order of the table.
        .min_by(|(_, a), (_, b)| specificity(&b.pattern).cmp(specificity(&a.pattern)))
        .map(|(index, _)| index)
}

fn fits(pattern: &PathPattern, path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else {
        return pattern.segments.is_empty() && path.is_empty();
    };
    if pattern.segments.is_empty() {
        return path.is_empty();
    }
    let mut rest = Some(path);
    pattern.segments.iter().all(|expected| {
        let Some(here) = rest else {
            return false;
        };
        let (segment, behind) = expected.take(here);
        rest = behind;
        expected.matches(segment)
    }) && rest.is_none()
}

/// Compared from the left: text beats text with parameters, which beats a parameter, which beats
/// one that takes the rest.
fn specificity(pattern: &PathPattern) -> impl Iterator<Item = Specificity> {
    pattern.segments.iter().map(PathSegment::specificity)
}
