//! A secret in a document is in no output, also not as a reader of Markdown takes it: without the
//! escapes of an editor, in one line, in small letters.

use std::fmt::Write as _;

use crate::support::program::{Output, up, wharf};
use crate::support::workspace::Workspace;

const SECRET: &str = "sk_live_q8Zr2LxT5vN1mK7pW3cB9dYf";

/// What no output may have of it, in small letters.
const TRACE: &str = "q8zr2lxt5vn1";

/// `{}` stands where the secret may.
const DOCUMENT: &str = "\
---
title: \"[Integration] Example\"
type: tool
subtype: integration
environment: production
---

## Service Details

### Environments

| Environment | Endpoint | Status |
|---|---|---|
| Production | https://a.example.org | Active |

## Authentication

### Method
- Type: None

## API Endpoints

| Operation | Method | Endpoint |
|---|---|---|
| List things | GET | /things |
";

/// Places in which a document may hold it: what they replace, and with what.
const PLACES: [(&str, &str); 10] = [
    (
        "| Production |",
        "| {} | https://b.example.org | Active |\n| Production |",
    ),
    ("| GET |", "| {} |"),
    ("| List things |", "| {} |"),
    ("| Active |", "| {} |"),
    ("- Type: None", "- Type: None\n\n## {}"),
    (
        "- Type: None",
        "- Type: None\n\n## Notes\n\n### Tips\n- Use: {}",
    ),
    (
        "- Type: None",
        "- Type: None\n\n## Contacts\n\n### Internal\n- Owner: {}",
    ),
    (
        "- Type: None",
        "- Type: None\n\n## Dependencies\n\n### Our Systems That Use This\n- {}: {}",
    ),
    (
        "- Type: None",
        "- Type: None\n\n## Configuration\n\n### Optional Features\n- {}: enabled - x",
    ),
    (
        "### Environments",
        "### Overview\n- Category: {}\n- Purpose: {}\n\n### Environments",
    ),
];

/// Everything that shows a document or an error about one.
const COMMANDS: [&[&str]; 17] = [
    &["check", "."],
    &["check", ".", "--format", "lines"],
    &["check", ".", "--format", "json"],
    &["check", ".", "--format", "sarif"],
    &["check", ".", "--format", "github"],
    &["list", "."],
    &["list", ".", "--format", "json"],
    &["list", ".", "--category", "none"],
    &["graph", "."],
    &["graph", ".", "--format", "json"],
    &["index", "."],
    &["show", "a"],
    &["show", "a", "--format", "json"],
    &["show", "a", "--section", "Nope"],
    &["show", "a", "--section", "sk live q8"],
    &["show", "a", "--feature", "sk live q8"],
    &["call", "a", "nope"],
];

fn run(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(arguments).within(workspace.path()).finish()
}

fn assert_hidden(workspace: &Workspace, traces: &[String]) {
    let found = run(workspace, &["check", ".", "--format", "lines"]);
    assert!(format!("{found:?}").contains("WH215"), "{found:?}");
    for arguments in COMMANDS {
        let output = run(workspace, arguments);
        let index = std::fs::read_to_string(workspace.file("INDEX.md")).unwrap_or_default();
        let all = format!("{output:?}{index}")
            .to_lowercase()
            .replace('\\', "");
        for trace in traces {
            assert!(!all.contains(trace), "{arguments:?}: {output:?} {index}");
        }
    }
}

#[test]
fn a_secret_is_hidden_with_and_without_the_escapes_of_an_editor() {
    for (place, text) in PLACES {
        for written in [SECRET.to_owned(), SECRET.replace('_', "\\_")] {
            let workspace = Workspace::empty();
            let document = DOCUMENT.replace(place, &text.replace("{}", &written));
            workspace.write("a.md", &document);
            assert_hidden(&workspace, &[TRACE.to_owned()]);
        }
    }
}

#[test]
fn a_key_of_several_lines_is_hidden_where_they_are_one() {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut state = 7_u32;
    let mut line = |length: usize| -> String {
        let drawn = (0..length).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(digits[(state >> 26) as usize])
        });
        drawn.collect()
    };
    let mut lines: Vec<_> = (0..12).map(|_| line(64)).collect();
    lines.push(line(10) + "==");
    let mut key = "-----BEGIN PRIVATE KEY-----".to_owned();
    for line in &lines {
        let _ = write!(key, "\n  {line}");
    }
    key += "\n  -----END PRIVATE KEY-----";
    let workspace = Workspace::empty();
    workspace.write(
        "a.md",
        &format!(
            "{DOCUMENT}\n## Notes\n\n### Known Issues\n- The key:\n  {key}\n\n### Tips\n- {key}\n"
        ),
    );
    let traces: Vec<_> = lines.iter().map(|line| line.to_lowercase()).collect();
    assert_hidden(&workspace, &traces);
}

#[test]
fn a_gateway_says_nothing_of_a_secret_in_a_document_that_it_leaves_out() {
    let escaped = SECRET.replace('_', "\\_");
    let workspace = Workspace::empty();
    workspace.write(
        "a.md",
        &DOCUMENT.replace("| GET |", &format!("| {escaped} |")),
    );
    workspace.write("b.md", DOCUMENT);
    let gateway = up(&[workspace.argument(), "--simulate"]).ready();
    let state = gateway.control("/readyz").everything();
    let told = [gateway.process.stdout(), gateway.process.stderr()];
    let all = format!("{state}{told:?}").to_lowercase();
    assert!(all.contains("cannot be `********`"), "{all}");
    assert!(!all.contains(TRACE), "{all}");
}
