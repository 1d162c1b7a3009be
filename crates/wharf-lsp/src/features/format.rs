//! Formatting of a whole document.

use gen_lsp_types::TextEdit;

use crate::view::View;

/// Whether documents can be formatted.
pub(crate) const IS_BUILT: bool = false;

/// The edits that format a document.
pub(crate) fn edits(_view: &View<'_>) -> Vec<TextEdit> {
    Vec::new()
}
