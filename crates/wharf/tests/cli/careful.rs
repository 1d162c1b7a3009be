//! Changes that may come from half a file: what is believed, what waits, and how it is accepted.

use std::fs;

use serde_json::Value;

use crate::support::document::Document;
use crate::support::program::{Output, up, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;
use crate::support::{eventually, soon, soon_once_still};

fn reload(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(&["reload", "--dir", workspace.argument()])
        .arguments(arguments)
        .finish()
}

/// The text up to a heading.
fn cut_before<'a>(text: &'a str, heading: &str) -> &'a str {
    &text[..text.find(heading).unwrap()]
}

/// FreeshardBase/freeshard#228, jcmoraisjr/haproxy-ingress#1509.
#[test]
fn half_a_document_without_its_authentication_never_sends_calls_without_a_credential() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let text = shop.text();
    let path = workspace.file("petshop.md");
    fs::write(&path, cut_before(&text, "## Authentication")).unwrap();
    eventually("the half to be held", || {
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        (!gateway.held().is_empty()).then_some(())
    });
    let (id, message) = gateway.held().remove(0);
    assert_eq!(id, "petshop");
    for words in [
        "`Credential Storage` says nothing any longer",
        "the credential of `production`",
        "the last good version stays",
        "wharf reload petshop --accept",
        "a restart",
    ] {
        assert!(message.contains(words), "no `{words}` in {message}");
    }
    assert!(gateway.broken().is_empty());
    assert_eq!(gateway.control("/readyz").status, 200);
    fs::write(&path, &text).unwrap();
    soon("the whole document", || gateway.held().is_empty());
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    for request in vendor.requests() {
        assert_eq!(request.header("authorization"), Some("Bearer key"));
    }
    let log = gateway.process.stderr();
    assert_eq!(
        log.matches("looks as if it were not whole").count(),
        1,
        "{log}"
    );
    assert!(gateway.reloads() < 0.5);
}

#[test]
fn a_held_change_is_shown_and_accepted() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let none = reload(&workspace, &[]);
    assert_eq!(none.code, Some(0), "{none:?}");
    assert!(none.stderr.contains("No change waits"), "{none:?}");

    let text = shop.text();
    let shorter = cut_before(&text, "## Error Handling");
    workspace.write("petshop.md", shorter);
    eventually("the change to be held", || {
        (!gateway.held().is_empty()).then_some(())
    });
    let rows = eventually("the change in the list", || {
        let shown = reload(&workspace, &["--format", "json"]);
        let rows: Value = serde_json::from_str(&shown.stdout).unwrap();
        (!rows.as_array().unwrap().is_empty()).then_some(rows)
    });
    assert_eq!(
        (&rows[0]["integration"], &rows[0]["file"]),
        (&"petshop".into(), &"petshop.md".into())
    );
    assert!(
        rows[0]["message"]
            .as_str()
            .unwrap()
            .contains("Common Errors"),
        "{rows}"
    );
    let other = reload(&workspace, &["petshup", "--accept"]);
    assert_eq!(other.code, Some(2), "{other:?}");
    assert!(
        other.stderr.contains("did you mean `petshop`?"),
        "{other:?}"
    );

    let accepted = reload(&workspace, &["petshop", "--accept"]);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    assert!(
        accepted.stderr.contains(
            "petshop.md is taken over as it stands. What is different: `Common Errors` says nothing any longer"
        ) && !accepted.stderr.contains("looks as if"),
        "{accepted:?}"
    );
    // The command ends when the change is in force.
    assert!(gateway.held().is_empty());
    assert!(gateway.reloads() > 0.5);
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    let again = reload(&workspace, &["petshop", "--accept"]);
    assert_eq!(again.code, Some(2), "{again:?}");
    assert!(
        again.stderr.contains("no change of `petshop` waits"),
        "{again:?}"
    );
}

#[test]
fn an_accepted_change_comes_up_after_a_crash() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let text = shop.operation("Feed pet | POST | /feed").text();
    workspace.write("petshop.md", cut_before(&text, "## Error Handling"));
    eventually("the change to be held", || {
        (!gateway.held().is_empty()).then_some(())
    });
    let accepted = reload(&workspace, &["petshop", "--accept"]);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    // Nothing on disk can run from now on: what comes up is what was kept.
    let broken = text.replace("version: 1", "version: [1");
    workspace.write_bytes("petshop.md", broken.as_bytes());
    eventually("a broken document", || {
        (gateway.broken().len() == 1).then_some(())
    });
    gateway.crash();

    let gateway = workspace.serve();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    let operations = gateway.ready["integrations"][0]["operations"].as_array();
    assert!(operations.unwrap().contains(&"feed-pet".into()));
    assert!(gateway.held().is_empty());
    let kept = fs::read_to_string(workspace.state().join("documents/petshop")).unwrap();
    assert!(!kept.contains("## Error Handling"), "{kept}");
}

