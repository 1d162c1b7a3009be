//! What a document says that nothing obeys yet, for who reads about the document.

use serde_json::{Value, json};
use wharf_document::Integration;
use wharf_plan::Part;

use super::places;

/// What stands behind words about a part that nothing obeys.
pub(super) const NOT_YET: &str = "not in force yet";

/// Each part once, in the order of the list, with its places.
fn parts(integration: &Integration) -> Vec<(Part, Vec<String>)> {
    let found = wharf_plan::not_in_force(integration);
    let of_part = |part: Part| -> Vec<String> {
        let mut places: Vec<_> = found
            .iter()
            .filter(|one| one.part == part)
            .map(|one| places::place(integration, one.span))
            .collect();
        places.dedup();
        places
    };
    let parts = Part::ALL.map(|(part, _)| (part, of_part(part)));
    parts
        .into_iter()
        .filter(|(_, places)| !places.is_empty())
        .collect()
}

/// Names and places, for a terminal.
pub(super) fn pairs(integration: &Integration) -> Vec<(String, String)> {
    let parts = parts(integration).into_iter();
    parts
        .map(|(part, places)| {
            let first = places.first().cloned().unwrap_or_default();
            let more = match places.len() {
                0 | 1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            (part.as_str().to_owned(), format!("{first}{more}"))
        })
        .collect()
}

/// For programs.
pub(super) fn json(integration: &Integration) -> Value {
    let parts = parts(integration).into_iter();
    parts
        .map(|(part, places)| json!({ "what": part.as_str(), "places": places }))
        .collect()
}
