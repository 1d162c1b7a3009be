//! What the simulated disk finds, keeps and loses.

mod conformance;

use std::collections::BTreeSet;
use std::io;

use super::super::Disk as _;
use super::*;

/// Every content of a file that may be found, with `None` for no file.
fn found(disk: &SimulatedDisk, name: &str) -> BTreeSet<Option<Vec<u8>>> {
    let mut found = BTreeSet::new();
    let all = disk.every_power_loss(100_000, |after| {
        found.insert(after.contents(name));
    });
    assert!(all, "few enough to see them all");
    found
}

fn texts(found: &BTreeSet<Option<Vec<u8>>>) -> Vec<String> {
    let text = |content: &Option<Vec<u8>>| match content {
        Some(bytes) => bytes.escape_ascii().to_string(),
        None => "none".to_owned(),
    };
    found.iter().map(text).collect()
}

fn kind<T>(result: io::Result<T>) -> Option<io::ErrorKind> {
    result.err().map(|error| error.kind())
}

#[test]
fn what_was_synced_with_its_folder_is_there_in_every_way() {
    let disk = SimulatedDisk::default();
    let file = disk.create("a").unwrap();
    file.write_at(b"kept", 0).unwrap();
    file.sync().unwrap();
    disk.sync_folder("").unwrap();
    assert_eq!(texts(&found(&disk, "a")), ["kept"]);
}

#[test]
fn a_synced_file_is_gone_when_its_folder_was_not() {
    let disk = SimulatedDisk::default();
    let file = disk.create("a").unwrap();
    file.write_at(b"kept", 0).unwrap();
    file.sync().unwrap();
    assert_eq!(texts(&found(&disk, "a")), ["none", "kept"]);
}

#[test]
fn an_unsynced_write_is_there_or_not_or_torn_and_of_any_length() {
    let disk = SimulatedDisk::default();
    disk.put("a", b"1234");
    let file = disk.open_to_write("a").unwrap();
    file.write_at(b"abcd", 0).unwrap();
    let of_one = ["1234", "a234", "ab34", "abc4", "abcd"];
    assert_eq!(texts(&found(&disk, "a")), of_one);
    file.write_at(b"ef", 4).unwrap();
    let longer = texts(&found(&disk, "a"));
    for may_be in [
        "1234",
        "abcd",
        "abcdef",
        "1234\\x00\\x00",
        "abcde\\x00",
        "a234\\x00\\x00",
    ] {
        assert!(
            longer.contains(&may_be.to_owned()),
            "{may_be} in {longer:?}"
        );
    }
    assert!(
        !longer.contains(&"1234ef".to_owned()),
        "a block holds what it held once"
    );
    file.sync().unwrap();
    assert_eq!(texts(&found(&disk, "a")), ["abcdef"]);
}

#[test]
fn blocks_of_one_write_are_lost_one_by_one_and_in_any_order() {
    let disk = SimulatedDisk::default();
    disk.put("a", &[0; 1536]);
    let file = disk.open_to_write("a").unwrap();
    file.write_at(&[1; 1536], 0).unwrap();
    let mut whole_blocks = BTreeSet::new();
    for content in found(&disk, "a") {
        let content = content.unwrap();
        let blocks: Vec<bool> = content.chunks(512).map(|block| block == [1; 512]).collect();
        whole_blocks.insert(blocks);
    }
    assert_eq!(whole_blocks.len(), 8, "every subset of three");
}

#[test]
fn a_longer_file_ends_anywhere_in_the_write() {
    let disk = SimulatedDisk::default();
    disk.put("a", b"");
    let file = disk.open_to_write("a").unwrap();
    file.write_at(&[1; 1100], 0).unwrap();
    let lengths: BTreeSet<usize> = found(&disk, "a")
        .into_iter()
        .map(|all| all.unwrap().len())
        .collect();
    assert_eq!(lengths, BTreeSet::from([0, 512, 1024, 1100]));
}

#[test]
fn pages_are_torn_from_either_end() {
    let disk = SimulatedDisk::with_blocks_of(PAGE_BYTES);
    disk.put("a", &[b'0'; 4096]);
    let file = disk.open_to_write("a").unwrap();
    file.write_at(&[b'1'; 4096], 0).unwrap();
    let ends: BTreeSet<(u8, u8)> = found(&disk, "a")
        .into_iter()
        .map(|all| all.map(|all| (all[0], all[4095])).unwrap())
        .collect();
    let all = BTreeSet::from([(b'0', b'0'), (b'0', b'1'), (b'1', b'0'), (b'1', b'1')]);
    assert_eq!(ends, all);
}

#[test]
fn after_a_kill_all_is_there_and_still_unsynced() {
    let disk = SimulatedDisk::default();
    let file = disk.create("a").unwrap();
    file.write_at(b"1", 0).unwrap();
    let after = disk.after_kill();
    assert_eq!(after.contents("a").unwrap(), b"1");
    assert_eq!(texts(&found(&after, "a")), ["none", "", "\\x00", "1"]);
    file.write_at(b"2", 0).unwrap();
    assert_eq!(
        after.contents("a").unwrap(),
        b"1",
        "another disk from then on"
    );
}

