//! Proofs: what a test is too short for. Kills, soaks, crowds, mutations and fuzzing, each with a
//! small count that every run of `scripts/test` makes and a long one that is asked for by name.
//!
//! `scripts/test` runs this program, and `docs/proofs.md` holds results. It is no test harness:
//! a runner that asks it for its tests is told of none.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "proofs fail and report like tests"
)]

#[path = "../../../../fuzz/src/lib.rs"]
#[expect(
    unreachable_pub,
    reason = "the fuzz targets share it as a library of another workspace"
)]
mod bodies;
mod bytes;
mod crowds;
mod cuts;
mod documents;
mod every;
mod fuzzing;
mod kills;
mod memory;
mod pool;
mod procedures;
mod repeat;
mod request;
mod restore_kills;
mod run;
mod soak;
mod store_kills;
mod takeovers;
#[path = "../cli"]
mod shared {
    #[expect(dead_code, reason = "the tests of the command line use the rest")]
    pub(crate) mod support;
}
mod table;
mod tls;

use std::process::ExitCode;

use run::Length;
use shared::support;

const HELP: &str = "\
Usage: proofs list                what each proof proves, its counts and its longest time
       proofs small [NAME...]     all proofs, or those named, at their small count
       proofs long NAME...        proofs at their long count; ends with rows for docs/proofs.md
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (command, names) = match words.split_first() {
        Some((command, names)) => (command.as_str(), names),
        None => ("", words.as_slice()),
    };
    run::bound_panics();
    match command {
        "list" => table::list(),
        "small" => return table::run(Length::Small, names),
        "long" if !names.is_empty() => return table::run(Length::Long, names),
        // Keeps one processor busy for `repeat`.
        repeat::BUSY => repeat::keep_busy(),
        // Is killed by `procedure-kills`.
        procedures::DRIVE => procedures::drive(names),
        // Is killed by `store-kills`.
        store_kills::TAKE => store_kills::take(names),
        // A runner of tests asks with `--list`: there are none.
        option if option.starts_with("--") => {}
        _ => print!("{HELP}"),
    }
    ExitCode::SUCCESS
}
