//! What documents are compared with besides each other: settings, version control, and the
//! vendors' API descriptions on disk.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use jiff::Timestamp;
use wharf_diag::Diagnostic;
use wharf_document::{Integration, Linked, Needs, Surroundings};

use crate::description::{self, Descriptions};
use crate::history::{self, History};

/// Everything that a pass over a document may need. Nothing of it by default.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// What the settings say.
    pub(crate) surroundings: Surroundings,
    history: Option<History>,
    /// `None`: linked files are not looked at. Each description is read once, whoever needs it first.
    descriptions: Option<Mutex<Descriptions>>,
    is_lean: bool,
    drops_infos: bool,
}

impl Around {
    /// Everything there is around some paths. `surroundings` are what the settings say; `since`
    /// names the revision that documents are compared with.
    pub(crate) fn of(
        paths: &[PathBuf],
        surroundings: Surroundings,
        since: Option<&str>,
    ) -> Result<Self, history::Error> {
        Ok(Self {
            surroundings,
            history: Some(History::of(paths, since)?),
            descriptions: Some(Mutex::default()),
            is_lean: false,
            drops_infos: false,
        })
    }

    /// Keeps of each document only what the comparison with others needs. For commands that look
    /// at findings alone: ten thousand documents then fit into a few hundred MiB.
    ///
    /// `drops_infos`: infos are counted and not kept, as nothing shows them.
    pub(crate) fn lean(mut self, drops_infos: bool) -> Self {
        self.is_lean = true;
        self.drops_infos = drops_infos;
        self
    }

    /// What of version control could not be asked, and why, a line for each.
    pub(super) fn unread_history(&self) -> &[String] {
        self.history.as_ref().map_or(&[], History::unread)
    }

    /// Whether infos are counted and not kept.
    pub(super) const fn drops_infos(&self) -> bool {
        self.drops_infos
    }

    /// Whether documents are to forget what only their own checks need.
    pub(super) const fn is_lean(&self) -> bool {
        self.is_lean
    }

    /// Whether what a finding needs was at hand, so that its absence means something. `others`
    /// tells whether there are other documents.
    pub(super) fn has(&self, needs: Needs, others: bool) -> bool {
        match needs {
            Needs::Nothing => true,
            Needs::Others => others,
            Needs::Handlers => self.surroundings.handlers.is_some(),
            Needs::History => {
                let history = self.history.as_ref();
                history.is_some_and(|history| history.unread().is_empty())
            }
            Needs::Descriptions => self.descriptions.is_some(),
        }
    }

    /// Compares one document, which is the file `path` below the given folder `root`.
    pub(super) fn check(
        &self,
        integration: &Integration,
        path: &Path,
        root: &Path,
        now: Timestamp,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let committed = self.history.as_ref().and_then(|history| history.text(path));
        if let Some(committed) = committed {
            found.extend(wharf_document::check_history(integration, committed, now));
        }
        if let Some(descriptions) = &self.descriptions {
            found.extend(wharf_document::check_linked_descriptions(
                integration,
                |target| match descriptions.lock() {
                    Ok(mut descriptions) => descriptions.open(path, root, target),
                    // Another document's description broke its reader; this one is not judged.
                    Err(_) => Linked::NotRead("reading descriptions failed before".to_owned()),
                },
            ));
            let open = |target: &str| description::examples(path, root, target);
            found.extend(wharf_document::linked_examples(integration, open).diagnostics);
        }
        found
    }
}
