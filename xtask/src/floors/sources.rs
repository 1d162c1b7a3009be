//! What the sources of the pure floors must not name: files, sockets, processes, the environment,
//! the clock, random numbers.
//!
//! The standard library is no dependency, so the graph cannot see it; and a package may bring random
//! numbers along that nobody draws.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{HIGHEST_PURE_FLOOR, HOUSE, Violation};
use crate::repository;

const WORDS: &[&str] = &[
    "std::fs",
    ".canonicalize(",
    ".exists()",
    ".metadata()",
    ".read_dir(",
    "path::absolute",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "ToSocketAddrs",
    "std::env",
    "std::process",
    "std::thread",
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now",
    "Zoned::now",
    "getrandom",
    "fastrand",
];

/// Every place in a pure crate, outside its tests, that names input, output, the clock or random numbers.
pub(super) fn check(root: &Path, files: &[PathBuf]) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for file in files
        .iter()
        .filter(|file| is_pure(file) && !repository::is_test(file))
    {
        let source = fs::read_to_string(root.join(file))
            .with_context(|| format!("could not read {}", file.display()))?;
        violations.extend(find(&file.display().to_string(), &source));
    }
    Ok(violations)
}

fn is_pure(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "rs")
        && HOUSE
            .iter()
            .filter(|rule| rule.floor <= HIGHEST_PURE_FLOOR)
            .any(|rule| file.starts_with(Path::new("crates").join(rule.name).join("src")))
}

/// The forbidden words of one source, comments left out.
pub(super) fn find(file: &str, source: &str) -> Vec<Violation> {
    source
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .flat_map(|(index, line)| {
            WORDS
                .iter()
                .filter(move |word| line.contains(**word))
                .map(move |word| (index + 1, *word))
        })
        .map(|(line, word)| Violation::Source {
            place: format!("{file}:{line}"),
            word,
        })
        .collect()
}
