//! What lies beside documents on disk: version control, and the files that documents link.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use wharf_document::{Linked, LinkedText, Surroundings};
use wharf_workspace::{Around, Beside};

use crate::description::{self, Descriptions};
use crate::history::{self, History};

/// Files and committed texts. Each description is read once, whoever needs it first.
#[derive(Debug, Default)]
pub(crate) struct BesideOnDisk {
    /// `None`: version control is not asked.
    history: Option<History>,
    descriptions: Mutex<Descriptions>,
}

/// Everything there is around some paths, and a line for each part of version control that could
/// not be asked. `surroundings` are what the settings say; `since` names the revision that
/// documents are compared with.
pub(crate) fn around(
    paths: &[PathBuf],
    surroundings: Surroundings,
    since: Option<&str>,
) -> Result<(Around, Vec<String>), history::Error> {
    let history = History::of(paths, since)?;
    let unread = history.unread().to_vec();
    let beside = BesideOnDisk {
        history: Some(history),
        descriptions: Mutex::default(),
    };
    Ok((Around::new(surroundings, Box::new(beside)), unread))
}

impl BesideOnDisk {
    /// Reads descriptions anew from now on.
    pub(crate) fn forget(&self) {
        if let Ok(mut descriptions) = self.descriptions.lock() {
            *descriptions = Descriptions::default();
        }
    }
}

impl Beside for BesideOnDisk {
    fn linked(&self, document: &Path, root: &Path, target: &str) -> Linked {
        match self.descriptions.lock() {
            Ok(mut descriptions) => descriptions.open(document, root, target),
            // Another document's description broke its reader; this one is not judged.
            Err(_) => Linked::NotRead("reading descriptions failed before".to_owned()),
        }
    }

    fn linked_examples(&self, document: &Path, root: &Path, target: &str) -> LinkedText {
        description::examples(document, root, target)
    }

    fn committed(&self, document: &Path) -> Option<&str> {
        self.history.as_ref()?.text(document)
    }

    fn knows_history(&self) -> bool {
        let history = self.history.as_ref();
        history.is_some_and(|history| history.unread().is_empty())
    }
}
