//! From the document as written to the typed integration, section by section.
//!
//! A value that cannot be read is reported and left out; nothing stops the rest.

mod authentication;
mod columns;
mod configuration;
mod context;
mod costs;
mod credentials;
mod dependencies;
mod documentation;
mod endpoints;
mod environments;
mod errors;
mod examples;
mod frontmatter;
mod limit_headers;
mod link_target;
mod list;
mod minting;
mod monitoring;
mod near;
mod people;
mod recovery;
mod retry;
mod roadmap;
mod service;
mod slips;
mod typed;
mod verification;
mod webhooks;

use std::sync::Arc;

use wharf_diag::{SourceText, Spanned};

use crate::findings::{Findings, misspelt, unknown_name};
use crate::model::{Frontmatter, Integration, IntegrationId};
use crate::raw::{self, Section, same_name};
use crate::vocabulary;

use context::Context;
#[cfg(test)]
pub(crate) use endpoints::METHODS;
pub(crate) use examples::beside as examples_beside;
pub(crate) use slips::Slips;

/// A document that was read, and what the passes behind this one need.
pub(crate) struct Lowered<'a> {
    pub(crate) integration: Integration,
    /// The sections as written.
    pub(crate) sections: Vec<Section>,
    /// The names of all credential entries, read or not, in lower case; `None` when some may stand
    /// in what could not be read.
    pub(crate) entries: Option<Vec<String>>,
    pub(crate) findings: Findings<'a>,
    /// Names that nothing reads.
    pub(crate) slips: Slips,
}

/// Reads a document that is known to be one.
pub(crate) fn document<'a>(id: &IntegrationId, source: &'a Arc<SourceText>) -> Lowered<'a> {
    let mut context = Context::new(source);
    let text = source.text();
    let bounds = raw::frontmatter::bounds(text);
    let body_start = bounds.map_or(0, |bounds| bounds.whole.end);
    let frontmatter = bounds
        .map(|bounds| frontmatter::lower(&mut context, bounds))
        .unwrap_or_default();
    let (sections, near_headings) = raw::markdown::sections_and_near(text, body_start);
    let sections = Sections(sections);
    let unread = unread(&mut context, &sections);
    near::headings(&mut context, &sections, &near_headings);
    let stored = sections.read(&mut context, "Authentication", credentials::lower);
    let (operations, example_files, limit_headers) =
        sections.read(&mut context, "API Endpoints", |context, section| {
            (
                endpoints::lower(context, section),
                examples::links(context, section),
                limit_headers::lower(context, section),
            )
        });
    let (errors, retry) = sections.read(&mut context, "Error Handling", |context, section| {
        (
            errors::lower(context, section),
            retry::lower(context, section),
        )
    });
    let integration = Integration {
        id: id.clone(),
        source: Arc::clone(source),
        service: sections.read(&mut context, "Service Details", service::lower),
        environments: environments::lower(
            &mut context,
            sections.find("Service Details"),
            &frontmatter,
        ),
        frontmatter,
        authentication: sections
            .find("Authentication")
            .map(|section| authentication::lower(&mut context, section)),
        credentials: stored.references.into(),
        configuration: sections.read(&mut context, "Configuration", configuration::lower),
        operations,
        example_files,
        limit_headers,
        webhooks: sections.read(&mut context, "Webhooks", webhooks::lower),
        errors,
        retry,
        monitoring: sections.read(&mut context, "Monitoring", monitoring::lower),
        dependencies: sections.read(&mut context, "Dependencies", dependencies::lower),
        costs: sections.read(&mut context, "Costs", costs::lower),
        roadmap: sections.read(&mut context, "Migration/Upgrade Path", roadmap::lower),
        recovery: sections.read(&mut context, "Disaster Recovery", recovery::lower),
        contacts: sections.read(&mut context, "Contacts", people::contacts),
        documentation: sections.read(&mut context, "Documentation", documentation::lower),
        notes: sections.read(&mut context, "Notes", people::notes),
        review: sections.read(&mut context, "Review Checklist", |_, section| {
            people::review(section)
        }),
        sections: sections.names(),
        unread,
    };
    let (findings, slips) = context.into_found();
    Lowered {
        integration,
        sections: sections.0,
        entries: (!stored.has_unread).then_some(stored.attempted),
        findings,
        slips,
    }
}

