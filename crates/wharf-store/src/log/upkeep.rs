//! What the log needs done beside its writes: room for the next segment, files of keys, old segments
//! taken away.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::segment::{self, SEGMENT_BYTES};
use super::writer::Message;
use crate::dedupe::{Merge, Removal, Seal};
use crate::disk::{Disk, DiskFile};

/// The file that becomes the next segment, in the state folder. It is made here, and taken by the
/// writer once it was told.
pub(crate) const SPARE: &str = "log/spare";

/// The same, made by the writer where no other is there in time.
pub(crate) const NEXT: &str = "log/next";

/// Time between two looks whether there is room again.
const INTERVAL: Duration = Duration::from_secs(1);

/// Something to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Make room for another segment, in bytes.
    Spare(u64),
    /// Put keys into a file.
    Seal(Seal),
    /// Make one file of keys of several.
    Merge(Merge),
    /// Take files of keys away that are in others too, or are old.
    Forget(Removal),
    /// Take segments away.
    Remove(Vec<u64>),
}

/// Works until nobody can ask for anything more.
pub(crate) fn run(disk: &Arc<dyn Disk>, jobs: &Receiver<Job>, writer: &Sender<Message>) {
    let mut needs_spare = false;
    let mut bytes = SEGMENT_BYTES;
    loop {
        let job = if needs_spare {
            match jobs.recv_timeout(INTERVAL) {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => Job::Spare(bytes),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        } else {
            match jobs.recv() {
                Ok(job) => job,
                Err(_) => return,
            }
        };
        if let Job::Spare(asked) = &job {
            bytes = *asked;
        }
        if let Some(message) = carry_out(&**disk, job) {
            match &message {
                Message::Spare if needs_spare => tracing::info!("there is room for events again"),
                Message::NoRoom(error) if !needs_spare => tracing::error!(
                    "no room for more events in {}: {error}; free some: wharf goes on by itself",
                    disk.path(segment::FOLDER).display()
                ),
                _ => {}
            }
            match &message {
                Message::Spare => needs_spare = false,
                Message::NoRoom(_) => needs_spare = true,
                _ => {}
            }
            // Where nobody takes it any more, the log is at its end.
            let _ = writer.send(message);
        }
    }
}

/// Does one thing, and says what the writer has to know of it.
pub(crate) fn carry_out(disk: &dyn Disk, job: Job) -> Option<Message> {
    match job {
        Job::Spare(bytes) => Some(match make(disk, SPARE, bytes) {
            Ok(_) => Message::Spare,
            Err(error) => Message::NoRoom(error),
        }),
        Job::Seal(seal) => Some(Message::Sealed(seal.run())),
        Job::Merge(merge) => Some(Message::Merged(merge.run())),
        Job::Forget(removal) => {
            if let Err(error) = removal.run() {
                tracing::debug!(%error, "old files of keys are left to the next start");
            }
            None
        }
        Job::Remove(numbers) => {
            for number in numbers {
                remove(disk, number);
            }
            None
        }
    }
}

/// Makes a file with room for a segment, in the place of one that is there.
///
/// Errors: `StorageFull`, where there is no room, and all others of the disk.
pub(crate) fn make(disk: &dyn Disk, name: &str, bytes: u64) -> io::Result<Box<dyn DiskFile>> {
    disk.remove(name)?;
    let made = disk.create(name).and_then(|file| {
        file.allocate(bytes)?;
        // So that a write need not wait for it: the length and the place of its blocks.
        file.sync()?;
        Ok(file)
    });
    if made.is_err() {
        // What was taken of the last room is given back.
        let _ = disk.remove(name);
    }
    made
}

/// A segment that stays takes room, and no more: the next start finds it.
pub(crate) fn remove(disk: &dyn Disk, number: u64) {
    let name = segment::name(number);
    if let Err(error) = disk.remove(&name) {
        tracing::warn!(
            "{} cannot be taken away: {error}",
            disk.path(&name).display()
        );
    }
}
