//! Which segments a folder has, and where each of them ends.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use super::at_rest::AtRest;
use super::damage::{Damage, Damages};
use super::recover::{BUFFER_BYTES, Recovered, Unreadable, last_group};
use super::segment::{self, DATA_START, Found, Header, NoHeader, Scan};
use super::state::State;
use crate::disk::{Disk, DiskFile};

/// A segment whose header is whole.
pub(super) struct Part {
    pub(super) header: Header,
    pub(super) file: Box<dyn DiskFile>,
    /// Where it ends; none for the last one, and for one whose follower is missing.
    pub(super) end: Option<u64>,
    pub(super) bytes: u64,
}

/// Finds the segments of a folder, and what else is there.
pub(super) fn parts(
    disk: &Arc<dyn Disk>,
    damages: &Damages,
) -> Result<(BTreeMap<u64, Part>, Recovered), Unreadable> {
    let mut recovered = Recovered {
        state: State::default(),
        segments: BTreeMap::new(),
        log: None,
        previous: None,
        last_number: 0,
        time: 0,
        foreign: Vec::new(),
        idle: Vec::new(),
    };
    let mut parts = BTreeMap::new();
    let mut strange = BTreeSet::new();
    for entry in disk.list(segment::FOLDER)? {
        let Some(number) = segment::number(&entry.name) else {
            if !super::OWN_FILES.contains(&entry.name.as_str()) {
                recovered.foreign.push(entry.name);
            }
            continue;
        };
        recovered.last_number = recovered.last_number.max(number);
        let (file, header) = segment::read_header(&**disk, number)?;
        let name = segment::name(number);
        let header = match header {
            Ok(header) if header.number == number => header,
            Err(NoHeader::Newer(format)) => return Err(Unreadable::Newer { name, format }),
            Ok(_) | Err(NoHeader::Damaged) => {
                damages.note(Damage::whole(number, entry.bytes), &*file);
                strange.insert(number);
                continue;
            }
        };
        if *recovered.log.get_or_insert(header.log) != header.log {
            return Err(Unreadable::Mixed { name });
        }
        let part = Part {
            header,
            end: None,
            bytes: file.bytes()?,
            file: Box::new(AtRest::of(disk, name, &*file)?),
        };
        parts.insert(number, part);
    }
    set_ends(&mut parts, &mut recovered, &strange, damages);
    Ok((parts, recovered))
}

/// Each segment says where the one before it ends.
fn set_ends(
    parts: &mut BTreeMap<u64, Part>,
    recovered: &mut Recovered,
    strange: &BTreeSet<u64>,
    damages: &Damages,
) {
    let numbers: Vec<u64> = parts.keys().copied().collect();
    for pair in numbers.windows(2) {
        let [number, next] = *pair else { continue };
        let follows = parts.get(&next).and_then(|part| part.header.previous);
        match follows {
            Some((before, end)) if before == number => {
                if let Some(part) = parts.get_mut(&number) {
                    part.end = Some(end);
                }
            }
            Some((before, _)) if before > number && before < next => {
                let mut from = number + 1;
                for &there in strange.range(from..=before).chain([&(before + 1)]) {
                    if from < there {
                        damages.missing(from, there - 1);
                    }
                    from = there + 1;
                }
            }
            // It followed one that stands before this one, or none. So this one had nothing to say.
            _ => {
                recovered.idle.push(number);
                parts.remove(&number);
            }
        }
    }
}

/// Finds the ends of segments whose follower is missing, but for the last.
pub(super) fn end_all_but_last(parts: &mut BTreeMap<u64, Part>) -> io::Result<()> {
    let last = parts.keys().next_back().copied();
    for (&number, part) in parts.iter_mut() {
        if part.end.is_none() && Some(number) != last {
            part.end = Some(whole_end(part)?);
        }
    }
    Ok(())
}

/// Where the last change ends that was on disk, as far as a segment tells by itself.
fn whole_end(part: &Part) -> io::Result<u64> {
    let (file, salt, limit) = (&*part.file, part.header.salt, part.bytes);
    let mut scan = Scan::new(file, salt, DATA_START, limit, BUFFER_BYTES);
    let mut end = DATA_START;
    let mut durable = None;
    while let Some(found) = scan.next()? {
        match found {
            Found::Frame(seen) if seen.head.has_more => {}
            Found::Frame(_) => end = scan.offset(),
            Found::Bad(offset) => {
                let durable = match durable {
                    Some(durable) => durable,
                    None => *durable.insert(last_group(file, salt, offset, limit)?),
                };
                if offset >= durable || !scan.resume()? {
                    break;
                }
            }
        }
    }
    Ok(end)
}
