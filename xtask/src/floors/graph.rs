//! The dependency graph of `cargo metadata`, reduced to what the floors need.

use std::collections::{HashMap, HashSet, VecDeque};

use anyhow::{Context, Result};
use serde_json::Value;

/// Every package of the workspace and everything it depends on.
pub(super) struct Graph {
    packages: Vec<Package>,
}

/// One package and its dependencies, by place in the graph.
pub(super) struct Package {
    pub(super) name: String,
    is_member: bool,
    /// Needed to build or to run the package.
    needs: Vec<usize>,
    /// Needed by its tests only.
    tests_need: Vec<usize>,
}

impl Graph {
    /// Reads the output of `cargo metadata --format-version 1`.
    pub(super) fn from_metadata(metadata: &Value) -> Result<Self> {
        let listed = array(metadata, "packages")?;
        let members: HashSet<&str> = array(metadata, "workspace_members")?
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let mut packages = Vec::with_capacity(listed.len());
        let mut places = HashMap::with_capacity(listed.len());
        for package in listed {
            let id = text(package, "id")?;
            places.insert(id, packages.len());
            packages.push(Package {
                name: text(package, "name")?.to_owned(),
                is_member: members.contains(id),
                needs: Vec::new(),
                tests_need: Vec::new(),
            });
        }
        let resolved = metadata
            .get("resolve")
            .context("the metadata has no `resolve`")?;
        for node in array(resolved, "nodes")? {
            let from = place(&places, text(node, "id")?)?;
            for dependency in array(node, "deps")? {
                let to = place(&places, text(dependency, "pkg")?)?;
                let kinds = array(dependency, "dep_kinds")?;
                if kinds
                    .iter()
                    .any(|kind| kind.get("kind").and_then(Value::as_str) != Some("dev"))
                {
                    packages[from].needs.push(to);
                } else {
                    packages[from].tests_need.push(to);
                }
            }
        }
        Ok(Self { packages })
    }

    /// The crates of the workspace.
    pub(super) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.is_member)
    }

    /// The crates of the workspace that a crate uses, in its tests as well.
    pub(super) fn uses_of_workspace<'graph>(
        &'graph self,
        package: &'graph Package,
    ) -> impl Iterator<Item = &'graph Package> {
        package
            .needs
            .iter()
            .chain(&package.tests_need)
            .map(|&place| &self.packages[place])
            .filter(|package| package.is_member)
    }

    /// The shortest chain of names from a package to another one; what only tests need does not count.
    pub(super) fn path(&self, from: &Package, to: &str) -> Option<Vec<String>> {
        let mut queue: VecDeque<(usize, Vec<String>)> = from
            .needs
            .iter()
            .map(|&place| (place, vec![from.name.clone()]))
            .collect();
        let mut seen = HashSet::new();
        while let Some((place, mut path)) = queue.pop_front() {
            if !seen.insert(place) {
                continue;
            }
            let package = &self.packages[place];
            path.push(package.name.clone());
            if package.name == to {
                return Some(path);
            }
            queue.extend(package.needs.iter().map(|&next| (next, path.clone())));
        }
        None
    }
}

fn array<'value>(value: &'value Value, key: &str) -> Result<&'value Vec<Value>> {
    value
        .get(key)
        .and_then(Value::as_array)
        .with_context(|| format!("the metadata has no list `{key}`"))
}

fn text<'value>(value: &'value Value, key: &str) -> Result<&'value str> {
    value
        .get(key)
        .and_then(Value::as_str)
        .with_context(|| format!("the metadata has no text `{key}`"))
}

fn place(places: &HashMap<&str, usize>, id: &str) -> Result<usize> {
    places
        .get(id)
        .copied()
        .with_context(|| format!("the metadata names `{id}` but does not list it"))
}
