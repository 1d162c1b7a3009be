//! Faults that were reported of pools and clients of comparable software, rebuilt. Each test names
//! its reports.

mod names;
mod reuse;
