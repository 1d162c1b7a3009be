//! What a command works on: a workspace on disk, or the catalog.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_diag::{Colour, Diagnostic, Hidden, Severity};
use wharf_document::model::Environment;
use wharf_document::{Integration, SourceText};
use wharf_workspace::settings::{FILE_NAME, Settings};

use crate::catalog;
use crate::output;
use crate::settings;
use crate::shell;
use crate::workspace::{Marks, Workspace, marks, may_be_document};

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
            !workspace.documents.is_empty() || !workspace.problems.is_empty(),
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
            let workspace = Workspace::load(&root)?;
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
            workspace: Workspace::from_texts(catalog::DOCUMENTS.iter().copied()),
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
        for problem in &self.workspace.problems {
            output::note(&format!("error: {problem}"));
        }
        let mut errors = errors(self.workspace.all_diagnostics()).peekable();
        let may_start = self.workspace.problems.is_empty() && errors.peek().is_none();
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
        let workspace = &self.workspace;
        let known = |found: &Diagnostic| {
            let mut known = workspace.integrations();
            known.any(|known| found.involves(known.source.name()))
        };
        let unknown = errors(&workspace.diagnostics).filter(|error| !known(error));
        let mut left_out: Vec<String> = unknown.map(in_a_line).collect();
        left_out.extend(workspace.problems.iter().map(ToString::to_string));
        let mut good = Vec::new();
        for document in &workspace.documents {
            let found = document.loaded.diagnostics.iter();
            let Some(integration) = &document.loaded.integration else {
                left_out.extend(errors(found).next().map(in_a_line));
                continue;
            };
            // What is wrong between documents, such as two with one id, counts for each of them.
            let name = integration.source.name();
            let shared = workspace.diagnostics.iter();
            let found = found.chain(shared.filter(|found| found.involves(name)));
            let mut errors = errors(found).peekable();
            match errors.peek() {
                None => good.push(Arc::new(integration.clone())),
                Some(_) if integration.id.as_str() == id => {
                    self.show(errors);
                    output::note(
                        "Not called. Correct the errors above; `wharf explain CODE` tells more about each.",
                    );
                    return None;
                }
                Some(error) => left_out.push(in_a_line(error)),
            }
        }
        let hidden = Hidden::of(workspace.hiding());
        for left_out in left_out {
            let left_out = hidden.clean(&left_out);
            let left_out = wharf_diag::printable(&left_out);
            output::note(&format!("warning: {left_out}; this document is left out"));
        }
        Some(by_importance(good))
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
        by_importance(
            self.workspace
                .integrations()
                .cloned()
                .map(Arc::new)
                .collect(),
        )
    }
}

/// A finding with its place, in one line.
fn in_a_line(found: &Diagnostic) -> String {
    let place = found.primary.start();
    let name = found.primary.source.name();
    format!("{name}:{}: {} ({})", place.line, found.message, found.code)
}

/// Puts the most important documents first.
pub(crate) fn by_importance(mut integrations: Vec<Arc<Integration>>) -> Vec<Arc<Integration>> {
    integrations.sort_by_key(|integration| {
        let ship_factor = integration
            .frontmatter
            .ship_factor
            .as_ref()
            .map(|factor| factor.value);
        (std::cmp::Reverse(ship_factor), integration.id.clone())
    });
    integrations
}

/// The current folder, when it is marked as a workspace or has a document at its top level. One
/// that cannot be read counts, so that it is named.
pub(crate) fn at_hand() -> Option<PathBuf> {
    let here = PathBuf::from(".");
    let marked = here.join(FILE_NAME).exists();
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

/// The findings that keep a document from running. Those that come from today's date do not, since
/// a machine may start with a wrong clock: `wharf check` is where they count.
pub(crate) fn errors<'a>(
    diagnostics: impl IntoIterator<Item = &'a Diagnostic>,
) -> impl Iterator<Item = &'a Diagnostic> {
    diagnostics
        .into_iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .filter(|diagnostic| !wharf_document::is_about_today(diagnostic.code))
}

/// The documents of the workspace in `dir`, else of the one at hand; or those of the catalog.
pub(crate) fn workspace(dir: Option<PathBuf>, catalog: bool) -> anyhow::Result<Workspace> {
    if catalog {
        let documents = catalog::DOCUMENTS.iter().copied();
        return Ok(Workspace::from_texts(documents));
    }
    Ok(Installation::open(dir, false)?.workspace)
}

/// The document with an id, or the one that was meant.
pub(crate) fn document<'a>(workspace: &'a Workspace, id: &str) -> anyhow::Result<&'a Integration> {
    let found = workspace
        .integrations()
        .find(|found| found.id.as_str() == id);
    if let Some(found) = found {
        return Ok(found);
    }
    if let Some(why) = unread(workspace, id) {
        anyhow::bail!("the document of `{id}` cannot be read: {why}");
    }
    let ids = workspace.integrations().map(|found| found.id.as_str());
    match wharf_diag::closest(id, ids) {
        Some(meant) => anyhow::bail!("there is no integration `{id}`; did you mean `{meant}`?"),
        None => anyhow::bail!(
            "there is no integration `{id}`{}; `wharf list` shows all",
            hint_at_catalog(id)
        ),
    }
}

/// Why there is no integration of an id although there is a file for it.
pub(crate) fn unread(workspace: &Workspace, id: &str) -> Option<String> {
    let nameless = Arc::new(SourceText::new("", ""));
    let is_meant = |name: &str| {
        let stem = Path::new(name)
            .file_stem()
            .map(|stem| stem.to_string_lossy());
        let made = stem.and_then(|stem| wharf_document::identify(&stem, &nameless).0);
        made.is_some_and(|made| made.as_str() == id)
    };
    let mut problems = workspace.problems.iter();
    if let Some(problem) = problems.find(|problem| is_meant(&problem.name)) {
        return Some(problem.to_string());
    }
    // Of what was read, a file without an integration has said why.
    let known = |found: &Diagnostic| {
        let name = found.primary.source.name();
        workspace
            .integrations()
            .any(|known| known.source.name() == name)
    };
    let mut found = workspace.all_diagnostics();
    let found = found.find(|found| is_meant(found.primary.source.name()) && !known(found))?;
    Some(in_a_line(found))
}

/// What to add where an id is one of the catalog: how to get at that document.
pub(crate) fn hint_at_catalog(id: &str) -> String {
    match catalog::find(id) {
        Some(_) => {
            format!(" here; the catalog has it: add --catalog, or copy it with `wharf new {id}`")
        }
        None => String::new(),
    }
}
