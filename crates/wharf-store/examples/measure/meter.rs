//! What a measurement costs: time, processor, and what the device writes.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use rustix::time::{ClockId, clock_gettime};

use crate::load::Times;

/// The unit of `/sys/dev/block/*/stat`; Linux fixes it.
const SECTOR_BYTES: u64 = 512;

/// Prints one figure.
#[expect(clippy::print_stdout, reason = "it is what this program is for")]
pub(crate) fn tell(name: &str, value: f64) {
    println!("{name} {value}");
}

/// What was counted when a measurement began.
pub(crate) struct Meter {
    folder: File,
    device: PathBuf,
    device_bytes: Option<u64>,
    own_bytes: Option<u64>,
    processor_seconds: f64,
    started: Instant,
}

impl Meter {
    /// Waits until the disk has nothing left to do, and begins.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let device = fs::metadata(folder)?.dev();
        let numbers = (rustix::fs::major(device), rustix::fs::minor(device));
        let device = PathBuf::from(format!("/sys/dev/block/{}:{}/stat", numbers.0, numbers.1));
        let folder = File::open(folder)?;
        rustix::fs::syncfs(&folder)?;
        Ok(Self {
            device_bytes: written(&device),
            device,
            folder,
            own_bytes: own_bytes(),
            processor_seconds: processor_seconds(),
            started: Instant::now(),
        })
    }

    /// Seconds since the start.
    pub(crate) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    /// Tells what so many events cost, `times` for each append of `each` events. All files are closed
    /// by then, and the disk is waited for.
    pub(crate) fn end(&self, seconds: f64, mut times: Times, each: usize) -> Result<()> {
        let processor_seconds = processor_seconds() - self.processor_seconds;
        rustix::fs::syncfs(&self.folder)?;
        let events = float(times.len() * each);
        tell("events", events);
        tell("events_per_second", events / seconds);
        tell_percentiles("", &mut times);
        tell("processor_us", processor_seconds * 1e6 / events);
        let tell_bytes = |name, before: Option<u64>, now: Option<u64>| {
            if let (Some(before), Some(now)) = (before, now) {
                tell(name, whole(now - before) / events);
            }
        };
        tell_bytes("device_bytes", self.device_bytes, written(&self.device));
        tell_bytes("own_bytes", self.own_bytes, own_bytes());
        Ok(())
    }
}

/// Tells the middle and the slowest hundredth of times in microseconds.
pub(crate) fn tell_percentiles(prefix: &str, times: &mut [u32]) {
    times.sort_unstable();
    for (name, hundredth) in [("p50_us", 50), ("p99_us", 99)] {
        let at = times.len() * hundredth / 100;
        if let Some(&time) = times.get(at) {
            tell(&format!("{prefix}{name}"), time.into());
        }
    }
}

/// Tells what memory this process has, in MiB.
pub(crate) fn tell_memory(prefix: &str) -> Result<()> {
    let rollup = fs::read_to_string("/proc/self/smaps_rollup")?;
    for (name, field) in [("rss_mib", "Rss:"), ("pss_mib", "Pss:")] {
        let mut fields = rollup.lines().filter_map(|line| line.strip_prefix(field));
        let kibibytes = fields
            .next()
            .and_then(|rest| rest.split_whitespace().next());
        let kibibytes: u32 = kibibytes.unwrap_or_default().parse()?;
        tell(&format!("{prefix}{name}"), f64::from(kibibytes) / 1024.0);
    }
    Ok(())
}

/// Bytes that were ever written to a device, by all.
fn written(device: &Path) -> Option<u64> {
    let text = fs::read_to_string(device).ok()?;
    let sectors: u64 = text.split_whitespace().nth(6)?.parse().ok()?;
    Some(sectors * SECTOR_BYTES)
}

/// Bytes of pages that this process made the disk write; what the file system writes for itself is
/// not among them.
fn own_bytes() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/io").ok()?;
    let mut lines = text.lines();
    let bytes = lines.find_map(|line| line.strip_prefix("write_bytes: "))?;
    bytes.parse().ok()
}

/// Processor time of all threads.
pub(crate) fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "no process runs for so long")]
    let (seconds, nanoseconds) = (time.tv_sec as f64, time.tv_nsec as f64);
    seconds + nanoseconds / 1e9
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures have three digits that count"
)]
pub(crate) fn float(count: usize) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures have three digits that count"
)]
pub(crate) fn whole(count: u64) -> f64 {
    count as f64
}
