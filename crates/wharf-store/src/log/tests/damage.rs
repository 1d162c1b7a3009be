//! What is told and what is still read when bytes of a log are not what was written.

use std::ops::Range;
use std::time::{Duration, Instant};

use super::hand::{Hand, event, keyed, lane, name};
use super::{exception, step_with};
use crate::Damage;
use crate::disk::simulated::SimulatedDisk;
use crate::error::OpenError;
use crate::events::{Event, OwnedLane, Step};
use crate::log::frame::Kind as FrameKind;
use crate::log::recover::marks;
use crate::log::segment::{self, DATA_START, Found, Header, Scan};
use crate::log::state::State;
use crate::sampled;

/// Three segments with events, steps and owners, the last one as a kill leaves it.
struct Life {
    disk: SimulatedDisk,
    events: Vec<Event>,
    state: State,
    /// For each segment, where what was written to it ends.
    ends: Vec<(u64, u64)>,
}

const PAGES: u64 = 4096;

fn live() -> Life {
    let disk = SimulatedDisk::with_blocks_of(PAGES);
    let mut hand = Hand::open(&disk).unwrap();
    let mut mine = hand.own(lane()).unwrap();
    for segment in 0..3 {
        if segment > 0 {
            hand.roll().unwrap();
        }
        if segment == 1 {
            mine = hand.own(lane()).unwrap();
        }
        fill(&mut hand, &mine, segment);
        if segment == 0 {
            // So that it is the longest.
            for _ in 0..9 {
                let step = step_with(None, Vec::new());
                hand.advance(&mine, &name("h"), step).unwrap();
            }
        }
    }
    let (events, state) = (hand.events(lane()), hand.state().clone());
    assert_eq!(events.len(), 18);
    let ends = hand.segment_ends();
    Life {
        disk: disk.after_kill(),
        events,
        state,
        ends,
    }
}

fn fill(hand: &mut Hand, mine: &OwnedLane, segment: u64) {
    for round in 0..3 {
        let key = |number: u64| keyed(&format!("{segment}-{round}-{number}"));
        let pair = vec![key(0), key(1)];
        hand.append(mine.id, Some(mine.epoch), pair).unwrap();
        let head = hand.state().head(lane().number());
        let step = step_with(Some(head), vec![exception(head - 1)]);
        hand.advance(mine, &name("h"), step).unwrap();
    }
    let gone = name("gone");
    hand.advance(mine, &gone, Step::default()).unwrap();
    assert!(hand.forget(mine, &gone).unwrap());
}

/// What is there, and what is told to be damaged.
#[derive(Debug, PartialEq)]
pub(super) struct Look {
    /// Of all lanes.
    pub(super) events: Vec<Event>,
    pub(super) state: State,
    pub(super) damages: Vec<Damage>,
    pub(super) missing: Vec<(u64, u64)>,
}

fn look(disk: &SimulatedDisk) -> Look {
    let hand = Hand::open(disk).unwrap();
    Look {
        events: hand.all_events(),
        state: hand.state().clone(),
        damages: hand.damages(),
        missing: hand.missing(),
    }
}

/// Twice, which is to come to the same.
pub(super) fn look_twice(disk: &SimulatedDisk, context: &str) -> Look {
    let first = look(disk);
    let second = look(disk);
    // What the next segment says too is not looked at again.
    let is_known = |damage: &Damage| first.damages.contains(damage);
    assert!(second.damages.iter().all(is_known), "{context}: {second:?}");
    assert_eq!(second.events, first.events, "{context}: a second look");
    assert_eq!(second.state, first.state, "{context}: a second look");
    assert_eq!(second.missing, first.missing, "{context}: a second look");
    first
}

impl Life {
    /// Nothing is there that was not written, and what is missing was told to be damaged or stood in
    /// the last group, which nobody can tell from one that was never whole.
    fn verify(&self, found: &Look, last_group: u64, context: &str) {
        for event in &found.events {
            assert!(
                self.events.contains(event),
                "{context}: {event:?} was invented"
            );
        }
        for (number, event) in (0..).zip(&self.events) {
            let is_told = !found.damages.is_empty() || !found.missing.is_empty();
            let is_there = found.events.contains(event);
            assert!(
                is_there || is_told || number >= last_group,
                "{context}: event {number} is gone, and nobody says so"
            );
        }
        let positions: Vec<_> = found.events.iter().map(|of| of.place.position).collect();
        assert!(positions.is_sorted(), "{context}");
    }

    fn name(&self, nth: usize) -> String {
        segment::name(self.ends[nth].0)
    }
}

