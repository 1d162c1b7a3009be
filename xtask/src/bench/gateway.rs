//! `cargo xtask bench gateway`: calls through wharf beside nginx with a bare `proxy_pass`, in one run.
//!
//! The subjects take turns round by round, so that a machine whose speed drifts treats them alike.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use super::load::{Load, Round, Sends};
use super::peer::Speaks;
use super::process::{Memory, Process};
use super::{machine, peer, report, results, subject};
use crate::{output, repository};

/// How the gateway is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Numbers of connections, each at most what the configuration of nginx leaves room for
    #[arg(long, value_delimiter = ',', default_value = "1,32,256,1024", value_parser = clap::value_parser!(u32).range(1..=1_900))]
    connections: Vec<u32>,
    /// Rounds of each subject at each number of connections
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Length of a round in seconds
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// What the vendor speaks
    #[arg(long, value_enum, default_value = "http1")]
    vendor: Speaks,
    /// Worker threads of wharf; its own default when absent
    #[arg(long)]
    workers: Option<u32>,
    /// A wharf to measure instead of building one as it is shipped (`cargo xtask dist`)
    #[arg(long, value_name = "PROGRAM")]
    program: Option<PathBuf>,
    /// Another wharf to measure in the same run, such as one of an older commit
    #[arg(long, value_name = "PROGRAM", conflicts_with = "peer_only")]
    before: Option<PathBuf>,
    /// Measure the peer alone
    #[arg(long)]
    peer_only: bool,
    /// Print the table only, leave benches/RESULTS.md as it is
    #[arg(long)]
    dry_run: bool,
}

/// One side of the comparison.
struct Subject<'run> {
    name: &'static str,
    url: String,
    process: &'run Process,
}

/// One measured round of one subject: the load, the processor time of the proxy, the vendor alone just before.
pub(super) struct Sample {
    pub(super) round: Round,
    pub(super) processor_microseconds: f64,
    pub(super) direct: Round,
}

/// All rounds of one subject at one number of connections, in the order of the rounds.
pub(super) struct Series {
    pub(super) name: &'static str,
    pub(super) connections: u32,
    pub(super) samples: Vec<Sample>,
}

/// Memory of one subject before the first round, after the last, and [`SETTLING`] later.
pub(super) struct Footprint {
    pub(super) name: &'static str,
    pub(super) processes: usize,
    pub(super) idle: Memory,
    pub(super) after: Memory,
    pub(super) settled: Memory,
}

/// What an allocator may hold back for a moment after a burst is given back within this time.
const SETTLING: Duration = Duration::from_secs(10);

/// The name of the subject that the others are divided by.
pub(super) const BASE: &str = "nginx";

/// Measures, prints the report and appends it to `benches/RESULTS.md`.
pub(super) fn run(options: &Options) -> Result<()> {
    machine::require("nginx", "nginx-light")?;
    machine::require("wrk", "wrk")?;
    let program = (!options.peer_only)
        .then(|| subject::named_or_built(options.program.as_ref()))
        .transpose()?;
    let folder = repository::target()?
        .join("bench")
        .join(std::process::id().to_string());
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("could not make {}", folder.display()))?;
    let report = measure(options, program.as_deref(), &folder)?;
    output::line(&report);
    if !options.dry_run {
        results::append(&report)?;
    }
    // What a failed run wrote is kept for a look at its logs.
    std::fs::remove_dir_all(&folder)
        .with_context(|| format!("could not remove {}", folder.display()))
}

fn measure(options: &Options, program: Option<&Path>, folder: &Path) -> Result<String> {
    let vendor = peer::vendor(folder, options.vendor)?;
    let nginx = peer::proxy(folder, "auto", &vendor)?;
    let nginx_single = peer::proxy(folder, "1", &vendor)?;
    let token = program.map_or_else(
        || Ok("none".to_owned()),
        |program| subject::caller_token(program, folder),
    )?;
    // Each has a copy of the same callers, so that one token opens both.
    let start = |name: &str, program: &Path| {
        subject::start(program, folder, name, &vendor, options.workers)
    };
    let before = options.before.as_deref();
    let before = before.map(|program| start("before", program)).transpose()?;
    let wharf = program.map(|program| start("wharf", program)).transpose()?;
    let url = |address| format!("http://{address}/{}", peer::PATH);
    let mut subjects = vec![
        Subject {
            name: BASE,
            url: url(nginx.address),
            process: &nginx.process,
        },
        Subject {
            name: "nginx, 1 worker",
            url: url(nginx_single.address),
            process: &nginx_single.process,
        },
    ];
    for (name, wharf) in [("wharf before", &before), ("wharf", &wharf)] {
        subjects.extend(wharf.as_ref().map(|wharf| Subject {
            name,
            url: wharf.url.clone(),
            process: &wharf.process,
        }));
    }

    let load = Load::new(folder, &token, options.seconds, Sends::Nothing)?;
    let idle = memory(&subjects)?;
    let series = rounds(options, &load, &vendor.url(), &subjects)?;
    let after = memory(&subjects)?;
    thread::sleep(SETTLING);
    let settled = memory(&subjects)?;
    let footprints = subjects
        .iter()
        .enumerate()
        .map(|(place, subject)| {
            Ok(Footprint {
                name: subject.name,
                processes: subject.process.count()?,
                idle: idle[place],
                after: after[place],
                settled: settled[place],
            })
        })
        .collect::<Result<Vec<_>>>()?;

    let mut versions = machine::versions()?;
    if let Some(program) = program {
        versions = format!("{}, {versions}", subject::version(program)?);
    }
    Ok(report::render(
        &report::Setting {
            moment: machine::moment()?,
            command: results::command(),
            machine: machine::describe()?,
            versions,
            vendor: options.vendor,
            rounds: options.rounds,
            seconds: options.seconds,
        },
        &series,
        &footprints,
    ))
}

fn memory(subjects: &[Subject]) -> Result<Vec<Memory>> {
    subjects
        .iter()
        .map(|subject| subject.process.memory())
        .collect()
}

fn rounds(
    options: &Options,
    load: &Load,
    direct: &str,
    subjects: &[Subject],
) -> Result<Vec<Series>> {
    let mut all = Vec::new();
    for &connections in &options.connections {
        for subject in subjects {
            // Opens the connections and warms the caches; not counted.
            load.round(&subject.url, connections)?;
        }
        let mut series: Vec<Series> = subjects
            .iter()
            .map(|subject| Series {
                name: subject.name,
                connections,
                samples: Vec::new(),
            })
            .collect();
        for round in 1..=options.rounds {
            output::progress(&format!(
                "{connections} connections, round {round} of {}",
                options.rounds
            ));
            let direct = load.round(direct, connections)?;
            for (subject, series) in subjects.iter().zip(&mut series) {
                let before = subject.process.processor_time()?;
                let round = load.round(&subject.url, connections)?;
                let used = subject.process.processor_time()?.saturating_sub(before);
                series.samples.push(Sample {
                    round,
                    processor_microseconds: used.as_secs_f64() * 1e6,
                    direct,
                });
            }
        }
        all.extend(series);
    }
    Ok(all)
}
