//! The secret scanner against a labelled set. Says how much of each kind is found, and how much of
//! what is found is one.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod set;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use wharf_scan::{Found, Kind, scan};

use set::{documents, lures};

const LEAST_RECALL: f64 = 0.97;
const LEAST_PRECISION: f64 = 0.97;

#[derive(Clone, Copy, Default)]
struct Score {
    found: u32,
    missed: u32,
    wrong: u32,
}

impl Score {
    fn recall(self) -> f64 {
        f64::from(self.found) / f64::from(self.found + self.missed)
    }

    fn precision(self) -> f64 {
        f64::from(self.found) / f64::from((self.found + self.wrong).max(1))
    }
}

#[test]
fn every_kind_is_found_and_little_else() {
    let mut scores: BTreeMap<Kind, Score> = BTreeMap::new();
    let mut mistakes = String::new();
    for document in documents() {
        let found = scan(&document.text);
        assert!(found.is_sorted_by(|left, right| left.span.end <= right.span.start));
        for secret in &document.secrets {
            let score = scores.entry(secret.kind).or_default();
            if found.contains(secret) {
                score.found += 1;
            } else {
                score.missed += 1;
                describe(&mut mistakes, "missed", secret, &document.text);
            }
        }
        for wrong in found
            .iter()
            .filter(|found| !document.secrets.contains(found))
        {
            scores.entry(wrong.kind).or_default().wrong += 1;
            describe(&mut mistakes, "wrong", wrong, &document.text);
        }
    }
    let table = table(&scores);
    println!("{table}\n{mistakes}");
    for (kind, score) in scores {
        let is_good = score.recall() >= LEAST_RECALL && score.precision() >= LEAST_PRECISION;
        assert!(is_good, "{kind:?}\n{table}\n{mistakes}");
    }
}

fn describe(mistakes: &mut String, what: &str, found: &Found, text: &str) {
    let Range { start, end } = found.span;
    let from = text[..start].rfind("\n\n").map_or(0, |at| at + 2);
    let to = text[end..].find("\n\n").map_or(text.len(), |at| end + at);
    let _ = writeln!(mistakes, "{what} {:?}: {}", found.kind, &text[from..to]);
}

fn table(scores: &BTreeMap<Kind, Score>) -> String {
    let mut table = String::from("kind                   true  found  wrong  recall  precision\n");
    let mut all = Score::default();
    for (kind, score) in scores {
        row(&mut table, &format!("{kind:?}"), *score);
        all.found += score.found;
        all.missed += score.missed;
        all.wrong += score.wrong;
    }
    row(&mut table, "all", all);
    let _ = writeln!(table, "things that are no secret: {}", lures());
    table
}

fn row(table: &mut String, name: &str, score: Score) {
    let _ = writeln!(
        table,
        "{name:<22} {:>4}  {:>5}  {:>5}  {:>6.3}  {:>9.3}",
        score.found + score.missed,
        score.found,
        score.wrong,
        score.recall(),
        score.precision()
    );
}

#[test]
fn the_set_is_large_enough() {
    let documents = documents();
    let secrets: usize = documents
        .iter()
        .map(|document| document.secrets.len())
        .sum();
    assert!(secrets >= 300);
    assert!(lures() >= 1_000);
}

#[test]
fn the_documents_of_the_catalog_and_the_specs_hold_no_secret() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = markdown(&home.join("../../catalog"));
    // The pages show what is found on purpose; they are tests of their own.
    let docs = markdown(&home.join("../../docs"));
    files.extend(docs.into_iter().filter(|file| !file.ends_with("checks.md")));
    files.extend(markdown(&home.join("../wharf-document/tests/spec")));
    assert!(files.len() > 10, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let mut found = scan(&text);
        // Cases of the specs that show what is found.
        found.retain(|found| {
            let value = &text[found.span.clone()];
            !matches!(value, "correct-horse-battery-staple" | "hunter2")
        });
        let lines: Vec<_> = found
            .iter()
            .map(|found| {
                (
                    found.kind,
                    text[..found.span.start].matches('\n').count() + 1,
                )
            })
            .collect();
        assert!(lines.is_empty(), "{}: {lines:?}", file.display());
    }
}

fn markdown(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(markdown(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
    files
}
