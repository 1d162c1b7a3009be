//! `wharf store`: what is kept in the state folder.

mod areas;
mod backup;
mod check;
mod key;
mod meter;
mod restore;
mod status;

use std::path::PathBuf;
use std::process::ExitCode;

use super::place::Place;
use crate::output::Format;
use anyhow::Context as _;
use clap::{Args, Subcommand};

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 something is damaged, missing, newer than this program or cannot be opened,
2 could not run. The help of each command says which it has.";

/// Look after what is kept in the state folder.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    place: Place,

    /// How the result is written.
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    Key(key::Arguments),
    /// Show what is kept, how big and how old it is, and what is pending.
    ///
    /// Where `wharf up` runs, it is asked; else the command looks itself.
    #[command(after_help = "Exit codes: 0 done, 2 could not run, such as without any state.")]
    Status,
    /// Read all of it and compare every checksum.
    ///
    /// It changes nothing, and `wharf up` may run meanwhile. A backup can be checked too: name its
    /// folder with --state.
    #[command(after_help = check::EXIT_CODES)]
    Check,
    /// Copy all of it to a new folder.
    ///
    /// `wharf up` may run meanwhile: all that was acknowledged before the command began is in the
    /// copy. The key of stored secrets is not: keep it elsewhere.
    #[command(after_help = backup::EXIT_CODES)]
    Backup {
        /// The folder, which must not exist yet.
        folder: PathBuf,
    },
    /// Make state of a backup, where there is none.
    ///
    /// Nothing is put in its place before every checksum was right.
    #[command(after_help = restore::EXIT_CODES)]
    Restore {
        /// The folder that `wharf store backup` has made.
        folder: PathBuf,
    },
}

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Key(command) => key::run(command, &arguments.place, arguments.format),
        Command::Status => status::run(&arguments.place.find()?, arguments.format),
        Command::Check => check::run(&arguments.place.find()?, arguments.format),
        Command::Backup { folder } => {
            backup::run(&arguments.place.find()?, &folder, arguments.format)
        }
        Command::Restore { folder } => {
            restore::run(&arguments.place.find()?, &folder, arguments.format)
        }
    }
}

/// What runs the futures of a command.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .context("no runtime for this command; raise the limits of open files and threads")
}
