//! Documents that are made to do harm: they cost bounded time, and nothing of theirs acts on a
//! terminal.

use std::time::{Duration, Instant};

use crate::support::program::{Output, wharf};
use crate::support::workspace::Workspace;

/// Far above what any of them takes, in a debug build on a busy machine.
const DEADLINE: Duration = Duration::from_secs(10);

const HEAD: &str =
    "---\ntitle: \"[Integration] Example\"\ntype: tool\nsubtype: integration\n---\n\n";

fn stored(yaml: &str) -> String {
    format!("{HEAD}## Authentication\n\n### Credential Storage\n\n```yaml\n{yaml}\n```\n")
}

fn run(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(arguments).within(workspace.path()).finish()
}

#[test]
fn what_repeats_in_credential_storage_costs_no_more_than_its_length() {
    let cases = [
        ("question marks", format!("{}y", "? ".repeat(20_000))),
        ("dashes", format!("x:\n{}y", "- ".repeat(20_000))),
        (
            "a variable",
            format!(
                "production:\n  location: ENV_VARIABLES\n  variables: [{}]",
                "a1".repeat(20_000)
            ),
        ),
        (
            "a path",
            format!(
                "production:\n  location: FILE\n  path: {}",
                "a ".repeat(20_000)
            ),
        ),
        ("brackets", "[".repeat(40_000)),
        (
            "levels",
            (0..500)
                .map(|level| format!("{}a:\n", " ".repeat(level)))
                .collect(),
        ),
    ];
    for (name, yaml) in cases {
        let workspace = Workspace::empty();
        workspace.write("x.md", &stored(&yaml));
        let start = Instant::now();
        let output = run(&workspace, &["check", "."]);
        let taken = start.elapsed();
        assert!(
            matches!(output.code, Some(0 | 1)),
            "{name}: {:?}",
            output.code
        );
        assert!(taken < DEADLINE, "{name}: {taken:?}");
    }
}

#[test]
fn what_repeats_in_prose_costs_no_more_than_its_length() {
    let long = 20_000;
    for (name, text) in [
        ("comments", "<!--".repeat(long)),
        ("bars", "| a ".repeat(long)),
        ("rows", "|a|\n|-|\n".repeat(long / 4)),
        ("backticks", "` `` ".repeat(long / 2)),
        ("links", "[a](".repeat(long)),
        ("quotes", "> ".repeat(long)),
        ("stars", "*a **".repeat(long / 2)),
        ("words", "a1".repeat(long)),
        ("headings", "## a\n".repeat(long / 4)),
    ] {
        let workspace = Workspace::empty();
        workspace.write("x.md", &format!("{HEAD}## Service Details\n\n{text}\n"));
        for command in [&["check", "."][..], &["list", "."], &["show", "x"]] {
            let start = Instant::now();
            let output = run(&workspace, command);
            let taken = start.elapsed();
            assert!(output.code.is_some(), "{name}: {command:?}");
            assert!(taken < DEADLINE, "{name}: {command:?}: {taken:?}");
        }
    }
}

#[test]
fn nothing_of_a_document_acts_on_a_terminal() {
    let acting = "\u{1b}]0;pwned\u{7}\u{1b}[2J\u{9b}2J\u{202e}\u{2066}\u{200b}";
    let workspace = Workspace::empty();
    let text = format!(
        "---\ntitle: \"[Integration] Ex{acting}ample\"\ntype: tool\nsubtype: integration\n---\n\n\
         ## Overview\n\n- Purpose: pay{acting}ments\n- Owner: team{acting}\n\n\
         ## Service Details\n\n| Environment | Endpoint |\n|---|---|\n\
         | Production | http{acting}://a.example |\n\n\
         ## API Endpoints\n\n| Operation | Method | Path |\n|---|---|---|\n\
         | A{acting} | GE{acting}T | /a |\n"
    );
    workspace.write("x.md", &text);
    workspace.write("y\u{202e}\u{2066}z.md", &text);
    for command in [
        &["check", "."][..],
        &["check", ".", "--format", "github"],
        &["check", ".", "--format", "json"],
        &["check", ".", "--format", "sarif"],
        &["list", ".", "--format", "json"],
        &["show", "x", "--format", "json"],
        &["graph", ".", "--format", "json"],
        &["fmt", ".", "--check"],
        &["list", "."],
        &["show", "x"],
        &["graph", "."],
        &["graph", ".", "--format", "mermaid"],
        &["index", "."],
    ] {
        let output = run(&workspace, command);
        for said in [&output.stdout, &output.stderr] {
            let found = said.chars().find(|c| {
                !matches!(c, '\n' | '\t') && (c.is_control() || wharf_diag::is_unprintable(*c))
            });
            assert_eq!(found, None, "{command:?}: {said:?}");
        }
    }
    let index = std::fs::read_to_string(workspace.file("INDEX.md")).unwrap_or_default();
    assert!(
        !index.contains(|c| c != '\n' && wharf_diag::is_unprintable(c)),
        "{index:?}"
    );
}
