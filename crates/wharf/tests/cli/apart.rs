//! Documents, callers and state are watched apart: trouble with one is not trouble with another.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::support::document::Document;
use crate::support::program::wharf;
use crate::support::vendor::Vendor;
use crate::support::workspace::Workspace;
use crate::support::{eventually, soon};

/// Writes to a file again and again until it is dropped.
struct Busy {
    running: Arc<AtomicBool>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Busy {
    fn writing(path: std::path::PathBuf) -> Self {
        let running = Arc::new(AtomicBool::new(true));
        let go_on = Arc::clone(&running);
        let thread = thread::spawn(move || {
            while go_on.load(Ordering::SeqCst) {
                let mut file = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&path)
                    .unwrap();
                file.write_all(b"\n").unwrap();
                thread::sleep(Duration::from_millis(20));
            }
        });
        Self {
            running,
            thread: Some(thread),
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.running.store(false, Ordering::SeqCst);
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

#[test]
fn a_file_that_never_rests_delays_only_itself() {
    let vendor = Vendor::fine();
    let busy = Document::before("busy", vendor.address());
    let shop = Document::before("petshop", vendor.address());
    let workspace = Workspace::of([&busy, &shop]);
    let (token, gateway) = workspace.serve_caller();
    let writer = Busy::writing(workspace.file("busy.md"));
    workspace.put(&Document::before("zoo", vendor.address()));
    soon("a new document beside a busy one", || {
        gateway.get("/zoo/pets", &token).status == 200
    });
    let text = shop.text().replace("active: true", "active: false");
    workspace.write("petshop.md", &text);
    soon("a document that is no longer active", || {
        gateway.get("/petshop/pets", &token).status != 200
    });
    assert_eq!(gateway.get("/busy/pets", &token).status, 200);
    let told = eventually("word of the busy file", || gateway.broken().pop());
    assert_eq!(told.0, "busy.md");
    assert!(
        told.1.contains("again and again") && told.1.ends_with("the last good version stays"),
        "{told:?}"
    );
    drop(writer);
    soon("the end of it", || gateway.broken().is_empty());
    let log = gateway.process.stderr();
    assert_eq!(log.matches("again and again").count(), 1, "{log}");
}

#[test]
fn a_document_that_takes_long_to_read_keeps_no_caller_in() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    let mut slow = Document::before("slow", vendor.address()).text();
    slow.push_str("\n## Notes\n\n### Tips\n");
    while slow.len() < 2 * 1024 * 1024 {
        let number = slow.len();
        writeln!(
            slow,
            "- Tip {number}: `value-{number}` | a | b | [c](d{number})"
        )
        .unwrap();
    }
    workspace.write("slow.md", &slow);
    // Long enough for two looks; the document is read after the second.
    thread::sleep(Duration::from_millis(700));
    let removed = wharf(&["callers", "--dir", workspace.argument(), "remove", "shop"]).finish();
    assert_eq!(removed.code, Some(0), "{removed:?}");
    soon("a removed caller", || {
        gateway.get("/petshop/pets", &token).status == 401
    });
    let is_read = gateway.reloads() > 0.5;
    println!("the document was read by then: {is_read}");
    eventually("the document", || (gateway.reloads() > 0.5).then_some(()));
}

#[test]
fn a_state_folder_that_is_replaced_is_noticed() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let old = workspace.caller("old");
    let gateway = workspace.serve();
    let status = |token: &str| gateway.get("/petshop/pets", token).status;
    assert_eq!(status(&old), 200);
    assert_eq!(gateway.state_problem(), None);

    // The process may be writing into it.
    eventually("the end of the state folder", || {
        fs::remove_dir_all(workspace.state()).ok()
    });
    soon("word of the missing state", || {
        gateway.state_problem().is_some()
    });
    let problem = gateway.state_problem().unwrap();
    assert!(
        problem.contains("wharf.sqlite3") && problem.contains("removed ones too"),
        "{problem}"
    );
    gateway
        .process
        .until_logged("no longer the file that was opened");
    // An empty list would be an outage.
    assert_eq!(status(&old), 200);

    let new = workspace.caller("new");
    soon("the callers of the new state", || status(&new) == 200);
    assert_eq!(status(&old), 401);
    soon("the end of the trouble", || {
        gateway.state_problem().is_none()
    });
    let removed = wharf(&["callers", "--dir", workspace.argument(), "remove", "new"]).finish();
    assert_eq!(removed.code, Some(0), "{removed:?}");
    soon("a caller removed from the new state", || {
        status(&new) == 401
    });
    let log = gateway.process.stderr();
    assert_eq!(
        log.matches("no longer the file that was opened").count(),
        1,
        "{log}"
    );
}

#[test]
fn a_database_that_is_damaged_is_told_of() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let path = workspace.state().join("wharf.sqlite3");
    let good = fs::read(&path).unwrap();
    let mut bad = good.clone();
    bad[..4096].fill(0x5a);
    fs::write(&path, &bad).unwrap();
    // While it is written, it is cut off for a moment.
    soon("word of the damage", || {
        let problem = gateway.state_problem();
        problem.is_some_and(|problem| problem.contains("damaged"))
    });
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    fs::write(&path, &good).unwrap();
    soon("the end of the damage", || {
        gateway.state_problem().is_none()
    });
    assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
}

// SQLite takes what is too short for a new database, and waits for the lock of the handle that is
// open: that is no other process.
#[test]
fn a_database_that_is_cut_off_is_told_of_in_true_words() {
    let vendor = Vendor::fine();
    let (_, workspace) = Workspace::petshop(&vendor);
    let (token, gateway) = workspace.serve_caller();
    let path = workspace.state().join("wharf.sqlite3");
    let good = fs::read(&path).unwrap();
    for (bytes, told) in [
        (0, "is cut off: 0 bytes"),
        (1, "is cut off: 1 bytes"),
        (100, "is cut off: 100 bytes"),
        (512, "damaged"),
        (4_096, "damaged"),
        (0, "is cut off: 0 bytes"),
    ] {
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(bytes).unwrap();
        drop(file);
        soon("word of the loss", || gateway.state_problem().is_some());
        let problem = gateway.state_problem().unwrap();
        assert!(problem.contains(told), "{bytes}: {problem}");
        assert!(problem.contains("removed ones too"), "{bytes}: {problem}");
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
        if bytes <= 1 {
            let arguments = ["callers", "--dir", workspace.argument(), "add", "more"];
            let refused = wharf(&arguments).finish();
            assert_eq!(refused.code, Some(2), "{refused:?}");
            assert!(refused.stderr.contains(told), "{refused:?}");
        }
        fs::write(&path, &good).unwrap();
        soon("the end of the loss", || gateway.state_problem().is_none());
        assert_eq!(gateway.get("/petshop/pets", &token).status, 200);
    }
    let log = gateway.process.stderr();
    assert!(!log.contains("locked by another process"), "{log}");
}
