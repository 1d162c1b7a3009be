//! What people should hear of: kept, counted up, acknowledged.
//!
//! Bounds: [`NOTICE_COUNT_LIMIT`](crate::NOTICE_COUNT_LIMIT) in all and
//! [`NOTICE_COUNT_LIMIT_OF_ONE`](crate::NOTICE_COUNT_LIMIT_OF_ONE) about one integration, so at most
//! about 50 MB, and one integration that always has something new to tell takes away its own alone.

use jiff::Timestamp;
use wharf_policy::bounded::{Name, Text};
use wharf_policy::notice::Notice;

use super::Records;
use crate::engine::{Embedded, Engine};
use crate::error::Unavailable;
use crate::notice::{
    CursorError, NOTICE_PAGE_LIMIT, NoticeFilter, NoticePage, NoticeRecord, Told, kept,
    not_acknowledged, whole_microseconds,
};

impl Records {
    /// Writes notices, for who has no transaction of its own. Where each of them is.
    ///
    /// One whose key was told less than its time ago, and as severe, counts that one up. Dropped,
    /// all of them are written, or none.
    pub async fn tell(&self, notices: &[Notice]) -> Result<Vec<Told>, Unavailable> {
        let notices: Vec<_> = notices.iter().map(kept).collect();
        if notices.is_empty() {
            return Ok(Vec::new());
        }
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.tell(notices).await,
            Engine::Memory(memory) => Ok(memory.write(|tables| tables.notices.tell(&notices))),
        }
    }

    /// A page of the notices wanted, the newest first: in the order in which they were first told.
    pub async fn notices(
        &self,
        filter: &NoticeFilter,
        page: NoticePage,
    ) -> Result<Vec<NoticeRecord>, Unavailable> {
        let page = NoticePage {
            limit: page.limit.min(NOTICE_PAGE_LIMIT),
            ..page
        };
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.notices(filter.clone(), page).await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.notices.page(filter, page))),
        }
    }

    /// Notices with higher numbers, the lowest first: for who delivers them. At most
    /// [`NOTICE_PAGE_LIMIT`].
    pub async fn notices_after(
        &self,
        number: u64,
        limit: u32,
    ) -> Result<Vec<NoticeRecord>, Unavailable> {
        let limit = limit.min(NOTICE_PAGE_LIMIT);
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.notices_after(number, limit).await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.notices.after(number, limit))),
        }
    }

    /// Notes that somebody has seen a notice. Who was first stays. What it is now; `None`: there is
    /// no notice of this number.
    ///
    /// Through a handle of [`Self::by`] it leaves the audit record `notices.ack`, of one that is not
    /// there or was seen before too.
    pub async fn acknowledge_notice(
        &self,
        number: u64,
        who: &Text<200>,
        when: Timestamp,
    ) -> Result<Option<NoticeRecord>, Unavailable> {
        let by = (who.clone(), whole_microseconds(when));
        let note = self.noted("notices.ack", &number.to_string());
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.acknowledge_notice(number, by, note).await
            }
            Engine::Memory(memory) => Ok(memory.write(|tables| {
                let is_first = tables.notices.is_open(number);
                let record = tables.notices.acknowledge(number, by);
                let refusal = not_acknowledged(is_first, record.is_some());
                tables.noted(note.as_ref(), refusal);
                record
            })),
        }
    }

    /// The number up to which a route has delivered; 0: none.
    pub async fn notice_cursor(&self, route: &Name) -> Result<u64, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.notice_cursor(route.clone()).await,
            Engine::Memory(memory) => Ok(memory.read(|tables| tables.notices.cursor(route))),
        }
    }

    /// Notes that a route has delivered up to a number. It never goes back.
    pub async fn advance_notice_cursor(&self, route: &Name, to: u64) -> Result<(), CursorError> {
        let is_done = match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => {
                sqlite.advance_notice_cursor(route.clone(), to).await?
            }
            Engine::Memory(memory) => memory.write(|tables| tables.notices.advance(route, to)),
        };
        if is_done {
            Ok(())
        } else {
            Err(CursorError::TooMany)
        }
    }

    /// Forgets notices that were told last before a time. How many.
    ///
    /// Of those, one call takes the oldest and what is of the day behind it: a clock that is wrong
    /// does not take everything away at once.
    pub async fn retain_notices(&self, before: Timestamp) -> Result<u64, Unavailable> {
        match &*self.engine {
            Engine::Embedded(Embedded { sqlite, .. }) => sqlite.retain_notices(before).await,
            Engine::Memory(memory) => Ok(memory.write(|tables| tables.notices.retain(before))),
        }
    }
}
