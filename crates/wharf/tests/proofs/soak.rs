//! Mixed calls for a while, and what is left of them.

mod vendor;

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use self::vendor::{LARGE_BYTES, Vendor};
use super::run::Run;
use super::support::document::Document;
use super::support::http::Request;
use super::support::program::{Gateway, up};
use super::support::workspace::Workspace;
use super::support::{PATIENCE, eventually};

/// Callers side by side.
const CALLERS: usize = 6;

/// A caller begins no call sooner after the one before.
const PACE: Duration = Duration::from_millis(40);

/// Memory may be more than after the first calls by a quarter and by this.
const MEMORY_SLACK_BYTES: u64 = 16 * 1_024 * 1_024;

/// What a caller can do. Each counts as one call at the gateway, or as one refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Small,
    Upload,
    Large,
    Stream,
    SlowReader,
    AbortedRead,
    AbortedUpload,
    VendorError,
    VendorBusy,
    VendorCuts,
    VendorCloses,
    Unknown,
}

const KINDS: [Kind; 14] = [
    Kind::Small,
    Kind::Small,
    Kind::Small,
    Kind::Upload,
    Kind::Large,
    Kind::Stream,
    Kind::SlowReader,
    Kind::AbortedRead,
    Kind::AbortedUpload,
    Kind::VendorError,
    Kind::VendorBusy,
    Kind::VendorCuts,
    Kind::VendorCloses,
    Kind::Unknown,
];

type Counts = BTreeMap<Kind, u64>;

pub(crate) fn run(run: &mut Run) {
    let vendor = Vendor::start();
    let workspace = Workspace::of([&Document::before("petshop", vendor.address())]);
    let token = workspace.caller("shop");
    let gateway = up(&[workspace.argument()])
        .variable("PET_KEY", "key")
        .ready();
    let open_files = files_at_rest(&gateway);
    let whole = Duration::from_secs(run.count);
    // Code and buffers that every run needs are no growth.
    let warm = whole.min(Duration::from_secs(60)) / 4;
    let mut counts = load(run, gateway.data, &token, warm);
    let memory = resident_bytes(&gateway);
    let more = load(run, gateway.data, &token, whole.saturating_sub(warm));
    for (kind, count) in more {
        *counts.entry(kind).or_default() += count;
    }
    vendor.close_all();
    run.done = run.count;

    let refused = counts.remove(&Kind::Unknown).unwrap_or_default();
    let calls: u64 = counts.values().sum();
    eventually("no call in flight and no connection open", || {
        let now = metrics(&gateway);
        let left = ["calls_in_flight", "connections", "upstream_connections"]
            .map(|name| sum(&now, &format!("wharf_{name}")));
        (left == [0; 3]).then_some(())
    });
    let deadline = Instant::now() + PATIENCE;
    loop {
        let open = self::open_files(&gateway);
        if open.len() <= open_files {
            break;
        }
        assert!(
            Instant::now() < deadline,
            "{open_files} files were open at the start, now {}: {open:#?}",
            open.len()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let now = metrics(&gateway);
    let counted = |name: &str| sum(&now, &format!("wharf_{name}_total"));
    for name in ["calls", "caller_calls"] {
        assert_eq!(
            counted(name),
            calls,
            "wharf_{name} and the calls made: {counts:?}"
        );
    }
    assert_eq!(counted("refused_calls"), refused, "refusals");
    let after = resident_bytes(&gateway);
    run.note(format!(
        "{calls} calls and {refused} refusals; {} MiB after the first calls, {} MiB at the end; {open_files} open files before and after",
        memory >> 20,
        after >> 20
    ));
    let allowed = memory + memory / 4 + MEMORY_SLACK_BYTES;
    assert!(
        after <= allowed,
        "memory grew from {memory} to {after} bytes"
    );
    let log = gateway.process.stderr();
    assert!(!log.contains("panicked"), "{log}");
    let ended = gateway.stop();
    assert_eq!(ended.code, Some(0), "{ended:?}");
}

/// Calls of all kinds for a while; gives how many were made of each.
fn load(run: &mut Run, address: SocketAddr, token: &str, time: Duration) -> Counts {
    let until = Instant::now() + time;
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let mut random = Rng::with_seed(run.random.u64(..));
            let token = token.to_owned();
            thread::spawn(move || {
                let mut counts = Counts::new();
                while Instant::now() < until {
                    let next = Instant::now() + PACE;
                    let kind = KINDS[random.usize(0..KINDS.len())];
                    call(kind, address, &token, &mut random);
                    *counts.entry(kind).or_default() += 1;
                    thread::sleep(next.saturating_duration_since(Instant::now()));
                }
                counts
            })
        })
        .collect();
    let mut counts = Counts::new();
    for caller in callers {
        for (kind, count) in caller.join().expect("every call ends as its kind does") {
            *counts.entry(kind).or_default() += count;
        }
    }
    counts
}

