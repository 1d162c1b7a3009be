//! Documents whose files go away: which ends are believed, and which somebody has to accept.

use std::fs;

use serde_json::Value;

use crate::support::document::Document;
use crate::support::program::{Gateway, Output, up, wharf};
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;
use crate::support::{eventually, soon, soon_once_still};

fn started(workspace: &Workspace) -> (String, Gateway) {
    let token = workspace.caller("shop");
    let gateway = up(&[workspace.argument()])
        .variable("PET_KEY", "key")
        .ready();
    (token, gateway)
}

fn reload(workspace: &Workspace, arguments: &[&str]) -> Output {
    wharf(&["reload", "--dir", workspace.argument()])
        .arguments(arguments)
        .finish()
}

/// Waits until the ends of these integrations are held, and gives the first message.
fn until_held(gateway: &Gateway, ids: &[&str]) -> String {
    eventually("the ends to be held", || {
        let held = gateway.held();
        let found: Vec<_> = held.iter().map(|(id, _)| id.as_str()).collect();
        (found == ids).then(|| held[0].1.clone())
    })
}

fn assert_served(gateway: &Gateway, token: &str, ids: &[&str]) {
    for id in ids {
        let answer = gateway.get(&format!("/{id}/pets"), token);
        assert_eq!(answer.status, 200, "{id}");
    }
}

/// Where the last good documents are kept is a workspace, also when nothing else of it is left.
#[test]
fn the_command_that_is_told_works_in_the_folder_of_the_documents() {
    let vendor = Vendor::fine();
    let workspace = Workspace::of([&Document::before("petshop", vendor.address())]);
    let (_, gateway) = started(&workspace);
    workspace.remove("petshop.md");
    let told = until_held(&gateway, &["petshop"]);
    assert!(told.contains("`wharf reload petshop --accept`"), "{told}");
    let accepted = wharf(&["reload", "petshop", "--accept"])
        .within(workspace.path())
        .finish();
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    soon("the end", || gateway.held().is_empty());
}

#[test]
fn all_documents_gone_at_once_go_on_until_that_is_accepted() {
    let vendor = Vendor::fine();
    let [shop, zoo] = ["petshop", "zoo"].map(|id| Document::before(id, vendor.address()));
    let workspace = Workspace::of([&shop, &zoo]);
    let (token, gateway) = started(&workspace);
    let both = ["petshop", "zoo"];
    for name in ["petshop.md", "zoo.md"] {
        workspace.remove(name);
    }
    let message = until_held(&gateway, &both);
    for words in [
        "all 2 documents at once",
        "unmounted",
        "the last good version stays",
        "`wharf reload petshop --accept` ends it",
        "a restart",
    ] {
        assert!(message.contains(words), "no `{words}` in {message}");
    }
    assert_eq!(gateway.control("/readyz").status, 200);
    assert!(gateway.broken().is_empty());
    assert_served(&gateway, &token, &both);
    gateway.process.until_logged("zoo.md: is gone with all 2");

    // One comes back; that the other is gone stays open.
    workspace.put(&shop);
    until_held(&gateway, &["zoo"]);
    assert_served(&gateway, &token, &both);
    workspace.put(&zoo);
    soon("all to be back", || gateway.held().is_empty());

    for name in ["petshop.md", "zoo.md"] {
        workspace.remove(name);
    }
    until_held(&gateway, &both);
    let rows = eventually("the ends in the list", || {
        let shown = reload(&workspace, &["--format", "json"]);
        let rows: Value = serde_json::from_str(&shown.stdout).unwrap();
        (rows.as_array().unwrap().len() == 2).then_some(rows)
    });
    assert_eq!(rows[0]["integration"], "petshop");
    let accepted = reload(&workspace, &["--accept"]);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    for words in ["petshop has ended", "zoo has ended"] {
        assert!(accepted.stderr.contains(words), "{accepted:?}");
    }
    for id in both {
        let answer = gateway.get(&format!("/{id}/pets"), &token);
        assert_eq!(answer.json()["code"], "unknown_integration");
    }
    assert!(gateway.held().is_empty());
    let nothing = reload(&workspace, &["--accept"]);
    assert_eq!(nothing.code, Some(0), "{nothing:?}");
    assert!(nothing.stderr.contains("No change waits"), "{nothing:?}");
}

