//! The file in the state folder: whole or not there, believed only from who may write it.

use std::fs::{self, Permissions};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::file::{self, Control, FileError};
use super::{Announcement, Ask, Asker};
use crate::takeover::Kind;

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn announced(state: &Path, is_takeover: bool) -> Announcement {
    let listened = address("127.0.0.1:7071");
    Announcement::new(state, Kind::Real, listened, is_takeover).unwrap()
}

impl Announcement {
    /// The same of another process.
    fn of_process(mut self, process: u32) -> Self {
        self.control.process = process;
        self
    }
}

fn found(state: &Path) -> Option<Control> {
    let read = file::read(state, Kind::Real).unwrap();
    read.map(|(control, _)| control)
}

fn token(control: &Control) -> String {
    control.token.expose_secret().to_owned()
}

#[test]
fn what_is_announced_is_found_until_the_end() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("control.json");
    let announcement = announced(state.path(), false);
    assert!(found(state.path()).is_none());
    announcement.begin();
    let control = found(state.path()).unwrap();
    assert_eq!(control.address, address("127.0.0.1:7071"));
    assert_eq!(control.process, std::process::id());
    assert_eq!(token(&control), announcement.token().expose_secret());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // Nothing is left of its making.
    assert_eq!(fs::read_dir(state.path()).unwrap().count(), 1);
    drop(announcement);
    assert!(!path.exists());
}

#[test]
fn each_start_has_a_token_of_its_own() {
    let state = tempfile::tempdir().unwrap();
    let tokens = [false, false].map(|is_takeover| {
        let announcement = announced(state.path(), is_takeover);
        announcement.token().expose_secret().to_owned()
    });
    assert_ne!(tokens[0], tokens[1]);
}

#[test]
fn the_file_is_mended_whatever_becomes_of_it() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("control.json");
    let announcement = announced(state.path(), false);
    announcement.begin();
    let own = announcement.token();
    let spoil: [&dyn Fn(); 5] = [
        &|| fs::remove_file(&path).unwrap(),
        &|| fs::write(&path, "").unwrap(),
        &|| fs::write(&path, "{\"format\": 1, \"addr").unwrap(),
        &|| {
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace(":7071", ":7072")).unwrap();
        },
        &|| {
            fs::remove_file(&path).unwrap();
            symlink("/dev/null", &path).unwrap();
        },
    ];
    for (n, spoil) in spoil.iter().enumerate() {
        spoil();
        // In another process's folder nothing is touched.
        announcement.keep(false).unwrap();
        assert!(
            !file::read(state.path(), Kind::Real).is_ok_and(|read| {
                read.is_some_and(|(control, _)| control.address.port() == 7071)
            })
        );
        announcement.keep(true).unwrap();
        let control = found(state.path()).unwrap();
        assert!(own.is(control.token.expose_secret().as_bytes()), "{n}");
        assert_eq!(control.address.port(), 7071, "{n}");
    }
    drop(announcement);
    assert!(!path.exists());
}

#[test]
fn a_take_over_goes_on_with_the_token_and_the_old_one_leaves_the_file() {
    let state = tempfile::tempdir().unwrap();
    let old = announced(state.path(), false);
    old.begin();
    let new = announced(state.path(), true).of_process(1);
    assert!(old.token().is(new.token().expose_secret().as_bytes()));
    new.begin();
    // The old one looks once more, finds the file as good as its own, and ends.
    old.keep(true).unwrap();
    drop(old);
    assert!(found(state.path()).is_some());
    // One that never served takes its own away, and the one that goes on writes it anew.
    let failed = announced(state.path(), true).of_process(2);
    failed.begin();
    drop(failed);
    assert!(found(state.path()).is_none());
    new.keep(true).unwrap();
    assert!(found(state.path()).is_some());
}

#[test]
fn the_token_of_another_address_is_not_gone_on_with() {
    let state = tempfile::tempdir().unwrap();
    let old = announced(state.path(), false);
    old.begin();
    let other = Announcement::new(state.path(), Kind::Real, address("127.0.0.1:1"), true).unwrap();
    assert!(!old.token().is(other.token().expose_secret().as_bytes()));
}

#[test]
fn what_is_no_such_file_is_told_and_nothing_is_waited_for() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("control.json");
    let announcement = announced(state.path(), false);
    announcement.begin();
    let text = fs::read_to_string(&path).unwrap();
    std::mem::forget(announcement);
    let read = || file::read(state.path(), Kind::Real);
    for length in 0..text.len() - 1 {
        fs::write(&path, &text[..length]).unwrap();
        assert!(matches!(read(), Err(FileError::Damaged { .. })), "{length}");
    }
    for damaged in [
        text.replace("127.0.0.1:7071", "localhost:7071"),
        text.replace("wharf_control_", "wharf_"),
        format!("{text}{}", " ".repeat(5_000)),
        format!("{text}{{}}"),
    ] {
        fs::write(&path, &damaged).unwrap();
        assert!(
            matches!(read(), Err(FileError::Damaged { .. })),
            "{damaged}"
        );
    }
    fs::write(&path, text.replace("\"format\":1", "\"format\":2")).unwrap();
    assert!(matches!(read(), Err(FileError::Newer { format: 2, .. })));
    fs::remove_file(&path).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        0o600.into(),
        0,
    )
    .unwrap();
    assert!(matches!(read(), Err(FileError::Damaged { .. })));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(read(), Err(FileError::Damaged { .. })));
    fs::set_permissions(state.path(), Permissions::from_mode(0o700)).unwrap();
    assert!(
        file::read(&state.path().join("none"), Kind::Real)
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn what_took_the_port_of_a_simulation_that_was_killed_is_asked_nothing() {
    let state = tempfile::tempdir().unwrap();
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let listened = other.local_addr().unwrap();
    let killed = Announcement::new(state.path(), Kind::Simulation, listened, false).unwrap();
    killed.begin();
    std::mem::forget(killed);
    let asker = Asker::of(state.path());
    let ask = Ask::delete("/callers/shop");
    let answer = asker.ask::<serde_json::Value>(&ask).await;
    assert!(answer.unwrap().is_none());
    assert!(other.accept().is_err());
}
