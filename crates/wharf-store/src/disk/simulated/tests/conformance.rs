//! The simulated disk does what the machine's does.

use std::io;

use proptest::prelude::*;

use super::super::SimulatedDisk;
use crate::disk::{Disk, DiskFile, Entry, RealDisk};

const NAMES: [&str; 6] = ["a", "b", "f/a", "f/g/b", "f", "nowhere/a"];
const FOLDERS: [&str; 5] = ["", "f", "f/g", "nowhere", "a"];

/// A call of a script; files are numbered in the order in which they were opened.
#[derive(Clone, Debug)]
enum Step {
    List(usize),
    MakeFolder(usize),
    Create(usize),
    Open(usize),
    OpenToWrite(usize),
    Rename(usize, usize),
    Remove(usize),
    SyncFolder(usize),
    Bytes(usize),
    Read(usize, usize, u64),
    Write(usize, usize, u64),
    Allocate(usize, u64),
    Truncate(usize, u64),
    Sync(usize),
}

/// What a step gave.
#[derive(Debug, PartialEq)]
enum Answer {
    Nothing,
    Entries(Vec<Entry>),
    Number(u64),
    Bytes(Vec<u8>),
    /// By its number, so that a wrong one is seen where the kinds have no name.
    Refused(Option<i32>, io::ErrorKind),
}

fn run(disk: &dyn Disk, script: &[Step]) -> Vec<Answer> {
    let mut files = Vec::new();
    let mut answers = Vec::new();
    for (number, step) in script.iter().enumerate() {
        let answer = do_step(disk, &mut files, number, step);
        answers.push(
            answer.unwrap_or_else(|error| Answer::Refused(error.raw_os_error(), error.kind())),
        );
    }
    answers
}

fn do_step(
    disk: &dyn Disk,
    files: &mut Vec<Box<dyn DiskFile>>,
    number: usize,
    step: &Step,
) -> io::Result<Answer> {
    let opened = match step {
        Step::Create(name) => Some(disk.create(NAMES[*name])?),
        Step::Open(name) => Some(disk.open(NAMES[*name])?),
        Step::OpenToWrite(name) => Some(disk.open_to_write(NAMES[*name])?),
        _ => None,
    };
    if let Some(file) = opened {
        files.push(file);
        return Ok(Answer::Nothing);
    }
    let file = |nth: &usize| files.get(nth % files.len().max(1));
    match step {
        Step::List(folder) => return Ok(Answer::Entries(disk.list(FOLDERS[*folder])?)),
        Step::MakeFolder(folder) => disk.make_folder(FOLDERS[*folder])?,
        Step::Rename(from, to) => disk.rename(NAMES[*from], NAMES[*to])?,
        Step::Remove(name) => disk.remove(NAMES[*name])?,
        Step::SyncFolder(folder) => disk.sync_folder(FOLDERS[*folder])?,
        Step::Bytes(nth) => {
            return file(nth).map_or(Ok(Answer::Nothing), |file| file.bytes().map(Answer::Number));
        }
        Step::Read(nth, bytes, offset) => {
            if let Some(file) = file(nth) {
                let mut buffer = vec![0xee; *bytes];
                let read = file.read_at(&mut buffer, *offset)?;
                assert!(buffer[read..].iter().all(|byte| *byte == 0xee));
                buffer.truncate(read);
                return Ok(Answer::Bytes(buffer));
            }
        }
        Step::Write(nth, bytes, offset) => {
            let bytes = vec![u8::try_from(number % 256).unwrap(); *bytes];
            file(nth).map_or(Ok(()), |file| file.write_at(&bytes, *offset))?;
        }
        Step::Allocate(nth, bytes) => file(nth).map_or(Ok(()), |file| file.allocate(*bytes))?,
        Step::Truncate(nth, bytes) => file(nth).map_or(Ok(()), |file| file.truncate(*bytes))?,
        Step::Sync(nth) => file(nth).map_or(Ok(()), |file| file.sync())?,
        Step::Create(_) | Step::Open(_) | Step::OpenToWrite(_) => {}
    }
    Ok(Answer::Nothing)
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = || 0..NAMES.len();
    let folder = || 0..FOLDERS.len();
    let nth = || 0_usize..4;
    let offset = || prop_oneof![0_u64..20, 0_u64..3000, 8000_u64..9000];
    let bytes = || prop_oneof![0_usize..20, 0_usize..3000];
    let step = prop_oneof![
        1 => folder().prop_map(Step::List),
        1 => folder()
            .prop_filter("a is to be a file", |folder| FOLDERS[*folder] != "a")
            .prop_map(Step::MakeFolder),
        2 => name().prop_map(Step::Create),
        1 => name()
            .prop_filter("one reads no folder", |name| NAMES[*name] != "f")
            .prop_map(Step::Open),
        1 => name().prop_map(Step::OpenToWrite),
        1 => (name(), name())
            .prop_filter("folders are not renamed", |(from, _)| NAMES[*from] != "f")
            .prop_map(|(from, to)| Step::Rename(from, to)),
        1 => name().prop_map(Step::Remove),
        1 => folder()
            .prop_filter("a file is no folder", |folder| FOLDERS[*folder] != "a")
            .prop_map(Step::SyncFolder),
        1 => nth().prop_map(Step::Bytes),
        4 => (nth(), bytes(), offset()).prop_map(|(nth, bytes, at)| Step::Read(nth, bytes, at)),
        4 => (nth(), bytes(), offset()).prop_map(|(nth, bytes, at)| Step::Write(nth, bytes, at)),
        1 => (nth(), offset()).prop_map(|(nth, bytes)| Step::Allocate(nth, bytes)),
        2 => (nth(), offset()).prop_map(|(nth, bytes)| Step::Truncate(nth, bytes)),
        1 => nth().prop_map(Step::Sync),
    ];
    prop::collection::vec(step, 1..60)
}

