//! Hot reload: a changed document is live soon, a broken one does no harm.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::document::Document;
use crate::support::http::{Connection, Request};
use crate::support::program::{Gateway, up};
use crate::support::vendor::{Gate, Vendor};
use crate::support::workspace::Workspace;
use crate::support::{eventually, soon, soon_once_still};

#[test]
fn changed_new_and_deleted_documents_are_live_within_a_second() {
    let (old, new) = (Vendor::fine(), Vendor::fine());
    let shop = Document::before("petshop", old.address());
    let workspace = Workspace::of([&shop, &Document::before("zoo", old.address())]);
    let (token, gateway) = workspace.serve_caller();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!(old.requests().len(), 1);

    let moved = Document::before("petshop", new.address());
    workspace.put(&moved);
    soon_once_still("a changed endpoint", || {
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        !new.requests().is_empty()
    });

    workspace.put(&moved.operation("Adopt pet | GET | /adoptions"));
    let adopted = [("integration", "petshop"), ("operation", "adopt-pet")];
    soon("a new operation", || {
        assert_eq!(gateway.get("/petshop/adoptions", &token).status, 200);
        gateway.metrics().value("wharf_attempts_total", &adopted) > 0.5
    });

    workspace.write(
        "deep/below/stable.md",
        &Document::before("stable", new.address()).text(),
    );
    soon("a new document", || {
        gateway.get("/stable/pets", &token).status == 200
    });

    workspace.remove("zoo.md");
    soon_once_still("a deleted document", || {
        let answer = gateway.get("/zoo/pets", &token);
        answer.status == 404 && answer.json()["code"] == "unknown_integration"
    });
    let readiness = gateway.control("/readyz").json();
    assert_eq!(
        (&readiness["integrations"], &readiness["broken"]),
        (&2.into(), &Value::Array(Vec::new()))
    );

    // As an editor does that writes over the file.
    fs::write(
        workspace.file("petshop.md"),
        Document::before("petshop", old.address()).text(),
    )
    .unwrap();
    let before = old.requests().len();
    soon_once_still("a document that was written over", || {
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        old.requests().len() > before
    });
}

/// The log entries on standard error that are errors.
fn logged_errors(gateway: &Gateway) -> Vec<Value> {
    let entries = gateway.process.stderr();
    let entries = entries
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    entries.filter(|entry| entry["level"] == "ERROR").collect()
}

/// Breaks the running document `petshop.md`, and asserts that the last good version stays, that
/// the place is reported, and that all is well again after a repair.
fn assert_last_good_stays(
    gateway: &Gateway,
    token: &str,
    workspace: &Workspace,
    bad: &[u8],
    place: &str,
) {
    let good = fs::read(workspace.file("petshop.md")).unwrap();
    let logged = logged_errors(gateway).len();
    // Whole at once: a writer that is kept from its second step leaves an empty file, which is told
    // of as well.
    workspace.write_bytes("petshop.md", bad);
    soon("a broken document", || gateway.broken().len() == 1);
    let (file, message) = gateway.broken().remove(0);
    assert_eq!(file, "petshop.md");
    assert!(
        message.starts_with(place) && message.len() > place.len() + 10,
        "{message}"
    );

    let new = eventually("the report in the log", || {
        let new = logged_errors(gateway).split_off(logged);
        (!new.is_empty()).then_some(new)
    });
    assert_eq!(new.len(), 1, "{new:?}");
    let text = new[0]["message"].as_str().unwrap();
    let separator = if place.is_empty() { ": " } else { ":" };
    assert!(
        text.starts_with(&format!("petshop.md{separator}{place}")),
        "{text}"
    );
    assert!(text.ends_with("the last good version stays"), "{text}");

    assert_eq!(gateway.get("/petshop/pets", token).status, 200);
    assert_eq!(gateway.control("/readyz").status, 200);
    workspace.write_bytes("petshop.md", &good);
    soon("a repaired document", || gateway.broken().is_empty());
    assert_eq!(gateway.get("/petshop/pets", token).status, 200);
}

#[test]
fn a_broken_document_leaves_its_last_good_version_running() {
    let vendor = Vendor::fine();
    let shop = Document::before("petshop", vendor.address());
    let workspace = Workspace::of([&shop, &Document::before("zoo", vendor.address())]);
    let (token, gateway) = workspace.serve_caller();
    let text = shop.text();
    let line_of = |text: &str, words: &str| {
        let at = text.lines().position(|line| line.contains(words));
        at.unwrap_or_else(|| panic!("no {words}")) + 1
    };

    let bad = text.replace("version: 1", "version: [1");
    // The parser says where the list should have ended.
    let place = format!("{}:", line_of(&bad, "version:") + 1);
    assert_last_good_stays(&gateway, &token, &workspace, bad.as_bytes(), &place);

    let bad = text.replace(
        "Operation | Method | Endpoint",
        "Operation | Method | Address",
    );
    let place = format!("{}:3: ", line_of(&bad, "| Address"));
    assert_last_good_stays(&gateway, &token, &workspace, bad.as_bytes(), &place);

    let bad = text.replace("ENV_VARIABLES", "ENVIRONMENT");
    let place = format!("{}:13: ", line_of(&bad, "ENVIRONMENT"));
    assert_last_good_stays(&gateway, &token, &workspace, bad.as_bytes(), &place);

    // Files that cannot be read, or say no longer what they are, have no place inside.
    let bad = [text.as_bytes(), b"\xff\xfe"].concat();
    assert_last_good_stays(&gateway, &token, &workspace, &bad, "");
    let bad = text.replace("type: tool", "type: toll");
    assert_last_good_stays(&gateway, &token, &workspace, bad.as_bytes(), "");
    assert_last_good_stays(&gateway, &token, &workspace, b"", "");
}

