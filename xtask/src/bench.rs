//! `cargo xtask bench`: measurements beside a peer, in one run on one machine.

mod check;
mod gateway;
mod load;
mod lsp;
mod machine;
mod peer;
mod process;
mod report;
mod results;
mod store;
mod subject;
mod training;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Command, Subcommand};

use crate::{dist, output};

/// What to measure.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub(crate) struct Options {
    /// List the benchmarks
    #[arg(long)]
    list: bool,
    #[command(subcommand)]
    benchmark: Option<Benchmark>,
}

#[derive(Debug, Subcommand)]
enum Benchmark {
    /// Calls through wharf beside nginx with a bare `proxy_pass`; needs nginx-light and wrk
    Gateway(gateway::Options),
    /// Checking many documents beside rumdl; needs time, and Python where rumdl is not installed
    Check(check::Options),
    /// A keystroke in an editor on a workspace of many documents
    Lsp(lsp::Options),
    /// Durable events beside a database alone and the bare disk
    Store(store::Options),
}

/// Runs one benchmark, or lists them.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.list {
        for benchmark in Benchmark::augment_subcommands(Command::new("bench")).get_subcommands() {
            let about = benchmark
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default();
            output::line(&format!("{:<10} {about}", benchmark.get_name()));
        }
    }
    match &options.benchmark {
        Some(Benchmark::Gateway(options)) => gateway::run(options),
        Some(Benchmark::Check(options)) => check::run(options),
        Some(Benchmark::Lsp(options)) => lsp::run(options),
        Some(Benchmark::Store(options)) => store::run(options),
        None => Ok(()),
    }
}

/// Builds the program as it is shipped, and says where it lies.
pub(crate) fn ship() -> Result<()> {
    output::line(&shipped()?.display().to_string());
    Ok(())
}

/// The program as it is shipped.
fn shipped() -> Result<PathBuf> {
    dist::build(&training::run)
}
