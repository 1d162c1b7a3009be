//! What every test needs: a workspace, the program, a caller, a vendor, and patience with a bound.

pub(crate) mod document;
pub(crate) mod exposition;
pub(crate) mod http;
pub(crate) mod program;
pub(crate) mod vendor;
pub(crate) mod workspace;

use std::time::{Duration, Instant};

/// How long a condition may take to come true before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How soon a change has to be live: the promised second, and half a one for a busy machine.
const SOON: Duration = Duration::from_millis(1_500);

/// Waits until `probe` gives something.
pub(crate) fn eventually<T>(what: &str, mut probe: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = probe() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until a change is live, prints how long it took, and fails when that was not soon.
pub(crate) fn soon(what: &str, mut probe: impl FnMut() -> bool) {
    let started = Instant::now();
    eventually(what, || probe().then_some(()));
    let took = started.elapsed();
    println!("{what}: after {} ms", took.as_millis());
    assert!(took <= SOON, "{what} took {took:?}, longer than {SOON:?}");
}
