//! What is wanted of the store, and whether a run has it. A run that has not is no failure: the disk
//! may have been another one's.

use super::tables::{middle, of, ratio};
use super::{BARE, LOG, MOST_SAID, Measured, OUTCOMES, SQLITE};

/// Most memory with a million pending events, in MiB.
const PENDING_LIMIT_MIB: f64 = 100.0;

/// Most processor time for an event, what came of it included, in microseconds.
const PROCESSOR_LIMIT_US: f64 = 8.0;

/// One line for each.
pub(super) fn list(measured: &Measured) -> String {
    let [log, sqlite, bare, outcomes] =
        [LOG, SQLITE, BARE, OUTCOMES].map(|name| of(&measured.appends, name, MOST_SAID));
    let [loaded, reopened] = &measured.pending;
    let memory = [
        loaded.get("loaded_rss_mib"),
        loaded.get("read_rss_mib"),
        reopened.get("opened_rss_mib"),
    ];
    let most = memory.into_iter().fold(f64::NAN, f64::max);
    let events = "events_per_second";
    let all = [
        at_least(
            "events/s ÷ SQLite alone, 64 writers",
            ratio(log, sqlite, events),
            2.5,
        ),
        at_least(
            "events/s ÷ bare disk, 64 writers",
            ratio(log, bare, events),
            1.0 / 3.0,
        ),
        at_most(
            "device bytes ÷ SQLite alone, 64 writers",
            ratio(log, sqlite, "device_bytes"),
            0.25,
        ),
        at_most(
            "own bytes ÷ SQLite alone, 64 writers",
            ratio(log, sqlite, "own_bytes"),
            0.25,
        ),
        at_most(
            "CPU/event with its outcome, µs, 64 writers",
            middle(outcomes, "processor_us"),
            PROCESSOR_LIMIT_US,
        ),
        at_most("most RSS with all pending, MiB", most, PENDING_LIMIT_MIB),
    ];
    all.concat()
}

fn at_least(what: &str, value: f64, wanted: f64) -> String {
    line(what, value, "at least", wanted, value >= wanted)
}

fn at_most(what: &str, value: f64, wanted: f64) -> String {
    line(what, value, "at most", wanted, value <= wanted)
}

fn line(what: &str, value: f64, bound: &str, wanted: f64, is_met: bool) -> String {
    let met = if is_met { "met" } else { "**not met**" };
    format!("- {what}: {value:.2}, wanted {bound} {wanted:.2}: {met}\n")
}

#[cfg(test)]
mod tests;
