//! WH701: a document names another one that is not there.

use wharf_diag::{Code, Diagnostic, Page, Severity, Span, closest};

use crate::model::{Dependency, Fallback, Integration, IntegrationId, Reference, WebhookTarget};
use crate::together::Index;

pub(crate) const CODE: Code = Code {
    id: "WH701",
    slug: "id-unknown",
};

pub(super) const PAGE: Page = Page {
    code: CODE,
    text: include_str!("id_unknown.md"),
};

/// Looks up every id that a document names.
pub(crate) fn check(integration: &Integration, index: &Index<'_>) -> Vec<Diagnostic> {
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

/// Every id that a document names, where, and what for.
pub(crate) fn named(integration: &Integration) -> Vec<(&IntegrationId, Span, &'static str)> {
    let mut named = Vec::new();
    let frontmatter = &integration.frontmatter;
    for id in &frontmatter.supersedes {
        named.push((&id.value, id.span, "`supersedes`:"));
    }
    for id in &frontmatter.superseded_by {
        named.push((&id.value, id.span, "`superseded_by`:"));
    }
    for reference in &frontmatter.references {
        if let Reference::Integration(id) = &reference.value {
            named.push((id, reference.span, "`references`:"));
        }
    }
    for row in &integration.webhooks.outgoing {
        if let Some(target) = &row.target
            && let WebhookTarget::Operation { integration, .. } = &target.value
        {
            named.push((integration, target.span, "the target"));
        }
    }
    for need in &integration.dependencies.needs {
        if let Dependency::Integration(id) = &need.value {
            named.push((id, need.span, "the dependency"));
        }
    }
    if let Some(fallback) = &integration.recovery.fallback
        && let Fallback::Integration { id, .. } = &fallback.value
    {
        named.push((id, fallback.span, "the fallback"));
    }
    named
}
