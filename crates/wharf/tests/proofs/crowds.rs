//! Many calls at one moment, and calls beside others that go badly.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use super::run::{Length, Run};
use super::support::document::Document;
use super::support::http::{Connection, Request, Response};
use super::support::program::{Gateway, up};
use super::support::workspace::Workspace;
use super::support::{PATIENCE, eventually};
use super::tls::{Manner, TlsVendor};

/// A gateway with nothing done yet before one vendor.
struct Stage {
    vendor: TlsVendor,
    gateway: Gateway,
    request: Request,
    token: String,
    _workspace: Workspace,
}

impl Stage {
    /// `timeout_seconds` is that of one attempt. Each worker has connections of its own, so that
    /// with one of them all calls meet.
    fn new(manner: Manner, timeout_seconds: u32, workers: u32) -> Self {
        let vendor = TlsVendor::start(manner);
        let workspace = Workspace::empty();
        let timeout = format!("\"timeout\": {timeout_seconds}");
        let text = Document::new("petshop", &vendor.endpoint()).text();
        assert!(text.contains("\"timeout\": 10"));
        workspace.write("petshop.md", &text.replace("\"timeout\": 10", &timeout));
        workspace.write("wharf.toml", &format!("[gateway]\nworkers = {workers}\n"));
        workspace.write("authorities.pem", vendor.certificate());
        let token = workspace.caller("shop");
        let gateway = up(&[workspace.argument()])
            .variable("PET_KEY", "key")
            .variable("SSL_CERT_FILE", workspace.file("authorities.pem"))
            .ready();
        Self {
            vendor,
            gateway,
            request: Request::get("/petshop/pets").bearer(&token),
            token,
            _workspace: workspace,
        }
    }

    /// So many calls at one moment; all must be answered with 200. Gives the answers and the
    /// time until the last.
    fn crowd(&self, size: usize) -> (Vec<Response>, Duration) {
        let barrier = Arc::new(Barrier::new(size + 1));
        let threads: Vec<_> = (0..size)
            .map(|_| {
                let (barrier, request) = (Arc::clone(&barrier), self.request.clone());
                let mut connection = Connection::open(self.gateway.data).unwrap();
                thread::spawn(move || {
                    barrier.wait();
                    let answer = connection.send(&request).unwrap();
                    (answer, Instant::now())
                })
            })
            .collect();
        barrier.wait();
        let started = Instant::now();
        let mut answers = Vec::new();
        let mut last = started;
        for thread in threads {
            let (answer, at) = thread.join().expect("every call is answered");
            last = last.max(at);
            answers.push(answer);
        }
        let bad: Vec<_> = answers
            .iter()
            .filter(|answer| answer.status != 200)
            .collect();
        assert!(
            bad.is_empty(),
            "{} of {size} calls failed, the first with {}: {}",
            bad.len(),
            bad[0].status,
            bad[0].everything()
        );
        (answers, last - started)
    }
}

pub(crate) fn cold_tls(run: &mut Run) {
    // The long count is for a machine that does nothing else. The small one runs beside whatever
    // there is; one handshake after the other, on both workers, would take 7 s.
    let most = match run.length {
        Length::Small => Duration::from_secs(6),
        Length::Long => Duration::from_millis(3_800),
    };
    let mut slowest = Duration::ZERO;
    run.each(|_, round| {
        let http2 = round % 2 == 0;
        let manner = Manner {
            http2,
            handshake: Duration::from_millis(200),
            answer: Duration::from_secs(3),
            ..Manner::default()
        };
        let stage = Stage::new(manner, 10, 2);
        let (_, took) = stage.crowd(40);
        slowest = slowest.max(took);
        let connections = stage.vendor.connections();
        assert!(
            took <= most,
            "the last of 40 cold calls took {took:?} (HTTP/2: {http2}, {connections} connections)"
        );
    });
    run.note(format!("slowest {} ms", slowest.as_millis()));
}

pub(crate) fn h2_streams(run: &mut Run) {
    let mut slowest = Duration::ZERO;
    run.each(|_, _| {
        let manner = Manner {
            answer: Duration::from_secs(1),
            streams: 4,
            ..Manner::default()
        };
        let stage = Stage::new(manner, 2, 2);
        let (_, took) = stage.crowd(24);
        slowest = slowest.max(took);
    });
    run.note(format!("slowest {} ms", slowest.as_millis()));
}

pub(crate) fn slow_readers(run: &mut Run) {
    /// More than it took to use up a window of four streams.
    const READERS: usize = 6;
    /// Far more than a call takes that nothing holds up.
    const AT_ONCE: Duration = Duration::from_secs(3);
    let mut slowest = Duration::ZERO;
    run.each(|_, _| {
        let mut stage = Stage::new(Manner::default(), 10, 1);
        stage.crowd(1);
        let large = Request::get("/petshop/large").bearer(&stage.token);
        let readers: Vec<Connection> = (0..READERS)
            .map(|_| {
                let mut connection = Connection::open(stage.gateway.data).unwrap();
                connection.write(&large).unwrap();
                connection
            })
            .collect();
        eventually("the answers under way", || {
            (stage.vendor.requests() == READERS + 1).then_some(())
        });
        until_stuck(&stage.vendor);
        let sent = stage.vendor.sent_bytes() >> 10;
        stage.request = Request::get("/petshop/medium").bearer(&stage.token);
        let (_, took) = stage.crowd(1);
        slowest = slowest.max(took);
        let connections = stage.vendor.connections();
        println!("{sent} KiB on their way over {connections} connections, the other took {took:?}");
        assert!(took <= AT_ONCE, "the other took {took:?}");
        drop(readers);
    });
    run.note(format!("slowest {} ms", slowest.as_millis()));
}

/// Waits until no byte more is taken from the vendor for a while.
fn until_stuck(vendor: &TlsVendor) {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = (vendor.sent_bytes(), Instant::now());
    while seen.1.elapsed() < Duration::from_millis(300) {
        assert!(Instant::now() < deadline, "the answers never stop");
        let now = vendor.sent_bytes();
        if now != seen.0 {
            seen = (now, Instant::now());
        }
        thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn dead_h2(run: &mut Run) {
    let mut slowest = Duration::ZERO;
    run.each(|_, _| {
        let manner = Manner {
            first_dies: true,
            ..Manner::default()
        };
        let stage = Stage::new(manner, 3, 1);
        stage.crowd(1);
        // The connection is dead from here on; each of these may find that out.
        let (answers, took) = stage.crowd(4);
        slowest = slowest.max(took);
        for answer in &answers {
            assert_attempts(answer, 2);
        }
        let (answers, _) = stage.crowd(4);
        for answer in &answers {
            assert_attempts(answer, 1);
        }
    });
    run.note(format!("slowest {} ms", slowest.as_millis()));
}

fn assert_attempts(answer: &Response, most: u32) {
    let attempts = answer.header("wharf-attempts").unwrap();
    let attempts: u32 = attempts.parse().unwrap();
    assert!(attempts <= most, "{attempts} attempts, {most} at most");
}
