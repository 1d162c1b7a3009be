//! Documents that are read at once: what is found in each, and in all of them side by side.
//!
//! One bad file never hides the others: what cannot be read is [`Unreadable`], with its name.
//! Findings are in the order of the documents.

mod suppression;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use wharf_diag::{Diagnostic, Severity, SourceText};
use wharf_document::{Index, Integration, Loaded, SuppressedFinding};

use crate::around::{self, Around, Beside};
use crate::found::{Found, Unreadable};
use crate::processors::Processors;

/// What a text has to have in it to leave out findings.
pub(crate) const COMMENT: &str = "wharf-ignore";

/// Many documents, and what went wrong on the way to them.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The documents in the order in which they were given.
    pub documents: Vec<Box<Document>>,
    /// Files and folders that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Findings that only show when documents are side by side, and those about files that are
    /// nearly documents.
    pub diagnostics: Vec<Diagnostic>,
    /// Findings that a comment of their document leaves out.
    pub suppressed: Vec<SuppressedFinding>,
    /// What the documents are compared with besides each other.
    around: Arc<Around>,
}

/// One integration document.
#[derive(Debug)]
pub struct Document {
    /// Where the file is; the name for a document that is held in memory.
    pub path: PathBuf,
    /// The path that was given, a folder above the document or the document itself.
    pub root: PathBuf,
    /// What the text says. `None` where not even its id could be made out.
    pub integration: Option<Arc<Integration>>,
    /// Findings about this document alone, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
    /// Findings past the bound that a document has.
    pub left_out: usize,
    /// Infos that were counted and not kept.
    pub infos_dropped: usize,
}

/// A file that was opened: where it is, below which given path, and what stands in it.
#[derive(Debug)]
pub struct Opened {
    /// Where the file is.
    pub path: PathBuf,
    /// The path that was given.
    pub root: PathBuf,
    /// What stands in it.
    pub found: Found,
}

/// Reads one text, and runs every pass that looks at it alone or at what lies beside it. `None`
/// for a text that is no integration document.
///
/// The text is that of the file `path` below the given folder `root`. Dates are compared with `now`.
pub fn read(
    path: &Path,
    root: &Path,
    source: &Arc<SourceText>,
    beside: Option<&dyn Beside>,
    now: Timestamp,
) -> Option<Loaded> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    wharf_document::read(&stem, source, |integration| {
        let mut found = wharf_document::check_dates(integration, now);
        found.extend(
            beside
                .into_iter()
                .flat_map(|beside| around::check(integration, path, root, beside, now)),
        );
        found
    })
}

impl Workspace {
    /// No documents yet.
    pub fn within(around: Around) -> Self {
        Self {
            around: Arc::new(around),
            ..Self::default()
        }
    }

    /// Takes documents that are held in memory. Texts that are no documents are passed over.
    pub fn from_texts<N, T>(
        texts: impl IntoIterator<Item = (N, T)>,
        processors: &impl Processors,
        now: Timestamp,
    ) -> Self
    where
        N: Into<String>,
        T: Into<String>,
    {
        let texts = texts.into_iter().map(|(name, text)| {
            let name = name.into();
            Held {
                path: PathBuf::from(&name),
                root: PathBuf::new(),
                name,
                text: text.into(),
            }
        });
        Self::default().with_held(&texts.collect::<Vec<_>>(), processors, now)
    }

    /// The same documents, some of them with another text, read anew.
    #[must_use]
    pub fn with_texts(
        &self,
        texts: &HashMap<PathBuf, String>,
        processors: &impl Processors,
        now: Timestamp,
    ) -> Self {
        let documents = self.documents.iter().filter_map(|document| {
            let source = &document.integration.as_ref()?.source;
            let text = texts.get(&document.path);
            Some(Held {
                path: document.path.clone(),
                root: document.root.clone(),
                name: source.name().to_owned(),
                text: text.map_or(source.text(), String::as_str).to_owned(),
            })
        });
        let workspace = Self {
            unreadable: self.unreadable.clone(),
            around: Arc::clone(&self.around),
            ..Self::default()
        };
        workspace.with_held(&documents.collect::<Vec<_>>(), processors, now)
    }

    fn with_held(mut self, held: &[Held], processors: &impl Processors, now: Timestamp) -> Self {
        let open = |held: &Held| {
            Some(Opened {
                path: held.path.clone(),
                root: held.root.clone(),
                found: Found::Document {
                    name: held.name.clone(),
                    text: held.text.clone(),
                },
            })
        };
        self.take(held, open, processors, now);
        self.compare(processors);
        self
    }