/// The frontmatter alone; what is wrong with it is not told.
pub(crate) fn frontmatter_of(source: &Arc<SourceText>) -> Frontmatter {
    let mut context = Context::new(source);
    raw::frontmatter::bounds(source.text())
        .map(|bounds| frontmatter::lower(&mut context, bounds))
        .unwrap_or_default()
}

/// The sections of a document in its order.
struct Sections(Vec<Section>);

impl Sections {
    fn find(&self, name: &str) -> Option<&Section> {
        self.0
            .iter()
            .find(|section| same_name(section.name.as_str(), name))
    }

    /// What a section's reader makes of it; nothing where the document has no such section.
    fn read<T: Default>(
        &self,
        context: &mut Context<'_>,
        name: &str,
        read: impl FnOnce(&mut Context<'_>, &Section) -> T,
    ) -> T {
        self.find(name)
            .map(|section| read(context, section))
            .unwrap_or_default()
    }

    fn names(&self) -> Vec<Spanned<String>> {
        let names = self.0.iter().map(|section| &section.name);
        names
            .map(|name| Spanned::new(name.as_str().to_owned(), name.span()))
            .collect()
    }
}

/// Reports sections and parts that nothing reads.
fn unread(context: &mut Context<'_>, sections: &Sections) -> Vec<Spanned<String>> {
    let mut unread = Vec::new();
    let mut meant_before = Vec::new();
    for section in &sections.0 {
        let name = &section.name;
        let known = vocabulary::SECTIONS
            .iter()
            .find(|known| same_name(name.as_str(), known.name));
        if let Some(known) = known {
            unread_parts(context, sections, section, known);
            near::tables(context, section, known);
            near::items(context, section, known);
            continue;
        }
        unread.push(Spanned::new(name.as_str().to_owned(), name.span()));
        let names = vocabulary::SECTIONS.iter().map(|known| known.name);
        let meant = wharf_diag::slip(name.as_str(), names);
        let is_free =
            |meant: &&str| sections.find(meant).is_none() && !meant_before.contains(meant);
        match meant.filter(is_free) {
            Some(meant) => {
                meant_before.push(meant);
                context.report_at(name.span(), |source, span| {
                    misspelt::new(source, span, "section", name.as_str(), meant)
                });
            }
            None => context.report_at(name.span(), |source, span| {
                unknown_name::new(source, span, "section", name.as_str())
            }),
        }
    }
    unread
}

fn unread_parts(
    context: &mut Context<'_>,
    sections: &Sections,
    section: &Section,
    known: &vocabulary::Section,
) {
    let parts = known.parts;
    let mut meant_before = Vec::new();
    for part in &section.parts {
        let part_name = part.name.as_str();
        let is_read = part_name.is_empty()
            || parts.iter().any(|known| same_name(part_name, known.name))
            || known.name == "API Endpoints" && endpoints::holds_operations(part)
            || matches!(known.name, "Documentation" | "Review Checklist" | "Notes");
        if is_read {
            continue;
        }
        let whole = vocabulary::section(part_name);
        if let Some(whole) = whole.filter(|whole| sections.find(whole.name).is_none()) {
            context.report_at(part.name.span(), |source, span| {
                misspelt::heading_at(source, span, whole.name)
            });
            continue;
        }
        let meant = wharf_diag::slip(part_name, parts.iter().map(|known| known.name))
            .filter(|meant| !section.has_part(meant) && section.part(meant).is_empty())
            .filter(|meant| !meant_before.contains(meant));
        meant_before.extend(meant);
        context.report_at(part.name.span(), |source, span| match meant {
            Some(meant) => misspelt::new(source, span, "part", part_name, meant),
            None => unknown_name::new(source, span, "part", part_name),
        });
    }
}
