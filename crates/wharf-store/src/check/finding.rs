//! One thing that is not as it should be, what it means, and what to do.

use crate::error::database_holds;

/// A part of what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// What is small and changes: the database.
    Records,
    /// The log of events.
    Events,
    /// Dedupe keys.
    Keys,
    /// The call log.
    Calls,
}

impl Area {
    /// Its name, in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Events => "events",
            Self::Keys => "keys",
            Self::Calls => "calls",
        }
    }
}

/// What is the matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// Bytes are not what was written.
    Damaged,
    /// A file is gone.
    Missing,
    /// A later version wrote it, so it cannot be read.
    Newer,
    /// A file of others, which is left alone.
    Foreign,
}

impl FindingKind {
    /// Its name, in one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Missing => "missing",
            Self::Newer => "newer",
            Self::Foreign => "foreign",
        }
    }
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub area: Area,
    /// What is the matter.
    pub kind: FindingKind,
    /// The file, below the folder that was checked.
    pub file: String,
    /// From which byte to which one, where that is known.
    pub bytes: Option<(u64, u64)>,
    /// What was found, in words.
    pub what: String,
}

impl Finding {
    /// Whether something is not there as it was written.
    pub fn is_damage(&self) -> bool {
        self.kind != FindingKind::Foreign
    }

    /// What it means, as a sentence.
    pub const fn meaning(&self) -> &'static str {
        match (self.kind, self.area) {
            (FindingKind::Foreign, _) => "Wharf leaves it alone.",
            (FindingKind::Newer, _) => "This version cannot read it, so it was not checked.",
            (FindingKind::Damaged, Area::Records) => {
                concat!("Of ", database_holds!(), " some may be lost.")
            }
            (FindingKind::Missing, Area::Records) => {
                concat!(
                    "What it held is lost: ",
                    database_holds!(),
                    ". The next start makes a new database without them."
                )
            }
            (FindingKind::Damaged | FindingKind::Missing, Area::Events) => {
                "Events that were stored there are lost; all others are read and delivered."
            }
            (FindingKind::Damaged | FindingKind::Missing, Area::Keys) => {
                "Nothing is lost: the next start reads these keys again from the events that are \
                 still kept."
            }
            (FindingKind::Damaged | FindingKind::Missing, Area::Calls) => {
                "Records of calls are lost."
            }
        }
    }

    /// What to do, as a sentence.
    pub const fn remedy(&self) -> &'static str {
        match (self.kind, self.area) {
            (FindingKind::Foreign, _) => "Move it elsewhere.",
            (FindingKind::Newer, _) => "Use the newer wharf that wrote it.",
            (FindingKind::Damaged | FindingKind::Missing, Area::Records) => {
                "Check the disk, and restore a backup into an empty folder, or go on without it: \
                 \"Without the database\" in docs/store.md has the steps."
            }
            (FindingKind::Missing, Area::Events) => {
                "Put the files back where they are elsewhere, and start wharf again."
            }
            (FindingKind::Damaged, Area::Events) => {
                "Check the disk. A copy of the bytes is put into quarantine at the next start; \
                 have vendors send again what they can."
            }
            (FindingKind::Damaged | FindingKind::Missing, Area::Keys | Area::Calls) => {
                "Check the disk."
            }
        }
    }
}
