//! Nothing is left behind by calls: no file descriptor, no memory.

use std::fs;
use std::thread;

use crate::support::eventually;
use crate::support::http::{Connection, Request};
use crate::support::program::Gateway;
use crate::support::vendor::{Gate, Vendor, json};
use crate::support::workspace::Workspace;

const CONNECTIONS: usize = 50;
const CALLS: usize = 2_000;

/// Large enough that keeping one body per call shows.
const BODY_BYTES: usize = 16 * 1024;

/// Growth that is no leak: buffers that are kept, pages that the allocator holds.
const SLACK_KIB: u64 = 16 * 1024;

fn open_files(gateway: &Gateway) -> usize {
    fs::read_dir(format!("/proc/{}/fd", gateway.process.id()))
        .unwrap()
        .count()
}

fn resident_kib(gateway: &Gateway) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", gateway.process.id())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Makes this many calls over [`CONNECTIONS`] connections, which are closed at the end.
fn load(gateway: &Gateway, request: &Request, calls: usize) {
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut connection = Connection::open(gateway.data).unwrap();
                for _ in 0..calls / CONNECTIONS {
                    let answer = connection.send(request).unwrap();
                    assert_eq!((answer.status, answer.body.len()), (200, BODY_BYTES));
                }
            });
        }
    });
}

#[test]
fn many_calls_leave_nothing_behind() {
    let answer = json(200, &"a".repeat(BODY_BYTES));
    let vendor = Vendor::answering(move |_| answer.clone());
    let (_, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    gateway.metrics();
    let files_at_start = open_files(&gateway);
    let request = Request::post("/petshop/pets", vec![b'b'; BODY_BYTES])
        .header("Content-Type", "application/json")
        .bearer(&token);

    // Fills every pool and buffer once.
    load(&gateway, &request, CALLS / 4);
    let resident_before = resident_kib(&gateway);
    load(&gateway, &request, CALLS);
    let resident_after = resident_kib(&gateway);
    println!("resident: {resident_before} KiB, then {resident_after} KiB");
    assert!(
        resident_after <= resident_before + SLACK_KIB,
        "{resident_before} KiB grew to {resident_after} KiB"
    );

    eventually("the callers' connections to be closed", || {
        (gateway.metrics().value("wharf_connections", &[]) < 0.5).then_some(())
    });
    // What is left is kept for later calls, until the vendor closes it.
    drop(vendor);
    println!("open files: {files_at_start} at the start");
    eventually("all file descriptors to be given back", || {
        (open_files(&gateway) <= files_at_start + 3).then_some(())
    });
    assert_eq!(gateway.stop().code, Some(0));
}

/// So many callers at once, each with so much of its call in memory.
const CROWD: usize = 250;
const HELD_BYTES: usize = 60 * 1024;

/// Threads of a program, by their names.
fn threads(gateway: &Gateway) -> Vec<String> {
    let tasks = fs::read_dir(format!("/proc/{}/task", gateway.process.id())).unwrap();
    let name = |task: fs::DirEntry| fs::read_to_string(task.path().join("comm")).ok();
    tasks.filter_map(|task| name(task.ok()?)).collect()
}

/// api7/aisix#968, pgdogdev/pgdog#1230, windmill-labs/windmill#9236, jemalloc/jemalloc#2069: memory
/// that was free by then stayed with the process, since the allocator gives back when it is asked
/// for more, and nothing asked.
#[test]
fn what_a_crowd_took_is_given_back_while_nothing_runs() {
    let gate = Gate::default();
    let held = gate.clone();
    let answer = json(200, &"a".repeat(HELD_BYTES));
    let vendor = Vendor::answering(move |_| {
        held.wait();
        answer.clone()
    });
    let (_, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let purges = |name: &String| name.trim() == "jemalloc_bg_thd";
    assert!(threads(&gateway).iter().any(purges), "nobody gives back");
    let request = Request::post("/petshop/pets", vec![b'b'; HELD_BYTES])
        .header("Content-Type", "application/json")
        .bearer(&token);
    let before = resident_kib(&gateway);
    let most = thread::scope(|scope| {
        for _ in 0..CROWD {
            scope.spawn(|| {
                let mut connection = Connection::open(gateway.data).unwrap();
                assert_eq!(connection.send(&request).unwrap().status, 200);
            });
        }
        vendor.until_count(CROWD);
        let most = resident_kib(&gateway);
        gate.open();
        most
    });
    let took = most - before;
    assert!(took > 10 * 1024, "the crowd took {took} KiB");
    // No call comes, and no page of `/metrics` is asked for.
    eventually("most of it to be given back", || {
        let left = resident_kib(&gateway).saturating_sub(before);
        (left < took / 3).then_some(())
    });
}
