//! Automation of the project: the checks that CI runs, the dependency directions the shipped program and the benchmarks.

mod bench;
mod ci;
mod dist;
mod floors;
mod output;
mod reference;
mod repository;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Automation of the project.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run every check; go on after a failure and list the failures at the end
    Ci(ci::Options),
    /// Check the dependency directions of crates and folders, and what the lower floors must not reach
    Floors,
    /// Write docs/checks.md from the pages of the checks
    Reference(reference::Options),
    /// Build the program as it is shipped: by a profile of its own work; needs nginx-light, wrk and llvm-profdata
    Dist,
    /// Measure the program beside a peer
    Bench(bench::Options),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Ci(options) => ci::run(&options),
        Command::Floors => floors::run(),
        Command::Reference(options) => reference::run(&options),
        Command::Dist => bench::ship(),
        Command::Bench(options) => bench::run(&options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
