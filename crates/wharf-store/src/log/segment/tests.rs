//! Headers, places that are remembered, and reading frame after frame.

use proptest::prelude::*;

use super::*;
use crate::disk::Disk;
use crate::disk::simulated::SimulatedDisk;
use crate::log::frame::{Group, Head, Kind};

fn header() -> impl Strategy<Value = Header> {
    let fields = (
        any::<[u8; 16]>(),
        any::<u64>(),
        any::<u64>(),
        prop::option::of((1..u64::MAX, any::<u64>())),
        any::<i64>(),
    );
    fields.prop_map(|(log, number, salt, previous, time)| Header {
        log,
        number,
        salt,
        previous,
        time,
    })
}

proptest! {
    #[test]
    fn headers_are_read_as_they_were(header in header()) {
        let bytes = header.to_bytes();
        prop_assert_eq!(bytes.len() as u64, DATA_START);
        prop_assert_eq!(Header::read(&bytes), Ok(header));
        prop_assert_eq!(Header::read(&bytes[..79]), Err(NoHeader::Damaged));
    }

    #[test]
    fn a_flipped_bit_of_a_header_is_damage(header in header(), at in 0..80_usize, bit in 0..8_u8) {
        let mut bytes = header.to_bytes();
        bytes[at] ^= 1_u8 << bit;
        prop_assert_eq!(Header::read(&bytes), Err(NoHeader::Damaged));
    }

    #[test]
    fn names_and_numbers_belong_together(found in 1..=u64::MAX / 2) {
        let name = name(found);
        let file = name.strip_prefix("log/").unwrap();
        prop_assert_eq!(number(file), Some(found));
    }

    #[test]
    fn marks_lead_before_what_is_looked_for(
        gaps in prop::collection::vec((0..3_u16, 1..40_000_u32), 1..60),
        wanted in 0..70_u64,
    ) {
        let (mut marks, mut all) = (Marks::default(), Vec::new());
        let (mut offset, mut next) = (4096, [5_u64; 3]);
        for (lane, gap) in gaps {
            let position = next[usize::from(lane)];
            next[usize::from(lane)] += 1;
            let mark = Mark { lane, position, offset };
            marks.add(mark);
            all.push(mark);
            offset += gap;
        }
        for lane in 0..3 {
            let of_lane = || all.iter().filter(move |mark| mark.lane == lane);
            let place = marks.before(lane, wanted);
            let Some(first) = of_lane().next() else {
                prop_assert_eq!(place, None);
                continue;
            };
            let place = place.unwrap();
            prop_assert!(place >= first.offset.into());
            if let Some(exact) = of_lane().find(|mark| mark.position == wanted) {
                prop_assert!(place <= exact.offset.into());
                prop_assert!(u64::from(exact.offset) < place + MARK_DISTANCE);
            }
        }
        prop_assert_eq!(Marks::of(marks.all()), marks);
    }
}

#[test]
fn a_later_format_is_told_by_its_number() {
    let header = Header {
        log: [7; 16],
        number: 3,
        salt: 9,
        previous: None,
        time: 0,
    };
    assert_eq!(Header::read(&newer(header)), Err(NoHeader::Newer(2)));
}

/// The same header as a later version would write it.
pub(crate) fn newer(header: Header) -> Vec<u8> {
    let mut bytes = header.to_bytes();
    bytes[8..12].copy_from_slice(&2_u32.to_le_bytes());
    bytes[12..16].fill(0);
    let checksum = crc32c::crc32c(&bytes[..80]);
    bytes[12..16].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

#[test]
fn other_names_are_no_segments() {
    for name in [
        "1.segment",
        "00000000000000000000.segment",
        "0000000000000000000a.segment",
        "+0000000000000000001.segment",
        "18446744073709551615.segment",
        "99999999999999999999.segment",
        "00000000000000000001.segment~",
        "00000000000000000001",
    ] {
        assert_eq!(number(name), None, "{name}");
    }
}

const SALT: u64 = 0x8123_4567_89ab_cdef;

/// A file with frames of these payloads, one group each, and how long it is.
fn file(payloads: &[Vec<u8>], behind: u64) -> (Box<dyn DiskFile>, Vec<u64>) {
    let disk = SimulatedDisk::with_blocks_of(4096);
    let file = disk.create("file").unwrap();
    let mut offset = DATA_START;
    let mut offsets = Vec::new();
    for payload in payloads {
        let mut group = Group::new(SALT, offset, Vec::new());
        let head = Head {
            kind: Kind::Event,
            has_more: false,
            lane: 1,
            position: offset,
            time: 0,
        };
        group.add(head, |out| out.put(payload));
        file.write_at(&group.bytes, offset).unwrap();
        offsets.push(offset);
        offset += group.bytes.len() as u64;
    }
    offsets.push(offset);
    file.allocate(offset + behind).unwrap();
    (file, offsets)
}

proptest! {
    #[test]
    fn frames_are_found_whatever_is_read_at_once(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..12),
        buffer in 1..400_usize,
        from in any::<prop::sample::Index>(),
    ) {
        let (file, offsets) = file(&payloads, 0);
        let from = from.index(payloads.len());
        let end = offsets[payloads.len()];
        let mut scan = Scan::new(&*file, SALT, offsets[from], end, buffer);
        for (payload, &offset) in payloads.iter().zip(&offsets).skip(from) {
            let Some(Found::Frame(seen)) = scan.next().unwrap() else {
                panic!("no frame at {offset}");
            };
            prop_assert_eq!(seen.offset, offset);
            prop_assert_eq!(scan.payload(&seen), &payload[..]);
        }
        prop_assert!(scan.next().unwrap().is_none());
        scan.jump(offsets[from]);
        prop_assert!(matches!(scan.next().unwrap(), Some(Found::Frame(_))));
    }

    #[test]
    fn behind_a_bad_frame_the_next_whole_one_is_found(
        payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 3..8),
        buffer in 1..400_usize,
        bad in any::<prop::sample::Index>(),
        behind in 0..20_000_u64,
    ) {
        let (file, offsets) = file(&payloads, behind);
        let bad = bad.index(payloads.len());
        file.write_at(b"bad.", offsets[bad] + 4).unwrap();
        let end = offsets[payloads.len()];
        let mut scan = Scan::new(&*file, SALT, offsets[bad], end + behind, buffer);
        let is_bad = matches!(scan.next().unwrap(), Some(Found::Bad(at)) if at == offsets[bad]);
        prop_assert!(is_bad);
        let is_more = scan.resume().unwrap();
        prop_assert_eq!(is_more, bad + 1 < payloads.len());
        if is_more {
            prop_assert_eq!(scan.offset(), offsets[bad + 1]);
            prop_assert!(matches!(scan.next().unwrap(), Some(Found::Frame(_))));
        }
    }
}
