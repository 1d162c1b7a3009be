//! `cargo xtask bench store`: the store's log beside `SQLite` alone and beside the bare disk.
//!
//! Each measurement is a process of its own (`crates/wharf-store/examples/measure`), and the subjects
//! take turns: a disk that others use is not the same from one second to the next.

mod gates;
mod program;
mod tables;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use self::program::{Figures, Program};
use super::{machine, results};
use crate::{output, repository};

/// How many append at once.
const WRITERS: [u32; 4] = [1, 16, 64, 256];

/// The number of writers that what is wanted is said for.
const MOST_SAID: u32 = 64;

const LOG: &str = "log";
const OUTCOMES: &str = "log, outcomes too";
const SQLITE: &str = "SQLite alone";
const BARE: &str = "bare disk";

/// How the store is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Rounds in which each subject has its turn
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=50))]
    rounds: u32,
    /// Length of a turn
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(50..=60_000))]
    milliseconds: u32,
    /// Within a minute: two short rounds, a tenth of the events and keys
    #[arg(long)]
    quick: bool,
    /// A measuring program to use instead of building it
    #[arg(long, value_name = "PROGRAM")]
    program: Option<PathBuf>,
    /// Print the report only, leave benches/RESULTS.md as it is
    #[arg(long)]
    dry_run: bool,
}

/// How much is measured.
#[derive(Clone, Copy, Debug)]
struct Plan {
    rounds: u32,
    milliseconds: u32,
    pending_count: u32,
    key_count: u32,
}

impl Plan {
    fn of(options: &Options) -> Self {
        if options.quick {
            return Self {
                rounds: 2,
                milliseconds: 300,
                pending_count: 100_000,
                key_count: 400_000,
            };
        }
        Self {
            rounds: options.rounds,
            milliseconds: options.milliseconds,
            pending_count: 1_000_000,
            key_count: 4_000_000,
        }
    }
}

/// One subject with so many writers, round by round.
struct Series {
    writers: u32,
    name: &'static str,
    rounds: Vec<Figures>,
}

/// All that was measured.
struct Measured {
    appends: Vec<Series>,
    /// Syncs that the operating system saw; none where `strace` is not installed.
    syncs: Vec<(&'static str, u64, Figures)>,
    pending: [Figures; 2],
    /// What filling took, and then appends.
    filled: Figures,
    keys: Vec<Series>,
}

/// Measures, prints the report and appends it to `benches/RESULTS.md`.
pub(super) fn run(options: &Options) -> Result<()> {
    let plan = Plan::of(options);
    let folder = repository::target()?
        .join("bench")
        .join(std::process::id().to_string());
    let program = Program::named_or_built(options.program.as_deref(), folder.clone())?;
    let measured = measure(&program, plan);
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("could not remove {}", folder.display()))?;
    }
    let measured = measured?;
    let report = format!(
        "## Store, {}\n\n- Command: `{}`\n- Machine: {}\n{}\n{}",
        machine::moment()?,
        results::command(),
        machine::describe()?,
        tables::about(plan),
        tables::all(plan, &measured)
    );
    output::line(&report);
    if !options.dry_run {
        results::append(&report)?;
    }
    Ok(())
}

fn measure(program: &Program, plan: Plan) -> Result<Measured> {
    Ok(Measured {
        appends: appends(program, plan)?,
        syncs: syncs(program, plan)?,
        pending: pending(program, plan)?,
        filled: program.measure("fill-log", "keys-log", &[("count", plan.key_count)])?,
        keys: keys(program, plan)?,
    })
}

fn appends(program: &Program, plan: Plan) -> Result<Vec<Series>> {
    let mut all = Vec::new();
    for writers in WRITERS {
        let mut names = vec![LOG, SQLITE, BARE];
        if writers == MOST_SAID {
            names.push(OUTCOMES);
        }
        let mut series: Vec<Series> = names
            .into_iter()
            .map(|name| Series {
                writers,
                name,
                rounds: Vec::new(),
            })
            .collect();
        for round in 1..=plan.rounds {
            output::progress(&format!(
                "{writers} writers, round {round} of {}",
                plan.rounds
            ));
            // As many together as the log had in this round.
            let mut group = 1.0;
            for one in &mut series {
                let figures = match one.name {
                    LOG => turn(program, "log", writers, plan.milliseconds),
                    SQLITE => turn(program, "sqlite", writers, plan.milliseconds),
                    BARE => bare(program, group, plan.milliseconds),
                    _ => turn(program, "outcomes", writers, plan.milliseconds),
                }?;
                if one.name == LOG {
                    group = figures.get("events_per_group");
                }
                one.rounds.push(figures);
            }
        }
        all.extend(series);
    }
    Ok(all)
}

/// In a folder of its own, which is gone afterwards.
fn turn(program: &Program, what: &str, writers: u32, milliseconds: u32) -> Result<Figures> {
    let options = [("writers", writers), ("milliseconds", milliseconds)];
    let figures = program.measure(what, "turn", &options);
    program.forget("turn")?;
    figures
}

fn bare(program: &Program, group: f64, milliseconds: u32) -> Result<Figures> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a group has 1 to 512 events"
    )]
    let group = group.round().max(1.0) as u32;
    let options = [("group", group), ("milliseconds", milliseconds)];
    let figures = program.measure("bare", "turn", &options);
    program.forget("turn")?;
    let mut figures = figures?;
    figures.set("events_per_group", f64::from(group));
    Ok(figures)
}

fn syncs(program: &Program, plan: Plan) -> Result<Vec<(&'static str, u64, Figures)>> {
    let mut all = Vec::new();
    if machine::require("strace", "strace").is_err() {
        return Ok(all);
    }
    for (name, what) in [(LOG, "log"), (SQLITE, "sqlite")] {
        output::progress(&format!("syncs of {name}"));
        let options = [("writers", MOST_SAID), ("milliseconds", plan.milliseconds)];
        let counted = program.counted(what, "turn", &options);
        program.forget("turn")?;
        let (syncs, figures) = counted?;
        all.push((name, syncs, figures));
    }
    Ok(all)
}

fn pending(program: &Program, plan: Plan) -> Result<[Figures; 2]> {
    output::progress(&format!("{} pending events", plan.pending_count));
    let options = [("count", plan.pending_count)];
    let loaded = program.until_killed("pending", "pending", &options)?;
    let reopened = program.measure("reopened", "pending", &options)?;
    program.forget("pending")?;
    Ok([loaded, reopened])
}

fn keys(program: &Program, plan: Plan) -> Result<Vec<Series>> {
    output::progress(&format!("{} dedupe keys", plan.key_count));
    program.measure("fill-sqlite", "keys-sqlite", &[("count", plan.key_count)])?;
    let names = [(LOG, "log"), (SQLITE, "sqlite")];
    let mut all = names.map(|(name, _)| Series {
        writers: MOST_SAID,
        name,
        rounds: Vec::new(),
    });
    for round in 1..=plan.rounds.min(4) {
        output::progress(&format!("{} dedupe keys, round {round}", plan.key_count));
        for (one, (_, what)) in all.iter_mut().zip(names) {
            let options = [("writers", MOST_SAID), ("milliseconds", plan.milliseconds)];
            let figures = program.measure(what, &format!("keys-{what}"), &options)?;
            one.rounds.push(figures);
        }
    }
    program.forget("keys-log")?;
    program.forget("keys-sqlite")?;
    Ok(all.into())
}
