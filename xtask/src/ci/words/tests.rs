//! Paths of a machine and registry hosts are found with their line; addresses and relative paths are not.

use super::{MACHINE_PATHS, REGISTRY_HOSTS, find};

#[test]
fn every_path_and_host_is_found() {
    for word in MACHINE_PATHS.iter().chain(REGISTRY_HOSTS) {
        assert_eq!(find(&format!("first\n\"{word}x\"\n")), [(2, *word)]);
        assert_eq!(find(&format!("{word}x")), [(1, *word)]);
    }
}

#[test]
fn addresses_and_relative_paths_are_no_machine_paths() {
    for path in MACHINE_PATHS {
        assert_eq!(find(&format!("https://vendor.example{path}x")), []);
        assert_eq!(find(&format!("../some{path}x ${{DIR}}{path} .{path}")), []);
    }
}
