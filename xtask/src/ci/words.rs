//! Words that no file of the repository may hold: paths of one machine, hosts of package registries.
//!
//! A build that names them works in one place only.

#[cfg(test)]
mod tests;

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{output, repository};

/// Folders of one machine. They are split here so that this file passes its own check.
const MACHINE_PATHS: &[&str] = &[concat!("/ro", "ot/"), concat!("/wo", "rk/")];

/// Hosts of package registries, split for the same reason.
const REGISTRY_HOSTS: &[&str] = &[
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("registry.", "npmjs.org"),
    concat!("registry.", "yarnpkg.com"),
    concat!("files.", "pythonhosted.org"),
    concat!("py", "pi.org"),
    concat!("deb.", "debian.org"),
    concat!("security.", "debian.org"),
];

/// Prints every forbidden word with its place and fails when there is one.
pub(super) fn run() -> Result<()> {
    let root = repository::root()?;
    let files = repository::files()?;
    let mut findings = 0;
    for file in &files {
        let bytes = fs::read(root.join(file))
            .with_context(|| format!("could not read {}", file.display()))?;
        // A file that is not text has no lines to point at.
        let Ok(text) = std::str::from_utf8(&bytes) else {
            continue;
        };
        for (line, word) in find(text) {
            findings += 1;
            output::line(&format!(
                "{}:{line}: `{word}` belongs to one machine; leave it out",
                file.display()
            ));
        }
    }
    if findings > 0 {
        bail!("{findings} forbidden words");
    }
    output::line(&format!("{} files, no forbidden word", files.len()));
    Ok(())
}

/// The forbidden words of a text, each with its line, counted from 1.
fn find(text: &str) -> Vec<(usize, &'static str)> {
    text.lines()
        .enumerate()
        .flat_map(|(index, line)| {
            let paths = MACHINE_PATHS
                .iter()
                .filter(move |word| holds_path(line, word));
            let hosts = REGISTRY_HOSTS
                .iter()
                .filter(move |word| line.contains(**word));
            paths.chain(hosts).map(move |word| (index + 1, *word))
        })
        .collect()
}

/// Whether a line names a path from the root of a file system. `https://host/path/` is none.
fn holds_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(place, _)| {
        line[..place].chars().next_back().is_none_or(|before| {
            !before.is_alphanumeric() && !matches!(before, '.' | '_' | '-' | '}' | ')')
        })
    })
}
