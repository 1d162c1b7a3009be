//! `cargo xtask ci`: every check, one after the other, with its time; a failure does not stop the rest.

mod sizes;
mod words;

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::{floors, output, reference, repository};

/// What to check.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Leave the tests out
    #[arg(long)]
    no_tests: bool,
}

/// How a check ended when it did not fail.
enum Outcome {
    Passed,
    /// It could not be made here; the text says why.
    Skipped(String),
}

/// One check and what to call it.
struct Step {
    name: &'static str,
    run: fn() -> Result<Outcome>,
}

const TESTS: &str = "tests";

const STEPS: &[Step] = &[
    Step {
        name: "format",
        run: format,
    },
    Step {
        name: "lints",
        run: lints,
    },
    Step {
        name: TESTS,
        run: tests,
    },
    Step {
        name: "reference",
        run: reference,
    },
    Step {
        name: "licences and advisories",
        run: licences,
    },
    Step {
        name: "floors",
        run: || floors::run().map(|()| Outcome::Passed),
    },
    Step {
        name: "sizes",
        run: || sizes::run().map(|()| Outcome::Passed),
    },
    Step {
        name: "words",
        run: || words::run().map(|()| Outcome::Passed),
    },
];

/// Runs the checks and prints a summary; fails with the list of the failed ones.
pub(crate) fn run(options: &Options) -> Result<()> {
    let mut summary = Vec::new();
    let mut failed = Vec::new();
    for step in STEPS
        .iter()
        .filter(|step| !options.no_tests || step.name != TESTS)
    {
        output::line(&format!("\n== {} ==", step.name));
        let started = Instant::now();
        let verdict = match (step.run)() {
            Ok(Outcome::Passed) => "passed".to_owned(),
            Ok(Outcome::Skipped(reason)) => format!("skipped: {reason}"),
            Err(error) => {
                output::line(&format!("{error:#}"));
                failed.push(step.name);
                "FAILED".to_owned()
            }
        };
        let row = row(step.name, started.elapsed(), &verdict);
        output::line(&row);
        summary.push(row);
    }
    output::line("\n== summary ==");
    for row in &summary {
        output::line(row);
    }
    if !failed.is_empty() {
        bail!("failed checks: {}", failed.join(", "));
    }
    Ok(())
}

fn row(name: &str, took: Duration, verdict: &str) -> String {
    format!("{name:<24} {:>7.1} s  {verdict}", took.as_secs_f64())
}

fn format() -> Result<Outcome> {
    pass(&mut repository::cargo(&["fmt", "--all", "--check"])?)
}

fn lints() -> Result<Outcome> {
    pass(&mut repository::cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ])?)
}

fn tests() -> Result<Outcome> {
    if repository::has_cargo_command("nextest") {
        pass(&mut repository::cargo(&[
            "nextest",
            "run",
            "--workspace",
            "--no-fail-fast",
        ])?)?;
        // nextest leaves the examples in the documentation out.
        return pass(&mut repository::cargo(&[
            "test",
            "--workspace",
            "--doc",
            "--no-fail-fast",
        ])?);
    }
    pass(&mut repository::cargo(&[
        "test",
        "--workspace",
        "--no-fail-fast",
    ])?)
}

fn reference() -> Result<Outcome> {
    reference::check()?;
    let mut command = repository::cargo(&[
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ])?;
    pass(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn licences() -> Result<Outcome> {
    if !repository::has_cargo_command("deny") {
        return Ok(Outcome::Skipped(
            "cargo-deny is not installed; `cargo install cargo-deny --locked` gets it".to_owned(),
        ));
    }
    // The advisory database is fetched from the network, so it is asked for by name: `cargo deny check`.
    pass(&mut repository::cargo(&[
        "deny", "check", "licenses", "bans", "sources",
    ])?)
}

/// Runs a command with its output in sight.
fn pass(command: &mut Command) -> Result<Outcome> {
    let status = command.status()?;
    if !status.success() {
        let words: Vec<_> = command
            .get_args()
            .map(|word| word.to_string_lossy())
            .collect();
        bail!("`cargo {}` failed with {status}", words.join(" "));
    }
    Ok(Outcome::Passed)
}
