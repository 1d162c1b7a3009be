//! `wharf store key`: the keys that stored secrets are sealed with.

mod new;
mod rotate;
mod status;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use wharf_secrets::{KeyPlace, KeyPlaces, ProcessVariables};
use wharf_workspace::settings::SecretPlace;

use crate::commands::place::{Kept, Place};
use crate::output::Format;

const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 there are secrets that no key opens or that `rotate` left, 2 could not run,
such as without a key.";

/// Make, exchange and list the keys that stored secrets are sealed with.
///
/// Secrets that Wharf has to store, such as refresh tokens, are sealed with a key that `[store]` in
/// wharf.toml names, else with the one in the file store.key of the state folder. A backup holds
/// no key: without it, no secret in it can be read.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key: 32 random bytes in Base64.
    ///
    /// Without --out it goes to standard output, for a command that puts it into a secret store.
    #[command(after_help = EXIT_CODES)]
    New {
        /// Write it to this new file, which its owner alone may read.
        #[arg(long, value_name = "FILE", conflicts_with = "print")]
        out: Option<PathBuf>,
        /// Write it to standard output also where that is a terminal.
        #[arg(long)]
        print: bool,
    },
    /// Show which key seals, which ones open, and how many secrets each one has sealed.
    #[command(after_help = EXIT_CODES)]
    Status,
    /// Seal with the key that seals what is still sealed with others.
    ///
    /// It may be stopped at any moment and started again, also while `wharf up` runs. Start every
    /// `wharf up` with the new key before: one that has the old one goes on sealing with it. Each
    /// transaction, of up to 64 secrets, leaves a record: see `wharf audit list`.
    #[command(after_help = EXIT_CODES)]
    Rotate,
}

pub(super) fn run(arguments: Arguments, place: &Place, format: Format) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::New { out, print } => new::run(out.as_deref(), print, format),
        Command::Status => status::run(&place.find()?, format),
        Command::Rotate => rotate::run(&place.find()?, format),
    }
}

/// Where the keys of a store are.
fn places(kept: &Kept) -> KeyPlaces {
    let place = |place: &SecretPlace| match place {
        SecretPlace::Variable(name) => KeyPlace::Variable(name.clone()),
        // Without the `./` that told it from a variable.
        SecretPlace::File(path) => KeyPlace::File(kept.root.join(path).components().collect()),
    };
    let keys = kept.settings.store_keys();
    KeyPlaces {
        variables: Arc::new(ProcessVariables::read()),
        key: keys.key.as_ref().map(place),
        old_keys: keys.old_keys.iter().map(place).collect(),
        state_folder: kept.folder.clone(),
    }
}

/// A number of secrets in words.
fn secrets(count: u64) -> String {
    match count {
        1 => "1 secret".to_owned(),
        count => format!("{count} secrets"),
    }
}
