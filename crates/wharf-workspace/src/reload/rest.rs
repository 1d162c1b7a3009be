//! Which files are at rest, told file by file, from what is seen of them several times a second.
//!
//! A file that never rests must delay nothing but itself. Time is an argument.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Mark, Marks};

/// How long a file must be still before a risky change in it is believed.
pub const STILL: Duration = Duration::from_secs(2);

/// A file that changes at every look for this long is told of.
pub(super) const RESTLESS: Duration = Duration::from_secs(5);

/// Everything that is known about the files below a folder.
#[derive(Debug)]
pub(super) struct Rest {
    files: BTreeMap<PathBuf, File>,
}

#[derive(Debug)]
struct File {
    /// `None`: it is gone.
    mark: Option<Mark>,
    /// When it was first seen like this.
    since: Instant,
    /// Since when no two looks agreed.
    stirring: Option<Instant>,
    judged: Judged,
    /// It was read, and is to be read again once it has been still.
    waits: bool,
}

/// What a file was like when it was last read.
#[derive(Debug, PartialEq, Eq)]
enum Judged {
    Never,
    /// `None`: it was gone.
    As(Option<Mark>),
}

impl File {
    fn see(&mut self, mark: Option<Mark>, now: Instant) {
        if mark == self.mark {
            self.stirring = None;
            return;
        }
        self.mark = mark;
        self.since = now;
        self.stirring.get_or_insert(now);
    }

    fn is_still(&self, now: Instant) -> bool {
        self.stirring.is_none() && now.saturating_duration_since(self.since) >= STILL
    }
}

impl Rest {
    /// Starts with files that were read as they are.
    pub(super) fn new(marks: Marks, now: Instant) -> Self {
        let files = marks.into_iter().map(|(path, mark)| {
            let file = File {
                mark: Some(mark),
                since: now,
                stirring: None,
                judged: Judged::As(Some(mark)),
                waits: false,
            };
            (path, file)
        });
        Self {
            files: files.collect(),
        }
    }

    /// Takes in what one look saw.
    pub(super) fn look(&mut self, marks: &Marks, now: Instant) {
        self.files
            .retain(|_, file| file.mark.is_some() || file.waits || file.judged != Judged::As(None));
        for (path, file) in &mut self.files {
            file.see(marks.get(path).copied(), now);
        }
        for (path, mark) in marks {
            self.files.entry(path.clone()).or_insert(File {
                mark: Some(*mark),
                since: now,
                stirring: Some(now),
                judged: Judged::Never,
                waits: false,
            });
        }
    }

    /// Whether a file that is at rest is to be read: it changed, or it has now been still.
    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.files.values().any(|file| {
            let is_new = file.judged != Judged::As(file.mark);
            file.stirring.is_none() && (is_new || file.waits && file.is_still(now))
        })
    }

    /// Whether the last two looks at a file did not agree.
    pub(super) fn stirs(&self, path: &Path) -> bool {
        let file = self.files.get(path);
        file.is_some_and(|file| file.stirring.is_some())
    }

    /// Whether a file has been the same for [`STILL`].
    pub(super) fn is_still(&self, path: &Path, now: Instant) -> bool {
        self.files.get(path).is_some_and(|file| file.is_still(now))
    }

    /// Whether a file that is away was there less than [`STILL`] ago, as far as looks have shown.
    ///
    /// One that was seen in the last look and has vanished since counts too.
    pub(super) fn is_just_gone(&self, path: &Path, now: Instant) -> bool {
        let file = self.files.get(path);
        file.is_some_and(|file| file.mark.is_some() || !file.is_still(now))
    }

    /// Whether a file is now as the last look saw it.
    pub(super) fn is_unchanged(&self, path: &Path, mark: Option<Mark>) -> bool {
        self.files.get(path).is_none_or(|file| file.mark == mark)
    }

    /// Files that have changed at every look for [`RESTLESS`].
    pub(super) fn restless(&self, now: Instant) -> Vec<PathBuf> {
        let is_restless = |file: &File| {
            let since = file
                .stirring
                .map(|since| now.saturating_duration_since(since));
            since.is_some_and(|long| long >= RESTLESS)
        };
        let restless = self.files.iter().filter(|(_, file)| is_restless(file));
        restless.map(|(path, _)| path.clone()).collect()
    }

    /// Notes that every file at rest was read; those in `waiting` are read again once still.
    pub(super) fn judged(&mut self, waiting: &HashSet<PathBuf>) {
        for (path, file) in &mut self.files {
            if file.stirring.is_none() {
                file.judged = Judged::As(file.mark);
                file.waits = waiting.contains(path);
            }
        }
    }
}

#[cfg(test)]
mod tests;
