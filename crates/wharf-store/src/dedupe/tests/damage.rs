//! Files that are not what was written: told, moved away, and never taken for "not there".

use std::collections::BTreeSet;
use std::io;

use super::super::format::{HEAD_BYTES, Head, PAGE_BYTES, decode_page, encode_page};
use super::super::write::name_of;
use super::*;
use crate::disk::simulated::{Fault, Kind, Wrong};
use crate::sampled;

const COUNT: u64 = 130;

/// A disk with one run of two pages, and the path of it.
fn one_run() -> (SimulatedDisk, String) {
    let (disk, mut dedupe) = new();
    (0..COUNT).for_each(|number| insert(&mut dedupe, number, 5, 3));
    freeze(&mut dedupe, 3);
    (disk, format!("{FOLDER}/{}", name_of(1, 1)))
}

/// Opens what was damaged, reads its keys again as the log would, and expects all to be there.
fn expect_told(disk: &SimulatedDisk, path: &str) {
    let opened = open(disk);
    let mut dedupe = opened.dedupe;
    if opened.damaged.is_empty() {
        // It lies in a page, and the page is known by its keys.
        let mut errors: Vec<io::Error> = Vec::new();
        for number in 0..COUNT {
            match dedupe.find(&key(number)) {
                Ok(found) => assert_eq!(found, Some(place(number)), "not told of"),
                Err(error) => errors.push(error),
            }
        }
        let damage = damage(errors.first().unwrap()).unwrap().clone();
        assert!(damage.offset >= HEAD_BYTES as u64);
        assert!(opened.sealed.contains(3));
        dedupe.set_aside(&damage).unwrap();
    } else {
        assert!(!opened.sealed.contains(3));
    }
    assert!(!dedupe.sealed_segments().contains(3));
    assert_eq!(disk.contents(path), None);
    let aside = path.replace(&format!("{FOLDER}/"), &format!("{QUARANTINE}/dedupe-"));
    assert!(disk.contents(&aside).is_some());
    (0..COUNT).for_each(|number| insert(&mut dedupe, number, 5, 3));
    freeze(&mut dedupe, 3);
    let again = open(disk);
    assert!(again.damaged.is_empty());
    assert!(again.sealed.contains(3));
    assert!((0..COUNT).all(|number| found(&again.dedupe, number) == Some(number)));
}

#[test]
fn a_bit_turned_anywhere_is_told() {
    let (disk, path) = one_run();
    let bytes = disk.contents(&path).unwrap().len() as u64;
    // All of the head's fields, of a page's head and of one of its keys; then some of all else.
    let pages = [1, 2].map(|page| page * HEAD_BYTES as u64);
    let page = pages.into_iter().flat_map(|start| start..start + 50);
    let fields = (0..160).chain(page).chain(bytes - 33..bytes);
    let bits = fields.flat_map(|at| sampled::bits(at).map(move |bit| (at, bit)));
    let others = sampled::sample(160..bytes, 61);
    let others = others
        .into_iter()
        .map(|at| (at, u8::try_from(at % 8).unwrap()));
    let bits: BTreeSet<_> = bits.chain(others).collect();
    let bits: Vec<_> = bits.into_iter().collect();
    sampled::each("bits of files of keys", &bits, |&(offset, bit)| {
        let damaged = disk.after_kill();
        damaged.flip(&path, offset, bit);
        expect_told(&damaged, &path);
    });
}

#[test]
fn a_file_cut_anywhere_is_told() {
    let (disk, path) = one_run();
    let bytes = disk.contents(&path).unwrap().len() as u64;
    for length in 0..bytes {
        let damaged = disk.after_kill();
        damaged.cut(&path, length);
        let opened = open(&damaged);
        assert_eq!(opened.damaged.len(), 1, "cut to {length}");
        assert!(!opened.sealed.contains(3));
        assert_eq!(found(&opened.dedupe, 1), None);
    }
    let longer = disk.contents(&path).unwrap();
    disk.put(&path, &[longer, vec![0]].concat());
    assert_eq!(open(&disk).damaged.len(), 1);
}

#[test]
fn pages_in_each_others_place_are_told() {
    let (disk, path) = one_run();
    let mut bytes = disk.contents(&path).unwrap();
    let (one, two) = bytes[HEAD_BYTES..].split_at_mut(PAGE_BYTES);
    one.swap_with_slice(&mut two[..PAGE_BYTES]);
    disk.put(&path, &bytes);
    expect_told(&disk, &path);
}

#[test]
fn a_page_is_its_own_only_in_its_place() {
    let entries = [Entry {
        key: key(1),
        place: place(1),
        time: 5,
    }];
    let mut page = Vec::new();
    encode_page(&mut page, 7, &entries);
    assert_eq!(decode_page(&page, 7, 1).unwrap(), entries);
    let elsewhere = decode_page(&page, 8, 1).unwrap_err();
    assert_eq!(elsewhere, "a page lies in the place of another");
    let fewer = decode_page(&page, 7, 2).unwrap_err();
    assert_eq!(fewer, "a page holds another number of keys than it should");
    assert_eq!(
        decode_page(&page[..4095], 7, 1).unwrap_err(),
        "a page is cut off"
    );
}

