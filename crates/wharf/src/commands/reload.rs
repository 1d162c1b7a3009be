//! `wharf reload`: what a running gateway has not taken over, and taking it over.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

use super::callers::keeper::Keeper;
use super::place::Place;
use crate::output::{self, Format};
use crate::reload::accept::{Counter, Waiting};
use crate::reload::kept::kept_hash;

/// Longest wait for the running process to take a change over.
const PATIENCE: Duration = Duration::from_secs(10);

/// Time between two looks at what it has done.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Show and accept changes that a running `wharf up` has not taken over by itself.
///
/// Changes of documents are taken over without this command. One that would drop a credential,
/// change a host or lift a limit is taken over when its file has been still for 2 seconds, ends in
/// a newline and still has every section that calls depend on. Otherwise the file may be half
/// written, so the last good version stays and the change is listed here and in /readyz.
/// What is accepted is the text that was listed, not what the file holds by then.
/// A document that is deleted ends its integration after 2 seconds. When all are gone at once, or
/// all of a folder that held two or more and is left empty, they go on and are listed here: more
/// often than not a folder was unmounted or renamed.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf reload                       what waits, and why
  wharf reload stripe --accept       the file is whole: take it over now
  wharf reload --accept              take over all that waits

A restart of `wharf up` takes every document that has no error.
Exit codes: 0 done, 1 a change was not taken over, 2 could not run.")]
pub(crate) struct Arguments {
    /// The integration, as /readyz names it [default: show all].
    id: Option<String>,

    /// Take the change over; without an id all that wait.
    #[arg(long)]
    accept: bool,

    #[command(flatten)]
    place: Place,

    /// How the result is written.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let option = arguments.place.option();
    let state = arguments.place.folder()?;
    let counter = Counter::of(&state);
    let cannot = || format!("cannot use state folder {}", state.display());
    anyhow::ensure!(
        counter.is_attended().with_context(cannot)?,
        "no `wharf up` runs with the state folder {}; start one (it takes every document that has \
         no error), or give its folder with --dir or --state. A simulation takes every change by itself",
        state.display()
    );
    let mut waiting = counter.waiting().with_context(cannot)?;
    if let Some(id) = &arguments.id {
        let known: Vec<_> = waiting.iter().map(|(known, _)| known.clone()).collect();
        waiting.retain(|(known, _)| known == id);
        if waiting.is_empty() {
            nothing_waits(id, &known, &option)?;
        }
    }
    if !arguments.accept {
        show(&waiting, &option, arguments.format)?;
        return Ok(ExitCode::SUCCESS);
    }
    for (id, change) in &waiting {
        counter.accept(id, &change.hash).with_context(cannot)?;
    }
    let mut taken = Vec::new();
    for (id, change) in &waiting {
        let is_taken = wait(&counter, id, change) && is_kept(&state, id, change);
        taken.push((id.as_str(), change, is_taken));
    }
    if let Err(error) = put_on_record(&state, &taken) {
        output::note(&format!(
            "warning: what was accepted is not on record: {error:#}"
        ));
    }
    tell(&taken, &option, arguments.id.is_some(), arguments.format)?;
    let is_all = taken.iter().all(|(_, _, is_taken)| *is_taken);
    Ok(ExitCode::from(u8::from(!is_all)))
}

/// Leaves an audit record of each change that was accepted.
fn put_on_record(state: &Path, taken: &[(&str, &Waiting, bool)]) -> anyhow::Result<()> {
    if taken.is_empty() {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut keeper = Keeper::of(state);
        for (id, _, is_taken) in taken {
            let refusal = (!is_taken).then_some("not_taken");
            keeper.note("reload.accept", id, refusal).await?;
        }
        keeper.close().await;
        Ok(())
    })
}

/// Whether the state folder shows a change as taken over.
fn is_kept(state: &Path, id: &str, change: &Waiting) -> bool {
    let kept = kept_hash(state, id);
    if change.ends {
        kept.is_none()
    } else {
        kept.as_ref() == Some(&change.hash)
    }
}

fn nothing_waits(id: &str, known: &[String], option: &str) -> anyhow::Result<()> {
    if let Some(meant) = wharf_diag::closest(id, known.iter().map(String::as_str)) {
        anyhow::bail!("no change of `{id}` waits; did you mean `{meant}`?");
    }
    anyhow::bail!(
        "no change of `{id}` waits to be accepted; `wharf reload{option}` shows what does, and /readyz on the \
         control plane names documents with errors"
    )
}

/// Whether the change waits no longer. The process looks several times a second.
fn wait(counter: &Counter, id: &str, change: &Waiting) -> bool {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match counter.waiting_for(id) {
            Some(now) if now.hash == change.hash => std::thread::sleep(POLL_INTERVAL),
            Some(_) => return false,
            None => return true,
        }
    }
    false
}

/// `option` is what a command needs to find the same state.
fn show(waiting: &[(String, Waiting)], option: &str, format: Format) -> anyhow::Result<()> {
    if format == Format::Json {
        let rows = waiting.iter().map(
            |(id, change)| json!({ "integration": id, "file": change.file, "message": change.why }),
        );
        output::json(&rows.collect())?;
    } else if waiting.is_empty() {
        output::note("No change waits to be accepted.");
    } else {
        for (id, change) in waiting {
            let what = if change.ends {
                "end it"
            } else {
                "take it over"
            };
            output::page(&format!(
                "{id}  {}: {}\n  {what}: wharf reload {id} --accept{option}\n",
                change.file, change.why
            ))?;
        }
    }
    Ok(())
}

fn tell(
    taken: &[(&str, &Waiting, bool)],
    option: &str,
    is_one: bool,
    format: Format,
) -> anyhow::Result<()> {
    if format == Format::Json {
        let rows: Vec<_> = taken
            .iter()
            .map(|(id, change, taken)| json!({ "integration": id, "file": change.file, "taken": taken }))
            .collect();
        // One that was asked for by its id is one object.
        let one = rows.first().filter(|_| is_one);
        output::json(&one.cloned().unwrap_or_else(|| rows.into()))?;
        return Ok(());
    }
    if taken.is_empty() {
        output::note("No change waits to be accepted.");
    }
    for (id, change, taken) in taken {
        let file = &change.file;
        if *taken && change.ends {
            output::note(&format!("{id} has ended: {file} is gone."));
        } else if *taken {
            output::note(&format!(
                "{file} is taken over as it stands. What is different: {}.",
                change.lost
            ));
        } else {
            output::note(&format!(
                "error: {file} was not taken over: it has changed since it was listed, or `wharf up` \
                 did not get to it within {} seconds. `wharf reload {id}{option}` shows what waits now.",
                PATIENCE.as_secs()
            ));
        }
    }
    Ok(())
}
