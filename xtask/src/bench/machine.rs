//! The machine and the versions a measurement was made with. The host's name is left out.

use std::fs;
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail};

use crate::repository;

/// Fails with the package to install when a program is absent.
pub(super) fn require(program: &str, package: &str) -> Result<()> {
    let found = Command::new("sh")
        .args(["-c", r#"command -v "$0""#, program])
        .output()?
        .status
        .success();
    if !found {
        bail!("`{program}` is not installed; on Debian: apt-get install {package}");
    }
    Ok(())
}

/// One line: processor, cores, kernel.
pub(super) fn describe() -> Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo")?;
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let cores = thread::available_parallelism()?;
    let kernel = repository::output_of(Command::new("uname").arg("-r"))?;
    Ok(format!("{model}, {cores} cores, Linux {}", kernel.trim()))
}

/// One line: the versions of the load generator, the peer and the compiler.
pub(super) fn versions() -> Result<String> {
    let nginx = Command::new("nginx")
        .arg("-v")
        .output()
        .context("could not start nginx")?;
    let nginx = String::from_utf8_lossy(&nginx.stderr)
        .trim()
        .trim_start_matches("nginx version: ")
        .to_owned();
    // wrk prints its version with its usage and then fails.
    let wrk = Command::new("wrk")
        .arg("-v")
        .output()
        .context("could not start wrk")?;
    let wrk = String::from_utf8_lossy(&wrk.stdout)
        .split(" Copyright")
        .next()
        .unwrap_or_default()
        .to_owned();
    let rustc = repository::output_of(Command::new("rustc").arg("--version"))?;
    Ok(format!("{nginx}, {wrk}, {}", rustc.trim()))
}

/// The day and the commit.
pub(super) fn moment() -> Result<String> {
    let day = repository::output_of(Command::new("date").args(["-u", "+%F"]))?;
    let commit =
        repository::output_of(Command::new("git").current_dir(repository::root()?).args([
            "rev-parse",
            "--short",
            "HEAD",
        ]))?;
    Ok(format!("{}, commit {}", day.trim(), commit.trim()))
}
