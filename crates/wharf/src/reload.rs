//! Hot reload: documents, callers and credentials are watched by looking, several times a second.
//!
//! Looking works on every file system, network mounts and mapped volumes included. A change is
//! taken over when two looks in a row see the same, so that a file that is still being written
//! is left alone.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use wharf_console::BrokenDocument;
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
    pub(crate) fn new(root: PathBuf, running: &[Arc<Integration>], broken: Broken) -> Self {
        let marks = marks(&root);
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
                tracing::error!(error = %error, "the workspace cannot be read; the last good documents stay");
                None
            }
        }
    }

    /// Good documents replace what ran; broken ones leave their last good version running;
    /// deleted ones are gone.
    fn take_over(&mut self, workspace: &Workspace) -> Vec<Arc<Integration>> {
        let mut next = BTreeMap::new();
        let mut broken = Vec::new();
        for problem in &workspace.problems {
            tracing::error!("{problem}");
            broken.push(BrokenDocument {
                file: problem.name.clone(),
                message: problem.message.clone(),
            });
        }
        for document in &workspace.documents {
            let Some(integration) = &document.loaded.integration else {
                continue;
            };
            let id = integration.id.to_string();
            // Clashes between documents, such as two with one id, count for each of them.
            let shared = workspace
                .diagnostics
                .iter()
                .filter(|diagnostic| diagnostic.involves(integration.source.name()));
            let Some(first) = errors(document.loaded.diagnostics.iter().chain(shared)).next()
            else {
                next.insert(id, Arc::new(integration.clone()));
                continue;
            };
            let place = first.primary.start();
            let file = document.path.display().to_string();
            let last_good = self.good.get(&id);
            tracing::error!(
                file,
                line = place.line,
                column = place.column,
                code = first.code.id,
                "{}; {}",
                first.message,
                if last_good.is_some() {
                    "the last good version stays"
                } else {
                    "the document is not served"
                }
            );
            broken.push(BrokenDocument {
                file,
                message: format!(
                    "{}:{}: {} ({})",
                    place.line, place.column, first.message, first.code
                ),
            });
            if let Some(last_good) = last_good {
                next.insert(id, Arc::clone(last_good));
            }
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
