//! A start is a reload from nothing: what a reload accepts comes up after a crash.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::document::Document;
use crate::support::eventually;
use crate::support::http::{Connection, Request};
use crate::support::program::{CommandLine, Gateway, PROGRAM, up, wharf};
use crate::support::vendor::{Gate, Vendor};
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

/// A clock that is years behind makes every document one of the future.
#[test]
fn what_only_the_clock_says_keeps_no_document_from_running() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let of_the_future = |text: &str| text.replace("2026-01-05", "2186-01-05");
    let text = shop.text();
    workspace.write("petshop.md", &of_the_future(&text));
    let checked = wharf(&["check", workspace.argument()]).finish();
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(checked.stdout.contains("error[WH621]"), "{checked:?}");
    let (token, gateway) = workspace.serve_caller();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!(gateway.broken(), []);
    let longer = shop.operation("Feed pet | POST | /feed").text();
    workspace.write("petshop.md", &of_the_future(&longer));
    gateway.process.until_logged("documents reloaded");
    assert_eq!(gateway.broken(), []);
    gateway.crash();
    // Without the texts of an earlier run too.
    fs::remove_dir_all(workspace.state().join("documents")).unwrap();
    let strict = up(&["--strict", workspace.argument()]);
    let gateway = strict.variable("PET_KEY", "key").ready();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
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
    let problem = gateway.control("/readyz").json()["kept_problem"].clone();
    assert!(
        problem.as_str().unwrap().contains("cannot be kept"),
        "{problem}"
    );
    assert_eq!(gateway.stop().code, Some(0));
}

/// A disk without room: no file of this process may grow beyond 200 KiB.
fn start_without_room(workspace: &Workspace) -> Gateway {
    let mut shell = std::process::Command::new("sh");
    // The unit is 512 or 1,024 bytes.
    shell.args([
        "-c",
        "ulimit -f 200; exec \"$@\"",
        "sh",
        PROGRAM,
        "up",
        "--format",
        "json",
        workspace.argument(),
    ]);
    CommandLine::new(shell)
        .on_free_ports()
        .variable("PET_KEY", "key")
        .ready()
}

#[test]
fn a_start_after_a_full_disk_says_that_it_runs_an_older_version() {
    let vendor = Vendor::fine();
    let shop = Document::before("petshop", vendor.address());
    let zoo = Document::before("zoo", vendor.address());
    let workspace = Workspace::of([&shop, &zoo]);
    let token = workspace.caller("shop");
    let gateway = start_without_room(&workspace);
    let kept = workspace.state().join("documents");
    eventually("the first texts", || {
        (kept.join("petshop").exists() && kept.join("zoo").exists()).then_some(())
    });
    let prose = "More words than there is room for.\n".repeat(10_000);
    let long = shop.clone().operation("Feed pet | POST | /feed").text();
    workspace.write("petshop.md", &format!("{long}\n{prose}"));
    workspace.put(&zoo.clone().operation("Feed pet | POST | /feed"));
    let line = gateway.process.until_logged("cannot be kept");
    assert!(
        line.contains("the last good version of petshop.md cannot be kept"),
        "{line}"
    );
    eventually("a reload", || (gateway.reloads() > 0.5).then_some(()));
    let problem = eventually("the problem", || {
        let problem = gateway.control("/readyz").json()["kept_problem"].clone();
        problem.as_str().map(str::to_owned)
    });
    assert!(
        problem.contains("petshop.md") && !problem.contains("zoo"),
        "{problem}"
    );
    // One text without room keeps no other from the disk.
    let text = |name: &str| fs::read_to_string(kept.join(name)).unwrap();
    eventually("the other text", || {
        text("zoo").contains("/feed").then_some(())
    });
    assert!(!kept.join("petshop").exists());
    gateway.crash();

    workspace.write("petshop.md", &long.replace("ENV_VARIABLES", "ENVIRONMENT"));
    let gateway = workspace.serve();
    let (file, message) = gateway.broken().remove(0);
    assert_eq!(file, "petshop.md");
    let year = "an older version than the last good one runs: the one kept at 20";
    assert!(message.contains(year), "{message}");
    gateway
        .process
        .until_logged("petshop.md: runs in the version kept at 20");
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    // The next start says so too, and nothing once the file is good.
    gateway.crash();
    let gateway = workspace.serve();
    assert!(gateway.broken()[0].1.contains(year));
    workspace.write("petshop.md", &long);
    eventually("the good file to be kept", || {
        (kept.join("petshop").exists() && !kept.join("petshop~older").exists()).then_some(())
    });
    // What is told is kept before.
    eventually("the end of the error", || {
        gateway.broken().is_empty().then_some(())
    });
    assert!(gateway.control("/readyz").json()["kept_problem"].is_null());
}

#[test]
fn one_state_folder_serves_one_process_at_a_time() {
    let gate = Gate::default();
    let vendor = Vendor::held(&gate);
    let workspace = Workspace::of([&Document::before("petshop", vendor.address())]);
    let token = workspace.caller("shop");
    let first = workspace.serve();
    let refused = wharf(&["up", workspace.argument()])
        .on_free_ports()
        .finish();
    assert_eq!(refused.code, Some(1), "{refused:?}");
    for words in [
        "another `wharf up` uses the state folder",
        "in its place with --takeover",
        &format!("(process {})", first.process.id()),
        "--state",
    ] {
        assert!(refused.stderr.contains(words), "{words}: {refused:?}");
    }
    assert!(refused.stdout.is_empty(), "{refused:?}");
    // What works beside it, as often as one likes.
    for _ in 0..3 {
        let shown = wharf(&["reload", "--dir", workspace.argument()]).finish();
        assert_eq!(shown.code, Some(0), "{shown:?}");
    }
    workspace.caller("second");
    let simulated = up(&["--simulate", workspace.argument()]).ready();
    assert_eq!(simulated.stop().code, Some(0));
    let other = workspace.file(".other");
    let other = up(&[workspace.argument(), "--state", other.to_str().unwrap()]).ready();
    assert_eq!(other.stop().code, Some(0));

    // A kill gives it up, and so does a process that only lets its calls finish.
    first.crash();
    let second = workspace.serve();
    let mut connection = Connection::open(second.data).unwrap();
    let call = Request::get("/petshop/pets").bearer(&token);
    connection.write(&call).unwrap();
    vendor.until_count(1);
    second.process.signal("TERM");
    second.process.until_logged("stopping");
    let third = eventually("a start beside a process that stops", || {
        let mut third = up(&[workspace.argument()])
            .variable("PET_KEY", "key")
            .start();
        eventually("its start or end", || {
            (third.has_ended() || third.stdout().contains("\"ready\"")).then_some(())
        });
        (!third.has_ended()).then_some(third)
    });
    drop(third);
    gate.open();
    assert_eq!(connection.read().unwrap().status, 200);
    assert_eq!(second.process.finish().code, Some(0));
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
        // Whole at once: an empty file on the way would be told of first.
        workspace.write_bytes("petshop.md", bad);
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
