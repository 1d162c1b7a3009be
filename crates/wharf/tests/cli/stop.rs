//! How a gateway ends: drained, at once, or killed.

use std::thread;
use std::time::{Duration, Instant};

use crate::support::document::Document;
use crate::support::eventually;
use crate::support::http::{Connection, Request};
use crate::support::program::{Gateway, up, wharf};
use crate::support::vendor::{Gate, Vendor};
use crate::support::workspace::Workspace;

/// A gateway with one call under way at a vendor that waits.
fn with_a_call_under_way(gate: &Gate) -> (Vendor, Workspace, Gateway, Connection) {
    let vendor = Vendor::held(gate);
    let (_, workspace) = Workspace::petshop(&vendor);
    let (gateway, connection) = call_under_way(&vendor, &workspace);
    (vendor, workspace, gateway, connection)
}

fn call_under_way(vendor: &Vendor, workspace: &Workspace) -> (Gateway, Connection) {
    let (token, gateway) = workspace.serve_caller();
    let mut connection = Connection::open(gateway.data).unwrap();
    connection
        .write(&Request::get("/petshop/pets").bearer(&token))
        .unwrap();
    vendor.until_count(1);
    (gateway, connection)
}

/// Waits until the signal to stop was taken.
fn until_draining(gateway: &Gateway) {
    eventually("readiness to say draining", || {
        let answer = gateway.control("/readyz");
        let draining = answer.json()["draining"] == true;
        assert_eq!(
            answer.status,
            if draining { 503 } else { 200 },
            "{answer:?}"
        );
        draining.then_some(())
    });
}

#[test]
fn an_end_closes_the_database() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let gateway = workspace.serve();
    workspace.caller("shop");
    let beside = workspace.state().join("wharf.sqlite3-wal");
    assert!(beside.exists());
    assert_eq!(gateway.stop().code, Some(0));
    assert!(!beside.exists(), "it was moved into the database");
}

#[test]
fn a_signal_drains() {
    for signal in ["TERM", "INT"] {
        let gate = Gate::default();
        let (vendor, _workspace, gateway, mut connection) = with_a_call_under_way(&gate);
        gateway.process.signal(signal);
        // Some tools signal a process and its group at once, which is one wish and not two.
        gateway.process.signal(signal);
        until_draining(&gateway);
        let readiness = gateway.control("/readyz").json();
        assert_eq!(readiness["ready"], false, "{readiness}");
        eventually("the data plane to refuse new connections", || {
            Connection::open(gateway.data).is_err().then_some(())
        });
        assert_eq!(
            gateway.control("/healthz").status,
            200,
            "the process is alive"
        );

        gate.open();
        let answer = connection.read().unwrap();
        assert_eq!((answer.status, answer.text()), (200, "{\"ok\":true}"));
        let output = gateway.process.finish();
        assert_eq!(output.code, Some(0), "{output:?}");
        assert!(output.stderr.contains("stopped"), "{output:?}");
        assert_eq!(vendor.requests().len(), 1);
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let gate = Gate::default();
    let (_vendor, _workspace, gateway, mut connection) = with_a_call_under_way(&gate);
    gateway.process.signal("TERM");
    until_draining(&gateway);
    let started = Instant::now();
    // Signals that come together are one wish, so the second has to come a moment later.
    let mut gateway = gateway;
    eventually("a second signal to be taken", || {
        let ended = gateway.process.has_ended();
        if !ended {
            gateway.process.signal("TERM");
        }
        ended.then_some(())
    });
    let output = gateway.process.finish();
    let took = started.elapsed();
    // The vendor still waits, and a drain may take 30 s.
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("second signal"), "{output:?}");
    assert!(connection.read().is_err(), "the call was cut off");
    gate.open();
}

#[test]
fn a_drain_has_an_end() {
    let gate = Gate::default();
    let vendor = Vendor::held(&gate);
    let (_, workspace) = Workspace::petshop(&vendor);
    workspace.write("wharf.toml", "[gateway]\ndrain_timeout_seconds = 1\n");
    let (gateway, mut connection) = call_under_way(&vendor, &workspace);
    let started = Instant::now();
    let output = gateway.stop();
    let took = started.elapsed();
    assert!(
        took > Duration::from_millis(900) && took < Duration::from_secs(8),
        "{took:?}"
    );
    assert!(output.stderr.contains("drain timeout passed"), "{output:?}");
    assert!(connection.read().is_err(), "the call was cut off");
    gate.open();
}

#[test]
fn callers_survive_a_kill() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let start = || workspace.serve();
    let mut tokens = Vec::new();
    let mut gateway = start();
    for round in 0..3 {
        // Killed as soon as the token was shown: what was acknowledged is on disk.
        tokens.push(workspace.caller(&format!("shop-{round}")));
        gateway.process.signal("KILL");
        assert_eq!(gateway.process.finish().code, None);
        gateway = start();
        for token in &tokens {
            assert_eq!(gateway.get("/petshop/pets", token).status, 200);
        }
    }
    let list = wharf(&["callers", "--dir", workspace.argument(), "list"]).finish();
    assert_eq!(list.stdout.lines().count(), 3, "{list:?}");
}

#[test]
fn a_simulation_stops_too() {
    let workspace = Workspace::of([&Document::new("petshop", "https://vendor.invalid")]);
    let gateway = up(&["--simulate", workspace.argument()]).ready();
    let token = gateway.token();
    let mut connection = Connection::open(gateway.data).unwrap();
    let request = Request::get("/petshop/pets").bearer(&token);
    let slow = request.clone().header("Wharf-Simulate", "delay=1s");
    assert_eq!(connection.send(&request).unwrap().status, 200);
    connection.write(&slow).unwrap();
    let in_flight = || gateway.metrics().value("wharf_calls_in_flight", &[]) > 0.5;
    eventually("the call to be under way", || in_flight().then_some(()));
    let reader = thread::spawn(move || connection.read().unwrap());
    assert_eq!(gateway.stop().code, Some(0));
    assert_eq!(
        reader.join().unwrap().status,
        200,
        "the simulator outlives the last call"
    );
}
