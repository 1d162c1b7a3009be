//! `wharf callers`: who may call.

pub(super) mod keeper;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;
use wharf_policy::caller::CallerName;

use self::keeper::{Keeper, NotAdded};
use super::place::Place;
use crate::output::{self, Format};
use crate::token;

const EXIT_CODES: &str =
    "Exit codes: 0 done, 2 could not run, such as for a name that is taken or not known.";

/// Create, list and remove the applications that may call.
///
/// Each application gets a token of its own and sends it where the vendor's key would stand.
/// Only a hash of it is kept, so it is shown once. Where a `wharf up` runs, it makes the change and
/// takes it over within a second; the command finds it by control.json in the state folder, which
/// only the user that runs it can read, and waits for at most 5 s. Where none runs, the files are
/// changed. Each change leaves a record: see `wharf audit list`.
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
    let option = arguments.place.option();
    let folder = arguments.place.folder()?;
    let json = arguments.format == Format::Json;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut keeper = Keeper::of(&folder);
        let done = match arguments.command {
            Command::Add { name, replace } => add(&name, replace, &mut keeper, json).await,
            Command::List => list(&mut keeper, &folder, &option, json).await,
            Command::Remove { name } => remove(&name, &mut keeper, &folder, &option, json).await,
        };
        keeper.close().await;
        done
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The change is on disk before the token is told, so one that was told counts whatever ends the
/// program. One that ends between the two leaves a caller whose token nobody knows.
async fn add(
    name: &CallerName,
    replace: bool,
    keeper: &mut Keeper,
    json: bool,
) -> anyhow::Result<()> {
    let token = token::random()
        .context("no random numbers for a token; check that the operating system provides them")?;
    let hash = token.token_hash();
    let added = keeper.add(name, hash, replace).await;
    let before = added.map_err(with_hint)?;
    let token = token.expose_secret();
    let text = if json {
        json!({ "name": name.as_str(), "token": token }).to_string()
    } else {
        token.to_owned()
    };
    if let Err(error) = output::only_copy(&format!("{text}\n")) {
        // Who could not be told has no use of a caller, and needs an old token on.
        keeper.restore(name, hash, before).await.with_context(|| {
            format!(
                "the token of caller {name} could not be written ({error}), and what was changed \
                 could not be taken back; `wharf callers add {name} --replace` makes another one, \
                 `wharf callers remove {name}` ends it"
            )
        })?;
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
fn with_hint(error: NotAdded) -> anyhow::Error {
    match error {
        NotAdded::Exists(told) => anyhow::anyhow!(
            "{told}; add it with `--replace` to give it a new token and end the old one, or \
             choose another name"
        ),
        NotAdded::Failed(error) => error,
    }
}

/// `option` is what a command needs to find the same state.
async fn list(keeper: &mut Keeper, folder: &Path, option: &str, json: bool) -> anyhow::Result<()> {
    let found = keeper.callers().await?;
    let has_state = found.is_some();
    let callers = found.unwrap_or_default();
    if json {
        let rows: Vec<_> = callers
            .iter()
            .map(|caller| json!({ "name": caller.name, "created": caller.created }))
            .collect();
        output::data(&format!("{}\n", serde_json::Value::from(rows)))?;
    } else if callers.is_empty() {
        let why = if has_state {
            ".".to_owned()
        } else {
            format!(": there is no state in {}.", folder.display())
        };
        output::note(&format!(
            "No caller yet{why} Create one with `wharf callers add NAME{option}`."
        ));
    } else {
        for caller in callers {
            let created = match caller.created.parse::<Timestamp>() {
                Ok(created) => format!("{created:.0}"),
                Err(_) => caller.created,
            };
            output::page(&format!("{:<32} {created}\n", caller.name))?;
        }
    }
    Ok(())
}

async fn remove(
    name: &CallerName,
    keeper: &mut Keeper,
    folder: &Path,
    option: &str,
    json: bool,
) -> anyhow::Result<()> {
    match keeper.remove(name).await? {
        Some(true) if json => {
            output::json(&json!({ "name": name.as_str(), "removed": true }))?;
        }
        Some(true) => output::note(&format!("{name} may call no longer.")),
        Some(false) => {
            anyhow::bail!("there is no caller `{name}`; `wharf callers list{option}` shows all")
        }
        None => anyhow::bail!(
            "there is no caller `{name}`: there is no state in {}",
            folder.display()
        ),
    }
    Ok(())
}