/// A field of a frame or a header: the bytes of a segment in which it stands, and what it is.
struct Field {
    bytes: Range<u64>,
    what: &'static str,
    /// None for what is in the header.
    kind: Option<FrameKind>,
}

/// The fields of a segment.
fn fields(disk: &SimulatedDisk, number: u64) -> Vec<Field> {
    let field = |at: u64, bytes: u64, what, kind| Field {
        bytes: at..at + bytes,
        what,
        kind,
    };
    let mut fields: Vec<Field> = [
        (0, 8, "magic"),
        (8, 4, "format"),
        (12, 4, "header checksum"),
        (16, 16, "log"),
        (32, 8, "number"),
        (40, 8, "salt"),
        (48, 8, "previous"),
        (56, 8, "end of previous"),
        (64, 8, "time"),
        (72, 8, "zero"),
    ]
    .map(|(at, bytes, what)| field(at, bytes, what, None))
    .into();
    let (file, header) = segment::read_header(disk, number).unwrap();
    let header = header.unwrap();
    let end = file.bytes().unwrap();
    let mut scan = Scan::new(&*file, header.salt, DATA_START, end, 4096);
    while let Some(Found::Frame(seen)) = scan.next().unwrap() {
        let in_frame = [
            (0, 4, "length"),
            (4, 4, "checksum"),
            (8, 1, "kind"),
            (9, 1, "flags"),
            (10, 2, "lane"),
            (12, 4, "group"),
            (16, 8, "position"),
            (24, 8, "time of frame"),
        ];
        let payload = scan.payload(&seen).len() as u64;
        let padding = scan.offset() - seen.offset - 32 - payload;
        let behind = [(32, payload, "payload"), (32 + payload, padding, "padding")];
        for (at, bytes, what) in in_frame.into_iter().chain(behind) {
            if bytes > 0 {
                fields.push(field(seen.offset + at, bytes, what, Some(seen.head.kind)));
            }
        }
    }
    fields
}

/// The bits of a field that are turned around: one each in the first byte, the middle and the last,
/// or all where a proof asks for it.
fn bits_of(field: &Field) -> Vec<(u64, u8)> {
    let Range { start, end } = field.bytes.clone();
    let each = |at: u64| sampled::bits(at).map(move |bit| (at, bit));
    let mut bytes: Vec<u64> = if sampled::is_every() {
        (start..end).collect()
    } else {
        vec![start, start + (end - start) / 2, end - 1]
    };
    bytes.dedup();
    bytes.into_iter().flat_map(each).collect()
}

#[test]
fn a_bit_flipped_in_each_field_is_told_and_costs_nothing_else() {
    let life = live();
    let last_group = life.last_group_start();
    let mut kinds = Vec::new();
    let mut flips = Vec::new();
    for nth in 0..3 {
        let disk = life.disk.after_kill();
        for field in fields(&disk, life.ends[nth].0) {
            let name = field.kind.map_or(String::new(), |kind| format!("{kind:?}"));
            let what = format!("{}, {}", name, field.what);
            flips.extend(
                bits_of(&field)
                    .into_iter()
                    .map(|bit| (nth, bit, what.clone())),
            );
            kinds.push(name);
        }
    }
    kinds.sort();
    kinds.dedup();
    let all = [
        "",
        "Begun",
        "Event",
        "Forgotten",
        "Handler",
        "Index",
        "Lanes",
        "Own",
        "Step",
    ];
    assert_eq!(kinds, all);
    sampled::each("bits of segments", &flips, |(nth, (at, bit), what)| {
        flip(&life, last_group, *nth, (*at, *bit), what);
    });
}

fn flip(life: &Life, last_group: u64, nth: usize, (at, bit): (u64, u8), what: &str) {
    let (number, end) = life.ends[nth];
    let disk = life.disk.after_kill();
    disk.flip(&life.name(nth), at, bit);
    let context = format!("segment {number}, byte {at} of {end}, bit {bit}, {what}");
    let found = look_twice(&disk, &context);
    life.verify(&found, 18, &context);
    if nth == 2 && at >= last_group {
        return;
    }
    if found.damages.is_empty() {
        // What stands there is also in a later one, and nobody looked at it.
        assert_eq!(found.events, life.events, "{context}");
        assert_eq!(found.state, life.state, "{context}");
        assert!(nth < 2, "{context}");
        return;
    }
    // The right place, and no more than one frame or the header.
    let told: Vec<_> = found
        .damages
        .iter()
        .filter(|of| of.segment == number)
        .collect();
    assert_eq!(told.len(), 1, "{context}: {:?}", found.damages);
    assert!(
        (told[0].from..told[0].to).contains(&at),
        "{context}: {told:?}"
    );
    if at < DATA_START {
        return;
    }
    assert!(told[0].to - told[0].from < 800, "{context}: {told:?}");
    assert_eq!(found.missing, [], "{context}");
    assert!(
        found.events.len() >= 17,
        "{context}: {}",
        found.events.len()
    );
    let lane = lane().number();
    assert_eq!(found.state.head(lane), life.state.head(lane), "{context}");
}

