//! `wharf callers`: who may call.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use wharf_policy::caller::CallerName;
use wharf_store::Store;

use crate::installation;
use crate::output::{self, Format};
use crate::settings::Settings;

const EXIT_CODES: &str =
    "Exit codes: 0 done, 2 could not run, such as for a name that is taken or not known.";

/// Create, list and remove the applications that may call.
///
/// Each application gets a token of its own and sends it where the vendor's key would stand.
/// Only a hash of it is kept, so it is shown once. A running `wharf up` takes changes over
/// within a second.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// The workspace [default: the current folder, where it has a wharf.toml or a document].
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Where state is kept [default: as in wharf.toml, else .wharf in the workspace].
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,

    /// How the result is written.
    #[arg(long, global = true, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a token for an application and print it.
    #[command(after_help = EXIT_CODES)]
    Add {
        /// Name of the application: lower-case letters, digits, `-`, `_` and `.`.
        name: CallerName,
        /// Replace the token of an application that has one; the old token stops working.
        #[arg(long)]
        replace: bool,
    },
    /// Show who may call, and since when.
    #[command(after_help = EXIT_CODES)]
    List,
    /// Let an application call no longer.
    #[command(after_help = EXIT_CODES)]
    Remove {
        /// Name of the application.
        name: CallerName,
    },
}

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let folder = state_folder(arguments.dir, arguments.state)?;
    let json = arguments.format == Format::Json;
    // Whoever reads, or takes away, makes nothing.
    let is_absent = !matches!(arguments.command, Command::Add { .. }) && is_absent(&folder);
    if is_absent {
        return without_state(&arguments.command, &folder, json);
    }
    let callers = Store::open(&folder)?.callers();
    match arguments.command {
        Command::Add { name, replace } => {
            callers.add_shown(&name, Timestamp::now(), replace, |token| {
                let token = token.expose_secret();
                let text = if json {
                    json!({ "name": name.as_str(), "token": token }).to_string()
                } else {
                    token.to_owned()
                };
                output::only_copy(&format!("{text}\n"))
            })?;
            if !json {
                output::note(
                    "This token is not shown again. Send it where the vendor's key would stand.",
                );
            }
        }
        Command::List => {
            let records = callers.list()?;
            if json {
                let rows: Vec<_> = records
                    .iter()
                    .map(|record| json!({ "name": record.name.as_str(), "created": record.created.to_string() }))
                    .collect();
                output::data(&format!("{}\n", serde_json::Value::from(rows)))?;
            } else if records.is_empty() {
                output::note("No caller yet. Create one with `wharf callers add NAME`.");
            } else {
                for record in records {
                    output::data(&format!(
                        "{:<32} {:.0}\n",
                        record.name.as_str(),
                        record.created
                    ))?;
                }
            }
        }
        Command::Remove { name } => {
            anyhow::ensure!(
                callers.remove(&name)?,
                "there is no caller `{name}`; `wharf callers list` shows all"
            );
            if json {
                output::json(&json!({ "name": name.as_str(), "removed": true }))?;
            } else {
                output::note(&format!("{name} may call no longer."));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether there is no state in a folder. What cannot be looked at is there.
fn is_absent(folder: &Path) -> bool {
    let looked = folder
        .join(wharf_store::DATABASE_FILE_NAME)
        .symlink_metadata();
    looked.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// What there is to say where nobody was ever added.
fn without_state(command: &Command, folder: &Path, json: bool) -> anyhow::Result<ExitCode> {
    if let Command::Remove { name } = command {
        anyhow::bail!(
            "there is no caller `{name}`: there is no state in {}",
            folder.display()
        );
    }
    if json {
        output::data("[]\n")?;
    } else {
        output::note(&format!(
            "No caller yet: there is no state in {}. Create one with `wharf callers add NAME`.",
            folder.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The folder the state is in: the option's, else the one of the workspace's settings.
pub(crate) fn state_folder(
    root: Option<PathBuf>,
    option: Option<PathBuf>,
) -> anyhow::Result<PathBuf> {
    if let Some(folder) = option {
        return Ok(folder);
    }
    let root = root
        .or_else(installation::at_hand)
        .context(installation::NONE_AT_HAND)?;
    anyhow::ensure!(
        root.is_dir(),
        "{} is not a folder; give the workspace with --dir",
        root.display()
    );
    Ok(Settings::load(&root)?.state_folder(&root))
}
