//! Nothing is left behind by calls: no file descriptor, no memory.

use std::fs;
use std::thread;

use crate::support::eventually;
use crate::support::http::{Connection, Request};
use crate::support::program::Gateway;
use crate::support::vendor::{Vendor, json};
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
