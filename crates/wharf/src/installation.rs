//! What a command works on: a workspace on disk, or the catalog.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_diag::{Colour, Diagnostic, Hidden};
use wharf_document::Integration;
use wharf_document::model::Environment;
use wharf_store::Store;
use wharf_workspace::reload::Marks;
use wharf_workspace::settings::{FILE_NAME, Settings};
use wharf_workspace::{Workspace, by_importance, errors};

use crate::catalog;
use crate::output;
use crate::settings;
use crate::shell;
use crate::workspace::{self, marks, may_be_document};

/// What is wrong and what to do where a command finds no workspace; may be continued.
pub(crate) const NONE_AT_HAND: &str = "there is no workspace here: give its folder (`wharf COMMAND DIR` or `--dir DIR`, as its --help says)";

/// Documents and the settings that go with them.
pub(crate) struct Installation {
    /// `None`: the catalog, which is not on disk.
    pub(crate) root: Option<PathBuf>,
    pub(crate) settings: Settings,
    pub(crate) workspace: Workspace,
    /// What the documents looked like just before they were read.
    pub(crate) marks: Marks,
}

impl Installation {
    /// Opens the workspace in `dir`, else the one at hand. Where there is none, `catalog`
    /// decides whether the documents that come with the program serve instead.
    pub(crate) fn open(dir: Option<PathBuf>, catalog: bool) -> anyhow::Result<Self> {
        let installation = Self::open_any(dir, catalog)?;
        installation.ensure_documents()?;
        Ok(installation)
    }

    /// Fails where there is nothing that is a document or may be one.
    pub(crate) fn ensure_documents(&self) -> anyhow::Result<()> {
        let workspace = &self.workspace;
        anyhow::ensure!(
            !workspace.documents.is_empty() || !workspace.unreadable.is_empty(),
            "there is no integration document in {}; one has `type: tool` and `subtype: integration` in its frontmatter",
            self.root().display()
        );
        Ok(())
    }

    /// The same where there may be no document at all.
    pub(crate) fn open_any(dir: Option<PathBuf>, catalog: bool) -> anyhow::Result<Self> {
        if let Some(root) = dir.or_else(at_hand) {
            anyhow::ensure!(
                !root.is_file(),
                "{} is a file; give the folder that holds the documents",
                root.display()
            );
            let marks = marks(&root);
            let workspace = workspace::load(&root)?;
            let settings = settings::load(&root)?;
            for near in workspace.near_misses() {
                output::note(&format!("warning: {near}"));
            }
            return Ok(Self {
                root: Some(root),
                settings,
                workspace,
                marks,
            });
        }
        anyhow::ensure!(
            catalog,
            "{NONE_AT_HAND}, or try the catalog with `wharf up --simulate`"
        );
        Ok(Self::of_catalog())
    }

    /// The documents that come with the program, whatever is at hand.
    pub(crate) fn of_catalog() -> Self {
        Self {
            root: None,
            settings: Settings::default(),
            workspace: workspace::from_texts(catalog::DOCUMENTS.iter().copied()),
            marks: Marks::new(),
        }
    }

    /// What a command needs to read the same documents, with a space before it.
    pub(crate) fn option(&self) -> String {
        match &self.root {
            None => " --catalog".to_owned(),
            Some(root) => shell::argument(root, "--dir"),
        }
    }

    /// Whether every document can run; what keeps one from it is shown.
    pub(crate) fn may_start(&self) -> bool {
        for problem in &self.workspace.unreadable {
            output::note(&format!("error: {problem}"));
        }
        let mut errors = errors(self.workspace.all_diagnostics()).peekable();
        let may_start = self.workspace.unreadable.is_empty() && errors.peek().is_none();
        if !may_start {
            self.show(errors);
            output::note(
                "Not started. Correct the errors above; `wharf explain CODE` tells more about each.",
            );
        }
        may_start
    }

    /// The documents that can run, the most important first, for who needs the one with this id.
    /// `None`: that one cannot run, and what keeps it from it is shown. Of the others, each that
    /// is left out is named.
    pub(crate) fn beside(&self, id: &str) -> Option<Vec<Arc<Integration>>> {
        let runnable = match self.workspace.runnable_beside(id) {
            Ok(runnable) => runnable,
            Err(errors) => {
                self.show(errors);
                output::note(
                    "Not called. Correct the errors above; `wharf explain CODE` tells more about each.",
                );
                return None;
            }
        };
        let hidden = Hidden::of(self.workspace.hiding());
        for left_out in runnable.left_out {
            let left_out = hidden.clean(&left_out);
            let left_out = wharf_diag::printable(&left_out);
            output::note(&format!("warning: {left_out}; this document is left out"));
        }
        Some(runnable.integrations)
    }

