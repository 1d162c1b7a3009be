//! What the control API does, done by the store.

use std::sync::Arc;

use wharf_console::{Api, Audit, Callers, Later, State};
use wharf_policy::caller::CallerName;
use wharf_store::{
    Actor, AddError, AuditRecord, CallerRecord, Records, Store, StoreStatus, Unavailable,
};

use crate::control::Announcement;

/// The API over a store. `None`: there is no store, or nobody would find it.
pub(super) fn of(store: Option<&Store>, announcement: Option<&Announcement>) -> Option<Api> {
    let kept = Arc::new(Kept(store?.records()));
    Some(Api {
        token: announcement?.token(),
        callers: Arc::clone(&kept) as Arc<dyn Callers>,
        audit: kept,
        state: Arc::new(Whole(store?.clone())),
    })
}

struct Kept(Records);

struct Whole(Store);

impl State for Whole {
    fn status(&self) -> Later<'_, Result<Option<StoreStatus>, Unavailable>> {
        Box::pin(self.0.status())
    }
}

impl Callers for Kept {
    fn all(&self) -> Later<'_, Result<Vec<CallerRecord>, Unavailable>> {
        Box::pin(self.0.callers())
    }

    fn add(
        &self,
        by: Actor,
        caller: CallerRecord,
        replace: bool,
    ) -> Later<'_, Result<Option<CallerRecord>, AddError>> {
        let records = self.0.by(by);
        Box::pin(async move {
            if replace {
                records.replace_caller(&caller).await
            } else {
                records.add_caller(&caller).await.map(|()| None)
            }
        })
    }

    fn restore(
        &self,
        by: Actor,
        added: CallerRecord,
        before: Option<CallerRecord>,
    ) -> Later<'_, Result<bool, Unavailable>> {
        let records = self.0.by(by);
        Box::pin(async move { records.restore_caller(&added, before.as_ref()).await })
    }

    fn remove(&self, by: Actor, name: CallerName) -> Later<'_, Result<bool, Unavailable>> {
        let records = self.0.by(by);
        Box::pin(async move { records.remove_caller(&name).await })
    }
}

impl Audit for Kept {
    fn page(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Later<'_, Result<Vec<AuditRecord>, Unavailable>> {
        Box::pin(self.0.audit(before, limit))
    }
}
