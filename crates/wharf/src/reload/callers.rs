//! Callers are watched on their own, so that none stays in because documents take long.

use wharf_gateway::{CallerDirectory, Handle};
use wharf_policy::caller::TokenHash;
use wharf_store::{Standing, Store};

use super::status::Status;

/// Keeps the list of callers current.
pub(crate) struct CallerWatch {
    /// Where the store is, and its handle. `None`: there is no store.
    store: Option<(std::path::PathBuf, Store)>,
    /// Callers that are let in whatever the store says.
    extra: Vec<(TokenHash, String)>,
    handle: Handle,
    status: Status,
    /// What the list in force was read at.
    counter: Option<u64>,
}

impl CallerWatch {
    /// Starts with a list that is read anew at the first look.
    pub(crate) fn new(
        store: Option<(std::path::PathBuf, Store)>,
        extra: Vec<(TokenHash, String)>,
        handle: Handle,
        status: Status,
    ) -> Self {
        Self {
            store,
            extra,
            handle,
            status,
            counter: None,
        }
    }

    /// Looks once. While the store cannot be used, the callers it last held stay in force: to shut
    /// all of them out would turn a disk's trouble into an outage. That is told.
    pub(super) fn look(&mut self) {
        let problem = self.follow().err().map(|error| {
            format!("{error:#}; until then the callers it last held are let in, removed ones too")
        });
        self.status.tell_state(problem);
    }

    fn follow(&mut self) -> anyhow::Result<()> {
        let Some((folder, store)) = &mut self.store else {
            return Ok(());
        };
        match store.standing() {
            Standing::Untouched => {}
            // Opening would make a new one, without any caller.
            Standing::Gone => return Err(store.moved().into()),
            Standing::CutOff => return Err(store.cut_off().into()),
            // An open handle reads on from memory or from the deleted file and sees neither.
            Standing::Written | Standing::Replaced => {
                let fresh = Store::open(folder)?;
                fresh.verify()?;
                if store.standing() == Standing::Replaced {
                    tracing::warn!(
                        "the state database was replaced; only the callers of the new one are let in"
                    );
                }
                *store = fresh;
                self.counter = None;
            }
        }
        let now = store.change_counter()?;
        if self.counter != Some(now) {
            self.handle
                .replace_callers(directory(Some(store), &self.extra)?);
            self.counter = Some(now);
        }
        Ok(())
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
