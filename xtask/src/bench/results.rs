//! The file of results: how it begins, and what is added to it.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

use crate::repository;

/// How the file of results begins.
const HEADING: &str = "# Results\n\nWritten by `cargo xtask bench`, the newest last. \
    Compare figures of one run only: machines differ, and one machine differs from hour to hour.\n";

/// Adds a report to `benches/RESULTS.md`.
pub(super) fn append(report: &str) -> Result<()> {
    let path = repository::root()?.join("benches/RESULTS.md");
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("could not open {}", path.display()))?;
    let heading = if file.metadata()?.len() == 0 {
        HEADING
    } else {
        ""
    };
    write!(file, "{heading}\n{report}")
        .with_context(|| format!("could not write {}", path.display()))
}

/// The command as it was given; where on this machine a file lies is left out.
pub(super) fn command() -> String {
    let mut line = "cargo xtask".to_owned();
    for word in env::args().skip(1) {
        let shown = match Path::new(&word).file_name() {
            Some(name) if word.contains('/') => name.to_string_lossy().into_owned(),
            _ => word,
        };
        line.push(' ');
        line.push_str(&shown);
    }
    line
}
