//! Processes of a benchmark: started in the foreground, measured through `/proc`, stopped by their id.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a process may take to be ready, and to stop once asked.
pub(super) const PATIENCE: Duration = Duration::from_secs(15);

/// How often a condition is looked at while waiting for it.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The unit of processor time in `/proc/PID/stat`; Linux fixes it at a hundredth of a second.
const TICK: Duration = Duration::from_millis(10);

/// A running process and its children; stopped when dropped.
pub(super) struct Process {
    child: Child,
}

/// Memory of a process and its children, in KiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    /// Resident pages, shared ones counted in every process.
    pub(super) resident_kib: u64,
    /// Resident pages, shared ones divided among the processes that share them.
    pub(super) proportional_kib: u64,
}

/// A command that may open as many connections as the machine allows at all.
pub(super) fn with_open_files(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("sh");
    command
        .args(["-c", r#"ulimit -n "$(ulimit -Hn)"; exec "$0" "$@""#])
        .arg(program)
        .args(arguments);
    command
}

impl Process {
    /// Starts a command; its errors go to `log`.
    pub(super) fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let log =
            fs::File::create(log).with_context(|| format!("could not write {}", log.display()))?;
        let child = command
            .stdin(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("could not start {}", command.get_program().display()))?;
        Ok(Self { child })
    }

    /// The standard output, when the command was given a pipe for it; once.
    pub(super) fn take_output(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits until `ready` holds; fails when the process ends first or does not get there in time.
    pub(super) fn wait_until(&mut self, what: &str, ready: impl Fn() -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !ready() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{what} ended before it was ready: {status}");
            }
            if Instant::now() > deadline {
                bail!("{what} was not ready within {PATIENCE:?}");
            }
            thread::sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    /// User and system time used so far, children that still run included.
    pub(super) fn processor_time(&self) -> Result<Duration> {
        let mut ticks = 0;
        for id in self.ids()? {
            let text = fs::read_to_string(format!("/proc/{id}/stat"))?;
            ticks +=
                ticks_of(&text).with_context(|| format!("/proc/{id}/stat has an unknown form"))?;
        }
        Ok(TICK * u32::try_from(ticks)?)
    }

    /// Memory in use now, children included.
    pub(super) fn memory(&self) -> Result<Memory> {
        let mut sum = Memory {
            resident_kib: 0,
            proportional_kib: 0,
        };
        for id in self.ids()? {
            let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
            let one = memory_of(&text)
                .with_context(|| format!("/proc/{id}/smaps_rollup has an unknown form"))?;
            sum.resident_kib += one.resident_kib;
            sum.proportional_kib += one.proportional_kib;
        }
        Ok(sum)
    }

    /// How many processes this is: one, and its children.
    pub(super) fn count(&self) -> Result<usize> {
        Ok(self.ids()?.len())
    }

    fn ids(&self) -> Result<Vec<u32>> {
        let id = self.child.id();
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"))
            .context("the process ended, or the kernel does not list children")?;
        let mut ids = vec![id];
        for child in children.split_whitespace() {
            ids.push(child.parse()?);
        }
        Ok(ids)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked first: a process that is killed outright leaves its children running.
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        let deadline = Instant::now() + PATIENCE;
        while asked.is_ok() && Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(LOOK_AGAIN);
        }
        // Nothing is left to do about a process that cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The user and system ticks of one line of `/proc/PID/stat`.
///
/// The second field is the program's name in brackets and may hold blanks and brackets itself.
fn ticks_of(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(") ")?;
    let mut fields = after_name.split(' ').skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

fn memory_of(smaps: &str) -> Option<Memory> {
    let field = |name: &str| -> Option<u64> {
        let line = smaps.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.trim().parse().ok()
    };
    Some(Memory {
        resident_kib: field("Rss:")?,
        proportional_kib: field("Pss:")?,
    })
}
