//! One process after the other takes over, under calls: none is refused and none cut.
//!
//! Most calls use connections that are kept and rest in between, since those are what an end that
//! comes too early cuts; others a connection each, since those are what a port that is closed for a
//! moment refuses. Some answers take seconds, so that they flow over a take-over.

mod vendor;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fastrand::Rng;

use self::vendor::{STREAM_PIECES, Vendor};
use super::run::Run;
use super::support::document::Document;
use super::support::http::{Connection, Request};
use super::support::program::{CommandLine, Gateway, up};
use super::support::workspace::Workspace;

/// Callers that keep connections, how many each, and the time between two calls of one.
const KEEPERS: usize = 16;
const KEPT: usize = 8;
const KEEPER_PACE: Duration = Duration::from_millis(10);

/// Callers that open a connection for each call.
const OPENERS: usize = 8;
const OPENER_PACE: Duration = Duration::from_millis(20);

/// Callers with long answers.
const LISTENERS: usize = 4;

/// Calls go on for so long between two take-overs, at most.
const LONGEST_PAUSE: Duration = Duration::from_millis(800);

/// A process that was stopped is given so long until what it said before is heard.
const HEARD: Duration = Duration::from_secs(1);

/// A failure of this many calls is enough to see what is wrong.
const SHOWN: usize = 5;

pub(crate) fn run(run: &mut Run) {
    let vendor = Vendor::start();
    let stage = Stage::new(&vendor);
    let mut serving = stage.line(false).ready();
    let load = Load::begin(&mut run.random, serving.data, &stage.token);
    let mut before: Option<Gateway> = None;
    let (mut last, mut slowest, mut killed) = (Duration::ZERO, Duration::ZERO, 0);
    let began = Instant::now();
    let mut counts = [0; 3];
    run.each(|run, round| {
        thread::sleep(LONGEST_PAUSE.mul_f64(run.random.f64()));
        let attempt = (round % 2 == 1).then(|| stage.kill_one(run, &serving, last));
        load.assert_well();
        killed += u64::from(matches!(attempt, Some(Attempt::KilledAsItAsked)));
        let started = Instant::now();
        let next = match attempt {
            Some(Attempt::Serves(next)) => *next,
            _ => stage.line(true).ready(),
        };
        last = started.elapsed();
        slowest = slowest.max(last);
        assert_eq!(next.data, serving.data);
        let old = std::mem::replace(&mut serving, next);
        // The one before ends while this round's still lets its calls finish.
        if let Some(ended) = before.replace(old) {
            assert_ended_well(ended);
        }
        load.assert_well();
    });
    let took = began.elapsed();
    run.attempt(|_| {
        thread::sleep(LONGEST_PAUSE);
        counts = load.finish();
        before.into_iter().for_each(assert_ended_well);
        assert_eq!(serving.stop().code, Some(0));
    });
    let [kept, fresh, streams] = counts;
    let rate = u128::from(kept + fresh) * 1_000 / took.as_millis().max(1);
    run.note(format!(
        "{kept} calls over kept connections, {fresh} over fresh ones and {streams} long answers, \
         {rate} calls/s; {killed} killed in the middle; the slowest take-over {} ms",
        slowest.as_millis()
    ));
}

/// A workspace, its caller, and how it is served.
struct Stage {
    workspace: Workspace,
    token: String,
}

impl Stage {
    fn new(vendor: &Vendor) -> Self {
        let shop = Document::before("petshop", vendor.address());
        let workspace = Workspace::of([&shop.operation("Hear pets | GET | /stream")]);
        let token = workspace.caller("shop");
        Self { workspace, token }
    }

    fn line(&self, takes_over: bool) -> CommandLine {
        let arguments: &[&str] = if takes_over { &["--takeover"] } else { &[] };
        up(&[self.workspace.argument()])
            .arguments(arguments)
            .variable("PET_KEY", "key")
    }

    /// Kills a process that is about to take over.
    ///
    /// A moment cannot be hit from outside, so it is stopped at a random one, and killed when it
    /// turns out not to serve by then.
    fn kill_one(&self, run: &mut Run, serving: &Gateway, usual: Duration) -> Attempt {
        let process = self.line(true).start();
        thread::sleep(usual.mul_f64(run.random.f64()));
        process.signal("STOP");
        thread::sleep(HEARD);
        if serving.process.stderr().contains("handed over") {
            process.signal("CONT");
            return Attempt::Serves(Box::new(process.ready()));
        }
        let heard = || {
            serving
                .process
                .stderr()
                .matches("this one serves on")
                .count()
        };
        let before = heard();
        process.signal("KILL");
        process.finish();
        thread::sleep(HEARD / 4);
        if heard() > before {
            Attempt::KilledAsItAsked
        } else {
            Attempt::Killed
        }
    }
}

/// What became of a process that was to be killed.
enum Attempt {
    /// It was too late for that.
    Serves(Box<Gateway>),
    /// The other one had begun to hand over.
    KilledAsItAsked,
    Killed,
}

