//! What documents are compared with besides each other: settings, version control, and the files
//! that they link.

use std::fmt;
use std::path::Path;

use jiff::Timestamp;
use wharf_diag::{Code, Diagnostic};
use wharf_document::{Integration, Linked, LinkedText, Needs, Surroundings};

/// What lies beside documents. Nothing here opens a file: this does.
pub trait Beside: fmt::Debug {
    /// The API description that the document at a path links, `root` being the folder of its
    /// workspace, or the document itself where it was given alone.
    fn linked(&self, document: &Path, root: &Path, target: &str) -> Linked;

    /// The examples that a document links.
    fn linked_examples(&self, document: &Path, root: &Path, target: &str) -> LinkedText;

    /// The committed text of a document that changed since. `None` also where nobody looked.
    fn committed(&self, document: &Path) -> Option<&str>;

    /// Whether version control was asked and could answer for every document.
    fn knows_history(&self) -> bool;
}

/// Everything that a pass over a document may need. Nothing of it by default.
#[derive(Debug, Default)]
pub struct Around {
    /// What the settings say.
    pub(crate) surroundings: Surroundings,
    /// `None`: neither version control nor linked files are looked at.
    pub(crate) beside: Option<Box<dyn Beside + Send + Sync>>,
    pub(crate) is_lean: bool,
    pub(crate) drops_infos: bool,
}

impl Around {
    /// What the settings say, and what lies beside the documents.
    pub fn new(surroundings: Surroundings, beside: Box<dyn Beside + Send + Sync>) -> Self {
        Self {
            surroundings,
            beside: Some(beside),
            is_lean: false,
            drops_infos: false,
        }
    }

    /// Keeps of each document only what the comparison with others needs. For commands that look
    /// at findings alone: ten thousand documents then fit into a few hundred MiB.
    ///
    /// `drops_infos`: infos are counted and not kept, as nothing shows them.
    #[must_use]
    pub fn lean(mut self, drops_infos: bool) -> Self {
        self.is_lean = true;
        self.drops_infos = drops_infos;
        self
    }

    /// What there is for findings about one of the documents. `others`: there are other documents.
    pub(crate) fn at_hand(&self, is_complete: bool, others: bool) -> AtHand {
        let beside = self.beside.as_ref();
        AtHand {
            is_complete,
            others,
            handlers: self.surroundings.handlers.is_some(),
            history: beside.is_some_and(|beside| beside.knows_history()),
            linked_files: beside.is_some(),
        }
    }
}

/// What was at hand when findings about a document were looked for, so that their absence means
/// something.
#[derive(Clone, Copy, Debug)]
pub struct AtHand {
    /// No finding was left out. One past the bound may be the one that a comment is about.
    pub is_complete: bool,
    /// Other documents.
    pub others: bool,
    /// A table of handlers.
    pub handlers: bool,
    /// What version control has.
    pub history: bool,
    /// Files that documents link.
    pub linked_files: bool,
}

impl AtHand {
    /// Whether a finding of this code would have been found.
    pub fn has(&self, code: Code) -> bool {
        self.is_complete
            && match wharf_document::needs(code) {
                Needs::Nothing => true,
                Needs::Others => self.others,
                Needs::Handlers => self.handlers,
                Needs::History => self.history,
                Needs::Descriptions => self.linked_files,
            }
    }
}

/// Compares one document, which is the file `path` below the given folder `root`, with what lies
/// beside it.
pub(crate) fn check(
    integration: &Integration,
    path: &Path,
    root: &Path,
    beside: &dyn Beside,
    now: Timestamp,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Some(committed) = beside.committed(path) {
        found.extend(wharf_document::check_history(integration, committed, now));
    }
    let open = |target: &str| beside.linked(path, root, target);
    found.extend(wharf_document::check_linked_descriptions(integration, open));
    let open = |target: &str| beside.linked_examples(path, root, target);
    found.extend(wharf_document::linked_examples(integration, open).diagnostics);
    found
}
