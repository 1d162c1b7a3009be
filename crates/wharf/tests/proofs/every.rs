//! Tests of the store that try each byte, each bit or each call, which stand there beside what they
//! test: in a run of all tests they try a sample, here all of it.

use std::process::Command;

use super::run::Run;

/// What makes them try all.
const EVERY: &str = "WHARF_STORE_EVERY";

/// A last segment that ends at each byte, and a bit that is turned around in each field.
pub(crate) const CUTS: &[&str] = &[
    "log::tests::cuts::a_last_segment_that_ends_at_any_of_its_bytes_holds_what_is_whole",
    "log::tests::damage::a_bit_flipped_in_each_field_is_told_and_costs_nothing_else",
    "calls::tests::a_bit_flipped_in_each_field_of_a_file_is_told_and_costs_no_other_record",
    "dedupe::tests::damage::a_bit_turned_anywhere_is_told",
];

/// A disk that is full after each byte.
pub(crate) const FULL: &[&str] = &[
    "log::tests::full::a_disk_that_is_full_after_any_byte_loses_nothing_and_keeps_nothing_that_was_refused",
    "log::tests::full::a_disk_that_promises_room_and_is_full_with_any_block_loses_nothing",
];

/// The proof `segment-cuts`.
pub(crate) fn segment_cuts(run: &mut Run) {
    tests(run, CUTS);
}

/// The proof `full-disk`.
pub(crate) fn full_disk(run: &mut Run) {
    tests(run, FULL);
}

fn tests(run: &mut Run, names: &[&str]) {
    for name in names {
        run.attempt(|run| {
            // The variables that cargo sets for this program are not those of another run. The whole
            // workspace is named so that nothing is built twice.
            let output = Command::new("cargo")
                .args(["test", "--quiet", "--workspace", "--lib", "--"])
                .args(["--exact", "--nocapture", name])
                .current_dir(super::fuzzing::root())
                .env_remove("CARGO_MANIFEST_DIR")
                .env(EVERY, "1")
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stdout);
            let tried = told.lines().find_map(|line| line.split_once("tried: "));
            // A name that no test has any more would pass.
            let passed = told.contains("ok. 1 passed");
            let Some((_, tried)) = tried.filter(|_| output.status.success() && passed) else {
                panic!("{name}: {told}{}", String::from_utf8_lossy(&output.stderr));
            };
            run.note(tried.to_owned());
        });
        run.done += 1;
    }
}
