//! What a document names of others, and which credentials it sends where.

use std::borrow::Cow;

use wharf_diag::{Span, Spanned};

use crate::credential::{names, place};
use crate::model::{Dependency, Fallback, Integration, IntegrationId, Reference, WebhookTarget};

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

/// The integration that a document falls back to, and where it says so.
pub(crate) fn fallback(integration: &Integration) -> Option<Spanned<&IntegrationId>> {
    let fallback = integration.recovery.fallback.as_ref()?;
    match &fallback.value {
        Fallback::Integration { id, .. } => Some(Spanned::new(id, fallback.span)),
        Fallback::Words(_) => None,
    }
}

/// One thing that a store is asked for, and where the document sends what it gets.
#[derive(Clone, Debug)]
pub(crate) struct Sent<'a> {
    /// A word for the store, and the variable or the path it leads to.
    pub(crate) credential: (&'static str, Cow<'a, str>),
    /// The variable or the path, as written.
    pub(crate) name: &'a str,
    /// The host that gets it.
    pub(crate) host: &'a str,
    pub(crate) span: Span,
}

/// Every credential of a document whose environment has an endpoint.
pub(crate) fn sent(integration: &Integration) -> impl Iterator<Item = Sent<'_>> {
    let environments = integration.environments.iter();
    environments.flat_map(|environment| {
        let endpoint = environment.endpoint.as_ref();
        let credential = integration.credential(&environment.name.value);
        let both = endpoint.zip(credential).into_iter();
        both.flat_map(|(endpoint, credential)| {
            let names = names(&credential.store.value);
            names.map(|(store, name)| Sent {
                credential: (store, place(store, &name.value)),
                name: &name.value,
                host: &endpoint.value.host,
                span: name.span,
            })
        })
    })
}
