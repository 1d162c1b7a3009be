//! What every test needs: a workspace, the program, a caller, a vendor, and patience with a bound.

pub(crate) mod document;
pub(crate) mod exposition;
pub(crate) mod http;
pub(crate) mod program;
pub(crate) mod tls;
pub(crate) mod vendor;
pub(crate) mod workspace;

use std::time::{Duration, Instant};

/// How long a condition may take to come true before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How soon a change has to be live: the promised second, and half a one for a busy machine.
const SOON: Duration = Duration::from_millis(1_500);

/// Pause between two looks at a condition.
const PAUSE: Duration = Duration::from_millis(2);

/// How long a file must be still before a risky change in it is believed.
pub(crate) const STILL: Duration = Duration::from_secs(2);

/// Waits until `probe` gives something.
pub(crate) fn eventually<T>(what: &str, probe: impl FnMut() -> Option<T>) -> T {
    wait(what, probe).0
}

/// Waits until a change is live, prints how long it took, and fails when that was not soon.
///
/// Time that the machine kept this very loop from running is not held against the change.
pub(crate) fn soon(what: &str, probe: impl FnMut() -> bool) {
    within(what, SOON, probe);
}

/// The same for a change that is believed once its file has been still.
pub(crate) fn soon_once_still(what: &str, probe: impl FnMut() -> bool) {
    within(what, STILL + SOON, probe);
}

fn within(what: &str, limit: Duration, mut probe: impl FnMut() -> bool) {
    let started = Instant::now();
    let ((), kept_waiting) = wait(what, || probe().then_some(()));
    let took = started.elapsed();
    println!(
        "{what}: after {} ms, {} ms of them the machine was busy",
        took.as_millis(),
        kept_waiting.as_millis()
    );
    assert!(
        took.saturating_sub(kept_waiting) <= limit,
        "{what} took {took:?}, longer than {limit:?}"
    );
}

/// Waits; also gives by how much the pauses were longer than asked for, and how long the machine's
/// programs stood waiting for its disk: a change is told of once it is stored.
fn wait<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> (T, Duration) {
    let deadline = Instant::now() + PATIENCE;
    let disk_waits_before = disk_waits();
    let mut kept_waiting = Duration::ZERO;
    loop {
        if let Some(found) = probe() {
            let for_disk = disk_waits().saturating_sub(disk_waits_before);
            return (found, kept_waiting + for_disk);
        }
        let paused = Instant::now();
        assert!(paused < deadline, "waited in vain for {what}");
        std::thread::sleep(PAUSE);
        kept_waiting += paused.elapsed().saturating_sub(PAUSE);
    }
}

/// How long, since the machine's start, some program of it could not go on for want of its disk.
/// Zero where the kernel does not count that.
fn disk_waits() -> Duration {
    let pressure = std::fs::read_to_string("/proc/pressure/io").unwrap_or_default();
    let of_some = pressure.lines().find(|line| line.starts_with("some "));
    let total = of_some.and_then(|line| line.split_once("total="));
    let micros = total.and_then(|(_, micros)| micros.trim().parse().ok());
    Duration::from_micros(micros.unwrap_or(0))
}