#[test]
fn names_of_a_folder_are_found_up_to_any_change() {
    let disk = SimulatedDisk::default();
    disk.put("old", b"old");
    disk.put("new.tmp", b"new");
    disk.rename("new.tmp", "old").unwrap();
    disk.create("later").unwrap();
    disk.remove("old").unwrap();
    let mut seen = BTreeSet::new();
    assert!(disk.every_power_loss(100, |after| {
        let names: Vec<String> = after
            .list("")
            .unwrap()
            .into_iter()
            .map(|entry| entry.name)
            .collect();
        let old = after
            .contents("old")
            .map(|bytes| String::from_utf8(bytes).unwrap());
        seen.insert((names.join(" "), old));
    }));
    let ways = [
        ("later", None),
        ("later old", Some("new")),
        ("new.tmp old", Some("old")),
        ("old", Some("new")),
    ];
    assert_eq!(
        seen,
        ways.map(|(names, old)| (names.to_owned(), old.map(str::to_owned)))
            .into()
    );
}

#[test]
fn a_rename_between_folders_is_found_in_both_or_in_none() {
    let disk = SimulatedDisk::default();
    disk.put("a/file", b"");
    disk.put("b/other", b"");
    disk.create("a/first").unwrap();
    disk.rename("a/file", "b/file").unwrap();
    disk.create("b/last").unwrap();
    let count = |after: &SimulatedDisk, name| usize::from(after.contents(name).is_some());
    assert!(disk.every_power_loss(100, |after| {
        assert_eq!(count(&after, "a/file") + count(&after, "b/file"), 1);
        assert!(count(&after, "b/file") <= count(&after, "a/first"));
        assert!(count(&after, "b/last") <= count(&after, "b/file"));
    }));
    disk.sync_folder("b").unwrap();
    assert!(disk.every_power_loss(100, |after| {
        assert_eq!(
            count(&after, "a/first") + count(&after, "b/file") + count(&after, "b/last"),
            3
        );
    }));
}

#[test]
fn a_folder_without_its_name_is_lost_with_what_is_in_it() {
    let disk = SimulatedDisk::default();
    disk.make_folder("a/b").unwrap();
    let file = disk.create("a/b/c").unwrap();
    file.sync().unwrap();
    disk.sync_folder("a/b").unwrap();
    disk.sync_folder("a").unwrap();
    assert_eq!(texts(&found(&disk, "a/b/c")), ["none", ""]);
    disk.sync_folder("").unwrap();
    assert_eq!(texts(&found(&disk, "a/b/c")), [""]);
}

#[test]
fn what_was_cut_off_is_not_seen_behind_the_cut() {
    let disk = SimulatedDisk::default();
    disk.put("a", b"secret");
    let file = disk.open_to_write("a").unwrap();
    file.truncate(0).unwrap();
    file.write_at(b"12", 0).unwrap();
    let seen = texts(&found(&disk, "a"));
    assert_eq!(seen, ["", "\\x00\\x00", "1\\x00", "12", "secret"]);
}

#[test]
fn what_a_failed_sync_left_is_unsure_and_the_next_sync_does_not_mend_it() {
    let disk = SimulatedDisk::default();
    disk.put("a", b"0");
    let file = disk.open_to_write("a").unwrap();
    file.write_at(b"1", 0).unwrap();
    disk.at_next(Kind::Sync, Fault::Before(Wrong::Broken));
    assert_eq!(file.sync().unwrap_err().raw_os_error(), Some(5));
    file.sync().unwrap();
    assert_eq!(
        disk.contents("a").unwrap(),
        b"1",
        "it is read as if it were there"
    );
    assert_eq!(texts(&found(&disk, "a")), ["0", "1"]);
    file.write_at(b"2", 0).unwrap();
    file.sync().unwrap();
    assert_eq!(texts(&found(&disk, "a")), ["2"], "written again, it is");
}

#[test]
fn a_fault_fails_its_call_and_no_other() {
    let disk = SimulatedDisk::default();
    disk.at_call(1, Fault::Before(Wrong::Full));
    disk.at_call(2, Fault::After(Wrong::Broken));
    let file = disk.create("a").unwrap();
    let error = file.write_at(b"12", 0).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(disk.contents("a").unwrap(), b"");
    assert_eq!(
        file.write_at(b"1234", 0).unwrap_err().raw_os_error(),
        Some(5)
    );
    assert_eq!(disk.contents("a").unwrap(), b"12");
    file.write_at(b"34", 2).unwrap();
    assert_eq!(disk.contents("a").unwrap(), b"1234");
    assert_eq!(disk.call_count(), 4);
    assert_eq!(disk.count_of(Kind::Write), 3);
    let last = Call {
        kind: Kind::Write,
        name: "a".to_owned(),
    };
    assert_eq!(disk.calls().last(), Some(&last));
}

type CallOf<'a, T> = &'a dyn Fn(&T) -> io::Result<()>;

