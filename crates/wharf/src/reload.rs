//! Hot reload: documents, callers and credentials are watched by looking, several times a second.
//!
//! Looking works on every file system, network mounts and mapped volumes included. A change is
//! taken over when two looks in a row see the same, so that a file that is still being written
//! is left alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wharf_console::BrokenDocument;
use wharf_diag::Diagnostic;
use wharf_document::Integration;
use wharf_gateway::{CallerDirectory, Handle};
use wharf_plan::Plan;
use wharf_store::{Store, TokenHash};

use crate::installation::errors;
use crate::simulation::Simulation;
use crate::workspace::{Marks, Workspace, marks};

/// Time between two looks. A change is live after at most three of them.
const INTERVAL: Duration = Duration::from_millis(250);

/// What is wrong with documents on disk while older versions of them run.
#[derive(Clone, Default)]
pub(crate) struct Broken(Arc<Mutex<Vec<BrokenDocument>>>);

impl Broken {
    /// The documents that are broken now.
    pub(crate) fn list(&self) -> Vec<BrokenDocument> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn replace(&self, broken: Vec<BrokenDocument>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = broken;
    }
}

/// Watches a workspace and keeps a gateway up to date.
pub(crate) struct Watcher {
    /// `None`: the documents are not on disk.
    pub(crate) documents: Option<Documents>,
    /// `None`: calls go to the real vendors.
    pub(crate) simulation: Option<Simulation>,
    pub(crate) callers: Option<Store>,
    /// Callers that are let in whatever the store says.
    pub(crate) extra_callers: Vec<(TokenHash, String)>,
    pub(crate) handle: Handle,
}

/// The documents of a workspace as they last were.
pub(crate) struct Documents {
    root: PathBuf,
    good: BTreeMap<String, Arc<Integration>>,
    broken: Broken,
    seen: Marks,
    loaded: Marks,
}

impl Documents {
    /// Starts from documents that are running already.
    ///
    /// `marks` are those of the moment before they were read, so that no change is missed.
    pub(crate) fn new(
        root: PathBuf,
        running: &[Arc<Integration>],
        marks: Marks,
        broken: Broken,
    ) -> Self {
        Self {
            root,
            good: running
                .iter()
                .map(|integration| (integration.id.to_string(), Arc::clone(integration)))
                .collect(),
            broken,
            seen: marks.clone(),
            loaded: marks,
        }
    }

    /// Looks once; gives the documents to run when something changed and is quiet again.
    fn look(&mut self) -> Option<Vec<Arc<Integration>>> {
        let now = marks(&self.root);
        let quiet = now == self.seen;
        self.seen = now;
        if !quiet || self.seen == self.loaded {
            return None;
        }
        self.loaded = self.seen.clone();
        match Workspace::load(&self.root) {
            Ok(workspace) => Some(self.take_over(&workspace)),
            Err(error) => {
                let error = anyhow::Error::from(error);
                let root = self.root.display().to_string();
                self.broken
                    .replace(vec![report(&root, None, &format!("{error:#}"), true)]);
                None
            }
        }
    }

    /// Good documents replace what ran; broken ones leave their last good version running;
    /// deleted ones are gone.
    fn take_over(&mut self, workspace: &Workspace) -> Vec<Arc<Integration>> {
        let mut next = BTreeMap::new();
        let mut broken = Vec::new();
        for document in &workspace.documents {
            let Some(integration) = &document.loaded.integration else {
                continue;
            };
            let id = integration.id.to_string();
            let name = integration.source.name();
            // Clashes between documents, such as two with one id, count for each of them.
            let shared = workspace
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.involves(name));
            let Some(first) = errors(document.loaded.diagnostics.iter().chain(shared)).next()
            else {
                next.insert(id, Arc::new(integration.clone()));
                continue;
            };
            let last_good = self.good.get(&id);
            broken.push(report_error(name, first, last_good.is_some()));
            if let Some(last_good) = last_good {
                next.insert(id, Arc::clone(last_good));
            }
        }
        broken.extend(without_document(workspace));
        let mut unread = self.unread(workspace, &next);
        for problem in &workspace.problems {
            let stays = unread.iter().any(|known| is_at(known, &problem.name));
            broken.push(report(&problem.name, None, &problem.message, stays));
        }
        for integration in unread.drain(..) {
            let name = integration.source.name();
            if !workspace
                .problems
                .iter()
                .any(|problem| is_at(&integration, &problem.name))
            {
                broken.push(report(name, None, NO_DOCUMENT, true));
            }
            next.insert(integration.id.to_string(), integration);
        }
        tracing::info!(
            integrations = next.len(),
            broken = broken.len(),
            "documents reloaded"
        );
        self.broken.replace(broken);
        self.good = next;
        self.good.values().map(Arc::clone).collect()
    }

    /// What ran, is not in `next`, and has a file that is there still: it cannot be read, or
    /// says no longer that it is a document. Only a file that is gone ends its integration.
    fn unread(
        &self,
        workspace: &Workspace,
        next: &BTreeMap<String, Arc<Integration>>,
    ) -> Vec<Arc<Integration>> {
        let is_there = |integration: &Integration| {
            let name = integration.source.name();
            let mut problems = workspace.problems.iter();
            self.root.join(name).exists()
                || problems.any(|problem| is_at(integration, &problem.name))
        };
        self.good
            .iter()
            .filter(|(id, integration)| !next.contains_key(*id) && is_there(integration))
            .map(|(_, integration)| Arc::clone(integration))
            .collect()
    }
}