#[test]
fn two_documents_with_one_id_keep_the_one_that_ran() {
    let (first, second) = (Vendor::fine(), Vendor::fine());
    let workspace = Workspace::of([&Document::before("petshop", first.address())]);
    let (token, gateway) = workspace.serve_caller();
    workspace.write(
        "copies/petshop.md",
        &Document::before("petshop", second.address()).text(),
    );
    soon("a clash", || gateway.broken().len() == 2);
    for (file, message) in gateway.broken() {
        assert!(["petshop.md", "copies/petshop.md"].contains(&file.as_str()));
        assert!(
            message.starts_with("1:1: two documents have the id"),
            "{message}"
        );
        assert!(
            message.ends_with("the last good version stays"),
            "{message}"
        );
    }
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!((first.requests().len(), second.requests().len()), (1, 0));
    workspace.remove("petshop.md");
    soon("the clash to be over", || gateway.broken().is_empty());
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    assert_eq!((first.requests().len(), second.requests().len()), (1, 1));
}

#[test]
fn a_new_document_that_cannot_run_is_reported() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let bad = Document::before("zoo", vendor.address())
        .text()
        .replace("ENV_VARIABLES", "ENVIRONMENT");
    workspace.write("zoo.md", &bad);
    workspace.write("Not An Id!.md", &shop.text());
    soon("two new documents", || gateway.broken().len() == 2);
    let mut broken = gateway.broken();
    broken.sort();
    let files: Vec<&str> = broken.iter().map(|(file, _)| file.as_str()).collect();
    assert_eq!(files, ["Not An Id!.md", "zoo.md"]);
    for (_, message) in &broken {
        assert!(message.ends_with("it is not served"), "{message}");
    }
    assert_eq!(gateway.get("/zoo/pets", &token).status, 404);
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    workspace.remove("zoo.md");
    workspace.remove("Not An Id!.md");
    soon("their end", || gateway.broken().is_empty());
}

#[test]
fn a_workspace_that_goes_away_and_comes_back_does_no_harm() {
    let vendor = Vendor::fine();
    let outer = Workspace::empty();
    let shop = Document::before("petshop", vendor.address());
    outer.write("documents/petshop.md", &shop.text());
    let (inside, aside) = (outer.file("documents"), outer.file("aside"));
    let state = outer.file("state");
    let state = state.to_str().unwrap();
    let added =
        crate::support::program::wharf(&["callers", "--state", state, "add", "shop"]).finish();
    let token = added.stdout.trim_end();
    let gateway = up(&[inside.to_str().unwrap(), "--state", state])
        .variable("PET_KEY", "key")
        .ready();

    fs::rename(&inside, &aside).unwrap();
    soon("a workspace that is gone", || gateway.broken().len() == 1);
    let (_, message) = gateway.broken().remove(0);
    assert!(message.contains("does not exist"), "{message}");
    assert_eq!(gateway.get("/petshop/pets", token).status, 200);
    fs::rename(&aside, &inside).unwrap();
    soon("a workspace that is back", || gateway.broken().is_empty());
    assert_eq!(gateway.get("/petshop/pets", token).status, 200);
}

#[test]
fn a_call_under_way_during_a_reload_finishes() {
    let gate = Gate::default();
    let (old, new) = (Vendor::held(&gate), Vendor::fine());
    let workspace = Workspace::of([&Document::before("petshop", old.address())]);
    let (token, gateway) = workspace.serve_caller();
    let mut connection = Connection::open(gateway.data).unwrap();
    let request = Request::get("/petshop/pets").bearer(&token);
    connection.write(&request).unwrap();
    old.until_count(1);

    workspace.put(&Document::before("petshop", new.address()));
    // Calls that still go to the old vendor wait there, each on a connection of its own.
    let waiting = std::cell::RefCell::new(Vec::new());
    soon_once_still("a reload beside a call under way", || {
        let mut probe = Connection::open(gateway.data).unwrap();
        let arrived = || old.requests().len() + new.requests().len();
        let before = arrived();
        probe.write(&request).unwrap();
        eventually("a call to arrive", || (arrived() > before).then_some(()));
        waiting.borrow_mut().push(probe);
        !new.requests().is_empty()
    });
    gate.open();
    assert_eq!(connection.read().unwrap().status, 200);
    for mut probe in waiting.into_inner() {
        assert_eq!(probe.read().unwrap().status, 200);
    }
}

