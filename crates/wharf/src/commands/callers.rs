//! `wharf callers`: who may call.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use wharf_policy::caller::CallerName;
use wharf_store::{AddError, CallerRecord, Records, Store};

use crate::installation;
use crate::output::{self, Format};
use crate::settings;
use crate::shell;
use crate::token;

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

    /// The workspace [default: the current folder, where it has a wharf.toml, a document or state].
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
    let option = shell::state_argument(arguments.dir.as_deref(), arguments.state.as_deref());
    let folder = state_folder(arguments.dir, arguments.state)?;
    let json = arguments.format == Format::Json;
    // Whoever reads, or takes away, makes nothing.
    let is_absent = !matches!(arguments.command, Command::Add { .. }) && Store::is_absent(&folder);
    if is_absent {
        return without_state(&arguments.command, &folder, &option, json);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(async {
        let store = Store::open(&folder).await?;
        let done = with_state(arguments.command, &store.records(), &option, json).await;
        store.close().await;
        done
    })?;
    Ok(ExitCode::SUCCESS)
}

/// `option` is what a command needs to find the same state.
async fn with_state(
    command: Command,
    records: &Records,
    option: &str,
    json: bool,
) -> anyhow::Result<()> {
    match command {
        Command::Add { name, replace } => add(name, replace, records, json).await,
        Command::List => list(records, option, json).await,
        Command::Remove { name } => {
            anyhow::ensure!(
                records.remove_caller(&name).await?,
                "there is no caller `{name}`; `wharf callers list{option}` shows all"
            );
            if json {
                output::json(&json!({ "name": name.as_str(), "removed": true }))?;
            } else {
                output::note(&format!("{name} may call no longer."));
            }
            Ok(())
        }
    }
}

/// The change is on disk before the token is told, so one that was told counts whatever ends the
/// program. One that ends between the two leaves a caller whose token nobody knows.
async fn add(name: CallerName, replace: bool, records: &Records, json: bool) -> anyhow::Result<()> {
    let token = token::random()
        .context("no random numbers for a token; check that the operating system provides them")?;
    let added = CallerRecord {
        name,
        created: Timestamp::now(),
        token_hash: token.token_hash(),
    };
    let before = if replace {
        records.replace_caller(&added).await?
    } else {
        records.add_caller(&added).await.map_err(with_hint)?;
        None
    };
    let (name, token) = (&added.name, token.expose_secret());
    let text = if json {
        json!({ "name": name.as_str(), "token": token }).to_string()
    } else {
        token.to_owned()
    };
    if let Err(error) = output::only_copy(&format!("{text}\n")) {
        // Who could not be told has no use of a caller, and needs an old token on.
        records.restore_caller(&added, before.as_ref()).await?;
        return Err(error).with_context(|| {
            format!(
                "the token of caller {name} could not be written, so nothing was changed; see to \
                 where it goes, and try again"
            )
        });
    }
    if !json {
        output::note("This token is not shown again. Send it where the vendor's key would stand.");
    }
    Ok(())
}

/// What else to type where a name is taken.
fn with_hint(error: AddError) -> anyhow::Error {
    match error {
        AddError::Exists { .. } => anyhow::anyhow!(
            "{error}; add it with `--replace` to give it a new token and end the old one, or \
             choose another name"
        ),
        error => error.into(),
    }
}

async fn list(records: &Records, option: &str, json: bool) -> anyhow::Result<()> {
    let callers = records.callers().await?;
    if json {
        let rows: Vec<_> = callers
            .iter()
            .map(|caller| json!({ "name": caller.name.as_str(), "created": caller.created.to_string() }))
            .collect();
        output::data(&format!("{}\n", serde_json::Value::from(rows)))?;
    } else if callers.is_empty() {
        output::note(&format!(
            "No caller yet. Create one with `wharf callers add NAME{option}`."
        ));
    } else {
        for caller in callers {
            output::data(&format!(
                "{:<32} {:.0}\n",
                caller.name.as_str(),
                caller.created
            ))?;
        }
    }
    Ok(())
}

/// What there is to say where nobody was ever added.
fn without_state(
    command: &Command,
    folder: &Path,
    option: &str,
    json: bool,
) -> anyhow::Result<ExitCode> {
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
            "No caller yet: there is no state in {}. Create one with `wharf callers add NAME{option}`.",
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
    Ok(settings::load(&root)?.state_folder(&root))
}
