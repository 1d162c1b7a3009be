//! Where the credential stands in each call.

use wharf_diag::Spanned;
use wharf_document::Integration;
use wharf_document::model::Placement;

use crate::{CompiledIntegration, CompiledPlacement};

/// One place in each call that is filled in from the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentAs {
    /// As documents write it, fields in braces: `X-Key: {api_key}`, `key={api_key}` in the query,
    /// `Authorization: Basic {username}:{password}` before it is encoded.
    pub words: String,
    /// It is the usual place of its type; the document names none.
    pub usual: bool,
}

/// All places, in the document's order. None where calls send no credential, or are refused because
/// no request could carry it.
pub(super) fn sent_as(document: &Integration, compiled: &CompiledIntegration) -> Vec<SentAs> {
    if compiled.unsendable {
        return Vec::new();
    }
    let written = document.authentication.as_ref();
    let written = written.map_or(&[][..], |found| &found.placements);
    let placements = compiled.placements.iter().enumerate();
    placements
        .map(|(index, placement)| SentAs {
            words: words(placement, |name| as_written(document, written, index, name)),
            usual: written.is_empty(),
        })
        .collect()
}

fn words(placement: &CompiledPlacement, as_written: impl FnOnce(&str) -> String) -> String {
    match placement {
        CompiledPlacement::Header { name, value } => {
            format!("{}: {value}", as_written(name.as_str()))
        }
        CompiledPlacement::Query { name, value } => format!("{name}={value}"),
        CompiledPlacement::Basic { username, password } => {
            format!("Authorization: Basic {username}:{password}")
        }
    }
}

/// The name of a header in the case that the document has it in.
fn as_written(
    document: &Integration,
    written: &[Spanned<Placement>],
    index: usize,
    name: &str,
) -> String {
    let written = match written.get(index) {
        Some(found) => document.source.slice(found.span),
        None => "Authorization",
    };
    let shown = written.get(..name.len());
    let shown = shown.filter(|shown| shown.eq_ignore_ascii_case(name));
    shown.unwrap_or(name).to_owned()
}
