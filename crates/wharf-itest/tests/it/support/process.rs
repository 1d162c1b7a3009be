//! What the system says about this process.

use std::fs;

/// Memory in use now, in bytes.
pub(crate) fn resident_bytes() -> u64 {
    status_bytes("VmRSS:")
}

/// The part of it that no file stands behind, in bytes: pages of the program itself come and go
/// with what other programs do.
pub(crate) fn anonymous_bytes() -> u64 {
    status_bytes("RssAnon:")
}

fn status_bytes(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().unwrap() * 1_024
}

/// Open files, sockets included.
pub(crate) fn open_files() -> usize {
    // The folder itself is open while it is read.
    fs::read_dir("/proc/self/fd").unwrap().count() - 1
}