impl Life {
    /// Where the last group of the last segment begins.
    fn last_group_start(&self) -> u64 {
        let disk = self.disk.after_kill();
        let (file, header) = segment::read_header(&disk, self.ends[2].0).unwrap();
        let salt = header.unwrap().salt;
        let mut scan = Scan::new(&*file, salt, DATA_START, self.ends[2].1, 4096);
        let mut last = 0;
        while let Some(Found::Frame(seen)) = scan.next().unwrap() {
            last = seen.group;
        }
        last
    }
}

#[test]
fn the_last_segment_is_cut_at_each_byte() {
    let life = live();
    let (number, end) = life.ends[2];
    for bytes in (0..=end + 3).filter(|at| *at < 100 || *at > DATA_START - 20) {
        let disk = life.disk.after_kill();
        disk.cut(&life.name(2), bytes);
        let context = format!("segment {number} cut at {bytes} of {end}");
        let found = look_twice(&disk, &context);
        // Of a group that is not whole there is nothing, or whole changes.
        let events = &found.events[..];
        assert_eq!(events, &life.events[..events.len()], "{context}");
        assert!(
            events.len() >= 12 && events.len().is_multiple_of(2),
            "{context}"
        );
        if bytes >= end {
            assert_eq!(found.state, life.state, "{context}");
        }
        if bytes < DATA_START {
            assert_eq!(found.damages.len(), 1, "{context}");
        }
    }
}

#[test]
fn the_last_segment_is_zero_from_each_byte_on() {
    let life = live();
    let (_, end) = life.ends[2];
    let whole = life.disk.contents(&life.name(2)).unwrap();
    for from in (DATA_START..end).step_by(3) {
        let disk = life.disk.after_kill();
        let mut bytes = whole.clone();
        bytes[usize::try_from(from).unwrap()..].fill(0);
        disk.put(&life.name(2), &bytes);
        let context = format!("zero from {from} of {end}");
        let found = look_twice(&disk, &context);
        let events = &found.events[..];
        assert_eq!(events, &life.events[..events.len()], "{context}");
        assert!(
            events.len() >= 12 && events.len().is_multiple_of(2),
            "{context}"
        );
    }
}

#[test]
fn a_segment_that_is_missing_in_the_middle_is_told() {
    let life = live();
    let disk = life.disk.after_kill();
    crate::disk::Disk::remove(&disk, &life.name(1)).unwrap();
    let found = look_twice(&disk, "middle");
    let number = life.ends[1].0;
    assert_eq!(found.missing, [(number, number)]);
    assert_eq!(found.damages, []);
    let expected = [&life.events[..6], &life.events[12..]].concat();
    assert_eq!(found.events, expected);
    assert_eq!(found.state, life.state);
}

#[test]
fn without_the_first_segment_the_rest_is_as_retention_leaves_it() {
    let life = live();
    let disk = life.disk.after_kill();
    crate::disk::Disk::remove(&disk, &life.name(0)).unwrap();
    let found = look_twice(&disk, "first");
    assert_eq!((found.missing, found.damages), (vec![], vec![]));
    assert_eq!(found.events, life.events[6..]);
    assert_eq!(found.state, life.state);
}

#[test]
fn without_the_last_segment_what_was_before_it_is_there() {
    let life = live();
    let disk = life.disk.after_kill();
    crate::disk::Disk::remove(&disk, &life.name(2)).unwrap();
    let found = look_twice(&disk, "last");
    assert_eq!(found.events, life.events[..12]);
}

#[test]
fn half_a_folder_is_read_as_far_as_it_goes() {
    let life = live();
    for kept in 0..8_u32 {
        let disk = life.disk.after_kill();
        for nth in 0..3 {
            if kept & (1 << nth) == 0 {
                crate::disk::Disk::remove(&disk, &life.name(nth)).unwrap();
            }
        }
        let context = format!("kept {kept:03b}");
        let found = look_twice(&disk, &context);
        for nth in 0..3 {
            let of_segment = &life.events[nth * 6..nth * 6 + 6];
            let there = of_segment
                .iter()
                .filter(|event| found.events.contains(event))
                .count();
            let expected = if kept & (1 << nth) == 0 { 0 } else { 6 };
            assert_eq!(there, expected, "{context}, segment {nth}");
        }
    }
}

