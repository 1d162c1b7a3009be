//! `cargo xtask bench check`: `wharf check` beside rumdl on many documents of the template's size.
//!
//! Every run is a cold process that finds, reads and checks all documents. The subjects take turns.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::report::{Row, comparison};
use super::{machine, results, subject};
use crate::{output, repository};

/// The peer, and the version that is installed where it is missing.
const RUMDL: &str = "rumdl==0.3.0";

/// Documents in one folder of the workspace.
const PER_FOLDER: u32 = 100;

/// How checking is measured.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Numbers of documents
    #[arg(long, value_delimiter = ',', default_value = "1000,10000", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    documents: Vec<u32>,
    /// Runs of each subject at each number of documents
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// A document to copy instead of the user's template, or the project's own where that is absent
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// A wharf to measure instead of building one as it is shipped (`cargo xtask dist`)
    #[arg(long, value_name = "PROGRAM")]
    program: Option<PathBuf>,
    /// Print the table only, leave benches/RESULTS.md as it is
    #[arg(long)]
    dry_run: bool,
}

/// What the operating system says of one run.
#[derive(Debug, Clone, Copy)]
struct Sample {
    wall_seconds: f64,
    processor_seconds: f64,
    peak_mebibytes: f64,
}

/// One command and its runs.
struct Series {
    name: String,
    program: PathBuf,
    arguments: Vec<String>,
    samples: Vec<Sample>,
}

/// Measures, prints the report and appends it to `benches/RESULTS.md`.
pub(super) fn run(options: &Options) -> Result<()> {
    machine::require("/usr/bin/time", "time")?;
    let rumdl = rumdl()?;
    let program = subject::named_or_built(options.program.as_ref())?;
    let folder = repository::target()?
        .join("bench")
        .join(std::process::id().to_string());
    let document = document(options.document.as_deref())?;
    let mut all = Vec::new();
    for count in &options.documents {
        let workspace = folder.join(count.to_string());
        write(&workspace, &document, *count)?;
        all.extend(measure(options, &program, &rumdl, &workspace, *count)?);
    }
    let report = report(options, &program, &rumdl, document.len(), &all)?;
    output::line(&report);
    if !options.dry_run {
        results::append(&report)?;
    }
    fs::remove_dir_all(&folder).with_context(|| format!("could not remove {}", folder.display()))
}

/// The peer from the path, or installed into a folder of its own below `target`.
fn rumdl() -> Result<PathBuf> {
    let found = Command::new("sh")
        .args(["-c", "command -v rumdl"])
        .output()?;
    if found.status.success() {
        return Ok(PathBuf::from(String::from_utf8(found.stdout)?.trim()));
    }
    let folder = repository::target()?.join("bench-env");
    let program = folder.join("bin/rumdl");
    if !program.is_file() {
        output::progress("installing rumdl");
        repository::output_of(Command::new("python3").args(["-m", "venv"]).arg(&folder))
            .context("rumdl needs Python; on Debian: apt-get install python3-venv")?;
        let pip = folder.join("bin/pip");
        repository::output_of(Command::new(pip).args(["install", "--quiet", RUMDL]))?;
    }
    Ok(program)
}

/// The text that is copied: the one that is named, the user's template, or the project's own.
pub(super) fn document(named: Option<&Path>) -> Result<String> {
    if let Some(path) = named {
        return fs::read_to_string(path)
            .with_context(|| format!("could not read {}", path.display()));
    }
    let root = repository::root()?;
    let shared =
        std::env::var_os("WHARF_SHARED").map_or_else(|| root.join("../shared"), Into::into);
    if let Ok(seed) = fs::read_to_string(shared.join("seed/integrations-readme.md"))
        && let Some(template) = template_in(&seed)
    {
        return Ok(template.to_owned());
    }
    let own = root.join("crates/wharf/src/template.md");
    fs::read_to_string(&own).with_context(|| format!("could not read {}", own.display()))
}

/// The first block of the seed: its fence is closed by the last one before the next heading.
fn template_in(seed: &str) -> Option<&str> {
    let (_, behind) = seed.split_once("```markdown\n")?;
    let (block, _) = behind.split_once("\n## Integration Categories")?;
    let end = block.rfind("```")?;
    Some(&block[..end])
}

