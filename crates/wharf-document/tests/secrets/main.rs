//! The secret scanner against a labelled set: credentials made by chance after the vendors'
//! documentation, and things that only look like them. Says how much of each kind is found, and how
//! much of what is found is one.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod chosen;
mod lures;
mod names;
mod people;
mod quiet;
mod random;
mod samples;
mod shapes;
mod vendors;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_diag::{Colour, Hidden, SourceText, to_text};
use wharf_document::secret::{Found, Kind, scan};
use wharf_document::{IntegrationId, load};

use chosen::{CHOSEN, TALK};
use lures::LURES;
use people::PEOPLE;
use quiet::QUIET;
use random::{Random, SMALL};
use samples::{Place, Sample, sample};
use shapes::SHAPES;

const SEED: u64 = 0x05EC_2E75;
const SAMPLES_OF_A_KIND: usize = 40;
const SAMPLES_OF_A_VENDOR: usize = 10;
const LURES_OF_A_KIND: usize = 24;
const LEAST_RECALL: f64 = 0.97;
const LEAST_PRECISION: f64 = 0.97;
const PIECES_OF_A_DOCUMENT: usize = 20;

const FRONTMATTER: &str =
    "---\ntitle: \"[Integration] Set\"\ntype: tool\nsubtype: integration\n---\n\n## Notes\n\n";

/// Lines into which any credential can be put, at `@`.
const LINES: [&str; 16] = [
    "Use @ for the first call.",
    "- Token: `@`",
    "The old value was **@**, do not use it.",
    "| Production | @ | Active |",
    "| Name | Value |\n|---|---|\n| live | `@` |",
    "```json\n{ \"value\": \"@\", \"active\": true }\n```",
    "```yaml\nproduction:\n  value: @\n  region: eu\n```",
    "```yaml\nproduction: '@'\n```",
    "```sh\nexport VALUE=\"@\"\n```",
    "```sh\ncurl -u @: https://api.example.org/v1/items\n```",
    "```sh\ncurl -H 'Authorization: Bearer @' https://api.example.org\n```",
    "Siehe @, готово, 完了。",
    "(@)",
    "<!-- @ -->",
    "> @",
    "@",
];

/// Text in which the secrets' places are known.
#[derive(Default)]
struct Document {
    text: String,
    secrets: Vec<Found>,
}

impl Document {
    fn add_words(&mut self, random: &mut Random) {
        let mut length = 0;
        while length < 320 {
            let word = random.between(2, 11);
            length += word + 1;
            let _ = write!(self.text, "{} ", random.text(SMALL, word));
        }
        self.text.push_str("end.\n\n");
    }

    fn add_sample(&mut self, sample: &Sample, random: &mut Random) {
        let line = match sample.place {
            Place::Anywhere => random.pick(&LINES),
            Place::Lines(lines) => random.pick(lines),
        };
        let start = self.text.len() + line.find('@').unwrap();
        let inner = sample.text.find(&sample.secret).unwrap();
        let span = start + inner..start + inner + sample.secret.len();
        self.secrets.push(Found {
            kind: sample.kind,
            span: span.clone(),
        });
        let _ = write!(self.text, "{}\n\n", line.replacen('@', &sample.text, 1));
        assert_eq!(self.text[span], sample.secret);
    }
}

/// All pieces in documents, in an order of chance.
fn documents() -> Vec<Document> {
    let mut random = Random::new(SEED);
    let mut pieces: Vec<Result<Sample, String>> = Vec::new();
    for kind in Kind::ALL {
        pieces.extend((0..SAMPLES_OF_A_KIND).map(|_| Ok(sample(kind, &mut random))));
    }
    for index in 0..vendors::COUNT {
        pieces.extend((0..SAMPLES_OF_A_VENDOR).map(|_| Ok(vendors::token_of(index, &mut random))));
    }
    for shape in SHAPES.into_iter().chain(PEOPLE).chain(CHOSEN) {
        pieces.extend((0..SAMPLES_OF_A_KIND).map(|_| Ok(shape(&mut random))));
    }
    for lure in LURES.into_iter().chain(QUIET).chain(TALK) {
        pieces.extend((0..LURES_OF_A_KIND).map(|_| Err(lure(&mut random))));
    }
    random.shuffle(&mut pieces);
    pieces
        .chunks(PIECES_OF_A_DOCUMENT)
        .map(|pieces| {
            let mut document = Document::default();
            for piece in pieces {
                document.add_words(&mut random);
                match piece {
                    Ok(sample) => document.add_sample(sample, &mut random),
                    Err(lure) => {
                        let _ = write!(document.text, "{lure}\n\n");
                    }
                }
            }
            document
        })
        .collect()
}

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
    let _ = writeln!(
        table,
        "things that are no secret: {}",
        (LURES.len() + QUIET.len() + TALK.len()) * LURES_OF_A_KIND
    );
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
    assert!(LURES.len() * LURES_OF_A_KIND >= 1_000);
}

#[test]
fn no_output_shows_what_was_found() {
    for (index, document) in documents().into_iter().enumerate() {
        let text = format!("{FRONTMATTER}{}", document.text);
        let source = Arc::new(SourceText::new("set.md", text.as_str()));
        let id = IntegrationId::new(&format!("set-{index}")).unwrap();
        let loaded = load(&id, &source);
        let findings = &loaded.diagnostics;
        let shown = to_text(findings, &Hidden::of(findings), Colour::Never);
        let told = format!("{findings:?}{shown}");
        for found in scan(&text) {
            let secret = &text[found.span.clone()];
            let is_told = findings.iter().any(|finding| {
                matches!(finding.code.id, "WH215" | "WH216")
                    && finding.primary.span.range() == found.span
                    && finding.message.contains(found.kind.name())
            });
            assert!(is_told, "{:?}", found.kind);
            let line = secret.lines().nth(1).unwrap_or(secret);
            assert!(!shown.contains(line), "{:?}: {told}", found.kind);
        }
    }
}

/// More secrets than are reported: each of them is hidden all the same.
#[test]
fn secrets_past_the_bound_are_hidden() {
    let mut random = Random::new(SEED);
    let keys: Vec<_> = (0..1_500)
        .map(|_| sample(Kind::Shopify, &mut random).secret)
        .collect();
    let text = format!("{FRONTMATTER}{}\n", keys.join("\n"));
    let source = Arc::new(SourceText::new("many.md", text));
    let loaded = load(&IntegrationId::new("many").unwrap(), &source);
    let shown = to_text(
        &loaded.diagnostics,
        &Hidden::of(&loaded.diagnostics),
        Colour::Never,
    );
    assert!(keys.iter().all(|key| !shown.contains(key.as_str())));
    assert!(loaded.diagnostics.len() < 1_200 && loaded.left_out >= 400);
}

#[test]
fn the_documents_of_the_catalog_and_the_specs_hold_no_secret() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = markdown(&home.join("../../catalog"));
    // The pages show what is found on purpose; they are tests of their own.
    let docs = markdown(&home.join("../../docs"));
    files.extend(docs.into_iter().filter(|file| !file.ends_with("checks.md")));
    files.extend(markdown(&home.join("tests/spec")));
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