fn compare(script: &[Step], block_bytes: u64) {
    let folder = tempfile::tempdir().unwrap();
    let real = run(&RealDisk::new(folder.path()), script);
    let simulated = run(&SimulatedDisk::with_blocks_of(block_bytes), script);
    for (number, (real, simulated)) in real.iter().zip(&simulated).enumerate() {
        assert_eq!(real, simulated, "step {number}: {:?}", script[number]);
    }
}

#[test]
fn a_script_with_each_call_is_answered_alike() {
    let script = [
        Step::List(0),
        Step::MakeFolder(2),
        Step::MakeFolder(2),
        Step::Create(0),
        Step::Create(0),
        Step::Write(0, 1000, 100),
        Step::Read(0, 2000, 0),
        Step::Allocate(0, 0),
        Step::Allocate(0, 4096),
        Step::Allocate(0, 10),
        Step::Bytes(0),
        Step::Truncate(0, 300),
        Step::Truncate(0, 600),
        Step::Read(0, 1000, 200),
        Step::Read(0, 10, 600),
        Step::Open(0),
        Step::Write(1, 1, 0),
        Step::Allocate(1, 1),
        Step::Truncate(1, 1),
        Step::Sync(1),
        Step::Rename(0, 3),
        Step::Rename(0, 3),
        Step::Rename(3, 3),
        Step::Rename(3, 5),
        Step::Rename(3, 4),
        Step::List(0),
        Step::List(2),
        Step::List(3),
        Step::Remove(3),
        Step::Remove(3),
        Step::Remove(4),
        Step::Remove(5),
        Step::Read(1, 10, 290),
        Step::Open(3),
        Step::OpenToWrite(4),
        Step::Create(5),
        Step::Create(0),
        Step::MakeFolder(4),
        Step::List(4),
        Step::SyncFolder(1),
        Step::SyncFolder(3),
    ];
    compare(&script, 512);
}

proptest! {
    #[test]
    fn random_scripts_are_answered_alike(mut script in steps(), pages in any::<bool>()) {
        // So that its name stays a folder's.
        script.insert(0, Step::MakeFolder(2));
        compare(&script, if pages { super::super::PAGE_BYTES } else { super::super::SECTOR_BYTES });
    }
}
