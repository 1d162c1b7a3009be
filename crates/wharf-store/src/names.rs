//! What things in the store are called by: names, lanes, positions, epochs.

use std::fmt;
use std::sync::Arc;

/// Longest name, in bytes.
pub const NAME_LIMIT_BYTES: usize = 255;

/// How many lanes are shared by all who append. The others have one owner, who alone appends.
pub const SHARED_LANE_COUNT: u16 = 64;

/// A name that a caller of the store chooses: of a handler, a source, a lease, an allowance.
///
/// At least one and at most [`NAME_LIMIT_BYTES`] bytes, none of them a control character.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

/// A text is no [`Name`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It has no byte.
    #[error("a name in the store must not be empty")]
    Empty,
    /// It is too long.
    #[error("a name in the store has {bytes} bytes; the most is {NAME_LIMIT_BYTES}")]
    TooLong {
        /// How long it is.
        bytes: usize,
    },
    /// A control character is in it.
    #[error("a name in the store must not have control characters")]
    Control,
}

impl Name {
    /// Checks a text.
    pub fn new(text: &str) -> Result<Self, NameError> {
        match text.len() {
            0 => Err(NameError::Empty),
            bytes if bytes > NAME_LIMIT_BYTES => Err(NameError::TooLong { bytes }),
            _ if text.chars().any(char::is_control) => Err(NameError::Control),
            _ => Ok(Self(text.into())),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

/// A numbered log of events. Each has one owner at a time, who reads it and says what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneId(u16);

impl LaneId {
    /// One of the lanes that everybody may append to, for events that are to stay in order: those
    /// of one key share a lane. Any number; the lane is its remainder by [`SHARED_LANE_COUNT`].
    pub const fn shared(hash: u64) -> Self {
        // The last six bits are the remainder by 64.
        let [.., last] = hash.to_be_bytes();
        Self((last & 0x3f) as u16)
    }

    /// The lane that one node appends to alone. `None` for numbers above 65,471.
    pub const fn own(node: u16) -> Option<Self> {
        match node.checked_add(SHARED_LANE_COUNT) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// By the number that [`Self::number`] gives.
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// Its number: shared ones first.
    pub const fn number(self) -> u16 {
        self.0
    }

    /// Whether everybody may append to it.
    pub const fn is_shared(self) -> bool {
        self.0 < SHARED_LANE_COUNT
    }
}

impl fmt::Display for LaneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Which one after the other has a lane or a lease. Whoever comes later has a higher one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(u64);

impl Epoch {
    /// By its number; the first owner has 1.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }

    pub(crate) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The place of an event in its lane. The first has 0, each one after it one more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// The first of a lane.
    pub const FIRST: Self = Self(0);

    /// By its number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The one behind it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where an event is, which is also what it is called by: `LANE-POSITION`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Its lane.
    pub lane: LaneId,
    /// Its position there.
    pub position: Position,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.lane, self.position)
    }
}

impl std::str::FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let (lane, position) = text.split_once('-').ok_or(PlaceError)?;
        // A sign or an empty part is none of ours, and one event has one name.
        let is_ours = |part: &str| {
            part.bytes().all(|byte| byte.is_ascii_digit())
                && (part == "0" || !part.starts_with('0'))
        };
        if !(is_ours(lane) && is_ours(position)) {
            return Err(PlaceError);
        }
        Ok(Self {
            lane: LaneId(lane.parse().map_err(|_| PlaceError)?),
            position: Position(position.parse().map_err(|_| PlaceError)?),
        })
    }
}

/// A text names no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is named by its lane and its position in it, as in `64-1024`")]
pub struct PlaceError;

#[cfg(test)]
mod tests;