fn write(workspace: &Path, document: &str, count: u32) -> Result<()> {
    output::progress(&format!("writing {count} documents"));
    for index in 0..count {
        let folder = workspace.join(format!("{:03}", index / PER_FOLDER));
        if index % PER_FOLDER == 0 {
            fs::create_dir_all(&folder)
                .with_context(|| format!("could not make {}", folder.display()))?;
        }
        fs::write(folder.join(format!("service-{index:05}.md")), document)?;
    }
    Ok(())
}

fn measure(
    options: &Options,
    program: &Path,
    rumdl: &Path,
    workspace: &Path,
    count: u32,
) -> Result<Vec<(u32, Series)>> {
    let folder = workspace.to_string_lossy().into_owned();
    let series = |name: &str, program: &Path, arguments: &[&str]| Series {
        name: name.to_owned(),
        program: program.to_owned(),
        arguments: arguments
            .iter()
            .map(|word| (*word).to_owned())
            .chain([folder.clone()])
            .collect(),
        samples: Vec::new(),
    };
    let mut subjects = vec![
        series("rumdl", rumdl, &["check", "--no-cache"]),
        series("wharf", program, &["check"]),
        series("wharf, JSON", program, &["check", "--format", "json"]),
    ];
    // One run of each that does not count fills the file system's cache.
    for round in 0..=options.rounds {
        output::progress(&format!(
            "{count} documents, round {round} of {}",
            options.rounds
        ));
        for subject in &mut subjects {
            let sample = timed(subject)?;
            if round > 0 {
                subject.samples.push(sample);
            }
        }
    }
    Ok(subjects.into_iter().map(|series| (count, series)).collect())
}

/// Runs a command once. Its output is thrown away; findings are no failure.
fn timed(subject: &Series) -> Result<Sample> {
    let started = Instant::now();
    let output = Command::new("/usr/bin/time")
        .args(["-q", "-f", "%U %S %M"])
        .arg(&subject.program)
        .args(&subject.arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()?;
    let wall_seconds = started.elapsed().as_secs_f64();
    if !matches!(output.status.code(), Some(0 | 1)) {
        bail!("{} ended with {}", subject.name, output.status);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let numbers: Vec<f64> = said
        .lines()
        .next_back()
        .unwrap_or_default()
        .split(' ')
        .map_while(|word| word.parse().ok())
        .collect();
    let [user, system, peak] = numbers[..] else {
        bail!("`time` printed nothing that could be read");
    };
    Ok(Sample {
        wall_seconds,
        processor_seconds: user + system,
        peak_mebibytes: peak / 1_024.0,
    })
}

fn report(
    options: &Options,
    program: &Path,
    rumdl: &Path,
    bytes: usize,
    all: &[(u32, Series)],
) -> Result<String> {
    let rumdl_version = repository::output_of(Command::new(rumdl).arg("--version"))?;
    let rows: Vec<_> = all
        .iter()
        .map(|(count, series)| Row {
            group: count.to_string(),
            name: series.name.clone(),
            values: series
                .samples
                .iter()
                .map(|s| vec![s.wall_seconds, s.processor_seconds, s.peak_mebibytes])
                .collect(),
        })
        .collect();
    let table = comparison(
        &["documents", "subject"],
        &[("wall, s", 3), ("CPU, s", 2), ("peak memory, MiB", 0)],
        "rumdl",
        &rows,
    );
    Ok(format!(
        "## Check, {}\n\n- Command: `{}`\n- Machine: {}\n- Versions: {}, {}\n\
         - Load: copies of one document of {bytes} bytes, {PER_FOLDER} in a folder; every run is a cold process over \
         warm files, the secret scan included; output goes to /dev/null.\n\
         - Figures: medians of {} runs, (least to most); ×, the median of the ratios to rumdl, run by run.\n\n{table}",
        machine::moment()?,
        results::command(),
        machine::describe()?,
        subject::version(program)?,
        rumdl_version.trim(),
        options.rounds,
    ))
}
