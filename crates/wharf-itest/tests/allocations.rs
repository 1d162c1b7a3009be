//! What one call allocates, counted.
//!
//! A binary of its own, since the count is that of the whole process. Vendor and caller are threads
//! that allocate nothing while calls are made, so every allocation is the gateway's.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail and report like the tests themselves"
)]

#[path = "it/support/document.rs"]
#[expect(dead_code, reason = "the other tests build more of a document")]
mod document;

use std::alloc::System;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use prometheus_client::registry::Registry;
use secrecy::SecretString;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::sync::oneshot;
use wharf_gateway::{CallerDirectory, Handle, Options, Server};
use wharf_plan::Plan;
use wharf_policy::caller::TokenHash;
use wharf_secrets::{FixedVariables, Resolver};

use document::Document;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// The longest a thread waits for the other side.
const PATIENCE: Duration = Duration::from_secs(30);

/// Calls that fill what is made once: connections, metrics, buffers.
const FIRST_CALLS: usize = 200;

const CALLS: usize = 2_000;

/// Of one call; 8 of them are hyper's. Where the count falls, this is set lower.
const MOST_PER_CALL: usize = 13;

/// Answers each request of each connection with 1 KiB.
fn vendor() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || answer_all(&stream.unwrap()));
        }
    });
    address
}

fn answer_all(mut stream: &TcpStream) {
    let mut answer =
        b"HTTP/1.1 200 OK\r\nserver: vendor\r\ndate: Sun, 29 Nov 2026 12:00:00 GMT\r\n\
        content-type: application/json\r\nconnection: keep-alive\r\ncontent-length: 1024\r\n\r\n"
            .to_vec();
    answer.resize(answer.len() + 1_024, b'x');
    let mut buffer = [0; 4_096];
    while read_until(stream, &mut buffer, |read| read.ends_with(b"\r\n\r\n")) {
        stream.write_all(&answer).unwrap();
    }
}

/// Reads one message into `buffer`; `false` when the connection has ended.
fn read_until(mut stream: &TcpStream, buffer: &mut [u8], is_whole: impl Fn(&[u8]) -> bool) -> bool {
    let mut length = 0;
    while !is_whole(&buffer[..length]) {
        match stream.read(&mut buffer[length..]) {
            Ok(0) | Err(_) => return false,
            Ok(read) => length += read,
        }
    }
    true
}

fn handle(document: &Document) -> Handle {
    let callers = [(
        TokenHash::hash("wharf_token-of-the-shop"),
        "shop".to_owned(),
    )];
    let variables: FixedVariables = [("VENDOR_API_KEY", SecretString::from("the-key"))]
        .into_iter()
        .collect();
    let plan = Plan::new([document.load()]);
    let mut registry = Registry::default();
    let resolver = Resolver::new(Arc::new(variables), PathBuf::from("/"));
    let callers = CallerDirectory::new(callers);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let make = Handle::new(&plan, callers, resolver, &mut registry);
    runtime.unwrap().block_on(make)
}

/// Makes calls over one connection, one after the other.
fn call(mut stream: &TcpStream, buffer: &mut [u8], calls: usize) {
    for _ in 0..calls {
        stream
            .write_all(
                b"GET /vendor/items HTTP/1.1\r\nhost: localhost\r\nuser-agent: test\r\naccept: */*\r\n\
                authorization: Bearer wharf_token-of-the-shop\r\n\r\n",
            )
            .unwrap();
        let came = read_until(stream, buffer, |read| read.ends_with(b"xxxx"));
        assert!(came && buffer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    }
}

#[test]
fn a_call_allocates_no_more_than_it_did() {
    let vendor = vendor();
    let listener = wharf_net::listen::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = listener.local_addr().unwrap();
    let document = Document::at(vendor).retries(3, "10ms");
    let server = Server::new(
        Options {
            listener,
            workers: 1,
            max_connections: 16,
            drain_timeout: Duration::from_secs(1),
        },
        handle(&document),
    );
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(server.run(async {
            let _ = stopped.await;
        }))
    });

    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut buffer = [0; 4_096];
    call(&stream, &mut buffer, FIRST_CALLS);
    let region = Region::new(ALLOCATOR);
    call(&stream, &mut buffer, CALLS);
    let counted = region.change();
    let all = counted.allocations + counted.reallocations;
    // What a worker does once in a while is not a call's.
    let per_call = all / CALLS;
    assert!(
        per_call <= MOST_PER_CALL,
        "{per_call} allocations a call; {MOST_PER_CALL} are expected at most. {counted:?} for {CALLS} calls"
    );
    stop.send(()).unwrap();
    serving.join().unwrap().unwrap();
}
