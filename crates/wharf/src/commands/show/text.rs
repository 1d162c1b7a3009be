//! A document for a terminal: one block for each section that says anything.

mod calls;
mod page;
mod people;
mod service;
mod upkeep;
mod webhooks;

use wharf_document::Integration;
use wharf_workspace::Workspace;
use wharf_workspace::settings::Handler;

use self::page::Page;
use self::people::{contacts, costs, links, notes, roadmap};
use self::service::{authentication, overview};
use super::force;

/// Everything about a document.
pub(super) fn document(
    integration: &Integration,
    workspace: &Workspace,
    handlers: &[(&str, &Handler)],
    width: Option<usize>,
) -> String {
    let effective = wharf_plan::effective(integration);
    let mut page = Page {
        text: format!("{} ({})\n", integration.display_name(), integration.id),
        width,
    };
    page.pairs("Overview", overview(integration));
    let heading = "Not in force yet (read and checked; nothing obeys it)";
    page.pairs(heading, force::pairs(integration));
    page.environments(integration);
    page.pairs("Authentication", authentication(integration, &effective));
    page.credentials(integration);
    let heading = "Settings that hold (* marks the place that wins)";
    page.settings(heading, integration, &effective.integration);
    for own in &effective.environments {
        let heading = format!("Other settings in {}", own.environment.value);
        page.settings(&heading, integration, &own.settings);
    }
    page.features(&integration.configuration.features);
    page.operations(integration, &effective.operations);
    page.errors(integration);
    page.webhooks(integration, handlers);
    page.monitoring(integration);
    page.dependencies(integration, workspace);
    page.pairs("Costs", costs(integration));
    page.pairs("Roadmap", roadmap(integration));
    let steps = integration.roadmap.step_texts();
    let steps: Vec<_> = steps.map(|step| step.value.clone()).collect();
    page.lines("Migration steps", &steps);
    page.recovery(integration);
    page.pairs(
        "Contacts: internal",
        contacts(&integration.contacts.internal),
    );
    page.pairs("Contacts: vendor", contacts(&integration.contacts.vendor));
    page.pairs("Links", links(&integration.documentation));
    page.pairs("Known issues", notes(&integration.notes.known_issues));
    page.pairs("Tips", notes(&integration.notes.tips));
    page.text
}
