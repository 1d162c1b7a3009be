//! Bodies that come in the smallest pieces there are, and what they cost in memory.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::run::Run;
use super::support::document::Document;
use super::support::http::Request;
use super::support::program::{Gateway, up};
use super::support::workspace::Workspace;

/// Calls at one moment.
const CALLS: usize = 8;

/// What a call may keep for a retry, as README says: 1 MiB. For what is in flight between sockets,
/// tasks and the allocator, 2 MiB more for each call and 8 MiB for all.
const GROWTH_BYTES: u64 = (8 * (1 + 2) + 8) * 1_024 * 1_024;

/// How long the gateway waits for the vendor, and a caller for the gateway. A body in a million
/// pieces takes its time, and memory is what counts here. Most of it fits the buffers of sockets,
/// so a caller waits for minutes after the last piece.
const TIMEOUT_SECONDS: u64 = 600;

pub(crate) fn run(run: &mut Run) {
    let chunks = usize::try_from(run.count).unwrap();
    let vendor = start_vendor(chunks);
    let workspace = Workspace::empty();
    let text = Document::before("petshop", vendor).text();
    assert!(text.contains("\"timeout\": 10"));
    workspace.write(
        "petshop.md",
        &text.replace(
            "\"timeout\": 10",
            &format!("\"timeout\": {TIMEOUT_SECONDS}"),
        ),
    );
    let token = workspace.caller("shop");
    let warm = Request::get("/petshop/pets").bearer(&token);
    for (what, method, path) in [
        ("request bodies", "PUT", "pets/p1"),
        ("answers", "GET", "tiny"),
    ] {
        // One for each: what the first needed would hide what the second needs.
        let gateway = up(&[workspace.argument()])
            .variable("PET_KEY", "key")
            .ready();
        for _ in 0..CALLS {
            assert_eq!(gateway.call(&warm).status, 200);
        }
        let before = peak_bytes(&gateway);
        at_once(gateway.data, &token, method, path, chunks);
        let grown = peak_bytes(&gateway).saturating_sub(before);
        run.note(format!("{what} grew memory by {} KiB", grown / 1_024));
        if grown > GROWTH_BYTES {
            run.fail(format!(
                "{CALLS} {what} of {chunks} chunks grew memory by {grown} bytes, {GROWTH_BYTES} at most"
            ));
        }
        assert_eq!(gateway.call(&warm).status, 200);
    }
    run.done = run.count;
}

/// The most memory the gateway ever had (`VmHWM`), in bytes.
fn peak_bytes(gateway: &Gateway) -> u64 {
    let status = format!("/proc/{}/status", gateway.process.id());
    let status = std::fs::read_to_string(status).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().unwrap() * 1_024
}

/// Makes the calls side by side and reads their answers to the end.
fn at_once(address: SocketAddr, token: &str, method: &str, path: &str, chunks: usize) {
    let mut head = format!("{method} /petshop/{path} HTTP/1.1\r\nHost: localhost\r\n");
    write!(head, "Authorization: Bearer {token}\r\n").unwrap();
    let has_body = method == "PUT";
    if has_body {
        head.push_str("Transfer-Encoding: chunked\r\n");
    }
    head.push_str("Connection: close\r\n\r\n");
    let threads: Vec<_> = (0..CALLS)
        .map(|_| {
            let head = head.clone();
            thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                let longest = Duration::from_secs(TIMEOUT_SECONDS);
                stream.set_read_timeout(Some(longest)).unwrap();
                stream.write_all(head.as_bytes()).unwrap();
                if has_body {
                    write_chunks(&mut stream, chunks);
                }
                let mut answer = Vec::new();
                stream.read_to_end(&mut answer).unwrap();
                let said = String::from_utf8_lossy(&answer[..answer.len().min(400)]).into_owned();
                assert!(said.starts_with("HTTP/1.1 200"), "{said}");
                assert!(
                    answer.ends_with(b"}") || answer.ends_with(b"0\r\n\r\n"),
                    "{said}"
                );
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("every call is answered whole");
    }
}

fn write_chunks(stream: &mut TcpStream, chunks: usize) {
    let many = b"1\r\nx\r\n".repeat(1_000);
    for _ in 0..chunks / 1_000 {
        stream.write_all(&many).unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
}

/// A vendor that reads chunked bodies to their end, and answers `tiny` with chunks of one byte.
fn start_vendor(chunks: usize) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            // The gateway may close what it does not need; the callers judge what they get.
            thread::spawn(move || while serve(&mut stream, chunks).is_some() {});
        }
    });
    address
}

fn serve(stream: &mut TcpStream, chunks: usize) -> Option<()> {
    let mut piece = vec![0; 64 * 1_024];
    let mut read = Vec::new();
    let head_end = loop {
        if let Some(at) = read.windows(4).position(|part| part == b"\r\n\r\n") {
            break at + 4;
        }
        let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
        read.extend_from_slice(&piece[..length]);
    };
    let head = String::from_utf8_lossy(&read[..head_end]).to_lowercase();
    if head.contains("transfer-encoding: chunked") {
        let mut end = read.split_off(head_end);
        while !end.ends_with(b"0\r\n\r\n") {
            let length = stream.read(&mut piece).ok().filter(|length| *length > 0)?;
            end.extend_from_slice(&piece[..length]);
            end.drain(..end.len().saturating_sub(5));
        }
    }
    if head.starts_with("get /tiny") {
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head).ok()?;
        for _ in 0..chunks / 1_000 {
            stream.write_all(&b"1\r\nx\r\n".repeat(1_000)).ok()?;
        }
        return stream.write_all(b"0\r\n\r\n").ok();
    }
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    stream.write_all(answer).ok()
}
