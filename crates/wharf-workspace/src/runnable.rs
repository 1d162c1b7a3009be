//! Which documents can run, and what keeps the others from it.

use std::cmp::Reverse;
use std::path::Path;
use std::sync::Arc;

use wharf_diag::{Diagnostic, Severity, SourceText};
use wharf_document::Integration;

use crate::workspace::Workspace;

/// Documents that can run.
#[derive(Debug)]
pub struct Runnable {
    /// The most important first.
    pub integrations: Vec<Arc<Integration>>,
    /// What keeps each of the others from it, in one line.
    pub left_out: Vec<String>,
}

/// The findings that keep a document from running. Those that come from today's date do not, since
/// a machine may start with a wrong clock: `wharf check` is where they count.
pub fn errors<'a>(
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
) -> impl Iterator<Item = &'a Diagnostic> {
    diagnostics
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .filter(|diagnostic| !wharf_document::is_about_today(diagnostic.code))
}

/// Puts the most important documents first.
pub fn by_importance(mut integrations: Vec<Arc<Integration>>) -> Vec<Arc<Integration>> {
    integrations.sort_by_key(|integration| {
        let ship_factor = integration
            .frontmatter
            .ship_factor
            .as_ref()
            .map(|factor| factor.value);
        (Reverse(ship_factor), integration.id.clone())
    });
    integrations
}

impl Workspace {
    /// The documents that can run, for who needs the one with this id. Where that one cannot run,
    /// what keeps it from it.
    pub fn runnable_beside(&self, id: &str) -> Result<Runnable, Vec<&Diagnostic>> {
        let known = |found: &Diagnostic| {
            let mut known = self.integrations();
            known.any(|known| found.involves(known.source.name()))
        };
        let unknown = errors(&self.diagnostics).filter(|error| !known(error));
        let mut left_out: Vec<String> = unknown.map(in_a_line).collect();
        left_out.extend(self.unreadable.iter().map(ToString::to_string));
        let mut good = Vec::new();
        for document in &self.documents {
            let found = document.diagnostics.iter();
            let Some(integration) = &document.integration else {
                left_out.extend(errors(found).next().map(in_a_line));
                continue;
            };
            // What is wrong between documents, such as two with one id, counts for each of them.
            let name = integration.source.name();
            let shared = self.diagnostics.iter();
            let found = found.chain(shared.filter(|found| found.involves(name)));
            let mut errors = errors(found).peekable();
            match errors.peek() {
                None => good.push(Arc::clone(integration)),
                Some(_) if integration.id.as_str() == id => return Err(errors.collect()),
                Some(error) => left_out.push(in_a_line(error)),
            }
        }
        Ok(Runnable {
            integrations: by_importance(good),
            left_out,
        })
    }

    /// Why there is no integration of an id although there is a file for it.
    pub fn why_unread(&self, id: &str) -> Option<String> {
        let nameless = Arc::new(SourceText::new("", ""));
        let is_meant = |name: &str| {
            let stem = Path::new(name)
                .file_stem()
                .map(|stem| stem.to_string_lossy());
            let made = stem.and_then(|stem| wharf_document::identify(&stem, &nameless).0);
            made.is_some_and(|made| made.as_str() == id)
        };
        let mut unreadable = self.unreadable.iter();
        if let Some(file) = unreadable.find(|file| is_meant(&file.name)) {
            return Some(file.to_string());
        }
        // Of what was read, a file without an integration has said why.
        let known = |found: &Diagnostic| {
            let name = found.primary.source.name();
            self.integrations().any(|known| known.source.name() == name)
        };
        let mut found = self.all_diagnostics();
        let found = found.find(|found| is_meant(found.primary.source.name()) && !known(found))?;
        Some(in_a_line(found))
    }
}

/// A finding with its place, in one line.
fn in_a_line(found: &Diagnostic) -> String {
    let place = found.primary.start();
    let name = found.primary.source.name();
    format!("{name}:{}: {} ({})", place.line, found.message, found.code)
}
