//! The page for beginners: its document is clean, and its commands work as they stand.

use std::process::Command;

use crate::support::program::{CommandLine, PROGRAM};
use crate::support::workspace::Workspace;

const PAGE: &str = include_str!("../../../../docs/first-document.md");

/// What is inside the fenced blocks that begin with this line.
fn blocks(fence: &str) -> Vec<&'static str> {
    let ticks = fence.trim_end_matches(char::is_alphabetic);
    let mut found = Vec::new();
    let mut rest = PAGE;
    while let Some((_, behind)) = rest.split_once(&format!("\n{fence}\n")) {
        let (block, behind) = behind.split_once(&format!("\n{ticks}\n")).unwrap();
        found.push(block);
        rest = behind;
    }
    found
}

#[test]
fn every_command_of_the_page_works() {
    let workspace = Workspace::empty();
    let [document] = blocks("````markdown")[..] else {
        panic!("the page shows one document");
    };
    let commands = blocks("```sh").into_iter().flat_map(str::lines);
    // Serving does not end by itself; other tests start it.
    let commands =
        commands.filter(|line| line.starts_with("wharf ") && !line.starts_with("wharf up"));
    let mut seen = Vec::new();
    for line in commands {
        let words = line.strip_prefix("wharf").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", &format!("'{PROGRAM}'{words}")]);
        let output = CommandLine::new(command).within(workspace.path()).finish();
        assert_eq!(output.code, Some(0), "{line}: {output:?}");
        if line.contains("Wharf-Simulate") {
            assert!(output.stderr.contains("wharf-attempts: 2"), "{output:?}");
        }
        if line.starts_with("wharf new") {
            workspace.write("harbour/tides.md", document);
        }
        seen.push(line.split(' ').nth(1).unwrap());
    }
    assert_eq!(
        seen,
        [
            "init", "new", "check", "show", "call", "call", "call", "callers"
        ]
    );
}
