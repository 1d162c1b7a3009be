//! Lists of events, as the handle gives them.

use super::events::Events;
use crate::engine::Engine;
use crate::error::Unavailable;
use crate::events::{Attempt, Filter, Page, Paging};
use crate::names::Place;

impl Events {
    /// Lists events, the newest first.
    ///
    /// What was acknowledged is in the list a second later at most ([`Self::listed`] waits for it);
    /// [`Page::is_complete`] tells where that cannot be kept. Pages that follow each other tell no
    /// event twice and leave none out that was there before the first of them and still is. A page may
    /// have fewer events than were asked for, where their lane has many handlers; [`Page::next`] alone
    /// tells whether there are more.
    pub async fn list(&self, filter: &Filter, paging: Paging) -> Result<Page, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => Ok(embedded.index()?.list(filter, paging).await),
            Engine::Memory(memory) => memory.try_read(|tables| tables.events.list(filter, &paging)),
        }
    }

    /// Attempts to deliver an event, in the order in which they ended, the last [`ATTEMPT_LIMIT`](crate::ATTEMPT_LIMIT) of
    /// them. As late as [`Self::list`]. None for an event that is not there.
    ///
    /// An attempt that was written twice, with the same number and time, is told once.
    pub async fn attempts(&self, place: Place) -> Result<Vec<Attempt>, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => Ok(embedded.index()?.attempts(place).await),
            Engine::Memory(memory) => memory.try_read(|tables| tables.events.attempts(place)),
        }
    }

    /// Waits until lists have all that was acknowledged before. Whether they have: false where the
    /// disk does not let them.
    pub async fn listed(&self) -> Result<bool, Unavailable> {
        match &*self.engine {
            Engine::Embedded(embedded) => Ok(embedded.index()?.listed().await),
            Engine::Memory(memory) => memory.try_read(|_| true),
        }
    }
}
