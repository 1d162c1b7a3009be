//! Lists of events for those who look: by filter, newest first, page by page.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use super::step::{Attempt, Exception, Outcome, State};
use crate::names::{LaneId, Name, Place, Position};

/// Most events of one page.
pub const LIST_LIMIT: usize = 1_000;

/// Most attempts that are told of one event; of more, the last ones.
pub const ATTEMPT_LIMIT: usize = 1_000;

/// Most results of one page, over all of its events. A page of one event has them all.
pub(crate) const RESULT_LIMIT: usize = 16_384;

/// Which events are listed: those for which all that is set here holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// This event alone.
    pub place: Option<Place>,
    /// Of this lane.
    pub lane: Option<LaneId>,
    /// From such a source.
    pub source: Option<Match>,
    /// Of such a kind.
    pub kind: Option<Match>,
    /// Not before it.
    pub since: Option<Timestamp>,
    /// Before it.
    pub until: Option<Timestamp>,
    /// How it stands with this handler. An event in whose lane the handler never took a step does
    /// not stand with it at all.
    pub standing: Option<(Name, Standing)>,
}

/// What a name has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// This one.
    Is(Name),
    /// One that begins like this, byte for byte.
    StartsWith(Name),
}

impl Match {
    pub(crate) fn holds(&self, text: &str) -> bool {
        match self {
            Self::Is(name) => name.as_str() == text,
            Self::StartsWith(start) => text.starts_with(start.as_str()),
        }
    }
}

/// How an event stands with a handler. It is one of these at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It is done: the cursor is behind it, or its last attempt was one that delivered it.
    Delivered,
    /// Its last attempt failed, and it is not said yet what is to become of it.
    Failed,
    /// It is tried again at a time that is set.
    Retrying,
    /// It is not tried again, unless a person says so.
    Dead,
    /// It was not tried yet, or waits for an earlier one of its order.
    Open,
}

impl Standing {
    /// What the cursor, the exception and the last attempt make of it together.
    pub(crate) fn of(
        position: Position,
        cursor: Position,
        exception: Option<State>,
        last_is_done: Option<bool>,
    ) -> Self {
        match (exception, last_is_done) {
            (Some(State::Dead), _) => Self::Dead,
            (Some(State::Due(_)), _) => Self::Retrying,
            (None, _) if position < cursor => Self::Delivered,
            (None, Some(true)) => Self::Delivered,
            (None, Some(false)) => Self::Failed,
            (Some(State::Behind), _) | (None, None) => Self::Open,
        }
    }
}

/// Which part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paging {
    /// Behind this place in it; none: from its start.
    pub behind: Option<ListPosition>,
    /// Most events: 1 to [`LIST_LIMIT`]. What is outside counts as the nearer of the two.
    pub limit: usize,
}

impl Paging {
    pub(crate) fn count(&self) -> usize {
        self.limit.clamp(1, LIST_LIMIT)
    }
}

/// A place in a list, which stays the same while events come and go.
///
/// It has a form as text, to be given to who asks and taken back; nothing else is promised of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListPosition {
    pub(crate) at: i64,
    pub(crate) lane: u16,
    pub(crate) position: u64,
}

impl ListPosition {
    pub(crate) fn of(place: Place, at: Timestamp) -> Self {
        Self {
            at: at.as_microsecond(),
            lane: place.lane.number(),
            position: place.position.number(),
        }
    }

    pub(crate) fn place(self) -> Place {
        Place {
            lane: LaneId::from_number(self.lane),
            position: Position::new(self.position),
        }
    }
}

impl fmt::Display for ListPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at, self.lane, self.position)
    }
}

impl FromStr for ListPosition {
    type Err = ListPositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('.');
        let mut part = || parts.next().ok_or(ListPositionError);
        let (at, lane, position) = (part()?, part()?, part()?);
        if parts.next().is_some() {
            return Err(ListPositionError);
        }
        Ok(Self {
            at: at.parse().map_err(|_| ListPositionError)?,
            lane: lane.parse().map_err(|_| ListPositionError)?,
            position: position.parse().map_err(|_| ListPositionError)?,
        })
    }
}

/// A text is no [`ListPosition`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no place in a list; take it as the page before gave it")]
pub struct ListPositionError;

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The newest first, by when they came; of one time by lane and position, the highest first.
    pub events: Vec<Listed>,
    /// What the next page is behind of; none: this is the last one.
    pub next: Option<ListPosition>,
    /// Whether the list has all that there is, but for the last second. Where it has not, it is being
    /// made, and events and attempts may be missing.
    pub is_complete: bool,
}

/// An event as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Where it is, and what it is called by.
    pub place: Place,
    /// When it came.
    pub at: Timestamp,
    /// Where it came from.
    pub source: Name,
    /// What kind of event it is.
    pub kind: Name,
    /// Length of what was received, in bytes.
    pub body_bytes: u64,
    /// What became of it, for every handler of its lane, in order of their names.
    pub results: Vec<HandlerResult>,
}

impl Listed {
    /// Attempts of all handlers.
    pub fn attempt_count(&self) -> u64 {
        self.results.iter().map(|of| of.attempt_count).sum()
    }

    pub(crate) fn list_position(&self) -> ListPosition {
        ListPosition::of(self.place, self.at)
    }
}

/// What became of an event, for one handler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandlerResult {
    /// Whose.
    pub handler: Name,
    /// How it stands.
    pub standing: Standing,
    /// How many attempts are known.
    pub attempt_count: u64,
    /// The last of them.
    pub last: Option<Outcome>,
    /// Where it is beside the cursor: when it is tried again, or why it is dead.
    pub exception: Option<Exception>,
}

impl HandlerResult {
    /// Of what is known of one event and handler.
    pub(crate) fn of(
        handler: Name,
        position: Position,
        cursor: Position,
        exception: Option<Exception>,
        attempts: (u64, Option<Outcome>),
    ) -> Self {
        let (attempt_count, last) = attempts;
        let state = exception.as_ref().map(|exception| exception.state);
        let last_is_done = last.as_ref().map(|outcome| outcome.is_done);
        Self {
            handler,
            standing: Standing::of(position, cursor, state, last_is_done),
            attempt_count,
            last,
            exception,
        }
    }
}

/// Puts attempts in the order in which they are told: by when they ended.
pub(crate) fn in_order(attempts: &mut [Attempt]) {
    attempts.sort_by(|one, other| {
        let key = |of: &Attempt| (of.outcome.at, of.outcome.attempt);
        key(one)
            .cmp(&key(other))
            .then_with(|| one.handler.cmp(&other.handler))
    });
}

/// Reads the events of a page, and none that it does not tell: it ends before it has more results than
/// are told at once. Whether that cut it.
pub(crate) fn page_of<T>(
    places: impl IntoIterator<Item = T>,
    mut read: impl FnMut(T) -> Option<Listed>,
) -> (Vec<Listed>, bool) {
    let mut events = Vec::new();
    let mut result_count = 0;
    for place in places {
        if let Some(event) = read(place) {
            result_count += event.results.len();
            if result_count > RESULT_LIMIT && !events.is_empty() {
                return (events, true);
            }
            events.push(event);
        }
    }
    (events, false)
}

#[cfg(test)]
mod tests;