/// What to say of a file that ran and is a document no longer.
const NO_DOCUMENT: &str = "its frontmatter no longer says `type: tool` and `subtype: integration`; correct it, or delete the file to end the integration";

/// Whether a document is this file or lies below this folder.
fn is_at(integration: &Integration, name: &str) -> bool {
    Path::new(integration.source.name()).starts_with(name)
}

/// Errors of files that give no document at all, such as one whose name is no id.
fn without_document(workspace: &Workspace) -> impl Iterator<Item = BrokenDocument> {
    let is_known = |diagnostic: &Diagnostic| {
        let mut known = workspace.integrations().map(|known| known.source.name());
        known.any(|name| diagnostic.involves(name))
    };
    errors(&workspace.diagnostics)
        .filter(move |diagnostic| !is_known(diagnostic))
        .map(|diagnostic| report_error(diagnostic.primary.source.name(), diagnostic, false))
}

/// Logs the first error of a document with its place in that document.
fn report_error(name: &str, error: &Diagnostic, stays: bool) -> BrokenDocument {
    let places = std::iter::once(&error.primary).chain(&error.secondary);
    let mut here = places.filter(|place| place.source.name() == name);
    let place = here.next().unwrap_or(&error.primary).start();
    let what = format!("{} ({})", error.message, error.code);
    report(name, Some((place.line, place.column)), &what, stays)
}

/// Logs what is wrong with a file, and gives what `/readyz` says about it.
fn report(file: &str, place: Option<(usize, usize)>, what: &str, stays: bool) -> BrokenDocument {
    let fate = if stays {
        "the last good version stays"
    } else {
        "it is not served"
    };
    if let Some((line, column)) = place {
        tracing::error!(file, line, column, "{file}:{line}:{column}: {what}; {fate}");
        return BrokenDocument {
            file: file.to_owned(),
            message: format!("{line}:{column}: {what}; {fate}"),
        };
    }
    tracing::error!(file, "{file}: {what}; {fate}");
    BrokenDocument {
        file: file.to_owned(),
        message: format!("{what}; {fate}"),
    }
}

impl Watcher {
    /// Watches until `stop` completes.
    pub(crate) async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut counter = None;
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.as_mut() => break,
            }
            // Files and databases block; the watcher goes to a thread for that and comes back.
            let looked = tokio::task::spawn_blocking(move || {
                let (documents, counter) = self.look(counter);
                (self, documents, counter)
            });
            let documents;
            match looked.await {
                Ok(after) => (self, documents, counter) = after,
                Err(error) => {
                    tracing::error!(%error, "changes are no longer watched");
                    return;
                }
            }
            if let Some(documents) = documents
                && let Err(error) = self.switch(documents).await
            {
                tracing::error!("changed documents cannot be taken over: {error:#}");
            }
        }
        if let Some(simulation) = self.simulation {
            simulation.stop().await;
        }
    }

    async fn switch(&mut self, documents: Vec<Arc<Integration>>) -> anyhow::Result<()> {
        let documents = match &mut self.simulation {
            Some(simulation) => simulation.follow(&documents).await?,
            None => documents,
        };
        let handle = self.handle.clone();
        // Credentials are fetched with the plan, and that may read files.
        tokio::task::spawn_blocking(move || handle.replace_plan(&Plan::new(documents))).await?;
        Ok(())
    }

    fn look(&mut self, counter: Option<u64>) -> (Option<Vec<Arc<Integration>>>, Option<u64>) {
        let documents = self.documents.as_mut().and_then(Documents::look);
        self.handle.refresh_credentials();
        (documents, self.look_at_callers(counter))
    }

    fn look_at_callers(&self, counter: Option<u64>) -> Option<u64> {
        let store = self.callers.as_ref()?;
        match store.change_counter() {
            Ok(now) if Some(now) == counter => counter,
            Ok(now) => {
                match directory(Some(store), &self.extra_callers) {
                    Ok(callers) => self.handle.replace_callers(callers),
                    Err(error) => tracing::error!("callers cannot be read: {error:#}"),
                }
                Some(now)
            }
            Err(error) => {
                tracing::error!(%error, "callers cannot be watched");
                counter
            }
        }
    }
}

/// The callers of a store and some more.
pub(crate) fn directory(
    store: Option<&Store>,
    extra: &[(TokenHash, String)],
) -> anyhow::Result<CallerDirectory> {
    let stored = store.map_or_else(|| Ok(Vec::new()), |store| store.callers().list())?;
    let stored = stored
        .into_iter()
        .map(|record| (record.token_hash, record.name.to_string()));
    Ok(CallerDirectory::new(stored.chain(extra.iter().cloned())))
}