#[test]
fn a_foreign_file_is_named_and_left_alone() {
    let life = live();
    let disk = life.disk.after_kill();
    for name in [
        "log/notes.txt",
        "log/7.segment",
        "log/18446744073709551615.segment",
    ] {
        disk.put(name, b"mine");
    }
    let (writer, _, foreign) = crate::log::prepare(
        &(std::sync::Arc::new(disk.clone()) as _),
        super::hand::SEGMENT_BYTES,
    )
    .unwrap();
    drop(writer);
    let names = ["18446744073709551615.segment", "7.segment", "notes.txt"];
    assert_eq!(foreign, names);
    assert_eq!(look(&disk).events, life.events);
    assert_eq!(disk.contents("log/notes.txt").unwrap(), b"mine");
}

#[test]
fn a_segment_of_another_log_is_refused_and_left_alone() {
    let life = live();
    let other = live();
    let disk = life.disk.after_kill();
    let strange = other.disk.contents(&other.name(1)).unwrap();
    disk.put(&life.name(1), &strange);
    let error = Hand::open(&disk).err().unwrap();
    assert!(matches!(error, OpenError::LogMixed { .. }), "{error}");
    assert!(error.to_string().contains(&life.name(1)), "{error}");
    assert_eq!(disk.contents(&life.name(1)).unwrap(), strange);
}

#[test]
fn a_segment_under_another_ones_name_is_damage() {
    let life = live();
    let disk = life.disk.after_kill();
    disk.put(&life.name(1), &life.disk.contents(&life.name(0)).unwrap());
    let found = look_twice(&disk, "copied");
    let expected = [&life.events[..6], &life.events[12..]].concat();
    assert_eq!(found.events, expected);
    assert_eq!(
        (found.damages.len(), found.damages[0].segment),
        (1, life.ends[1].0)
    );
}

#[test]
fn a_newer_format_is_refused_and_left_alone() {
    let life = live();
    let disk = life.disk.after_kill();
    let (_, header) = segment::read_header(&disk, life.ends[2].0).unwrap();
    let newer = segment::tests::newer(header.unwrap());
    disk.put(&life.name(2), &newer);
    let error = Hand::open(&disk).err().unwrap();
    assert!(
        matches!(error, OpenError::LogNewer { format: 2, .. }),
        "{error}"
    );
    assert_eq!(disk.contents(&life.name(2)).unwrap(), newer);
}

#[test]
fn blocks_of_an_older_segment_inside_a_new_one_are_no_frames() {
    let life = live();
    let old = life.disk.contents(&life.name(0)).unwrap();
    let (_, end) = life.ends[2];
    let whole = life.disk.contents(&life.name(2)).unwrap();
    // What is stale lies behind the end, or took the place of the last blocks that were written.
    for start in [end, DATA_START] {
        let disk = life.disk.after_kill();
        let mut bytes = whole.clone();
        let range = usize::try_from(start).unwrap()..old.len().min(bytes.len());
        bytes[range.clone()].copy_from_slice(&old[range]);
        disk.put(&life.name(2), &bytes);
        let context = format!("stale from {start} on");
        let found = look_twice(&disk, &context);
        let count = if start == end { 18 } else { 12 };
        assert_eq!(found.events, life.events[..count], "{context}");
        if start == DATA_START {
            assert_eq!(found.damages.len(), 1, "{context}");
        } else {
            assert_eq!(
                (found.damages, found.state),
                (vec![], life.state.clone()),
                "{context}"
            );
        }
    }
}

#[test]
fn frames_of_the_same_segment_at_another_place_are_none() {
    let life = live();
    let (_, end) = life.ends[2];
    let mut bytes = life.disk.contents(&life.name(2)).unwrap();
    let end = usize::try_from(end).unwrap();
    let start = usize::try_from(DATA_START).unwrap();
    // A write that went to a wrong place.
    bytes.copy_within(start..end, end);
    let disk = life.disk.after_kill();
    disk.put(&life.name(2), &bytes);
    let found = look_twice(&disk, "moved");
    assert_eq!((found.events, found.damages), (life.events.clone(), vec![]));
}

/// Bodies that look like frames: lengths and groups that a salt makes plausible at as many places as
/// can be, made by somebody who knows everything but the salt.
fn hostile(bytes: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(3);
    let mut body = Vec::with_capacity(bytes);
    while body.len() < bytes {
        // The upper bit of each half is known: a length of 17 MiB, and a group near the start.
        body.extend((0x8000_0000_u32 | (random.u32(..1 << 7) << 24)).to_le_bytes());
        body.extend((0x8000_0000_u32 | (random.u32(..1 << 8) << 23)).to_le_bytes());
    }
    body
}

