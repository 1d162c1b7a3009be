//! A start is a reload from nothing: what a reload accepts comes up after a crash.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::document::Document;
use crate::support::eventually;
use crate::support::program::wharf;
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;

#[test]
fn the_good_are_served_and_the_broken_are_named() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let bad = Document::before("zoo", vendor.address())
        .text()
        .replace("ENV_VARIABLES", "ENVIRONMENT");
    workspace.write("zoo.md", &bad);
    let (token, gateway) = workspace.serve_caller();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!(gateway.get("/zoo/pets", &token).status, 404);
    let (file, message) = gateway.broken().remove(0);
    assert_eq!(file, "zoo.md");
    assert!(message.ends_with("it is not served"), "{message}");
    assert_eq!(gateway.ready["broken"][0]["file"], "zoo.md");
    gateway.process.until_logged("zoo.md:");
    assert_eq!(gateway.stop().code, Some(0));

    let strict = wharf(&["up", "--strict", workspace.argument()])
        .on_free_ports()
        .finish();
    assert_eq!(strict.code, Some(1), "{strict:?}");
    assert!(
        strict.stderr.contains("WH210") && strict.stderr.contains("Not started"),
        "{strict:?}"
    );
    let text = wharf(&["up", workspace.argument()]).on_free_ports().start();
    let shown = eventually("the table", || {
        let text = text.stdout();
        text.contains("control plane").then_some(text)
    });
    assert!(
        shown.contains("Not served as they are") && shown.contains("zoo.md: "),
        "{shown}"
    );
}

/// What the log tells of can be relied on after a crash, so the texts are written before.
#[test]
fn a_reload_is_told_after_its_texts_are_kept() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let gateway = workspace.serve();
    let kept = workspace.state().join("documents");
    eventually("the first texts", || {
        kept.join("petshop").exists().then_some(())
    });
    // No text can be written from now on, and that is told in its turn.
    fs::remove_dir_all(&kept).unwrap();
    fs::write(&kept, "").unwrap();
    workspace.write("petshop.md", &format!("{}\nMore words.\n", shop.text()));
    gateway.process.until_logged("documents reloaded");
    let log = gateway.process.stderr();
    let place = |words: &str| log.find(words).unwrap_or_else(|| panic!("{words}: {log}"));
    assert!(
        place("cannot be kept") < place("documents reloaded"),
        "{log}"
    );
    assert_eq!(gateway.stop().code, Some(0));
}

#[test]
fn every_state_that_a_reload_accepts_comes_up_after_a_crash() {
    let vendor = Vendor::fine();
    let shop = Document::before("petshop", vendor.address());
    let text = shop.text();
    let latin = [text.as_bytes(), b"\xff\xfe"].concat();
    let yaml = text.replace("version: 1", "version: [1");
    let kind = text.replace("type: tool", "type: toll");
    let column = text.replace(
        "Operation | Method | Endpoint",
        "Operation | Method | Address",
    );
    let states: [&[u8]; 5] = [
        &latin,
        yaml.as_bytes(),
        kind.as_bytes(),
        column.as_bytes(),
        b"",
    ];
    for (number, bad) in states.into_iter().enumerate() {
        let workspace = Workspace::of([&shop]);
        let (token, gateway) = workspace.serve_caller();
        // A version that was taken over by a reload, not by a start.
        workspace.put(&shop.clone().operation("Feed pet | POST | /feed"));
        eventually("a reload", || (gateway.reloads() > 0.5).then_some(()));
        fs::write(workspace.file("petshop.md"), bad).unwrap();
        eventually("a broken document", || {
            (gateway.broken().len() == 1).then_some(())
        });
        let before = gateway.broken();
        gateway.crash();

        let gateway = workspace.serve();
        assert_eq!(gateway.broken(), before, "state {number}");
        assert_eq!(
            gateway.get("/petshop/pets", &token).status,
            200,
            "state {number}"
        );
        let operations = gateway.ready["integrations"][0]["operations"]
            .as_array()
            .unwrap();
        assert!(
            operations.contains(&"feed-pet".into()),
            "state {number}: {operations:?}"
        );
        assert_eq!(gateway.stop().code, Some(0));
    }
}

#[test]
fn two_documents_with_one_id_keep_the_one_that_ran_over_a_crash() {
    let (first, second) = (Vendor::fine(), Vendor::fine());
    let workspace = Workspace::of([&Document::before("petshop", first.address())]);
    let (token, gateway) = workspace.serve_caller();
    let copy = Document::before("petshop", second.address()).text();
    workspace.write("copies/petshop.md", &copy);
    eventually("a clash", || (gateway.broken().len() == 2).then_some(()));
    gateway.crash();
    let gateway = workspace.serve();
    assert_eq!(gateway.broken().len(), 2);
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!((first.requests().len(), second.requests().len()), (1, 0));
}

#[test]
fn a_document_that_was_deleted_meanwhile_is_gone() {
    let vendor = Vendor::fine();
    let workspace = Workspace::of([
        &Document::before("petshop", vendor.address()),
        &Document::before("zoo", vendor.address()),
    ]);
    let token = workspace.caller("shop");
    let kept = workspace.state().join("documents");
    let gateway = workspace.serve();
    eventually("the texts to be kept", || {
        kept.join("zoo").exists().then_some(())
    });
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&kept), mode(&kept.join("zoo"))), (0o700, 0o600));
    gateway.crash();
    workspace.remove("zoo.md");
    let gateway = workspace.serve();
    assert_eq!(gateway.get("/zoo/pets", &token).status, 404);
    assert!(gateway.broken().is_empty());
    eventually("its text to be gone", || {
        (!kept.join("zoo").exists()).then_some(())
    });
    assert!(kept.join("petshop").exists());
}

#[test]
fn where_no_document_is_good_nothing_starts() {
    let workspace = Workspace::empty();
    for name in ["petshop.md", "zoo.md"] {
        let text = Document::new("x", "https://vendor.invalid").text();
        workspace.write(name, &text.replace("ENV_VARIABLES", "ENVIRONMENT"));
    }
    let output = wharf(&["up", workspace.argument()])
        .on_free_ports()
        .finish();
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(
        output.stderr.contains("petshop.md") && output.stderr.contains("zoo.md"),
        "{output:?}"
    );
}