#[test]
fn every_call_can_fail_before_it_is_done() {
    let calls: [CallOf<SimulatedDisk>; 9] = [
        &|disk| disk.list("").map(drop),
        &|disk| disk.make_folder("f"),
        &|disk| disk.create("b").map(drop),
        &|disk| disk.open("a").map(drop),
        &|disk| disk.open_to_write("a").map(drop),
        &|disk| disk.rename("a", "b"),
        &|disk| disk.remove("a"),
        &|disk| disk.sync_folder(""),
        &|disk| disk.free_bytes().map(drop),
    ];
    let of_files: [CallOf<dyn DiskFile>; 6] = [
        &|file| file.bytes().map(drop),
        &|file| file.read_at(&mut [0], 0).map(drop),
        &|file| file.write_at(b"2", 0),
        &|file| file.allocate(9),
        &|file| file.truncate(0),
        &|file| file.sync(),
    ];
    for number in 0..calls.len() + of_files.len() {
        for fault in [Fault::Before(Wrong::Full), Fault::PowerOff] {
            let disk = SimulatedDisk::default();
            disk.put("a", b"1");
            let file = disk.open_to_write("a").unwrap();
            disk.at_call(1, fault);
            let result = match calls.get(number) {
                Some(call) => call(&disk),
                None => of_files[number - calls.len()](file.as_ref()),
            };
            assert!(result.is_err(), "call {number}");
            if fault == Fault::PowerOff {
                assert_eq!(kind(disk.list("")), Some(io::ErrorKind::NotConnected));
                assert_eq!(kind(file.sync()), Some(io::ErrorKind::NotConnected));
            } else {
                assert_eq!(disk.contents("a").unwrap(), b"1");
                assert_eq!(disk.list("").unwrap().len(), 1);
            }
        }
    }
}

#[test]
fn when_the_power_goes_in_a_call_it_is_found_done_or_not() {
    let disk = SimulatedDisk::default();
    disk.put("a", b"0");
    let file = disk.open_to_write("a").unwrap();
    disk.at_next(Kind::Write, Fault::PowerOff);
    assert!(file.write_at(b"1", 0).is_err());
    assert_eq!(texts(&found(&disk, "a")), ["0", "1"]);
    let disk = disk.after_power_loss(|_| 0);
    let file = disk.open_to_write("a").unwrap();
    file.write_at(b"1", 0).unwrap();
    disk.at_next(Kind::Sync, Fault::PowerOff);
    assert!(file.sync().is_err());
    assert_eq!(texts(&found(&disk, "a")), ["0", "1"]);
    let disk = disk.after_power_loss(|_| 0);
    disk.at_next(Kind::Rename, Fault::PowerOff);
    assert!(disk.rename("a", "b").is_err());
    assert_eq!(texts(&found(&disk, "b")), ["none", "0"]);
}

#[test]
fn a_full_disk_takes_what_fits() {
    let disk = SimulatedDisk::default();
    disk.set_capacity(Some(2048));
    assert_eq!(disk.free_bytes().unwrap(), 2048);
    let file = disk.create("a").unwrap();
    assert_eq!(kind(file.allocate(2049)), Some(io::ErrorKind::StorageFull));
    assert_eq!(file.bytes().unwrap(), 0);
    file.allocate(1024).unwrap();
    assert_eq!(
        (file.bytes().unwrap(), disk.free_bytes().unwrap()),
        (1024, 1024)
    );
    file.write_at(&[1; 1024], 0).unwrap();
    assert_eq!(disk.free_bytes().unwrap(), 1024, "that room was its own");
    let error = file.write_at(&[2; 1536], 1000).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(file.bytes().unwrap(), 2048, "what fits is written");
    assert_eq!(disk.free_bytes().unwrap(), 0);
    file.write_at(&[3; 2048], 0).unwrap();
    disk.set_capacity(Some(100));
    assert_eq!(disk.free_bytes().unwrap(), 0);
    disk.set_capacity(Some(4096));
    assert_eq!(disk.free_bytes().unwrap(), 2048);
    file.truncate(600).unwrap();
    assert_eq!(disk.free_bytes().unwrap(), 3072);
    disk.remove("a").unwrap();
    assert_eq!(disk.free_bytes().unwrap(), 3072, "it is still open");
    drop(file);
    assert_eq!(disk.free_bytes().unwrap(), 4096);
}

#[test]
fn damage_is_on_the_disk_and_in_memory() {
    let disk = SimulatedDisk::default();
    disk.put("a", b"0000");
    disk.flip("a", 1, 0);
    disk.cut("a", 3);
    assert_eq!(disk.contents("a").unwrap(), b"010");
    assert_eq!(texts(&found(&disk, "a")), ["010"]);
}

#[test]
fn the_same_choices_give_the_same_disk() {
    let disk = SimulatedDisk::with_blocks_of(PAGE_BYTES);
    for name in ["a", "b"] {
        let file = disk.create(name).unwrap();
        file.write_at(&[7; 10_000], 10).unwrap();
    }
    for seed in 0..50 {
        let [one, two] = [(); 2].map(|()| {
            let mut random = fastrand::Rng::with_seed(seed);
            disk.after_power_loss(|ways| random.usize(..ways))
        });
        for name in ["a", "b"] {
            assert_eq!(one.contents(name), two.contents(name));
        }
    }
}