#[test]
fn what_is_accepted_is_one_text_and_no_other() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let (_token, gateway) = workspace.serve_caller();
    let text = shop.text();
    workspace.write("petshop.md", cut_before(&text, "## Error Handling"));
    eventually("the change to be held", || {
        (!gateway.held().is_empty()).then_some(())
    });
    let held = workspace.state().join("reload/held/petshop");
    let waiting: Value = eventually("the change on disk", || {
        serde_json::from_slice(&fs::read(&held).ok()?).ok()
    });
    // Somebody saw this text; meanwhile the file holds less.
    workspace.write("petshop.md", cut_before(&text, "## API Endpoints"));
    eventually("the other change to be held", || {
        let held = gateway.held();
        held.iter()
            .any(|(_, message)| message.contains("`API Endpoints`"))
            .then_some(())
    });
    let seen = waiting["hash"].as_str().unwrap();
    fs::write(workspace.state().join("reload/accept/petshop"), seen).unwrap();
    // A later change of another document shows that the folder was looked at since.
    workspace.put(&Document::before("zoo", vendor.address()));
    eventually("another document", || {
        (gateway.reloads() > 0.5).then_some(())
    });
    assert_eq!(gateway.held().len(), 1);
}

#[test]
fn a_changed_host_is_believed_when_the_file_is_still_and_ends_in_a_newline() {
    let (old, new) = (Vendor::fine(), Vendor::fine());
    let workspace = Workspace::of([&Document::before("petshop", old.address())]);
    let (token, gateway) = workspace.serve_caller();
    let moved = Document::before("petshop", new.address()).text();
    workspace.write("petshop.md", moved.trim_end());
    eventually("a file without its last newline", || {
        (!gateway.held().is_empty()).then_some(())
    });
    assert!(gateway.held()[0].1.contains("does not end in a newline"));
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert!(new.requests().is_empty());
    workspace.write("petshop.md", &moved);
    let (file, message) = eventually("the change to be listed as waiting", || {
        gateway.listed("waiting", "file").pop()
    });
    assert_eq!(file, "petshop.md");
    assert!(
        message.contains("the endpoint of `production` is gone or another; the last good version"),
        "{message}"
    );
    soon_once_still("a changed host", || {
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        !new.requests().is_empty()
    });
    // It is told when the new text is kept.
    eventually("the end of the wait", || {
        (gateway.held().is_empty() && gateway.listed("waiting", "file").is_empty()).then_some(())
    });
}

#[test]
fn a_restart_takes_what_a_reload_holds() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let text = shop.operation("Feed pet | POST | /feed").text();
    workspace.write("petshop.md", cut_before(&text, "## Error Handling"));
    eventually("the change to be held", || {
        (!gateway.held().is_empty()).then_some(())
    });
    gateway.crash();
    let gateway = workspace.serve();
    assert!(gateway.held().is_empty());
    let operations = gateway.ready["integrations"][0]["operations"].as_array();
    assert!(operations.unwrap().contains(&"feed-pet".into()));
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    // Nobody need have asked for this restart.
    let told = gateway.process.until_logged("this start takes it");
    assert!(
        told.contains("petshop.md") && told.contains("`Common Errors` says nothing any longer"),
        "{told}"
    );
    // A crash before the new text is kept would have it told once more.
    let kept = workspace.state().join("documents/petshop");
    eventually("the taken text to be kept", || {
        let text = fs::read_to_string(&kept).unwrap();
        (!text.contains("## Error Handling")).then_some(())
    });
    gateway.crash();
    let gateway = workspace.serve();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    let log = gateway.process.stderr();
    assert!(!log.contains("this start takes it"), "{log}");
}

#[test]
fn a_reload_of_nothing_says_what_is_missing() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let output = reload(&workspace, &["petshop", "--accept"]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("no `wharf up` runs"), "{output:?}");
    assert!(!workspace.state().exists());
    workspace.caller("shop");
    assert_eq!(reload(&workspace, &[]).code, Some(2));
    let output = reload(&workspace, &["--accept"]);
    assert_eq!(output.code, Some(2), "{output:?}");
}

#[test]
fn a_simulation_holds_nothing() {
    let shop = Document::new("petshop", "https://vendor.invalid");
    let workspace = Workspace::of([&shop]);
    let gateway = up(&["--simulate", workspace.argument()]).ready();
    let text = shop.text();
    workspace.write("petshop.md", cut_before(&text, "## Error Handling"));
    soon("a shorter document", || gateway.reloads() > 0.5);
    assert!(gateway.held().is_empty());
    assert!(!workspace.state().exists());
}
