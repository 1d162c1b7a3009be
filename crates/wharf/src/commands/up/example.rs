//! The path of a call to paste.

use percent_encoding::utf8_percent_encode;
use wharf_document::model::{ExampleBody, Operation, PathPiece, PathSegment};

use crate::commands::call::ENCODED;

/// Whether a path has a part that a caller fills in.
pub(super) fn has_parameters(operation: &Operation) -> bool {
    let mut segments = operation.path.value.segments.iter();
    !segments.all(|segment| matches!(segment, PathSegment::Literal(_)))
}

/// The path of an operation with its parameters filled in: with what the document's own example
/// holds under their names. Without one, a simulated vendor takes any word, and for a real one
/// somebody has to put a value in the place of the name in capital letters.
pub(super) fn path(operation: &Operation, simulated: bool) -> String {
    let fill = |name: &str| {
        let value = of_examples(operation, name).unwrap_or_else(|| {
            if simulated {
                name.to_owned()
            } else {
                name.to_uppercase()
            }
        });
        utf8_percent_encode(&value, ENCODED).to_string()
    };
    if !has_parameters(operation) {
        return operation.path.value.to_string();
    }
    let mut path = String::new();
    for segment in &operation.path.value.segments {
        path.push('/');
        match segment {
            PathSegment::Literal(literal) => path.push_str(literal),
            PathSegment::Parameter(name) | PathSegment::Rest(name) => path += &fill(name),
            PathSegment::Mixed(pieces) => {
                path.extend(pieces.iter().map(|piece| match piece {
                    PathPiece::Literal(literal) => literal.clone(),
                    PathPiece::Parameter(name) => fill(name),
                }));
            }
        }
    }
    path
}

/// What an example answer of the operation holds under a name.
fn of_examples(operation: &Operation, name: &str) -> Option<String> {
    operation.examples.iter().find_map(|example| {
        let ExampleBody::Json(text) = &example.body else {
            return None;
        };
        let answer: serde_json::Value = serde_json::from_str(text).ok()?;
        match answer.get(name)? {
            serde_json::Value::String(value) => {
                let may_be_shown = !value.is_empty() && wharf_scan::scan(value).is_empty();
                may_be_shown.then(|| value.clone())
            }
            serde_json::Value::Number(value) => Some(value.to_string()),
            _ => None,
        }
    })
}
