//! File descriptors: how many there are, and what is told and done where they do not suffice.

use std::fs;
use std::process::Command;
use std::thread;

use crate::support::document::Document;
use crate::support::http::Request;
use crate::support::program::{CommandLine, Gateway, PROGRAM};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

/// The program behind these words of a shell.
fn behind(limit: &str, workspace: &Workspace) -> Gateway {
    let mut command = Command::new("sh");
    let script = format!("{limit} && exec \"$0\" \"$@\"");
    command.args(["-c", &script, PROGRAM, "up", "--format", "json"]);
    CommandLine::new(command)
        .on_free_ports()
        .arguments(&[workspace.argument()])
        .variable("PET_KEY", "key")
        .ready()
}

/// A vendor, and its document by this name.
fn shop(id: &str) -> (Vendor, Document) {
    let vendor = Vendor::fine();
    let document = Document::before(id, vendor.address());
    (vendor, document)
}

#[test]
fn the_soft_limit_is_raised_to_the_hard_one() {
    let (_vendor, document) = shop("petshop");
    let workspace = Workspace::of([&document]);
    workspace.write("wharf.toml", "[gateway]\nmax_connections = 50\n");
    let gateway = behind("ulimit -Sn 64 && ulimit -Hn 900", &workspace);
    let limits = fs::read_to_string(format!("/proc/{}/limits", gateway.process.id())).unwrap();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let mut words = line.unwrap().split_whitespace();
    assert_eq!((words.next(), words.next()), (Some("900"), Some("900")));
    let ready = gateway.control("/readyz").json();
    assert_eq!(ready["max_connections"], 50);
    assert!(ready["connections_problem"].is_null(), "{ready}");
}

#[test]
fn where_the_limit_is_low_fewer_callers_are_taken_and_none_is_failed() {
    const CALLERS: usize = 100;
    let shops = ["first", "second", "third", "fourth", "fifth"].map(shop);
    let workspace = Workspace::of(shops.iter().map(|(_, document)| document));
    workspace.write("wharf.toml", "[gateway]\nworkers = 2\n");
    let token = workspace.caller("shop");
    let gateway = behind("ulimit -n 160", &workspace);
    let ready = gateway.control("/readyz").json();
    assert_eq!(ready["max_connections"], 40);
    let problem = ready["connections_problem"].as_str().unwrap();
    for word in [
        "40 connections",
        "not 4096",
        "open 160 files",
        "`ulimit -Hn`",
    ] {
        assert!(problem.contains(word), "{problem}");
    }
    assert!(gateway.process.stderr().contains(problem));

    thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                for id in ["first", "second", "third", "fourth", "fifth"] {
                    let request = Request::get(&format!("/{id}/pets")).bearer(&token);
                    let answer = request.send(gateway.data).unwrap();
                    assert_eq!(answer.status, 200, "{answer:?}");
                }
            });
        }
    });
}

#[test]
fn where_the_system_gives_no_more_threads_the_start_fails_in_words() {
    let (_vendor, document) = shop("petshop");
    let workspace = Workspace::of([&document]);
    let mut command = Command::new("sh");
    // Room for the stacks of some threads, and not for those of all workers.
    let script = "ulimit -v 3000000 && exec \"$0\" \"$@\"";
    command.args(["-c", script, PROGRAM, "up", "--workers", "128"]);
    let ended = CommandLine::new(command)
        .on_free_ports()
        .arguments(&[workspace.argument()])
        .variable("PET_KEY", "key")
        .variable("RUST_MIN_STACK", "67108864")
        .finish();
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("the data plane failed"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
}
