//! Reads the spec files and shows what a document became, one line for each thing.

// Each test program uses its own part of this file.
#![allow(dead_code, reason = "shared by several test programs")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests fails the test"
)]

mod model;
pub(crate) mod mutate;
#[path = "../../../../tests/shared.rs"]
mod shared;
pub(crate) mod survive;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use wharf_diag::{Severity, SourceText};
use wharf_document::{IntegrationId, Loaded, check_dates, load, suppress};

pub(crate) use model::show_model;
use shared::shared;

/// Put before a fragment, so that it is a document.
pub(crate) const FRONTMATTER: &str =
    "---\ntitle: \"[Integration] Example\"\ntype: tool\nsubtype: integration\n---\n";

const ENVIRONMENTS: &str = "\n## Service Details\n\n| Environment | Endpoint |\n|---|---|\n\
                            | Production | https://api.example.org |\n";

const AUTHENTICATION: &str = "\n## Authentication\n\n- Type: None\n";

/// The codes of what is found in a text on a day, infos aside.
pub(crate) fn codes_on(text: &str, today: &str) -> BTreeSet<&'static str> {
    survives_odd_letters(text);
    let (_, loaded) = read(text);
    let mut found = loaded.diagnostics;
    found.extend(check_dates(
        &loaded.integration.unwrap(),
        today.parse().unwrap(),
    ));
    let found = found.iter().filter(|d| d.severity != Severity::Info);
    found.map(|diagnostic| diagnostic.code.id).collect()
}

/// Whatever is read in a text, it is read where it stands: also behind letters whose small form has
/// more bytes (U+0130) or fewer (U+212A, U+1E9E), one character or none.
pub(crate) fn survives_odd_letters(text: &str) {
    for odd in ["\u{130}\u{130}\u{130} ", "\u{212a}\u{1e9e}\u{212a} "] {
        for mark in [": ", "| ", "- ", "`", " "] {
            survive::loads(&text.replace(mark, &format!("{mark}{odd}")));
        }
    }
}

/// A text with some passages written in another way; each stands there once.
pub(crate) fn changed(text: &str, changes: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in changes {
        assert_eq!(text.matches(from).count(), 1, "{from} stands there once");
        text = text.replace(from, to);
    }
    text
}

/// One case of a spec file.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) file: String,
    pub(crate) name: String,
    pub(crate) document: String,
    /// Lines of the file that were put before the document that stands in the spec.
    pub(crate) lines_before: usize,
    pub(crate) diagnostics: Option<String>,
    pub(crate) model: Option<String>,
}

/// All cases below `tests/spec`, in the order of their files.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for path in spec_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec")) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        cases.extend(parse(&name, &fs::read_to_string(&path).unwrap()));
    }
    assert!(!cases.is_empty(), "there are no spec files");
    cases
}

/// The documents of the catalog, each with its path.
pub(crate) fn catalog() -> Vec<(PathBuf, String)> {
    let paths = spec_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog"));
    let texts = paths.into_iter().map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        (path, text)
    });
    let documents = texts.filter(|(_, text)| wharf_document::is_integration(text));
    let catalog: Vec<_> = documents.collect();
    assert!(!catalog.is_empty(), "there is no catalog");
    catalog
}

/// The template between the fences of the seed, or `None` where the seed is absent.
pub(crate) fn template() -> Option<String> {
    let seed = fs::read_to_string(shared("seed/integrations-readme.md")?).unwrap();
    let start = seed.find("```markdown\n").unwrap() + "```markdown\n".len();
    let end = seed.find("\n```\n\n## Integration Categories").unwrap() + 1;
    Some(seed[start..end].to_owned())
}

/// The spec files below a folder.
pub(crate) fn spec_files(folder: &Path) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            paths.extend(spec_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}

/// Splits a spec file at its level-two headings outside of blocks.
pub(crate) fn parse(file: &str, text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut fence: Option<(String, String)> = None;
    let mut block = String::new();
    for line in text.lines() {
        if let Some((mark, kind)) = &fence {
            if line == mark {
                let case = cases.last_mut().expect("a block stands below a heading");
                take_block(case, kind, std::mem::take(&mut block));
                fence = None;
            } else {
                block.push_str(line);
                block.push('\n');
            }
        } else if line.starts_with("```") {
            let mark: String = line.chars().take_while(|c| *c == '`').collect();
            let kind = line[mark.len()..].to_owned();
            fence = Some((mark, kind));
        } else if let Some(name) = line.strip_prefix("## ") {
            cases.push(Case {
                file: file.to_owned(),
                name: name.to_owned(),
                document: String::new(),
                lines_before: 0,
                diagnostics: None,
                model: None,
            });
        }
    }
    assert!(fence.is_none(), "{file}: a block is not closed");
    for case in &cases {
        let asks = case.diagnostics.is_some() || case.model.is_some();
        assert!(
            asks && !case.document.is_empty(),
            "{file}: {} asks nothing",
            case.name
        );
    }
    cases
}

fn take_block(case: &mut Case, kind: &str, block: String) {
    match kind {
        "markdown" if block.starts_with("---") => case.document = block,
        "markdown" => {
            let mut document = format!("{FRONTMATTER}{block}");
            for (heading, text) in [
                ("## Service Details", ENVIRONMENTS),
                ("## Authentication", AUTHENTICATION),
            ] {
                if !document.to_lowercase().contains(&heading.to_lowercase()) {
                    document.push_str(text);
                }
            }
            case.lines_before = FRONTMATTER.lines().count();
            case.document = document;
        }
        "diagnostics" => case.diagnostics = Some(block),
        "model" => case.model = Some(block),
        other => panic!("{}: unknown block `{other}`", case.name),
    }
}

/// Loads a text as the document `example`, without the findings that its comments leave out.
pub(crate) fn read(text: &str) -> (Arc<SourceText>, Loaded) {
    let source = Arc::new(SourceText::new("example.md", text));
    let id = IntegrationId::new("example").unwrap();
    let mut loaded = load(&id, &source);
    let found = std::mem::take(&mut loaded.diagnostics);
    loaded.diagnostics = suppress(&source, found, |_| true).kept;
    (source, loaded)
}

/// One line for each finding: place, severity, code and message.
pub(crate) fn show_diagnostics(loaded: &Loaded, lines_before: usize) -> String {
    let mut text = String::new();
    for diagnostic in &loaded.diagnostics {
        let start = diagnostic.primary.start();
        let end = diagnostic.primary.end();
        let lines = if end.line == start.line {
            format!("{}-{}", start.column, end.column)
        } else {
            format!(
                "{}-{}:{}",
                start.column,
                end.line.saturating_sub(lines_before),
                end.column
            )
        };
        writeln!(
            text,
            "{}:{lines} {} {} {}",
            start.line.saturating_sub(lines_before),
            diagnostic.severity,
            diagnostic.code.slug,
            diagnostic.message
        )
        .unwrap();
    }
    text
}