/// Asserts that it handed over, and that nothing was cut by its drain.
fn assert_ended_well(gateway: Gateway) {
    let output = gateway.process.finish();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(output.stderr.contains("handed over"), "{output:?}");
    assert!(!output.stderr.contains("drain timeout"), "{output:?}");
}

/// Callers at work.
struct Load {
    stop: Arc<AtomicBool>,
    failures: Arc<Mutex<Vec<String>>>,
    /// Over kept connections, over fresh ones, and long ones.
    counts: Arc<[AtomicU64; 3]>,
    callers: Vec<JoinHandle<()>>,
}

/// What one caller needs.
struct Caller {
    address: SocketAddr,
    token: String,
    random: Rng,
    kept: Vec<Option<Connection>>,
    calls: u64,
}

type Call = fn(&mut Caller) -> Result<(), String>;

impl Load {
    fn begin(random: &mut Rng, address: SocketAddr, token: &str) -> Self {
        let mut load = Self {
            stop: Arc::default(),
            failures: Arc::default(),
            counts: Arc::default(),
            callers: Vec::new(),
        };
        let kinds: [(usize, Duration, Call); 3] = [
            (KEEPERS, KEEPER_PACE, Caller::call_again),
            (OPENERS, OPENER_PACE, Caller::call_anew),
            (LISTENERS, Duration::ZERO, Caller::listen),
        ];
        for (kind, (callers, pace, call)) in kinds.into_iter().enumerate() {
            for _ in 0..callers {
                let caller = Caller {
                    address,
                    token: token.to_owned(),
                    random: Rng::with_seed(random.u64(..)),
                    kept: (0..KEPT).map(|_| None).collect(),
                    calls: 0,
                };
                load.spawn(caller, kind, pace, call);
            }
        }
        load
    }

    fn spawn(&mut self, mut caller: Caller, kind: usize, pace: Duration, call: Call) {
        let (stop, failures) = (Arc::clone(&self.stop), Arc::clone(&self.failures));
        let counts = Arc::clone(&self.counts);
        self.callers.push(thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let next = Instant::now() + pace;
                match call(&mut caller) {
                    Ok(()) => drop(counts[kind].fetch_add(1, Ordering::Relaxed)),
                    Err(failure) => failures.lock().unwrap().push(failure),
                }
                thread::sleep(next.saturating_duration_since(Instant::now()));
            }
        }));
    }

    fn assert_well(&self) {
        let failures = std::mem::take(&mut *self.failures.lock().unwrap());
        assert!(
            failures.is_empty(),
            "{} calls failed, such as {:#?}",
            failures.len(),
            &failures[..failures.len().min(SHOWN)]
        );
    }

    /// Ends it; gives how many calls of each kind there were.
    fn finish(mut self) -> [u64; 3] {
        self.stop.store(true, Ordering::Relaxed);
        for caller in self.callers.drain(..) {
            caller.join().unwrap();
        }
        self.assert_well();
        [0, 1, 2].map(|kind| self.counts[kind].load(Ordering::Relaxed))
    }
}

impl Caller {
    /// Over the connection that rested longest. A caller that keeps connections opens a new one
    /// only where the last answer said so.
    fn call_again(&mut self) -> Result<(), String> {
        let place = usize::try_from(self.calls).unwrap() % KEPT;
        let mut connection = match self.kept[place].take() {
            Some(connection) => connection,
            None => Connection::open(self.address).map_err(|error| format!("refused: {error}"))?,
        };
        let is_last = self.echo(&mut connection)?;
        self.kept[place] = (!is_last).then_some(connection);
        Ok(())
    }

    fn call_anew(&mut self) -> Result<(), String> {
        let connection = Connection::open(self.address);
        let mut connection = connection.map_err(|error| format!("refused: {error}"))?;
        self.echo(&mut connection).map(drop)
    }

    /// Sends a body and compares what comes back. Gives whether the connection ends with it.
    fn echo(&mut self, connection: &mut Connection) -> Result<bool, String> {
        self.calls += 1;
        let length = 1 + self.random.usize(..2_000);
        let body: Vec<u8> = (0..length).map(|_| self.random.u8(..)).collect();
        let request = Request::post("/petshop/pets", body.clone()).bearer(&self.token);
        let answer = connection.send(&request);
        let answer = answer.map_err(|error| format!("cut: {error} in call {}", self.calls))?;
        if answer.status != 200 || answer.body != body {
            return Err(format!("not what was sent: {}", answer.everything()));
        }
        Ok(answer.header("connection") == Some("close"))
    }

    /// An answer that takes seconds.
    fn listen(&mut self) -> Result<(), String> {
        let pause = self.random.u64(5..40);
        let request = Request::get(&format!("/petshop/stream?pause={pause}")).bearer(&self.token);
        let answer = request.send(self.address);
        let answer = answer.map_err(|error| format!("a long answer was cut: {error}"))?;
        let whole: String = (0..STREAM_PIECES)
            .map(|piece| format!("{piece};"))
            .collect();
        if answer.status != 200 || answer.text() != whole {
            return Err(format!(
                "a long answer is not whole: {}",
                answer.everything()
            ));
        }
        Ok(())
    }
}