#[test]
fn one_document_deleted_beside_others_ends_and_the_last_of_all_is_held() {
    let vendor = Vendor::fine();
    let [shop, zoo] = ["petshop", "zoo"].map(|id| Document::before(id, vendor.address()));
    let workspace = Workspace::of([&shop, &zoo]);
    let (token, gateway) = started(&workspace);
    workspace.remove("zoo.md");
    let (file, message) = eventually("the end to be listed as waiting", || {
        gateway.listed("waiting", "file").pop()
    });
    assert_eq!(file, "zoo.md");
    assert!(message.contains("its file is gone"), "{message}");
    assert_eq!(gateway.control("/readyz").status, 200);
    assert_served(&gateway, &token, &["petshop", "zoo"]);
    soon_once_still("a deleted document", || {
        gateway.get("/zoo/pets", &token).status == 404
    });
    assert!(gateway.held().is_empty());
    workspace.remove("petshop.md");
    let message = until_held(&gateway, &["petshop"]);
    assert!(message.contains("no other document is left"), "{message}");
    assert!(gateway.listed("waiting", "file").is_empty());
    assert_served(&gateway, &token, &["petshop"]);
    let accepted = reload(&workspace, &["petshop", "--accept"]);
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    assert_eq!(gateway.get("/petshop/pets", &token).status, 404);
}

#[test]
fn all_documents_of_a_folder_that_is_left_empty_go_on() {
    let vendor = Vendor::fine();
    let document = |id| Document::before(id, vendor.address()).text();
    let workspace = Workspace::empty();
    for id in ["petshop", "zoo", "stable"] {
        let folder = if id == "petshop" { "" } else { "mounted/" };
        workspace.write(&format!("{folder}{id}.md"), &document(id));
    }
    let (token, gateway) = started(&workspace);
    let (inside, aside) = (workspace.file("mounted"), workspace.file(".aside"));
    fs::rename(&inside, &aside).unwrap();
    fs::create_dir(&inside).unwrap();
    let message = until_held(&gateway, &["stable", "zoo"]);
    assert!(
        message.contains("all documents of `mounted`, and that folder is empty"),
        "{message}"
    );
    assert_served(&gateway, &token, &["petshop", "stable", "zoo"]);
    fs::remove_dir(&inside).unwrap();
    fs::rename(&aside, &inside).unwrap();
    soon("the folder to be back", || gateway.held().is_empty());

    // A folder that is deleted with its documents, beside others, is an ordinary act.
    fs::remove_dir_all(&inside).unwrap();
    soon_once_still("the end of what was deleted", || {
        gateway.get("/zoo/pets", &token).status == 404
            && gateway.get("/stable/pets", &token).status == 404
    });
    assert!(gateway.held().is_empty());
}

#[test]
fn a_workspace_that_is_away_is_not_one_whose_documents_are_deleted() {
    let vendor = Vendor::fine();
    let outer = Workspace::empty();
    for id in ["petshop", "zoo"] {
        let text = Document::before(id, vendor.address()).text();
        outer.write(&format!("documents/{id}.md"), &text);
    }
    let (inside, aside) = (outer.file("documents"), outer.file("aside"));
    let state = outer.file("state");
    let state = state.to_str().unwrap();
    let added = wharf(&["callers", "--state", state, "add", "shop"]).finish();
    let token = added.stdout.trim_end();
    let gateway = up(&[inside.to_str().unwrap(), "--state", state])
        .variable("PET_KEY", "key")
        .ready();
    let both = ["petshop", "zoo"];

    fs::rename(&inside, &aside).unwrap();
    let told = |words: &'static str| {
        eventually(words, || {
            let broken = gateway.broken();
            broken
                .iter()
                .any(|(_, message)| message.contains(words))
                .then_some(())
        });
    };
    told("does not exist");
    // No folder any more, but a file.
    fs::write(&inside, "").unwrap();
    told("is no folder");
    assert!(gateway.listed("waiting", "file").is_empty() && gateway.held().is_empty());
    fs::remove_file(&inside).unwrap();
    // A mount point without its mount, after the folder was away for long.
    fs::create_dir(&inside).unwrap();
    until_held(&gateway, &both);
    assert!(gateway.broken().is_empty());
    assert_served(&gateway, token, &both);
    fs::remove_dir(&inside).unwrap();
    fs::rename(&aside, &inside).unwrap();
    soon("the workspace to be back", || {
        gateway.held().is_empty() && gateway.broken().is_empty()
    });
    assert_served(&gateway, token, &both);
}
