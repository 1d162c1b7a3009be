//! Callers are watched on their own, so that none stays in because documents take long.

use tokio_util::sync::CancellationToken;
use wharf_gateway::{CallerDirectory, Handle};
use wharf_policy::caller::TokenHash;
use wharf_store::{Change, Changes, Store, Unavailable};

use super::INTERVAL;
use super::status::Status;

/// Keeps the list of callers current.
pub(crate) struct CallerWatch {
    /// `None`: there is no store.
    store: Option<Store>,
    /// Callers that are let in whatever the store says.
    extra: Vec<(TokenHash, String)>,
    handle: Handle,
    status: Status,
}

impl CallerWatch {
    /// Starts with a list that is read anew at once.
    pub(crate) fn new(
        store: Option<Store>,
        extra: Vec<(TokenHash, String)>,
        handle: Handle,
        status: Status,
    ) -> Self {
        Self {
            store,
            extra,
            handle,
            status,
        }
    }

    /// Follows the store until `stop`, and closes it. While it cannot be used, the callers it last
    /// held stay in force: to shut all of them out would turn a disk's trouble into an outage. That
    /// is told.
    pub(super) async fn run(mut self, stop: &CancellationToken) {
        let Some(store) = self.store.take() else {
            return;
        };
        let changes = store.changes();
        tokio::select! {
            () = self.follow(&store, changes) => {}
            () = stop.cancelled() => {}
        }
        store.close().await;
    }

    /// Ends only where there is no use in going on.
    async fn follow(&self, store: &Store, mut changes: Changes) {
        // Something may have changed since the list in force was read.
        let mut news = Ok(Change::Content);
        loop {
            let was_seen = news.is_ok();
            let callers = match news {
                Ok(change) => self.read(store, change).await,
                Err(problem) => Err(problem),
            };
            let is_to_repeat = was_seen && callers.is_err();
            match callers {
                Ok(callers) => {
                    let handle = self.handle.clone();
                    // It may wait for a change of the plan.
                    let replace = move || handle.replace_callers(callers);
                    if let Err(error) = tokio::task::spawn_blocking(replace).await {
                        self.status.tell_unwatched(&error);
                        return;
                    }
                    self.status.tell_state(None);
                }
                Err(problem) => self.tell(problem),
            }
            news = tokio::select! {
                next = changes.next() => next,
                // A change is told once. Where it could not be read, nothing rings again.
                () = tokio::time::sleep(INTERVAL), if is_to_repeat => Ok(Change::Content),
            };
        }
    }

    async fn read(&self, store: &Store, change: Change) -> Result<CallerDirectory, Unavailable> {
        if change == Change::Replaced {
            tracing::warn!(
                "the state database was replaced; only the callers of the new one are let in"
            );
        }
        directory(Some(store), &self.extra).await
    }

    fn tell(&self, problem: Unavailable) {
        let problem = anyhow::Error::from(problem);
        self.status.tell_state(Some(format!(
            "{problem:#}; until then the callers it last held are let in, removed ones too"
        )));
    }
}

/// The callers of a store and some more.
pub(crate) async fn directory(
    store: Option<&Store>,
    extra: &[(TokenHash, String)],
) -> Result<CallerDirectory, Unavailable> {
    let stored = match store {
        Some(store) => store.records().callers().await?,
        None => Vec::new(),
    };
    let stored = stored
        .into_iter()
        .map(|caller| (caller.token_hash, caller.name.to_string()));
    Ok(CallerDirectory::new(stored.chain(extra.iter().cloned())))
}
