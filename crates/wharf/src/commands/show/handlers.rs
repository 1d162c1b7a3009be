//! Where the webhooks of a document go, as `wharf.toml` says it.

use wharf_document::Integration;

use wharf_workspace::settings::{Handler, Settings};

/// The handlers that a document names and the settings know, each once, in the document's order.
pub(super) fn of<'a>(
    integration: &'a Integration,
    settings: &'a Settings,
) -> Vec<(&'a str, &'a Handler)> {
    let mut found: Vec<(&str, &Handler)> = Vec::new();
    for row in &integration.webhooks.incoming {
        let name = row.handler.as_ref().map(|name| name.value.as_str());
        let named = name.and_then(|name| Some((name, settings.handler(name)?)));
        found.extend(named.filter(|(name, _)| found.iter().all(|(other, _)| other != name)));
    }
    found
}
