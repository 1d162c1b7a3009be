//! Where a name is defined: the document of an id, the row of an operation or environment, the
//! variable that fills a field, the address of a handler.

use gen_lsp_types::Location;
use wharf_diag::{Span, Spanned};
use wharf_document::Integration;
use wharf_document::model::{CredentialStore, Fallback, WebhookTarget};

use super::references::{declaration, holds, mentions};
use crate::document::Document;
use crate::place::Slot;
use crate::view::View;

/// The places that define what stands at an offset; empty where nothing does.
pub(crate) fn find(view: &View<'_>, offset: usize) -> Option<Vec<Location>> {
    let integration = view.integration()?;
    let here = view.document;
    let in_mention = mentions(here, integration)
        .into_iter()
        .find(|mention| holds(mention.span, offset));
    if let Some(mention) = in_mention {
        let found = view.find(&mention.id);
        let place = found.map(|(document, found)| view.location(document, declaration(found)));
        return Some(place.into_iter().collect());
    }
    let places = operation(view, integration, offset)
        .or_else(|| environment(view, integration, offset))
        .or_else(|| handler(view, integration, offset))
        .or_else(|| field(view, integration, offset))
        .or_else(|| mapping(view, integration, offset));
    Some(places.unwrap_or_default())
}

fn row(view: &View<'_>, document: &Document, integration: &Integration, id: &str) -> Vec<Location> {
    let rows = integration.operations.iter().filter(|row| row.id == id);
    rows.map(|row| view.location(document, row.name.span))
        .collect()
}

/// Operations in Examples, in the table of the fallback, and as targets of webhooks.
fn operation(view: &View<'_>, integration: &Integration, offset: usize) -> Option<Vec<Location>> {
    let own = |id: &str| row(view, view.document, integration, id);
    let place = view.place(offset);
    if let Slot::Info { before } = &place.slot
        && before.len() == 1
        && place
            .under
            .part
            .is_some_and(|part| part.eq_ignore_ascii_case("examples"))
    {
        return Some(own(&view.text()[place.word.range()]));
    }
    for mapping in &integration.recovery.operations {
        if holds(mapping.operation.span, offset) {
            return Some(own(&mapping.operation.value));
        }
        let fallback = mapping.fallback.as_ref();
        if let Some(fallback) = fallback.filter(|found| holds(found.span, offset)) {
            let (document, other) = fallback_of(view, integration)?;
            return Some(row(view, document, other, &fallback.value));
        }
    }
    let targets = integration
        .webhooks
        .outgoing
        .iter()
        .filter_map(|row| row.target.as_ref());
    for target in targets.filter(|target| holds(target.span, offset)) {
        if let WebhookTarget::Operation {
            integration,
            operation,
        } = &target.value
        {
            let (document, other) = view.find(integration.as_str())?;
            return Some(row(view, document, other, operation));
        }
    }
    None
}

fn fallback_of<'a>(
    view: &View<'a>,
    integration: &Integration,
) -> Option<(&'a Document, &'a Integration)> {
    match &integration.recovery.fallback.as_ref()?.value {
        Fallback::Integration { id, .. } => view.find(id.as_str()),
        Fallback::Words(_) => None,
    }
}