#[test]
fn damage_says_where_it_is_and_what_to_do() {
    let (disk, path) = one_run();
    disk.flip(&path, 9000, 0);
    let dedupe = open(&disk).dedupe;
    let error = (0..COUNT)
        .find_map(|number| dedupe.find(&key(number)).err())
        .unwrap();
    assert_eq!(
        error.to_string(),
        "the file of keys 0000000000000001-0000000000000001.run is damaged at byte 8192: the checksum \
         of a page is wrong; set it aside and read the keys of its segments from the log again"
    );
}

#[test]
fn a_merge_does_not_write_over_damage() {
    let (disk, mut dedupe) = new();
    for segment in 0..5 {
        insert(&mut dedupe, segment, 0, segment);
        freeze(&mut dedupe, segment);
    }
    disk.flip(&format!("{FOLDER}/{}", name_of(2, 2)), 4200, 0);
    let merge = dedupe.merge(0).unwrap();
    let error = merge.run().unwrap_err();
    let damage = damage(&error).unwrap().clone();
    assert_eq!(damage.file, name_of(2, 2));
    assert_eq!(run_names(&disk).len(), 5);
    dedupe.set_aside(&damage).unwrap();
    assert!(dedupe.merge(0).is_none(), "nothing is joined over the gap");
    let there: Vec<bool> = (0..5)
        .map(|number| found(&dedupe, number).is_some())
        .collect();
    assert_eq!(there, [true, false, true, true, true]);
    insert(&mut dedupe, 1, 0, 1);
    freeze(&mut dedupe, 1);
    let opened = open(&disk);
    assert!((0..5).all(|segment| opened.sealed.contains(segment)));
    assert!((0..5).all(|number| found(&opened.dedupe, number) == Some(number)));
}

#[test]
fn a_later_format_is_refused_and_left_alone() {
    let (disk, path) = one_run();
    let mut bytes = disk.contents(&path).unwrap();
    bytes[12] = 2;
    let checksum = crc32c::crc32c(&bytes[12..HEAD_BYTES]).to_le_bytes();
    bytes[8..12].copy_from_slice(&checksum);
    disk.put(&path, &bytes);
    let error = Dedupe::open(Arc::new(disk.clone()), Duration::from_secs(1)).unwrap_err();
    let newer: &NewerRun = error.get_ref().unwrap().downcast_ref().unwrap();
    assert_eq!(newer.format, 2);
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    assert!(
        error.to_string().contains("format 2, which is newer"),
        "{error}"
    );
    assert_eq!(disk.contents(&path).unwrap(), bytes);
}

#[test]
fn what_the_disk_cannot_read_is_set_aside() {
    let (disk, path) = one_run();
    disk.at_next(Kind::Read, Fault::Before(Wrong::Broken));
    let opened = open(&disk);
    assert_eq!(opened.damaged[0].damage.what, "the disk cannot read it");
    let aside = opened.damaged[0].path.to_str().unwrap();
    assert!(aside.ends_with("/quarantine/dedupe-0000000000000001-0000000000000001.run"));
    assert!(!opened.sealed.contains(3));
    assert_eq!(disk.contents(&path), None);
}

#[test]
fn foreign_files_stay_where_they_are() {
    let (disk, _) = one_run();
    let names = [
        "notes.txt",
        "0-0.run",
        "0000000000000000-0000000000000000.run",
        "x.run",
    ];
    for name in names {
        disk.put(&format!("{FOLDER}/{name}"), b"mine");
    }
    let opened = open(&disk);
    assert!(opened.damaged.is_empty());
    for name in names {
        assert_eq!(disk.contents(&format!("{FOLDER}/{name}")).unwrap(), b"mine");
    }
}

#[test]
fn a_file_under_the_name_of_another_is_told() {
    let (disk, path) = one_run();
    let bytes = disk.contents(&path).unwrap();
    disk.put(&format!("{FOLDER}/{}", name_of(2, 9)), &bytes);
    let opened = open(&disk);
    assert_eq!(
        opened.damaged[0].damage.what,
        "its name is not that of its batches"
    );
    assert_eq!(found(&opened.dedupe, 5), Some(5));
    let mut dedupe = opened.dedupe;
    insert(&mut dedupe, 1000, 0, 4);
    freeze(&mut dedupe, 4);
    assert!(
        run_names(&disk).contains(&name_of(10, 10)),
        "its numbers are not given again"
    );
}

#[test]
fn a_head_is_read_as_it_was_written() {
    let head = Head {
        first_batch: 1,
        last_batch: 2,
        count: 3,
        oldest: 4,
        newest: 5,
        hash_count: 6,
        filter_words: 7,
        filter_checksum: 8,
        fences_checksum: 9,
        claims: vec![Claim::from_numbers([1, 2, 3, 4]); 125],
    };
    let bytes = head.encode();
    assert_eq!(bytes.len(), HEAD_BYTES);
    assert_eq!(Head::decode(&bytes), Ok(head));
    // The documented places.
    assert_eq!(&bytes[..8], b"WHARFRUN");
    let places = [
        (12, 1),
        (14, 6),
        (16, 1),
        (24, 2),
        (32, 3),
        (40, 4),
        (48, 5),
        (56, 7),
        (64, 8),
        (68, 9),
    ];
    for (at, value) in places
        .into_iter()
        .chain([(72, 125), (96, 1), (104, 2), (112, 3), (120, 4)])
    {
        assert_eq!(bytes[at], value, "byte {at}");
    }
}
