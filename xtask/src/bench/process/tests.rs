//! Readers of `/proc`, and that a process is really stopped.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Memory, Process, memory_of, ticks_of};

#[test]
fn processor_time_is_read_behind_a_name_with_brackets() {
    let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 700 30 5 6 20 0 3 0 900 1000 2000";
    assert_eq!(ticks_of(stat), Some(730));
}

#[test]
fn a_stat_line_that_is_cut_is_refused() {
    assert_eq!(ticks_of("42 (a) S 1 42"), None);
}

#[test]
fn memory_is_read_in_kib() {
    let smaps = "00400000-7ffd rw-p [rollup]\nRss:                8123 kB\nPss:                4001 kB\nPss_Dirty: 1 kB\n";
    assert_eq!(
        memory_of(smaps),
        Some(Memory {
            resident_kib: 8_123,
            proportional_kib: 4_001
        })
    );
    assert_eq!(memory_of("Rss: many kB\nPss: 1 kB"), None);
}

#[test]
fn a_process_is_measured_and_stopped() {
    let log = Path::new("/dev/null");
    let process = Process::start(Command::new("sleep").arg("60"), log).expect("sleep starts");
    let id = process.child.id();
    assert_eq!(process.count().expect("it runs"), 1);
    assert!(process.memory().expect("it has memory").resident_kib > 0);
    drop(process);
    assert!(
        fs::metadata(format!("/proc/{id}")).is_err(),
        "it still runs"
    );
}

#[test]
fn a_process_that_ends_early_is_an_error() {
    let mut process =
        Process::start(&mut Command::new("false"), Path::new("/dev/null")).expect("false starts");
    let error = process
        .wait_until("the server", || false)
        .expect_err("it ended");
    assert!(
        error
            .to_string()
            .starts_with("the server ended before it was ready"),
        "{error}"
    );
}
