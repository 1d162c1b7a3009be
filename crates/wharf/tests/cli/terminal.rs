//! What others wrote, shown on a real terminal: nothing in it acts there.
//!
//! `script` (util-linux) runs a command on a pseudo-terminal and passes on what it writes.

use std::fs;
use std::process::Command;

use crate::support::document::Document;
use crate::support::program::{CommandLine, Output, PROGRAM, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

/// Sets the window's title, clears the screen in both notations, and turns the writing around.
const ACTING: &str = "\u{1b}]0;pwned\u{7}\u{1b}[2J\u{9b}2J\u{202e}\u{2066}\u{200b}";

/// What of that JSON lets stand in a text without an escape.
const ACTING_IN_JSON: &str = "\u{9b}2J\u{202e}\u{2066}\u{200b}";

/// Runs the program with standard output and standard error on one terminal.
fn on_a_terminal(workspace: &Workspace, arguments: &[&str]) -> Output {
    let words = [&[PROGRAM], arguments].concat();
    let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
    let mut command = Command::new("script");
    command.args([
        "--quiet",
        "--return",
        "--command",
        &quoted.join(" "),
        "/dev/null",
    ]);
    CommandLine::new(command)
        .within(workspace.path())
        // Colours are escape sequences of our own.
        .variable("NO_COLOR", "1")
        .variable("PET_KEY", "key")
        .finish()
}

fn acting_signs(text: &str) -> String {
    let acts = |c: &char| {
        !matches!(c, '\n' | '\r' | '\t') && (c.is_control() || wharf_diag::is_unprintable(*c))
    };
    text.chars().filter(acts).collect()
}

#[test]
fn a_terminal_is_told_from_a_file() {
    let workspace = Workspace::empty();
    let mut command = Command::new("script");
    command.args(["--quiet", "--return", "--command", "test -t 1", "/dev/null"]);
    let output = CommandLine::new(command).within(workspace.path()).finish();
    assert_eq!(output.code, Some(0), "{output:?}");
}

#[test]
fn a_terminal_that_knows_no_sequences_gets_none() {
    let workspace = Workspace::empty();
    workspace.write("pets.md", "---\nsubtype: integration\ntype: tool\n---\n");
    let coloured = |kind: &str, line: &str| {
        let mut command = Command::new("script");
        let line = format!("'{PROGRAM}' {line}");
        command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
        let command = CommandLine::new(command).within(workspace.path());
        let output = command.variable("TERM", kind).finish();
        output.stdout.contains('\u{1b}')
    };
    for line in ["check --severity info pets.md", "--help"] {
        assert!(!coloured("dumb", line), "{line}");
    }
    assert!(coloured("xterm", "check --severity info pets.md"));
}

#[test]
fn a_difference_reaches_a_terminal_without_what_acts_on_it() {
    let workspace = Workspace::empty();
    let text = format!(
        "---\nsubtype: integration\ntype: tool\n---\n\n|a|b|\n|-|-|\n|long {ACTING} cell|1|\n"
    );
    workspace.write("pets.md", &text);
    let shown = on_a_terminal(&workspace, &["fmt", "--diff", "pets.md"]);
    assert_eq!(shown.code, Some(1), "{shown:?}");
    assert!(shown.stdout.contains("|long "), "{shown:?}");
    assert_eq!(acting_signs(&shown.stdout), "", "{shown:?}");
    // A file gets the very bytes, so that the difference can be applied.
    let piped = wharf(&["fmt", "--diff", "pets.md"])
        .within(workspace.path())
        .finish();
    assert!(piped.stdout.contains(ACTING), "{piped:?}");
    assert_eq!(fs::read_to_string(workspace.file("pets.md")).unwrap(), text);
}

#[test]
fn an_answer_reaches_a_terminal_without_what_acts_on_it() {
    for (kind, body) in [
        ("text/plain", format!("before {ACTING} after\n")),
        (
            "application/json",
            format!("{{\"name\": \"before {ACTING_IN_JSON} after\"}}"),
        ),
    ] {
        let answer = format!(
            "HTTP/1.1 200 OK \u{9b}2J\r\nContent-Type: {kind}\r\nX-Note: a \u{9b}2J\u{202e} b\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let vendor = Vendor::answering(move |_| answer.clone().into_bytes());
        let workspace = Workspace::of([&Document::before("petshop", vendor.address())]);
        let call = ["call", "petshop", "list-pets"];
        let shown = on_a_terminal(&workspace, &call);
        assert_eq!(shown.code, Some(0), "{shown:?}");
        assert!(
            shown.stdout.contains("before ") && shown.stdout.contains("dispatch"),
            "{shown:?}"
        );
        assert_eq!(acting_signs(&shown.stdout), "", "{shown:?}");
        let piped = wharf(&call)
            .within(workspace.path())
            .variable("PET_KEY", "key")
            .finish();
        assert!(piped.stdout.contains(ACTING_IN_JSON), "{piped:?}");
    }
}

#[test]
fn an_argument_that_is_told_again_does_not_act() {
    let workspace = Workspace::empty();
    for arguments in [
        &[ACTING][..],
        &["check", "--format", ACTING],
        &["list", ACTING, ACTING],
        &["up", &format!("--{ACTING}")],
    ] {
        let output = on_a_terminal(&workspace, arguments);
        assert_eq!(output.code, Some(2), "{output:?}");
        assert_eq!(acting_signs(&output.stdout), "", "{output:?}");
        assert!(output.stdout.contains("error:"), "{output:?}");
    }
}

#[test]
fn a_key_is_shown_on_a_terminal_only_to_who_asks_for_that() {
    let workspace = Workspace::empty();
    let refused = on_a_terminal(&workspace, &["store", "key", "new"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stdout.contains("not shown on a terminal"));
    let shown = on_a_terminal(&workspace, &["store", "key", "new", "--print"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    let key = shown.stdout.lines().find(|line| line.len() == 44);
    assert!(key.is_some_and(|key| key.ends_with('=')), "{shown:?}");
}
