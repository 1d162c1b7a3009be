//! Every operation of every published description gives an answer of bounded size.

#[path = "../../../../tests/shared.rs"]
mod shared;

use std::path::PathBuf;
use std::time::Instant;

use serde_json::Value;
use wharf_openapi::Tree;

use self::shared::shared;
use super::response;
use crate::answer::{Plain, Prepared};

fn files() -> Vec<PathBuf> {
    let Some(folder) = shared("vendors/openapi") else {
        return Vec::new();
    };
    let folders = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = folders
        .filter_map(|folder| std::fs::read_dir(folder.ok()?.path()).ok())
        .flatten()
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|file| file.extension().is_some_and(|e| e == "json" || e == "yaml"))
        .collect();
    files.sort();
    files
}

fn size_bytes(answer: &Prepared) -> usize {
    match &answer.plain {
        Some(Plain::Json { value, .. }) => value.to_string().len(),
        Some(Plain::Bytes { bytes, .. }) => bytes.len(),
        Some(Plain::Empty) | None => 0,
    }
}

#[test]
fn every_published_operation_has_an_answer() {
    let mut answers = 0;
    let files = files();
    for file in &files {
        let text = std::fs::read_to_string(file).unwrap();
        let start = Instant::now();
        let tree = Tree::parse(&text).unwrap();
        let Some(dialect) = tree.dialect() else {
            continue;
        };
        let Ok(description) = tree.description() else {
            continue;
        };
        let parsed = start.elapsed();
        let mut largest = 0;
        for path in &description.paths {
            for described in &path.operations {
                let (path, method) = (&path.template, described.method);
                let Some(operation) = tree.operation(path, method) else {
                    panic!("{}: {method} {path} leads nowhere", file.display());
                };
                let answer = response::prepare(&tree, dialect, &operation);
                let size = size_bytes(&answer);
                assert!(
                    size < 1024 * 1024,
                    "{} {method} {path}: {size}",
                    file.display()
                );
                assert!(
                    answer.status.is_some() || redirects_only(&operation),
                    "{} {method} {path}",
                    file.display()
                );
                largest = largest.max(size);
                answers += 1;
            }
        }
        println!(
            "{}: parsed in {parsed:?}, answered in {:?}, largest {largest} bytes",
            file.display(),
            start.elapsed()
        );
    }
    assert!(files.is_empty() || answers > 4_000, "{answers}");
}

/// Whether the description shows no success of its own, only redirects or errors.
fn redirects_only(operation: &Value) -> bool {
    operation["responses"].as_object().is_none_or(|responses| {
        responses
            .keys()
            .all(|name| name.starts_with(['1', '3', '4', '5']))
    })
}
