//! `wharf completions`, `wharf man`, `wharf graph` and `wharf explain` as other programs take them.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::program::wharf;
use crate::support::workspace::Workspace;

/// Every command and those below it.
fn commands(prefix: &[&str], found: &mut Vec<String>) {
    found.push(
        ["wharf"]
            .iter()
            .chain(prefix)
            .copied()
            .collect::<Vec<_>>()
            .join("-"),
    );
    let help = wharf(prefix).arguments(&["--help"]).finish();
    let list = help
        .stdout
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1);
    let names: Vec<_> = list
        .take_while(|line| !line.is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .map(|line| line.split_whitespace().next().unwrap())
        .filter(|name| *name != "help")
        .collect();
    for name in names {
        let below: Vec<&str> = prefix.iter().copied().chain([name]).collect();
        commands(&below, found);
    }
}

/// Gives a text to a program; what it writes to standard error. `None`: it is not installed.
fn accepted(program: &str, arguments: &[&str], text: &str) -> Option<String> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        println!("skipped: {program} is not installed");
        return None;
    };
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{program}: {complaints}");
    Some(complaints)
}

#[test]
fn shells_accept_their_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = wharf(&["completions", shell]).finish();
        assert_eq!(
            (output.code, output.stderr.as_str()),
            (Some(0), ""),
            "{shell}"
        );
        // The scripts of the others complete no values.
        let values: &[&str] = match shell {
            "bash" | "zsh" => &["openai-api", "WH601"],
            _ => &[],
        };
        for word in values.iter().chain(&["explain", "simulate"]) {
            assert!(
                output.stdout.contains(word),
                "{shell} does not complete {word}"
            );
        }
        let check: Option<&[&str]> = match shell {
            "bash" | "zsh" => Some(&["-n", "/dev/stdin"]),
            "fish" => Some(&["--no-execute", "/dev/stdin"]),
            _ => None,
        };
        if let Some(complaints) = check.and_then(|flags| accepted(shell, flags, &output.stdout)) {
            assert_eq!(complaints, "", "{shell}");
        }
    }
    assert_eq!(wharf(&["completions", "tcsh"]).finish().code, Some(2));
}

#[test]
fn bash_completes_catalog_ids() {
    let script = wharf(&["completions", "bash"]).finish().stdout;
    let ask = "\nCOMP_WORDS=(wharf new --from sl); COMP_CWORD=3; _wharf wharf sl --from; \
               [ \"${COMPREPLY[*]}\" = slack ] || { echo \"${COMPREPLY[*]}\" >&2; exit 1; }\n";
    accepted("bash", &["--norc"], &(script + ask));
}

#[test]
fn every_command_has_a_manual_page() {
    let workspace = Workspace::empty();
    let output = wharf(&["man"]).within(workspace.path()).finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    let mut pages: Vec<_> = output.stdout.lines().collect();
    pages.sort_unstable();
    let mut expected = Vec::new();
    commands(&[], &mut expected);
    let mut expected: Vec<_> = expected
        .iter()
        .map(|name| format!("man/{name}.1"))
        .collect();
    expected.sort();
    assert!(pages.len() > 12, "{pages:?}");
    assert_eq!(pages, expected);
    for page in pages {
        let text = fs::read_to_string(workspace.file(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}: {text}");
        if let Some(complaints) = accepted("groff", &["-man", "-ww", "-Tascii"], &text) {
            assert_eq!(complaints, "", "{page}");
        }
    }
}

#[test]
fn a_graph_is_drawn_in_every_form() {
    let workspace = Workspace::empty();
    for (form, start) in [
        ("dot", "digraph wharf {"),
        ("mermaid", "flowchart LR"),
        ("json", "{"),
    ] {
        let arguments = ["graph", "--catalog", "--format", form];
        let output = wharf(&arguments).within(workspace.path()).finish();
        assert_eq!(output.code, Some(0), "{output:?}");
        assert!(output.stdout.starts_with(start), "{output:?}");
        assert!(output.stdout.contains("Stripe"), "{output:?}");
        if form == "dot" {
            accepted("dot", &["-Tcanon"], &output.stdout);
        }
    }
    let focus = wharf(&["graph", "--catalog", "--focus", "strip"]).finish();
    assert_eq!(focus.code, Some(2), "{focus:?}");
    assert!(focus.stderr.contains("did you mean `stripe`?"), "{focus:?}");
}

#[test]
fn codes_are_listed_searched_and_explained() {
    let list = wharf(&["explain"]).finish();
    assert_eq!(list.code, Some(0), "{list:?}");
    assert!(list.stdout.starts_with("CODE "), "{list:?}");
    assert!(list.stdout.contains("\nWH707  index-stale "), "{list:?}");
    let found = wharf(&["explain", "--search", "index INDEX.md"]).finish();
    assert!(
        found.stdout.lines().count() < list.stdout.lines().count(),
        "{found:?}"
    );
    assert!(found.stdout.contains("WH707"), "{found:?}");
    let nothing = wharf(&["explain", "--search", "zzzz"]).finish();
    assert_eq!(nothing.code, Some(2), "{nothing:?}");
    let page = wharf(&["explain", "WH707", "--format", "json"]).finish();
    let page: serde_json::Value = serde_json::from_str(&page.stdout).unwrap();
    assert_eq!(
        (&page["severity"], &page["name"]),
        (&"warning".into(), &"index-stale".into())
    );
    assert!(
        page["page"]
            .as_str()
            .unwrap()
            .starts_with("# WH707 index-stale\n")
    );
}
