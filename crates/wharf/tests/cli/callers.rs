//! `wharf callers`: who may call, also while a gateway runs.

use std::fs::File;
use std::process::{Command, Stdio};

use crate::support::document::Document;
use crate::support::program::{Output, PROGRAM, wharf};
use crate::support::soon;
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

fn callers(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(&["callers", "--dir", workspace.argument()])
        .arguments(arguments)
        .finish()
}

#[test]
fn callers_are_added_replaced_and_removed_while_a_gateway_runs() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let gateway = workspace.serve();
    let status = |token: &str| gateway.get("/petshop/pets", token).status;
    gateway.process.until_logged("no caller is registered");
    assert_eq!(status("wharf_guess"), 401);

    let first = workspace.caller("shop");
    soon("an added caller", || status(&first) == 200);

    let replaced = callers(&workspace, &["add", "shop", "--replace"]);
    assert_eq!(replaced.code, Some(0), "{replaced:?}");
    let second = replaced.stdout.trim_end();
    assert_ne!(first, second);
    soon("a replaced token", || status(&first) == 401);
    assert_eq!(status(second), 200);

    let removed = callers(&workspace, &["remove", "shop", "--format", "json"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    let told: serde_json::Value = serde_json::from_str(&removed.stdout).unwrap();
    assert_eq!(told, serde_json::json!({ "name": "shop", "removed": true }));
    soon("a removed caller", || status(second) == 401);
    assert_eq!(gateway.stop().code, Some(0));
}

#[test]
fn a_removed_caller_stays_removed_after_a_crash() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let (removed, gateway) = workspace.serve_caller();
    let other = workspace.caller("other");
    let output = callers(&workspace, &["remove", "shop"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    // Perhaps before the process has seen it.
    gateway.crash();
    let gateway = workspace.serve();
    assert_eq!(gateway.get("/petshop/pets", &removed).status, 401);
    assert_eq!(gateway.get("/petshop/pets", &other).status, 200);
}

// Its token is shown once. Who has not seen it has a caller that nobody can be, and whose old
// token would be lost besides.
#[test]
fn a_caller_whose_token_could_not_be_written_is_not_added_or_changed() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    workspace.caller("shop");
    let before = callers(&workspace, &["list", "--format", "json"]).stdout;
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    // A reader that went away, as `| true` is.
    let gone = || Stdio::from(std::io::pipe().unwrap().1);
    let full: &dyn Fn() -> Stdio = &full;
    let nowhere = "closed, or leads to /dev/null";
    for (target, why) in [
        (full, "No space left"),
        (&gone, "Broken pipe"),
        (&Stdio::null, nowhere),
    ] {
        for arguments in [
            &["add", "lost"][..],
            &["add", "lost", "--format", "json"],
            &["add", "shop", "--replace"],
        ] {
            let refused = Command::new(PROGRAM)
                .args(["callers", "--dir", workspace.argument()])
                .args(arguments)
                .stdout(target())
                .output()
                .unwrap();
            let told = String::from_utf8(refused.stderr).unwrap();
            assert_eq!(refused.status.code(), Some(2), "{told}");
            assert!(
                told.contains("nothing was changed") && told.contains(why),
                "{told}"
            );
            let after = callers(&workspace, &["list", "--format", "json"]).stdout;
            assert_eq!(before, after, "{told}");
        }
    }
}

#[test]
fn a_closed_standard_output_adds_nobody() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let script = "exec \"$0\" callers --dir \"$1\" add shop >&-";
    let refused = Command::new("sh")
        .args(["-c", script, PROGRAM, workspace.argument()])
        .output()
        .unwrap();
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("closed, or leads to /dev/null"), "{told}");
    let after = callers(&workspace, &["list", "--format", "json"]).stdout;
    assert_eq!(after, "[]\n");
}

#[test]
fn commands_that_are_told_to_run_find_the_same_state() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let folder = workspace.argument();
    let empty = callers(&workspace, &["list"]);
    let command = format!("wharf callers add NAME --dir {folder}");
    assert!(empty.stderr.contains(&command), "{empty:?}");
    let gateway = workspace.serve();
    gateway.process.until_logged(&command);
    let state = workspace.file("elsewhere");
    let state = state.to_str().unwrap();
    let empty = callers(&workspace, &["list", "--state", state]);
    let command = format!("wharf callers add NAME --state {state}");
    assert!(empty.stderr.contains(&command), "{empty:?}");
}

#[test]
fn callers_are_listed_without_their_tokens() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let empty = callers(&workspace, &["list"]);
    assert_eq!(
        (empty.code, empty.stdout.as_str()),
        (Some(0), ""),
        "{empty:?}"
    );
    assert!(empty.stderr.contains("wharf callers add"), "{empty:?}");

    let tokens = [workspace.caller("shop"), workspace.caller("billing")];
    let text = callers(&workspace, &["list"]);
    let names: Vec<_> = text
        .stdout
        .lines()
        .map(|line| line.split_whitespace().next().unwrap())
        .collect();
    assert_eq!(names, ["billing", "shop"]);
    let json = callers(&workspace, &["list", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(rows[0]["name"], "billing");
    assert!(
        rows[0]["created"].as_str().unwrap().ends_with('Z'),
        "{rows}"
    );
    for token in &tokens {
        assert!(!format!("{text:?}{json:?}").contains(token));
    }

    let added = callers(&workspace, &["add", "third", "--format", "json"]);
    let added: serde_json::Value = serde_json::from_str(&added.stdout).unwrap();
    assert!(
        added["name"] == "third" && added["token"].as_str().unwrap().starts_with("wharf_"),
        "{added}"
    );
}

#[test]
fn a_caller_is_not_added_twice_by_accident() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    workspace.caller("shop");
    let again = callers(&workspace, &["add", "shop"]);
    assert_eq!(
        (again.code, again.stdout.as_str()),
        (Some(2), ""),
        "{again:?}"
    );
    assert!(
        again.stderr.contains("shop") && again.stderr.contains("--replace"),
        "{again:?}"
    );
    let unknown = callers(&workspace, &["remove", "shpo"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(
        unknown.stderr.contains("there is no caller `shpo`"),
        "{unknown:?}"
    );
}
