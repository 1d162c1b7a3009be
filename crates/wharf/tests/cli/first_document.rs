//! The page for beginners: its document is clean, and its commands work as they stand.

use std::process::Command;

use crate::support::eventually;
use crate::support::http::Request;
use crate::support::program::{CommandLine, PROGRAM, wharf};
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

/// What the page promises of `wharf up harbour --simulate`.
#[test]
fn serving_the_document_shows_a_call_that_works_as_it_stands() {
    let workspace = Workspace::empty();
    workspace.write("tides.md", blocks("````markdown")[0]);
    let serve = ["up", workspace.argument(), "--simulate"];
    let process = wharf(&serve).on_free_ports().start();
    let line = eventually("a call to paste", || {
        let text = process.stdout();
        let (_, behind) = text.split_once("Try it:\n")?;
        Some(behind.lines().next()?.trim().to_owned())
    });
    let address = line
        .split_whitespace()
        .find(|word| word.starts_with("http://"));
    let (host, path) = address.unwrap()["http://".len()..].split_once('/').unwrap();
    assert_eq!(path, "tides/tides/Emden", "{line}");
    let (_, token) = line.split_once("Bearer ").unwrap();
    let request = Request::get(&format!("/{path}")).bearer(token.trim_end_matches('\''));
    let answer = request.send(host.parse().unwrap()).unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("Emden"), "{}", answer.text());
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
