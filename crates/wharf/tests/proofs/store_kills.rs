//! `kill -9` of a process that takes events, says what came of them, and takes old ones away.
//!
//! The child (`child.rs`) is this program again. It tells what was acknowledged on standard output,
//! and after each start all that it finds. What was told is held against what is found (`told.rs`).

mod child;
mod told;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use wharf_store::Store;

pub(crate) use self::child::{TAKE, take};
use self::told::Told;
use super::run::Run;

/// A child is killed within this time after it has told what it found.
const LATEST: Duration = Duration::from_millis(1500);

/// Some are killed within this time after their start, while the log is read.
const LATEST_WHILE_OPENING: Duration = Duration::from_millis(250);

/// A child opens the log and tells all of it within this time, on a busy machine too.
const OPENING: Duration = Duration::from_secs(60);

/// Kills one child after the other on one folder.
pub(crate) fn run(run: &mut Run) {
    let folder = tempfile::tempdir().unwrap();
    let mut told = Told::default();
    run.each(|run, _| {
        let is_opening = run.random.u8(..4) == 0;
        let time = if is_opening {
            LATEST_WHILE_OPENING
        } else {
            LATEST
        };
        killed(
            folder.path(),
            &mut told,
            time.mul_f64(run.random.f64()),
            is_opening,
        );
    });
    run.attempt(|_| killed(folder.path(), &mut told, Duration::ZERO, false));
    run.note(told.summary());
}

/// Starts a child and kills it after a time, counted from its start or from when it told what it
/// found; asserts that nothing that was told is lost.
fn killed(folder: &Path, told: &mut Told, time: Duration, is_opening: bool) {
    told.begin();
    let (mut child, lines) = start(folder, told);
    let mut deadline = Instant::now() + if is_opening { time } else { OPENING };
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) => {
                if told.hear(&line) && !is_opening {
                    deadline = Instant::now() + time;
                }
            }
            Err(RecvTimeoutError::Timeout) => break,
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the child ended by itself: {}", child.0.wait().unwrap());
            }
        }
    }
    let what_it_did = if is_opening || told.has_found() {
        String::new()
    } else {
        threads(child.0.id())
    };
    drop(child);
    for line in lines {
        told.hear(&line);
    }
    assert!(
        is_opening || told.has_found(),
        "the child did not open the log in time: {what_it_did}"
    );
    told.killed();
    let checked = Store::check_log(&state(folder), |_| {}).unwrap();
    assert_eq!(checked.damages, [], "the log is damaged");
    assert_eq!(checked.missing, [], "files of the log are gone");
}

/// What each thread of a process waits for, as far as the system tells.
fn threads(process: u32) -> String {
    let folder = format!("/proc/{process}/task");
    let tasks = std::fs::read_dir(folder).unwrap().flatten();
    let lines = tasks.map(|task| {
        let read = |name| {
            let text = std::fs::read_to_string(task.path().join(name));
            text.unwrap_or_default().trim().replace('\n', " < ")
        };
        let (name, state) = (read("comm"), read("wchan"));
        format!("{name} in {state}: {} {}\n", read("syscall"), read("stack"))
    });
    lines.collect()
}

fn state(folder: &Path) -> PathBuf {
    folder.join("state")
}

/// Is killed when it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is told elsewhere.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(folder: &Path, told: &Told) -> (Running, Receiver<String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .arg(TAKE)
        .arg(state(folder))
        .args(told.next().map(|next| next.to_string()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines() {
            // Bytes behind the last line end are of one that was not told whole.
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    (Running(child), lines)
}
