//! From the document as written to the typed integration, section by section.
//!
//! A value that cannot be read is reported and left out; nothing stops the rest.

mod authentication;
mod configuration;
mod context;
mod credentials;
mod documentation;
mod endpoints;
mod environments;
mod errors;
mod examples;
mod frontmatter;
mod retry;
mod service;

use std::sync::Arc;

use wharf_diag::{SourceText, Span, Spanned};

use crate::checks::{misspelt, not_read_yet};
use crate::model::{Integration, IntegrationId};
use crate::raw::{self, Section, same_name};

pub(crate) use context::{Context, Findings};

/// Sections that are read, with the parts of each.
const READ: [(&str, &[&str]); 6] = [
    ("Service Details", &["Overview", "Environments"]),
    ("Authentication", &["Method", "Credential Storage"]),
    ("Configuration", &["Required Settings", "Optional Features"]),
    ("API Endpoints", &["Examples"]),
    ("Error Handling", &["Common Errors", "Retry Strategy"]),
    ("Documentation", &[]),
];

/// Sections that are known and kept, but not read yet.
const KEPT: [&str; 9] = [
    "Webhooks",
    "Monitoring",
    "Dependencies",
    "Costs",
    "Migration/Upgrade Path",
    "Disaster Recovery",
    "Contacts",
    "Notes",
    "Review Checklist",
];

/// Reads a document that is known to be one.
pub(crate) fn document(id: &IntegrationId, source: &Arc<SourceText>) -> (Integration, Findings) {
    let mut context = Context::new(source);
    let text = source.text();
    let bounds = raw::frontmatter::bounds(text);
    let body_start = bounds.map_or(0, |bounds| bounds.whole.end);
    let frontmatter = bounds
        .map(|bounds| frontmatter::lower(&mut context, bounds))
        .unwrap_or_default();
    let sections = Sections(raw::markdown::sections(text, body_start));
    let service_section = sections.find("Service Details");
    let authentication_section = sections.find("Authentication");
    let configuration_section = sections.find("Configuration");
    let errors_section = sections.find("Error Handling");
    let unread = unread(&mut context, &sections);

    let service = service_section
        .map(|section| service::lower(&mut context, section))
        .unwrap_or_default();
    let environments = environments::lower(&mut context, service_section, &frontmatter);
    let authentication =
        authentication_section.map(|section| authentication::lower(&mut context, section));
    let stored = authentication_section
        .map(|section| credentials::lower(&mut context, section))
        .unwrap_or_default();
    let configuration = configuration_section
        .map(|section| configuration::lower(&mut context, section))
        .unwrap_or_default();
    let operations = sections
        .find("API Endpoints")
        .map(|section| endpoints::lower(&mut context, section))
        .unwrap_or_default();
    let errors = errors_section
        .map(|section| errors::lower(&mut context, section))
        .unwrap_or_default();
    let retry = errors_section
        .map(|section| retry::lower(&mut context, section))
        .unwrap_or_default();
    let documentation = sections
        .find("Documentation")
        .map(|section| documentation::lower(&mut context, section))
        .unwrap_or_default();

    let integration = Integration {
        id: id.clone(),
        source: Arc::clone(source),
        frontmatter,
        service,
        environments,
        authentication,
        credentials: stored.references,
        configuration,
        operations,
        errors,
        retry,
        documentation,
        unread,
    };
    let entries = (!stored.has_unread).then_some(stored.attempted.as_slice());
    crate::checks::whole_document(&mut context, &integration, entries);
    (integration, context.finish())
}

/// The sections of a document in its order.
struct Sections(Vec<Section>);

impl Sections {
    fn find(&self, name: &str) -> Option<&Section> {
        self.0
            .iter()
            .find(|section| same_name(section.name.as_str(), name))
    }
}

/// Reports sections and parts that nothing reads.
fn unread(context: &mut Context<'_>, sections: &Sections) -> Vec<Spanned<String>> {
    let known: Vec<_> = READ.iter().map(|(name, _)| *name).chain(KEPT).collect();
    let mut unread = Vec::new();
    for section in &sections.0 {
        let name = &section.name;
        let read = READ
            .iter()
            .find(|(known, _)| same_name(name.as_str(), known));
        if let Some((section_name, parts)) = read {
            unread_parts(context, section, section_name, parts);
            continue;
        }
        unread.push(Spanned::new(name.as_str().to_owned(), name.span()));
        let is_kept = KEPT.iter().any(|known| same_name(name.as_str(), known));
        let meant = wharf_diag::closest(name.as_str(), known.iter().copied());
        match meant.filter(|meant| !is_kept && sections.find(meant).is_none()) {
            Some(meant) => context.report_at(name.span(), |source, span| {
                misspelt::new(source, span, "section", name.as_str(), meant)
            }),
            None => context.report_at(name.span(), |source, span| {
                not_read_yet::new(source, span, "section", name.as_str())
            }),
        }
    }
    unread
}

fn unread_parts(context: &mut Context<'_>, section: &Section, name: &str, known: &[&str]) {
    for part in &section.parts {
        let part_name = part.name.as_str();
        let is_read = part_name.is_empty()
            || known.iter().any(|known| same_name(part_name, known))
            || name == "API Endpoints" && endpoints::holds_operations(part)
            || name == "Documentation";
        if is_read {
            continue;
        }
        let meant = wharf_diag::closest(part_name, known.iter().copied())
            .filter(|meant| section.part(meant).is_empty());
        context.report_at(part.name.span(), |source, span| match meant {
            Some(meant) => misspelt::new(source, span, "part", part_name, meant),
            None => not_read_yet::new(source, span, "part", part_name),
        });
    }
}

/// Where a finding about something that is not there is shown: the frontmatter's first line.
pub(crate) fn document_place(source: &SourceText) -> Span {
    let start = raw::frontmatter::bounds(source.text()).map_or(0, |bounds| bounds.whole.start);
    Span::new(start, (start + 3).min(source.text().len()))
}
