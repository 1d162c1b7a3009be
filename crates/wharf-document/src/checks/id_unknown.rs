//! WH701: a document names another one that is not there.

use wharf_diag::{Code, Diagnostic, Page, Severity, closest};

use crate::model::{Integration, IntegrationId};
use crate::together::{Index, named};

pub(crate) const CODE: Code = Code {
    id: "WH701",
    slug: "id-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("id_unknown.md"),
};

/// Looks up every id that a document names.
pub(super) fn check(integration: &Integration, index: &Index<'_>) -> Vec<Diagnostic> {
    named(integration)
        .into_iter()
        .filter(|(id, _, _)| index.get(id).is_none())
        .map(|(id, span, what)| {
            let message = format!("{what} `{id}` is not an integration of this workspace");
            let diagnostic =
                Diagnostic::new(CODE, Severity::Error, message, &integration.source, span);
            if let Some(why) = IntegrationId::why_reserved(id.as_str()) {
                let other = IntegrationId::beside_reserved(id.as_str());
                return diagnostic.with_help(format!(
                    "no document has this id: {why}; give the document another name, such as \
                     `{other}.md`, and write that here"
                ));
            }
            let known = index.ids().map(IntegrationId::as_str);
            match closest(id.as_str(), known) {
                Some(meant) => diagnostic.with_help(format!("did you mean `{meant}`?")),
                None => diagnostic.with_help(format!(
                    "write the document `{id}.md`, or the id of one that is there"
                )),
            }
        })
        .collect()
}
