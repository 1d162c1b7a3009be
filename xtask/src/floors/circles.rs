//! No circle of files between folders of one crate: a folder that another one needs does not need it back.
//!
//! What counts are the modules directly below the root of a crate, and the paths between them that
//! their sources name, tests left out. A module with modules below it is a folder. The root itself
//! joins all of them, so a path to what it defines is no edge; one to what it only passes on leads to
//! the module that defines it.

mod paths;
#[cfg(test)]
mod tests;
mod tokens;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Violation;
use crate::repository;
use paths::Source;

/// One use of a module by another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    from: String,
    to: String,
    /// File and line.
    place: String,
}

impl fmt::Display for Edge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} -> {} ({})", self.from, self.to, self.place)
    }
}

/// A file of a crate: its place in the repository, its path below `src`, its text.
struct File {
    place: String,
    below: PathBuf,
    text: String,
}

/// Every crate of the workspace that has a circle.
pub(super) fn check(root: &Path, files: &[PathBuf]) -> Result<Vec<Violation>> {
    let mut crates: BTreeMap<String, Vec<File>> = BTreeMap::new();
    for file in files {
        let Some((name, below)) = in_crate(file).filter(|_| !repository::is_test(file)) else {
            continue;
        };
        let text = fs::read_to_string(root.join(file))
            .with_context(|| format!("could not read {}", file.display()))?;
        crates.entry(name).or_default().push(File {
            place: file.display().to_string(),
            below,
            text,
        });
    }
    let mut violations = Vec::new();
    for (name, files) in crates {
        let circles = Modules::of(&files).circles();
        violations.extend(circles.into_iter().map(|edges| Violation::Circle {
            name: name.clone(),
            edges,
        }));
    }
    Ok(violations)
}

/// The crate of a source file, and its path below `src`.
fn in_crate(file: &Path) -> Option<(String, PathBuf)> {
    let file = file.strip_prefix("crates").unwrap_or(file);
    let mut parts = file.iter();
    let name = parts.next()?.to_str()?.to_owned();
    let below = parts.as_path().strip_prefix("src").ok()?;
    let is_source = below.extension().is_some_and(|extension| extension == "rs");
    is_source.then(|| (name, below.to_owned()))
}

/// The modules directly below the root of a crate, and which of them names which.
struct Modules {
    folders: BTreeSet<String>,
    /// The first place of each edge, by its start and its end.
    edges: BTreeMap<String, BTreeMap<String, String>>,
}

impl Modules {
    fn of(files: &[File]) -> Self {
        let sources: Vec<_> = files
            .iter()
            .map(|file| (file, Source::read(&file.below, &file.text)))
            .collect();
        let only_tests: BTreeSet<&[String]> = sources
            .iter()
            .flat_map(|(_, source)| source.test_modules.iter().map(Vec::as_slice))
            .collect();
        let is_test = |module: &[String]| {
            (1..=module.len()).any(|length| only_tests.contains(&module[..length]))
        };
        let sources: Vec<_> = sources
            .iter()
            .filter(|(_, source)| !is_test(&source.module))
            .collect();
        let names: BTreeSet<&str> = sources
            .iter()
            .filter_map(|(_, source)| source.module.first().map(String::as_str))
            .collect();
        let passed_on: HashMap<&str, &str> = sources
            .iter()
            .filter(|(_, source)| source.module.is_empty())
            .flat_map(|(_, source)| &source.passed_on)
            .filter(|(_, module)| names.contains(module.as_str()))
            .map(|(item, module)| (item.as_str(), module.as_str()))
            .collect();
        let mut modules = Self {
            folders: BTreeSet::new(),
            edges: BTreeMap::new(),
        };
        for (file, source) in sources {
            let Some((from, below)) = source.module.split_first() else {
                continue;
            };
            if !below.is_empty() {
                modules.folders.insert(from.clone());
            }
            for (name, line) in &source.from_root {
                let name = name.as_str();
                let to = names.get(name).or_else(|| passed_on.get(name));
                if let Some(to) = to.filter(|to| **to != from) {
                    let ends = modules.edges.entry(from.clone()).or_default();
                    ends.entry((*to).to_owned())
                        .or_insert_with(|| format!("{}:{line}", file.place));
                }
            }
        }
        modules
    }

    /// The shortest circle through each set of folders that all need each other.
    fn circles(&self) -> Vec<Vec<Edge>> {
        let mut told: BTreeSet<&str> = BTreeSet::new();
        let mut circles = Vec::new();
        for folder in &self.folders {
            if told.contains(folder.as_str()) {
                continue;
            }
            let reached = self.reached_from(folder);
            let together = self.folders.iter().map(String::as_str).filter(|other| {
                *other != folder
                    && reached.contains(other)
                    && self.reached_from(other).contains(folder.as_str())
            });
            let together: Vec<_> = [folder.as_str()].into_iter().chain(together).collect();
            told.extend(&together);
            circles.extend(
                together
                    .iter()
                    .filter_map(|start| self.circle(start))
                    .min_by_key(Vec::len),
            );
        }
        circles
    }

    fn reached_from<'modules>(&'modules self, start: &'modules str) -> BTreeSet<&'modules str> {
        let mut reached = BTreeSet::new();
        let mut open = vec![start];
        while let Some(next) = open.pop() {
            for to in self.edges.get(next).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(to.as_str()) {
                    open.push(to);
                }
            }
        }
        reached
    }

    /// The shortest way from a folder back to it that leads through another folder.
    fn circle(&self, start: &str) -> Option<Vec<Edge>> {
        let mut ways = VecDeque::from([(start, false, Vec::new())]);
        let mut seen = BTreeSet::new();
        while let Some((at, is_elsewhere, way)) = ways.pop_front() {
            for (to, place) in self.edges.get(at).into_iter().flatten() {
                let mut way = way.clone();
                way.push(Edge {
                    from: at.to_owned(),
                    to: to.clone(),
                    place: place.clone(),
                });
                if to == start {
                    if is_elsewhere {
                        return Some(way);
                    }
                    continue;
                }
                let is_elsewhere = is_elsewhere || self.folders.contains(to);
                if seen.insert((to, is_elsewhere)) {
                    ways.push_back((to, is_elsewhere, way));
                }
            }
        }
        None
    }
}