/// Callers that make one call after the other until they are stopped.
struct Load {
    running: Arc<AtomicBool>,
    calls: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<Vec<String>>>,
}

impl Load {
    /// Two callers: one keeps its connection, one opens a connection for each call.
    fn start(gateway: &Gateway, request: &Request) -> Self {
        let (running, calls) = (
            Arc::new(AtomicBool::new(true)),
            Arc::new(AtomicUsize::new(0)),
        );
        let threads = [true, false]
            .map(|keeps| {
                let (running, calls) = (Arc::clone(&running), Arc::clone(&calls));
                let (address, request) = (gateway.data, request.clone());
                thread::spawn(move || {
                    let mut failures = Vec::new();
                    let mut connection = Connection::open(address).unwrap();
                    while running.load(Ordering::SeqCst) {
                        if !keeps {
                            connection = Connection::open(address).unwrap();
                        }
                        match connection.send(&request) {
                            Ok(answer) if answer.status == 200 => {}
                            other => failures.push(format!("{other:?}")),
                        }
                        calls.fetch_add(1, Ordering::SeqCst);
                    }
                    failures
                })
            })
            .into();
        Self {
            running,
            calls,
            threads,
        }
    }

    /// Ends it; every call must have succeeded.
    fn assert_without_failure(self) {
        self.running.store(false, Ordering::SeqCst);
        let calls = self.calls.load(Ordering::SeqCst);
        for thread in self.threads {
            let failures = thread.join().unwrap();
            let count = failures.len();
            assert_eq!(
                count, 0,
                "{count} of {calls} calls failed, the first: {}",
                failures[0]
            );
        }
        println!("{calls} calls, no failure");
        assert!(calls > 200, "only {calls} calls were made");
    }
}

const RELOADS: usize = 20;

/// Reloads that change the host, each of which takes longer.
const MOVES: usize = 2;

/// A call that is never sent twice, so that nothing hides a failure.
fn write(token: &str) -> Request {
    Request::post("/petshop/pets", "{\"name\":\"Ada\"}")
        .header("Content-Type", "application/json")
        .bearer(token)
}

#[test]
fn calls_during_many_reloads_never_fail() {
    let vendor = Vendor::fine();
    let at =
        |number: usize| Document::new("petshop", &format!("http://{}/v{number}", vendor.address()));
    let workspace = Workspace::of([&at(0)]);
    let (token, gateway) = workspace.serve_caller();
    let load = Load::start(&gateway, &write(&token));
    for number in 1..=RELOADS {
        let before = gateway.reloads();
        workspace.put(&at(0).operation(&format!("Row {number} | GET | /rows/{number}")));
        eventually("the next version to be live", || {
            (gateway.reloads() > before).then_some(())
        });
    }
    for number in 1..=MOVES {
        workspace.put(&at(number));
        let target = format!("/v{number}/pets");
        eventually("the next version to be live", || {
            vendor
                .requests()
                .iter()
                .rev()
                .take(10)
                .any(|request| request.target == target)
                .then_some(())
        });
    }
    load.assert_without_failure();
}

#[test]
fn simulated_calls_during_many_reloads_never_fail() {
    let shop = Document::new("petshop", "https://vendor.invalid");
    let workspace = Workspace::of([&shop]);
    let gateway = up(&["--simulate", workspace.argument()]).ready();
    let token = gateway.token();
    let load = Load::start(&gateway, &write(&token));
    for number in 1..=RELOADS {
        let text = shop.text().replace("\"Rex\"", &format!("\"Rex {number}\""));
        workspace.write("petshop.md", &text);
        eventually("the next version to be live", || {
            let answer = gateway.get("/petshop/pets", &token);
            (answer.json()["pets"][0]["name"] == format!("Rex {number}")).then_some(())
        });
    }
    load.assert_without_failure();
}

// microsoft/service-fabric-traefik#31: routes were lost for as long as the file was away
#[test]
fn a_document_that_is_away_for_a_moment_is_served_on() {
    let vendor = Vendor::fine();
    let (shop, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    workspace.remove("petshop.md");
    let gone = Instant::now();
    while gone.elapsed() < Duration::from_secs(1) {
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        thread::sleep(Duration::from_millis(50));
    }
    workspace.put(&shop.operation("Adopt pet | GET | /adoptions"));
    let adopted = [("integration", "petshop"), ("operation", "adopt-pet")];
    soon("the document that is back", || {
        assert_eq!(gateway.get("/petshop/adoptions", &token).status, 200);
        gateway.metrics().value("wharf_attempts_total", &adopted) > 0.5
    });
    assert!(gateway.broken().is_empty());
}
