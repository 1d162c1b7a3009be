//! A disk in memory that fails, fills up and loses power where a test says so.
//!
//! Each call has a number, from 0 on, and a fault can be set for it. What is only written is kept
//! apart from what is durable: [`SimulatedDisk::after_power_loss`] makes a disk that a machine may
//! find, [`SimulatedDisk::after_kill`] the one that the next process finds.
//!
//! What may be found after a loss of power:
//! - of a file, for each block (see [`SimulatedDisk::with_blocks_of`]) that was written since its
//!   last sync: any state it was in since, or one torn between two of them; and any length it had
//!   since, also one inside a write that made it longer;
//! - of a folder, its changes since its last sync up to any of them. A rename between folders
//!   happens in both or in none, and only behind the earlier changes of both. A folder whose own
//!   name is lost is lost with all that is in it.

mod choices;
mod content;
mod names;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::choices::EveryChoice;
use self::content::Content;
use self::names::{Names, Node};
use super::{Disk, DiskFile, Entry, Identity};

/// What a disk writes as one.
pub(crate) const SECTOR_BYTES: u64 = 512;
/// What a system keeps and writes as one.
pub(crate) const PAGE_BYTES: u64 = 4096;

/// The kinds of calls, so that a fault can be set for the next of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    List,
    MakeFolder,
    Create,
    Open,
    OpenToWrite,
    Rename,
    Remove,
    SyncFolder,
    FreeBytes,
    Bytes,
    Read,
    Write,
    Allocate,
    Truncate,
    Sync,
}

/// A call that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) kind: Kind,
    /// The file or folder as it was named, the first where there are two. Calls of an open file have
    /// the name it was opened by.
    pub(crate) name: String,
}

/// What is wrong with a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// EIO.
    Broken,
    /// ENOSPC.
    Full,
}

/// What happens at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails, and nothing was done. A sync that fails leaves what was unsynced for ever unsure,
    /// and the next sync does not look at it again, as on Linux.
    Before(Wrong),
    /// It fails, and the first half was done of a write or an allocation, of others all of it.
    After(Wrong),
    /// The power goes while it is under way: it may be found done, in part or not at all. It fails,
    /// and so does every later call.
    PowerOff,
}

/// A disk in memory. Clones are the same disk.
#[derive(Clone, Debug)]
pub(crate) struct SimulatedDisk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    names: Names,
    files: BTreeMap<u64, Inode>,
    next_file: u64,
    block_bytes: u64,
    capacity: Option<u64>,
    room: Option<u64>,
    written_bytes: u64,
    calls: Vec<Call>,
    faults: BTreeMap<usize, Fault>,
    faults_of_kinds: Vec<(Kind, Fault)>,
    is_on: bool,
}

#[derive(Debug)]
struct Inode {
    content: Content,
    /// Where what was ever written ends.
    written: u64,
    /// Counts who has it open.
    open: Arc<()>,
}

impl Inode {
    fn new(content: Content) -> Self {
        Self {
            written: 0,
            content,
            open: Arc::new(()),
        }
    }
}

/// How much of a call is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    Whole,
    Half,
}

/// What the faults make of a call.
enum Verdict {
    Refuse(io::Error),
    Do,
    DoThenFail(Extent, io::Error),
    PowerOff,
}

impl Default for SimulatedDisk {
    fn default() -> Self {
        Self::with_blocks_of(SECTOR_BYTES)
    }
}