#[test]
fn bodies_that_look_like_frames_cost_little_time_in_a_damaged_segment() {
    let disk = SimulatedDisk::with_blocks_of(64 * 1024);
    let mut hand = Hand::with_segments_of(&disk, 64 * 1024 * 1024).unwrap();
    let mine = hand.own(lane()).unwrap();
    hand.append(mine.id, Some(mine.epoch), vec![event(b"first")])
        .unwrap();
    let body = hostile(4 * 1024 * 1024);
    hand.append(mine.id, Some(mine.epoch), vec![event(&body); 1])
        .unwrap();
    let (number, bad) = *hand.segment_ends().last().unwrap();
    for _ in 0..2 {
        hand.append(mine.id, Some(mine.epoch), vec![event(&body)])
            .unwrap();
    }
    hand.append(mine.id, Some(mine.epoch), vec![event(b"last")])
        .unwrap();
    drop(hand);
    let disk = disk.after_kill();
    // Two of the bodies lie behind no frame any more.
    disk.flip(&segment::name(number), bad + 4, 0);
    let started = Instant::now();
    let hand = Hand::with_segments_of(&disk, 64 * 1024 * 1024).unwrap();
    let took = started.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    let damages = hand.damages();
    assert_eq!(damages.len(), 1, "{damages:?}");
    assert_eq!((damages[0].segment, damages[0].from), (number, bad));
    let events = hand.events(lane());
    assert_eq!(events.len(), 4);
    assert_eq!(&events[3].body[..], b"last");
}

#[test]
fn a_body_that_is_a_copy_of_frames_is_a_body() {
    let life = live();
    let (_, end) = life.ends[2];
    let bytes = life.disk.contents(&life.name(2)).unwrap();
    let frames = &bytes[usize::try_from(DATA_START).unwrap()..usize::try_from(end).unwrap()];
    let disk = life.disk.after_kill();
    let mut hand = Hand::open(&disk).unwrap();
    let mine = hand.own(lane()).unwrap();
    let number = hand.segment_ends().last().unwrap().0;
    // Even of this very log, and with each place of eight bytes tried.
    for shift in 0..2 {
        let body = [&vec![0; 4 * shift][..], frames].concat();
        hand.append(mine.id, Some(mine.epoch), vec![event(&body)])
            .unwrap();
        let (_, bad) = *hand.segment_ends().last().unwrap();
        hand.append(mine.id, Some(mine.epoch), vec![event(b"behind")])
            .unwrap();
        let _ = bad;
    }
    let offsets = hand.event_offsets(number);
    drop(hand);
    let disk = disk.after_kill();
    disk.flip(&segment::name(number), offsets[0] + 5, 0);
    let found = look_twice(&disk, "copied");
    assert_eq!(found.damages.len(), 1);
    assert_eq!(found.damages[0].from, offsets[0]);
    assert_eq!(found.damages[0].to, offsets[1]);
    assert_eq!(found.events.len(), 18 + 3);
}

#[test]
fn an_index_at_the_end_says_what_reading_finds() {
    let disk = SimulatedDisk::with_blocks_of(PAGES);
    let mut hand = Hand::with_segments_of(&disk, 2 * 1024 * 1024).unwrap();
    let mine = hand.own(lane()).unwrap();
    for number in 0..60_u16 {
        let one = event(&vec![b'x'; 3_000 + usize::from(number) * 300]);
        let shared = crate::LaneId::shared(u64::from(number % 3));
        hand.append(shared, None, vec![one.clone()]).unwrap();
        hand.append(mine.id, Some(mine.epoch), vec![one]).unwrap();
    }
    let number = hand.segment_ends().last().unwrap().0;
    hand.roll().unwrap();
    drop(hand);
    let hand = Hand::open(&disk.after_kill()).unwrap();
    let segment = hand.segment(number);
    let written = crate::log::read::marks(&segment).unwrap();
    assert!(written.all().len() > 8);
    assert_eq!(*written, marks(&segment).unwrap());
}

/// The header of a segment is told to be another one's by each of its fields.
#[test]
fn a_header_that_is_whole_says_where_the_one_before_ends() {
    let life = live();
    for nth in 1..3 {
        let (_, header) = segment::read_header(&life.disk, life.ends[nth].0).unwrap();
        let Header { previous, .. } = header.unwrap();
        assert_eq!(previous, Some(life.ends[nth - 1]));
    }
}