/// From an environment to its row, and from the row to its credential.
fn environment(view: &View<'_>, integration: &Integration, offset: usize) -> Option<Vec<Location>> {
    let here = view.document;
    let row_of = |document: &Document, integration: &Integration, name: &str| -> Vec<Location> {
        let rows = integration.environments.iter();
        rows.filter(|row| row.name.value.eq_ignore_ascii_case(name))
            .map(|row| view.location(document, row.name.span))
            .collect()
    };
    for entry in &integration.credentials {
        if holds(entry.environment.span, offset) {
            return Some(row_of(here, integration, &entry.environment.value));
        }
    }
    for row in &integration.environments {
        if holds(row.name.span, offset) {
            let entry = integration.credential(&row.name.value);
            let place = entry.map(|entry| view.location(here, entry.environment.span));
            return Some(place.into_iter().collect());
        }
    }
    let default = integration.frontmatter.environment.as_ref();
    if let Some(default) = default.filter(|default| holds(default.span, offset)) {
        return Some(row_of(here, integration, here.source.slice(default.span)));
    }
    for mapping in &integration.recovery.environments {
        if holds(mapping.environment.span, offset) {
            return Some(row_of(here, integration, &mapping.environment.value));
        }
        if holds(mapping.fallback.span, offset) {
            let (document, other) = fallback_of(view, integration)?;
            return Some(row_of(document, other, &mapping.fallback.value));
        }
    }
    // `id@environment`, with the place in its second half.
    let fallback = integration.recovery.fallback.as_ref()?;
    if let Fallback::Integration {
        environment: Some(environment),
        ..
    } = &fallback.value
        && holds(fallback.span, offset)
    {
        let (document, other) = fallback_of(view, integration)?;
        return Some(row_of(document, other, environment));
    }
    None
}

/// The handler's entry in the settings.
fn handler(view: &View<'_>, integration: &Integration, offset: usize) -> Option<Vec<Location>> {
    let handlers = integration
        .webhooks
        .incoming
        .iter()
        .filter_map(|row| row.handler.as_ref());
    let handler = handlers
        .into_iter()
        .find(|handler| holds(handler.span, offset))?;
    let settings = view.workspace.settings_of(&view.document.path);
    let found =
        settings.and_then(|settings| settings.handler(&handler.value, view.client.encoding));
    let place = found.map(|(uri, range)| Location { uri, range });
    Some(place.into_iter().collect())
}

/// What fills a `{field}` of a placement, in every environment.
fn field(view: &View<'_>, integration: &Integration, offset: usize) -> Option<Vec<Location>> {
    let authentication = integration.authentication.as_ref()?;
    let line = crate::place::line_of(view.text(), offset);
    let is_placement = authentication
        .placements
        .iter()
        .any(|placement| holds(placement.span, offset) || holds(line, placement.span.start));
    let name = is_placement
        .then(|| braced(view.text(), line, offset))
        .flatten()?;
    let placements = wharf_document::effective_placements(integration);
    let fields = wharf_document::credential_fields(&placements);
    let places = integration.credentials.iter().flat_map(|entry| {
        let places: Vec<Span> = match &entry.store.value {
            CredentialStore::EnvVariables { variables } => {
                let names: Vec<_> = variables.iter().map(|name| name.value.as_str()).collect();
                let filled = wharf_document::fill_fields(&fields, &names);
                let filling = filled.into_iter().find(|(field, _)| *field == name);
                let filling = filling.and_then(|(_, filling)| filling);
                let found = variables
                    .iter()
                    .find(|name| Some(name.value.as_str()) == filling);
                found.map(|name| name.span).into_iter().collect()
            }
            CredentialStore::AwsSecretsManager { path }
            | CredentialStore::HashicorpVault { path }
            | CredentialStore::File { path } => vec![path.span],
        };
        places
    });
    Some(
        places
            .map(|span| view.location(view.document, span))
            .collect(),
    )
}

/// The name between the braces around an offset.
fn braced(text: &str, line: Span, offset: usize) -> Option<&str> {
    let before = &text[line.start..offset];
    let start = line.start
        + before
            .rfind('{')
            .filter(|at| !before[*at..].contains('}'))?
        + 1;
    let end = start + text[start..line.end].find('}')?;
    (offset <= end).then(|| &text[start..end])
}

/// The block that a payload names.
fn mapping(view: &View<'_>, integration: &Integration, offset: usize) -> Option<Vec<Location>> {
    let payloads = integration
        .webhooks
        .outgoing
        .iter()
        .filter_map(|row| row.payload.as_ref());
    let Spanned { value, .. } = payloads
        .into_iter()
        .find(|payload| holds(payload.span, offset))?;
    let blocks = integration.webhooks.mappings.iter();
    let named = blocks.filter(|block| block.name.value == *value);
    Some(
        named
            .map(|block| view.location(view.document, block.name.span))
            .collect(),
    )
}