    /// Shows findings with their places.
    fn show<'a>(&self, found: impl IntoIterator<Item = &'a Diagnostic>) {
        let colour = Colour::wanted(output::colour_errors());
        let hidden = Hidden::of(self.workspace.hiding());
        if self.root() != Path::new(".") {
            output::note(&format!(
                "Places are told from {} on:",
                self.root().display()
            ));
        }
        output::findings(&wharf_diag::to_text(found, &hidden, colour));
    }

    /// Where relative paths of the documents start.
    pub(crate) fn root(&self) -> &Path {
        self.root.as_deref().unwrap_or_else(|| Path::new("."))
    }

    /// All documents that could be read, good or not, the most important first.
    pub(crate) fn integrations(&self) -> Vec<Arc<Integration>> {
        by_importance(self.workspace.shared().map(Arc::clone).collect())
    }
}

/// The current folder, when it is marked as a workspace, has the state of one, or has a document at
/// its top level. One that cannot be read counts, so that it is named.
pub(crate) fn at_hand() -> Option<PathBuf> {
    let here = PathBuf::from(".");
    // Where all documents were deleted, callers and the last good documents are there still.
    let has_state = || !Store::is_absent(&Settings::default().state_folder(&here));
    let marked = here.join(FILE_NAME).exists() || has_state();
    let has_document = || {
        let entries = std::fs::read_dir(&here).ok()?;
        entries
            .flatten()
            .filter(|entry| {
                entry
                    .path()
                    .extension()
                    .is_some_and(|extension| extension == "md")
            })
            .find(|entry| may_be_document(&entry.path()))
    };
    (marked || has_document().is_some()).then_some(here)
}

/// Whether anything of a service could be called over HTTP, also where it is not filled in yet.
pub(crate) fn speaks_http(integration: &Integration) -> bool {
    let environments = &integration.environments;
    let could = |environment: &Environment| match &environment.connection {
        Some(connection) => connection.value.is_socket(),
        None => true,
    };
    environments.is_empty() || environments.iter().any(could)
}

/// The documents of the workspace in `dir`, else of the one at hand; or those of the catalog.
pub(crate) fn workspace(dir: Option<PathBuf>, catalog: bool) -> anyhow::Result<Workspace> {
    if catalog {
        let documents = catalog::DOCUMENTS.iter().copied();
        return Ok(workspace::from_texts(documents));
    }
    Ok(Installation::open(dir, false)?.workspace)
}

/// The document with an id, or the one that was meant. `root` is the folder of the workspace;
/// `None`: it is the catalog.
pub(crate) fn document<'a>(
    workspace: &'a Workspace,
    id: &str,
    root: Option<&Path>,
) -> anyhow::Result<&'a Integration> {
    let found = workspace
        .integrations()
        .find(|found| found.id.as_str() == id);
    if let Some(found) = found {
        return Ok(found);
    }
    if let Some(why) = workspace.why_unread(id) {
        anyhow::bail!("the document of `{id}` cannot be read: {why}");
    }
    let ids = workspace.integrations().map(|found| found.id.as_str());
    match wharf_diag::closest(id, ids) {
        Some(meant) => anyhow::bail!("there is no integration `{id}`; did you mean `{meant}`?"),
        None => anyhow::bail!(
            "there is no integration `{id}`{}; `wharf list{}` shows all",
            root.map_or_else(String::new, |root| hint_at_catalog(id, root)),
            root.map_or_else(|| " --catalog".to_owned(), |root| shell::argument(root, ""))
        ),
    }
}

/// What to add where an id is one of the catalog: how to get at that document.
pub(crate) fn hint_at_catalog(id: &str, root: &Path) -> String {
    match catalog::find(id) {
        Some(_) => {
            let option = shell::argument(root, "--dir");
            format!(
                " here; the catalog has it: add --catalog, or copy it with `wharf new {id}{option}`"
            )
        }
        None => String::new(),
    }
}