    /// Opens files, on all processors at once, and keeps what comes of each. `open` gives `None`
    /// for a file that is none of ours. [`compare`](Self::compare) is to come after the last.
    pub fn take<F: Sync>(
        &mut self,
        files: &[F],
        open: impl Fn(&F) -> Option<Opened> + Sync,
        processors: &impl Processors,
        now: Timestamp,
    ) {
        let around = &*self.around;
        let outcomes = processors.map(files, |file| Some(pass(open(file)?, around, now)));
        self.documents.reserve_exact(outcomes.len());
        for outcome in outcomes.into_iter().flatten() {
            self.keep(outcome);
        }
    }

    /// Keeps what comes of one file.
    pub fn add(&mut self, opened: Option<Opened>, now: Timestamp) {
        if let Some(opened) = opened {
            let outcome = pass(opened, &self.around, now);
            self.keep(outcome);
        }
    }

    fn keep(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Nothing => {}
            Outcome::Document(document) => self.documents.push(document),
            Outcome::NearMiss(found) => self.diagnostics.push(*found),
            Outcome::Unreadable(unreadable) => self.unreadable.push(unreadable),
        }
    }

    /// Looks at the documents side by side, and then hears their comments. Once, when all are
    /// there.
    pub fn compare(&mut self, processors: &impl Processors) {
        let index = Index::new(self.integrations());
        let found = processors.map(&self.documents, |document| {
            let integration = document.integration.as_ref()?;
            Some(index.check(integration, &self.around.surroundings))
        });
        let mut found: Vec<_> = found.into_iter().flatten().flatten().collect();
        self.diagnostics.append(&mut found);
        // The last step, so that comments are heard about the findings of every pass.
        self.suppress();
    }

    /// The integrations of all documents.
    pub fn integrations(&self) -> impl Iterator<Item = &Integration> {
        self.shared().map(|integration| &**integration)
    }

    /// The same for who keeps some of them.
    pub fn shared(&self) -> impl Iterator<Item = &Arc<Integration>> {
        let documents = self.documents.iter();
        documents.filter_map(|document| document.integration.as_ref())
    }

    /// Everything that hides something: all findings, and those that comments leave out.
    pub fn hiding(&self) -> impl Iterator<Item = &Diagnostic> {
        let suppressed = self.suppressed.iter().map(|finding| &finding.diagnostic);
        self.all_diagnostics().chain(suppressed)
    }

    /// Infos that were counted and not kept.
    pub fn infos_dropped(&self) -> usize {
        self.documents.iter().map(|d| d.infos_dropped).sum()
    }

    /// All findings: those of each document in turn, then those of documents side by side.
    pub fn all_diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.documents
            .iter()
            .flat_map(|document| &document.diagnostics)
            .chain(&self.diagnostics)
    }

    /// Names of files that nearly are documents, and what keeps each from it.
    pub fn near_misses(&self) -> impl Iterator<Item = String> {
        let found = self.diagnostics.iter();
        let near = found.filter(|found| wharf_document::is_near_miss(found.code));
        near.map(|found| {
            let place = found.primary.start();
            let name = found.primary.source.name();
            format!("{name}:{}: {}", place.line, found.message)
        })
    }
}

/// A text in memory.
struct Held {
    path: PathBuf,
    root: PathBuf,
    name: String,
    text: String,
}

/// What comes of a file.
enum Outcome {
    /// It is no document.
    Nothing,
    Document(Box<Document>),
    NearMiss(Box<Diagnostic>),
    Unreadable(Unreadable),
}

/// Everything that is done to one document alone.
fn pass(opened: Opened, around: &Around, now: Timestamp) -> Outcome {
    let Opened { path, root, found } = opened;
    let (name, text) = match found {
        Found::Document { name, text } => (name, text),
        Found::NearMiss(found) => return Outcome::NearMiss(found),
        Found::Unreadable(unreadable) => return Outcome::Unreadable(unreadable),
    };
    let source = Arc::new(SourceText::new(name, text));
    let beside = around.beside.as_deref().map(|beside| beside as &dyn Beside);
    let Some(mut loaded) = read(&path, &root, &source, beside, now) else {
        return Outcome::Nothing;
    };
    let mut infos_dropped = 0;
    if around.is_lean {
        loaded.integration.as_mut().map(Integration::forget_own);
        // A comment may be about an info, so a document with comments keeps them.
        if around.drops_infos && !source.text().contains(COMMENT) {
            let before = loaded.diagnostics.len();
            // One with a fix counts among those that `--fix` would correct.
            loaded.diagnostics.retain(|found| {
                found.severity > Severity::Info || found.fix.is_some() || !found.hidden.is_empty()
            });
            infos_dropped = before - loaded.diagnostics.len();
        }
        loaded.diagnostics.shrink_to_fit();
    }
    Outcome::Document(Box::new(Document {
        path,
        root,
        integration: loaded.integration.map(Arc::new),
        diagnostics: loaded.diagnostics,
        left_out: loaded.left_out,
        infos_dropped,
    }))
}

#[cfg(test)]
mod tests;