impl SimulatedDisk {
    /// An empty disk without end that keeps or loses this many bytes as one.
    pub(crate) fn with_blocks_of(block_bytes: u64) -> Self {
        Self(Arc::new(Mutex::new(State {
            names: Names::default(),
            files: BTreeMap::new(),
            next_file: 0,
            block_bytes,
            capacity: None,
            room: None,
            written_bytes: 0,
            calls: Vec::new(),
            faults: BTreeMap::new(),
            faults_of_kinds: Vec::new(),
            is_on: true,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls so far; the number of the next one is how many there are.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// How many calls there were, which is the number of the next one.
    pub(crate) fn call_count(&self) -> usize {
        self.state().calls.len()
    }

    /// How many calls of a kind there were.
    pub(crate) fn count_of(&self, kind: Kind) -> usize {
        let state = self.state();
        state.calls.iter().filter(|call| call.kind == kind).count()
    }

    /// Lets a fault happen at the call with this number. The first is 0.
    pub(crate) fn at_call(&self, number: usize, fault: Fault) {
        self.state().faults.insert(number, fault);
    }

    /// Lets a fault happen at the next call of a kind that has none yet.
    pub(crate) fn at_next(&self, kind: Kind, fault: Fault) {
        self.state().faults_of_kinds.push((kind, fault));
    }

    /// Sets how many bytes it has room for, whatever is in it; `None` is no end.
    pub(crate) fn set_capacity(&self, bytes: Option<u64>) {
        self.state().capacity = bytes;
    }

    /// Sets how many bytes can be written from now on to places where nothing was written, which an
    /// allocation does not promise then; `None` is no end. What is taken away gives no room back.
    pub(crate) fn set_room(&self, bytes: Option<u64>) {
        self.state().room = bytes;
    }

    /// How many bytes were written to places where nothing was written before.
    pub(crate) fn written_bytes(&self) -> u64 {
        self.state().written_bytes
    }

    /// A disk that may be found when the power goes now.
    ///
    /// `choice` is given a number of ways, at least 1, and gives the one to go, below it. With 0 each
    /// time, nothing that was not durable is found. The same choices give the same disk.
    pub(crate) fn after_power_loss(&self, mut choice: impl FnMut(usize) -> usize) -> Self {
        let state = self.state();
        let names = state.names.lose(&mut choice);
        state.successor(names, |content| content.lose(&mut choice))
    }

    /// Calls `see` with each disk that may be found when the power goes now, at most this many.
    /// Says whether these were all.
    pub(crate) fn every_power_loss(&self, limit: usize, mut see: impl FnMut(Self)) -> bool {
        let mut choices = EveryChoice::default();
        for _ in 0..limit {
            see(self.after_power_loss(|ways| choices.choose(ways)));
            if !choices.next() {
                return true;
            }
        }
        false
    }

    /// The disk that the next process finds after this one was killed: all that was written is there,
    /// and what was unsynced still is.
    pub(crate) fn after_kill(&self) -> Self {
        let state = self.state();
        state.successor(state.names.clone(), Content::clone)
    }

    /// Turns one bit of a file around, on the disk as in memory.
    pub(crate) fn flip(&self, name: &str, offset: u64, bit: u8) {
        self.with_content(name, |content| content.flip(offset, bit));
    }

    /// Cuts a file to this length, on the disk as in memory.
    pub(crate) fn cut(&self, name: &str, bytes: u64) {
        self.with_content(name, |content| {
            assert!(bytes <= content.bytes(), "{name} is not that long");
            content.truncate(bytes);
            content.settle();
        });
    }

    /// What a file holds now; `None` when there is none.
    pub(crate) fn contents(&self, name: &str) -> Option<Vec<u8>> {
        let state = self.state();
        let file = state.files.get(&state.names.file(name).ok()?)?;
        let mut all = vec![0; usize::try_from(file.content.bytes()).unwrap()];
        file.content.read(&mut all, 0);
        Some(all)
    }

    /// Puts a file there that is durable with its name, in place of what has that name.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        let mut state = self.state();
        let mut content = Content::new(state.block_bytes);
        content.write(bytes, 0);
        content.settle();
        let number = state.add_file(content);
        state.names.put(name, number);
    }

    fn with_content<T>(&self, name: &str, act: impl FnOnce(&mut Content) -> T) -> T {
        let mut state = self.state();
        let number = state.names.file(name).unwrap();
        act(&mut state.files.get_mut(&number).unwrap().content)
    }

    /// Counts a call and does it, as the faults say.
    fn call<T>(
        &self,
        kind: Kind,
        name: &str,
        act: impl FnOnce(&mut State, Extent) -> io::Result<T>,
    ) -> io::Result<T> {
        let mut state = self.state();
        match state.judge(kind, name) {
            Verdict::Refuse(error) => Err(error),
            Verdict::Do => act(&mut state, Extent::Whole),
            Verdict::DoThenFail(extent, error) => act(&mut state, extent).and(Err(error)),
            Verdict::PowerOff => act(&mut state, Extent::Whole).and(Err(no_power())),
        }
    }

    fn open_as(&self, kind: Kind, name: &str, may_write: bool) -> io::Result<Box<dyn DiskFile>> {
        let (number, open) = self.call(kind, name, |state, _| {
            let number = if kind == Kind::Create {
                state.create(name)?
            } else {
                state.names.file(name)?
            };
            Ok((number, Arc::clone(&state.inode(number)?.open)))
        })?;
        Ok(Box::new(SimulatedFile {
            disk: self.clone(),
            name: name.to_owned(),
            number,
            may_write,
            _open: open,
        }))
    }
}

impl State {
    fn judge(&mut self, kind: Kind, name: &str) -> Verdict {
        let number = self.calls.len();
        self.calls.push(Call {
            kind,
            name: name.to_owned(),
        });
        if !self.is_on {
            return Verdict::Refuse(no_power());
        }
        let fault = self.faults.get(&number).copied().or_else(|| {
            let at = self
                .faults_of_kinds
                .iter()
                .position(|(of, _)| *of == kind)?;
            Some(self.faults_of_kinds.remove(at).1)
        });
        match fault {
            None => Verdict::Do,
            Some(Fault::Before(wrong)) => Verdict::Refuse(wrong.error()),
            Some(Fault::After(wrong)) => {
                let extent = match kind {
                    Kind::Write | Kind::Allocate => Extent::Half,
                    _ => Extent::Whole,
                };
                Verdict::DoThenFail(extent, wrong.error())
            }
            Some(Fault::PowerOff) => {
                self.is_on = false;
                Verdict::PowerOff
            }
        }
    }

    /// A disk that is on, without faults, with these names and files made of these.
    fn successor(
        &self,
        names: Names,
        mut content: impl FnMut(&Content) -> Content,
    ) -> SimulatedDisk {
        let kept = names.files();
        let files = self
            .files
            .iter()
            .filter(|(number, _)| kept.contains(number));
        let files = files
            .map(|(number, file)| {
                let mut found = Inode::new(content(&file.content));
                found.written = file.written;
                (*number, found)
            })
            .collect();
        SimulatedDisk(Arc::new(Mutex::new(State {
            names,
            files,
            next_file: self.next_file,
            block_bytes: self.block_bytes,
            capacity: self.capacity,
            room: self.room,
            written_bytes: 0,
            calls: Vec::new(),
            faults: BTreeMap::new(),
            faults_of_kinds: Vec::new(),
            is_on: true,
        })))
    }

    fn add_file(&mut self, content: Content) -> u64 {
        let number = self.next_file;
        self.next_file += 1;
        self.files.insert(number, Inode::new(content));
        number
    }

    fn create(&mut self, name: &str) -> io::Result<u64> {
        let number = self.next_file;
        self.names.add(name, Node::File(number))?;
        Ok(self.add_file(Content::new(self.block_bytes)))
    }

    fn inode(&mut self, number: u64) -> io::Result<&mut Inode> {
        self.files
            .get_mut(&number)
            .ok_or_else(|| errno(numbers::EBADF))
    }

    /// Room that is left, in blocks. A file without a name takes room while it is open.
    fn free_blocks(&self) -> u64 {
        let Some(capacity) = self.capacity else {
            return u64::MAX / self.block_bytes;
        };
        let named = self.names.files_now();
        let used: u64 = self
            .files
            .iter()
            .filter(|(number, file)| named.contains(number) || Arc::strong_count(&file.open) > 1)
            .map(|(_, file)| file.content.used_blocks())
            .sum();
        (capacity / self.block_bytes).saturating_sub(used)
    }

    /// Forgets files that no name leads to any more, in whatever way the power goes.
    fn forget_files(&mut self) {
        let kept = self.names.files();
        self.files
            .retain(|number, file| kept.contains(number) || Arc::strong_count(&file.open) > 1);
    }

    fn write(&mut self, number: u64, bytes: &[u8], offset: u64, extent: Extent) -> io::Result<()> {
        let (free, room) = (self.free_blocks(), self.room);
        let file = self.inode(number)?;
        let wanted = match extent {
            Extent::Whole => bytes.len(),
            Extent::Half => bytes.len() / 2,
        };
        let mut fitting = file.content.fitting(wanted, offset, free)?;
        if let Some(room) = room {
            let until = file.written.saturating_sub(offset).saturating_add(room);
            fitting = fitting.min(usize::try_from(until).unwrap_or(usize::MAX));
        }
        file.content.write(&bytes[..fitting], offset);
        let end = file.written.max(offset + fitting as u64);
        let new = end - std::mem::replace(&mut file.written, end);
        self.written_bytes += new;
        self.room = room.map(|room| room.saturating_sub(new));
        if fitting < wanted {
            return Err(Wrong::Full.error());
        }
        Ok(())
    }

    fn allocate(&mut self, number: u64, bytes: u64, extent: Extent) -> io::Result<()> {
        let free = self.free_blocks();
        let content = &mut self.inode(number)?.content;
        let wanted = match extent {
            Extent::Whole => bytes,
            Extent::Half => bytes / 2,
        };
        if content.missing_blocks(wanted) > free {
            return Err(Wrong::Full.error());
        }
        content.allocate(wanted);
        Ok(())
    }
}

impl Wrong {
    fn error(self) -> io::Error {
        errno(match self {
            Self::Broken => numbers::EIO,
            Self::Full => numbers::ENOSPC,
        })
    }
}

impl Disk for SimulatedDisk {
    fn list(&self, folder: &str) -> io::Result<Vec<Entry>> {
        self.call(Kind::List, folder, |state, _| {
            let files = state.names.list(folder)?;
            let entry = |(name, number): (String, u64)| Entry {
                name,
                bytes: state.files[&number].content.bytes(),
            };
            Ok(files.into_iter().map(entry).collect())
        })
    }

    fn make_folder(&self, folder: &str) -> io::Result<()> {
        self.call(Kind::MakeFolder, folder, |state, _| {
            state.names.make_folder(folder)
        })
    }

    fn create(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open_as(Kind::Create, name, true)
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open_as(Kind::Open, name, false)
    }

    fn open_to_write(&self, name: &str) -> io::Result<Box<dyn DiskFile>> {
        self.open_as(Kind::OpenToWrite, name, true)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.call(Kind::Rename, from, |state, _| state.names.rename(from, to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.call(Kind::Remove, name, |state, _| state.names.remove(name))
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        let mut state = self.state();
        let failure = match state.judge(Kind::SyncFolder, folder) {
            Verdict::Refuse(error) => return Err(error),
            Verdict::PowerOff => return Err(no_power()),
            Verdict::DoThenFail(_, error) => Some(error),
            Verdict::Do => None,
        };
        state.names.sync(folder)?;
        state.forget_files();
        failure.map_or(Ok(()), Err)
    }

    fn free_bytes(&self) -> io::Result<u64> {
        self.call(Kind::FreeBytes, "", |state, _| {
            Ok(state.free_blocks() * state.block_bytes)
        })
    }

    fn identity(&self, name: &str) -> io::Result<Option<Identity>> {
        let state = self.state();
        if !state.is_on {
            return Err(no_power());
        }
        Ok(state.names.file(name).ok().map(|number| (0, number)))
    }

    fn path(&self, name: &str) -> PathBuf {
        PathBuf::from("/simulated").join(name)
    }
}

#[derive(Debug)]
struct SimulatedFile {
    disk: SimulatedDisk,
    name: String,
    number: u64,
    may_write: bool,
    _open: Arc<()>,
}

impl SimulatedFile {
    fn change(
        &self,
        kind: Kind,
        refusal: i32,
        act: impl FnOnce(&mut State, Extent) -> io::Result<()>,
    ) -> io::Result<()> {
        self.disk.call(kind, &self.name, |state, extent| {
            if !self.may_write {
                return Err(errno(refusal));
            }
            act(state, extent)
        })
    }
}

impl DiskFile for SimulatedFile {
    fn identity(&self) -> io::Result<Identity> {
        Ok((0, self.number))
    }

    fn bytes(&self) -> io::Result<u64> {
        self.disk.call(Kind::Bytes, &self.name, |state, _| {
            Ok(state.inode(self.number)?.content.bytes())
        })
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.disk.call(Kind::Read, &self.name, |state, _| {
            Ok(state.inode(self.number)?.content.read(buffer, offset))
        })
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.disk.call(Kind::Write, &self.name, |state, extent| {
            // Nothing is not even asked for.
            if bytes.is_empty() {
                return Ok(());
            }
            if !self.may_write {
                return Err(errno(numbers::EBADF));
            }
            state.write(self.number, bytes, offset, extent)
        })
    }

    fn allocate(&self, bytes: u64) -> io::Result<()> {
        let refusal = if bytes == 0 {
            numbers::EINVAL
        } else {
            numbers::EBADF
        };
        self.change(Kind::Allocate, refusal, |state, extent| {
            if bytes == 0 {
                return Err(errno(numbers::EINVAL));
            }
            state.allocate(self.number, bytes, extent)
        })
    }

    fn truncate(&self, bytes: u64) -> io::Result<()> {
        self.change(Kind::Truncate, numbers::EINVAL, |state, _| {
            let file = state.inode(self.number)?;
            file.content.truncate(bytes);
            file.written = file.written.min(bytes);
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.disk.state();
        let verdict = state.judge(Kind::Sync, &self.name);
        let content = &mut state.inode(self.number)?.content;
        match verdict {
            Verdict::Do => {
                content.sync();
                Ok(())
            }
            Verdict::PowerOff => Err(no_power()),
            Verdict::Refuse(error) if error.kind() == io::ErrorKind::NotConnected => Err(error),
            Verdict::Refuse(error) | Verdict::DoThenFail(_, error) => {
                content.fail_sync();
                Err(error)
            }
        }
    }
}

/// Not EIO: a test that looks for that is not to take the end of the power for it.
fn no_power() -> io::Error {
    io::Error::new(io::ErrorKind::NotConnected, "the power is off")
}

fn errno(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

/// The same on every Linux.
mod numbers {
    pub(super) const ENOENT: i32 = 2;
    pub(super) const EIO: i32 = 5;
    pub(super) const EBADF: i32 = 9;
    pub(super) const EEXIST: i32 = 17;
    pub(super) const ENOTDIR: i32 = 20;
    pub(super) const EISDIR: i32 = 21;
    pub(super) const EINVAL: i32 = 22;
    pub(super) const ENOSPC: i32 = 28;
    pub(super) const ENOTEMPTY: i32 = 39;
}
