//! Formatting of a whole document, as `wharf fmt` does it.

use gen_lsp_types::TextEdit;

use crate::view::View;

/// The edits that format a document. Other texts are left alone.
pub(crate) fn edits(view: &View<'_>) -> Option<Vec<TextEdit>> {
    view.integration()?;
    let edits = wharf_document::format(view.text()).into_iter();
    let edits = edits.map(|edit| TextEdit {
        range: view.range(edit.span),
        new_text: edit.replacement,
    });
    Some(edits.collect())
}
