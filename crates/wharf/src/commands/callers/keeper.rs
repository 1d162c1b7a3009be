//! Who changes the callers: the process that serves, where there is one, else this command itself.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::json;
use wharf_console::wire::{
    self, AddedCaller, AuditPage, CallerList, FormerToken, ListedCaller, RemovedCaller,
    RestoredCaller,
};
use wharf_policy::caller::{CallerName, TokenHash};
use wharf_store::{AddError, CallerRecord, Records, Store};

use crate::control::{Ask, AskError, Asker, at_the_files};

/// The code of a name that has a token.
const EXISTS: &str = "caller_exists";

/// The code of a name that nobody has.
const UNKNOWN: &str = "caller_unknown";

/// The callers and audit records of a state folder.
pub(crate) struct Keeper {
    folder: PathBuf,
    asker: Asker,
    /// Opened where no process serves, by the first who needs it.
    store: Option<Store>,
}

/// Why a caller was not added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAdded {
    /// The name has a token.
    #[error("{0}")]
    Exists(String),
    #[error(transparent)]
    Failed(anyhow::Error),
}

impl Keeper {
    pub(crate) fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            asker: Asker::of(folder),
            store: None,
        }
    }

    /// Asks the process that serves; `None`: none does.
    async fn ask<T: DeserializeOwned>(&self, ask: Ask) -> Result<Option<T>, AskError> {
        self.asker.ask(&ask).await
    }

    /// The files, where nothing serves. Changes leave an audit record.
    async fn files(&mut self) -> anyhow::Result<Records> {
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert(Store::open(&self.folder).await?),
        };
        Ok(store.records().by(at_the_files()))
    }

    /// Whoever reads, or takes away, makes nothing.
    fn is_absent(&self) -> bool {
        self.store.is_none() && Store::is_absent(&self.folder)
    }

    /// All callers in order of their names. `None`: there is no state.
    pub(crate) async fn callers(&mut self) -> anyhow::Result<Option<Vec<ListedCaller>>> {
        if let Some(CallerList { callers }) = self.ask(Ask::get("/callers")).await? {
            return Ok(Some(callers));
        }
        if self.is_absent() {
            return Ok(None);
        }
        let listed = |caller: CallerRecord| ListedCaller {
            name: caller.name.to_string(),
            created: caller.created.to_string(),
        };
        let callers = self.files().await?.callers().await?;
        Ok(Some(callers.into_iter().map(listed).collect()))
    }

    /// Adds a caller, or gives it another token. What stood there before.
    pub(crate) async fn add(
        &mut self,
        name: &CallerName,
        token: TokenHash,
        replace: bool,
    ) -> Result<Option<FormerToken>, NotAdded> {
        let body = json!({
            "name": name.as_str(),
            "token_sha256": wire::digits(token),
            "replace": replace,
        });
        match self.ask::<AddedCaller>(Ask::post("/callers", body)).await {
            Ok(Some(added)) => return Ok(added.before),
            Ok(None) => {}
            Err(AskError::Refused { code, detail }) if code == EXISTS => {
                return Err(NotAdded::Exists(detail));
            }
            Err(error) => return Err(NotAdded::Failed(error.into())),
        }
        let records = self.files().await.map_err(NotAdded::Failed)?;
        let caller = CallerRecord {
            name: name.clone(),
            created: Timestamp::now(),
            token_hash: token,
        };
        let added = if replace {
            records.replace_caller(&caller).await
        } else {
            records.add_caller(&caller).await.map(|()| None)
        };
        let before = added.map_err(|error| match error {
            AddError::Exists { .. } => NotAdded::Exists(error.to_string()),
            error => NotAdded::Failed(error.into()),
        })?;
        Ok(before.map(|before| FormerToken {
            created: before.created.to_string(),
            token_sha256: wire::digits(before.token_hash),
        }))
    }

    /// Takes back what [`Self::add`] has done, unless somebody has changed the caller since. Whether
    /// it did.
    pub(crate) async fn restore(
        &mut self,
        name: &CallerName,
        token: TokenHash,
        before: Option<FormerToken>,
    ) -> anyhow::Result<bool> {
        let path = format!("/callers/{name}/restore");
        let body = json!({ "token_sha256": wire::digits(token), "before": before });
        let restored = self.ask::<RestoredCaller>(Ask::post(path, body)).await?;
        if let Some(RestoredCaller { restored, .. }) = restored {
            return Ok(restored);
        }
        let record = |created, token_hash| CallerRecord {
            name: name.clone(),
            created,
            token_hash,
        };
        let before = before.and_then(|before| {
            let hash = wire::token_hash(&before.token_sha256)?;
            Some(record(before.created.parse().ok()?, hash))
        });
        let added = record(Timestamp::now(), token);
        let records = self.files().await?;
        Ok(records.restore_caller(&added, before.as_ref()).await?)
    }

    /// Ends a caller's token. Whether there was such a caller; `None`: there is no state.
    pub(crate) async fn remove(&mut self, name: &CallerName) -> anyhow::Result<Option<bool>> {
        let asked = self.ask(Ask::delete(format!("/callers/{name}"))).await;
        match asked {
            Ok(Some(RemovedCaller { removed, .. })) => return Ok(Some(removed)),
            Ok(None) => {}
            Err(AskError::Refused { code, .. }) if code == UNKNOWN => return Ok(Some(false)),
            Err(error) => return Err(error.into()),
        }
        if self.is_absent() {
            return Ok(None);
        }
        Ok(Some(self.files().await?.remove_caller(name).await?))
    }

    /// Audit records, the newest first, from the one before the number `before` on. `None`: there is
    /// no state.
    pub(crate) async fn audit(
        &mut self,
        before: Option<u64>,
        limit: u32,
    ) -> anyhow::Result<Option<AuditPage>> {
        let before_that = before.map_or_else(String::new, |number| format!("&before={number}"));
        let path = format!("/audit?limit={limit}{before_that}");
        if let Some(page) = self.ask(Ask::get(path)).await? {
            return Ok(Some(page));
        }
        if self.is_absent() {
            return Ok(None);
        }
        let records = self.files().await?.audit(before, limit).await?;
        Ok(Some(AuditPage::of(records, limit)))
    }

    /// Leaves an audit record of a change that was made otherwise than through this value; beside a
    /// process that serves too, since it is that change which is on record.
    pub(crate) async fn note(
        &mut self,
        action: &'static str,
        subject: &str,
        refusal: Option<&'static str>,
    ) -> anyhow::Result<()> {
        // A new database would take the place of the one that is gone, and its callers with it.
        anyhow::ensure!(
            !self.is_absent(),
            "there is no state database in {}",
            self.folder.display()
        );
        Ok(self.files().await?.note(action, subject, refusal).await?)
    }

    /// Waits until the files are closed, where they were opened.
    pub(crate) async fn close(self) {
        if let Some(store) = self.store {
            store.close().await;
        }
    }
}