/// Makes one call; what its kind does not lead to is a panic.
fn call(kind: Kind, address: SocketAddr, token: &str, random: &mut Rng) {
    let get = |path: &str| Request::get(&format!("/petshop/{path}")).bearer(token);
    let status = |request: &Request, wanted: u16| {
        let answer = request.send(address).unwrap();
        assert_eq!(answer.status, wanted, "{kind:?}: {}", answer.everything());
        answer
    };
    match kind {
        Kind::Small => drop(status(&get("pets"), 200)),
        Kind::Upload => {
            let body = vec![b'x'; random.usize(1..256 * 1_024)];
            status(&Request::post("/petshop/pets", body).bearer(token), 200);
        }
        Kind::Large => assert_eq!(status(&get("large"), 200).body.len(), LARGE_BYTES),
        Kind::Stream => assert!(status(&get("stream"), 200).body.ends_with(b"end")),
        Kind::SlowReader => {
            let mut stream = begun(address, token, "large");
            let mut piece = [0; 16 * 1_024];
            let mut read = 0;
            while read < LARGE_BYTES {
                read += match stream.read(&mut piece).unwrap() {
                    0 => panic!("the answer ended after {read} bytes"),
                    length => length,
                };
                thread::sleep(Duration::from_millis(5));
            }
        }
        // The first byte of the answer says that the call is counted when it ends.
        Kind::AbortedRead => drop(begun(address, token, "endless")),
        Kind::AbortedUpload => abort_upload(address, token),
        Kind::VendorError => drop(status(&get("error"), 500)),
        Kind::VendorBusy => drop(status(&get("busy"), 503)),
        Kind::VendorCuts => {
            let answer = get("cut").send(address);
            assert!(answer.is_err(), "a cut answer came whole: {answer:?}");
        }
        Kind::VendorCloses => drop(status(&get("closed"), 502)),
        Kind::Unknown => drop(status(
            &Request::get("/petshop/pets").bearer("wharf_no"),
            401,
        )),
    }
}

/// A call whose answer has begun.
fn begun(address: SocketAddr, token: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "GET /petshop/{path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
    stream
}

/// Goes away in the middle of a body. The interim answer says that the call is under way: the
/// body is asked for when the vendor is.
fn abort_upload(address: SocketAddr, token: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /petshop/pets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut interim = [0; 12];
    stream.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100");
    stream.write_all(&[b'x'; 1_000]).unwrap();
}

fn metrics(gateway: &Gateway) -> String {
    gateway.control("/metrics").text().to_owned()
}

/// The sum of a sample over its labels.
fn sum(metrics: &str, name: &str) -> u64 {
    let lines = metrics.lines().filter_map(|line| line.strip_prefix(name));
    let values = lines
        .filter(|rest| rest.starts_with(['{', ' ']))
        .map(|rest| rest.rsplit(' ').next().unwrap().parse::<u64>().unwrap());
    values.sum()
}

fn resident_bytes(gateway: &Gateway) -> u64 {
    let status = format!("/proc/{}/status", gateway.process.id());
    let status = std::fs::read_to_string(status).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.unwrap().trim().trim_end_matches(" kB");
    kilobytes.parse::<u64>().unwrap() * 1_024
}

/// How many files are open once the workers are there: it is ready a moment before they are.
fn files_at_rest(gateway: &Gateway) -> usize {
    let mut before = open_files(gateway).len();
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(500));
        let now = open_files(gateway).len();
        if now == before {
            break;
        }
        before = now;
    }
    before
}

/// What each open file is.
fn open_files(gateway: &Gateway) -> Vec<String> {
    let folder = format!("/proc/{}/fd", gateway.process.id());
    let files = std::fs::read_dir(folder).unwrap();
    files
        .filter_map(|file| std::fs::read_link(file.ok()?.path()).ok())
        .map(|target| target.display().to_string())
        .collect()
}
