//! Faults that were reported of pools and clients of comparable software, rebuilt. Each test names
//! its reports.

mod answers;
mod cancelled;
mod fallback;
mod names;
mod reuse;
mod secured;
mod waiters;
mod windows;
mod wire;
